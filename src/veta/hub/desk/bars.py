"""Quotas as bars: how much of each is used, drawn on the server and repeated in a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from veta.hub.balances import QuotaNow
from veta.hub.desk import words
from veta.hub.desk.tables import Cell, Table, Text, columns
from veta.hub.templatetags.figures import figure
from veta.kernel.quantity import text_of
from veta.norms import norms
from veta.registry.queries import plan_versions

WIDTH = 1000
MOST_BARS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A quota drawn: how far the bar goes in per mille of its line, and what it says."""

    label: str
    period: str
    filled: int
    says: str
    tone: str


def bars(quotas: Iterable[QuotaNow]) -> list[Bar]:
    """A bar for each quota that was used, else for the first ones; what is over its limit fills the line."""
    known = list(quotas)
    used = [quota for quota in known if quota.used]
    return [_bar(quota) for quota in (used or known)[:MOST_BARS]]


def quota_table(quotas: Sequence[QuotaNow], *, export: str = "") -> Table:
    """The bars' twin, each quota with the act or the norm that gives it."""
    said = _sources(quotas)
    rows = [
        [
            Cell(_label(quota)), Cell(_period(quota)), _figure(quota.right.grant, quota), _figure(quota.used, quota),
            _figure(quota.left, quota), Cell(said[quota.right.source]),
        ]
        for quota in quotas
    ]  # fmt: skip
    heads = columns(_("Cupo"), _("Periodo"), _("Tope"), _("Usado"), _("Queda"), _("Acto o norma"), figures=[2, 3, 4])
    return Table(
        _("Los mismos cupos en cifras"), heads, rows, empty=_("No tiene cupos en este periodo."), export=export
    )


def _sources(quotas: Sequence[QuotaNow]) -> dict[str, str]:
    """The act of a plan's version, or the norm of a parameter, by what a right keeps of it."""
    plans, said = {}, {}
    for quota in quotas:
        source = quota.right.source
        try:
            plans[source] = UUID(source)
        except ValueError:
            said[source] = norms().value(source, quota.right.start).norm
    known = plan_versions(plans.values())
    return said | {source: known[id].act for source, id in plans.items()}


def _bar(quota: QuotaNow) -> Bar:
    limit = quota.right.grant
    filled = min(WIDTH, quota.used * WIDTH // limit) if limit else WIDTH
    tone = "stop" if quota.over else "wait" if filled >= 900 else "ok"
    says = _("%(used)s de %(limit)s; queda %(left)s") % {
        "used": _figure(quota.used, quota).text,
        "limit": _figure(limit, quota).text,
        "left": _figure(quota.left, quota).text,
    }
    return Bar(_label(quota), _period(quota), max(filled, 4) if quota.used else 0, says, tone)


def _label(quota: QuotaNow) -> str:
    basis: Text = words.BASES.get(quota.right.basis, quota.right.basis)
    parts = [quota.title or "", words.commodity_name(quota.right.group), str(basis)]
    return " · ".join(part for part in parts if part)


def _period(quota: QuotaNow) -> str:
    return f"{quota.right.start} – {quota.right.end}"


def _figure(amount: int, quota: QuotaNow) -> Cell:
    exact = text_of(amount, factor=quota.right.factor)
    return Cell(f"{figure(exact)} {quota.right.unit}", number=exact)
