"""Files as they come: CSV in UTF-8 (with signature or not) or cp1252, and Excel; every cell is text."""

import codecs
import csv
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from python_calamine import CalamineError, CalamineWorkbook

from veta.registry.importers.rows import SURPLUS, ImportRefused, SourceRow

_CHUNK = 1 << 16
_UNPACKED = 1 << 26
_EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")
_ENCODINGS = {"utf-8-sig": "UTF-8 con firma", "utf-8": "UTF-8", "cp1252": "cp1252 (Windows)"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was opened: its encoding as said to people, its SHA-256, its rows, read as they are asked for."""

    encoding: str
    digest: bytes
    rows: Iterator[SourceRow]


@contextmanager
def open_source(path: Path, columns: Sequence[str]) -> Iterator[SourceFile]:
    """Open a file that has at least `columns`, in any order; header names are compared without case or blanks.

    Raises ImportRefused: no such file, no text, no header, a column missing or twice.
    """
    if not path.is_file():
        raise ImportRefused(f"No existe el archivo «{path}». Revise la ruta.")
    digest = _digest(path)
    if path.suffix.lower() in _EXCEL:
        yield SourceFile("Excel", digest, _rows(_excel(path), columns))
        return
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(",;\t", key=first.count)
        yield SourceFile(_ENCODINGS[encoding], digest, _rows(csv_lines(file, delimiter), columns))


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def encoding_of(path: Path) -> str:
    """The codec of a text: the first of three that reads the whole file; by pieces, so that size does not matter."""
    with path.open("rb") as file:
        signed = file.read(3) == codecs.BOM_UTF8
    for encoding in ("utf-8-sig",) if signed else ("utf-8", "cp1252"):
        if _decodes(path, encoding):
            return encoding
    raise ImportRefused("El archivo no es texto en UTF-8 ni en cp1252. Guárdelo como «CSV UTF-8» y vuelva a intentar.")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                if "\x00" in decoder.decode(chunk):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def csv_lines(file: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it ends. Raises ImportRefused where the CSV is broken."""
    reader = csv.reader(file, delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        raise ImportRefused(
            f"El CSV está roto cerca de la línea {reader.line_num}: revise comillas sin cerrar o celdas enormes."
        ) from None


def _excel(path: Path) -> Iterator[tuple[int, list[str]]]:
    refuse_bomb(path)
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except (CalamineError, OSError, IndexError):
        raise ImportRefused("El archivo de Excel no abre. Guárdelo de nuevo como .xlsx o como CSV UTF-8.") from None
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, [_text(cell) for cell in cells]


def refuse_bomb(path: Path, *, most: int = _UNPACKED) -> None:
    """ImportRefused where a small file swells beyond `most` bytes: it is unpacked here, never kept."""
    if not is_zipfile(path):
        return
    try:
        with ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > most:
                raise ImportRefused("El archivo de Excel es demasiado grande por dentro. Guárdelo como CSV UTF-8.")
            for part in packed.infolist():
                with packed.open(part) as opened:
                    while opened.read(_CHUNK):
                        pass
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise ImportRefused("El archivo de Excel no abre. Guárdelo de nuevo como .xlsx o como CSV UTF-8.") from None


def _text(cell: object) -> str:
    """A cell as its reader would write it: a whole number without decimals, a date in ISO form."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _rows(lines: Iterator[tuple[int, list[str]]], columns: Sequence[str]) -> Iterator[SourceRow]:
    header = [_heading(cell) for cell in next(lines, (0, []))[1]]
    missing = [column for column in columns if header.count(column) != 1]
    if missing:
        raise ImportRefused(
            f"Al archivo le faltan columnas, o las trae dos veces: {', '.join(missing)}."
            f" Debe tener: {', '.join(columns)}."
        )
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        padded = [cell.strip() for cell in cells] + [""] * (len(header) - len(cells))
        values = dict(zip(header, padded, strict=False))
        values.pop("", None)
        if any(padded[len(header) :]):
            values[SURPLUS] = " ".join(padded[len(header) :])
        yield SourceRow(line, values)


def _heading(cell: str) -> str:
    return cell.strip().lower().lstrip("\ufeff")
