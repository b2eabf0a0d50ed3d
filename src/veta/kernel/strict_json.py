"""Strict JSON: what was signed is what is read.

The general readers merge duplicate keys, take NaN, let escaped NUL and lone surrogates through and forget where each
value stood. Here all of that is refused, and the raw bytes of each item of a batch are kept beside its value: the
signed bytes are what is stored, and no canonical form stands in for them.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NoReturn

import orjson

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding

MAX_BYTES = 4 * 2**20
CUT = b"\x00"
_BLANK = re.compile("[ \t\n\r]*")
_COMMA = re.compile("[ \t\n\r]*,[ \t\n\r]*")
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'{}[]"\\'))
_ONE_BRACKET = bytes.maketrans(b"[]", b"{}")
_BELOW_COMBINING = bytes(range(0xCC))
_UNFIT = re.compile("[\x00\ud800-\udfff]")


class StrictJsonError(DomainError):
    """A body that cannot be read: SCH-020 not strict JSON, SCH-021 too large, SCH-022 too many items or none."""

    code = "SCH-020"


def parse(body: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = 16) -> object:
    """Read one whole JSON document, strictly.

    Args: `body`, the bytes as received; `max_bytes` and `max_depth`, the largest accepted (inclusive).
    Returns the value; numbers stay `int` or `float` for the schema to refuse where it expects a string.
    Raises StrictJsonError: SCH-020 or SCH-021.
    """
    text = _text_of(body, max_bytes=max_bytes, max_depth=max_depth)
    start = _skip(text, 0)
    value, end = _value_at(text, start)
    if _skip(text, end) != len(text):
        _refuse("hay datos después del documento", position=end)
    _refuse_unfit_escapes(body, value)
    return value


def parse_batch(
    body: bytes, key: str, *, max_bytes: int = MAX_BYTES, max_depth: int = 16, max_items: int = 1000
) -> tuple[list[dict[str, object]], list[bytes]]:
    """Read `{key: [ … ]}`, strictly, keeping the bytes of each item.

    Args: as `parse`; `key`, the only key of the document; `max_items`, the most items accepted (at least one is due).
    Returns the items and, in the same order, the slice of `body` that each was read from.
    Raises StrictJsonError: SCH-020, SCH-021 or SCH-022.
    """
    text = _text_of(body, max_bytes=max_bytes, max_depth=max_depth)
    if (plain := _plain_batch(body, key, max_items)) is not None:
        _refuse_unfit_escapes(body, plain[0])
        return plain
    position = _list_start(text, key)
    items: list[dict[str, object]] = []
    spans: list[tuple[int, int]] = []
    while True:
        if len(items) == max_items:
            _refuse_count(key, max_items)
        item, end = _value_at(text, position)
        if not isinstance(item, dict):
            _refuse("lleva un elemento que no es un objeto", position=position, field=f"{key}[{len(items)}]")
        items.append(item)
        spans.append((position, end))
        comma = _COMMA.match(text, end)
        if comma is None:
            break
        position = comma.end()
    _list_end(text, end)
    _refuse_unfit_escapes(body, items)
    if len(text) == len(body):
        return items, [body[start:end] for start, end in spans]
    return items, [text[start:end].encode() for start, end in spans]


def _plain_batch(body: bytes, key: str, max_items: int) -> tuple[list[dict[str, object]], list[bytes]] | None:
    """The items of a body that is just what writing them again gives, with their bytes; None for any other body.

    Most bodies are: programs write them, without blanks. The fast reader is lax (of a key that comes twice it keeps the
    last), but what it loses or changes is missing from what is written again; so equal bytes were strict.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    items = value.get(key) if isinstance(value, dict) else None
    if not isinstance(items, list) or not 0 < len(items) <= max_items:
        return None
    if not all(isinstance(item, dict) for item in items):
        return None
    raw = [orjson.dumps(item) for item in items]
    return (items, raw) if body == b'{"%b":[%b]}' % (key.encode(), b",".join(raw)) else None


