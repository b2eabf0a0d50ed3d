"""What holds of every decision, whatever the world and the report: it is made, it balances, and it can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.movements.domain.casebook import BASE_REPORTS, situation_of
from tests.movements.domain.strategies import quantities, situations
from tests.movements.domain.world_of import Names, item_of, world_of
from veta.movements.domain.case import Case
from veta.movements.domain.decide import decide
from veta.movements.domain.effects import Effects, apply
from veta.movements.domain.facts import RunningBalance, World
from veta.movements.domain.frame import frame
from veta.movements.domain.item import Item, Reversal, Step
from veta.movements.domain.reader import Unreadable
from veta.movements.domain.undoable import keep_target
from veta.movements.domain.verdict import Verdict
from veta.movements.domain.yielded import contained

NAMES = Names()
MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Left = dict[UUID, tuple[int, int]]


def read(situation: Mapping[str, Any]) -> tuple[World, Item, datetime, UUID]:
    received = datetime.fromisoformat(situation["received_at"])
    world = world_of(situation["world"], NAMES)
    item = item_of(situation["movement"], situation["world"], NAMES, received=received)
    return world, item, received, NAMES.id(f"operador:{situation['operator']}")


def judged(world: World, item: Item, received: datetime, operator: UUID) -> tuple[Case, Verdict, Effects]:
    case = frame(item, operator=operator, received_at=received, world=world)
    verdict, effects = decide(case)
    verdict.body()
    return case, verdict, effects


@MANY
@given(situations())
def test_every_readable_report_is_decided_and_what_it_does_balances(situation: Mapping[str, Any]) -> None:
    try:
        world, item, received, operator = read(situation)
    except Unreadable:
        return
    case, verdict, effects = judged(world, item, received, operator)
    if verdict.status == "rejected":
        assert effects == Effects()
        return
    assert not any(finding.severity == "blocking" for finding in verdict.findings)
    balances(case, effects, world)
    blends(case, effects)
    before = dict(world.balances)
    apply(effects, world)
    never_over_released(world)
    releases_what_it_held(case, effects, before)


def balances(case: Case, effects: Effects, world: World) -> None:
    """Each account is of one commodity, a lot of its mineral; a new lot receives what it is said to hold."""
    commodity: dict[UUID, str] = {lot.id: lot.mineral for lot in world.lots.values()}
    commodity |= {lot.facts.id: lot.facts.mineral for lot in effects.lots}
    commodity |= {account: name for account, (_, name) in effects.boundaries.items()}
    commodity |= {right.account: f"right:{right.group}" for right in case.rights}
    received: dict[UUID, int] = defaultdict(int)
    for entry in effects.entries:
        assert entry.amount > 0
        for account in (entry.source, entry.target):
            assert commodity.setdefault(account, entry.commodity) == entry.commodity
        received[entry.target] += entry.amount
    for lot in effects.lots:
        assert received[lot.facts.id] == lot.amount
        assert lot.amount > 0
        assert (lot.facts.origin is None) != (lot.facts.composition is None)


def blends(case: Case, effects: Effects) -> None:
    """A new composition weighs exactly what was mixed: the metal where all of it is known, else the quantity."""
    for blend in effects.compositions.values():
        assert blend.total == sum(blend.weights)
        assert min(blend.weights) > 0
        quantity = sum(part.amount or 0 for part in case.parts)
        metal = [contained(part) for part in case.parts]
        graded = case.item.kind == "transformation" and None not in metal and sum(m or 0 for m in metal) > 0
        assert blend.total == (sum(m or 0 for m in metal) if graded else quantity)


def never_over_released(world: World) -> None:
    for balance in world.balances.values():
        assert balance.held >= 0
        assert balance.released + balance.held <= balance.received


def releases_what_it_held(case: Case, effects: Effects, before: Mapping[UUID, RunningBalance]) -> None:
    """An ending releases exactly what the offer held, an offer holds exactly what it offers, and nothing else does."""
    held: dict[UUID, int] = defaultdict(int)
    if case.pending is not None:
        for line in case.pending.lines:
            held[line.lot] -= line.amount
    elif effects.pending is not None:
        for line in effects.pending.lines:
            held[line.lot] += line.amount
    assert dict(effects.holds) == dict(held)


def left(world: World) -> Left:
    """What is free and what is held of every account that has something."""
    found = {account: (b.available, b.held) for account, b in world.balances.items()}
    return {account: amounts for account, amounts in found.items() if amounts != (0, 0)}


def _day(item: Item) -> datetime:
    return item.occurred_at


AUTHORITYS = {  # rule REV-005
    "exportacion", "retencion", "venta_al_consumidor", "consumo", "perdida", "ingreso", "ingreso_de_subsistencia",
    "ingreso_importado", "ingreso_en_desuso",
}  # fmt: skip
CARRIED = {"despacho", "recibo"}  # withdrawn, or over
ANSWERS = {"reversion", "reversion_de_venta", "confirmacion", "retiro", "ajuste"}
ACTS = {"suspension", "levantamiento", "decomiso", "acreditacion"}  # nobody's report: another act answers them


@pytest.mark.parametrize(
    "report",
    sorted(set(BASE_REPORTS) - ANSWERS - AUTHORITYS - ACTS - CARRIED),
)
@given(quantity=quantities)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undoing_at_once_leaves_everything_as_it_was(report: str, quantity: str) -> None:
    situation = situation_of(report, {"world.mandates.exportadora.operator": "operador"})
    if "quantity" in situation["movement"]:
        situation["movement"]["quantity"] = quantity
    elif situation["movement"]["kind"] == "sale":
        situation["movement"]["items"][0]["quantity"] = quantity
    world, item, received, operator = read(situation)
    before = left(world)
    world.asked_to_undo.add(item.id)
    case, verdict, effects = judged(world, item, received, operator)
    if verdict.status == "rejected":
        return
    settle(world, case, verdict, effects)
    granted = sum_of_grants(effects)
    if verdict.status == "pending":
        granted |= sum_of_grants(answer(world, item.id, "confirm", received, operator))
    undo(world, item, received, operator)
    after = left(world)
    for account, amount in granted.items():
        free, held = after.get(account, (0, 0))
        after[account] = (free - amount, held)
    assert {a: v for a, v in after.items() if v != (0, 0)} == before


def settle(world: World, case: Case, verdict: Verdict, effects: Effects) -> None:
    apply(effects, world)
    keep_target(case, verdict.status, effects)
    never_over_released(world)


def sum_of_grants(effects: Effects) -> dict[UUID, int]:
    """What the first movement of a period granted: its period is still its period when the movement is undone."""
    granted = {e.target: e.amount for e in effects.entries if effects.boundaries.get(e.source, ("", ""))[0] == "grant"}
    return granted


def answer(world: World, movement: UUID, decision: str, received: datetime, operator: UUID) -> Effects:
    """The counterparty's answer, or the author's withdrawal, or the term's end."""
    kind = {"confirm": "confirmation", "refuse": "confirmation", "withdraw": "withdrawal", "lapse": "lapse"}[decision]
    step = Step(id=NAMES.id(f"paso:{movement}"), kind=kind, occurred_at=received, movement=movement, decision=decision)
    case, verdict, effects = judged(world, step, received, operator)
    assert verdict.status == "accepted", verdict.findings
    settle(world, case, verdict, effects)
    return effects


