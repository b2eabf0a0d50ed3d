"""The committer goes on whatever happens to one request, to its database or to its own thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import OperationalError, connection

from tests.movements.world import World, as_json
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.movements import committer as module
from veta.movements import group
from veta.movements.committer import Committer
from veta.movements.domain import decide
from veta.movements.domain.submission import NotDecided, Signed, Submission

POISON = "veneno"


@pytest.fixture
def world(fresh_database: Any) -> World:
    return World().build()


@pytest.fixture
def committer(world: World) -> Iterator[Committer]:
    made = Committer(clock=FixedClock(world.now), signer=world.signer)
    yield made
    made.close()


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that raises where the note says so: the fault that no rule should have."""
    judge = decide.findings_of

    def findings_of(case: Any, rules: Any) -> Any:
        if case.item.note == POISON:
            raise ZeroDivisionError
        return judge(case, rules)

    monkeypatch.setattr(decide, "findings_of", findings_of)


def signed(world: World, *movements: dict[str, Any], nonce: str = "") -> Submission:
    submission = world.submission(*movements)
    submission.signed = Signed(
        uuid7(), "key-1", nonce or str(uuid7()), datetime.now(UTC) + timedelta(minutes=5), "POST", "/x", "", b"s" * 64,
        b"d" * 32, b"",
    )  # fmt: skip
    return submission


def status_of(committer: Committer, submission: Submission) -> str:
    try:
        committer.decide(submission)
    except NotDecided:
        return "503"
    return "401" if submission.replayed else str(as_json(submission.results[0])["verdict"]["status"])


def together(committer: Committer, submissions: list[Submission]) -> list[str]:
    """Hold the committer at a first request, so that all the others wait for one group."""
    with ThreadPoolExecutor(len(submissions)) as threads:
        return list(threads.map(lambda s: status_of(committer, s), submissions))


A, B, C = (uuid7() for _ in range(3))


@pytest.mark.parametrize(
    ("waiting", "taken"),
    [
        ([(A, 1000)], [True]),
        ([(A, 3000)], [True]),  # a request is never split
        ([(A, 1), (B, 1), (C, 1)], [True, True, True]),
        ([(A, 250), (B, 250), (C, 1)], [True, True, False]),
        ([(A, 500), (B, 1), (A, 500)], [True, False, True]),
        ([(A, 500), (A, 1500), (A, 1)], [True, True, False]),
        ([(A, 500), (A, 1501), (A, 1)], [True, False, True]),
        ([(B, 1), (A, 499), (A, 1), (B, 1500)], [True, True, False, True]),
    ],
)
def test_a_large_group_is_of_the_operator_that_waited_longest(
    waiting: list[tuple[UUID, int]], taken: list[bool]
) -> None:
    assert module.of_one_group(waiting) == taken


def test_a_request_that_breaks_a_rule_takes_no_neighbour_down(
    world: World, committer: Committer, poisoned: None
) -> None:
    submissions = [signed(world, world.production()) for _ in range(40)]
    submissions[20] = signed(world, world.production(), world.production(note=POISON))
    assert together(committer, submissions) == ["accepted"] * 20 + ["503"] + ["accepted"] * 19
    assert committer._queue == module.deque()