def frame_of(body: bytes, raw_items: Sequence[bytes]) -> bytes:
    """Cut every item out of the body it was read from, leaving one 0x00 byte in its place.

    A body that passed `parse_batch` holds no 0x00, so frame and items give the body back, byte for byte.
    Args: `raw_items`, as `parse_batch` returned them, in their order.
    """
    frame: list[bytes] = []
    position = 0
    for raw in raw_items:
        start = body.index(raw, position)
        frame.append(body[position:start])
        position = start + len(raw)
    frame.append(body[position:])
    return CUT.join(frame)


def body_of(frame: bytes, raw_items: Sequence[bytes]) -> bytes:
    """Put the items back into their frame: the inverse of `frame_of`. Raises ValueError if their number differs."""
    pieces = frame.split(CUT)
    if len(pieces) != len(raw_items) + 1:
        raise ValueError("the frame has another number of cuts than items were given")
    joined = [pieces[0]]
    for raw, piece in zip(raw_items, pieces[1:], strict=True):
        joined += (raw, piece)
    return b"".join(joined)


def fit_for_identifier(text: str) -> bool:
    """Whether a string may stand as an identifier: no control, bidirectional or other invisible character in it."""
    return text.isprintable()


def refuse_larger(limit: int) -> NoReturn:
    """Refuse a body of more than `limit` bytes (SCH-021), for whoever can tell before it is read."""
    _raise("SCH-021", f"El cuerpo pasa de {limit} bytes. Divida el envío en varios.", "body")


def _text_of(body: bytes, *, max_bytes: int, max_depth: int) -> str:
    """The body's text after every check that needs no parsing: size, NUL, BOM, UTF-8, NFC, depth."""
    if len(body) > max_bytes:
        refuse_larger(max_bytes)
    if CUT in body:
        _refuse("contiene el carácter NUL", position=body.index(CUT))
    if body.startswith(b"\xef\xbb\xbf"):
        _refuse("empieza con una marca de orden de bytes (BOM)", position=0)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse("no es UTF-8 válido", position=error.start)
    if len(text) != len(body) and not _normalised(body, text):
        _refuse("contiene texto que no está en la forma Unicode NFC")
    if _too_deep(body, max_depth):
        _refuse(f"anida más de {max_depth} niveles")
    return text


def _normalised(body: bytes, text: str) -> bool:
    """Whether the text is in NFC; everything below U+0300 (lead bytes below 0xCC) always is."""
    return not body.translate(None, _BELOW_COMBINING) or unicodedata.is_normalized("NFC", text)


def _too_deep(body: bytes, max_depth: int) -> bool:
    """Whether brackets nest deeper than allowed, judged before the recursive reader sees them.

    What is no bracket, quote or backslash is deleted; if no string holds one of these, its two quotes then stand
    together and vanish. Each round removes the innermost pairs, so what is left after `max_depth` rounds is deeper, or
    unbalanced: the reader says so.
    """
    structure = body.translate(_ONE_BRACKET, _NOT_STRUCTURE).replace(b'""', b"")
    if b'"' in structure or b"\\" in structure:
        outside = body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
        structure = b"".join(outside).translate(_ONE_BRACKET, _NOT_STRUCTURE)
    for _ in range(max_depth):
        structure = structure.replace(b"{}", b"")
        if not structure:
            return False
    return b"{}" in structure or b"{" * (max_depth + 1) in structure


