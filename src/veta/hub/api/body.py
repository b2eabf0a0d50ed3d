"""Answers of the API as bytes, since a verdict's bytes are answered as they were stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

from veta.hub.road.code import address_of
from veta.movements.domain.submission import Result
from veta.movements.services import Seen


def result_body(result: Result) -> bytes:
    """One result: `repeated`, the verdict's own bytes, and its receipt."""
    repeated = b"true" if result.repeated else b"false"
    receipt = orjson.dumps(result.receipt.as_json()) if result.receipt is not None else b"null"
    return b'{"repeated":%b,"verdict":%b,"receipt":%b}' % (repeated, result.verdict, receipt)


def answer_body(results: Iterable[Result]) -> bytes:
    return b'{"results":[%b]}' % b",".join(map(result_body, results))


def state_body(movement: UUID, seen: Seen, *, offer: Mapping[str, Any] | None = None) -> bytes:
    """A movement as one of its parties' operators sees it: verdict, state, the events that changed it; of a dispatch,
    the address that whoever stops the truck opens; of an offered sale, what is offered."""
    events = b",".join(
        b'{"id":%b,"kind":%b,"verdict":%b}' % (orjson.dumps(e.id), orjson.dumps(e.kind), e.verdict) for e in seen.events
    )
    road = address_of(movement) if seen.kind == "dispatch" and seen.state != "rejected" else None
    state = orjson.dumps(seen.state)
    return b'{"verdict":%b,"state":%b,"events":[%b],"road_pack":%b,"offer":%b}' % (
        seen.verdict, state, events, orjson.dumps(road), orjson.dumps(offer),
    )  # fmt: skip
