"""The faults that the fuzzer must find: each puts back, from outside, a mistake that some program has made."""

from __future__ import annotations

import base64
import json
import re
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.core.exceptions import SuspiciousOperation

from veta.hub.api import app, keys, lots, people, problem, reading, reference
from veta.kernel import strict_json
from veta.movements.domain import fields, reader
from veta.operators.domain import signature
from veta.operators.services import authenticate
from veta.registry.importers import municipalities
from veta.registry.importers import reading as files

Swap = tuple[Any, str, Any]
_cache: list[bytes] = []


@dataclass(frozen=True)
class Planting:
    """What is put in place of what; `files`: in the importers; `grows`: it is seen by memory alone."""

    swaps: tuple[Swap, ...]
    files: bool = False
    grows: bool = False

    @contextmanager
    def planted(self) -> Iterator[None]:
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in self.swaps]
        for swap in self.swaps:
            _put(*swap)
        try:
            yield
        finally:
            for swap in before:
                _put(*swap)
            _cache.clear()


def _put(owner: Any, name: str, value: Any) -> None:
    """Readers are frozen, modules are not."""
    if isinstance(owner, types.ModuleType):
        setattr(owner, name, value)
    else:
        object.__setattr__(owner, name, value)


def read_as(held: reader.Reader, read: Callable[[Any], Any]) -> Swap:
    return held, "read", lambda value, path: read(value)


def field_of(table: Any, name: str) -> reader.Reader:
    found: reader.Reader = next(each.reader for each in table if each.name == name)
    return found


def merged(body: bytes) -> Any:
    """What most readers do: the last of two equal keys counts."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as cause:
        raise strict_json.StrictJsonError("no es JSON") from cause


def unguarded_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as cause:
        raise strict_json.StrictJsonError("no es JSON") from cause


def first_of_many(body: bytes) -> Any:
    """A reader that stops where the first document ends."""
    try:
        return json.JSONDecoder().raw_decode(body.decode("utf-8"))[0]
    except (ValueError, RecursionError) as cause:
        raise strict_json.StrictJsonError("no es JSON") from cause


_target, _parse = authenticate.target_uri, reading.parse


def latin1_target(origin: str, path: bytes, query: str) -> str:
    return _target(origin, path.decode().encode("latin-1"), query)


def remembered(body: bytes) -> Any:
    _cache.append(body * 30)
    return _parse(body)


def blind_pair(after: str) -> Any:
    first = f"{UUID(int=0)}/{UUID(int=0)}"
    return tuple(map(UUID, (after or first).split("/")))


def unguarded_csv(file: Any, delimiter: str) -> Any:
    rows = files.csv.reader(file, delimiter=delimiter)
    return ((rows.line_num, cells) for cells in rows)


def without(handler: type[Exception]) -> dict[Any, Any]:
    return {kind: handle for kind, handle in app.api._exception_handlers.items() if kind is not handler}


SLOW = re.compile(r"([0-9a-z_]+)+").fullmatch
FAULTS: dict[str, Planting] = {
    "NUL to the driver": Planting((read_as(field_of(reference.TOWNS, "q"), str),)),
    "deep nesting": Planting(((reading, "parse", unguarded_json),)),
    "path octets as Latin-1": Planting(((authenticate, "target_uri", latin1_target),)),
    "CSV field size": Planting(((files, "csv_lines", unguarded_csv),), files=True),
    "duplicate keys merged": Planting(((reading, "parse", merged),)),
    "trailing data ignored": Planting(((reading, "parse", first_of_many),)),
    "surrogate escapes let through": Planting(((strict_json, "_refuse_unfit_escapes", lambda *_: None),)),
    "limit by int()": Planting((read_as(reading.limit, int),)),
    "cursor not checked": Planting((read_as(reading.cursor, lambda v: base64.b64decode(v + "==").decode()),)),
    "a pair cut blindly": Planting(((lots, "_pair", blind_pair),)),
    "date by fromisoformat": Planting((read_as(reading.calendar_day, date.fromisoformat),)),
    "id by UUID()": Planting((read_as(reader.known_id, UUID),)),
    "instant by fromisoformat": Planting((read_as(reader.instant, datetime.fromisoformat),)),
    "base64 not checked": Planting((read_as(field_of(keys.NEW_KEY, "public_key"), base64.b64decode),)),
    "quantity without a limit": Planting(
        (
            read_as(fields.quantity, lambda v: str(Fraction(str(v)))),
            (people, "amount_of", lambda text, factor: int(Fraction(text) * factor)),
        )
    ),
    "price as it comes": Planting(
        (read_as(fields.money, str), (people, "_price", lambda given: Decimal(given.get("price_cop", 0))))
    ),
    "a slow expression": Planting((read_as(fields.code, lambda v: v if SLOW(str(v)) else "x"),)),
    "too many parameters unforeseen": Planting(((app.api, "_exception_handlers", without(SuspiciousOperation)),)),
    "refusals as pages": Planting(((problem, "CONTENT", "text/html"),)),
    "digest cut by hand": Planting(((signature, "digest_of", lambda text: base64.b64decode(text.split(":")[1])),)),
    "a cache never emptied": Planting(((reading, "parse", remembered),), grows=True),
    "Excel that does not open": Planting(((files, "CalamineError", ZeroDivisionError),), files=True),
    "control characters to the driver": Planting(
        ((municipalities, "printable", lambda value, *_, **__: value + "\x00"),), files=True
    ),
}
