"""Lots: what they are, where they come from, what became of them; to the operators of those they concern."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Any, Final, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from veta.hub.api.operation import READ, asked, operation, told
from veta.hub.api.parties import clients_among, someone
from veta.hub.api.reading import PAGE, bad_cursor, cursor_after, page_of
from veta.hub.api.signed import operator_of, signed_read
from veta.kernel.clock import SystemClock
from veta.kernel.quantity import text_of
from veta.ledger import queries as ledger
from veta.ledger.domain.origin import Origin
from veta.movements.domain.reader import Field, choice
from veta.movements.queries import offered_to
from veta.norms.catalogue import catalogue
from veta.storage.connection import plain_cursor

router = Router(tags=["lots"])
TRACE: Final = (Field("direction", choice("back", "forward"), required=False), *PAGE)
NOBODY: Final = {"kind": "firm", "name": None, "client": False}


@router.api_operation(READ, "/lots/{uuid:lot}", **operation(signed_read("read"), answer="Lot", refusals=(404,)))
def lot_shown(request: HttpRequest, lot: UUID) -> HttpResponse:
    """A lot, to the operators of its holder."""
    row = _held_by_client(lot, operator_of(request))
    balance = ledger.balances(plain_cursor(), [lot])[lot]
    factor, unit = _counted_in(row.commodity)
    return told(
        {
            "lot": str(lot),
            "mineral": row.commodity,
            "unit": unit,
            "quantity": text_of(balance.received, factor=factor),
            "left": text_of(balance.free, factor=factor),
            "held": text_of(balance.held, factor=factor),
            "accreditation": row.accreditation,
            "holder": _holder(row, _holders([row], operator_of(request))),
            "municipality": row.municipality,
            "facility": row.facility,
            "movement": str(row.movement),
            "occurred_at": row.occurred_at.isoformat(),
            "fineness": text_of(row.fineness, factor=1000) if row.fineness is not None else None,
            "grade": row.grade,
            "suspended": bool(row.suspensions),
        }
    )


@router.api_operation(READ, "/lots/{uuid:lot}/origins", **operation(
    signed_read("read", query=PAGE), answer="LotOrigins", query=PAGE, refusals=(404,),
))  # fmt: skip
def lot_origins(request: HttpRequest, lot: UUID) -> HttpResponse:
    """Where a lot comes from: the share of each origin is exactly quantity × weight ÷ total.

    To the operators of its holder, and of whoever it is offered to while the offer stands.
    """
    operator = operator_of(request)
    row = _lot(lot)
    if not (_holds(row, operator) or clients_among(_offered(row), operator)):
        raise Http404
    found = ledger.origins_of(plain_cursor(), lot)
    assert found is not None, "a lot has origins"
    page = page_of(asked(request))
    start = _place(page.after, len(found.origins))
    shown = list(islice(zip(found.origins, found.weights, strict=True), start, start + page.limit))
    origins = ledger.origins(plain_cursor(), [origin for origin, _ in shown])
    people = _people(origins.values(), operator)
    factor, unit = _counted_in(row.commodity)
    more = start + len(shown) < len(found.origins)
    return told(
        {
            "lot": str(lot),
            "mineral": row.commodity,
            "unit": unit,
            "quantity": text_of(found.received, factor=factor),
            "total": str(found.total),
            "origins": len(found.origins),
            "items": [_origin(origins[origin], weight, people) for origin, weight in shown],
            "cursor": cursor_after(str(start + len(shown))) if more else None,
        }
    )


@router.api_operation(READ, "/lots/{uuid:lot}/trace", **operation(
    signed_read("read", query=TRACE), answer="Trace", query=TRACE, refusals=(404,),
))  # fmt: skip
def lot_trace(request: HttpRequest, lot: UUID) -> HttpResponse:
    """The lots that a lot was made of (`back`, unless another is asked for) or what was made of it, at any distance."""
    operator = operator_of(request)
    _held_by_client(lot, operator)
    query = asked(request)
    page = page_of(query)
    direction: Literal["back", "forward"] = "forward" if query.get("direction") == "forward" else "back"
    edges = ledger.trace(plain_cursor(), lot, direction=direction, limit=page.limit, after=_pair(page.after))
    far = {edge.child if direction == "forward" else edge.parent for edge in edges}
    rows = ledger.lots(plain_cursor(), far)
    holders = _holders(rows.values(), operator)
    more = cursor_after(f"{edges[-1].parent}/{edges[-1].child}") if len(edges) == page.limit else None
    items = [_edge(edge, rows[edge.child if direction == "forward" else edge.parent], holders) for edge in edges]
    return told({"items": items, "cursor": more})


def _lot(lot: UUID) -> ledger.LotRow:
    """The lot, or 404."""
    row = ledger.lots(plain_cursor(), [lot]).get(lot)
    if row is None:
        raise Http404
    return row


def _held_by_client(lot: UUID, operator: UUID) -> ledger.LotRow:
    """The lot, or 404 where there is none or its holder is no client: the two are answered alike."""
    row = _lot(lot)
    if not _holds(row, operator):
        raise Http404
    return row


def _holds(row: ledger.LotRow, operator: UUID) -> bool:
    """Whether the lot is a client's."""
    return row.holder is not None and row.holder in clients_among([row.holder], operator)


def _offered(row: ledger.LotRow) -> list[UUID]:
    """Who may still take an offer of it."""
    return offered_to(plain_cursor(), row.account, SystemClock().now())


def _holders(rows: Collection[ledger.LotRow], operator: UUID) -> dict[UUID, dict[str, Any]]:
    return someone({row.holder for row in rows if row.holder is not None}, operator)


def _holder(row: ledger.LotRow, holders: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    return holders[row.holder] if row.holder is not None else NOBODY


def _people(origins: Collection[Origin], operator: UUID) -> dict[UUID, dict[str, Any]]:
    return someone({origin.person for origin in origins if origin.person is not None}, operator)


def _origin(origin: Origin, weight: int, people: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    return {
        "kind": origin.kind,
        "code": origin.code,
        "municipality": origin.municipality,
        "person": people.get(origin.person) if origin.person is not None else None,
        "weight": str(weight),
    }


def _edge(edge: ledger.Edge, far: ledger.LotRow, holders: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    return {
        "parent": str(edge.parent),
        "child": str(edge.child),
        "movement": str(edge.movement),
        "mineral": far.commodity,
        "accreditation": far.accreditation,
        "municipality": far.municipality,
        "holder": _holder(far, holders),
    }


def _place(after: str, most: int) -> int:
    """Where a page of origins starts: their order is the composition's own, which never changes."""
    if not after:
        return 0
    if not (after.isascii() and after.isdigit()) or len(after) > 9 or int(after) > most:
        raise bad_cursor()
    return int(after)


def _pair(after: str) -> tuple[UUID, UUID]:
    if not after:
        return ledger.FIRST
    parent, _, child = after.partition("/")
    try:
        return UUID(parent), UUID(child)
    except ValueError:
        raise bad_cursor() from None


def _counted_in(commodity: str) -> tuple[int, str]:
    mineral = catalogue().mineral(commodity)
    return (mineral.factor, mineral.unit) if mineral is not None else (1, "")