def _object_of(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A dict of the pairs of one JSON object, none of them twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                _refuse("repite una clave", field=name[:80])
            seen.add(name)
    return found


def _float_of(digits: str) -> float:
    """A finite number; 1e999 would silently become infinite."""
    number = float(digits)
    if not math.isfinite(number):
        _refuse(f"contiene un número fuera de rango («{digits[:20]}»)")
    return number


def _refuse_constant(name: str) -> NoReturn:
    _refuse(f"contiene {name}, que no es JSON")


_scan: Callable[[str, int], tuple[object, int]] = json.JSONDecoder(  # type: ignore[attr-defined]
    object_pairs_hook=_object_of, parse_float=_float_of, parse_constant=_refuse_constant
).scan_once


def _value_at(text: str, start: int) -> tuple[object, int]:
    """The value that begins at `start`, and where it ends."""
    try:
        return _scan(text, start)
    except StopIteration as error:
        _refuse("no es JSON válido", position=error.value)
    except json.JSONDecodeError as error:
        _refuse("no es JSON válido", position=error.pos)
    except RecursionError:
        _refuse("anida demasiados niveles", position=start)
    except ValueError:  # an integer of more digits than Python converts
        _refuse("contiene un número fuera de rango", position=start)


def _skip(text: str, position: int) -> int:
    """The first position from `position` on that is not JSON white space."""
    found = _BLANK.match(text, position)
    return found.end() if found else position


def _expect(text: str, position: int, sign: str) -> int:
    """Step over one sign and the white space around it."""
    position = _skip(text, position)
    if text[position : position + 1] != sign:
        _refuse(f"se esperaba «{sign}»", position=position)
    return _skip(text, position + 1)


def _list_start(text: str, key: str) -> int:
    """Step into `{key: [`; any other key is refused, and an empty list too."""
    position = _expect(text, 0, "{")
    if text[position : position + 1] != '"':
        _refuse(f"debe llevar la lista «{key}»", position=position, field=key)
    name, position = _value_at(text, position)
    if name != key:
        _refuse(f"trae un campo desconocido; debe llevar solo la lista «{key}»", field=str(name)[:80])
    position = _expect(text, position, ":")
    if text[position : position + 1] != "[":
        _refuse(f"«{key}» debe ser una lista", position=position, field=key)
    position = _skip(text, position + 1)
    if text[position : position + 1] == "]":
        _refuse_count(key, 0)
    return position


def _list_end(text: str, position: int) -> None:
    """Step out of `]}`; nothing but white space may follow."""
    position = _expect(text, position, "]")
    if text[position : position + 1] == ",":
        _refuse("trae un campo desconocido además de la lista", position=position)
    position = _expect(text, position, "}")
    if position != len(text):
        _refuse("hay datos después del documento", position=position)


def _refuse_unfit_escapes(body: bytes, value: object) -> None:
    """Refuse strings that only an escape can make: NUL, a lone surrogate, text not in NFC."""
    if b"\\u" not in body:
        return
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            pending += current.keys()
            pending += current.values()
        elif isinstance(current, list):
            pending += current
        elif isinstance(current, str) and not current.isprintable() and _UNFIT.search(current):
            _refuse("contiene un escape de NUL o un sustituto Unicode suelto")
        elif isinstance(current, str) and not unicodedata.is_normalized("NFC", current):
            _refuse("contiene texto que no está en la forma Unicode NFC")


def _refuse(what: str, *, position: int | None = None, field: str = "body") -> NoReturn:
    where = "" if position is None else f" (posición {position})"
    _raise("SCH-020", f"El cuerpo {what}{where}. Envíe un documento JSON estricto en UTF-8.", field)


def _refuse_count(key: str, limit: int) -> NoReturn:
    what = (
        f"Un envío lleva como máximo {limit} elementos. Divídalo."
        if limit
        else "La lista está vacía. Envíe al menos un elemento."
    )
    _raise("SCH-022", what, key)


def _raise(code: str, message: str, field: str) -> NoReturn:
    field = field.encode(errors="backslashreplace").decode()  # a key may be what no text is: a lone surrogate
    finding = Finding(code=code, severity="blocking", field=field, norm="RFC 8259", message=message)
    raise StrictJsonError(message, code=code, findings=(finding,))
