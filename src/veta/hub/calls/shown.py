"""What an act says, as tables: to the public once it is published, and before that to who has to sign it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from veta.calls.domain.call import Call, Prepared
from veta.calls.domain.lists import rows_of
from veta.calls.domain.timetable import Addendum
from veta.hub.calls import words
from veta.hub.desk.tables import Cell, Table, columns

Rows = Sequence[Mapping[str, Any]]


def act_table(kind: str, rows: Rows) -> Table:
    """What an act lists, without the ids that only the history needs."""
    shown = [
        [
            Cell(row["firm"]), Cell(row["nit"]), words.badge(words.OUTCOMES, row["outcome"]),
            Cell(_answered(row) or _tested(row) or _not_met(row)),
        ]
        for row in rows
    ]  # fmt: skip
    return Table(
        caption=words.KINDS[kind], columns=columns(_("Empresa"), _("NIT"), _("Resultado"), _("Detalle")),
        rows=shown, empty=_("Este acto no trae lista."),
    )  # fmt: skip


def _answered(row: Mapping[str, Any]) -> str:
    if "observation" not in row:
        return ""
    on = f" ({row['item']})" if row["item"] else ""
    return f"«{row['observation']}»{on}: {row['answer']}"


def _tested(row: Mapping[str, Any]) -> str:
    found = {True: _("la supera"), False: _("no la supera")}
    return "; ".join(
        _("ronda %(round)s, intento %(number)s: %(found)s") % {**run, "found": found[run["passed"]]}
        for run in row.get("rounds", ())
    )


def _not_met(row: Mapping[str, Any]) -> str:
    found = [f"{item['item']}: {item['reason']}" for item in row.get("items", ()) if item["verdict"] != "meets"]
    return "; ".join(found)


def item_table(rows: Rows) -> Table:
    """Every verdict of a list: firm, requirement, result, why and under which norm."""
    shown = [
        [
            Cell(row["firm"]), Cell(each["item"], code=True), words.badge(words.OUTCOMES, each["verdict"]),
            Cell(each["reason"]), Cell(each["norm"]),
        ]
        for row in rows
        for each in row.get("items", ())
    ]  # fmt: skip
    heads = columns(_("Empresa"), _("Requisito"), _("Resultado"), _("Motivo"), _("Norma"))
    return Table(caption=_("Requisito por requisito"), columns=heads, rows=shown)


def timetable(call: Call, now: datetime) -> Table:
    """The activities as they stand, and what is left of those that are open."""
    rows = [
        [
            Cell(f"{each.order}. {each.name}", soft=each.stage), Cell(words.days_of(each)),
            words.badge(words.WINDOWS, each.state_at(now)), Cell(each.responsible),
            Cell(words.left_of(each, now) or "—"),
        ]
        for each in call.timetable.at(now)
    ]  # fmt: skip
    return Table(
        caption=_("Cronograma"), rows=rows,
        columns=columns(_("Actividad"), _("Fecha"), _("Estado"), _("Responsable"), _("Le queda")),
    )  # fmt: skip


def requirements(call: Call) -> Table:
    """What an applicant must show, and how far each norm was read."""
    rows = [
        [
            Cell(code, code=True), Cell(words.COMPONENTS[each.component]), Cell(each.text),
            Cell(words.PROOFS[each.proof]), Cell(_("Sí") if each.curable else _("No")), Cell(each.norm),
            Cell(words.STATUSES[each.status]),
        ]
        for code, each in sorted(call.requirements.items())
    ]  # fmt: skip
    return Table(
        caption=_("Requisitos"), rows=rows,
        columns=columns(_("Código"), _("Componente"), _("Requisito"), _("Cómo se prueba"), _("Se puede subsanar"),
                        _("Norma"), _("Lectura de la norma")),
    )  # fmt: skip


def team(call: Call) -> Table:
    """Who evaluates which components."""
    rows = [
        [Cell(person), Cell(", ".join(str(words.COMPONENTS[each]) for each in sorted(parts)))]
        for person, parts in sorted(call.evaluators.items())
    ]
    return Table(
        caption=_("Equipo evaluador"), rows=rows, columns=columns(_("Persona"), _("Componentes")),
        empty=_("Nadie todavía."),
    )  # fmt: skip


def terms_of(call: Call) -> list[tuple[str, str]]:
    """The terms of the call that no text fixes."""
    terms = call.terms
    limits = terms["limits"]
    return [
        (_("Intentos por ronda"), f"1: {terms['attempts']['1']}; 2: {terms['attempts']['2']}"),
        (_("Liquidez, como mínimo"), str(limits["liquidity"])), (_("Endeudamiento, como máximo"), str(limits["debt"])),
        (_("Cobertura de intereses, como mínimo"), str(limits["cover"])),
        (_("Vigencia de la habilitación, en años"), str(terms.get("validity_years", "—"))),
    ]  # fmt: skip


def prepared(call: Call, waiting: Prepared, now: datetime) -> list[Table]:
    """Everything that signing an act publishes: its rows and each verdict, an addendum's windows, a call's own data."""
    if waiting.kind == "addendum":
        return [_windows(call, waiting.data["windows"], now)]
    if waiting.kind == "invitation":
        return [timetable(call, now), requirements(call)]
    rows = rows_of(call, waiting.kind)
    judged = [row for row in rows if row.get("items")]
    return [act_table(waiting.kind, rows), *([item_table(judged)] if judged else [])]


def _windows(call: Call, windows: Mapping[str, Sequence[str]], now: datetime) -> Table:
    standing = {each.order: each for each in call.timetable.at(now)}
    rows = [
        [Cell(f"{order}. {standing[int(order)].name}"), Cell(words.days_of(standing[int(order)])), Cell(_days(*days))]
        for order, days in sorted(windows.items(), key=lambda each: int(each[0]))
    ]
    return Table(caption=_("Fechas que cambia"), rows=rows, columns=columns(_("Actividad"), _("Hoy dice"), _("Dirá")))


def days_of_addendum(addendum: Addendum) -> str:
    """The windows that an addendum set, activity by activity."""
    windows = sorted(addendum.windows.items())
    return "; ".join(f"{order}: {_days(str(opens or ''), str(closes))}" for order, (opens, closes) in windows)


def _days(opens: str, closes: str) -> str:
    if not opens:
        return _("hasta el %(closes)s") % {"closes": closes}
    return closes if opens == closes else f"{opens} – {closes}"
