"""Single cells as text and figures. What is mended is said; what can be read in two ways is refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, Literal

from veta.node.domain.sheets.marks import CellFault
from veta.node.domain.sheets.words import folded

Cell = str | float | int | bool | datetime | date | time | timedelta | None
Group = Literal["money", "measure", "thousandths"]

_ERROR: Final = re.compile(
    r"#(N/A|N/D|REF!|¡REF!|VALUE!|¡VALOR!|DIV/0!|¡DIV/0!|NAME\?|¿NOMBRE\?|NUM!|¡NUM!|NULL!)"
).match
UNWORKED: Final = "=…"
"""What stands for a formula whose result its file does not hold: a program wrote it, and no spreadsheet opened it."""
_SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?[Ee]\+?\d+").fullmatch
_INVISIBLE: Final = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD))
_EXACT: Final = 10**15
_LONGEST: Final = 500


@dataclass(slots=True)
class Mending:
    """What was done to a cell so that it could be read."""

    how: list[str] = field(default_factory=list)

    def say(self, what: str) -> None:
        if what not in self.how:
            self.how.append(what)


def shown(cell: Cell) -> str:
    """A cell as a person would see it, for messages."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "VERDADERO" if cell else "FALSO"
    if isinstance(cell, float):
        return format(cell, ".15g")
    return cell.isoformat() if isinstance(cell, datetime | date | time) else str(cell)


def clean(text: str, mending: Mending) -> str:
    """Text in Unicode NFC on one line, single blanks: hard blanks and invisible characters go, and it is said."""
    if text.isascii() and text.isprintable():
        return text.strip() if "  " not in text else " ".join(text.split())
    kept = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    kept = "".join(char if char.isprintable() else " " for char in kept)
    kept = " ".join(kept.split())
    if any(not char.isprintable() or ord(char) in _INVISIBLE for char in text):
        mending.say("se quitaron espacios o caracteres que no se ven")
    return kept


