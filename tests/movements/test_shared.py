"""One committer for all processes: they share its groups; where it is lost or absent each decides for itself."""

from __future__ import annotations

import pickle
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.movements.test_committer import signed
from tests.movements.world import World, as_json
from veta.kernel.clock import FixedClock
from veta.movements import committer as module
from veta.movements import group
from veta.movements import shared as module_of_line
from veta.movements.committer import Committer, close_committer, decide
from veta.movements.domain.submission import NotDecided, Submission
from veta.movements.shared import Counter, SharedCommitter


@pytest.fixture
def world(fresh_database: Any) -> World:
    return World().build()


@pytest.fixture
def address() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="veta-", dir="/tmp") as folder:  # a socket's name must be short
        yield Path(folder, "committer")


@pytest.fixture
def own(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The sizes of the requests that this process decided by its own committer, at the world's hour."""
    decided: list[int] = []

    class Own(Committer):
        def decide(self, submission: Submission) -> None:
            decided.append(len(submission.items))
            super().decide(submission)

    monkeypatch.setattr(module, "Committer", lambda **named: Own(clock=FixedClock(world.now), signer=world.signer))
    monkeypatch.setattr(module, "_shared", None)
    yield decided
    close_committer()


@pytest.fixture
def shared(world: World, address: Path, settings: Any, own: list[int]) -> Iterator[Counter]:
    """The committer of all, listening; this process hands it what is small."""
    counter, told = Counter(), threading.Event()
    committer = Committer(clock=FixedClock(world.now), signer=world.signer, after=lambda: counter.answer())  # noqa: PLW0108 - a test puts another in its place
    serving = threading.Thread(target=counter.serve, args=(address, committer.leave, told))
    serving.start()
    while not address.exists():
        threading.Event().wait(0.01)
    settings.SHARED_COMMITTER = address
    yield counter
    told.set()
    serving.join()
    committer.close()


def dies(counter: Counter) -> None:
    """What the end of its process is to who waits: the group is committed, and nobody answers."""
    for connection in counter._decided:
        connection.shutdown(socket.SHUT_RDWR)
    counter._decided.clear()


def statuses(submission: Submission) -> set[str]:
    return {as_json(result)["verdict"]["status"] for result in submission.results}


def test_small_requests_are_handed_over_and_large_ones_decided_here(
    world: World, shared: Counter, own: list[int]
) -> None:
    small, large = signed(world, world.production()), signed(world, *(world.production("0.001") for _ in range(101)))
    decide(small)
    assert own == []
    decide(large)
    assert own == [101]
    assert statuses(small) == statuses(large) == {"accepted"}
    replay = signed(world, world.production(), nonce=small.signed.nonce if small.signed else "")
    decide(replay)
    assert (replay.replayed, replay.results) == (True, [])


def test_two_processes_share_its_groups(
    world: World, shared: Counter, address: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, sizes, taken, going = group.run, list[int](), threading.Event(), threading.Event()

    def holds_the_first(submissions: Any, **named: Any) -> None:
        sizes.append(len(submissions))
        taken.set()
        going.wait(20)
        run(submissions, **named)

    monkeypatch.setattr(group, "run", holds_the_first)
    processes = [SharedCommitter(address) for _ in range(2)]
    submissions = [signed(world, world.production()) for _ in range(21)]
    with ThreadPoolExecutor(21) as threads:
        first = threads.submit(processes[0].decide, submissions[0])
        assert taken.wait(10)
        others = [threads.submit(processes[n % 2].decide, each) for n, each in enumerate(submissions[1:])]
        while sum(len(line._waiting) for each in processes if (line := each._line)) < 21:
            threading.Event().wait(0.01)
        going.set()
        assert all(each.result() for each in (first, *others))
    assert (sizes[0], sum(sizes)) == (1, 21)
    assert len(sizes) <= 4, sizes
    assert all(statuses(each) == {"accepted"} for each in submissions)


def test_where_nobody_listens_the_process_decides(world: World, address: Path, settings: Any, own: list[int]) -> None:
    settings.SHARED_COMMITTER = address
    submission = signed(world, world.production())
    decide(submission)
    assert (statuses(submission), own) == ({"accepted"}, [1])


@pytest.mark.parametrize("read", [True, False])
def test_a_committer_that_does_not_answer_is_left_alone_for_a_while(
    world: World, address: Path, settings: Any, own: list[int], monkeypatch: pytest.MonkeyPatch, read: bool
) -> None:
    """It stands still, and reads what it is handed or not: each decides for himself, and the next waits no more."""
    settings.SHARED_COMMITTER = address
    monkeypatch.setattr(module_of_line, "PATIENCE", 1.0)
    large = "x" * 400_000
    with socket.socket(socket.AF_UNIX) as still:
        still.bind(str(address))
        still.listen()
        first, second = signed(world, world.production()), signed(world, world.production())
        if not read:
            first.items[0].raw += large.encode()
        decide(first)
        waited = time.monotonic()
        decide(second)
    assert (statuses(first), statuses(second), own) == ({"accepted"}, {"accepted"}, [1, 1])
    assert time.monotonic() - waited < 1.0, "it was not asked again"


def test_who_does_not_read_its_answers_holds_up_nobody(address: Path) -> None:
    """A process is stopped with a large answer waiting: its line is cut, and the others are answered."""
    counter, told = Counter(), threading.Event()
    serving = threading.Thread(target=counter.serve, args=(address, lambda left, note: note(left), told))
    serving.start()
    while not address.exists():
        threading.Event().wait(0.01)
    with socket.socket(socket.AF_UNIX) as stopped, socket.socket(socket.AF_UNIX) as other:
        for number, (line, size) in enumerate([(stopped, 8_000_000), (other, 1)]):
            line.connect(str(address))
            line.settimeout(20)
            left = SimpleNamespace(decided=True, replayed=False, retried=False, unseen=False, results=["x" * size])
            line.sendall(pickle.dumps((number, left)))
            while len(counter._decided) <= number:
                threading.Event().wait(0.01)
        answering = threading.Thread(target=counter.answer, daemon=True)
        answering.start()
        with other.makefile("rb") as answers:
            assert pickle.load(answers)[0][0] == 1
        answering.join(20)
        assert not answering.is_alive()
        while stopped.recv(1 << 20):
            pass  # half an answer, and then the end of the line
    told.set()
    serving.join()


def test_an_answer_that_is_lost_after_the_commit_is_found_by_the_own_committer(
    world: World, shared: Counter, own: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The committer of all dies between commit and answer: what it stored is answered, once, and is no replay."""

    monkeypatch.setattr(Counter, "answer", dies)
    production = world.production()
    first = signed(world, production)
    decide(first)
    assert (statuses(first), own) == ({"accepted"}, [1])
    monkeypatch.undo()
    again = signed(world, production)
    module.committer().decide(again)
    assert (again.results[0].verdict, again.results[0].receipt) == (first.results[0].verdict, first.results[0].receipt)


def test_a_lost_answer_of_which_nothing_is_stored_is_no_answer(
    world: World, shared: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = world.production()
    decide(signed(world, production))

    monkeypatch.setattr(Counter, "answer", dies)
    with pytest.raises(NotDecided):
        decide(signed(world, production))


def test_what_it_cannot_decide_is_told_so(world: World, shared: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(submissions: Any, **named: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(group, "run", fails)
    with pytest.raises(NotDecided):
        decide(signed(world, world.production()))
