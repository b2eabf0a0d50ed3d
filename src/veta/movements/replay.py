"""Decide again what was decided: from the words and facts kept beside each verdict, with today's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg

from veta.kernel.strict_json import parse
from veta.movements import raw
from veta.movements.domain.decide import decide
from veta.movements.domain.frame import frame
from veta.movements.domain.item import Item, Step
from veta.movements.domain.shape import ACTS, read_act, read_item
from veta.movements.domain.verdict import rules_digest
from veta.movements.grants import grant_of
from veta.movements.rebuilt import Kept, Versions, versions, world_of
from veta.storage.connection import plain_cursor

_PAGE = 1000
_VERDICTS = """
SELECT m.id, m.kind, m.subject, m.received_at, m.occurred_at, v.body, v.facts, r.key_seed, r.ciphertext,
    EXISTS (
        SELECT FROM movements_erasureitem AS i JOIN movements_erasuredecision AS d ON d.erasure = i.erasure
        WHERE i.relation = 'movements_rawitem' AND i.key = m.id::text AND d.decision = 'approved'
    ), v.group, v.position
FROM movements_verdict AS v JOIN movements_movement AS m ON m.id = v.movement_id
LEFT JOIN movements_rawitem AS r ON r.movement_id = m.id
WHERE (v.group, v.position) > (%s, %s) AND (%s::uuid IS NULL OR m.id = %s OR m.subject = %s)
ORDER BY v.group, v.position LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One verdict decided again. `same`: byte for byte; `rules`: the digest that it was decided by."""

    movement: UUID
    same: bool
    rules: str
    erased: bool = False
    now: bytes = b""
    then: bytes = b""

    @property
    def under_todays_rules(self) -> bool:
        return self.rules == rules_digest()


def replay(movement: UUID | None = None) -> Iterator[Replayed]:
    """Decide every stored verdict again, in the order of their groups; of one `movement`, its own and its steps'."""
    cursor = plain_cursor()
    after = (-1, -1)
    while rows := _page(cursor, after, movement):
        kept = [orjson.loads(row.facts) for row in rows]
        known = versions(cursor, kept)
        yield from (_replayed(row, known, facts) for row, facts in zip(rows, kept, strict=True))
        after = (rows[-1].group, rows[-1].position)


class _Row(NamedTuple):
    movement: UUID
    kind: str
    subject: UUID | None
    received_at: datetime
    occurred_at: datetime
    body: bytes
    facts: bytes
    seed: bytes
    ciphertext: bytes | None
    erased: bool
    group: int
    position: int


def _page(cursor: psycopg.Cursor[Any], after: tuple[int, int], movement: UUID | None) -> list[_Row]:
    found = cursor.execute(_VERDICTS, (*after, movement, movement, movement, _PAGE), binary=True)
    return [_Row(*row) for row in found]


def _replayed(row: _Row, known: Versions, kept: Kept) -> Replayed:
    rules = orjson.loads(row.body)["rules"]
    if row.ciphertext is None:
        # Words that no act erased were taken away: nothing can be decided again, and nothing excuses it.
        return Replayed(row.movement, same=row.erased, rules=rules, erased=row.erased, then=row.body)
    item = _item(raw.unseal(row.seed, row.ciphertext), row.kind, row.subject, row.occurred_at)
    world = world_of(known, item, kept)
    case = frame(item, operator=UUID(kept["operator"]), received_at=row.received_at, world=world)
    now = replace(decide(case)[0], rules=rules).body()  # the digest says by what it was decided, not what
    return Replayed(row.movement, same=now == row.body, rules=rules, now=now, then=row.body)


def _item(words: bytes, kind: str, subject: UUID | None, occurred_at: datetime) -> Item:
    value = parse(words)
    if kind == "grant":
        assert isinstance(value, dict)
        return grant_of(value)
    if kind in ACTS:
        return read_act(value)
    if kind not in ("confirmation", "withdrawal", "lapse"):
        return read_item(value)
    assert isinstance(value, dict) and subject is not None
    decision = {"withdrawal": "withdraw", "lapse": "lapse"}.get(kind) or str(value["decision"])
    return Step(id=UUID(str(value["id"])), kind=kind, occurred_at=occurred_at, movement=subject, decision=decision)
