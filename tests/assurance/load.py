"""One client process of a trial: threads that report, offer, answer and repeat, and a journal of what was acknowledged.

`python -m tests.assurance.load PORT OPERATORS.json JOURNAL SEED THREADS COUNT`: each thread acts on its own lots, so
that what the hub must answer is known; a line of the journal is written when the answer is in hand, not before.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.assurance.client import Client, Wrong, batch
from tests.assurance.reports import TRADER, production, sale, text
from veta.kernel.ids import uuid7

REPEAT = 0.1
EXPECTED = {"production": "accepted", "used": "accepted", "offer": "pending", "step": "accepted"}


class Journal:
    """What was acknowledged: one line for each verdict, as it was answered."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def write(self, **line: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


class Reporter(threading.Thread):
    """One client: it makes lots, offers and uses them up, through its operators, `count` movements in all."""

    def __init__(self, port: int, operators: list[dict[str, str]], journal: Journal, seed: str, count: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.clients = [Client(port, operator) for operator in operators]
        self.journal, self.count = journal, count
        self.lots: list[tuple[str, int]] = []  # lot, smallest units left in it
        self.sent: list[tuple[Client, str, bytes, bytes]] = []
        self.worst = 0.0

    def run(self) -> None:
        made = 0
        try:
            while made < self.count:
                made += self.act()
        except Wrong as wrong:
            self.journal.write(wrong=str(wrong))
        met: dict[str, int] = {}
        for client in self.clients:
            for what, times in client.met.items():
                met[what] = met.get(what, 0) + times
        self.journal.write(met=met, worst=self.worst)

    def act(self) -> int:
        """Do one thing; returns how many movements it submitted."""
        if self.sent and self.random.random() < REPEAT:
            return self.repeat()
        if len(self.lots) < 3 or self.random.random() < 0.6:
            return self.produce(self.random.choice((1, 1, 1, 1, 5, 20)))
        return self.use_up() if self.random.random() < 0.4 else self.offer()

    def produce(self, count: int) -> int:
        items = []
        for _ in range(count):
            amount = self.random.randrange(1, 1000)  # a million of them stay within the year that the title may extract
            lot = str(uuid7()) if self.random.random() < 0.5 else None
            items.append((production(text(amount), lot), amount))
        results = self.submit("/movements", batch(*(item for item, _ in items)))
        for (item, amount), result in zip(items, results, strict=True):
            self.acknowledge("production", item["id"], result, produced=amount)
            self.lots += [(lot["lot"], amount) for lot in result["verdict"]["lots"]]
        return count

    def take(self) -> tuple[str, int]:
        place = self.random.randrange(len(self.lots))
        lot, left = self.lots.pop(place)
        amount = self.random.randrange(1, left + 1)
        if left > amount:
            self.lots.append((lot, left - amount))
        return lot, amount

    def use_up(self) -> int:
        lot, amount = self.take()
        item = sale(lot, text(amount), buyer_kind="final_consumer")
        (result,) = self.submit("/movements", batch(item))
        self.acknowledge("used", item["id"], result, used=amount)
        return 1

    def offer(self) -> int:
        lot, amount = self.take()
        item = sale(lot, text(amount), buyer=TRADER)
        (result,) = self.submit("/movements", batch(item))
        self.acknowledge("offer", item["id"], result)
        step: dict[str, Any] = {"id": str(uuid7())}
        name = self.random.choice(("confirmation", "confirmation", "withdrawal"))
        if name == "confirmation":
            step["decision"] = self.random.choice(("confirm", "confirm", "refuse"))
        handed = step.get("decision") == "confirm"
        (result,) = self.submit(f"/movements/{item['id']}/{name}", json.dumps(step).encode())
        self.acknowledge("step", step["id"], result, handed=amount if handed else 0)
        if not handed:
            self.lots.append((lot, amount))
        return 2

    def submit(self, path: str, body: bytes) -> list[dict[str, Any]]:
        client = self.random.choice(self.clients)
        since = time.monotonic()
        answer = client.insist(path, body)
        self.worst = max(self.worst, time.monotonic() - since)
        self.sent.append((client, path, body, answer))
        return results_of(answer)

    def repeat(self) -> int:
        """Something acknowledged before, sent again: the same bytes but for `repeated`."""
        client, path, body, before = self.random.choice(self.sent)
        answer = client.insist(path, body)
        if plain(answer) != plain(before) or not all(result["repeated"] for result in results_of(answer)):
            raise Wrong(f"a repeat was answered otherwise: {before[:300]!r} then {answer[:300]!r}")
        return 1

    def acknowledge(self, what: str, id: str, result: dict[str, Any], **amounts: int) -> None:
        status = result["verdict"]["status"]
        if status != EXPECTED[what]:
            raise Wrong(f"{what} {id} was {status}: {result['verdict']['findings']}")
        self.journal.write(id=id, what=what, verdict=result["verdict"], leaf=result["receipt"]["leaf"], **amounts)


def results_of(answer: bytes) -> list[dict[str, Any]]:
    given = json.loads(answer)
    results: list[dict[str, Any]] = given.get("results", [given])
    return results


def plain(answer: bytes) -> bytes:
    """An answer without what may differ between the first and the next."""
    return answer.replace(b'"repeated":true', b'"repeated":false')


def main(port: str, operators: str, journal: str, seed: str, threads: str, count: str) -> None:
    """Run the threads to their end."""
    known, written = json.loads(Path(operators).read_text()), Journal(Path(journal))
    reporters = [
        Reporter(int(port), known, written, f"{seed}/{n}", int(count) // int(threads)) for n in range(int(threads))
    ]
    for reporter in reporters:
        reporter.start()
    for reporter in reporters:
        reporter.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
