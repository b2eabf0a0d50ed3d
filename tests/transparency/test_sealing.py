"""Acts and rows as leaves: every row of the registry, and all that a group wrote, within a round of the publisher."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import psycopg
import pytest

from tests.movements.world import World
from tests.transparency import second
from veta.movements.written import row_digests
from veta.transparency import sequencer
from veta.transparency.sealing import Sealer


@pytest.fixture(scope="module")
def session(module_database: Any) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(module_database.dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def world(session: psycopg.Connection[Any]) -> World:
    """A world that produced, sold and confirmed, each in a group of its own, and all of it sealed."""
    made = World().build()
    lot = made.production()
    made.send(lot, made.production("50.000"))
    sale = made.sale(lot["lot"], "10.000")
    made.send(sale)
    made.answer(sale["id"], "confirm")
    assert sum(seal_all(session, made)) > 50
    return made


def seal_all(session: psycopg.Connection[Any], world: World) -> list[int]:
    sealer, made = Sealer(session, world.signer, row_digests=row_digests), []
    while True:
        sequencer.number_pending(session)
        if not (count := sealer.step()):
            return made
        made.append(count)


def rows(session: psycopg.Connection[Any], query: str) -> list[Any]:
    return session.execute(query).fetchall()


def test_every_row_of_the_registry_is_a_leaf(session, world) -> None:
    logged = {relation for (relation,) in rows(session, "SELECT DISTINCT event_object_table::text FROM "
        "information_schema.triggers WHERE trigger_name = 'logged'")}  # fmt: skip
    assert len(logged) > 20
    for relation in logged:
        (count,) = rows(session, f"SELECT count(*) FROM {relation}")[0]
        (acts,) = rows(session, f"SELECT count(*) FROM transparency_act WHERE relation = '{relation}'")[0]
        assert acts == count, relation
    unsealed = "SELECT count(*) FROM transparency_act AS a WHERE NOT EXISTS "
    unsealed += "(SELECT FROM transparency_sealed_act AS s WHERE s.act_id = a.id)"
    assert rows(session, unsealed) == [(0,)]


def test_an_acts_leaf_is_that_of_its_row(session, world) -> None:
    session.execute("SET TimeZone = 'UTC'")
    query = """
        SELECT a.id, a.key, to_jsonb(a.recorded_at) #>> '{}', t.salt, substr(g.leaves, s.position * 32 + 1, 32),
            to_jsonb(v)
        FROM transparency_act AS a JOIN transparency_sealed_act AS s ON s.act_id = a.id
        JOIN transparency_act_salt AS t ON t.act_id = a.id JOIN transparency_group AS g ON g.id = s.group_id
        JOIN registry_titleversion AS v ON v.id::text = a.key WHERE a.relation = 'registry_titleversion'
    """
    found = rows(session, query)
    assert len(found) == 2
    for id, key, at, salt, leaf, row in found:
        kept = {name: _text(value) for name, value in row.items() if value is not None}
        document = {"act": str(id), "key": key, "recorded_at": at, "relation": "registry_titleversion", "row": kept}
        text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert sha256(b"veta-act-v1" + bytes(salt) + text).digest() == bytes(leaf)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def test_what_a_group_wrote_is_a_leaf(session, world) -> None:
    found = rows(session, "SELECT r.of_id, r.digests, r.salt, substr(g.leaves, r.position * 32 + 1, 32) FROM "
        "transparency_sealed_rows AS r JOIN transparency_group AS g ON g.id = r.group_id "
        "ORDER BY r.of_id LIMIT 3")  # fmt: skip
    assert [len(digests) for _, digests, _, _ in found] == [64, 32, 32]
    for of, digests, salt, leaf in found:
        text = f'{{"digests":"{b64encode(digests).decode()}","group":"{of}"}}'.encode()
        assert sha256(b"veta-rows-v3" + bytes(salt) + text).digest() == bytes(leaf)
    again = {group: digests for group, digests, _, _ in found}
    with session.cursor() as cursor:
        assert row_digests(cursor, list(again)) == {group: bytes(digests) for group, digests in again.items()}


def test_sealed_groups_are_groups_as_any_other_and_the_audit_knows_them(session, world) -> None:
    from veta.ledger.audit import run

    for leaves, root in rows(session, "SELECT leaves, root FROM transparency_group"):
        assert second.root([leaves[at : at + 32] for at in range(0, len(leaves), 32)]) == root
    with session.cursor() as cursor:
        assert [result.check.name for result in run.run(cursor, run.checks()) if result.wrong] == []


def test_nothing_is_sealed_twice_whoever_begins_anew(session, world) -> None:
    assert seal_all(session, world) == []
    world.send(world.production())
    assert seal_all(session, world) == [1]
