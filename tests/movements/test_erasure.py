"""Erasure: two persons, after the term, and then nothing of the person is left; the log and the ledger still verify."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from tests.movements.world import NOW, World, codes
from tests.transparency.logs import publish
from veta.config.postgres.cluster import OWNER, SUPERUSER
from veta.kernel.canonical_json import canonical
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.ledger.audit import run
from veta.movements.domain.submission import Signed
from veta.movements.erasure import ErasureRefused, approve_erasure, propose_erasure, refuse_erasure
from veta.movements.replay import replay
from veta.storage.keys import key_of
from veta.transparency.verifier.database import verify
from veta.transparency.verifier.report import Report

LATER = NOW.replace(year=NOW.year + 11)


def two_productions(dsn: str) -> tuple[World, list[str], str]:
    made = World().build()
    first, second = made.production(), made.production("50.000")
    made.send(first, second)
    return made, [first["id"], second["id"]], dsn


@pytest.fixture
def world(fresh_database: Any) -> tuple[World, list[str], str]:
    return two_productions(fresh_database.dsn)


@pytest.fixture(scope="module")
def whole(module_database: Any) -> tuple[World, list[str], str]:
    """The same for tests that erase nothing."""
    return two_productions(module_database.dsn)


def propose(movements: list[str], **given: Any) -> UUID:
    asked = {"act": "Acto 7 de prueba", "reason": "Plazo cumplido", "by": "oficial-1", "clock": FixedClock(LATER)}
    return propose_erasure(movements=[UUID(each) for each in movements], **{**asked, **given})


def faults(dsn: str, folder: Path, items_key: bytes | None = b"") -> Report:
    report = Report()
    with psycopg.connect(dsn) as connection:
        verify(connection, report, directory=folder, items_key=key_of("items") if items_key == b"" else items_key)
    return report


def test_what_was_erased_by_an_act_is_counted_apart_and_all_else_verifies(world: Any, tmp_path: Path) -> None:
    made, _, dsn = world
    publish(dsn, tmp_path, made)
    erasure = propose([], actor=made.actors["holder2"])
    gone = approve_erasure(erasure, by="oficial-2")
    assert gone >= 2 + 2  # the words of both productions, a document and a name
    publish(dsn, tmp_path, made)
    report = faults(dsn, tmp_path)
    assert report.faults == []
    assert report.looked["erased"] == gone
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        assert [result.check.name for result in run.run(cursor, run.checks()) if result.wrong] == []
        left = cursor.execute(
            "SELECT (SELECT count(*) FROM movements_rawitem), (SELECT count(*) FROM registry_actordocument "
            "WHERE actor_id = %(a)s), (SELECT count(*) FROM registry_actorname WHERE actor_id = %(a)s)",
            {"a": made.actors["holder2"]},
        ).fetchall()
    assert left == [(0, 0, 0)]
    again = list(replay())
    assert [(each.erased, each.same) for each in again] == [(True, True)] * 2


def confirmed(dsn: str, item: dict[str, Any]) -> bool:
    """Whether a copy of the database, with every salt in it, tells who guesses a movement's words that they are so."""
    with psycopg.connect(dsn, user=SUPERUSER) as admin:
        salts = [row[0] for row in admin.execute("SELECT salt FROM movements_rawitem")]
        kept = admin.execute("SELECT digest FROM movements_movement WHERE id = %s", (item["id"],)).fetchall()[0][0]
    plain = sha256(canonical(item)).digest()
    return kept in {plain, *(sha256(b"veta-claim-v1" + salt + plain).digest() for salt in (b"", bytes(16), *salts))}


def test_who_guesses_what_was_erased_is_not_told_so(fresh_database: Any, tmp_path: Path) -> None:
    made, dsn = World().build(), fresh_database.dsn
    gone, kept, old = made.production("1.000"), made.production("2.000"), made.production("3.000")
    (_, answered, before) = made.send(gone, kept, old)
    with psycopg.connect(dsn, user=SUPERUSER, autocommit=True) as admin:  # a row of when ids were claimed without salt
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE movements_movement SET digest = %s WHERE id = %s",
                      (sha256(canonical(old)).digest(), old["id"]))  # fmt: skip
    publish(dsn, tmp_path, made)
    assert (confirmed(dsn, gone), made.send(old)) == (True, [before | {"repeated": True}])
    approve_erasure(propose([gone["id"], old["id"]]), by="oficial-2")
    publish(dsn, tmp_path, made)
    assert faults(dsn, tmp_path).faults == []
    assert [confirmed(dsn, item) for item in (gone, kept, old)] == [False, True, True]  # of old, for ever
    again, other = made.send(gone), made.send({**gone, "quantity": "9.000"})
    assert [codes(result) for result in (*again, *other)] == [{"SCH-011"}] * 2
    assert [codes(result) for result in made.send(gone, operator=made.other_operator)] == [{"SCH-010"}]
    assert made.send(kept) == [answered | {"repeated": True}]
    assert made.send(old) == [before | {"repeated": True, "receipt": None}]


def signed(world: World, *items: dict[str, Any]) -> UUID:
    """Report items in one signed request; its id."""
    asked = world.submission(*items)
    id, digest = uuid7(), sha256(b"".join(received.raw for received in asked.items)).digest()
    asked.signed = Signed(
        id, "key-1", id.hex, NOW + timedelta(minutes=5), "POST", "/x", "i", os.urandom(64), digest, b"\0"
    )
    world.run(asked)
    return id


