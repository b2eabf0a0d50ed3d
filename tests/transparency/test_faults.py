"""T03: an error or a kill at each call of publisher and sequencer leaves a log that holds, and goes on.

The publisher touches the disk and the database: each call on a file, and each by which it speaks to PostgreSQL, so that
it is cut off between computing the tree, signing it and publishing it (T15) at every point there is. After each one:
what is served is a whole checkpoint of the database, with every tile that it needs; no size has two roots; and the next
round repairs what was left behind.

The sequencer writes no file. All it does is one statement on one session, which is also what holds its lock; its «open,
write, fsync, rename» is PostgreSQL's commit, whose own disk T02 tries. What is left to fail is its socket: a kill at
each send and receive, a connection lost at each receive, the answer to the commit among them. After each one: the
numbers given before are what they were, without gap or overlap, and the next round numbers what was left, once.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.transparency.logs import ORIGIN, add, random_entries
from veta.transparency.verifier import log, signed, tiles
from veta.transparency.verifier.report import Report

ROOT = Path(__file__).parents[2]
FILES = ("openat", "rename", "fsync", "write", "mkdir")
SOCKET = ("sendto", "recvfrom")
CALLS = (*FILES, *SOCKET)
ON_FILES = ("error=EIO", "error=ENOSPC", "signal=SIGKILL")
# Of a socket: a kill, and a connection that is gone, which shows on receiving. (An error on sending alone makes libpq
# wait for what the server may still say; no server whose connection broke is like that.)
FAULTS = {**dict.fromkeys(FILES, ON_FILES), "sendto": ("signal=SIGKILL",),
          "recvfrom": ("signal=SIGKILL", "error=ECONNRESET")}  # fmt: skip

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="faults are injected by strace: apt-get install strace"
)


class Rounds:
    """Rounds of publisher or sequencer in processes of their own, each with a fault at one of its calls, or none."""

    def __init__(self, role: str, dsn: str, folder: Path, children: "subprocess.Popen[str]") -> None:
        self.role, self.dsn, self.folder, self.server, self.seed = role, dsn, folder, children, 0
        self.session = psycopg.connect(dsn, autocommit=True)
        self.shown: dict[int, bytes] = {}

    def wait_with(self, leaves: int = 300) -> None:
        """Number some more leaves."""
        self.seed += 1
        add(self.session, random_entries(leaves, seed=self.seed), group=100)

    def round(self, inject: str = "", *, planted: bool = False) -> tuple[int, Counter[str]]:
        """One round, with a fault: how it ended, and how many of each call it made."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        self.server.stdin.write(f"{self.role} {self.dsn} {self.folder} {int(planted)}\n")
        self.server.stdin.flush()
        pid = int(self.server.stdout.readline())
        trace = self.folder.with_suffix(".trace")
        command = ["strace", "-f", "-p", str(pid), "-o", str(trace), "-e", "trace=" + ",".join(CALLS)]
        with subprocess.Popen(
            [*command, *(["-e", f"inject={inject}"] if inject else [])], stderr=subprocess.PIPE, text=True
        ) as tracer:
            assert tracer.stderr is not None
            while "attached" not in (line := tracer.stderr.readline()):
                assert line, "strace did not attach"
            os.kill(pid, signal.SIGCONT)
            code = int(self.server.stdout.readline())
            tracer.stderr.read()
        return code, Counter(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE))

    def holds(self) -> list[str]:
        """What is wrong with what is served now."""
        path = self.folder / "checkpoint"
        if not path.exists():
            return []
        kept = dict(self.session.execute("SELECT size, note FROM transparency_checkpoint").fetchall())
        try:
            note = path.read_text()
            head = signed.head(signed.note(note).text)
        except ValueError as cause:
            return [f"the checkpoint that is served: {cause}"]
        wrong = [] if kept.get(head.size) == note and head.origin == ORIGIN else ["no checkpoint of the log is served"]
        if self.shown.setdefault(head.size, head.root) != head.root:
            wrong.append("two roots were shown for one size")
        report, found = Report(), self._log()
        tiles.compare(self._file, found.entries[: head.size], report, bundles=True)
        return wrong + [str(fault) for fault in report.faults]

    def whole(self) -> list[str]:
        """What is wrong with the whole log, once a round went well."""
        report = Report()
        found = self._log()
        with self.session.transaction():
            log.check_tree(self.session, found, report)
            log.check_index(self.session, found, report)
        tiles.compare(self._file, found.entries, report, bundles=True)
        tiles.compare_others(self.folder, report)
        return [str(fault) for fault in report.faults]

    def _log(self) -> log.Log:
        with self.session.transaction():
            return log.read_log(self.session, Report())

    def _file(self, place: str) -> bytes | None:
        path = self.folder / place
        return path.read_bytes() if path.exists() else None


