"""A row of a workbook: taken, taken with repairs that are said, or left out with every reason at its cell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.finding import Finding
from veta.kernel.ids import uuid7
from veta.kernel.quantity import QuantityError, amount_of
from veta.node.domain.local import KnownLot
from veta.node.domain.sheets.cells import Cell, Mending, shown
from veta.node.domain.sheets.columns import Column, check_document
from veta.node.domain.sheets.header import Header
from veta.node.domain.sheets.items import Party, item_of
from veta.node.domain.sheets.marks import MENDED, CellFault, Mark
from veta.node.domain.sheets.places import Places
from veta.norms.catalogue import catalogue

Status = Literal["ok", "repaired", "rejected"]
Check = Callable[[Mapping[str, Any], Mapping[UUID, KnownLot]], Sequence[Finding]]
# Kinds of which a row makes a lot: its id is the row's own, so that sending again makes no second one.
MAKES_A_LOT: Final = frozenset({"subsistence_purchase", "production", "retention"})
_NEEDED: Final = {"paper_type": ("paper_number", "paper_day"), "paper_number": ("paper_type",)}


@dataclass(frozen=True, slots=True)
class RowRead:
    """What becomes of a row. `number`: as the spreadsheet counts it, from 1. `item`: None where it is left out."""

    number: int
    item: dict[str, Any] | None
    digest: str
    marks: tuple[Mark, ...]

    @property
    def status(self) -> Status:
        if self.item is None:
            return "rejected"
        return "repaired" if any(mark.severity == "repaired" for mark in self.marks) else "ok"


@dataclass(slots=True)
class RowReader:
    """Reads the rows of one file in their order: it remembers what earlier ones said and took."""

    kind: str
    columns: Sequence[Column]
    header: Header
    party: Party
    places: Places
    check: Check
    lots: dict[UUID, KnownLot] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)

    def read(self, number: int, cells: Sequence[Cell]) -> RowRead:
        """One row: every cell is read, so that all that is wrong is said at once."""
        values, marks = self._values(cells)
        marks += self._beyond(cells)
        if any(mark.severity == "rejected" for mark in marks):
            return RowRead(number, None, "", tuple(marks))
        said = item_of(self.kind, values, self.party)
        digest = hashlib.sha256(canonical(said)).hexdigest()
        first = self.seen.setdefault(digest, number)
        if first != number:
            return RowRead(number, None, digest, (*marks, _repeated(first)))
        item = {"id": str(uuid7()), **said} | ({"lot": str(uuid7())} if self.kind in MAKES_A_LOT else {})
        marks += [self._of_finding(found, cells) for found in self.check(item, self.lots)]
        if any(mark.severity == "rejected" for mark in marks):
            del self.seen[digest]
            return RowRead(number, None, digest, tuple(marks))
        self._take(item)
        return RowRead(number, item, digest, tuple(marks))

    def _values(self, cells: Sequence[Cell]) -> tuple[dict[str, Any], list[Mark]]:
        values: dict[str, Any] = {}
        marks: list[Mark] = []
        for column in self.columns:
            mending = Mending()
            try:
                values[column.key] = column.read(self._cell(cells, column), mending, self.places)
                self._require(column, values)
            except CellFault as fault:
                marks.append(self._mark(column, cells, fault.code, fault.cause, fault.remedy))
                continue
            if mending.how:
                cause = f"Se corrigió: {'; '.join(mending.how)}."
                mark = self._mark(column, cells, MENDED, cause, "Revise que así se lea bien.")
                marks.append(replace(mark, severity="repaired"))
        return values, marks + self._papers(values, cells, marks)

    def _require(self, column: Column, values: Mapping[str, Any]) -> None:
        value = values[column.key]
        if column.required and value in ("", None):
            raise CellFault("SHE-010", "La celda está vacía y este dato es necesario.", column.help)
        if column.key.endswith("_number") and column.key != "paper_number" and value:
            usual = "CC" if column.key == "seller_number" else "NIT"
            type_key = column.key.replace("_number", "_type")
            if type_key in values:
                check_document(values[type_key] or usual, value)

    def _papers(self, values: Mapping[str, Any], cells: Sequence[Cell], marks: Iterable[Mark]) -> list[Mark]:
        """A document has type, number and date, or there is none."""
        faulty = {mark.title for mark in marks if mark.severity == "rejected"}
        missing = {need for key, needs in _NEEDED.items() if values.get(key) for need in needs if not values.get(need)}
        return [
            self._mark(column, cells, "SHE-010", "Falta este dato del documento.", "Escriba tipo, número y fecha.")
            for column in self.columns
            if column.key in missing and column.title not in faulty
        ]

    def _beyond(self, cells: Sequence[Cell]) -> list[Mark]:
        beyond = [n for n in range(self.header.width, len(cells)) if shown(cells[n]).strip()]
        if not beyond:
            return []
        cause, remedy = "Hay celdas por fuera de las columnas.", "Bórrelas, o póngales encabezado."
        return [Mark(beyond[0], "", shown(cells[beyond[0]]), cause, remedy, "SHE-019")]

    def _of_finding(self, found: Finding, cells: Sequence[Cell]) -> Mark:
        column = self._column_of(found.field)
        severity: Literal["rejected", "warning"] = "rejected" if found.severity == "blocking" else "warning"
        if column is None:
            return Mark(None, "", "", found.message, "", found.code, severity)
        return replace(self._mark(column, cells, found.code, found.message, ""), severity=severity)

    def _column_of(self, path: str) -> Column | None:
        for column in self.columns:
            if path in column.paths:
                return column
        return next((c for c in self.columns if any(path.startswith(f"{each}.") for each in c.paths)), None)

    def _take(self, item: Mapping[str, Any]) -> None:
        """What this row takes of a lot is gone for the rows below."""
        for part in item.get("items", ()):
            lot = self.lots.get(UUID(part["lot"]))
            mineral = catalogue().mineral(lot.mineral) if lot is not None else None
            if lot is None or mineral is None:
                continue
            try:
                self.lots[lot.id] = replace(lot, used=lot.used + amount_of(part["quantity"], factor=mineral.factor))
            except QuantityError:  # the rules said so
                continue

    def _cell(self, cells: Sequence[Cell], column: Column) -> Cell:
        place = self.header.places.get(column.key)
        return cells[place] if place is not None and place < len(cells) else None

    def _mark(self, column: Column, cells: Sequence[Cell], code: str, cause: str, remedy: str) -> Mark:
        place = self.header.places.get(column.key)
        return Mark(place, column.title, shown(self._cell(cells, column)), cause, remedy, code)


def _repeated(first: int) -> Mark:
    return Mark(
        None, "", "", f"Dice lo mismo que la fila {first}.",
        "Si son dos movimientos, escriba en Referencia un número distinto en cada fila.", "SHE-018",
    )  # fmt: skip
