"""How a call is read: its query and its body by the same readers as a movement, and nothing that they do not name."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import islice
from typing import Any, Final, NamedTuple, TypeVar

from django.http import HttpRequest

from veta.hub.api.problem import Refused
from veta.kernel.finding import Finding
from veta.kernel.identity import Document
from veta.kernel.strict_json import parse
from veta.movements.domain.item import Party
from veta.movements.domain.reader import MALFORMED, Field, Reader, Unreadable, day, finding, members, refuse

MOST: Final = 500
T = TypeVar("T")
CHECK_NORM: Final = "Decreto 1625 de 2016 art. 1.6.1.2.1 (NIT y dígito de verificación)"
_LIMIT_HELP: Final = f"Envíe un número entero de 1 a {MOST}."
_CURSOR_HELP: Final = "Envíe el «cursor» tal como vino en la página anterior."


def read_query(request: HttpRequest, fields: Sequence[Field]) -> dict[str, Any]:
    """The parameters of a call, by name: each once, none that `fields` does not name. Raises Unreadable."""
    given: dict[str, Any] = {}
    for name, values in request.GET.lists():
        if len(values) > 1:
            raise Unreadable(finding(MALFORMED, name[:60], "Envíe este parámetro una sola vez."))
        given[name] = values[0]
    return _read(given, fields)


def read_body(request: HttpRequest, fields: Sequence[Field]) -> dict[str, Any]:
    """The members of a JSON object, by name, strictly. Raises StrictJsonError where it is none, else Unreadable."""
    return _read(parse(request.body), fields)


def _read(value: Any, fields: Sequence[Field]) -> dict[str, Any]:
    return members(value, "", {f.name: f for f in fields}, frozenset(f.name for f in fields if f.required))


def checked_document(party: Party, field: str) -> Document:
    """The document of a party. Raises Refused IDE-002 where its check digit is another's."""
    if not party.check_matches:
        message = "El dígito de verificación no corresponde a ese NIT. Revise el número."
        raise Refused(422, Finding("IDE-002", "blocking", f"{field}.check", CHECK_NORM, message))
    return party.document


def _limit(value: Any, path: str) -> int:
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and value[0] != "0" and len(value) <= 3):
        raise refuse(path, _LIMIT_HELP)
    if int(value) > MOST:
        raise refuse(path, _LIMIT_HELP)
    return int(value)


def _cursor(value: Any, path: str) -> str:
    try:
        padded = value.encode("ascii") + b"=" * (-len(value) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise refuse(path, _CURSOR_HELP) from None
    if not text or len(text) > 200 or not text.isprintable() or cursor_after(text) != value:
        raise refuse(path, _CURSOR_HELP)
    return text


def cursor_after(key: str) -> str:
    """The opaque cursor of the page that starts after `key`."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _date(value: Any, path: str) -> date:
    return date.fromisoformat(day.read(value, path))


limit = Reader(_limit, {"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST})
cursor = Reader(_cursor, {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 400})
calendar_day = Reader(_date, day.schema)
PAGE: Final = (Field("limit", limit, required=False), Field("cursor", cursor, required=False))


class Page(NamedTuple):
    """A page asked for: at most `limit` items, those after `after` (empty: from the first)."""

    limit: int
    after: str


def page_of(asked: dict[str, Any]) -> Page:
    return Page(asked.get("limit", MOST), asked.get("cursor", ""))


def page_from(
    items: Iterable[T], page: Page, *, key: Callable[[T], str], shown: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """The page of a list that stands in memory, in the order of its keys."""
    following = (item for item in sorted(items, key=key) if key(item) > page.after)
    found = list(islice(following, page.limit + 1))
    more = cursor_after(key(found[page.limit - 1])) if len(found) > page.limit else None
    return {"items": [shown(item) for item in found[: page.limit]], "cursor": more}


def bad_cursor() -> Unreadable:
    """For a cursor that reads well but belongs to another list."""
    return refuse("cursor", _CURSOR_HELP)
