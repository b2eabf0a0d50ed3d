"""Parts of an .xlsx read and changed as text: what is not touched stays byte for byte, and nothing is parsed as XML.

No entity is expanded and no part is run. What is not of the shapes that spreadsheets write is refused (NotInPlace).
"""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZipFile

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST: Final = 2_000
# A part that is read whole is copied some times over while it is changed: styles of a real book are under 1 MiB, and a
# few MB packed can hold a GB.
MOST_OF_A_PART: Final = 16 * 2**20
RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FILL: Final = '<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="FF{rgb}"/><{p}bgColor indexed="64"/></{p}patternFill></{p}fill>'  # noqa: E501
_NAMES: Final = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"'
)
_SHAPES: Final = (
    f'<xml {_NAMES}><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_SHAPE: Final = (
    f'<v:shape {_NAMES} id="_x0000_s{{id}}" type="#_x0000_t202" '
    'style="position:absolute;width:240pt;height:72pt;z-index:1;visibility:hidden" '
    'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{column1}, 15, {row}, 2, '
    "{column5}, 31, {row5}, 1</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row>"
    "<x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


class NotInPlace(Exception):
    """A workbook that is not changed where it stands: why, as the sender is told."""


def read_part(packed: ZipFile, name: str) -> bytes:
    """A part that is small enough to be read whole; what it says of its own size is not believed. Raises NotInPlace."""
    if packed.getinfo(name).file_size > MOST_OF_A_PART:
        raise NotInPlace
    with packed.open(name) as file:
        return file.read(MOST_OF_A_PART)


def prefix_of(part: bytes, root: str) -> str:
    """The namespace's prefix that a part gives its elements, with its colon; empty where it has none."""
    found = re.search(rb"<(\w+:)?" + root.encode() + rb"\b", part[:4_096])
    if found is None or b"<!DOCTYPE" in part or b"<![CDATA[" in part:
        raise NotInPlace
    return (found[1] or b"").decode()


def text(said: str) -> str:
    """Text as XML holds it, no longer than a comment is read."""
    return escape(_NOT_XML.sub("", said)[:_LONGEST])


def letters(column: int) -> str:
    """A column's letters, from 0."""
    found, rest = "", column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        found = chr(65 + place) + found
    return found


def place_of(name: str) -> int:
    """A column's place by its letters, from 0."""
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - 64
    return place - 1


def inline(said: str, p: str) -> str:
    """The inside of a cell that holds text, which is never a formula."""
    return f'<{p}is><{p}t xml:space="preserve">{text(said)}</{p}t></{p}is>'


def with_attribute(tag: str, name: str, value: str) -> str:
    """A start tag's attributes with one set."""
    changed, times = re.subn(rf'\b{name}="[^"]*"', f'{name}="{value}"', tag)
    return changed if times else f'{tag.rstrip()} {name}="{value}"'


def _within(element: str) -> str:
    """A pattern of what stands inside an element, up to the next one like it: none that is open costs more."""
    return rf"(?:(?!<{element}\b).)*?"


class Styles:
    """`xl/styles.xml`, to which cells' own formats are added in other colours."""

    def __init__(self, part: bytes, tones: dict[str, str]) -> None:
        self.p = prefix_of(part, "styleSheet")
        self.part, self.tones = part.decode(), tones
        self.fills, self.formats = self._group("fills", "fill"), self._group("cellXfs", "xf")
        if not self.fills or not self.formats:
            raise NotInPlace
        self._known: dict[tuple[int, str], int] = {}
        self._of_tone: dict[str, int] = {}
        # Formats that an earlier review coloured: what its colours are no cell of the sender's has.
        ours = {n for n, fill in enumerate(self.fills) if any(f'rgb="FF{rgb}"' in fill for rgb in tones.values())}
        self.coloured = {n for n, format in enumerate(self.formats) if self._fill_of(format) in ours}

    def _group(self, group: str, element: str) -> list[str]:
        found = re.search(
            rf"<{self.p}{group}\b[^<>]*>({_within(self.p + group)})</{self.p}{group}>", self.part, re.DOTALL
        )
        pattern = rf"<{self.p}{element}\b[^<>]*?(?:/>|>{_within(f'{self.p}{element}')}</{self.p}{element}>)"
        return re.findall(pattern, found[1], re.DOTALL) if found else []

    @staticmethod
    def _fill_of(format: str) -> int:
        found = re.search(r'\bfillId="(\d+)"', format)
        return int(found[1]) if found else 0

    def tinted(self, base: int, tone: str) -> int:
        """The format of a cell in a tone's colour; without a tone, in none."""
        if (base, tone) not in self._known:
            if not 0 <= base < len(self.formats):
                raise NotInPlace
            start, rest = re.match(r"(<[^>]*?)(/?>.*)", self.formats[base], re.DOTALL).groups()  # type: ignore[union-attr]
            start = with_attribute(with_attribute(start, "fillId", str(self._fill(tone))), "applyFill", "1")
            self.formats.append(start + rest)
            self._known[base, tone] = len(self.formats) - 1
        return self._known[base, tone]

    def _fill(self, tone: str) -> int:
        if not tone:
            return 0
        if tone not in self._of_tone:
            self.fills.append(_FILL.format(p=self.p, rgb=self.tones[tone]))
            self._of_tone[tone] = len(self.fills) - 1
        return self._of_tone[tone]

    def written(self) -> bytes:
        """The part with what was added."""
        part = self.part
        for group, elements in (("fills", self.fills), ("cellXfs", self.formats)):
            whole = f'<{self.p}{group} count="{len(elements)}">{"".join(elements)}</{self.p}{group}>'
            pattern = rf"<{self.p}{group}\b[^<>]*>{_within(self.p + group)}</{self.p}{group}>"
            part = re.sub(pattern, lambda _, whole=whole: whole, part, count=1, flags=re.DOTALL)  # type: ignore[misc]
        return part.encode()


class Notes:
    """A sheet's comments and the shapes that hold them. Those of an earlier review, by its author, are taken out."""

    def __init__(self, comments: bytes | None, shapes: bytes | None, author: str) -> None:
        self.p = prefix_of(comments, "comments") if comments else ""
        self.comments, self.shapes = (comments or b"").decode(), shapes.decode() if shapes else _SHAPES
        self.author, self.added = author, dict[tuple[int, int], str]()
        ends = (f"</{self.p}commentList>", f"</{self.p}authors>") if comments else ()
        if "</xml>" not in self.shapes or any(end not in self.comments for end in ends):
            raise NotInPlace

    def add(self, row: int, column: int, said: str) -> None:
        """What stands beside a cell (both from 0)."""
        self.added[row, column] = said

    def written(self) -> tuple[bytes, bytes]:
        """Both parts with what was added."""
        p = self.p
        authors = re.findall(rf"<{p}author\b[^<>]*?(?:/>|>([^<]*)</{p}author>)", self.comments)
        number, refs = len(authors), {f"{letters(c)}{r + 1}": said for (r, c), said in self.added.items()}
        gone, mark = set[str](), re.escape(f"{text(self.author)}:")

        def kept(found: re.Match[str]) -> str:
            ref, by = found[2], int(found[3])
            if by < number and authors[by] == text(self.author):
                gone.add(ref)
                return ""
            own = re.sub(rf"(?<!\s)\s*{mark}[^<]*", "", found[0])
            if ref not in refs:
                return own
            return own.replace(f"</{p}text>", f"{self._run(f'{chr(10)}{self.author}: {refs.pop(ref)}')}</{p}text>")

        known = r'(?=[^<>]*\bref="([A-Z]+\d+)")(?=[^<>]*\bauthorId="(\d+)")'
        pattern = rf"(<{p}comment\b{known}[^<>]*>{_within(f'{p}comment')}</{p}comment>)"
        comments = re.sub(pattern, kept, self.comments or self._empty(), flags=re.DOTALL)
        if self.comments:
            comments = comments.replace(f"</{p}authors>", f"<{p}author>{text(self.author)}</{p}author></{p}authors>", 1)
        own = "".join(
            f'<{p}comment ref="{ref}" authorId="{number}"><{p}text>{self._run(said)}</{p}text></{p}comment>'
            for ref, said in refs.items()
        )
        comments = comments.replace(f"</{p}commentList>", f"{own}</{p}commentList>", 1)
        return comments.encode(), self._shapes(gone, refs).encode()

    def _empty(self) -> str:
        return (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><comments xmlns="{MAIN}"><authors>'
            f"<author>{text(self.author)}</author></authors><commentList></commentList></comments>"
        )

    def _run(self, said: str) -> str:
        return f'<{self.p}r><{self.p}t xml:space="preserve">{text(said)}</{self.p}t></{self.p}r>'

    def _shapes(self, gone: set[str], refs: dict[str, str]) -> str:
        places = {
            (place_of(ref.rstrip("0123456789")), int(ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) - 1) for ref in gone
        }

        def kept(found: re.Match[str]) -> str:
            row, column = (re.search(rf":{name}>(\d+)<", found[0]) for name in ("Row", "Column"))
            return "" if row and column and (int(column[1]), int(row[1])) in places else found[0]

        one = r"<(\w+):shape\b" + _within(r"\1:shape") + r"</\1:shape>"
        shapes = re.sub(one, kept, self.shapes, flags=re.DOTALL) if gone else self.shapes
        wanted = [place for place in self.added if f"{letters(place[1])}{place[0] + 1}" in refs]
        own = "".join(
            _SHAPE.format(id=500_000 + n, row=row, row5=row + 5, column=column, column1=column + 1, column5=column + 5)
            for n, (row, column) in enumerate(wanted)
        )
        return shapes.replace("</xml>", f"{own}</xml>")


MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def listing(heads: tuple[str, ...], wide: tuple[int, ...], lines: list[tuple[int, tuple[str, ...]]]) -> bytes:
    """A sheet of its own: a head and lines that begin with a number, all else text."""
    widths = "".join(f'<col min="{n}" max="{n}" width="{each}" customWidth="1"/>' for n, each in enumerate(wide, 1))
    rows = [_cells(1, heads, 0)]
    rows += [_cells(n, words, 1, f'<c r="A{n}"><v>{number}</v></c>') for n, (number, words) in enumerate(lines, 2)]
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{MAIN}"><sheetViews><sheetView '
        'workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        f"</sheetViews><cols>{widths}</cols><sheetData>{''.join(rows)}</sheetData></worksheet>"
    ).encode()


def _cells(number: int, words: tuple[str, ...], start: int, before: str = "") -> str:
    own = "".join(
        f'<c r="{letters(n)}{number}" t="inlineStr">{inline(each, "")}</c>'
        for n, each in enumerate(words, start)
        if each
    )
    return f'<row r="{number}">{before}{own}</row>'
