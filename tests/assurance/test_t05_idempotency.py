"""T05: an id stands for one movement and one answer, byte for byte and for ever; for anything else it is taken."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.assurance.checks import require_sound
from tests.assurance.client import Client, batch
from tests.assurance.load import plain, results_of
from tests.assurance.planted import Fault, plant
from tests.assurance.record import seed_of_run, trial
from tests.assurance.reports import TRADER, production, sale, text
from tests.assurance.running import Home, Hub
from veta.kernel.ids import uuid7

AT_ONCE = 50
BATCH = 100
LATER = "DEMO-R90000"  # a title that the registry learns of during the trial
MONTH = 30

Report = dict[str, Any]
_EFFECTS = """
SELECT count(DISTINCT e.movement), count(*) FROM ledger_entry AS e JOIN ledger_account AS s ON s.id = e.source
WHERE s.kind = 'extraction'
"""


class Keys:
    """Reports under ids of their own, the first answer that each batch had, and what was found wrong."""

    def __init__(self, home: Home, seed: int) -> None:
        self.home, self.random = home, random.Random(seed)
        self.answers: list[tuple[list[Report], bytes]] = []
        self.off: Counter[str] = Counter()
        self.asked = 0
        self._lock = threading.Lock()

    def some(self) -> list[Report]:
        """Most of them good; some of a title that nobody knows yet, some of a mineral in another's unit."""
        items = [production(text(self.random.randrange(1, 2000)), None) for _ in range(BATCH)]
        for item in self.random.sample(items, 10):
            item["origin"] = {"kind": "title", "code": LATER}
        for item in self.random.sample(items, 5):
            item["unit"] = "kg"
        return items

    def together(self, port: int) -> None:
        """One batch, sent by many at once: one effect, one answer."""
        items, times = self.some(), self.random.randrange(2, AT_ONCE + 1)
        body, barrier = batch(*items), threading.Barrier(times)

        def send() -> bytes:
            client = Client(port, self.home.operators[0])
            barrier.wait()
            answer = client.insist("/movements", body)
            client.close()
            return answer

        with ThreadPoolExecutor(times) as threads:
            answers = [each.result() for each in [threads.submit(send) for _ in range(times)]]
        self.asked += times * len(items)
        self.off["answers differ"] += len({plain(answer) for answer in answers}) - 1
        firsts = Counter(n for a in answers for n, result in enumerate(results_of(a)) if not result["repeated"])
        self.off["not one first"] += sum(firsts[n] != 1 for n in range(len(items)))
        self.answers.append((items, plain(answers[0])))

    def again(self, port: int, what: str, answers: list[tuple[list[Report], bytes]] | None = None) -> None:
        """Every batch once more: the same bytes, each a repeat."""
        client = Client(port, self.home.operators[0])
        for items, before in answers or self.answers:
            answer = client.insist("/movements", batch(*items))
            self.asked += len(items)
            self.off[f"{what}: differ"] += plain(answer) != before
            self.off[f"{what}: not repeats"] += sum(not result["repeated"] for result in results_of(answer))
        client.close()

    def otherwise(self, port: int) -> None:
        """The same ids with other words, and by another operator: taken, and nothing told of the first."""
        mine, other = Client(port, self.home.operators[0]), Client(port, self.home.operators[1])
        for items, _ in self.answers:
            self._taken(mine, [{**item, "quantity": "7.777"} for item in items])
            self._taken(mine, [{**item, "note": "otra"} for item in items])
            self._taken(other, items)

    def _taken(self, client: Client, items: list[Report]) -> None:
        results = results_of(client.insist("/movements", batch(*items)))
        self.asked += len(items)
        for item, result in zip(items, results, strict=True):
            verdict = result["verdict"]
            told = {key for key in verdict if key not in ("movement", "status", "lots", "findings")}
            named = [finding["code"] for finding in verdict["findings"]] == ["SCH-010"]
            if not (named and verdict["movement"] == item["id"] and not verdict["lots"] and not told):
                self.off["conflicts not named"] += 1
            self.off["conflicts with a receipt"] += result["receipt"] is not None

    def rivals(self, port: int, count: int) -> None:
        """Two operators and two wordings under one new id, at once: one of them has it, the others are told so."""
        clients = [Client(port, self.home.operators[n % 2]) for n in range(8)]
        for _ in range(count):
            item, barrier = production("1.000", None), threading.Barrier(len(clients))
            worded = [{**item, "quantity": f"{1 + n // 2}.000"} for n in range(len(clients))]
            results = _at_once(clients, worded, barrier)
            self.asked += len(clients)
            kept = [result for result in results if result["verdict"]["status"] == "accepted"]
            taken = [r for r in results if [f["code"] for f in r["verdict"]["findings"]] == ["SCH-010"]]
            self.off["rivals"] += (len(kept), len(taken)) != (1, len(clients) - 1)

    def answered_once(self, port: int, count: int) -> None:
        """A confirmation repeated at once has one effect; its id with another decision is taken."""
        clients = [Client(port, self.home.operators[n % 2]) for n in range(8)]
        for _ in range(count):
            (made,) = results_of(clients[0].insist("/movements", batch(production("5.000", None))))
            offer = sale(made["verdict"]["lots"][0]["lot"], "5.000", buyer=TRADER)
            clients[0].insist("/movements", batch(offer))
            step, path = {"id": str(uuid7()), "decision": "confirm"}, f"/movements/{offer['id']}/confirmation"
            with ThreadPoolExecutor(4) as threads:
                asked = [threads.submit(c.insist, path, json.dumps(step).encode()) for c in clients[:8:2]]
                answers = [each.result() for each in asked]
            self.off["steps differ"] += len({plain(answer) for answer in answers}) - 1
            self.off["steps not one first"] += sum(not json.loads(a)["repeated"] for a in answers) != 1
            changed = json.loads(clients[0].insist(path, json.dumps({**step, "decision": "refuse"}).encode()))
            self.off["conflicts not named"] += [f["code"] for f in changed["verdict"]["findings"]] != ["SCH-010"]
            self.asked += 5

    def after_a_month(self) -> None:
        """The clock moved on: the same answers, from a process that decides 30 days later."""
        process = self.home.start("tests.assurance.direct", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for items, before in self.answers:
            asked = {"operator": self.home.operators[0]["operator"], "items": items, "days": MONTH}
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            answers = json.loads(process.stdout.readline())
            self.asked += len(items)
            self.off["after 30 days: differ"] += plain(('{"results":[' + ",".join(answers) + "]}").encode()) != before
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()

    def effects(self, extra: int) -> None:
        """As many effects as accepted ids, as many verdicts as ids; `extra`, those that are not in the batches."""
        accepted = sum(r["verdict"]["status"] == "accepted" for _, answer in self.answers for r in results_of(answer))
        with self.home.connect() as database:
            movements, entries = database.execute(_EFFECTS).fetchone() or (0, 0)
        self.off["effects"] += abs(movements - accepted - extra) + abs(entries - movements)


def _at_once(clients: list[Client], items: list[Report], barrier: threading.Barrier) -> list[dict[str, Any]]:
    def send(client: Client, item: Report) -> dict[str, Any]:
        barrier.wait()
        return results_of(client.insist("/movements", batch(item)))[0]

    with ThreadPoolExecutor(len(clients)) as threads:
        return list(threads.map(send, clients, items))


def idempotency(
    home: Home, new_home: Callable[[], Path], folder: Path, *, batches: int, seed: int, restarts: bool = True
) -> dict[str, Any]:
    """Everything that can be done with an id that was used, and the figures; without the restarts where they add
    nothing."""
    keys, steps = Keys(home, seed), 10
    with Hub(home, folder / "hub.log") as hub:
        for _ in range(batches):
            keys.together(hub.port)
        keys.effects(0)
        keys.otherwise(hub.port)
        keys.rivals(hub.port, steps)
        keys.answered_once(hub.port, steps)
        keys.effects(2 * steps)
        home.stage("resources", LATER.removeprefix("DEMO-R"), 1)
        keys.again(hub.port, "failed stays failed")
    keys.after_a_month()
    if restarts:
        home.kill_database()
        with Hub(home, folder / "hub.log") as hub:
            keys.again(hub.port, "after restart")
        keys.effects(2 * steps)
        restored = home.copy_to(new_home(), home.planted)
        with Hub(restored, folder / "hub.log") as hub:
            keys.again(hub.port, "after restore")
    return {"n": keys.asked, "keys": batches * BATCH, "off": {name: n for name, n in keys.off.items() if n}}


def hold(home: Home, new_home: Callable[[], Path], folder: Path, batches: int) -> None:
    seed = seed_of_run()
    with trial("T05", n=0, seed=seed) as figures:
        figures |= idempotency(home, new_home, folder, batches=batches, seed=seed)
        assert figures["off"] == {}, figures
        figures |= require_sound(home)


def test_one_effect_and_one_answer_for_ever(home: Home, new_home: Callable[[], Path], tmp_path: Path) -> None:
    hold(home, new_home, tmp_path, batches=6)


@pytest.mark.chaos
def test_one_effect_and_one_answer_for_ever_at_length(home: Home, new_home: Callable[[], Path], tmp_path: Path) -> None:
    hold(home, new_home, tmp_path, batches=1000)


GROUP = "veta.movements.group"
BY_ID_ALONE = Fault(
    GROUP,
    (
        ("        own = kept if kept is not None and kept.operator == entry.operator else None", "        own = kept"),
        ("        if own is not None and entry.received.claimed(bytes(own.digest), own.salt):",
         "        if own is not None:"),
        ("    if first.operator == entry.operator and first.received.digest == entry.received.digest:", "    if True:"),
    ),
)  # fmt: skip
FORGOTTEN = Fault(
    GROUP,
    (
        ("    known = queries.stored(group.cursor, {entry.item.id for entry in entries})",
         "    import time\n"
         "    known = queries.stored(group.cursor, {entry.item.id for entry in entries})\n"
         "    known = known if group.now.timestamp() < time.time() + 86400 else {}"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "seen"), [(BY_ID_ALONE, "conflicts not named"), (FORGOTTEN, "after 30 days: differ")], ids=["id", "ttl"]
)
def test_control_a_weaker_match_is_seen(
    built_home: Home, new_home: Callable[[], Path], tmp_path: Path, fault: Fault, seen: str
) -> None:
    """A repeat matched by its id alone, and an id forgotten after a day."""
    with trial(f"T05 control: {seen}", n=0, seed=1) as figures:
        home = built_home.copy_to(new_home(), planted=plant(tmp_path / "planted", fault))
        figures |= idempotency(home, new_home, tmp_path, batches=1, seed=1, restarts=False)
        assert figures["off"].get(seen, 0) > 0, figures
