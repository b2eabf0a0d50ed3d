"""What an operator may see of a movement: one that it reported, or of whose parties it holds a mandate that day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from veta.movements import queries
from veta.movements.domain.facts import World
from veta.registry.domain import version_on
from veta.registry.queries import clients_among
from veta.storage.connection import plain_cursor


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a movement's life: `kind` is confirmation, withdrawal, lapse, receipt or reversal."""

    id: str
    kind: str
    verdict: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """A movement as its parties' operators see it; `state`: accepted, rejected, pending, refused, withdrawn, lapsed
    or reversed."""

    verdict: bytes
    state: str
    events: tuple[Event, ...]
    kind: str


def seen_by(operator: UUID, movement: UUID, *, on: date) -> Seen | None:
    """A movement with its events, for who reported it or has on that Bogotá date a mandate of a party; else None."""
    story = queries.story(plain_cursor(), movement)
    if story is None:
        return None
    if operator != story.operator and not clients_among(story.parties, operator, on=on):
        return None
    events = tuple(Event(str(step.id), step.kind, step.body) for step in story.steps)
    return Seen(story.body, story.state, events, story.kind)


def sees(operator: UUID, movement: UUID, *, world: World, on: date) -> bool:
    """Whether `seen_by` would find it, by the facts that a group has read already; it asks only where they do not tell.

    Nearly every answer comes from who holds a mandate of a party: asked apart, it was a sixth of the database's work.
    """
    pending = world.pending.get(movement)
    parties = (pending.author, pending.counterparty) if pending is not None else ()
    held = (version_on(world.mandates.get((actor, operator), ()), on) for actor in parties)
    if any(version is not None and version.status == "active" for version in held):
        return True
    return seen_by(operator, movement, on=on) is not None
