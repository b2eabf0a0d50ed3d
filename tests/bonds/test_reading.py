"""Bad input gets a finding that names field, value and remedy; all of them at once."""

from typing import Any

import pytest

from veta.bonds.domain.case import CaseRefused
from veta.bonds.domain.quote import quote
from veta.bonds.domain.reading import read_case
from veta.prices.domain.book import PriceBook

GOOD = {
    "regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01",
    "production": [{"mineral": "carbon_termico", "annual_volume": "1", "unit": "t"}],
}  # fmt: skip


def line(**changes: Any) -> dict[str, Any]:
    return GOOD | {"production": [GOOD["production"][0] | changes]}  # type: ignore[index,operator]


@pytest.mark.parametrize(
    ("case", "field", "value"),
    [
        (line(annual_volume="-5"), "production[0].annual_volume", "-5"),
        (line(annual_volume="1e400"), "production[0].annual_volume", "1e400"),
        (line(annual_volume=5), "production[0].annual_volume", "5"),
        (line(annual_volume=1e300), "production[0].annual_volume", "1e+300"),
        (line(annual_volume="0.0000001"), "production[0].annual_volume", "0.0000001"),
        (line(annual_volume="٣"), "production[0].annual_volume", "٣"),
        (line(mineral="unobtainio"), "production[0].mineral", "unobtainio"),
        (line(mineral=7), "production[0].mineral", "7"),
        (line(unit="m3"), "production[0].unit", "m3"),
        (line(unit="lb"), "production[0].unit", "lb"),
        (line(mineral="oro", unit="t"), "production[0].unit", "t"),
        (line(market="lunar"), "production[0].market", "lunar"),
        (line(density="0"), "production[0].density", "0"),
        (line(recovery="1.01"), "production[0].recovery", "1.01"),
        (line(color="negro"), "production[0].color", "negro"),
        (GOOD | {"starts_on": "2025-02-30"}, "starts_on", "2025-02-30"),
        (GOOD | {"starts_on": "20250801"}, "starts_on", "20250801"),
        (GOOD | {"starts_on": "1988-12-31"}, "starts_on", "1988-12-31"),
        (GOOD | {"starts_on": "2101-01-01"}, "starts_on", "2101-01-01"),
        (GOOD | {"ends_on": "2025-07-31"}, "ends_on", "2025-07-31"),
        (GOOD | {"regime": "ley_1"}, "regime", "ley_1"),
        (GOOD | {"stage": "cierre"}, "stage", "cierre"),
        (GOOD | {"modality": "arriendo"}, "modality", "arriendo"),
        (GOOD | {"investment_cop": "1.001"}, "investment_cop", "1.001"),
        (GOOD | {"plan_approved": "sí"}, "plan_approved", "sí"),
        (GOOD | {"royalties_declared": ["x"]}, "royalties_declared[0]", "x"),
        (GOOD | {"title": "\u202e"}, "title", "\u202e"),
        (GOOD | {"unknown": "1"}, "unknown", "1"),
        (GOOD | {"production": []}, "production", "list"),
        (GOOD | {"production": ["x"]}, "production[0]", "x"),
        (
            GOOD | {"stage_change": {"on": "2025-08-01", "stage": "exploracion", "investment_cop": "1"}},
            "stage_change.on",
            "2025-08-01",
        ),
        ("x", "case", "x"),
        (None, "case", "None"),
    ],
)
def test_names_field_value_and_remedy(case: object, field: str, value: str) -> None:
    with pytest.raises(CaseRefused) as refused:
        read_case(case)
    found = {finding.field: finding for finding in refused.value.findings}
    assert field in found
    assert found[field].params["value"] == value
    assert found[field].severity == "blocking"
    assert len(found[field].message) > len(value) + len(field) + 10


def test_every_fault_comes_at_once() -> None:
    with pytest.raises(CaseRefused) as refused:
        read_case({"regime": "x", "production": [{"mineral": "y", "annual_volume": "-1", "unit": "z"}]})
    fields = [finding.field for finding in refused.value.findings]
    assert fields == [
        "regime", "starts_on", "stage", "production[0].mineral", "production[0].annual_volume", "production[0].unit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ({"regime": "ley_685", "stage": "exploracion", "starts_on": "2025-08-01"}, "investment_cop"),
        ({"regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01"}, "production"),
    ],
)
def test_what_the_stage_is_computed_on_is_asked_for(case: dict[str, Any], field: str) -> None:
    with pytest.raises(CaseRefused) as refused:
        quote(read_case(case), PriceBook([]))
    assert [finding.field for finding in refused.value.findings] == [field]


def test_a_market_said_once_is_every_lines_that_says_none() -> None:
    lines = [{"mineral": "carbon_termico", "annual_volume": "1", "unit": "t", "market": "exportacion"}]
    lines.append({"mineral": "antracita", "annual_volume": "1", "unit": "t"})
    change = {"on": "2025-09-01", "stage": "explotacion", "production": lines[1:]}
    case = read_case(GOOD | {"production": lines, "market": "interno", "zone": "Andina", "stage_change": change})
    assert [(line.market, line.zone) for line in case.base.production] == [
        ("exportacion", "Andina"), ("interno", "Andina"),
    ]  # fmt: skip
    assert case.change is not None
    assert case.change.production[0].market == "interno"
    with pytest.raises(CaseRefused):
        read_case(GOOD | {"market": "externo"})


def test_a_known_spelling_is_a_mineral_too() -> None:
    assert read_case(line(mineral="Carbón térmico")).base.production[0].mineral == "carbon_termico"
    assert read_case(line(unit="m3", density="1.3")).base.production[0].unit == "m3"


@pytest.mark.parametrize("field", ["ends_on", "modality", "contract_date", "investment_cop", "title", "production"])
@pytest.mark.parametrize("value", ["", None])
def test_what_is_there_and_empty_is_not_absent(field: str, value: object) -> None:
    with pytest.raises(CaseRefused) as refused:
        read_case(GOOD | {field: value})
    assert field in [finding.field for finding in refused.value.findings]
