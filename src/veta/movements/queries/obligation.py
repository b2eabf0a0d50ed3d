"""Who is bound to use the system since a date, and is linked to no operator: told, never refused for it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from veta.norms import NormNotInForce, norms
from veta.registry import queries as registry
from veta.registry.domain import MandateVersion, TitleVersion, version_on


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A title of a bound class, in force and exploitation, none of whose holders gave an operator a mandate."""

    code: str
    scale: str
    since: date
    holders: tuple[UUID, ...]


def bound_and_not_linked(on: date) -> list[Unlinked]:
    """The titles that are bound on a Bogotá date and report through nobody, by code.

    Norm: Res. ANM 759 de 2024 art. 26, as amended by Res. 3824 de 2025. A class of which no norm read says a date is
    not bound.
    """
    starts = _starts(on)
    titles = registry.titles_of_scale(starts.keys()) if starts else {}
    bound = [held for versions in titles.values() if (held := version_on(versions, on)) and held.scale in starts]
    bound = [title for title in bound if title.status == "in_force" and title.stage in (None, "exploitation")]
    linked = _linked({actor for title in bound for actor, _ in title.holders}, on)
    found = [_unlinked(title, starts) for title in bound if linked.isdisjoint(actor for actor, _ in title.holders)]
    return sorted(found, key=lambda each: each.code)


def _starts(on: date) -> dict[str, date]:
    try:
        table: dict[str, str] = norms().value("obligation.start", on).value
    except NormNotInForce:
        return {}
    starts = {scale: date.fromisoformat(since) for scale, since in table.items()}
    return {scale: since for scale, since in starts.items() if since <= on}


def _linked(actors: Collection[UUID], on: date) -> set[UUID]:
    return {actor for (actor, _), held in registry.mandates_with_anyone(actors).items() if _active(held, on)}


def _active(versions: list[MandateVersion], on: date) -> bool:
    version = version_on(versions, on)
    return version is not None and version.status == "active"


def _unlinked(title: TitleVersion, starts: dict[str, date]) -> Unlinked:
    scale = title.scale or ""
    return Unlinked(title.code, scale, starts[scale], tuple(actor for actor, _ in title.holders))
