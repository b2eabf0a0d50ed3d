"""Reads of this slice: which keys count at an instant, and the hub's own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, cast
from uuid import UUID

from django.db import connection

from veta.operators.domain.keys import public_key_of
from veta.operators.domain.signature import Key, Purpose, State
from veta.operators.models import HubKey, NonceFloor, Operator

# A key asked for by a key that was revoked as compromised falls with it, however many keys lie between.
_KEYS = """
WITH RECURSIVE fallen AS (
    SELECT key_id AS id FROM operators_keyrevocation WHERE compromised AND at <= %(now)s
    UNION
    SELECT child.id FROM operators_operatorkey child JOIN fallen ON child.proposed_by_id = fallen.id
), status AS (
    SELECT DISTINCT ON (operator_id) operator_id, status, enabled_on
    FROM operators_operatorversion WHERE recorded_at <= %(now)s ORDER BY operator_id, seq DESC
), approved AS (
    SELECT key_id, array_agg(approved_at ORDER BY approved_at) AS at
    FROM operators_keyapproval WHERE approved_at <= %(now)s GROUP BY key_id
), known AS (
    SELECT k.*, CASE WHEN k.proposed_by_id IS NULL THEN a.at[2]
                     ELSE LEAST(a.at[1], k.proposed_at + interval '24 hours') END AS active_from
    FROM operators_operatorkey k LEFT JOIN approved a ON a.key_id = k.id
    WHERE k.proposed_at <= %(now)s
)
SELECT k.id, k.operator_id, k.public_key, k.purpose, k.proposed_by_id, k.proposed_at, k.active_from,
       CASE WHEN k.id IN (SELECT id FROM fallen)
              OR k.id IN (SELECT key_id FROM operators_keyrevocation WHERE at <= %(now)s) THEN 'revoked'
            WHEN s.status IS DISTINCT FROM 'active'
              OR s.enabled_on > (%(now)s AT TIME ZONE 'America/Bogota')::date THEN 'inactive'
            WHEN k.active_from <= %(now)s THEN 'live'
            ELSE 'waiting' END AS state
FROM known k LEFT JOIN status s ON s.operator_id = k.operator_id
WHERE %(operator)s::uuid IS NULL OR k.operator_id = %(operator)s::uuid
ORDER BY k.proposed_at, k.id
"""


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key as it stands: `active_from` is null while its approvals are missing."""

    id: str
    operator: UUID
    public_key: bytes
    purpose: Purpose
    proposed_by: str | None
    proposed_at: datetime
    active_from: datetime | None
    state: State

    @property
    def lacks_approval(self) -> bool:
        """Whether it waits for an approval; the keys of an operator not enabled yet are approved before it is."""
        return self.state == "waiting" or (self.state == "inactive" and self.active_from is None)


def key_states(*, now: datetime, operator: UUID | None = None) -> list[KeyState]:
    """Every key, or an operator's, with what follows from its approvals and revocations recorded until `now`."""
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, {"now": now, "operator": operator})
        return [KeyState(row[0], row[1], bytes(row[2]), *row[3:]) for row in cursor.fetchall()]


def keys_at(now: datetime) -> dict[str, Key]:
    """The keys to verify with at an instant, those that do not count among them, so that a refusal can say why."""
    return {
        found.id: Key(found.id, found.operator, public_key_of(found.public_key), found.purpose, found.state)
        for found in key_states(now=now)
    }


def nonce_floor() -> datetime | None:
    """The instant before which no signature is accepted, or None where nothing was ever forgotten."""
    return NonceFloor.objects.order_by("-instant").values_list("instant", flat=True).first()


@dataclass(frozen=True, slots=True)
class Named:
    """An operator by its code and name; `actor` where the registry knows it as one."""

    code: str
    name: str
    actor: UUID | None


def operator_named(operator: UUID) -> Named:
    """Who an operator is. LookupError where there is none: its id comes of a verified signature."""
    row = Operator.objects.filter(id=operator).values_list("code", "name", "actor_id").first()
    if row is None:
        raise LookupError(f"no operator {operator}")
    return Named(*row)


def hub_keys() -> list[tuple[str, bytes, datetime]]:
    """Every public key the hub ever signed with: id, 32 bytes, since when; the newest last."""
    rows = HubKey.objects.order_by("since", "id").values_list("id", "public_key", "since")
    return [(key_id, bytes(cast(bytes, public)), since) for key_id, public, since in rows]


class OperatorNow(NamedTuple):
    """An operator as its last version has it."""

    id: UUID
    code: str
    name: str
    actor: UUID | None
    status: str
    enabled_on: date
    act: str


class KeyStep(NamedTuple):
    """Something that happened to a key: an officer's approval, or a revocation."""

    key: str
    kind: Literal["approved", "revoked", "compromised"]
    by: str
    at: datetime
    reason: str


_OPERATORS = """
SELECT DISTINCT ON (o.code, o.id) o.id, o.code, o.name, o.actor_id, v.status, v.enabled_on, v.act
FROM operators_operator AS o JOIN operators_operatorversion AS v ON v.operator_id = o.id
ORDER BY o.code, o.id, v.seq DESC
"""
_FIRST = """
SELECT DISTINCT ON (operator_id) operator_id, enabled_on FROM operators_operatorversion ORDER BY operator_id, seq
"""
_STEPS = """
SELECT key_id, 'approved', officer, approved_at, '' FROM operators_keyapproval
UNION ALL
SELECT key_id, CASE WHEN compromised THEN 'compromised' ELSE 'revoked' END, revoked_by, at, reason
FROM operators_keyrevocation ORDER BY 4
"""


def operators_now() -> list[OperatorNow]:
    """Every operator, by code."""
    with connection.cursor() as cursor:
        cursor.execute(_OPERATORS)
        return [OperatorNow(*row) for row in cursor.fetchall()]


def first_enabled() -> dict[UUID, date]:
    """The day from which each operator was first enabled."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST)
        return dict(cursor.fetchall())


def key_steps() -> dict[str, list[KeyStep]]:
    """What happened to each key, in order: operators are few, and so are their keys."""
    steps: dict[str, list[KeyStep]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STEPS)
        for row in cursor.fetchall():
            steps.setdefault(row[0], []).append(KeyStep(*row))
    return steps


def names_of_operators(ids: Collection[UUID]) -> dict[UUID, str]:
    """The name of each operator that exists."""
    return dict(Operator.objects.filter(id__in=ids).values_list("id", "name"))