@pytest.fixture(scope="module")
def children() -> Iterator["subprocess.Popen[str]"]:
    """The process that forks a child for each round."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "veta.config.settings",
                   "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}  # fmt: skip
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("faults.py"))],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        yield server


@pytest.fixture(scope="module")
def publisher(
    module_database: Any, tmp_path_factory: pytest.TempPathFactory, children: "subprocess.Popen[str]"
) -> Iterator[Rounds]:
    made = Rounds("publisher", module_database.dsn, tmp_path_factory.mktemp("faults") / "log", children)
    from tests.transparency.logs import KEY

    made.session.execute(
        "INSERT INTO transparency_log_key (number, vkey) VALUES (1, %s)", (KEY.verifier.vkey,)
    )  # the rounds sign with this one
    made.wait_with()
    assert made.round()[0] == 0
    yield made
    made.session.close()


def sites(publisher: Rounds) -> list[tuple[str, int]]:
    """Every call of a round: its name, and which of that name it is."""
    publisher.wait_with()
    code, counts = publisher.round()
    assert code == 0
    assert min(counts[call] for call in ("openat", "rename", "fsync", "write")) >= 4, counts
    return [(call, nth) for call in CALLS for nth in range(1, counts[call] + 1)]


def fails_and_recovers(publisher: Rounds, call: str, nth: int, fault: str) -> None:
    publisher.wait_with()
    before = publisher.session.execute("SELECT size FROM transparency_head").fetchall()
    code, _ = publisher.round(f"{call}:{fault}:when={nth}")
    assert publisher.holds() == [], (call, nth, fault, code)
    assert publisher.session.execute("SELECT size FROM transparency_head").fetchall() >= before
    assert publisher.round()[0] == 0
    assert publisher.holds() + publisher.whole() == [], (call, nth, fault)


def test_a_fault_at_some_calls_of_each_kind_leaves_a_log_that_holds(publisher: Rounds) -> None:
    chance, every = random.Random(11), sites(publisher)
    chosen = [(call, fault) for call in CALLS if call != "mkdir" for fault in FAULTS[call]]
    for call, fault in chance.sample(chosen, 6):
        fails_and_recovers(publisher, call, chance.choice([nth for name, nth in every if name == call]), fault)


@pytest.mark.chaos
def test_a_fault_at_each_call_leaves_a_log_that_holds(publisher: Rounds) -> None:
    every = sites(publisher)
    tried = [(call, nth, fault) for call, nth in every for fault in FAULTS[call]]
    for each in tried:
        fails_and_recovers(publisher, *each)
    print(f"T03 publisher: {len(every)} calls, {len(tried)} injections, 0 wrong")


def test_a_publisher_that_writes_in_place_is_caught(publisher: Rounds) -> None:
    """The control: neither temporary file, fsync nor rename. Some kill at a write must show a broken log."""
    broken = []
    publisher.wait_with()
    _, counts = publisher.round(planted=True)
    for nth in range(counts["write"], 0, -1):
        publisher.wait_with()
        publisher.round(f"write:signal=SIGKILL:when={nth}", planted=True)
        broken += publisher.holds()
        if broken:
            break
    assert publisher.round()[0] == 0
    assert broken
    assert publisher.holds() + publisher.whole() == []


class Numbered:
    """The numbering, read again and again: what was seen once never changes."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self.session, self.seen = session, list[tuple[int, int, int]]()

    def look(self) -> list[str]:
        """What is wrong with it now."""
        query = "SELECT group_id, first_index, size FROM transparency_log_group ORDER BY first_index"
        now, at, wrong = self.session.execute(query).fetchall(), 0, []
        for group, first, size in now:
            if first != at:
                wrong.append(f"group {group} begins at {first}, not at {at}")
            at = first + size
        if now[: len(self.seen)] != self.seen:
            wrong.append("numbers that were given have changed")
        self.seen = now
        return wrong

    def waiting(self) -> int:
        query = "SELECT count(*) FROM transparency_group WHERE id NOT IN (SELECT group_id FROM transparency_log_group)"
        return int(self.session.execute(query).fetchall()[0][0])


@pytest.fixture
def sequencer(fresh_database: Any, tmp_path: Path, children: "subprocess.Popen[str]") -> Iterator[Rounds]:
    made = Rounds("sequencer", fresh_database.dsn, tmp_path / "log", children)
    yield made
    made.session.close()


def groups_wait(rounds: Rounds, count: int = 3) -> None:
    rounds.seed += 1
    add(rounds.session, random_entries(count * 5, seed=rounds.seed), group=5, number=False)


def number_with_faults(rounds: Rounds, *, planted: bool = False) -> tuple[int, list[str]]:
    """Each fault at each call by which a round speaks to the database: how many, and what went wrong."""
    numbered, wrong, tried = Numbered(rounds.session), list[str](), 0
    groups_wait(rounds)
    code, counts = rounds.round(planted=planted)
    assert (code, numbered.waiting()) == (0, 0)
    for call, nth in [(name, n) for name in SOCKET for n in range(1, counts[name] + 1)]:
        for fault in FAULTS[call]:
            groups_wait(rounds)
            rounds.round(f"{call}:{fault}:when={nth}", planted=planted)
            tried += 1
            wrong += [f"{call} {nth} {fault}: {what}" for what in numbered.look()]
            rounds.round(planted=planted)
            wrong += [f"{call} {nth} {fault}, afterwards: {what}" for what in numbered.look()]
            if numbered.waiting():
                return tried, [*wrong, f"{call} {nth} {fault}: groups were left without a number"]
    return tried, wrong


def test_a_sequencer_cut_off_at_each_call_numbers_everything_once(sequencer: Rounds) -> None:
    tried, wrong = number_with_faults(sequencer)
    assert wrong == []
    assert tried >= 10
    print(f"T03 sequencer: {tried} injections, 0 wrong")


def test_a_sequencer_that_keeps_its_head_in_a_file_is_caught(sequencer: Rounds) -> None:
    """The control: a kill between the file and the row loses a number, and the database refuses every later one."""
    sequencer.folder.with_suffix(".head").write_text("0")
    assert number_with_faults(sequencer, planted=True)[1] != []
