"""One ordered feed for each operator: what the log says of its clients, by the log's numbers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from veta.movements.queries.feed import Head, heads, log_size, verdicts
from veta.registry.queries import clients_among
from veta.storage.connection import plain_cursor

# How many leaves one look takes, and how many looks one call: an operator with few clients gets short pages, not slow.
WINDOW: Final = 2000
LOOKS: Final = 5


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """A leaf that concerns a client of the operator, or that it reported itself; `verdict` as it was answered."""

    head: Head
    verdict: bytes


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
        clients = clients_among({actor for head in seen for actor in head.parties}, operator, on=on)
        mine = [head for head in seen if operator in head.operators or not clients.isdisjoint(head.parties)]
        room = limit - len(found)
        found += mine[:room]
        after = mine[room - 1].number + 1 if len(mine) >= room else min(after + WINDOW, size)
    bodies = verdicts(cursor, {head.movement for head in found})
    return FeedPage(tuple(FeedEvent(head, bodies[head.movement]) for head in found), after, after < size)
