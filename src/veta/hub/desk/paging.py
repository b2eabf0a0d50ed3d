"""Where a list goes on: `despues` in the address, and what was asked before it kept beside it."""

from collections.abc import Sequence
from copy import copy
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

T = TypeVar("T")
PAGE = 25
# Lists inside a page that says much else.
SHORT_PAGE = 10
# A file is read so many rows at a time, to its end.
CHUNK = 1_000
# Lists whose next part starts after so many rows are read at once: between two parts a row could change its place, and
# be left out or come twice.
COUNTED = 100_000
# Rows that are each worked out anew, of which one file takes no more: half a minute of one process.
WORKED_OUT = 1_000
_DIGITS = 9
# Where the lists of a page go on: the only one, an actor's movements and lots, titles without a bond.
PLACES = frozenset({"despues", "y", "m", "l", "faltan"})


def next_page(request: HttpRequest, after: str, *, key: str = "despues") -> str:
    """The address of the page that starts after `after`, with the other questions as they were."""
    asked = {n: str(value) for n, value in request.GET.items() if n not in {key, "formato", "tabla"}}
    return f"?{urlencode({**asked, key: after})}"


def as_file(request: HttpRequest, table: str = "") -> str:
    """The address of a list as a file, its format still to be added; `table` says which one, where a page has several.

    Where each list of the page goes on is left out: a file starts at the beginning.
    """
    asked = {n: str(value) for n, value in request.GET.items() if n not in PLACES | {"formato", "tabla"}}
    asked |= {"tabla": table} if table else {}
    return f"?{urlencode(asked)}&formato=" if asked else "?formato="


def table_asked(request: HttpRequest) -> str:
    """Which list of the page is asked for as a file; the first, where the address names none."""
    return request.GET.get("tabla", "")


def id_after(request: HttpRequest, start: UUID, *, key: str = "despues") -> UUID:
    """The id after which the page starts; `start` where there is none, or it cannot be one."""
    try:
        return UUID(request.GET.get(key, ""))
    except ValueError:
        return start


def number_after(request: HttpRequest, *, key: str = "despues") -> int:
    """How many rows lie before the page; none where the address does not say so."""
    text = request.GET.get(key, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def cut(request: HttpRequest, rows: Sequence[T], *, limit: int = PAGE, key: str = "despues") -> tuple[Sequence[T], str]:
    """A page of rows that are all at hand, and the address of the next one."""
    start = number_after(request, key=key)
    return rows[start : start + limit], next_number(request, start, len(rows) - start, limit=limit, key=key)


def next_number(request: HttpRequest, start: int, found: int, *, limit: int = PAGE, key: str = "despues") -> str:
    """The address of the next page of rows that are counted, where more than `limit` were found from `start` on."""
    return next_page(request, str(start + limit), key=key) if found > limit else ""


def at(request: HttpRequest, query: str) -> HttpRequest:
    """The same request of another page of its lists: of the one whose address is `query`, or the first."""
    page = copy(request)
    given = {n: str(value) for n, value in request.GET.items() if n not in PLACES}
    page.GET = QueryDict(query.removeprefix("?") or urlencode(given))
    return page


def place_after(request: HttpRequest, start: tuple[datetime, UUID], *, key: str = "despues") -> tuple[datetime, UUID]:
    """The instant and id after which the page starts; `start` where there is none, or they cannot be."""
    at, _, id = request.GET.get(key, "").partition("|")
    try:
        instant = datetime.fromisoformat(at)
        return (instant, UUID(id)) if instant.tzinfo else start
    except ValueError:
        return start


def place_text(place: tuple[datetime, UUID]) -> str:
    """The place as the address carries it."""
    return f"{place[0].isoformat()}|{place[1]}"
