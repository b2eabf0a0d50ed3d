"""Exact figures on a page: decimal text as Colombians write it, and codes by their names."""

from datetime import date
from typing import Any

from django import template

from veta.norms.catalogue import catalogue
from veta.prices.domain.base_price import GROUPS, MARKET_ES
from veta.prices.domain.figures import in_spanish

register = template.Library()
MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip


@register.filter
def figure(text: Any) -> str:
    """«1234567.50» as «1.234.567,50»: every digit kept, idle zeros of a whole number left out."""
    return "" if text in (None, "") else in_spanish(str(text))


@register.filter
def mineral_name(code: str) -> str:
    """A mineral's or group's name."""
    mineral = catalogue().mineral(code)
    return mineral.name if mineral else GROUPS.get(code, code)


@register.filter
def market_name(code: Any) -> str:
    """«exportacion» as «exportación»; nothing for no market."""
    return MARKET_ES.get(code, code) if code else ""


@register.filter
def long_day(day: Any) -> str:
    """«2025-08-01», or a date, as «1 de agosto de 2025»."""
    if not day:
        return ""
    found = day if isinstance(day, date) else date.fromisoformat(str(day)[:10])
    return f"{found.day} de {MONTHS[found.month - 1]} de {found.year}"


@register.filter
def percent(text: Any) -> str:
    """«0.05» as «5 %»."""
    if text in (None, ""):
        return ""
    whole, _, decimals = str(text).partition(".")
    shifted = f"{whole}{decimals.ljust(2, '0')[:2]}.{decimals[2:]}".lstrip("0") or "0"
    return f"{figure(shifted if not shifted.startswith('.') else '0' + shifted).rstrip(',')} %"
