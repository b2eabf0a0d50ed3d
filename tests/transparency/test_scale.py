"""A million leaves: how fast they are integrated, how soon a proof is given, how long the whole verification takes.

Each leaf is a verdict's, with its words sealed, its request's digest and an entry: what the hub stores of a movement.
"""

import json
import os
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.movements.world import World
from tests.transparency.logs import integrator
from veta.config.postgres.cluster import SUPERUSER
from veta.kernel.ids import uuid7
from veta.movements import raw
from veta.movements.written import row_digests
from veta.storage.keys import key_of
from veta.transparency import queries, sequencer
from veta.transparency.domain import GroupTree, leaf, receipt_message
from veta.transparency.publisher import Publisher
from veta.transparency.sealing import Sealer
from veta.transparency.verifier.database import verify
from veta.transparency.verifier.report import Report

GROUP = 500
COLUMNS = {
    "movements_movement": "id, kind, operator, occurred_at, received_at, digest, place_in_request",
    "movements_verdict": 'movement_id, status, body, facts, "group", position',
    "movements_rawitem": "movement_id, key_seed, salt, ciphertext",
    "ledger_entry": "movement, seq, source, target, commodity, amount",
    "transparency_group": "id, received_at, size, leaves, root, signature, key_id",
}


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def fill(dsn: str, world: World, count: int) -> None:
    """Store `count` movements as groups, by COPY, with constraints out of the way."""
    with psycopg.connect(dsn, user=SUPERUSER) as admin:
        admin.execute("SET session_replication_role = replica")
        (first,) = admin.execute("SELECT coalesce(max(id), 0) + 1 FROM transparency_group").fetchall()[0]
        for number in range(first, first + count // GROUP):
            rows = group(number, world)
            for table, columns in COLUMNS.items():
                with admin.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copying:
                    for row in rows[table]:
                        copying.write_row(row)
        admin.execute("SELECT setval('transparency_group_seq', %s)", (first + count // GROUP,))
    with psycopg.connect(dsn, user=SUPERUSER, autocommit=True) as admin:
        admin.execute("ANALYZE")


def group(number: int, world: World) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {table: [] for table in COLUMNS}
    now, operator, leaves = datetime.now(UTC), world.operator, []
    for position in range(GROUP):
        id = uuid7()
        item = {"id": str(id), "kind": "production", "holder": {"number": "900100001", "type": "NIT"}, "mineral": "oro",
                "quantity": "12.500", "unit": "g", "occurred_at": "2026-11-10T10:00:00-05:00",
                "origin": {"code": "DEMO-ORO", "kind": "title"}}  # fmt: skip
        words, salt = canonical(item), os.urandom(16)
        body = canonical({"movement": str(id), "status": "accepted", "rules": "sha256:" + "0" * 64,
                          "lots": [{"lot": str(id), "quantity": "12.500"}]})  # fmt: skip
        seed, ciphertext = raw.seal(words)
        digest = sha256(words).digest()
        leaves.append(leaf(salt=salt, item_canonical=words, verdict=body, request_digest=digest, signature=b""))
        rows["movements_movement"].append((id, "production", operator, now, now, digest, position))
        rows["movements_verdict"].append((id, "accepted", body, b"{}", number, position))
        rows["movements_rawitem"].append((id, seed, salt, ciphertext))
        rows["ledger_entry"].append((id, 0, operator, id, "oro", 12_500))
    root = GroupTree(leaves).root
    signature = world.signer.sign(receipt_message(root))
    rows["transparency_group"].append((number, now, GROUP, b"".join(leaves), root, signature, world.signer.key_id))
    return rows


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VETA_LOG_DIR", str(tmp_path / "log"))
    return tmp_path / "log"


def measure(dsn: str, folder: Path, count: int) -> dict[str, float]:
    world, found = World().build(), {}
    fill(dsn, world, count)
    with psycopg.connect(dsn, autocommit=True) as session:
        started = time.perf_counter()
        sequencer.number_pending(session)
        found["numbered_per_second"] = count / (time.perf_counter() - started)
        made = integrator(session, folder)
        made.signers = Publisher(session).integrator.signers
        started = time.perf_counter()
        while made.step():
            pass
        found["integrated_per_second"] = count / (time.perf_counter() - started)
        sealer = Sealer(session, world.signer, row_digests=row_digests)
        started = time.perf_counter()
        while sealer.step():
            sequencer.number_pending(session)
        found["sealed_per_second"] = count / (time.perf_counter() - started)
        publisher = Publisher(session)
        while publisher.integrator.step():
            publisher.publish()
        publisher.publish()
        found["proof_p50_ms"], found["proof_p99_ms"] = _proofs(session)
    started, cpu, report = time.perf_counter(), time.process_time(), Report()
    with psycopg.connect(dsn) as connection:
        verify(connection, report, directory=folder, items_key=key_of("items"))
    found["verified_seconds"] = time.perf_counter() - started
    found["verifier_cpu_seconds"] = time.process_time() - cpu
    assert report.faults == [], report.faults[:5]
    assert report.looked["verdicts"] == report.looked["written"] == count
    return found


def _proofs(session: psycopg.Connection[Any]) -> tuple[float, float]:
    rows = session.execute("SELECT substr(leaves, 1, 32) FROM transparency_group WHERE size = %s LIMIT 1000", (GROUP,))
    leaves, took = [bytes(row[0]) for row in rows], []
    with session.cursor() as cursor:
        for entry in (leaves * (500 // len(leaves) + 1))[:500]:
            started = time.perf_counter()
            proof = queries.proof(entry, cursor)
            took.append(time.perf_counter() - started)
            assert proof is not None
    took.sort()
    return took[len(took) // 2] * 1000, took[int(len(took) * 0.99) - 1] * 1000


def test_three_thousand_leaves(fresh_database: Any, folder: Path) -> None:
    found = measure(fresh_database.dsn, folder, 3_000)
    print(found)
    assert found["integrated_per_second"] > 5_000


@pytest.mark.chaos
def test_a_million_leaves(fresh_database: Any, folder: Path) -> None:
    count = int(os.environ.get("VETA_LOG_LEAVES", "1000000"))
    found = measure(fresh_database.dsn, folder, count)
    print({"leaves": count, **{name: round(value, 1) for name, value in found.items()}})
    assert found["integrated_per_second"] >= 20_000
    assert found["proof_p99_ms"] < 5
    assert found["verified_seconds"] < 180
