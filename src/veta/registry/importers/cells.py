"""Single cells mended or refused, each with its reason in words."""

import unicodedata
from collections.abc import Mapping

from veta.registry.importers.rows import SURPLUS, Rejection, Repair

LOST_ZERO = "cero inicial perdido"
CONTROL = "carácter de control"
_DASHES = {0x96: "–", 0x97: "—", 0x91: "‘", 0x92: "’", 0x93: "“", 0x94: "”", 0x85: "…", 0xA0: " "}


class CellFault(Exception):
    """A cell for which the row is rejected."""

    def __init__(self, column: str, value: str, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.rejection = Rejection(column, value, cause, remedy)


def aligned(cells: Mapping[str, str]) -> Mapping[str, str]:
    """The cells of a row that has no more of them than the header. Raises CellFault where it has."""
    if SURPLUS in cells:
        remedy = "Revise las comas y las comillas de la fila."
        raise CellFault("", cells[SURPLUS], "La fila trae más celdas que columnas.", remedy)
    return cells


def municipality_code(value: str, column: str, repairs: list[Repair]) -> str:
    """Five digits; of four, the zero that a spreadsheet dropped is put back and said. Raises CellFault for the rest."""
    if value.isascii() and value.isdigit() and len(value) == 5:
        return value
    if value.isascii() and value.isdigit() and len(value) == 4:
        repairs.append(Repair(LOST_ZERO, column, value, f"«{value}» perdió el cero inicial: se lee «0{value}»."))
        return f"0{value}"
    raise CellFault(
        column, value, "El código del municipio no tiene cinco dígitos.", "Escriba el código DIVIPOLA, como «05001»."
    )


def unknown_place(code: str, column: str, *, value: str, named: str = "") -> CellFault:
    """A municipality that the registry does not have: the code is wrong, or DIVIPOLA was not brought in yet."""
    told = f" («{named}»)" if named else ""
    return CellFault(
        column, value, f"El municipio {code}{told} no está en el registro.",
        "Averigüe el municipio y escriba su código DIVIPOLA; si el código es bueno, traiga antes la DIVIPOLA"
        " (veta registry import municipalities).",
    )  # fmt: skip


def printable(value: str, column: str, repairs: list[Repair], *, longest: int) -> str:
    """Text without control characters: those of cp1252 read as Latin-1 get their sign back, others a blank."""
    if not value:
        raise CellFault(column, value, "La celda está vacía.", "Complétela con el dato del registro.")
    if not value.isprintable():
        mended = value.translate(_DASHES)
        mended = "".join(char if char.isprintable() else " " for char in mended)
        mended = " ".join(mended.split())
        repairs.append(Repair(CONTROL, column, value, f"Traía caracteres de control: se lee «{mended}»."))
        value = mended
    if not value or len(value) > longest:
        raise CellFault(column, value, f"El texto está vacío o pasa de {longest} letras.", "Acórtelo o complételo.")
    return value


def folded(text: str) -> str:
    """Capitals without accents or punctuation, for comparing names."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in bare.upper()).split())
