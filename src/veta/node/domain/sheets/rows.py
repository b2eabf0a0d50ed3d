"""A movement's rows: taken, taken with repairs that are said, or left out with every reason at its cell."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.finding import Finding
from veta.kernel.ids import uuid7
from veta.kernel.quantity import QuantityError, amount_of
from veta.node.domain.capturing import TAKES
from veta.node.domain.local import KnownLot
from veta.node.domain.sheets import lines as said_of
from veta.node.domain.sheets.cells import Cell, Mending, shown
from veta.node.domain.sheets.columns import Column, check_document
from veta.node.domain.sheets.header import Header
from veta.node.domain.sheets.items import PAPERS, Party, item_of, places_of
from veta.node.domain.sheets.kinds import BINDS
from veta.node.domain.sheets.lines import Line, Numbered, RowRead, left_out, refused
from veta.node.domain.sheets.marks import MENDED, CellFault, Mark
from veta.node.domain.sheets.places import Places
from veta.node.domain.sheets.words import FINAL_CONSUMER
from veta.norms.catalogue import catalogue

Check = Callable[[Mapping[str, Any], Mapping[UUID, KnownLot]], Sequence[Finding]]
# Kinds of which a row makes a lot: its id is the row's own, so that sending again makes no second one.
MAKES_A_LOT: Final = frozenset({"subsistence_purchase", "production", "documented_intake", "retention"})
_NEEDED: Final = {
    **{f"{key}_type": (f"{key}_number", f"{key}_day") for key in PAPERS},
    **{f"{key}_number": (f"{key}_type",) for key in PAPERS},
}
_OUT_ONLY: Final = frozenset({"mineral", "unit", "fineness", "assay", "grade"})


@dataclass(slots=True)
class RowReader:
    """Reads the movements of one file in their order: it remembers what earlier ones said and took."""

    kind: str
    columns: Sequence[Column]
    header: Header
    party: Party
    places: Places
    check: Check
    lots: dict[UUID, KnownLot] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    bound: dict[str, int] = field(default_factory=dict)

    def movements(self, rows: Iterable[Numbered]) -> Iterator[list[Numbered]]:
        """The rows of each movement: one, or consecutive ones that repeat what binds them. Blank rows are left out."""
        key = BINDS.get(self.kind, "")
        place, group, name = self.header.places.get(key, -1), list[Numbered](), ""
        for number, cells in rows:
            if not any(shown(cell).strip() for n, cell in enumerate(cells) if n not in self.header.ours):
                continue
            said = shown(cells[place]).strip().lower() if 0 <= place < len(cells) else ""
            if group and not (said and said == name):
                yield group
                group = []
            group.append((number, cells))
            name = said
        if group:
            yield group

    def read(self, rows: Sequence[Numbered]) -> list[RowRead]:
        """The rows of one movement: every cell is read, so that all that is wrong is said at once."""
        lines = [self._first(*rows[0])]
        lines += [self._following(number, cells, lines[0]) for number, cells in rows[1:]]
        self._bind(lines)
        if any(refused(line.marks) for line in lines):
            return left_out(lines, "")
        said = item_of(self.kind, [line.values for line in lines], self.party)
        digest = hashlib.sha256(canonical(said)).hexdigest()
        earlier = self.seen.setdefault(digest, lines[0].number)
        if earlier != lines[0].number:
            lines[0].marks.append(said_of.repeated(earlier))
            return left_out(lines, digest)
        item = self._named(said)
        for found in self.check(item, self.lots):
            self._place(found, lines)
        if any(refused(line.marks) for line in lines):
            del self.seen[digest]
            return left_out(lines, digest)
        self._take(item)
        return [RowRead(line.number, None if n else item, digest, tuple(line.marks)) for n, line in enumerate(lines)]

    def _named(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """The item under an id of its own, and so each lot that it makes."""
        item = {"id": str(uuid7()), **said} | ({"lot": str(uuid7())} if self.kind in MAKES_A_LOT else {})
        if "outputs" in said:
            item["outputs"] = [{**made, "lot": str(uuid7())} for made in said["outputs"]]
        return item

    def _first(self, number: int, cells: Sequence[Cell]) -> Line:
        line = Line(number, cells)
        for column in self.columns:
            self._read(column, line, required=column.required)
        return self._whole(line)

    def _following(self, number: int, cells: Sequence[Cell], first: Line) -> Line:
        """A row below the first: what is of the whole movement is said there, and may only be repeated here."""
        line = Line(number, cells)
        for column in self.columns:
            self._read(column, line, required=column.required and column.line)
            value = line.values.get(column.key)
            if column.line or column.adds or value in ("", None):
                continue
            differs = column.key in first.values and first.values[column.key] != value
            if column.once or differs:
                line.marks.append(
                    self._mark(column, cells, *(said_of.TOTAL if column.once else said_of.otherwise(first.number)))
                )
        return self._whole(line)

    def _whole(self, line: Line) -> Line:
        line.marks += self._papers(line)
        line.marks += self._beyond(line.cells)
        line.marks += self._of_its_side(line)
        return line

    def _read(self, column: Column, line: Line, *, required: bool) -> None:
        mending = Mending()
        try:
            line.values[column.key] = column.read(self._cell(line.cells, column), mending, self.places)
            self._require(column, line.values, required=required)
        except CellFault as fault:
            line.marks.append(self._mark(column, line.cells, fault.code, fault.cause, fault.remedy))
            return
        if mending.how:
            cause = f"Se corrigió: {'; '.join(mending.how)}."
            mark = self._mark(column, line.cells, MENDED, cause, "Revise que así se lea bien.")
            line.marks.append(replace(mark, severity="repaired"))

    def _require(self, column: Column, values: Mapping[str, Any], *, required: bool) -> None:
        value = values[column.key]
        if column.key == "buyer_number" and values.get("buyer_type") == FINAL_CONSUMER:
            if value:
                raise CellFault("SHE-012", *said_of.NOBODY)
            return
        if required and value in ("", None):
            raise CellFault("SHE-010", "La celda está vacía y este dato es necesario.", column.help)
        if column.key.endswith("_number") and not column.key.endswith("paper_number") and value:
            usual = "CC" if column.key == "seller_number" else "NIT"
            type_key = column.key.replace("_number", "_type")
            if type_key in values:
                check_document(values[type_key] or usual, value)

    def _papers(self, line: Line) -> list[Mark]:
        """A document has type, number and date, or there is none."""
        missing = {
            need for key, needs in _NEEDED.items() if line.values.get(key) for need in needs
            if not line.values.get(need)
        }  # fmt: skip
        return self._lacking(missing, line, "Falta este dato del documento.", "Escriba tipo, número y fecha.")

    def _lacking(self, missing: Collection[str], line: Line, cause: str, remedy: str) -> list[Mark]:
        if not missing:
            return []
        faulty = {mark.title for mark in line.marks if mark.severity == "rejected"}
        return [
            self._mark(column, line.cells, "SHE-010", cause, remedy or column.help)
            for column in self.columns
            if column.key in missing and column.title not in faulty
        ]

    def _of_its_side(self, line: Line) -> list[Mark]:
        """What enters names its lot, what leaves its mineral; and neither what is the other's."""
        side = line.values.get("side")
        if not side:
            return []
        needs, not_here = ({"lot"}, _OUT_ONLY) if side == "input" else ({"mineral"}, {"lot"})
        missing = {key for key in needs if not line.values.get(key)}
        marks = self._lacking(missing, line, "La celda está vacía y esta fila necesita el dato.", "")
        wrong = [c for c in self.columns if c.line and c.key in not_here and line.values.get(c.key)]
        if self.kind == "regroup":
            wrong = [c for c in wrong if c.key != "unit"]
        return marks + [self._mark(column, line.cells, *said_of.OTHER_SIDE) for column in wrong]

    def _bind(self, lines: Sequence[Line]) -> None:
        """What only the rows together tell: that they stand together, and the unit of what a blend leaves."""
        first, key = lines[0], BINDS.get(self.kind, "")
        name = str(first.values.get(key) or "").lower()
        if name:
            column = next(each for each in self.columns if each.key == key)
            earlier = self.bound.setdefault(name, first.number)
            if earlier != first.number:
                first.marks.append(self._mark(column, first.cells, *said_of.apart(earlier)))
        if self.kind == "regroup" and not any(line.values.get("unit") for line in lines):
            units = {self._unit(line.values.get("lot")) for line in lines} - {""}
            if len(units) == 1:
                first.values["unit"] = units.pop()
            else:
                first.marks += self._lacking({"unit"}, first, "No se conoce la unidad de esos lotes.", said_of.THE_UNIT)

    def _unit(self, lot: Any) -> str:
        try:
            known = self.lots.get(UUID(lot)) if lot else None
        except ValueError:
            return ""
        mineral = catalogue().mineral(known.mineral) if known is not None else None
        return mineral.unit if mineral is not None else ""

    def _beyond(self, cells: Sequence[Cell]) -> list[Mark]:
        places = (n for n in range(self.header.width, len(cells)) if n not in self.header.ours)
        beyond = [n for n in places if shown(cells[n]).strip()]
        if not beyond:
            return []
        cause, remedy = "Hay celdas por fuera de las columnas.", "Bórrelas, o póngales encabezado."
        return [Mark(beyond[0], "", shown(cells[beyond[0]]), cause, remedy, "SHE-019")]

    def _place(self, found: Finding, lines: Sequence[Line]) -> None:
        """Put a finding at the cell whose field it names: of a line's part of the item, in that line's row."""
        path, line = found.field.removeprefix("item."), lines[0]
        column = None
        for place, each in zip(places_of([line.values for line in lines]), lines, strict=True):
            if path == place or path.startswith(f"{place}."):
                line = each
                column = self._column_of(path.removeprefix(place).removeprefix("."), of_line=True)
                break
        column = column or self._column_of(path)
        severity: Literal["rejected", "warning"] = "rejected" if found.severity == "blocking" else "warning"
        if column is None:
            line.marks.append(Mark(None, "", "", found.message, "", found.code, severity))
            return
        line.marks.append(replace(self._mark(column, line.cells, found.code, found.message, ""), severity=severity))

    def _column_of(self, path: str, *, of_line: bool = False) -> Column | None:
        columns = [column for column in self.columns if column.line] if of_line else self.columns
        for column in columns:
            if path in column.paths:
                return column
        return next((c for c in columns if any(path.startswith(f"{each}.") for each in c.paths)), None)

    def _take(self, item: Mapping[str, Any]) -> None:
        """What this movement takes of a lot is gone for those below."""
        for part in item.get(TAKES.get(self.kind, ""), ()):
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
