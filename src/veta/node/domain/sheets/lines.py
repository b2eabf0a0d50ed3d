"""The rows of one movement as they were read, and what is said of them together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from veta.node.domain.sheets.cells import Cell
from veta.node.domain.sheets.marks import Mark

Status = Literal["ok", "repaired", "rejected"]
Numbered = tuple[int, Sequence[Cell]]
"""A row as the spreadsheet counts it, from 1, and its cells."""
Told = tuple[str, str, str]
"""A code, a cause and a remedy."""
OTHER_SIDE: Final[Told] = (
    "SHE-023", "Una fila de ese lado no lleva este dato.",
    "Deje la celda vacía, o revise si la fila entra o sale: lo que entra dice su lote, lo que sale su mineral.",
)  # fmt: skip
TOTAL: Final[Told] = (
    "SHE-022", "Es una cifra de todo el movimiento: aquí podría ser el total o una parte.",
    "Escríbala solo en la primera fila del movimiento.",
)  # fmt: skip
NOBODY: Final = (
    "Un consumidor final no se identifica.", "Deje la celda vacía, o escoja el tipo de su documento."
)  # fmt: skip
THE_UNIT: Final = "Escriba la unidad del mineral en lo que sale."


@dataclass(slots=True)
class Line:
    """A row, its values by column, and what is said of it so far."""

    number: int
    cells: Sequence[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RowRead:
    """What becomes of a row. `item`: None where it is left out, and of a movement of several rows but for the first."""

    number: int
    item: dict[str, Any] | None
    digest: str
    marks: tuple[Mark, ...]

    @property
    def status(self) -> Status:
        if refused(self.marks):
            return "rejected"
        return "repaired" if any(mark.severity == "repaired" for mark in self.marks) else "ok"


def refused(marks: Iterable[Mark]) -> bool:
    """Whether a row is left out for one of these."""
    return any(mark.severity == "rejected" for mark in marks)


def left_out(lines: Sequence[Line], digest: str) -> list[RowRead]:
    """None of a movement's rows is taken; one that is well itself says which is not."""
    faulty = next(line.number for line in lines if refused(line.marks))
    for line in lines:
        if not refused(line.marks):
            line.marks.append(_with_the_rest(faulty))
    return [RowRead(line.number, None, digest, tuple(line.marks)) for line in lines]


def repeated(first: int) -> Mark:
    """Of a movement that says the same as one above."""
    return Mark(
        None, "", "", f"Dice lo mismo que la fila {first}.",
        "Si son dos movimientos, escriba en Referencia un número distinto en cada fila.", "SHE-018",
    )  # fmt: skip


def apart(first: int) -> Told:
    """Of rows that name a movement whose rows ended above."""
    return (
        "SHE-020", f"Ese movimiento empieza en la fila {first} y sus filas no están seguidas.",
        "Ponga juntas todas sus filas, o escriba otro número si es otro movimiento.",
    )  # fmt: skip


def otherwise(first: int) -> Told:
    """Of a cell that contradicts its movement's first row."""
    return (
        "SHE-022", f"Dice otra cosa que la fila {first}, que es del mismo movimiento.",
        "Deje la celda vacía o escriba lo mismo; si es otro movimiento, cambie su número.",
    )  # fmt: skip


def _with_the_rest(faulty: int) -> Mark:
    cause = f"Es del mismo movimiento que la fila {faulty}, que se rechazó."
    return Mark(None, "", "", cause, "Corrija aquella: las filas de un movimiento van juntas.", "SHE-021")
