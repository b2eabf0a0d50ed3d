"""T01: kill -9 of database, web workers, committer and sequencer under load loses, doubles and changes nothing."""

from __future__ import annotations

import json
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.assurance import load, reports
from tests.assurance.checks import compare, journal_of, require_sound
from tests.assurance.client import Client, Wrong, batch
from tests.assurance.planted import Fault, plant
from tests.assurance.record import seed_of_run, trial
from tests.assurance.running import Home, Hub, kill, slowness, wait

# Seconds, on a machine that does nothing else: more where others already load its cores when the trial begins.
BACK_WITHIN = 5.0
DATABASE, WEB, COMMITTER, SEQUENCER = "database", "web", "committer", "sequencer"


@dataclass
class Probe(threading.Thread):
    """Asks for one small movement after another, and keeps when each answered one was sent and came back."""

    hub: Hub
    journal: load.Journal
    answered: list[tuple[float, float]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        threading.Thread.__init__(self, daemon=True)

    __hash__ = object.__hash__

    def run(self) -> None:
        client = Client(self.hub.port, self.hub.home.operators[0])
        while not self.stopping.wait(0.03):
            item = reports.production("0.001", None)
            sent = time.monotonic()
            try:
                (result,) = load.results_of(client.insist("/movements", batch(item)))
            except Wrong as wrong:
                self.journal.write(wrong=str(wrong))
                return
            self.answered.append((sent, time.monotonic()))
            self.journal.write(
                id=item["id"], what="production", verdict=result["verdict"], leaf=result["receipt"]["leaf"], produced=1
            )

    def back_after(self, instant: float) -> float:
        """Seconds from an instant to the first answer that came after it."""
        return min((done for _, done in self.answered if done > instant), default=float("inf")) - instant


def strike(hub: Hub, target: str, chance: random.Random) -> bool:
    """Kill -9 one of the hub's parts; whether there was something to kill."""
    if target == DATABASE:
        return hub.home.kill_database() > 0
    victims = hub.children(target)
    if victims:
        kill(chance.choice(victims))
    return bool(victims)


def run_load(hub: Hub, folder: Path, *, seed: int, processes: int, threads: int, count: int) -> list[Any]:
    """Start the client processes; `count` movements in all."""
    operators = folder / "operators.json"
    operators.write_text(json.dumps(hub.home.operators))
    return [
        hub.home.start(
            "tests.assurance.load", str(hub.port), str(operators), str(folder / f"journal-{n}"), f"{seed}-{n}",
            str(threads), str(count // processes), stderr=(folder / f"client-{n}.log").open("w"),
        )
        for n in range(processes)
    ]  # fmt: skip


@dataclass(frozen=True)
class Scale:
    count: int
    processes: int
    threads: int
    kills: int
    pause: tuple[float, float]


SMALL = Scale(count=4_000, processes=2, threads=8, kills=5, pause=(0.5, 2.0))
LARGE = Scale(count=1_000_000, processes=4, threads=8, kills=250, pause=(1.0, 3.0))


def crash(home: Home, folder: Path, scale: Scale, seed: int) -> dict[str, Any]:
    """Load and kills together, then quiet; returns the figures."""
    chance = random.Random(seed)
    struck: list[tuple[str, float]] = []
    since = time.monotonic()
    with Hub(home, folder / "hub.log") as hub:
        journal = load.Journal(folder / "journal-probe")
        probe = Probe(hub, journal)
        probe.start()
        clients = run_load(
            hub, folder, seed=seed, processes=scale.processes, threads=scale.threads, count=scale.count
        )  # fmt: skip
        targets = [DATABASE, COMMITTER, WEB, DATABASE, SEQUENCER] * scale.kills
        while len(struck) < scale.kills:
            if chance.random() < 0.8:  # else while it still recovers from the kill before
                wait(lambda: not struck or probe.back_after(struck[-1][1]) < float("inf"), seconds=60)
            time.sleep(chance.uniform(*scale.pause))
            instant = time.monotonic()
            if strike(hub, targets[len(struck)], chance):
                struck.append((targets[len(struck)], instant))
        for client in clients:
            assert client.wait() == 0
        probe.stopping.set()
        probe.join()
        assert wait(lambda: compare(home, []).get("numbers off") == 0, seconds=20), "the sequencer did not catch up"
    back: dict[str, list[float]] = {name: [] for name in (DATABASE, WEB, COMMITTER, SEQUENCER)}
    for (what, at), later in zip(struck, [*(at for _, at in struck[1:]), float("inf")], strict=True):
        if at + probe.back_after(at) < later:  # else it was struck again before it was back
            back[what].append(probe.back_after(at))
    lines = journal_of(folder.glob("journal-*"))
    wrong = [line["wrong"] for line in lines if "wrong" in line]
    assert not wrong, wrong[:3]
    return {
        "lines": lines,
        "seconds": round(time.monotonic() - since, 1),
        "worst request s": round(max(line.get("worst", 0.0) for line in lines), 2),
        "met": _sum(line["met"] for line in lines if "met" in line),
        "back s": {
            name: {"kills": len(each), "p50": round(statistics.median(each), 2), "worst": round(max(each), 2)}
            for name, each in back.items()
            if each
        },
    }


def _sum(counts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in counts:
        for name, times in each.items():
            total[name] = total.get(name, 0) + times
    return total


def hold(home: Home, folder: Path, scale: Scale) -> None:
    seed, allowed = seed_of_run(), BACK_WITHIN * slowness()
    with trial("T01", n=scale.count, seed=seed) as figures:
        met = crash(home, folder, scale, seed)
        lines = met.pop("lines")
        figures |= met
        figures["n"] = sum("id" in line for line in lines)
        found = compare(home, lines)
        figures |= {name: found.get(name, 0) for name in ("lost", "unknown", "changed", "wrong")}
        assert not any(found.values()), found
        figures |= require_sound(home)
        late = {name: each["worst"] for name, each in met["back s"].items() if each["worst"] > allowed}
        assert not late, f"the hub did not answer again within {allowed:.1f} s: {late}"


def test_nothing_acknowledged_is_lost_doubled_or_changed(home: Home, tmp_path: Path) -> None:
    hold(home, tmp_path, SMALL)


@pytest.mark.chaos
def test_nothing_acknowledged_is_lost_doubled_or_changed_at_length(home: Home, tmp_path: Path) -> None:
    hold(home, tmp_path, LARGE)


def test_control_commits_that_do_not_wait_for_the_disk_are_seen_as_lost(home: Home, tmp_path: Path) -> None:
    """What was acknowledged lies in the server's memory alone when it is killed."""
    with trial("T01 control: synchronous_commit=off", n=60, seed=0) as figures:
        with home.connect() as database:
            for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"):
                database.execute(f"ALTER SYSTEM SET {setting}")  # type: ignore[arg-type]
            database.execute("SELECT pg_reload_conf()")
        lines: list[dict[str, Any]] = []
        with Hub(home, tmp_path / "hub.log") as hub:
            client = Client(hub.port, home.operators[0])
            for _ in range(60):
                item = reports.production("1.000", None)
                (result,) = load.results_of(client.insist("/movements", batch(item)))
                lines.append({"id": item["id"], "verdict": result["verdict"], "leaf": result["receipt"]["leaf"]})
            home.kill_database()
        found = compare(home, lines)
        figures["lost"] = found["lost"]
        assert found["lost"] > 0


IGNORED = Fault(
    "veta.movements.domain.submission",
    (
        ("        read = read_item(value)\n",
         "        if value['id'] in _SEEN:\n"
         "            value = {**value, 'id': str(uuid7())}\n"
         "        _SEEN.add(value['id'])\n"
         "        read = read_item(value)\n"),
        ("def receive(", "from veta.kernel.ids import uuid7\n_SEEN: set[str] = set()\n\n\ndef receive("),
    ),
)  # fmt: skip


def test_control_a_key_that_is_ignored_is_seen_as_doubled(
    built_home: Home, new_home: Callable[[], Path], tmp_path: Path
) -> None:
    """A repeat that makes a movement of its own doubles what is extracted."""
    with trial("T01 control: key ignored", n=60, seed=0) as figures:
        home = built_home.copy_to(new_home(), planted=plant(tmp_path / "planted", IGNORED))
        lines: list[dict[str, Any]] = []
        with Hub(home, tmp_path / "hub.log", workers=1) as hub:
            client = Client(hub.port, home.operators[0])
            for _ in range(30):
                item = reports.production("1.000", None)
                answers = [load.results_of(client.insist("/movements", batch(item)))[0] for _ in range(2)]
                first = answers[0]
                lines.append(
                    {"id": item["id"], "verdict": first["verdict"], "leaf": first["receipt"]["leaf"], "produced": 1000}
                )
        found = compare(home, lines)
        figures["doubled"] = found["unknown"]
        assert found["unknown"] == 30
        assert found["produced off"] == 30_000
