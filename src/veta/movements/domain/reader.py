"""How one JSON value is read: a reader gives the parsed value or says what is wrong, and knows its JSON Schema.

Everything is refused that the schema does not name (assurance §5): what was signed is what is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from unicodedata import is_normalized
from uuid import UUID

from veta.kernel.finding import Finding

UNKNOWN, MISSING, MALFORMED, COUNT, UNKNOWN_KIND = "SCH-001", "SCH-002", "SCH-003", "SCH-004", "SCH-005"
SHAPE_CODES: Final[Mapping[str, str]] = {
    UNKNOWN: "a field that the kind of movement does not have",
    MISSING: "a field that is due and does not come",
    MALFORMED: "a value that is not written as the contract says",
    COUNT: "a list with too few or too many elements",
    UNKNOWN_KIND: "a kind of movement that does not exist",
}


class Unreadable(Exception):
    """A value that does not fit; carries every finding met below it."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(findings)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Reader:
    read: Callable[[Any, str], Any]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    reader: Reader
    required: bool = True


def finding(code: str, path: str, message: str, **params: str) -> Finding:
    return Finding(
        code=code, severity="blocking", field=path, norm="API v1", message=message, params={"field": path, **params}
    )


def refuse(path: str, message: str) -> Unreadable:
    return Unreadable(finding(MALFORMED, path, message))


def pattern(regex: str, message: str, *, longest: int = 200) -> Reader:
    """Text that matches `regex` whole; `message` says how to write it."""
    whole = re.compile(regex, re.ASCII).fullmatch

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or len(value) > longest or whole(value) is None:
            raise refuse(path, message)
        return value

    return Reader(read, {"type": "string", "pattern": f"^(?:{regex})$", "maxLength": longest})


def text(longest: int) -> Reader:
    """Free text of 1 to `longest` characters in Unicode NFC, without control, direction or invisible ones."""

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
            raise refuse(path, f"Escriba entre 1 y {longest} caracteres, en una sola línea.")
        if not value.isascii() and not is_normalized("NFC", value):
            raise refuse(path, "Envíe el texto en la forma Unicode NFC: una letra con tilde es un solo carácter.")
        return value

    return Reader(read, {"type": "string", "minLength": 1, "maxLength": longest})


def choice(*options: str) -> Reader:
    allowed = frozenset(options)

    def read(value: Any, path: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise refuse(path, "Use uno de estos valores: " + ", ".join(options) + ".")
        return value

    return Reader(read, {"type": "string", "enum": list(options)})


_UUID7: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def _identifier(regex: str, message: str) -> Reader:
    whole = re.compile(regex).fullmatch

    def read(value: Any, path: str) -> UUID:
        if not isinstance(value, str) or whole(value) is None:
            raise refuse(path, message)
        return UUID(value)

    return Reader(read, {"type": "string", "format": "uuid", "pattern": f"^{regex}$"})


new_id = _identifier(_UUID7, "Envíe un UUID versión 7 en minúsculas.")
known_id = _identifier(_UUID, "Envíe el identificador (UUID en minúsculas) tal como lo recibió.")

_DAY_HELP: Final = "Envíe una fecha que exista, como AAAA-MM-DD."


def _day(value: Any, path: str) -> str:
    if not isinstance(value, str) or len(value) != 10:
        raise refuse(path, _DAY_HELP)
    try:
        if date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise refuse(path, _DAY_HELP)


day = Reader(_day, {"type": "string", "format": "date"})

_INSTANT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):[0-5]\d)", re.ASCII
).fullmatch
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2200
_INSTANT_HELP: Final = "Envíe fecha y hora RFC 3339 con desfase, por ejemplo 2026-11-03T14:05:00-05:00."


def _instant(value: Any, path: str) -> datetime:
    if not isinstance(value, str) or _INSTANT(value) is None:
        raise refuse(path, _INSTANT_HELP)
    leap = value[17:19] == "60"
    try:
        read = datetime.fromisoformat(value[:17] + "59" + value[19:] if leap else value)
    except ValueError:
        raise refuse(path, _INSTANT_HELP) from None
    if not _FIRST_YEAR <= read.year <= _LAST_YEAR:
        raise refuse(path, _INSTANT_HELP)
    return _after_leap(read, path) if leap else read


def _after_leap(last: datetime, path: str) -> datetime:
    """A leap second is the last of a UTC day (RFC 3339 §5.7); no clock here has it, so it is the instant after."""
    utc = last.astimezone(UTC)
    if (utc.hour, utc.minute) != (23, 59):
        raise refuse(path, _INSTANT_HELP)
    return last + timedelta(seconds=1)


instant = Reader(_instant, {"type": "string", "format": "date-time"})


def listed(reader: Reader, *, least: int, most: int) -> Reader:
    """A list of `least` to `most` values, each read by `reader`; all that is wrong in it is said."""

    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise Unreadable(finding(COUNT, path, f"Envíe una lista de {least} a {most} elementos."))
        parsed: list[Any] = []
        wrong: list[Finding] = []
        for place, each in enumerate(value):
            try:
                parsed.append(reader.read(each, f"{path}[{place}]"))
            except Unreadable as cause:
                wrong.extend(cause.findings)
        if wrong:
            raise Unreadable(*wrong)
        return tuple(parsed)

    return Reader(read, {"type": "array", "items": reader.schema, "minItems": least, "maxItems": most})


def members(value: Any, path: str, fields: Mapping[str, Field], required: frozenset[str]) -> dict[str, Any]:
    """Read an object's members; unknown, missing and malformed ones are all said at once.

    Returns the parsed values by name; absent optional members are left out.
    Raises Unreadable with SCH-001, SCH-002 and whatever the members' readers find.
    """
    if not isinstance(value, dict):
        raise refuse(path or "item", "Envíe un objeto JSON.")
    wrong: list[Finding] = []
    parsed: dict[str, Any] = {}
    prefix = path + "." if path else ""
    for name, raw in value.items():
        field = fields.get(name)
        if field is None:
            wrong.append(finding(UNKNOWN, prefix + name[:60], "Este campo no existe; quítelo."))
            continue
        try:
            parsed[name] = field.reader.read(raw, prefix + name)
        except Unreadable as cause:
            wrong.extend(cause.findings)
    if not value.keys() >= required:
        wrong += [finding(MISSING, prefix + name, "Falta este campo.") for name in sorted(required - value.keys())]
    if wrong:
        raise Unreadable(*wrong)
    return parsed


def record(make: Callable[..., Any], *fields: Field) -> Reader:
    """An object whose members are exactly `fields`, given to `make` by name."""
    by_name = {field.name: field for field in fields}
    required = frozenset(field.name for field in fields if field.required)

    def read(value: Any, path: str) -> Any:
        return make(**members(value, path, by_name, required))

    return Reader(read, object_schema(fields))


def object_schema(fields: tuple[Field, ...]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: field.reader.schema for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }
