"""The main navigation: the pages that the table lets this caller open, and no others; here, the authority's."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.site.access import ANONYMOUS, Decision, decide
from veta.site.caller import caller_of
from veta.site.deployment import deployment

register = template.Library()

# In this order; a slice with a page for the main navigation adds its line here.
OPEN: tuple[tuple[str, Promise], ...] = (
    ("bond_calculate", _("Póliza")),
    ("royalty_calculate", _("Regalías")),
    ("price_list", _("Precios")),
    ("certificate_reader", _("Verificar")),
    ("call_list", _("Convocatorias")),
)
ENTRIES: tuple[tuple[str, Promise], ...] = (
    *OPEN,
    ("desk_home", _("Tablero")),
    ("desk_search", _("Buscar")),
    ("bond_desk", _("Pólizas")),
    ("settlement_desk", _("Liquidaciones")),
    ("validation_desk", _("Validaciones")),
    ("price_desk", _("Resoluciones")),
    ("calls_desk", _("Mesa de convocatorias")),
    ("mayor_home", _("Alcaldía")),
    ("mayor_seats", _("Alcaldías")),
    ("miner_reports", _("Avisos de mineros")),
    ("people", _("Personas")),
    ("role_queue", _("Roles")),
    ("mfa_index", _("Mi seguridad")),
)
SIGN_IN = ("account_login", _("Ingresar"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the navigation."""

    url: str
    label: Promise
    current: bool


@register.simple_tag(takes_context=True)
def site_nav(context: dict[str, Any]) -> list[Entry]:
    """The entries that this request's caller may open; for a stranger, the way in."""
    request = context.get("request")
    caller = caller_of(request) if request and hasattr(request, "user") else ANONYMOUS
    path = request.path if request else ""
    return [Entry(url, label, path.startswith(url)) for url, label in _open_to(caller)]


def _open_to(caller: Any) -> Iterator[tuple[str, Promise]]:
    ours = deployment()
    for name, label in ours.entries if caller.signed_in else (*ours.open_entries, SIGN_IN):
        if decide(ours.permissions.get(name), "GET", caller) is Decision.PASS:
            yield reverse(name), label
