"""A lot with 10⁵ descendants is suspended in seconds, with what is made of it meanwhile, while others go on selling."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.assurance.running import slowness
from tests.movements.test_acts import act
from tests.movements.world import World, as_json
from veta.kernel.clock import FixedClock
from veta.movements.committer import Committer
from veta.movements.domain.submission import NotDecided

DESCENDANTS = 100_000
WITHIN = 10.0
# Lot n of the tree is made of lot (n - 1) / fan: all at once, as a thousand groups would have left them.
GROW = """
WITH tree AS MATERIALIZED (
    SELECT n, gen_random_uuid() AS lot, gen_random_uuid() AS movement FROM generate_series(1, %(count)s) AS n
), edge AS (
    SELECT t.*, coalesce(p.lot, %(root)s::uuid) AS parent
    FROM tree AS t LEFT JOIN tree AS p ON p.n = (t.n - 1) / %(fan)s
), account AS (
    INSERT INTO ledger_account (id, commodity, kind, holder, received)
    SELECT lot, 'carbon_termico', 'lot', %(holder)s, 1000 FROM tree
), lot AS (
    INSERT INTO ledger_lot (account, mineral, origin, accreditation, movement, occurred_at)
    SELECT e.lot, 'carbon_termico', r.origin, 'accredited', e.movement, r.occurred_at
    FROM edge AS e JOIN ledger_lot AS r ON r.account = %(root)s
)
INSERT INTO ledger_lot_parent (parent, child, movement) SELECT parent, lot, movement FROM edge
"""
UNREACHED = """
WITH RECURSIVE below (lot) AS (
    SELECT %(root)s::uuid UNION SELECT p.child FROM ledger_lot_parent AS p JOIN below ON p.parent = below.lot
)
SELECT count(*), count(s.lot) FROM below LEFT JOIN ledger_lot_suspension AS s ON s.lot = below.lot AND s.act = %(act)s
"""


@dataclass
class Loop:
    """A client that reports again and again from a thread of its own."""

    committer: Committer
    report: Any
    stopped: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[float, float, str]] = field(default_factory=list)  # when sent, seconds, status

    def run(self) -> None:
        while not self.stopped.is_set():
            submission, began = self.report(), monotonic()
            try:
                self.committer.decide(submission)
                status = as_json(submission.results[0])["verdict"]["status"]
            except NotDecided:
                status = "503"
            self.answers.append((began, monotonic() - began, status))
            sleep(0.005)


def produced(world: World, quantity: str) -> str:
    production = world.production(quantity)
    (result,) = world.send(production)
    assert result["verdict"]["status"] == "accepted", result["verdict"]["findings"]
    return str(production["lot"])


def grow(world: World, root: str, *, fan: int, count: int = DESCENDANTS) -> list[str]:
    """Descendants of the root, in one statement; returns some of the last."""
    with connection.cursor() as cursor:
        cursor.execute(GROW, {"root": root, "fan": fan, "holder": world.actors["holder2"], "count": count})
        cursor.execute("SELECT child FROM ledger_lot_parent WHERE parent = %s", [root])
        youngest = [str(row[0]) for row in cursor.fetchall()]
    return youngest


def split(world: World, lot: str) -> Any:
    return world.submission(
        world.movement(
            "regroup", holder=world.PARTIES["holder2"], inputs=[{"lot": lot, "quantity": "0.001"}],
            outputs=[{"quantity": "0.001", "unit": "t"}],
        )
    )  # fmt: skip


def reached(root: str, suspension: str) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(UNREACHED, {"root": root, "act": UUID(suspension)})
        row: tuple[int, int] = cursor.fetchone()
    return row


@pytest.fixture
def world(fresh_database: Any) -> World:
    return World().build()


def test_a_hundred_thousand_descendants_while_sales_go_on(world: World, record_property: Any) -> None:
    root, apart = produced(world, "1000.000"), produced(world, "1000.000")
    children = grow(world, root, fan=10)
    clock, turn = FixedClock(world.now), iter(range(10**9))
    committers = [Committer(clock=clock, signer=world.signer) for _ in range(2)]
    others = Loop(committers[0], lambda: world.submission(world.sale(apart, "0.001")))
    makers = Loop(committers[1], lambda: split(world, children[next(turn) % len(children)]))
    threads = [threading.Thread(target=loop.run) for loop in (others, makers)]
    for thread in threads:
        thread.start()
    sleep(0.5)
    began = monotonic()
    verdict = act(world, "suspension", lots=[root])
    ended = monotonic()
    sleep(0.5)
    for loop in (others, makers):
        loop.stopped.set()
    for thread in threads:
        thread.join()
    for committer in committers:
        committer.close()
    every, suspended = reached(root, verdict["movement"])
    assert verdict["status"] == "accepted"
    assert (every == suspended, every > DESCENDANTS) == (True, True)
    assert ended - began < WITHIN * slowness()
    during = [each for each in others.answers if began < each[0] < ended]
    assert during, "nobody sold while the act was decided"
    assert {status for *_, status in others.answers} == {"pending"}
    assert {status for at, _, status in makers.answers if at < began - 0.1} == {"accepted"}
    assert {status for at, _, status in makers.answers if at > ended} <= {"rejected"}
    assert {status for *_, status in makers.answers} <= {"accepted", "rejected", "503"}
    record_property("seconds", round(ended - began, 2))
    print(
        f"{every} lots suspended in {ended - began:.2f} s; {len(during)} sales of others meanwhile, the slowest "
        f"{max(seconds for _, seconds, _ in during):.2f} s; {len(makers.answers)} splits of the tree"
    )


def test_a_chain_of_twenty_thousand_generations(world: World) -> None:
    root = produced(world, "1000.000")
    grow(world, root, fan=1, count=20_000)
    began = monotonic()
    verdict = act(world, "suspension", lots=[root])
    assert monotonic() - began < WITHIN * slowness()
    assert reached(root, verdict["movement"]) == (20_001, 20_001)
