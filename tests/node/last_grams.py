"""Two operators buy one miner's last grams at once: one counts, and the other is told by what, and what now."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.assurance.record import trial
from tests.movements.world import TOWN, World
from tests.node.dirty_proxy import Meeting, Meets, dirty_proxy
from tests.node.stage import Stage, running, until
from tests.site.conftest import enrol, session_of
from veta.kernel.identity import document
from veta.node.client import HubClient
from veta.node.queries.counter import states_of
from veta.node.services.capture import Given, capture
from veta.registry.services.actors import register_actor

# One second before the year turns in Bogotá, as it turns, and one second after: whichever offset says so.
TURN = (
    ("2025-12-31T23:59:59-05:00", 2025),
    ("2026-01-01T04:59:59.999000+00:00", 2025),
    ("2026-01-01T00:00:00-05:00", 2026),
    ("2026-01-01T05:00:01+00:00", 2026),
)
LEFT, WANTED, CAP = "0.500", "0.400", "420"
BLOCKING = "blocking"


@dataclass(frozen=True)
class Round:
    """A miner with so little left of the year of an instant; whose request passes first, None where both go at once.

    `known`: both operators have a mandate of the miner's, so that they may be told what is left.
    """

    miner: str
    at: str
    year: int
    first: str | None
    known: bool


def rounds_of(at_once: int) -> list[Round]:
    """At each instant: one in which each passes first, and so many in which they go together."""
    kinds = ["node", "other", *[None] * at_once]
    every = [(at, year, first) for at, year in TURN for first in kinds]
    return [Round(f"54{n:06}", at, year, first, n % 2 == 0) for n, (at, year, first) in enumerate(every)]


def raced(stage: Stage, *, at_once: int, seed: int) -> None:
    """Every round has one winner, each side wins some, and the loser is told."""
    chance, rounds, won = random.Random(seed), rounds_of(at_once), Counter[str]()
    with stage.in_hub():
        for each in rounds:
            enrol_miner(stage, each.miner, known=each.known)
    spend(stage, rounds)
    assert stage.desk is not None
    enrol(stage.desk)
    ours, theirs = (Meets(seed, side=side) for side in ("node", "other"))
    with (
        trial("T04 two operators", n=len(rounds), seed=seed) as figures,
        dirty_proxy(stage.port, ours) as mine,
        dirty_proxy(stage.port, theirs) as other,
        running(stage.node_process("node-sender", mine.url)),
        HubClient(
            other.url, stage.credentials(stage.world.second), origin=stage.origin, deadline=60, timeout=60
        ) as rival,
        ThreadPoolExecutor(1) as beside,
    ):  # fmt: skip
        for each in rounds:
            ours.meeting = theirs.meeting = Meeting(each.first)
            sent = beside.submit(rivals, rival, bought(stage, each, buyer="trader2"), chance.uniform(0, 0.005))
            time.sleep(chance.uniform(0, 0.005))
            given = Given(bought(stage, each, buyer="trader"), late_reason="Sin señal.")
            (record,) = capture(stage.clients["trader"], [given], now=datetime.now(UTC))
            told = sent.result()
            found = lambda id=record.id: states_of(stage.clients["trader"], [id])[str(id)]  # noqa: E731
            until(lambda found=found: found()["verified"], seconds=60)  # type: ignore[misc]
            winner = judge(stage, each, str(record.id), found(), told)
            assert each.first in (None, winner), f"{each} was won by {winner}"
            won[winner] += 1
            figures[f"{winner} won, first {each.first}"] = figures.get(f"{winner} won, first {each.first}", 0) + 1
        ours.meeting = theirs.meeting = None
        again = [bought(stage, each, buyer="trader2", at=f"{2025 + 2026 - each.year}-06-15T12:00:00-05:00")
                 for each in rounds]  # fmt: skip
        assert {verdict["status"] for verdict in verdicts(rival, again)} == {"accepted"}, "the other year is another"
        print(figures)
    assert set(won) == {"node", "other"}


def enrol_miner(stage: Stage, number: str, *, known: bool) -> None:
    """A barequero, of whom both operators have a mandate or nobody has; inside the hub."""
    world = stage.world.world
    world.actors[number] = register_actor(
        "person", "Rosa Díaz (ficticia)", documents=[document("CC", number)], by="oficial-1", source="prueba"
    )
    world.register(number, "producer", producer_class="barequero", municipalities=frozenset({TOWN}))
    for signer in (stage.world.first, stage.world.second) if known else ():
        world.mandate(world.actors[number], signer.operator)


def spend(stage: Stage, rounds: Sequence[Round]) -> None:
    """All of the year's cap but a little, and of the other year's enough for one more purchase."""
    sold = [
        bought(stage, each, buyer="trader2", at=f"{year}-06-30T12:00:00-05:00",
               quantity=str(Decimal(CAP) - (Decimal(LEFT) if year == each.year else 100)))
        for each in rounds for year in (2025, 2026)
    ]  # fmt: skip
    with stage.connect(stage.world.second) as hub:
        assert {verdict["status"] for verdict in verdicts(hub, sold)} == {"accepted"}


def bought(stage: Stage, each: Round, *, buyer: str, at: str = "", quantity: str = WANTED) -> dict[str, Any]:
    """A purchase of a round's miner."""
    seller = {"type": "CC", "number": each.miner}
    made = stage.world.world.purchase(quantity, seller=seller, buyer=World.PARTIES[buyer])
    return {**made, "occurred_at": at or each.at}


def verdicts(hub: HubClient, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the hub says to the other operator, who declares them late."""
    given = [{**item, "late": {"reason": "Sin señal."}} for item in items]
    return [
        result["verdict"]
        for start in range(0, len(given), 100)
        for result in hub.submit(given[start : start + 100])
    ]  # fmt: skip


def rivals(hub: HubClient, item: dict[str, Any], wait: float) -> dict[str, Any]:
    time.sleep(wait)
    (verdict,) = verdicts(hub, [item])
    return verdict


def judge(stage: Stage, each: Round, record: str, shown: dict[str, Any], told: dict[str, Any]) -> str:
    """Who won; the other was told the cap, what is left where it may know it, and, on its pages, what now."""
    assert {shown["state"], told["status"]} == {"accepted", "rejected"}, (each, shown, told)
    left = str(Decimal(LEFT) - Decimal(WANTED)).rstrip("0")
    if shown["state"] == "accepted":
        (finding,) = (found for found in told["findings"] if found["severity"] == BLOCKING)
        assert (finding["code"], finding["params"]["limit"], finding["params"]["period"]) == (
            "QUO-003",
            CAP,
            str(each.year),
        )
        assert finding["params"].get("left") == (left if each.known else None)
        return "node"
    (finding,) = (found for found in shown["findings"] if found["severity"] == BLOCKING)
    said = f"{finding['code']} {finding['message']} {shown['now']}"
    page = session_of(stage.desk).get(f"/clientes/{stage.clients['trader'].id}/registros/{record}/")  # type: ignore[arg-type]
    for text in (said, page.content.decode()):
        for words in ("QUO-003", f"{CAP} g", "quizá con otro operador", "compre de nuevo solo lo que le queda"):
            assert words in text, (words, text)
        known = f"En {each.year} quedan {left.replace('.', ',')} g."
        assert (known in text) == each.known, (known, text)
    return "other"