def kept_of(dsn: str, request: UUID) -> tuple[bytes, bytes]:
    with psycopg.connect(dsn) as connection:
        query = "SELECT signature, body_digest FROM operators_signedrequest WHERE id = %s"
        return connection.execute(query, (request,)).fetchall()[0]


def test_a_requests_signature_and_digest_go_with_the_last_of_its_words(fresh_database: Any, tmp_path: Path) -> None:
    made, dsn = World().build(), fresh_database.dsn
    items = [made.production("1.000") for _ in range(4)]
    alone, both, old = signed(made, items[0]), signed(made, *items[1:3]), signed(made, items[3])
    kept = {request: kept_of(dsn, request) for request in (alone, both, old)}
    publish(dsn, tmp_path, made)
    of_old = """UPDATE transparency_sealed_rows SET form = %s WHERE of_id =
        (SELECT "group" FROM movements_verdict WHERE movement_id = %s)"""
    with psycopg.connect(dsn, user=SUPERUSER, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(of_old, (2, items[3]["id"]))  # sealed when signature and digest were, plainly
        approve_erasure(propose([items[n]["id"] for n in (0, 1, 3)]), by="oficial-2")
        assert kept_of(dsn, alone) == (b"", sha256(b"veta-request-v1" + b"".join(kept[alone])).digest())
        assert (kept_of(dsn, both), kept_of(dsn, old)) == (kept[both], kept[old])
        admin.execute(of_old, (3, items[3]["id"]))
    approve_erasure(propose([items[2]["id"]]), by="oficial-2")
    assert kept_of(dsn, both)[0] == b""
    publish(dsn, tmp_path, made)
    assert faults(dsn, tmp_path).faults == []


OTHERWISE = ("signature = ''", "body_digest = signature", "signature = '', body_digest = ''", "frame = ''",
             "signature = '', body_digest = sha256(signature || body_digest)")  # fmt: skip


def test_a_signature_is_erased_with_what_stands_for_it_and_by_an_act(fresh_database: Any, tmp_path: Path) -> None:
    made, dsn = World().build(), fresh_database.dsn
    signed(made, made.production("1.000"))
    publish(dsn, tmp_path, made)
    with psycopg.connect(dsn, user=OWNER, autocommit=True) as owner:
        for change in OTHERWISE:
            with pytest.raises(errors.RestrictViolation):
                owner.execute(f"UPDATE operators_signedrequest SET {change}")  # type: ignore[arg-type]
        owner.execute("UPDATE operators_signedrequest SET signature = '',"
            " body_digest = sha256('veta-request-v1'::bytea || signature || body_digest)")  # fmt: skip
    report = faults(dsn, tmp_path, items_key=None)
    assert ["ningún acto la borró" in fault.what for fault in report.faults] == [True]


def test_what_is_missing_without_an_act_is_tampering(world: Any, tmp_path: Path) -> None:
    made, movements, dsn = world
    publish(dsn, tmp_path, made)
    with psycopg.connect(dsn, user=OWNER, autocommit=True) as owner:
        owner.execute("DELETE FROM movements_rawitem WHERE movement_id = %s", (movements[0],))
        owner.execute("DELETE FROM registry_actorname WHERE actor_id = %s", (made.actors["holder2"],))
    report = faults(dsn, tmp_path)
    assert {fault.check for fault in report.faults} == {"verdicts", "acts"}
    assert any(movements[0] in fault.record and "ningún acto las borró" in fault.what for fault in report.faults)
    assert [each.same for each in replay()] == [False, True]


def test_a_proposal_alone_or_refused_erases_nothing(whole: Any) -> None:
    _, movements, dsn = whole
    refused, waiting = propose(movements), propose(movements)
    refuse_erasure(refused, by="oficial-2", reason="Falta un documento")
    with psycopg.connect(dsn, autocommit=True) as connection:
        for erasure in (refused, waiting):
            with pytest.raises(errors.RestrictViolation):
                connection.execute("SELECT movements_erase(%s)", (erasure,))
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("DELETE FROM movements_rawitem")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("DELETE FROM transparency_act_salt")
        assert connection.execute("SELECT count(*) FROM movements_rawitem").fetchall() == [(2,)]
    with pytest.raises(ErasureRefused, match="ya se decidió"):
        approve_erasure(refused, by="oficial-2")


@pytest.mark.parametrize("by", ["oficial-1", " OFICIAL-1 "])
def test_it_takes_two_persons(whole: Any, by: str) -> None:
    _, movements, _ = whole
    with pytest.raises(ErasureRefused) as refusal:
        approve_erasure(propose(movements), by=by)
    assert refusal.value.code == "ERA-005"
    assert [each.erased for each in replay()] == [False, False]


@pytest.mark.parametrize(("days", "allowed"), [(3659, False), (3660, True), (3661, True)])
def test_nothing_goes_before_the_term_is_over(whole: Any, days: int, allowed: bool) -> None:
    _, movements, _ = whole
    clock = FixedClock(datetime(2026, 11, 10, 15, 0, tzinfo=UTC) + timedelta(days=days))
    if allowed:
        propose(movements, clock=clock)
    else:
        with pytest.raises(ErasureRefused) as refusal:
            propose(movements, clock=clock)
        assert refusal.value.code == "ERA-002"


def test_an_erasure_says_what_why_and_by_whom(whole: Any) -> None:
    _, movements, _ = whole
    for missing in ("act", "reason", "by"):
        with pytest.raises(ErasureRefused) as refusal:
            propose(movements, **{missing: " "})
        assert refusal.value.code == "ERA-001"
    with pytest.raises(ErasureRefused) as refusal:
        propose([])
    assert refusal.value.code == "ERA-003"
