"""An act of the call as a PDF with number, date and roles, and its annex as a workbook: the rows of the history."""

import io
from typing import Any

import xlsxwriter

from veta.calls.domain.application import VERDICTS
from veta.calls.domain.call import Call, Published
from veta.calls.domain.lists import KINDS, OUTCOMES
from veta.calls.domain.timetable import hour_of
from veta.hub.paper import paper
from veta.hub.templatetags.figures import long_day
from veta.kernel.period import bogota_date


def act_paper(call: Call, act: Published) -> bytes:
    """The PDF of an act. It says who signs by role, and the digest that the history holds."""
    day = bogota_date(act.at)
    roles = act.roles
    return paper(
        "call_act.typ",
        {
            "heading": f"{KINDS[act.kind]} {act.number}",
            "foot": f"{call.code}. Huella del contenido (SHA-256): {act.digest}",
            "date": [day.year, day.month, day.day],
            "demo": call.act["number"].startswith("DEMO"),
            "facts": [
                ["Convocatoria", f"{call.code}: {call.title}"],
                ["Acto que la rige", f"{call.act['kind']} {call.act['number']}"],
                ["Fecha", f"{long_day(day)}, {hour_of(act.at)}"],
                *([["Publicación", "Después de la fecha del cronograma"]] if act.late else []),
            ],
            "basis": list(call.act["legal_basis"]),
            "note": act.note,
            "lines": [_line(row) for row in act.rows],
            "answers": [_answer(row) for row in act.rows if row.get("observation")],
            "windows": _windows(call, act),
            "drafters": roles["drafters"],
            "reviewers": roles["reviewers"],
            "signer": f"{roles['signer']}{' (E)' if roles['acting'] else ''}",
        },
    )


def _line(row: dict[str, Any] | Any) -> list[str]:
    return [row["firm"], row["nit"], OUTCOMES.get(row["outcome"], row["outcome"])]


def _answer(row: dict[str, Any] | Any) -> list[str]:
    return [row["firm"], row["observation"], row["answer"]]


def _windows(call: Call, act: Published) -> list[list[str]]:
    if act.kind != "addendum":
        return []
    made = next(each for each in call.timetable.addenda if each.published_at == act.at)
    names = {each.order: each.name for each in call.timetable.activities}
    return [
        [str(order), names[order], f"{opens or 'hasta'} – {closes}"] for order, (opens, closes) in made.windows.items()
    ]


def act_workbook(act: Published) -> bytes:
    """The annex: one sheet of firms, one of every requirement of every firm, all as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        firms = [[*_line(row), row.get("answer", "")] for row in act.rows]
        _sheet(book, head, "Empresas", ["Empresa", "NIT", "Resultado", "Respuesta"], firms)
        items = [
            [row["firm"], row["nit"], each["item"], VERDICTS.get(each["verdict"], ""), each["reason"], each["norm"]]
            for row in act.rows
            for each in row.get("items", ())
        ]
        _sheet(book, head, "Requisitos", ["Empresa", "NIT", "Requisito", "Resultado", "Motivo", "Norma"], items)
    return out.getvalue()


def _sheet(book: Any, head: Any, name: str, labels: list[str], rows: list[list[str]]) -> None:
    sheet = book.add_worksheet(name)
    for n, label in enumerate(labels):
        sheet.write_string(0, n, label, head)
        sheet.set_column(n, n, 28)
    for line, row in enumerate(rows, start=1):
        for n, text in enumerate(row):
            sheet.write_string(line, n, text)
    sheet.freeze_panes(1, 0)
