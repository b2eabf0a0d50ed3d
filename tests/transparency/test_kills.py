"""T15: two publishers and two sequencers at once, killed at random while groups are written: no forks."""

import random
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.transparency.logs import KEY, ORIGIN, random_entries
from tests.transparency.test_sequencer import Processes
from veta.transparency.domain.notes import Checkpoint
from veta.transparency.domain.tiles import Edge
from veta.transparency.verifier import log, merkle, signed
from veta.transparency.verifier.report import Report


def trial(dsn: str, folder: Path, *, kills: int, seed: int) -> tuple[int, int]:
    """Kill at random; what was seen served is kept, and held against the log at the end: (checkpoints seen, leaves)."""
    chance = random.Random(seed)
    shown: dict[int, bytes] = {}
    started = Processes(dsn, VETA_LOG_DIR=str(folder))
    try:
        publishers = [started.start("publish"), started.start("publish")]
        sequencers = [started.sequencer(), started.sequencer()]
        writers = [started.start("write", 30 * kills, seed + n) for n in range(2)]
        for _ in range(kills):
            until = time.monotonic() + chance.uniform(0.05, 1.2)
            while time.monotonic() < until:
                look(folder, shown)
                time.sleep(0.02)
            running = publishers if chance.random() < 0.7 else sequencers
            running.pop(0).send_signal(signal.SIGKILL)
            running.append(started.start("publish") if running is publishers else started.sequencer())
        for writer in writers:
            writer.communicate(timeout=120)
            assert writer.returncode == 0
        with psycopg.connect(dsn, autocommit=True) as session:
            wait_until_published(session, folder, shown)
            return len(shown), held(session, shown)
    finally:
        started.end()


def look(folder: Path, shown: dict[int, bytes]) -> None:
    """The checkpoint that is served now; two roots of one size, or a step back, are faults."""
    path = folder / "checkpoint"
    if path.exists():
        head = signed.head(signed.note(path.read_text()).text)
        assert shown.setdefault(head.size, head.root) == head.root, "two roots for one size"


def wait_until_published(session: psycopg.Connection[Any], folder: Path, shown: dict[int, bytes]) -> None:
    limit = time.monotonic() + 60
    query = "SELECT (SELECT sum(size) FROM transparency_group), (SELECT published FROM transparency_head)"
    while True:
        look(folder, shown)
        wanted, published = session.execute(query).fetchall()[0]
        if wanted == published and max(shown) == published:
            return
        assert time.monotonic() < limit, f"{wanted} leaves, {published} published"
        time.sleep(0.1)


def held(session: psycopg.Connection[Any], shown: dict[int, bytes]) -> int:
    """Every checkpoint ever seen is a beginning of the log as it stands; how many leaves that has."""
    report = Report()
    with session.transaction():
        found = log.read_log(session, report)
        log.check_tree(session, found, report)
        log.check_index(session, found, report)
    # The writers sign with no key of the hub: that alone may be wrong.
    assert [fault for fault in report.faults if fault.check != "receipts"] == []
    tree, at = merkle.Growing(), 0
    for size in sorted(shown):
        while at < size:
            tree.add(merkle.of_entry(found.entries[at]))
            at += 1
        assert tree.root() == shown[size]
    return at


def test_two_publishers_with_their_head_in_a_file_are_caught(tmp_path: Path) -> None:
    """The control: each takes the groups as it saw them committed, and moves a head in a file without comparing it."""
    shown: dict[int, bytes] = {}
    first, second = random_entries(5, seed=1), random_entries(5, seed=2)
    publish_as_seen(tmp_path, [*first, *second])
    look(tmp_path, shown)
    publish_as_seen(tmp_path, [*second, *first])
    with pytest.raises(AssertionError, match="two roots for one size"):
        look(tmp_path, shown)


def publish_as_seen(folder: Path, entries: list[bytes]) -> None:
    edge = Edge()
    edge.extend(entries)
    text = Checkpoint(ORIGIN, edge.size, edge.root()).text
    (folder / "checkpoint").write_text(text + "\n" + KEY.line(text))


def test_a_few_kills(fresh_database: Any, tmp_path: Path) -> None:
    seen, leaves = trial(fresh_database.dsn, tmp_path / "log", kills=3, seed=1)
    assert seen > 1
    assert leaves > 100


@pytest.mark.chaos
def test_many_kills(fresh_database: Any, tmp_path: Path) -> None:
    seen, leaves = trial(fresh_database.dsn, tmp_path / "log", kills=200, seed=2)
    print(f"T15: 200 kills, {seen} checkpoints seen, {leaves} leaves, 0 forks")
