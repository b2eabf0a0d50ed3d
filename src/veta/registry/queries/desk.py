"""What the registry's desk reads: acts that wait for a second person, the titles of a holder, what May renews."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from veta.registry.queries.reading import read_rows
from veta.storage.arrays import uuids

LAST = UUID(int=2**128 - 1)
_PROPOSALS = """
SELECT p.id, p.kind, p.title_code, p.payload, p.proposed_by, p.recorded_at, d.decided_by, d.decision, d.reason,
    d.recorded_at
FROM registry_actproposal AS p LEFT JOIN registry_actdecision AS d ON d.proposal_id = p.id
WHERE {which} ORDER BY p.recorded_at DESC, p.id DESC OFFSET %s LIMIT %s
"""
# The version recorded last of each title says who its holders are.
_HELD = """
SELECT h.actor_id, t.code FROM registry_titleholder AS h
JOIN registry_titleversion AS v ON v.id = h.version_id JOIN registry_title AS t ON t.id = v.title_id
WHERE h.actor_id = ANY (%s::uuid[])
    AND NOT EXISTS (SELECT FROM registry_titleversion AS w WHERE w.title_id = v.title_id AND w.seq > v.seq)
ORDER BY t.code
"""
_RENEWALS = """
SELECT r.id, r.actor_id, r.role, v.valid_from, v.valid_to, v.recorded_at
FROM registry_registration AS r JOIN LATERAL (
    SELECT * FROM registry_registrationversion AS v WHERE v.registration_id = r.id ORDER BY v.seq DESC LIMIT 1
) AS v ON true
WHERE r.role <> 'producer' AND v.status = 'active' AND (v.valid_to IS NULL OR v.valid_to >= %s) AND r.id < %s
    AND (v.recorded_at < %s) = %s
ORDER BY r.id DESC LIMIT %s
"""


class Proposed(NamedTuple):
    """An act on a title or its plan as one person proposed it, with the decision of another where there is one."""

    id: UUID
    kind: str
    title_code: str
    payload: Mapping[str, Any]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decision: str | None
    reason: str | None
    decided_at: datetime | None


class Renewal(NamedTuple):
    """A registration that is renewed each May, with when its last version was recorded."""

    registration: UUID
    actor: UUID
    role: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime


def proposals(*, pending: bool, limit: int = 200, skip: int = 0) -> list[Proposed]:
    """A page of the acts that nobody decided yet, or of those decided, the newest first; `skip` lie before it."""
    which = "d.proposal_id IS NULL" if pending else "d.proposal_id IS NOT NULL"
    return [Proposed(*row) for row in read_rows(_PROPOSALS.format(which=which), [skip, limit])]


def proposal(id: UUID) -> Proposed | None:
    """One act; None where there is none."""
    found = read_rows(_PROPOSALS.format(which="p.id = %s"), [id, 0, 1])
    return Proposed(*found[0]) if found else None


def titles_held(actors: Collection[UUID]) -> dict[UUID, list[str]]:
    """The codes of the titles that each actor holds, by their last version."""
    held: dict[UUID, list[str]] = {}
    for actor, code in read_rows(_HELD, [uuids(actors)]) if actors else ():
        held.setdefault(actor, []).append(code)
    return held


def renewals(*, since: datetime, on: date, renewed: bool, after: UUID = LAST, limit: int) -> list[Renewal]:
    """A page of the registrations of traders, plants, consumers and exporters that hold on a Bogotá date.

    `renewed`: those with a version recorded from `since` on, else those without one.
    """
    return [Renewal(*row) for row in read_rows(_RENEWALS, [on, after, since, not renewed, limit])]
