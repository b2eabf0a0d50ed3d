"""One ordered feed for each operator: what the log says of its clients, by the log's numbers, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from veta.movements.queries.feed import Head, heads, holders_reached, log_size, lots_reached, verdicts
from veta.registry.queries import clients_among
from veta.storage.connection import plain_cursor

# How many leaves one look takes, and how many looks one call: an operator with few clients gets short pages, not slow.
WINDOW: Final = 2000
LOOKS: Final = 2
ACTS: Final = frozenset({"suspension", "lift", "seizure", "accredit"})
LOTS_NAMED: Final = 500


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """A leaf that concerns a client of the operator, or that it reported itself.

    `verdict` as it was answered; None of an act of the authority that reached others' lots too, whose verdict names
    them. `lots`: those of the operator's clients that an act reached, 500 at most; None of what is no act.
    """

    head: Head
    verdict: bytes | None
    lots: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events in the order of the log; the feed goes on at number `next`. `more`: the log already reaches further."""

    events: tuple[FeedEvent, ...]
    next: int
    more: bool


def feed_page(operator: UUID, *, after: int, limit: int, on: date) -> FeedPage:
    """What concerns an operator from number `after` on, `limit` events at most.

    Args: `on`, the Bogotá date on which its mandates are read: of a party whose mandate ended it learns nothing more.
    """
    cursor = plain_cursor()
    size = log_size(cursor)
    found: list[Head] = []
    for _ in range(LOOKS):
        if after >= size or len(found) == limit:
            break
        seen = heads(cursor, after, window=min(WINDOW, size - after))
        reached = holders_reached(cursor, [head.movement for head in seen if head.kind in ACTS])
        concerned = {head.movement: reached.get(head.movement, frozenset()).union(head.parties) for head in seen}
        clients = clients_among(frozenset().union(*concerned.values()), operator, on=on)
        own = {head.movement for head in seen if operator in (head.operator, head.first_operator)}
        mine = [head for head in seen if head.movement in own or not clients.isdisjoint(concerned[head.movement])]
        room = limit - len(found)
        found += mine[:room]
        after = mine[room - 1].number + 1 if len(mine) >= room else min(after + WINDOW, size)
    return FeedPage(tuple(_events(found, operator, on)), after, after < size)


def _events(found: list[Head], operator: UUID, on: date) -> Iterator[FeedEvent]:
    cursor = plain_cursor()
    bodies = verdicts(cursor, {head.movement for head in found})
    holders = holders_reached(cursor, [head.movement for head in found if head.kind in ACTS])
    clients = clients_among(frozenset().union(*holders.values()), operator, on=on)
    lots = lots_reached(cursor, list(holders), holders=clients, most=LOTS_NAMED)
    for head in found:
        if head.kind not in ACTS:
            yield FeedEvent(head, bodies[head.movement])
        else:
            whole = holders.get(head.movement, frozenset()) <= clients
            yield FeedEvent(head, bodies[head.movement] if whole else None, tuple(lots.get(head.movement, ())))
