"""A scenario's file is read whole or refused: whatever the suite does not know would test nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from veta.conformance.catalogue import chosen, scenarios
from veta.conformance.domain.reading import names_made, scenario_of
from veta.conformance.domain.refusals import ScenarioRefused
from veta.conformance.domain.scenario import Group
from veta.conformance.steps import STEPS

GOOD: dict[str, Any] = {
    "id": "captura-90", "title": "t", "tests": "t", "does": "d", "sees": "s", "norm": "n", "status": "unverified",
    "world": {"comprador": "trader", "minero": {"kind": "miner", "called": "Ñ"}},
    "step": [
        {"do": "capture", "as": "luego", "name": "compra", "form": "purchase", "by": "comprador", "count": 2},
        {"do": "settle", "of": ["compra-*"]},
    ],
    "check": [
        {"is": "once", "of": ["compra-1", "compra-2"]},
        {"is": "true_hour", "of": ["compra-1"], "after": "luego"},
    ],
}  # fmt: skip


def read(given: dict[str, Any]) -> Any:
    return scenario_of(given, group=Group.CAPTURE, steps=STEPS, file="capture/captura-90.toml")


def test_a_good_one_is_read() -> None:
    made = read(GOOD)
    assert (made.world[1].called, made.steps[0].named, made.checks[0].name) == ("Ñ", "luego", "once")
    assert names_made(made) == ({"compra-1", "compra-2"}, {"luego"})


WRONG: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no se conoce «extra»": lambda g: g.update(extra=1),
    "falta «norm»": lambda g: g.pop("norm"),
    "«status» es uno de": lambda g: g.update(status="sure"),
    "no se prueba nada": lambda g: g.update(check=[]),
    "no se sabe hacer «captur»": lambda g: g["step"][0].update(do="captur"),
    "no se sabe comprobar «onze»": lambda g: g["check"][0].update({"is": "onze"}),
    "no se conoce «quantity»": lambda g: g["step"][0].update(quantity="1"),
    "no se conoce «state»": lambda g: g["check"][0].update(state="accepted"),
    "falta «form»": lambda g: g["step"][0].pop("form"),
    "falta «of»": lambda g: g["check"][0].pop("of"),
    "«count» no es de la clase": lambda g: g["step"][0].update(count="2"),
    "nada se llama «compra-3»": lambda g: g["check"][0].update(of=["compra-3"]),
    "ningún paso se llama «antes»": lambda g: g["check"][1].update(after="antes"),
    "nadie en el mundo se llama «vendedor»": lambda g: g["step"][0].update(by="vendedor"),
    "«kind» es uno de": lambda g: g["world"].update(otro="bank"),
    "mundo «otro»: no se conoce «alias»": lambda g: g["world"].update(otro={"kind": "trader", "alias": "x"}),
    "«automatic» no es de la clase": lambda g: g.update(automatic="yes"),
    "no alcanza a capturar 41": lambda g: g["step"][0].update(count=41),
    "a ese paso: escriba «automatic": lambda g: g["check"].append({"is": "rate", "of": ["compra-*"], "seconds": 5.0}),
    "«shared» no es de la clase": lambda g: g["world"].update(otro={"kind": "trader", "shared": "yes"}),
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_not_known_is_refused(said: str) -> None:
    given = copy.deepcopy(GOOD)
    WRONG[said](given)
    with pytest.raises(ScenarioRefused) as refused:
        read(given)
    assert said in refused.value.message
    assert "capture/captura-90.toml" in refused.value.message


def test_each_of_the_suite_s_own_is_good_and_each_group_has_its_smoke() -> None:
    found = scenarios()
    assert len({each.id for each in found}) == len(found) >= 60
    for group in Group:
        assert sum(each.smoke for each in found if each.group is group) == 1, group


def test_they_are_chosen_by_group_and_by_id() -> None:
    assert {each.group for each in chosen(groups=["failure"])} == {Group.FAILURE}
    assert [each.id for each in chosen(ids=["captura-01"])] == ["captura-01"]
    assert [each.long for each in chosen(ids=["rendimiento-03"])] == [True]
    assert not any(each.long for each in chosen(groups=["performance"]))
    assert any(each.long for each in chosen(groups=["performance"], long=True))
    with pytest.raises(ScenarioRefused, match="No hay grupo «fail»"):
        chosen(groups=["fail"])
    with pytest.raises(ScenarioRefused, match="No hay escenario «x»"):
        chosen(ids=["x"])