def undo(world: World, item: Item, received: datetime, operator: UUID) -> None:
    reversal = Reversal(
        id=NAMES.id(f"reversion:{item.id}"), kind="reversal", occurred_at=received, movement=item.id, reason="error"
    )
    case, verdict, effects = judged(world, reversal, received, operator)
    assert verdict.status in ("accepted", "pending"), verdict.findings
    settle(world, case, verdict, effects)
    if verdict.status == "pending":
        answer(world, reversal.id, "confirm", received, operator)


@given(ending=st.sampled_from(["refuse", "withdraw", "lapse"]), quantity=st.integers(1, 600_000))
@settings(max_examples=60, deadline=None)
def test_an_offer_that_ends_without_a_sale_leaves_everything_as_it_was(ending: str, quantity: int) -> None:
    amount = f"{quantity // 1000}.{quantity % 1000:03}"
    world, item, received, operator = read(situation_of("venta", {"movement.items.0.quantity": amount}))
    before = left(world)
    case, verdict, effects = judged(world, item, received, operator)
    assert verdict.status == "pending"
    settle(world, case, verdict, effects)
    assert left(world) != before
    answer(world, item.id, ending, received, operator)
    assert left(world) == before


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_years_cap_is_never_passed_whatever_the_order(amounts: list[int]) -> None:
    """The miner's 420 g, of which 100 g are used: what is accepted fits, and the first that does not is refused."""
    situation = situation_of("compra", {"movement.consent": "(ninguno)", "movement.fineness": "1000"})
    sent = situation["movement"]
    world, _, received, operator = read(situation)
    used = 100_000
    for n, amount in enumerate(amounts):
        one = {**sent, "id": f"nuevo:{n}", "lot": f"nuevo:lote-{n}", "quantity": f"{amount // 1000}.{amount % 1000:03}"}
        item = item_of(one, situation["world"], NAMES, received=received)
        case, verdict, effects = judged(world, item, received, operator)
        fits = used + amount <= 420_000
        assert (verdict.status == "accepted") is fits
        if fits:
            used += amount
            settle(world, case, verdict, effects)
