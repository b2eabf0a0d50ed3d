"""Which row of a sheet is its header, and which column of it is which: banners above it and merged groups are met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from veta.node.domain.sheets.cells import Cell, shown
from veta.node.domain.sheets.columns import Column
from veta.node.domain.sheets.marks import FileFault
from veta.node.domain.sheets.words import folded

LOOKED_AT = 20
# The columns that a workbook comes back with: whoever uploads it again says nothing by them.
OURS = ("Estado en la PTM", "Qué se dijo y qué hacer")


@dataclass(frozen=True, slots=True)
class Header:
    """`row`: its place from 0. `places`: where each known column stands, by key; `width`: how many it has.

    `ours`: where the columns stand that an earlier review added.
    """

    row: int
    places: dict[str, int]
    titles: tuple[str, ...]
    width: int
    ours: tuple[int, ...] = ()


def find_header(rows: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> Header:
    """The header among the first rows: the one that names most columns, alone or under a row of merged groups.

    Raises FileFault (SHE-002) where none names all that is due, each once.
    """
    known = {folded(name): column.key for column in columns for name in (column.title, column.key, *column.aliases)}
    best: Header | None = None
    for number in range(min(len(rows), LOOKED_AT)):
        for names in _spellings(rows, number):
            found = _placed(number, names, known)
            if best is None or len(found.places) > len(best.places):
                best = found
    due = [column for column in columns if column.required]
    if best is None or not best.places:
        raise FileFault("SHE-002", "No se encontró la fila de encabezados. " + _asked(due))
    missing = [column for column in due if column.key not in best.places]
    if missing:
        raise FileFault("SHE-002", "Faltan columnas, o vienen dos veces: " + _names(missing) + ". " + _asked(due))
    return best


def _spellings(rows: Sequence[Sequence[Cell]], number: int) -> list[list[list[str]]]:
    """The names that each column may go by: its own cell; and that cell under the group merged above it."""
    own = [shown(cell) for cell in rows[number]]
    alone = [[each] for each in own]
    if number == 0:
        return [alone]
    above = [shown(cell) for cell in rows[number - 1]]
    grouped, group = [], ""
    for n, each in enumerate(own):
        group = (above[n] if n < len(above) and above[n] else group) if each else ""
        over = above[n] if n < len(above) else ""
        grouped.append([each, f"{group} {each}"] if each else [over])
    return [alone, grouped]


def _placed(number: int, names: Sequence[Sequence[str]], known: dict[str, str]) -> Header:
    places: dict[str, int] = {}
    twice = set()
    for n, options in enumerate(names):
        # The longer name first: under its group, «Número» is the seller's.
        key = next((known[folded(each)] for each in reversed(options) if folded(each) in known), None)
        if key is None:
            continue
        if key in places:
            twice.add(key)
        places.setdefault(key, n)
    for key in twice:
        del places[key]
    titles = tuple(options[-1] for options in names)
    ours = tuple(n for n, options in enumerate(names) if options[0] in OURS)
    width = max((n + 1 for n, options in enumerate(names) if any(options) and n not in ours), default=0)
    return Header(number, places, titles, width, ours)


def _names(columns: Sequence[Column]) -> str:
    return ", ".join(f"«{column.title}»" for column in columns)


def _asked(due: Sequence[Column]) -> str:
    return f"La hoja debe tener: {_names(due)}. Descargue la plantilla y copie en ella sus datos."
