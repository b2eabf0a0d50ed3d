"""The dated parameters that the rules read, by their names in the norms' data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

from veta.norms import NormNotInForce, norms


@dataclass(frozen=True, slots=True)
class Cap:
    """A subsistence cap in the norm's `unit`; `gross` where it counts gross and not fine weight; `tonnes_per_unit`: the
    density by which a cap of volume serves a mineral that is weighed, None where the norms give none."""

    month: Fraction
    year: Fraction
    unit: str
    month_effect: str
    year_effect: str
    gross: bool
    source: str
    tonnes_per_unit: Fraction | None = None

    def factor_to(self, unit: str) -> Fraction | None:
        """How many of a mineral's `unit` one unit of the cap is; None where that is not known."""
        if unit == self.unit:
            return Fraction(1)
        return self.tonnes_per_unit if unit == "t" else None


@dataclass(frozen=True, slots=True)
class QuarterSales:
    share_of_year: Fraction
    excess: Fraction
    effect: str
    source: str


def _value(name: str, on: date) -> Any:
    return norms().value(name, on).value


@lru_cache(maxsize=4096)
def subsistence_cap(group: str, on: date) -> Cap:
    name = f"subsistence.cap.{group}"
    v = _value(name, on)
    density = v.get("tonnes_per_unit")
    return Cap(
        Fraction(v["month"]), Fraction(v["year"]), v["unit"], v["month_effect"], v["year_effect"],
        v["cap_basis"] == "gross", name, Fraction(density) if density else None,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def quarter_sales(on: date) -> QuarterSales:
    v = _value("sales.quarter", on)
    return QuarterSales(Fraction(v["share_of_year"]), Fraction(v["excess"]), v["effect"], "sales.quarter")


@lru_cache(maxsize=4096)
def notice_share(on: date) -> Fraction:
    """The share of a cap from which its use is told."""
    return Fraction(_value("quota.notice_share", on))


@lru_cache(maxsize=4096)
def roles_of(kind: str, on: date) -> Mapping[str, frozenset[str]]:
    """The roles of which one is asked of each party to a kind of movement; a party not in it needs none in particular."""
    return {party: frozenset(roles) for party, roles in _value(f"movement.roles.{kind}", on).items()}


@lru_cache(maxsize=4096)
def buyers_of(seller_class: str, on: date) -> frozenset[str]:
    """Which classes a class may sell to; empty where the table does not name the class."""
    table: Mapping[str, list[str]] = _value("trade.who_may_sell", on)
    return frozenset(table.get(seller_class, ()))


@lru_cache(maxsize=4096)
def reporting_window(on: date) -> timedelta:
    return timedelta(days=int(_value("reporting.window", on)["days"]))


@lru_cache(maxsize=4096)
def required_consent(on: date) -> frozenset[str]:
    """Consent methods of which one is required on that date; empty where none is."""
    return frozenset(_value("consent.methods", on)["required"])


@lru_cache(maxsize=4096)
def required_evidence(producer_class: str, kind: str, on: date) -> frozenset[str]:
    """Types of document of which one is required of that class for that movement; empty where none is."""
    return frozenset(_value("evidence.required", on).get(producer_class, {}).get(kind, ()))


@lru_cache(maxsize=4096)
def environmental_required(origin_kind: str, on: date) -> bool:
    return bool(_value("title.environmental_required", on).get(origin_kind, False))


@lru_cache(maxsize=4096)
def six_metals(on: date) -> frozenset[str]:
    """Minerals whose export must show beneficio in a published plant (Ley 2250 de 2022 art. 17)."""
    return frozenset(_value("export.six_metals", on))


@lru_cache(maxsize=4096)
def obliged_since(producer_class: str, on: date) -> date | None:
    """The date from which the class is obliged, as known on `on`; None where no norm read says so."""
    since = _value("obligation.start", on).get(producer_class)
    return date.fromisoformat(since) if since else None


@lru_cache(maxsize=4096)
def confirmation_term(on: date) -> timedelta:
    return timedelta(hours=int(_value("sale.confirmation", on)["hours"]))


@lru_cache(maxsize=4096)
def longest_confirmation(on: date) -> timedelta:
    """The longest term that an offer may give its buyer: mineral is not held for ever."""
    return timedelta(hours=int(_value("sale.confirmation", on)["max_hours"]))


@lru_cache(maxsize=4096)
def reversal_term(on: date) -> timedelta:
    return timedelta(days=int(_value("reversal.window", on)["days"]))


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a process takes and gives, and how much of it: by contained metal or by mass."""

    name: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    basis: str
    least: Fraction
    most: Fraction


@lru_cache(maxsize=4096)
def recipe(name: str, on: date) -> Recipe | None:
    """The recipe in force on that date, or None: a process without one is refused (rule YLD-003)."""
    try:
        v = _value(f"recipe.{name}", on)
    except NormNotInForce:
        return None
    return Recipe(
        name,
        frozenset(v["inputs"]),
        frozenset(v["outputs"]),
        v["basis"],
        Fraction(v["min_yield"]),
        Fraction(v["max_yield"]),
    )
