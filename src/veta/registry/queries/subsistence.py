"""Subsistence miners of a municipality: who is enrolled there, and what changed in a month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from veta.registry.queries.reading import read_rows

_ENROLLED = """
SELECT r.id, r.actor_id, v.producer_class, v.minerals, v.status, v.valid_from, v.valid_to, v.recorded_at, v.act,
    (SELECT min(w.recorded_at) FROM registry_registrationversion AS w WHERE w.registration_id = r.id)
FROM registry_registration AS r JOIN LATERAL (
    SELECT * FROM registry_registrationversion AS v WHERE v.registration_id = r.id ORDER BY v.seq DESC LIMIT 1
) AS v ON true
WHERE r.role = 'producer' AND v.producer_class IN ('subsistence', 'barequero', 'chatarrero')
    AND %s = ANY (v.municipalities) AND {which} ORDER BY r.id DESC LIMIT %s
"""
_CHANGES = """
SELECT v.producer_class,
    count(*) FILTER (WHERE v.status = 'active' AND NOT EXISTS (
        SELECT FROM registry_registrationversion AS w WHERE w.registration_id = v.registration_id AND w.seq < v.seq)),
    count(*) FILTER (WHERE v.status = 'active' AND EXISTS (
        SELECT FROM registry_registrationversion AS w WHERE w.registration_id = v.registration_id AND w.seq < v.seq)),
    count(*) FILTER (WHERE v.status = 'cancelled')
FROM registry_registrationversion AS v
WHERE v.producer_class IN ('subsistence', 'barequero', 'chatarrero') AND %s = ANY (v.municipalities)
    AND v.recorded_at >= %s AND v.recorded_at < %s GROUP BY 1
"""
_STANDING = """
SELECT v.producer_class, count(*) FROM registry_registration AS r JOIN LATERAL (
    SELECT * FROM registry_registrationversion AS v WHERE v.registration_id = r.id AND v.recorded_at < %s
    ORDER BY v.seq DESC LIMIT 1
) AS v ON true
WHERE v.producer_class IN ('subsistence', 'barequero', 'chatarrero') AND %s = ANY (v.municipalities)
    AND v.status = 'active' AND v.valid_from <= %s AND (v.valid_to IS NULL OR v.valid_to >= %s) GROUP BY 1
"""


class Enrolled(NamedTuple):
    """A subsistence miner's registration as it was recorded last; `enrolled_at`: when it was recorded first."""

    registration: UUID
    actor: UUID
    producer_class: str
    minerals: Sequence[str]
    status: str
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    act: str
    enrolled_at: datetime


class Changes(NamedTuple):
    """Of one class in one month: enrolled, renewed, cancelled."""

    enrolled: int
    renewed: int
    cancelled: int


def enrolled_in(
    municipality: str, *, before: UUID, limit: int, since: datetime | None = None, pending: bool = False
) -> list[Enrolled]:
    """Registrations of a municipality, the newest first, from before an id on.

    `pending`: only active ones without a version recorded since `since`, which is when the last May began.
    """
    if pending:
        which, more = "r.id < %s AND v.status = 'active' AND v.recorded_at < %s", [before, since]
    else:
        which, more = "r.id < %s", [before]
    found = read_rows(_ENROLLED.format(which=which), [municipality, *more, limit])
    return [Enrolled(*row) for row in found]


def enrolment_of(actor: UUID, municipality: str) -> list[Enrolled]:
    """A person's registrations in a municipality; none where it is enrolled elsewhere or nowhere."""
    found = read_rows(_ENROLLED.format(which="r.actor_id = %s"), [municipality, actor, 20])
    return [Enrolled(*row) for row in found]


def changes_in(municipality: str, start: datetime, end: datetime) -> dict[str, Changes]:
    """What was recorded of each class from `start` until before `end`."""
    rows: list[tuple[Any, ...]] = read_rows(_CHANGES, [municipality, start, end])
    return {row[0]: Changes(*map(int, row[1:])) for row in rows}


def standing_in(municipality: str, *, end: datetime, on: date) -> dict[str, int]:
    """How many of each class are in force on a day, as it was known just before `end`."""
    return {row[0]: int(row[1]) for row in read_rows(_STANDING, [end, municipality, on, on])}
