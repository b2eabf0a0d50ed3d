"""The books of a client, month by month, on the page and as files."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from veta.kernel.clock import SystemClock
from veta.kernel.period import BOGOTA
from veta.node.book_files import FORMS, as_file
from veta.node.queries.books import BOOKS
from veta.node.queries.members import client_for
from veta.site.caller import person_of

PAGE = 50
_DIGITS = 6


def books(request: HttpRequest, client: UUID, book: str) -> HttpResponse:
    """A page of a book, or the whole of it as a file (`formato`)."""
    found = client_for(person_of(request).id, client)
    kept = BOOKS.get(book)
    if kept is None:
        raise Http404
    first, last = month_of(request.GET.get("mes", ""))
    until = min(last, SystemClock().now().astimezone(BOGOTA).date()) if kept.balance else last
    rows = kept.rows(found.id, first, until)
    form = request.GET.get("formato", "")
    if form in FORMS:
        response = HttpResponse(as_file(kept, rows, form), content_type=FORMS[form])
        response["Content-Disposition"] = f'attachment; filename="{book}-{first:%Y-%m}.{form}"'
        return response
    start = _place(request.GET.get("despues", ""))
    shown = list(islice(rows, start, start + PAGE + 1))
    context = {
        "client": found, "book": kept, "books": BOOKS.values(), "month": f"{first:%Y-%m}", "forms": list(FORMS),
        "lines": [list(zip(kept.columns, map(_shown, row), strict=True)) for row in shown[:PAGE]],
        "until": until, "more": start + PAGE if len(shown) > PAGE else 0, "start": start,
    }  # fmt: skip
    return render(request, "node/book.html", context)


def month_of(text: str) -> tuple[date, date]:
    """The first and last day of «YYYY-MM»; of this month in Bogotá where it names none."""
    year, _, month = text.partition("-")
    if year.isdigit() and month.isdigit() and 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12:
        first = date(int(year), int(month), 1)
    else:
        first = SystemClock().now().astimezone(BOGOTA).date().replace(day=1)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        whole, _, after = f"{value:,f}".partition(".")
        after = after.rstrip("0")
        return whole.replace(",", ".") + (f",{after}" if after else "")
    return "" if value is None else str(value)
