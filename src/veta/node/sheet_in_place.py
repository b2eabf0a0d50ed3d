"""The sender's own workbook with what was found on its cells: other sheets, styles, widths and formulas as they were.

The first sheet is read once, row by row, as text; every other part is copied byte for byte. So its size does not
matter, a formula keeps its last value, and nothing is lost that no library knows of.
"""

from __future__ import annotations

import re
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import basename, dirname, normpath
from typing import IO, Final
from xml.sax.saxutils import unescape
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from django.utils.translation import gettext as _

from veta.node.domain.sheets.header import OURS
from veta.node.ooxml import (
    RELATED,
    Notes,
    NotInPlace,
    Styles,
    inline,
    letters,
    listing,
    place_of,
    prefix_of,
    read_part,
    text,
)
from veta.node.sheet_files import first_sheet
from veta.node.sheet_told import (
    AUTHOR,
    HEADS_WIDE,
    MOST_COMMENTS,
    TONES,
    Layout,
    Told,
    comment,
    heads,
    list_of,
    tone_of,
)

_CHUNK: Final = 1 << 20
_ONE_ROW: Final = 1 << 24
_REST: Final = 1 << 26
# The parts that spreadsheets keep data, looks and drawings in. No macro, no link to another book, no embedded object.
_KNOWN: Final = re.compile(
    r"\[Content_Types\]\.xml|(?:[\w/]+/)?_rels/[\w.-]*\.rels|docProps/[\w./-]+|docMetadata/[\w./-]+|customXml/[\w./-]+|"
    r"xl/(?:workbook|styles|sharedStrings|calcChain|metadata)\.xml|"
    r"xl/(?:worksheets|chartsheets|theme|drawings|charts|media|tables|printerSettings|persons|threadedComments|ctrlProps|"
    r"pivotTables|pivotCache|richData|slicers|slicerCaches|timelines|timelineCaches|comments)/[\w./-]+|xl/comments\d*\.xml"
).fullmatch
# The links of a part as spreadsheets write them, tag by tag: what an XML reader would see otherwise than we do (single
# quotes, character references, comments, another encoding) is in none of these.
_ATTRIBUTE: Final = rb'\s+([\w:.-]+)\s*=\s*"([^"<>]*)"'
_LINK_TAG: Final = re.compile(
    rb"<\?xml [^<>&]*\?>|</(?:\w+:)?Relationships?\s*>|<(?:\w+:)?Relationships?(?:%b)*\s*/?>" % _ATTRIBUTE
).fullmatch
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
_BEFORE_NOTES: Final = (
    "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState",
    "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations",
    "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing",
)  # fmt: skip
# What reading a workbook that no spreadsheet wrote ends in: a part or attribute that lacks, a number beyond all, a
# packing or a password that `zipfile` knows nothing of.
_MALFORMED: Final = (BadZipFile, zlib.error, EOFError, LookupError, ValueError, NotImplementedError, RuntimeError)
_COMMENTS, _SHAPES = f"{RELATED}/comments", f"{RELATED}/vmlDrawing"


