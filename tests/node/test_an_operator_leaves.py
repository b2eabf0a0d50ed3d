"""T28 at length: an operator leaves while its clients capture; they go on with another, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from tests.assurance.planted import Fault, plant
from tests.assurance.record import trial
from tests.conftest import Cluster
from tests.node.conftest import new_client
from tests.node.stage import EXTRACTED, Stage, expected, running, staged, until
from tests.node.test_against_a_hub import Capturing, all_captured, refused
from veta.kernel.identity import document
from veta.node.client import HubClient
from veta.node.models import Client
from veta.operators.services.keys import revoke_key
from veta.registry.services.actors import register_actor

pytestmark = pytest.mark.chaos
MOST = 200  # of a request
THREADS = 10


@pytest.fixture
def stage(
    cluster: Cluster, django_db_blocker: DjangoDbBlocker, new_home: Callable[[], Path], tmp_path: Path
) -> Iterator[Stage]:
    """A hub of the trial's own: the first operator does not come back."""
    with staged(cluster, django_db_blocker, new_home(), tmp_path / "hub.log", clients=()) as made:
        yield made


def enrol_buyers(stage: Stage, count: int) -> dict[str, Client]:
    """Traders, each a client of this node under a mandate of the first operator's; by document."""
    numbers, world = [f"90065{n:04}" for n in range(count)], stage.world.world
    with stage.in_hub():
        for number in numbers:
            world.actors[number] = register_actor(
                "firm", f"DEMO comprador {number} (ficticio)", documents=[document("NIT", number)], by="oficial-1",
                source="prueba",
            )  # fmt: skip
            world.register(number, "trader")
            world.mandate(world.actors[number], stage.world.first.operator)
    mandates = stage.mandates()
    assert stage.desk is not None
    return {number: new_client(stage.desk, number, number, mandate=mandates[number]) for number in numbers}


def party(number: str) -> dict[str, str]:
    return {"type": "NIT", "number": number}


def held(hub: HubClient, number: str) -> Decimal:
    """The grams of gold that the hub says a buyer has."""
    return sum((Decimal(each["quantity"]) for each in hub.balances(party(number)).get("stock", ())), Decimal())


def captured(stage: Stage, ids: list[str]) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in stage.payloads(ids)}


def at_hub(stage: Stage) -> dict[str, str]:
    said = "SELECT movement_id::text, convert_from(body, 'UTF8')::jsonb ->> 'status' FROM movements_verdict"
    return dict(stage.at_hub(said))


def hand_over(stage: Stage, buyers: dict[str, Client]) -> None:
    """Each buyer gives the second operator its mandate."""
    with stage.in_hub():
        for number in buyers:
            stage.world.world.mandate(stage.world.world.actors[number], stage.world.second.operator)


def agree(stage: Stage, taking: HubClient, buyers: dict[str, Client], ids: list[str]) -> None:
    """What the hub tells the second operator of each buyer is what was captured and accepted, through whomever."""
    states = at_hub(stage)
    sums: Counter[str] = Counter()
    for id, payload in captured(stage, ids).items():
        one = expected(payload, states.get(id))
        sums[payload["buyer"]["number"]] += one[1] if one is not None else 0
    told = {number: held(taking, number) * 1000 for number in buyers}
    assert told == {number: sums[number] for number in buyers}


def test_under_load_everybody_goes_on_with_another(stage: Stage) -> None:
    """A hundred buyers capture; in the middle the key is revoked. What is left goes through the other operator."""
    first, second = stage.world.first, stage.world.second
    buyers = enrol_buyers(stage, 100)
    with trial("T28", n=len(buyers), seed=0) as figures, stage.connect(first) as leaving:
        each_of = [dict(list(buyers.items())[start::THREADS]) for start in range(THREADS)]
        capturing = [Capturing(stage, some, 40, each=0.1) for some in each_of]
        with running(stage.node_process("node-sender", stage.origin)):
            for client in capturing:
                client.start()
            until(lambda: len(at_hub(stage)) > 500, seconds=120)
            with stage.in_hub():
                revoke_key(first.key_id, by="oficial-1", compromised=False, reason="Se retira")
            figures["refused_s"] = round(until(lambda: refused(leaving), seconds=60), 1)
            ids = all_captured(capturing)
        before = at_hub(stage)
        figures |= {"captured": len(ids), "through the first": len(before)}
        assert 500 < len(before) < len(ids), "it left in the middle"
        hand_over(stage, buyers)
        with stage.connect(second) as taking:
            agree(stage, taking, buyers, ids)
            assert all(taking.movement(id)["verdict"]["status"] == state for id, state in before.items())
            left = [payload for id, payload in captured(stage, ids).items() if id not in before]
            for run in (left[start : start + MOST] for start in range(0, len(left), MOST)):
                assert {each["verdict"]["status"] for each in taking.submit(run)} == {"accepted"}
            agree(stage, taking, buyers, ids)
        entries = {str(id): (times, int(amount)) for id, times, amount in stage.at_hub(EXTRACTED)}
        figures["lost"] = len([id for id in ids if id not in entries])
        figures["doubled"] = sum(times != 1 for times, _amount in entries.values())
        figures["through the second"] = len(left)
        print(figures)
        assert entries == {id: expected(said, "accepted") for id, said in captured(stage, ids).items()}


TOLD = """    return told({"detail": "full", **_figures(actor, mineral)})
"""
KEYED = """    mine = _figures(actor, mineral) if _reported(actor, operator) else {"quotas": [], "stock": []}
    return told({"detail": "full", **mine})


def _reported(actor: UUID, operator: UUID) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM movements_movement AS m JOIN ledger_lot AS l ON l.movement = m.id"
            " JOIN ledger_account AS a ON a.id = l.account WHERE a.holder = %s AND m.operator = %s", [actor, operator],
        )
        return cursor.fetchone() is not None
"""


def test_control_balances_that_are_the_operators(stage: Stage, tmp_path: Path) -> None:
    """A hub that tells an operator only what was reported through it: the one who takes over is told nothing."""
    fault = Fault("veta.hub.api.lookups", ((TOLD, KEYED),))
    stage.close_hub()
    stage.open_hub(planted=plant(tmp_path / "planted", fault))
    buyers = enrol_buyers(stage, 2)
    capturing = Capturing(stage, buyers, 3, each=0)
    capturing.start()
    ids = all_captured([capturing])
    with running(stage.node_process("node-sender", stage.origin)):
        until(lambda: stage.open_items() == 0, seconds=60)
    with stage.connect(stage.world.first) as leaving:
        agree(stage, leaving, buyers, ids)
    hand_over(stage, buyers)
    with (
        trial("T28 control: balances keyed by operator", n=len(buyers), seed=0),
        stage.connect(stage.world.second) as taking,
        pytest.raises(AssertionError),
    ):
        agree(stage, taking, buyers, ids)
