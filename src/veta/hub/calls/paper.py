"""Acts of the call as PDF with number, date and roles, and the annex of a list as a workbook: what the history says."""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xlsxwriter

from veta.calls.domain.acts import NAMES
from veta.calls.domain.application import VERDICTS, Application
from veta.calls.domain.call import Call, Published
from veta.calls.domain.history import Event
from veta.calls.domain.lists import KINDS, OUTCOMES
from veta.calls.domain.procedure import STATES
from veta.calls.domain.requirement import COMPONENTS, PROOFS
from veta.calls.domain.timetable import Activity, hour_of
from veta.hub.paper import paper
from veta.hub.templatetags.figures import long_day
from veta.kernel.period import bogota_date

Row = Mapping[str, Any]
TEMPLATE = "call_act.typ"
ANNEX = "El anexo en Excel trae el resultado, el motivo y la norma de cada requisito."
RUNS = "El anexo en Excel trae cada prueba con la huella de su reporte."


def act_paper(call: Call, act: Published) -> bytes:
    """The PDF of a published act. It says who signs by role, and the digest that the history holds."""
    late = [["Publicación", "Después de la fecha del cronograma"]] if act.late else []
    asked = [["Preguntas", f"hasta el {long_day(call.timetable.questions_until)}"]] if act.kind == "invitation" else []
    return paper(
        TEMPLATE,
        {
            **_frame(call, act.at, act.roles),
            "heading": f"{KINDS[act.kind]} {act.number}",
            "foot": f"{call.code}. Huella del contenido (SHA-256): {act.digest}",
            "facts": [*_facts(call, act.at), *late, *asked],
            "basis": list(call.act["legal_basis"]),
            "note": act.note,
            "tables": _tables(call, act),
            "answers": [_answer(row) for row in act.rows if row.get("observation")],
            "closing": "",
        },
    )


def own_act_paper(call: Call, found: Application, event: Event) -> bytes:
    """The PDF of an act over one firm: what was decided, why, under which norm, what it does, and by which role."""
    given = event.data
    roles = {"signer": call.act["signer"], "acting": False, **given.get("roles", {}), "drafters": [], "reviewers": []}
    return paper(
        TEMPLATE,
        {
            **_frame(call, event.at, roles),
            "heading": f"{NAMES[given['act']]}: {given['number']}",
            "foot": f"{call.code}. Evento {event.place} de la historia, huella (SHA-256): {event.hash.hex()}",
            "facts": [
                *_facts(call, event.at), ["Empresa", f"{found.firm}, NIT {found.nit}"], ["Norma", given["norm"]],
                *_effects(found, given),
            ],
            "basis": [], "note": f"Motivo: {given['reason']}", "tables": [], "answers": [],
            "closing": "Lo propuso una persona y lo decidió otra.",
        },
    )  # fmt: skip


def _frame(call: Call, at: datetime, roles: Row) -> dict[str, Any]:
    day = bogota_date(at)
    return {
        "date": [day.year, day.month, day.day], "demo": call.act["number"].startswith("DEMO"),
        "drafters": roles["drafters"], "reviewers": roles["reviewers"],
        "signer": f"{roles['signer']}{' (E)' if roles['acting'] else ''}",
    }  # fmt: skip


def _facts(call: Call, at: datetime) -> list[list[str]]:
    return [
        ["Convocatoria", f"{call.code}: {call.title}"],
        ["Acto que la rige", f"{call.act['kind']} {call.act['number']}"],
        ["Fecha", f"{long_day(bogota_date(at))}, {hour_of(at)}"],
    ]


def _effects(found: Application, given: Row) -> list[list[str]]:
    """What an act does beyond its name: the operator that it makes, or the appeal and how it is decided."""
    if given["act"] == "operator":
        return [
            ["Código del operador", given["code"]], ["Vigencia", f"{given['since']} – {given['until']}"],
            ["Condiciones", given["conditions"] or "Ninguna"],
        ]  # fmt: skip
    if given["act"] != "appeal":
        return []
    filed = next(each for each in found.appeals if each["id"] == given["id"])
    return [
        ["Recurso", filed["text"]], ["Contra", STATES[filed["against"]]],
        ["Decisión", "Se concede" if given["upheld"] else "No se concede"],
    ]  # fmt: skip


def _tables(call: Call, act: Published) -> list[dict[str, Any]]:
    """What an act lists: of an invitation the whole call, of an addendum its windows, of a list its firms."""
    if act.kind == "invitation":
        return _invitation(call)
    if act.kind == "addendum":
        return [_table("Cronograma que cambia", {"N.º": 1, "Actividad": 8, "Fecha": 4}, _windows(call, act))]
    tested = any(row.get("rounds") for row in act.rows)
    heads = {"Empresa": 4, "NIT": 2, "Resultado": 2} | ({"Pruebas": 4} if tested else {})
    lines = [[*_line(row), *([_rounds(row)] if tested else [])] for row in act.rows if not row.get("observation")]
    after = ANNEX if any(row.get("items") for row in act.rows) else RUNS if tested else ""
    return [_table("Listado", heads, lines, after)] if lines else []


