"""What the workbook that is given back says of each of its rows: its cells, its movement at the hub, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.utils.translation import gettext as _

from veta.node.domain.sheets.header import LOOKED_AT, OURS, Header, find_header
from veta.node.domain.sheets.kinds import KINDS
from veta.node.models import Sheet
from veta.node.queries.sheets import ROWS, Line, lines_of, rows_of
from veta.node.services.sheets import opened

# Not quite a spreadsheet's own red and yellow: what an earlier review coloured is told from what its owner did.
YELLOW, RED, GREEN = "#FFEB9D", "#FFC7CF", "#C6EFCF"
TONES: Final = {"repaired": YELLOW, "rejected": RED, "warning": YELLOW, "ok": GREEN}
# Beyond this many a spreadsheet takes minutes to open: the rest is coloured, and stands in the sheet that lists all.
MOST_COMMENTS: Final = 10_000
AUTHOR: Final = "Veta (revisión)"
_AT_ONCE: Final = 2_000
_OF_THE_HUB: Final = {"ok": "ok", "wait": "repaired", "stop": "rejected"}
Marked = Mapping[int, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Told:
    """Of one row: what is said of each of its cells, how its movement stands, the words for it and their tone."""

    number: int
    cells: Marked
    state: str
    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a workbook's header is, and where the two columns stand that tell the state of each row (from 0)."""

    header: Header
    column: int


def layout_of(sheet: Sheet) -> Layout:
    """The two columns stand where an earlier review put them, else beyond all that is written. Raises FileFault."""
    with opened(sheet) as rows:
        header = find_header(list(islice(rows.rows, LOOKED_AT)), KINDS[sheet.kind])
        fresh = max(header.width, rows.width)
    ours = header.ours
    kept = len(ours) == len(OURS) and ours[1] == ours[0] + 1
    return Layout(header, ours[0] if kept else fresh)


def told_of(sheet: Sheet) -> Iterator[Told]:
    """What is said of each row, in order; a mark of the whole row is its first cell's."""
    rows = rows_of(sheet).iterator(_AT_ONCE)
    while part := list(islice(rows, _AT_ONCE)):
        for line in lines_of(sheet, part):
            yield _told(line)


def _told(line: Line) -> Told:
    marks: dict[int, list[Mapping[str, Any]]] = {}
    for mark in line.marks:
        marks.setdefault(mark["column"] or 0, []).append(mark)
    if line.record is not None:
        known = _("Ya estaba capturada: no se captura otra vez.") if line.row.status == "known" else ""
        words = " ".join(filter(None, (line.record.item.cause, line.record.fix, known)))
        return Told(line.row.number, marks, str(line.record.state_label), words, _OF_THE_HUB[line.record.tone])
    if line.row.status == "rejected":
        words = "\n".join(sentence(mark) for mark in line.marks if mark["severity"] == "rejected")
        return Told(line.row.number, marks, _("No se captura: rechazada aquí"), words, "rejected")
    return Told(line.row.number, marks, _("Por aplicar"), "", (ROWS[line.row.status][1] == "wait" and "repaired") or "")


def tone_of(marks: Sequence[Mapping[str, Any]]) -> str:
    """The gravest of what is said of a cell; empty where nothing is."""
    found = {mark["severity"] for mark in marks}
    return next((tone for tone in ("rejected", "repaired", "warning") if tone in found), "")


def sentence(mark: Mapping[str, Any]) -> str:
    """A mark in one line: code, cause, remedy."""
    return " ".join(filter(None, (mark["code"], mark["cause"], mark["remedy"])))


def comment(marks: Sequence[Mapping[str, Any]]) -> str:
    """What stands beside a cell."""
    return "\n".join(map(sentence, marks))


HEADS_WIDE: Final = (8, 26, 22, 22, 60, 60, 10)


def heads() -> tuple[str, ...]:
    """The columns of the sheet that lists what was found."""
    return (_("Fila"), _("Columna"), _("Valor"), _("Qué pasa"), _("Causa"), _("Remedio"), _("Código"))


def list_of(told: Told) -> Iterator[tuple[int, tuple[str, ...]]]:
    """A row's lines in the sheet that lists what was found: its number, and the words of each column after it."""
    for marks in told.cells.values():
        for mark in marks:
            said = _becomes(mark["severity"])
            yield told.number, (mark["title"], mark["value"], said, mark["cause"], mark["remedy"], mark["code"])
    if told.words and told.tone == "rejected" and not told.cells:
        yield told.number, ("", "", told.state, told.words, "", "")


def _becomes(severity: str) -> str:
    """What becomes of a cell, in a word."""
    words = {"repaired": _("corregida"), "rejected": _("rechazada"), "warning": _("aviso")}
    return words[severity]
