"""What the desks of obligations give to a spreadsheet: bonds, settlements, a title's year, validations, books."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.bonds.domain.coherence import Coherence
from veta.bonds.queries import BondEntry
from veta.hub.desk.tables import Cell, Table, columns
from veta.hub.templatetags.figures import figure, long_day, mineral_name
from veta.kernel.finding import Finding
from veta.kernel.period import Period
from veta.kernel.quantity import text_of
from veta.oversight.domain.validation import ValidationCase
from veta.oversight.queries import Unlinked
from veta.prices.queries import ResolutionEntry
from veta.royalties.queries import BookLine, BookMonth, SettlementEntry

BOND_STATES: Mapping[str, Promise] = {
    "required": gettext_lazy("exigida"), "presented": gettext_lazy("presentada"), "approved": gettext_lazy("aprobada"),
    "objected": gettext_lazy("objetada"), "drawn": gettext_lazy("hecha efectiva"),
}  # fmt: skip
SETTLEMENT_STATES: Mapping[str, Promise] = {
    "draft": gettext_lazy("borrador"), "declared": gettext_lazy("declarada"), "paid": gettext_lazy("pagada"),
}  # fmt: skip
RESOLUTION_STATES: Mapping[str, Promise] = {
    "pending": gettext_lazy("por decidir"), "in_force": gettext_lazy("aprobada"),
    "refused": gettext_lazy("rechazada"), "replaced": gettext_lazy("corregida"),
}  # fmt: skip
CASE_STATES: Mapping[str, tuple[Promise, str]] = {
    "open": (gettext_lazy("abierto"), "wait"), "proposed": (gettext_lazy("requerimiento por aprobar"), "wait"),
    "decided": (gettext_lazy("con resultado"), "ok"),
    "superseded": (gettext_lazy("atendido con un plan nuevo"), "ok"),
}  # fmt: skip
OUTCOMES: Mapping[str, Promise] = {
    "clear": gettext_lazy("Sin reparos: los registros concuerdan"),
    "clarify": gettext_lazy("Se aclara el mineral; el plan queda como está"),
    "modify": gettext_lazy("El plan debe modificarse"), "correct": gettext_lazy("El plan debe corregirse"),
    "update": gettext_lazy("El plan debe actualizarse"),
    "requirement": gettext_lazy("Se requiere al titular que nombre el tipo de mineral"),
}  # fmt: skip
OPENERS: Mapping[str, Promise] = {
    "holder": gettext_lazy("el titular"), "insurer": gettext_lazy("la aseguradora"),
    "officer": gettext_lazy("la autoridad"),
}  # fmt: skip


def bond_table(rows: Iterable[tuple[BondEntry, Sequence[Finding]]]) -> Table:
    """Every bond with its state, figures and warnings."""
    heads = columns(
        _("Título"), _("Anualidad desde"), _("Anualidad hasta"), _("Estado"), _("Exigido"), _("Asegurado"), _("Vence"),
        _("Avisos"), figures=[4, 5],
    )  # fmt: skip
    found = []
    for entry, alerts in rows:
        life, policy = entry.life, entry.life.policy
        found.append([
            Cell(entry.title_code), Cell(str(life.annuity.start)), Cell(str(life.annuity.end)),
            Cell(BOND_STATES.get(life.state, "")), _pesos(life.required), _pesos(policy.insured if policy else None),
            Cell(str(policy.validity.end) if policy else ""),
            Cell(" ".join(f"{alert.code} {alert.message}" for alert in alerts)),
        ])  # fmt: skip
    return Table(_("Pólizas minero-ambientales"), heads, found)


def settlement_table(rows: Iterable[tuple[SettlementEntry, date | None]]) -> Table:
    """Every settlement with its value and when it is due, by the earliest reading."""
    heads = columns(_("Título"), _("Trimestre"), _("Estado"), _("A pagar"), _("Vence"), _("Comprobante"), figures=[3])
    found = []
    for entry, due in rows:
        payable = entry.answer.get("payable_cop")
        found.append([
            Cell(entry.title_code), Cell(entry.quarter_name), Cell(SETTLEMENT_STATES[entry.state]),
            _pesos(int(payable) if payable else None), Cell(str(due or "")),
            Cell(entry.events[-1]["proof_number"] or ""),
        ])  # fmt: skip
    return Table(_("Liquidaciones de regalías"), heads, found)


def year_table(found: Coherence) -> Table:
    """A title's year side by side, a row for each mineral; the differences after, a row for each."""
    heads = columns(
        _("Mineral"), _("Unidad"), _("Plan"), _("Regalías"), _("Movido"), _("Certificado"), _("Base de la póliza"),
        _("Diferencia"), figures=[2, 3, 4, 5, 6],
    )  # fmt: skip
    rows = [
        [
            Cell(mineral_name(row.mineral)), Cell(row.unit),
            *(Cell(figure(text), number=text) for text in (
                row.plan, row.declared, row.moved, row.certified, row.bond_base
            )),
            Cell(""),
        ]
        for row in found.rows
    ]  # fmt: skip
    rows += [[Cell(finding.code), *[Cell("")] * 6, Cell(finding.message)] for finding in found.findings]
    return Table(found.year.title, heads, rows)


