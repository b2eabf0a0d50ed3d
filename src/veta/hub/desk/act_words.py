"""The tables and facts of acts over lots."""

from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.certificates.services.written import place_name
from veta.hub.desk import words
from veta.hub.desk.people import Names
from veta.hub.desk.tables import Cell, Table, columns
from veta.hub.templatetags.figures import figure, long_day
from veta.movements.queries.acts import ActRow, Preview

DECISIONS = {"approved": (gettext_lazy("Aprobado"), "ok"), "refused": (gettext_lazy("Rechazado"), "stop")}


def act_table(rows: Iterable[ActRow], *, caption: str, more: str = "", export: str = "") -> Table:
    """Acts with who proposed and who decided."""
    lines = [
        [
            Cell(words.kind_of(each.kind), url=reverse("desk_act", args=[each.id])),
            Cell(f"{each.words['authority']} · {each.words['act']}"),
            Cell(each.proposed_by, soft=words.instant(each.proposed_at)),
            Cell(each.decided_by or "—", soft=words.instant(each.decided_at) if each.decided_at else ""),
            _state(each),
        ]
        for each in rows
    ]
    heads = columns(_("Qué"), _("Acto"), _("Propuso"), _("Decidió"), _("Estado"))
    return Table(caption, heads, lines, empty=_("Ninguno."), more=more, export=export)


def _state(each: ActRow) -> Cell:
    if each.lifted_by is not None:
        return Cell(_("Levantada"), tone="note")
    if each.status is not None:
        return Cell(_("Rige"), tone="stop") if each.open else words.badge(words.STATES, each.status)
    return words.badge(DECISIONS, each.decision) if each.decision else Cell(_("Por decidir"), tone="wait")


def facts_of(found: ActRow) -> tuple[tuple[str, str], ...]:
    """What an act says of itself, and who proposed and decided it."""
    said = found.words
    facts = [
        (_("Autoridad"), said["authority"]), (_("Acto"), said["act"]), (_("Fecha"), long_day(said["issued_on"])),
        (_("Motivo"), said["reason"]),
    ]  # fmt: skip
    if said.get("until"):
        facts.append((_("Término"), long_day(said["until"])))
    if said.get("accreditation"):
        facts.append((_("Cómo queda"), str(words.badge(words.ACCREDITATIONS, said["accreditation"]).text)))
    if said.get("origin"):
        facts.append((_("Título que lo cubre"), said["origin"]["code"]))
    facts += [(_("Cantidad"), figure(item["quantity"])) for item in said.get("items", ())]
    facts += [(_("Mineral sin lote"), _found(each)) for each in said.get("found", ())]
    if place := said.get("place"):
        facts.append((_("Dónde"), ". ".join(filter(None, (place_name(place["municipality"]), place.get("facility"))))))
    facts.append((_("Propuso"), f"{found.proposed_by} · {words.instant(found.proposed_at)}"))
    if found.decided_by:
        reason = f" · {found.reason}" if found.reason else ""
        facts.append((_("Decidió"), f"{found.decided_by} · {words.instant(found.decided_at)}{reason}"))
    return tuple(facts)


def _found(each: Mapping[str, str]) -> str:
    text = f"{words.commodity_name(each['mineral'])}: {figure(each['quantity'])} {each['unit']}"
    return text + (_(", ley %(fineness)s ‰") % {"fineness": figure(each["fineness"])} if each.get("fineness") else "")


def touched_table(preview: Preview, names: Names) -> Table:
    """Whose mineral it would stop, the most first."""
    rows = [
        [
            names.cell(each.holder), Cell(words.commodity_name(each.mineral)),
            Cell(figure(str(each.lots)), number=str(each.lots)), words.amount(each.left, each.mineral),
            words.amount(each.held, each.mineral),
        ]
        for each in preview.touched[:200]
    ]  # fmt: skip
    heads = columns(
        _("Quién lo tiene"), _("Mineral"), _("Lotes"), _("Queda"), _("Ofrecido o en camino"), figures=[2, 3, 4]
    )
    return Table(_("Lo que pararía, por quien lo tiene"), heads, rows, empty=_("Nada."))


def gone_table(preview: Preview, names: Names) -> Table:
    """What left already, and can no longer be stopped."""
    rows = [
        [
            Cell(words.ACCOUNTS.get(each.way, each.way), soft=each.country or ""),
            Cell(words.instant(each.occurred_at), url=reverse("desk_movement", args=[each.movement])),
            Cell(words.commodity_name(each.mineral)), words.amount(each.amount, each.mineral), names.cell(each.author),
        ]
        for each in preview.gone[:200]
    ]  # fmt: skip
    heads = columns(_("Cómo salió"), _("Cuándo"), _("Mineral"), _("Cantidad"), _("Quién"), figures=[3])
    return Table(_("Lo que ya salió y no se alcanza"), heads, rows, empty=_("Nada ha salido."))