def test_a_commit_whose_answer_was_lost_is_found_and_not_called_a_replay(
    world: World, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, lost = group.run, iter([True])

    def loses_the_first_answer(submissions: Any, **named: Any) -> None:
        run(submissions, **named)
        if next(lost, False):
            for submission in submissions:
                submission.results.clear()
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(group, "run", loses_the_first_answer)
    production = world.production()
    first = signed(world, production)
    assert status_of(committer, first) == "accepted"
    again = signed(world, production)
    committer.decide(again)
    assert (again.results[0].verdict, again.results[0].receipt) == (first.results[0].verdict, first.results[0].receipt)
    replay = signed(world, production, nonce=first.signed.nonce if first.signed else "")
    assert status_of(committer, replay) == "401"


def test_a_lost_answer_of_which_nothing_is_stored_is_no_answer(
    world: World, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = world.production()
    world.send(production)
    run, lost = group.run, iter([True])

    def loses_the_first_answer(submissions: Any, **named: Any) -> None:
        run(submissions, **named)
        if next(lost, False):
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(group, "run", loses_the_first_answer)
    assert status_of(committer, signed(world, production)) == "503"
    assert status_of(committer, signed(world, production)) == "accepted"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_committer_fails_its_batch_at_once_and_lives_again(
    world: World, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, dies = group.run, iter([True])

    def dies_once(submissions: Any, **named: Any) -> None:
        if next(dies, False):
            raise SystemExit
        run(submissions, **named)

    monkeypatch.setattr(group, "run", dies_once)
    thread = committer._thread
    assert status_of(committer, signed(world, world.production())) == "503"
    thread.join(5)
    assert not thread.is_alive()
    assert status_of(committer, signed(world, world.production())) == "accepted"


def test_a_request_that_gave_up_waiting_is_not_decided_behind_its_back(
    world: World, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, taken, going = group.run, threading.Event(), threading.Event()

    def waits(submissions: Any, **named: Any) -> None:
        taken.set()
        going.wait(20)
        run(submissions, **named)

    monkeypatch.setattr(group, "run", waits)
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    first, second = (signed(world, world.production()) for _ in range(2))
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(status_of, committer, first)
        assert taken.wait(5)
        assert status_of(committer, second) == "503"
        assert answer.result() == "503"
    going.set()
    committer.close()
    assert first.results, "what was being decided was"
    assert not second.results, "what waited behind it was taken back, whole"


def test_a_row_that_somebody_else_keeps_locked_stops_only_who_needs_it(
    world: World, committer: Committer, fresh_database: Any
) -> None:
    production = world.production()
    world.send(production)
    with psycopg.connect(fresh_database.dsn) as stuck:
        stuck.execute("SELECT 1 FROM ledger_account WHERE id = %s FOR UPDATE", [production["lot"]])
        needs, other = signed(world, world.sale(production["lot"], "1.000")), signed(world, world.purchase())
        assert together(committer, [needs, other]) == ["503", "accepted"]
        stuck.rollback()
    assert status_of(committer, signed(world, world.sale(production["lot"], "1.000"))) == "pending"


def test_a_full_group_of_two_requests_is_decided_whole(world: World, committer: Committer) -> None:
    submissions = [signed(world, *(world.production("0.001") for _ in range(1000))) for _ in range(2)]
    assert together(committer, submissions) == ["accepted", "accepted"]
    assert {status(s) for s in submissions} == {("accepted", 1000)}


def test_of_a_thousand_items_one_that_breaks_a_rule_keeps_out_its_own_request_alone(
    world: World, committer: Committer, poisoned: None
) -> None:
    items = [world.production("0.001") for _ in range(1000)]
    items[500]["note"] = POISON
    broken, neighbour = signed(world, *items), signed(world, *(world.production("0.001") for _ in range(10)))
    assert together(committer, [broken, neighbour]) == ["503", "accepted"]
    assert status(neighbour) == ("accepted", 10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM movements_movement")
        assert cursor.fetchone() == (10,)


def status(submission: Submission) -> tuple[str, int]:
    """The one status that all the items of a request have, and how many they are."""
    (only,) = {as_json(result)["verdict"]["status"] for result in submission.results}
    return only, len(submission.results)


@pytest.fixture
def two(world: World, committer: Committer) -> Iterator[list[Committer]]:
    """Two committers, as two worker processes have."""
    other = Committer(clock=FixedClock(world.now), signer=world.signer)
    yield [committer, other]
    other.close()


def at_once(committers: list[Committer], submissions: list[Submission]) -> list[str]:
    barrier = threading.Barrier(len(submissions))

    def decide(committer: Committer, submission: Submission) -> str:
        barrier.wait()
        return status_of(committer, submission)

    with ThreadPoolExecutor(len(submissions)) as threads:
        return list(threads.map(decide, committers, submissions))


def test_two_groups_that_make_the_same_lot_at_once_make_it_once(world: World, two: list[Committer]) -> None:
    for _ in range(10):
        first, second = world.production(), world.production()
        second["lot"] = first["lot"]
        neighbours = [world.production(), world.production()]
        submissions = [signed(world, first, neighbours[0]), signed(world, second, neighbours[1])]
        assert sorted(at_once(two, submissions)) == ["accepted", "rejected"]
        assert [as_json(s.results[1])["verdict"]["status"] for s in submissions] == ["accepted", "accepted"]


def test_two_groups_that_use_each_others_new_lots_do_not_wait_in_a_circle(world: World, two: list[Committer]) -> None:
    for _ in range(10):
        made = [world.production("10.000"), world.production("10.000")]
        sales = [world.sale(made[1]["lot"], "10.000"), world.sale(made[0]["lot"], "10.000")]
        submissions = [signed(world, made[n], sales[n]) for n in range(2)]
        assert at_once(two, submissions) == ["accepted", "accepted"]
        for submission in submissions:
            sale = as_json(submission.results[1])["verdict"]
            assert sale["status"] == "pending" or [f["code"] for f in sale["findings"]] == ["LOT-002"]
