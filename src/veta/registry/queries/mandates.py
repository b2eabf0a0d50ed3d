"""An operator's mandates: whom it may report for, and the list of them by the id of a proposal, as it was given it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from veta.registry.domain import MandateVersion, version_on
from veta.registry.queries.versions import mandates_of
from veta.storage.arrays import uuids


@dataclass(frozen=True, slots=True)
class MandateRecord:
    """An operator's relation with an actor; `proposal` is the one accepted last, else the one asked for last."""

    mandate: UUID
    proposal: UUID
    actor: UUID
    versions: tuple[MandateVersion, ...]  # newest recorded first; none while nobody confirmed


_RECORD = """
SELECT m.id, m.actor_id, coalesce(
    (SELECT v.proposal_id FROM registry_mandateversion v
     WHERE v.mandate_id = m.id AND v.proposal_id IS NOT NULL ORDER BY v.seq DESC LIMIT 1),
    (SELECT p.id FROM registry_mandateproposal p
     WHERE p.mandate_id = m.id ORDER BY p.recorded_at DESC, p.id DESC LIMIT 1)
)
FROM registry_mandate m
WHERE m.operator = %s AND EXISTS (SELECT FROM registry_mandateproposal p WHERE p.mandate_id = m.id)
"""

_VERSIONS = """
SELECT v.mandate_id, v.id, m.actor_id, m.operator, v.status, v.valid_from, v.valid_to
FROM registry_mandateversion v JOIN registry_mandate m ON m.id = v.mandate_id
WHERE v.mandate_id = ANY(%s::uuid[]) ORDER BY v.seq DESC"""


def clients_among(actors: Collection[UUID], operator: UUID, *, on: date) -> frozenset[UUID]:
    """Those of `actors` whose mandate the operator holds on a Bogotá date."""
    held = {actor: version_on(versions, on) for actor, versions in mandates_of(actors, operator).items()}
    return frozenset(actor for actor, version in held.items() if version is not None and version.status == "active")


def mandates_page(operator: UUID, *, after: UUID, limit: int) -> list[MandateRecord]:
    """The operator's mandates and proposals in the order of their ids, from the one that follows `after`."""
    return _records(f"{_RECORD} AND m.id > %s ORDER BY m.id LIMIT %s", [operator, after, limit])


def mandate_ids(actors: Collection[UUID], operator: UUID) -> dict[UUID, UUID]:
    """The operator's mandate of each of these actors that it has one of, under the id that its list shows."""
    if not actors:
        return {}
    found = _records(f"{_RECORD} AND m.actor_id = ANY(%s::uuid[])", [operator, uuids(actors)])
    return {record.actor: record.proposal for record in found}


def mandate_of_proposal(proposal: UUID, operator: UUID) -> MandateRecord | None:
    """The relation that a proposal of that operator belongs to; None where it is no proposal of its own."""
    which = "AND m.id = (SELECT p.mandate_id FROM registry_mandateproposal p WHERE p.id = %s)"
    return next(iter(_records(f"{_RECORD} {which}", [operator, proposal])), None)


def _records(statement: str, parameters: list[Any]) -> list[MandateRecord]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
        cursor.execute(_VERSIONS, [uuids(row[0] for row in rows)])
        versions: dict[UUID, list[MandateVersion]] = {}
        for mandate, id, actor, whose, status, start, end in cursor.fetchall():
            version = MandateVersion(id=id, actor=actor, operator=whose, status=status, valid_from=start, valid_to=end)
            versions.setdefault(mandate, []).append(version)
    return [MandateRecord(row[0], row[2], row[1], tuple(versions.get(row[0], ()))) for row in rows]
