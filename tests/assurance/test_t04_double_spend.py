"""T04: what can be had once is had once, however many ask at the same instant, through whom and by which process."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.assurance.checks import require_sound
from tests.assurance.client import Client, batch
from tests.assurance.load import results_of
from tests.assurance.planted import Fault, plant
from tests.assurance.record import seed_of_run, trial
from tests.assurance.reports import TRADER, production, purchase, sale
from tests.assurance.running import Home, Hub, slowness
from veta.kernel.ids import uuid7

BUYERS = 64
PROCESSES = 4
# Of those that ask at once, so many go straight to a process of their own that runs groups.
DIRECT = 16
P99_WITHIN = 1.0
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = 'veta'"
# What each of a round asks for, and how many of them can have it, of a lot or title of 100 t and a miner's 420 g.
SHARES = ((("100.000", "420.000"), 1), (("25.000", "105.000"), 4), (("30.000", "130.000"), 3))

Report = dict[str, Any]
Make = Callable[[], Report]


class Contest:
    """Buyers who are ready, and all ask at the same instant: through the hub, or by a process that runs groups."""

    def __init__(self, hub: Hub, folder: Path, direct: int = DIRECT) -> None:
        self.operators, self.share = hub.home.operators, direct
        self.clients = [Client(hub.port, self.operators[n % len(self.operators)]) for n in range(200)]
        self.seconds: list[float] = []
        self.undecided = 0
        self.processes = [
            hub.home.start(
                "tests.assurance.direct", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                stderr=(folder / f"direct-{n}.log").open("w"),
            )
            for n in range(PROCESSES if direct else 0)
        ]  # fmt: skip

    def __enter__(self) -> Contest:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.stdin.close()
            process.wait(timeout=30)
            process.stdout.close()

    def winners(self, buyers: int, make: Make) -> int:
        """How many of so many buyers are accepted, or hold what they asked for."""
        direct = min(self.share, buyers // 2)
        barrier = threading.Barrier(buyers - direct + len(self.processes))
        with ThreadPoolExecutor(buyers) as threads:
            asked = [threads.submit(self._ask, self.clients[n], make(), barrier) for n in range(buyers - direct)]
            for n, process in enumerate(self.processes):
                items = [make() for _ in range(direct // len(self.processes))]
                asked.append(threads.submit(self._direct, process, self.operators[n % 2]["operator"], items, barrier))
            return sum(each.result() for each in asked)

    def _ask(self, client: Client, item: Report, barrier: threading.Barrier) -> int:
        body = batch(item)
        headers = client.signed("/movements", body)
        barrier.wait()
        since = time.monotonic()
        status, answer = client.send("/movements", body, headers)
        self.seconds.append(time.monotonic() - since)
        if status != 200:
            self.undecided += 1
            return 0
        return _won(results_of(answer)[0])

    def _direct(self, process: Any, operator: str, items: list[Report], barrier: threading.Barrier) -> int:
        barrier.wait()
        process.stdin.write(json.dumps({"operator": operator, "items": items}) + "\n")
        process.stdin.flush()
        answers = json.loads(process.stdout.readline())
        self.undecided += answers.count("503")
        return sum(_won(json.loads(answer)) for answer in answers if answer != "503")


def _won(result: dict[str, Any]) -> int:
    return int(result["verdict"]["status"] in ("accepted", "pending"))


def new_lot(client: Client) -> str:
    """100 t of coal, of the title that has enough."""
    (result,) = results_of(client.insist("/movements", batch(production("100.000", str(uuid7())))))
    return str(result["verdict"]["lots"][0]["lot"])


def contests(contest: Contest, rounds: int, first: int, home: Home) -> dict[str, Any]:
    """Rounds over a lot, a title's year and a miner's year; by how many winners each was off."""
    resources = home.stage("resources", first, rounds)
    off = {"lot": 0, "title": 0, "miner": 0}
    for n in range(rounds):
        (tonnes, grams), allowed = SHARES[n % len(SHARES)]
        lot, title, miner = new_lot(contest.clients[0]), resources["titles"][n], resources["miners"][n]
        asked: dict[str, Make] = {
            "lot": lambda lot=lot, tonnes=tonnes: sale(lot, tonnes, buyer=TRADER),
            "title": lambda title=title, tonnes=tonnes: production(tonnes, None, title=title),
            "miner": lambda miner=miner, grams=grams: purchase(miner, grams),
        }
        for name, make in asked.items():
            off[name] += contest.winners(BUYERS, make) - allowed
    return {"attempts": rounds * BUYERS * len(off), "operators": len(contest.operators), "off": off}


def double_spend(home: Home, folder: Path, rounds: int) -> dict[str, Any]:
    """The rounds, and the figures of them all."""
    with ExitStack() as stack:
        hub = stack.enter_context(Hub(home, folder / "hub.log"))
        contest = stack.enter_context(Contest(hub, folder))
        figures = contests(contest, rounds, 0, home)
        ranked = sorted(contest.seconds)
        figures |= {
            "p50 s": round(ranked[len(ranked) // 2], 3),
            "p99 s": round(ranked[len(ranked) * 99 // 100], 3),
            "worst s": round(ranked[-1], 3),
            "undecided": contest.undecided,
        }
    with home.connect() as database:
        found = database.execute(DEADLOCKS).fetchone()
        figures["deadlocks resolved"] = found[0] if found else None
        over = "SELECT count(*) FROM ledger_account WHERE received < released + held"
        figures["oversold"] = (database.execute(over).fetchone() or (0,))[0]
    return figures


def hold(home: Home, folder: Path, rounds: int) -> None:
    allowed = P99_WITHIN * slowness()
    with trial("T04", n=rounds * BUYERS * 3, seed=seed_of_run()) as figures:
        figures |= double_spend(home, folder, rounds)
        assert not any(figures["off"].values()), figures
        assert (figures["oversold"], figures["undecided"]) == (0, 0), figures
        figures |= require_sound(home)
        assert figures["p99 s"] <= allowed, figures


def test_winners_are_exactly_those_allowed(home: Home, tmp_path: Path) -> None:
    hold(home, tmp_path, rounds=6)


@pytest.mark.chaos
def test_winners_are_exactly_those_allowed_at_length(home: Home, tmp_path: Path) -> None:
    hold(home, tmp_path, rounds=1000)


def test_of_200_who_sell_one_lot_through_two_operators_one_wins(home: Home, tmp_path: Path) -> None:
    home.operators = home.operators[:2]
    with (
        trial("T04 one lot", n=200, seed=0) as figures,
        Hub(home, tmp_path / "hub.log") as hub,
        Contest(hub, tmp_path, direct=0) as contest,
    ):
        lot = new_lot(contest.clients[0])
        figures["winners"] = contest.winners(200, lambda: sale(lot, "100.000", buyer=TRADER))
        figures["undecided"] = contest.undecided
        assert figures == {"winners": 1, "undecided": 0}


READ_THEN_WRITE = Fault("veta.ledger.services", (('ORDER BY id FOR NO KEY UPDATE\n"""', 'ORDER BY id\n"""'),))


def test_control_reading_and_then_writing_oversells(
    built_home: Home, new_home: Callable[[], Path], tmp_path: Path
) -> None:
    """Without the lock, and without the CHECK that would stop it all the same, more win than there is."""
    with trial("T04 control: read then write", n=3 * BUYERS * 3, seed=0) as figures:
        home = built_home.copy_to(new_home(), planted=plant(tmp_path / "planted", READ_THEN_WRITE))
        with home.connect() as database:
            database.execute("ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_not_over_released")
        figures |= double_spend(home, tmp_path, rounds=3)
        assert figures["oversold"] > 0, figures
        assert sum(figures["off"].values()) > 0, figures


def crossfire(home: Home, folder: Path, *, groups: int, seed: int) -> dict[str, Any]:
    """Processes that fire groups at the same lots and ids; how often each exception ended a group or a request."""
    titles = [*home.stage("resources", 0, 8)["titles"], "DEMO-CARBON"]
    began, failed = datetime.now(UTC).isoformat(), Counter[str]()
    processes = [
        home.start(
            "tests.assurance.crossfire", str(seed), str(turn), str(groups), began, ",".join(titles),
            home.operators[0]["operator"], home.operators[1]["operator"], stdout=subprocess.PIPE, text=True,
            stderr=(folder / f"crossfire-{turn}.log").open("w"),
        )
        for turn in range(PROCESSES)
    ]  # fmt: skip
    for process in processes:
        said = process.communicate()[0]
        assert process.returncode == 0, [path.read_text()[-1500:] for path in folder.glob("crossfire-*.log")]
        failed.update(json.loads(said))
    with home.connect() as database:
        (verdicts,) = database.execute("SELECT count(*) FROM movements_verdict").fetchone() or (0,)
        (deadlocks,) = database.execute(DEADLOCKS).fetchone() or (0,)
    return {"n": verdicts, "ended by": dict(failed), "deadlocks": deadlocks}


def hold_crossfire(home: Home, folder: Path, groups: int) -> None:
    seed = seed_of_run()
    with trial("T04 crossfire", n=0, seed=seed) as figures:
        figures |= crossfire(home, folder, groups=groups, seed=seed)
        # Two groups that make one lot at the same instant: the later is tried again, and finds it made.
        others = {what: n for what, n in figures["ended by"].items() if what != "group: UniqueViolation"}
        assert (others, figures["deadlocks"]) == ({}, 0), figures
        figures |= require_sound(home)


def test_groups_fired_at_the_same_lots_and_ids_neither_lock_up_nor_break_anything(home: Home, tmp_path: Path) -> None:
    hold_crossfire(home, tmp_path, groups=40)


@pytest.mark.chaos
def test_groups_fired_at_the_same_lots_and_ids_at_length(home: Home, tmp_path: Path) -> None:
    hold_crossfire(home, tmp_path, groups=4000)