def text(cell: Cell, mending: Mending, *, longest: int = _LONGEST) -> str:
    """A cell as text; empty where it is. A date in a column of codes is what the spreadsheet made of one: refused."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        raise CellFault("SHE-011", "La celda trae VERDADERO o FALSO.", "Escriba el dato.")
    if isinstance(cell, datetime | date | time | timedelta):
        raise CellFault(
            "SHE-014", "La hoja de cálculo convirtió este dato en una fecha.",
            "Dé a la columna el formato Texto y escríbalo de nuevo.",
        )  # fmt: skip
    if isinstance(cell, float | int):
        return _of_number(cell)
    kept = clean(cell, mending)
    if kept == UNWORKED:
        raise CellFault(
            "SHE-011", "La fórmula no trae su resultado.",
            "Abra el libro en la hoja de cálculo, guárdelo y súbalo de nuevo.",
        )  # fmt: skip
    if _ERROR(kept):
        raise CellFault("SHE-011", "La celda trae un error de fórmula.", "Corrija la fórmula o escriba el dato.")
    if _SHORTENED(kept):
        raise CellFault(
            "SHE-014", "La hoja de cálculo recortó este número y perdió cifras.",
            "Dé a la columna el formato Texto y escríbalo completo.",
        )  # fmt: skip
    if len(kept) > longest:
        raise CellFault("SHE-011", f"El texto pasa de {longest} letras.", "Acórtelo.")
    return kept


def _of_number(cell: float) -> str:
    if abs(cell) >= _EXACT:
        raise CellFault(
            "SHE-014", "El número tiene más cifras de las que guarda una hoja de cálculo.",
            "Dé a la columna el formato Texto y escríbalo completo.",
        )  # fmt: skip
    return str(int(cell)) if float(cell).is_integer() else format(cell, ".15g")


_PLAIN: Final = re.compile(r"\d+(\.\d+)?").fullmatch
_COMMA: Final = re.compile(r"\d+,\d+").fullmatch
_POINTS: Final = re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?").fullmatch
_COMMAS: Final = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?").fullmatch
_ONE_POINT: Final = re.compile(r"[1-9]\d{0,2}\.\d{3}").fullmatch
_WITH_UNIT: Final = re.compile(r"([\d.,' ]*\d)\s*([A-Za-zñÑáéíóúÁÉÍÓÚ³‰%.]+\d?)").fullmatch
_NOT_A_FIGURE: Final = ("No es un número.", "Escriba solo el número, con coma decimal si la lleva: 12,5.")


def figure(cell: Cell, mending: Mending, *, group: Group, decimals: int = 6, units: Collection[str] = ()) -> str:
    """A cell as the hub's decimal text, empty where the cell is. Spanish commas and thousands are read, and it is said.

    units: words that may follow the figure in the same cell, folded; any other word is refused.
    """
    if isinstance(cell, datetime | date | time | timedelta):
        raise CellFault(
            "SHE-014", "La hoja de cálculo convirtió este número en una fecha.",
            "Dé a la columna el formato Número y escríbalo de nuevo.",
        )  # fmt: skip
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return _written(Decimal(format(cell, ".15g")), decimals)
    said = text(cell, mending)
    if not said:
        return ""
    bare = _bare(said, mending, units, group)
    return _written(_decimal(bare, mending, group), decimals)


def _bare(said: str, mending: Mending, units: Collection[str], group: Group) -> str:
    """The digits and their points, without sign of pesos or unit."""
    bare = said
    if group == "money":
        bare = re.sub(r"^(COP|\$)+\s*|\s*(COP|pesos)$", "", bare, flags=re.IGNORECASE)
    found = _WITH_UNIT(bare)
    if found is not None and folded(found[2]) in units:
        mending.say("se separó la unidad del número")
        bare = found[1]
    bare = bare.replace(" ", "").replace("'", "")
    return bare


def _decimal(bare: str, mending: Mending, group: Group) -> Decimal:
    if bare.startswith("-") and bare[1:2].isdigit():
        raise CellFault("SHE-012", "La cifra es negativa.", "Escriba un número mayor que cero.")
    if _ONE_POINT(bare) and group == "measure":
        raise CellFault(
            "SHE-013", f"«{bare}» puede ser mil y pico o un decimal.",
            f"Escriba {bare.replace('.', '')} o {bare.replace('.', ',')}.",
        )  # fmt: skip
    if _ONE_POINT(bare) and group == "money":
        mending.say("los puntos se leen como miles")
        return Decimal(bare.replace(".", ""))
    if _PLAIN(bare):
        return Decimal(bare)
    if _COMMA(bare) and not (group == "money" and _COMMAS(bare)):
        mending.say("la coma se lee como decimal")
        return Decimal(bare.replace(",", "."))
    if _POINTS(bare):
        mending.say("los puntos se leen como miles y la coma como decimal")
        return Decimal(bare.replace(".", "").replace(",", "."))
    if _COMMAS(bare):
        mending.say("las comas se leen como miles")
        return Decimal(bare.replace(",", ""))
    raise CellFault("SHE-012", *_NOT_A_FIGURE)


def _written(value: Decimal, decimals: int) -> str:
    if not value.is_finite():
        raise CellFault("SHE-012", *_NOT_A_FIGURE)
    if value < 0:
        raise CellFault("SHE-012", "La cifra es negativa.", "Escriba un número mayor que cero.")
    plain = format(value.normalize(), "f") if value else "0"
    _, _, after = plain.partition(".")
    if len(after) > decimals:
        raise CellFault(
            "SHE-012", f"La cifra lleva más de {decimals} decimales.", "Redondéela como la da el instrumento."
        )
    if len(plain.partition(".")[0]) > 12:
        raise CellFault("SHE-012", "La cifra es demasiado grande.", "Revise el número y la unidad.")
    return plain