def unrequired_table(rows: Iterable[tuple[str, Period]]) -> Table:
    """The titles whose annuity has no bond required."""
    heads = columns(_("Título"), _("Anualidad desde"), _("Anualidad hasta"))
    found = [[Cell(code), Cell(str(annuity.start)), Cell(str(annuity.end))] for code, annuity in rows]
    return Table(_("Anualidades sin póliza exigida"), heads, found)


def case_table(rows: Iterable[tuple[ValidationCase, str]], *, more: str = "") -> Table:
    """Every validation, with who asked for it and its outcome."""
    heads = columns(_("Título y caso"), _("Estado"), _("Se pidió"), _("Lo pidió"), _("Resultado"), _("Acto"))
    found = []
    for case, state in rows:
        first, ended = case.events[0], case.ended
        label, tone = CASE_STATES[state]
        found.append([
            Cell(f"{case.title_code} · {case.code}", url=reverse("validation_case", args=[case.id])),
            Cell(label, tone=tone), Cell(long_day(first.occurred_on)), Cell(OPENERS.get(first.opener or "", "")),
            Cell(OUTCOMES[ended.outcome] if ended and ended.outcome else "—"), Cell(ended.act if ended else ""),
        ])  # fmt: skip
    empty = _("Todavía no se ha pedido ninguna validación.")
    return Table(_("Primero las que esperan"), heads, found, empty=empty, more=more, export="?formato=")


def bound_table(rows: Iterable[Unlinked], names: Mapping[UUID, str], *, linked: bool, more: str = "") -> Table:
    """Who is bound and linked to no operator; `linked`: whether the title's page may be opened."""
    heads = columns(_("Título"), _("Titular"), _("Escala"), _("Obligado desde"), _("Norma"))
    found = [
        [
            Cell(row.title_code, url=reverse("desk_title", args=[row.title_code]) if linked else ""),
            Cell(names.get(row.actor, "—")), Cell(row.scale), Cell(long_day(row.since), soft=row.finding.code),
            Cell(row.finding.norm),
        ]
        for row in rows
    ]  # fmt: skip
    return Table(_("Por placa"), heads, found, empty=_("Ninguno."), more=more, export="?formato=")


def resolution_table(entries: Iterable[ResolutionEntry]) -> Table:
    """Every version of every resolution of prices, with who entered it and who decided."""
    heads = columns(
        _("Resolución"), _("Estado"), _("Corrige"), _("Ingresó"), _("Decidió"), _("Motivo"), _("Archivo"), _("Huella")
    )
    found = [
        [
            Cell(each.name), Cell(RESOLUTION_STATES.get(each.state, each.state)), Cell(each.replaces or ""),
            Cell(each.entered_by), Cell(each.decided_by or ""), Cell(each.reason or ""), Cell(each.file_name),
            Cell(each.digest),
        ]
        for each in entries
    ]  # fmt: skip
    return Table(_("Resoluciones de precios"), heads, found)


def month_table(lines: Iterable[BookLine]) -> Table:
    """A buyer's month by municipality and metal, as it is reported."""
    heads = columns("municipio", "metal", "compras", "gramos_finos", "retenido_cop", figures=[2, 3, 4])
    found = []
    for line in lines:
        fine, cop = text_of(line.fine_mg, factor=1000), text_of(line.withheld_centavos, factor=100)
        purchases = str(line.purchases)
        found.append([
            Cell(line.municipality), Cell(line.mineral), Cell(purchases, number=purchases), Cell(fine, number=fine),
            Cell(cop, number=cop),
        ])  # fmt: skip
    return Table(_("Relación por municipio y metal"), heads, found)


def book_table(rows: Iterable[BookMonth], names: Mapping[UUID, str], *, more: str = "") -> Table:
    """Each buyer's month of withholding."""
    heads = columns(_("Comprador y mes"), _("Compras"), _("Gramos finos"), _("Retenido"), figures=[1, 2, 3])
    found = []
    for row in rows:
        month, fine = f"{row.month:%Y-%m}", text_of(row.fine_mg, factor=1000)
        cop = text_of(row.withheld_centavos, factor=100)
        url = reverse("withholding_book", args=[row.buyer, month])
        found.append([
            Cell(f"{names.get(row.buyer, '—')} · {month}", url=url),
            Cell(str(row.purchases), number=str(row.purchases)), Cell(f"{figure(fine)} g", number=fine),
            Cell(f"{figure(cop)} COP", number=cop),
        ])  # fmt: skip
    empty = _("Todavía no hay retenciones.")
    return Table(_("Libros, el último mes primero"), heads, found, empty=empty, more=more, export="?formato=")


def _pesos(value: int | None) -> Cell:
    return Cell("—") if value is None else Cell(f"{figure(str(value))} COP", number=str(value))
