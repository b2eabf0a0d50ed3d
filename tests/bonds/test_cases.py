"""The legal cases of `tests/cases/bonds.toml`, each with its source and its sum worked by hand."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.prices.made import made_price
from veta.bonds.domain.answer import as_json
from veta.bonds.domain.quote import quote
from veta.bonds.domain.reading import read_case
from veta.prices.domain.book import PriceBook

FILE = tomllib.loads((Path(__file__).parents[1] / "cases" / "bonds.toml").read_text(encoding="utf-8"))
CASES = FILE["caso"]


@pytest.mark.parametrize("given", CASES, ids=[case["nombre"] for case in CASES])
def test_case(given: dict[str, Any]) -> None:
    assert given["fuente"]
    book = PriceBook(made_price(**price) for price in FILE["precios"][given["precios"]])
    answer = as_json(quote(read_case(given["case"]), book))
    assert [finding["code"] for finding in answer["findings"]] == given["findings"]
    assert answer["status"] == given["status"]
    assert answer["insured_value_cop"] == given.get("insured")
    assert answer["range_cop"] == given.get("range")
    for name in ("exact", "percent"):
        if name in given:
            key = "exact_cop" if name == "exact" else name
            assert answer[key] == given[name]
    if "alternatives" in given:
        assert [other["insured_value_cop"] for other in answer["alternatives"]] == given["alternatives"]
    assert all(finding["message"] and finding["norm"] for finding in answer["findings"])
    assert all(step["basis"] in ("law", "concept", "headnote", "inference", "data") for step in answer["trace"])
    assert "general y no obliga" in answer["trace"][-1]["text"]


def test_an_untyped_heading_drafts_the_petition_and_a_typed_one_does_not() -> None:
    book = PriceBook(made_price(**price) for price in FILE["precios"]["carbon_mercados"])
    case = {
        "regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01", "title": "demo-001",
        "production": [{"mineral": "carbon", "annual_volume": "1000", "unit": "t"}],
    }  # fmt: skip
    letter = as_json(quote(read_case(case), book))["petition"]
    assert "Vicepresidencia de Seguimiento, Control y Seguridad Minera" in letter
    assert "DEMO-001" in letter
    case["production"] = [{"mineral": "antracita", "annual_volume": "1000", "unit": "t"}]
    assert as_json(quote(read_case(case), book))["petition"] is None


def test_the_result_says_the_basis_of_each_step() -> None:
    book = PriceBook(made_price(**price) for price in FILE["precios"]["carbon"])
    case = read_case(CASES[0]["case"])
    bases = [step["basis"] for step in as_json(quote(case, book))["trace"]]
    assert {"law", "concept", "headnote", "inference"} <= set(bases)