@dataclass(slots=True)
class _Page:
    """The first sheet on its way: its prefix, the formats of its columns, what is told of its rows."""

    told: Iterator[Told]
    layout: Layout
    styles: Styles
    notes: Notes
    p: str = ""
    columns: list[tuple[int, int, int]] = field(default_factory=list)
    lines: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    each: Told | None = None

    def head(self, said: str) -> str:
        """What stands before the rows: read for its columns' formats, and kept."""
        for tag in re.findall(rf"<{self.p}col\b[^<>]*>", said):
            found = {name: int(value) for name, value in re.findall(r'\b(min|max|style)="(\d+)"', tag)}
            if "style" in found:
                self.columns.append((found["min"] - 1, found["max"] - 1, found["style"]))
        self.each = next(self.told, None)
        return re.sub(rf"<{self.p}dimension\b[^<>]*/>", "", said)

    def row(self, tag: str, inside: str) -> str:
        """A row with what is told of it."""
        found = re.search(r'\br="(\d+)"', tag)
        if found is None:
            raise NotInPlace
        number, p = int(found[1]), self.p
        told = self.each if self.each is not None and self.each.number == number else None
        heads_here = number == self.layout.header.row + 1
        if told is None and not heads_here and not self.styles.coloured:
            return f"<{p}row{tag}>{inside}</{p}row>" if inside else f"<{p}row{tag}/>"
        cells, after = self._cells(inside)
        base = self._base(tag)
        self._clean(cells)
        if heads_here:
            look = self._style(cells.get(self.layout.header.width - 1, ""))
            for n, title in enumerate(OURS):
                cells[self.layout.column + n] = self._text(self.layout.column + n, number, title, look)
        if told is not None:
            self._tell(cells, told, base)
            self.each = next(self.told, None)
        tag = re.sub(r'\s+spans="[^"]*"', "", tag)
        return f"<{p}row{tag}>{''.join(cells[n] for n in sorted(cells))}{after}</{p}row>"

    def _cells(self, inside: str) -> tuple[dict[int, str], str]:
        """A row's cells by column, and what stands after them."""
        one, cells, end = re.compile(rf"\s*(<{self.p}c\b([^>]*?)(?:/>|>.*?</{self.p}c>))", re.DOTALL), {}, 0
        while (found := one.match(inside, end)) is not None:
            name = re.search(r'\br="([A-Z]{1,3})\d+"', found[2])
            if name is None:
                raise NotInPlace
            cells[place_of(name[1])], end = found[1], found.end()
        if f"<{self.p}c " in inside[end:]:
            raise NotInPlace
        return cells, inside[end:]

    def _base(self, tag: str) -> int:
        own = re.search(r'\bs="(\d+)"', tag)
        return int(own[1]) if own and 'customFormat="1"' in tag else -1

    def _style(self, cell: str) -> int:
        found = re.match(r'<[^>]*?\bs="(\d+)"', cell)
        return int(found[1]) if found else 0

    def _of_column(self, column: int, base: int) -> int:
        return base if base >= 0 else next((s for low, high, s in self.columns if low <= column <= high), 0)

    def _clean(self, cells: dict[int, str]) -> None:
        """Take off the colours of an earlier review: what is still wrong is coloured anew."""
        for column, cell in cells.items() if self.styles.coloured else ():
            if self._style(cell) in self.styles.coloured:
                cells[column] = self._looking(cell, self.styles.tinted(self._style(cell), ""))

    def _tell(self, cells: dict[int, str], told: Told, base: int) -> None:
        for column, marks in told.cells.items():
            cell = cells.get(column) or f'<{self.p}c r="{letters(column)}{told.number}"/>'
            own = self._style(cell) if column in cells else self._of_column(column, base)
            cells[column] = self._looking(cell, self.styles.tinted(own, tone_of(marks)))
            if len(self.notes.added) < MOST_COMMENTS:
                self.notes.add(told.number - 1, column, comment(marks))
        at = self.layout.column
        cells[at] = self._text(at, told.number, told.state, self.styles.tinted(0, told.tone) if told.tone else 0)
        cells[at + 1] = self._text(at + 1, told.number, told.words, 0)
        self.lines += list_of(told)

    def _looking(self, cell: str, style: int) -> str:
        tag, close, rest = re.match(r"(<[^>]*?)(/?>)(.*)", cell, re.DOTALL).groups()  # type: ignore[union-attr]
        bare = re.sub(r'\s+s="\d+"', "", tag)
        return re.sub(r'(\br="[A-Z]+\d+")', rf'\1 s="{style}"', bare, count=1) + str(close) + str(rest)

    def _text(self, column: int, row: int, said: str, style: int) -> str:
        at = f'<{self.p}c r="{letters(column)}{row}" s="{style}"'
        return f'{at} t="inlineStr">{inline(said, self.p)}</{self.p}c>' if said else f"{at}/>"


def write_in_place(source: Path, path: Path, told: Iterator[Told], layout: Layout) -> None:
    """Write to a path the workbook of another with what is told of its rows. Raises NotInPlace with the reason."""
    try:
        _write(source, path, told, layout)
    except _MALFORMED as cause:
        raise NotInPlace from cause


def _write(source: Path, path: Path, told: Iterator[Told], layout: Layout) -> None:
    with ZipFile(source) as packed, ZipFile(path, "w", ZIP_DEFLATED) as out:
        book = _Book(packed)
        page = _Page(told, layout, book.styles, book.notes)
        with packed.open(book.sheet) as file, out.open(book.sheet, "w", force_zip64=True) as to:
            for piece in _pieces(file, page, book):
                to.write(piece.encode())
        for name, part in book.changed(page.lines).items():
            out.writestr(name, part)
        for info in packed.infolist():
            if info.filename not in out.NameToInfo and info.filename not in book.dropped and not info.is_dir():
                with packed.open(info) as file, out.open(info.filename, "w", force_zip64=True) as to:
                    shutil.copyfileobj(file, to, _CHUNK)


