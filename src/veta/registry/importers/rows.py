"""The contract of every importer: each row is taken, taken with a repair that is said, or rejected with why."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from veta.kernel.errors import DomainError

R = TypeVar("R")
# The column under which a row keeps cells beyond its header.
SURPLUS = "…"


class ImportRefused(DomainError):
    """A file that cannot be read as what it should be; nothing of it was taken."""

    code = "REG-010"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as read: the line of the file on which it ends, and its cells by column, blanks at both ends dropped."""

    line: int
    cells: Mapping[str, str]

    def digest(self, source: str) -> bytes:
        """SHA-256 of the source and every cell: the row's own name, by which it is applied once."""
        parts = (source, *(f"{column}\x1e{value}" for column, value in self.cells.items()))
        return hashlib.sha256("\x1f".join(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class Repair:
    """A value that was mended, and why that is safe; `kind` groups equal repairs in the count."""

    kind: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a row was left out: the column and value at fault, the cause, and what to do."""

    column: str
    value: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class PreviewedRow(Generic[R]):
    """What becomes of one row; `record` is what it says, None where it is rejected."""

    row: SourceRow
    record: R | None
    repairs: tuple[Repair, ...] = ()
    rejection: Rejection | None = None

    @property
    def status(self) -> Literal["ok", "repaired", "rejected"]:
        if self.rejection is not None:
            return "rejected"
        return "repaired" if self.repairs else "ok"


@dataclass(frozen=True, slots=True)
class Preview(Generic[R]):
    """What applying a file would do, row by row; nothing was written yet."""

    source: str
    file_name: str
    file_digest: bytes
    encoding: str
    rows: Sequence[PreviewedRow[R]]

    def counts(self) -> dict[str, int]:
        """Rows in all and by status."""
        by_status = Counter(row.status for row in self.rows)
        return {"rows": len(self.rows), **{name: by_status[name] for name in ("ok", "repaired", "rejected")}}

    def repairs(self) -> dict[str, int]:
        """How many repairs of each kind, most first."""
        return dict(Counter(repair.kind for row in self.rows for repair in row.repairs).most_common())

    def accepted(self) -> list[tuple[SourceRow, R]]:
        """The rows that would be applied, with what they say."""
        return [(row.row, row.record) for row in self.rows if row.record is not None]

    def rejected(self) -> list[PreviewedRow[R]]:
        """The rows that would be left out."""
        return [row for row in self.rows if row.rejection is not None]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an application wrote: new rows of the file, and what they became. A second run of the same file: all 0."""

    rows: int
    written: Mapping[str, int]


def write_rejects(rows: Iterable[PreviewedRow[R]], path: Path) -> None:
    """Write rejected rows as CSV (UTF-8 with signature, for spreadsheets): line, column, value, cause, remedy, cells.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        header: list[str] = []
        for previewed in rows:
            rejection = previewed.rejection
            if rejection is None:
                continue
            if not header:
                header = list(previewed.row.cells)
                writer.writerow(["fila", "columna", "valor", "causa", "remedio", *header])
            cells = [previewed.row.cells.get(column, "") for column in header]
            named = [str(previewed.row.line), rejection.column, rejection.value, rejection.cause, rejection.remedy]
            writer.writerow([_harmless(cell) for cell in (*named, *cells)])


def write_report(rows: Iterable[PreviewedRow[R]], path: Path) -> None:
    """Write what becomes of every row as CSV (UTF-8 with signature): line, status, column, value and why, one a row.

    Several repairs of a row are joined by «; ».
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["fila", "estado", "columna", "valor", "por qué"])
        for previewed in rows:
            said = [(repair.column, repair.value, repair.reason) for repair in previewed.repairs]
            if previewed.rejection is not None:
                found = previewed.rejection
                said = [(found.column, found.value, f"{found.cause} {found.remedy}")]
            joined = ["; ".join(parts) for parts in zip(*said, strict=True)] or ["", "", ""]
            writer.writerow([str(previewed.row.line), previewed.status, *(_harmless(cell) for cell in joined)])


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