def _invitation(call: Call) -> list[dict[str, Any]]:
    days = [
        [str(each.order), each.name, _days(each), each.responsible]
        for each in sorted(call.timetable.activities, key=lambda each: each.order)
    ]
    asked = [
        [code, COMPONENTS[each.component], each.text, PROOFS[each.proof], "Sí" if each.curable else "No", each.norm]
        for code, each in sorted(call.requirements.items())
    ]
    terms, limits = call.terms, call.terms["limits"]
    own = [
        ["Intentos", f"Ronda 1: {call.attempts(1)}; ronda 2: {call.attempts(2)}"],
        ["Liquidez, como mínimo", str(limits["liquidity"])], ["Endeudamiento, como máximo", str(limits["debt"])],
        ["Cobertura de intereses, como mínimo", str(limits["cover"])],
        ["Vigencia de la habilitación, en años", str(terms.get("validity_years", "—"))],
    ]  # fmt: skip
    wide = {"Código": 2, "Componente": 3, "Requisito": 7, "Prueba": 3, "Subsanable": 3, "Norma": 5}
    return [
        _table("Cronograma", {"N.º": 1, "Actividad": 8, "Fecha": 4, "Responsable": 4}, days),
        _table("Requisitos", wide, asked, "Sin verificar: el Anexo Técnico de la Resolución 759 de 2024 no se leyó."),
        _table("Términos", {"Término": 3, "Valor": 2}, own, "Ningún texto leído los fija: son de esta convocatoria."),
    ]  # fmt: skip


def _table(title: str, heads: Mapping[str, int], rows: list[list[str]], after: str = "") -> dict[str, Any]:
    return {"title": title, "heads": [*heads], "widths": [*heads.values()], "rows": rows, "after": after}


def _days(activity: Activity) -> str:
    if activity.opens is None:
        return f"hasta el {activity.closes}"
    return f"{activity.closes}" if activity.opens == activity.closes else f"{activity.opens} – {activity.closes}"


def _line(row: Row) -> list[str]:
    return [row["firm"], row["nit"], OUTCOMES.get(row["outcome"], row["outcome"])]


def _rounds(row: Row) -> str:
    return "; ".join(f"Ronda {each['round']}, intento {each['number']}: {_passed(each)}" for each in row["rounds"])


def _passed(run: Row) -> str:
    return "la supera" if run["passed"] else "no la supera"


def _answer(row: Row) -> list[str]:
    outcome = OUTCOMES.get(row["outcome"], row["outcome"])
    return [row["firm"], f"{row['item'] or 'Toda la evaluación'}, {outcome}.", row["observation"], row["answer"]]


def _windows(call: Call, act: Published) -> list[list[str]]:
    made = next(each for each in call.timetable.addenda if each.published_at == act.at)
    names = {each.order: each.name for each in call.timetable.activities}
    return [
        [str(order), names[order], f"hasta el {closes}" if opens is None else f"{opens} – {closes}"]
        for order, (opens, closes) in sorted(made.windows.items())
    ]


def act_workbook(act: Published) -> bytes:
    """The annex, all as text: a sheet of firms, and one of every requirement, answer or test, where there are any."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        firms = [_line(row) for row in act.rows if not row.get("observation")]
        _sheet(book, head, "Empresas", ["Empresa", "NIT", "Resultado"], firms)
        for name, (labels, rows) in _sheets(act).items():
            if rows:
                _sheet(book, head, name, ["Empresa", "NIT", *labels], rows)
    return out.getvalue()


def _sheets(act: Published) -> dict[str, tuple[list[str], list[list[str]]]]:
    items = [
        [row["firm"], row["nit"], each["item"], VERDICTS.get(each["verdict"], ""), each["reason"], each["norm"]]
        for row in act.rows
        for each in row.get("items", ())
    ]
    answers = [
        [row["firm"], row["nit"], row["item"], row["observation"], _line(row)[2], row["answer"]]
        for row in act.rows
        if row.get("observation")
    ]
    runs = [
        [row["firm"], row["nit"], str(each["round"]), str(each["number"]), _passed(each), each["report"]]
        for row in act.rows
        for each in row.get("rounds", ())
    ]
    return {
        "Requisitos": (["Requisito", "Resultado", "Motivo", "Norma"], items),
        "Respuestas": (["Requisito", "Observación", "Resultado", "Respuesta"], answers),
        "Pruebas": (["Ronda", "Intento", "Resultado", "Reporte (SHA-256)"], runs),
    }


def _sheet(book: Any, head: Any, name: str, labels: list[str], rows: list[list[str]]) -> None:
    sheet = book.add_worksheet(name)
    for n, label in enumerate(labels):
        sheet.write_string(0, n, label, head)
        sheet.set_column(n, n, 28)
    for line, row in enumerate(rows, start=1):
        for n, text in enumerate(row):
            sheet.write_string(line, n, text)
    sheet.freeze_panes(1, 0)
