"""What a lot made of others inherits: origins weighed by metal or by quantity, grade, accreditation, plant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.movements.domain.casebook import judge, situation_of
from tests.movements.domain.world_of import Names
from veta.ledger.domain.origin import origin_id
from veta.movements.domain.effects import Effects, LotMade

ORE = {
    "mineral": "mineral_oro",
    "holder": "mina_oro",
    "quantity": "10000",
    "accreditation": "accredited",
    "occurred_at": "2026-11-02T08:00:00-05:00",
}
GOLD = origin_id(kind="title", code="ORO-001")
RIVER = origin_id(kind="subsistence", municipality="27361", person=Names().id("persona:barequero"))


def effects_of(movement: str, changes: Mapping[str, Any]) -> Effects:
    decision = judge(situation_of(movement, changes))
    assert decision.status == "accepted", decision.findings
    assert decision.effects is not None
    return decision.effects


def weights(effects: Effects, lot: LotMade) -> dict[Any, int]:
    if lot.facts.origin is not None:
        return {lot.facts.origin: 1}
    assert lot.facts.composition is not None
    return effects.compositions[lot.facts.composition].as_weights()


def smelted(grade: str | None, *, quantity: str = "1000") -> Effects:
    """10 t of ore at 10 g/t of the title, with ore of the river at another grade, made into 80 g of doré."""
    other = {**ORE, "origin": "rio", **({"grade": grade} if grade is not None else {})}
    inputs = [{"lot": "lote:mena", "quantity": "10000"}, {"lot": "lote:otra", "quantity": quantity}]
    return effects_of("beneficio", {"world.lots.otra": other, "movement.inputs": inputs})


def test_a_doré_comes_of_each_origin_by_the_metal_that_it_brought() -> None:
    effects = smelted("20")
    assert weights(effects, effects.lots[0]) == {GOLD: 100_000, RIVER: 20_000}


def test_an_input_without_metal_leaves_the_mix_but_stays_an_ancestor() -> None:
    effects = smelted("0.0001", quantity="1")
    assert weights(effects, effects.lots[0]) == {GOLD: 100_000}
    assert effects.lots[0].parents == (Names().id("lote:mena"), Names().id("lote:otra"))


def test_by_quantity_where_the_recipe_counts_no_metal() -> None:
    coal = {**ORE, "mineral": "carbon_metalurgico", "origin": "rio"}
    changes = {
        "world.lots.mena": {**ORE, "mineral": "carbon_metalurgico", "origin": "oro"},
        "world.lots.otra": coal,
        "movement.recipe": "coquizacion",
        "movement.inputs": [{"lot": "lote:mena", "quantity": "60"}, {"lot": "lote:otra", "quantity": "40"}],
        "movement.outputs": [{"mineral": "coque", "quantity": "70", "unit": "t"}],
    }
    effects = effects_of("beneficio", changes)
    assert weights(effects, effects.lots[0]) == {GOLD: 60_000, RIVER: 40_000}


def regrouped(*, first: Mapping[str, Any], second: Mapping[str, Any]) -> LotMade:
    """Two tonnes of one ore with one of another, in one pile."""
    changes = {
        "world.lots.uno": {**ORE, "origin": "oro", **first},
        "world.lots.dos": {**ORE, "origin": "rio", **second},
        "movement.holder": "persona:mina_oro",
        "movement.inputs": [{"lot": "lote:uno", "quantity": "2000"}, {"lot": "lote:dos", "quantity": "1000"}],
        "movement.outputs": [{"quantity": "3000", "unit": "kg"}],
    }
    return effects_of("reagrupe", changes).lots[0]


@pytest.mark.parametrize(
    ("first", "second", "mean"),
    [
        ("10", "10", "10"),
        ("10", "13", "11"),
        ("10", "11", "10.333333"),
        ("0.000001", "0.000001", "0.000001"),
        ("0.000001", "0.000002", "0.000001"),
        ("10", None, None),
        (None, None, None),
    ],
)
def test_a_pile_has_the_mean_grade_rounded_down_or_none(
    first: str | None, second: str | None, mean: str | None
) -> None:
    grades = [{"grade": grade} if grade is not None else {} for grade in (first, second)]
    assert regrouped(first=grades[0], second=grades[1]).facts.grade == mean


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        ("accredited", "accredited", "accredited"),
        ("documented", "documented", "documented"),
        ("accredited", "documented", "mixed"),
        ("accredited", "disused", "mixed"),
    ],
)
def test_a_pile_of_different_accreditation_is_mixed(first: str, second: str, result: str) -> None:
    lot = regrouped(first={"accreditation": first}, second={"accreditation": second})
    assert lot.facts.accreditation == result


def test_a_pile_passed_by_a_plant_only_if_all_of_it_did() -> None:
    plant = Names().id("persona:planta")
    assert regrouped(first={"plant": "planta"}, second={"plant": "planta"}).facts.processed_by == plant
    assert regrouped(first={"plant": "planta"}, second={}).facts.processed_by is None


def test_only_a_published_plant_counts_as_beneficio() -> None:
    assert effects_of("beneficio", {}).lots[0].facts.processed_by == Names().id("persona:planta")
    unpublished = effects_of("beneficio", {"world.registrations.planta.published": False})
    assert unpublished.lots[0].facts.processed_by is None
