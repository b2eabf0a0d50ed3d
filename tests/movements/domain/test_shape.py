"""How long and how many: what tables of cases would say at too great a length. All that is wrong is said at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.movements.domain.casebook import BASE_REPORTS, base, situation_of
from tests.movements.domain.world_of import Names, written_out
from veta.movements.domain.reader import Unreadable
from veta.movements.domain.shape import SHAPES, read_item


def sent(report: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    situation = situation_of(report, {f"movement.{path}": value for path, value in changes.items()})
    return written_out(situation["movement"], base()["world"], Names())  # type: ignore[no-any-return]


def refusals(report: str, changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    try:
        read_item(sent(report, changes))
    except Unreadable as cause:
        return [(found.code, found.field) for found in cause.findings]
    return []


PART = {"lot": "lote:carbon", "quantity": "1"}
PILE = {"quantity": "1", "unit": "t"}
DORE = {"mineral": "dore", "quantity": "1", "unit": "g", "fineness": "900"}


@pytest.mark.parametrize(
    ("report", "field", "one", "least", "most"),
    [
        ("venta", "items", PART, 1, 200),
        ("exportacion", "items", PART, 1, 200),
        ("reagrupe", "inputs", PART, 1, 200),
        ("reagrupe", "outputs", PILE, 1, 200),
        ("beneficio", "inputs", PART, 1, 200),
        ("beneficio", "outputs", DORE, 1, 50),
        ("beneficio", "losses", DORE, 0, 50),
        ("produccion", "evidence", "documento:invoice", 0, 50),
    ],
)
def test_a_list_has_its_bounds(report: str, field: str, one: Any, least: int, most: int) -> None:
    for count in (least, most):
        assert refusals(report, {field: [one] * count}) == []
    assert refusals(report, {field: [one] * (most + 1)}) == [("SCH-004", field)]
    if least:
        assert refusals(report, {field: []}) == [("SCH-004", field)]


@pytest.mark.parametrize(
    ("report", "field", "longest"),
    [
        ("produccion", "note", 1000),
        ("retencion", "circumstances", 1000),
        ("reversion", "reason", 500),
        ("produccion", "late.reason", 500),
        ("produccion", "place.facility", 120),
        ("produccion", "origin.code", 40),
    ],
)
def test_a_text_has_its_length(report: str, field: str, longest: int) -> None:
    assert refusals(report, {field: "x" * longest}) == []
    assert refusals(report, {field: "x" * (longest + 1)}) == [("SCH-003", field)]


def test_all_that_is_wrong_is_said_at_once() -> None:
    changes = {"quantity": 5, "unit": "(ninguno)", "color": "negro", "place.lat": "91", "holder.check": "x"}
    changes = {"holder": {"type": "NIT", "number": "900100001"}, **changes}
    assert sorted(refusals("produccion", changes)) == [
        ("SCH-001", "color"),
        ("SCH-002", "unit"),
        ("SCH-003", "holder.check"),
        ("SCH-003", "place.lat"),
        ("SCH-003", "quantity"),
    ]


@pytest.mark.parametrize("value", [None, 7, "texto", [], True])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(Unreadable) as cause:
        read_item(value)
    assert [(found.code, found.field) for found in cause.value.findings] == [("SCH-003", "item")]


@pytest.mark.parametrize("report", [name for name in BASE_REPORTS if base()["movements"][name]["kind"] in SHAPES])
def test_what_is_read_fits_the_schema_that_is_published(report: str) -> None:
    value = sent(report, {})
    conforms(value, SHAPES[value["kind"]].schema)


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    try:
        conforms(value, schema)
    except AssertionError:
        return False
    return True


def conforms(value: Any, schema: Mapping[str, Any]) -> None:
    """The few words of JSON Schema that the published one uses."""
    if "oneOf" in schema:
        assert sum(fits(value, one) for one in schema["oneOf"]) == 1
    elif schema["type"] == "object":
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) <= value.keys() <= schema["properties"].keys()
        for name, each in value.items():
            conforms(each, schema["properties"][name])
    elif schema["type"] == "array":
        assert schema["minItems"] <= len(value) <= schema["maxItems"]
        for each in value:
            conforms(each, schema["items"])
    else:
        assert re.search(schema.get("pattern", ""), value)
        assert value in schema.get("enum", [value])
        assert value == schema.get("const", value)