def _pieces(file: IO[bytes], page: _Page, book: _Book) -> Iterator[str]:
    """The sheet's text with each row as it is to be."""
    buffer = file.read(_CHUNK)
    page.p = prefix_of(buffer, "worksheet")
    start = re.compile(rf"<{page.p}sheetData\s*(/)?>".encode())
    while (found := start.search(buffer)) is None:
        buffer += _more(file, len(buffer))
    if found[1]:
        raise NotInPlace
    yield page.head(buffer[: found.end()].decode())
    p, at, buffer = page.p.encode(), 0, buffer[found.end() :]
    row = re.compile(rb"\s*<%brow\b([^>]*?)(?:/>|>(.*?)</%brow>)" % (p, p), re.DOTALL)
    end = re.compile(rb"\s*</%bsheetData>" % p)
    while True:
        if (one := row.match(buffer, at)) is not None:
            at = one.end()
            yield page.row(one[1].decode(), (one[2] or b"").decode())
        elif end.match(buffer, at) is not None:
            break
        else:
            buffer = buffer[at:] + _more(file, len(buffer) - at)
            at = 0
            if b"<![CDATA[" in buffer[:_CHUNK]:
                raise NotInPlace
    yield _with_notes((buffer[at:] + file.read(_REST)).decode(), page.p, book.notes_id if page.notes.added else "")
    if file.read(1):
        raise NotInPlace


def _more(file: IO[bytes], held: int) -> bytes:
    chunk = file.read(_CHUNK)
    if not chunk or held > _ONE_ROW:
        raise NotInPlace
    return chunk


def _with_notes(rest: str, p: str, notes_id: str) -> str:
    """What stands after the rows, with the tag that names the comments' shapes where the schema wants it."""
    if not notes_id:
        return rest
    names = "|".join(_BEFORE_NOTES)
    ends = [found.end() for found in re.finditer(rf"</{p}(?:{names})>|<{p}(?:{names})\b[^<>]*/>", rest)]
    at = ends[-1] if ends else 0
    return f'{rest[:at]}<{p}legacyDrawing xmlns:r="{RELATED}" r:id="{notes_id}"/>{rest[at:]}'


class _Book:
    """The parts around the sheet: read at once, refused where one of them is of no kind that is known."""

    def __init__(self, packed: ZipFile) -> None:
        names = [info.filename for info in packed.infolist() if not info.is_dir()]
        strange = [name for name in names if not _KNOWN(name)]
        macros = b"macroEnabled" in read_part(packed, "[Content_Types].xml")
        if macros or strange or len(set(names)) < len(names):
            raise NotInPlace(_("trae macros, vínculos a otros libros u objetos, que no se devuelven"))
        if any(name.lower().endswith(".rels") and _leads_outside(read_part(packed, name)) for name in names):
            raise NotInPlace(_("trae macros, vínculos a otros libros u objetos, que no se devuelven"))
        found = first_sheet(packed)
        if found is None or "xl/styles.xml" not in names:
            raise NotInPlace
        self.packed, self.names, self.sheet, self.dropped = packed, set(names), found, set[str]()
        self.rels = f"{dirname(found)}/_rels/{basename(found)}.rels"
        self.links = read_part(packed, self.rels).decode() if self.rels in self.names else ""
        self.styles = Styles(read_part(packed, "xl/styles.xml"), {tone: rgb[1:] for tone, rgb in TONES.items()})
        self.comments, self.shapes = self._linked(_COMMENTS), self._linked(_SHAPES)
        if self.comments and not self.shapes:
            raise NotInPlace
        self.notes = Notes(self._read(self.comments), self._read(self.shapes), AUTHOR)
        self.notes_id = "" if self.shapes else "vetaShapes"

    def _read(self, name: str) -> bytes | None:
        return read_part(self.packed, name) if name else None

    def _linked(self, kind: str) -> str:
        """The part that the sheet is linked to in this way; empty where it is to none."""
        tags = [tag for tag in re.findall(r"<(?:\w+:)?Relationship\b[^<>]*>", self.links) if f'Type="{kind}"' in tag]
        target = re.search(r'\bTarget="([^"]+)"', tags[0]) if len(tags) == 1 else None
        if len(tags) > 1 or (tags and target is None):
            raise NotInPlace
        if target is None:
            return ""
        name = target[1].lstrip("/") if target[1].startswith("/") else normpath(f"{dirname(self.sheet)}/{target[1]}")
        if name not in self.names:
            raise NotInPlace
        return name

    def _free(self, pattern: str) -> str:
        """A part's name that is not taken yet."""
        return next(name for n in range(1, 10_000) if (name := pattern.format(n)) not in self.names)

    def changed(self, lines: list[tuple[int, tuple[str, ...]]]) -> dict[str, bytes]:
        """Every part that is not as it was, by name."""
        comments, shapes = self.comments or self._free("xl/comments{}.xml"), self.shapes
        parts = {"xl/styles.xml": self.styles.written()}
        types, links = self._part("[Content_Types].xml"), self.links or _NO_LINKS
        if self.notes.added and not shapes:
            shapes = self._free("xl/drawings/vmlDrawing{}.vml")
            links = _linked_too(links, self.notes_id, _SHAPES, f"/{shapes}")
            if 'Extension="vml"' not in types:
                types = _typed(
                    types, "Default", 'Extension="vml"', "application/vnd.openxmlformats-officedocument.vmlDrawing"
                )
        if self.notes.added and not self.comments:
            links = _linked_too(links, "vetaComments", _COMMENTS, f"/{comments}")
            types = _typed(types, "Override", f'PartName="/{comments}"', _TYPE.format("comments"))
        if self.notes.added or self.comments:
            parts[comments], parts[shapes] = self.notes.written()
            parts[self.rels] = links.encode()
        listed, types = self._listed(parts, types)
        parts[listed] = listing(heads(), HEADS_WIDE, lines)
        parts["[Content_Types].xml"] = types.encode()
        return parts

    def _listed(self, parts: dict[str, bytes], types: str) -> tuple[str, str]:
        """The part of the sheet that lists what was found: that of an earlier review, else one more."""
        book, links = self._part("xl/workbook.xml"), self._part("xl/_rels/workbook.xml.rels")
        name = _("Lo que se encontró")
        for tag in re.findall(r"<(?:\w+:)?sheet\b[^<>]*>", book):
            said, id = re.search(r'\bname="([^"]*)"', tag), re.search(r'\br:id="([^"]*)"', tag)
            if said and id and unescape(said[1]) == name:
                link = re.search(rf'<(?:\w+:)?Relationship\b(?=[^<>]*\bId="{re.escape(id[1])}")[^<>]*>', links)
                target = re.search(r'\bTarget="/?(?:xl/)?([^"]+)"', link[0]) if link else None
                if target is None or f"xl/{target[1]}" == self.sheet:
                    raise NotInPlace
                self.dropped.add(f"xl/worksheets/_rels/{basename(target[1])}.rels")
                return f"xl/{target[1]}", types
        listed = self._free("xl/worksheets/sheet{}.xml")
        number = max(map(int, re.findall(r'\bsheetId="(\d+)"', book)), default=0) + 1
        p = prefix_of(book.encode(), "workbook")
        tag = f'<{p}sheet name="{text(name)}" sheetId="{number}" r:id="vetaListed"/></{p}sheets>'
        parts["xl/workbook.xml"] = book.replace(f"</{p}sheets>", tag, 1).encode()
        parts["xl/_rels/workbook.xml.rels"] = _linked_too(
            links, "vetaListed", f"{RELATED}/worksheet", f"/{listed}"
        ).encode()
        return listed, _typed(types, "Override", f'PartName="/{listed}"', _TYPE.format("worksheet"))

    def _part(self, name: str) -> str:
        return read_part(self.packed, name).decode()


def _leads_outside(links: bytes) -> bool:
    """Whether some link leads out of the workbook without being one that a person follows, or cannot be told."""
    links = links.removeprefix(b"\xef\xbb\xbf")
    if b"&#" in links or _ENCODING.search(links[:200]) or re.sub(rb"<[^<>]*>", b"", links).strip():
        return True
    for tag in re.findall(rb"<[^<>]*>", links):
        said = re.findall(_ATTRIBUTE, tag)
        if _LINK_TAG(tag) is None or len(dict(said)) < len(said):
            return True
        if b"targetmode" in tag.lower() and dict(said).get(b"Type") != f"{RELATED}/hyperlink".encode():
            return True
    return False


_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
_NO_LINKS: Final = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


def _linked_too(links: str, id: str, kind: str, target: str) -> str:
    found = re.search(r"</(\w+:)?Relationships>", links)
    if found is None or f'Id="{id}"' in links:
        raise NotInPlace
    tag = f'<{found[1] or ""}Relationship Id="{id}" Type="{kind}" Target="{target}"/>'
    return links[: found.start()] + tag + links[found.start() :]


def _typed(types: str, element: str, of: str, kind: str) -> str:
    found = re.search(r"</(\w+:)?Types>", types)
    if found is None:
        raise NotInPlace
    return f'{types[: found.start()]}<{found[1] or ""}{element} {of} ContentType="{kind}"/>{types[found.start() :]}'
