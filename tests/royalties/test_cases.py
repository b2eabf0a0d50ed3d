"""The royalty cases of `tests/cases/royalties.toml`, each with its source and its sum worked by hand."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.prices.made import made_price
from veta.prices.domain.book import PriceBook
from veta.royalties.domain.answer import as_json
from veta.royalties.domain.reading import read_settlement
from veta.royalties.domain.settlement import settle

FILE = tomllib.loads((Path(__file__).parents[1] / "cases" / "royalties.toml").read_text(encoding="utf-8"))
CASES = FILE["caso"]


@pytest.mark.parametrize("given", CASES, ids=[case["nombre"] for case in CASES])
def test_case(given: dict[str, Any]) -> None:
    assert given["fuente"]
    book = PriceBook(made_price(**price) for price in FILE["precios"][given.get("precios", "trimestre")])
    case = {"quarter": "2025-T3", "contract_date": "2015-01-15", "lines": given["lines"]}
    case |= {name: given[name] for name in ("contract_date", "modality", "subsoil") if name in given}
    answer = as_json(settle(read_settlement(case), book))
    assert [finding["code"] for finding in answer["findings"]] == given["findings"]
    assert answer["status"] == given.get("status", "final")
    assert answer["exact_cop"] == given.get("exact")
    if "payable" in given:
        assert answer["payable_cop"] == given["payable"]
    if "municipalities" in given:
        found = {entry["municipality"]: entry["value_cop"] for entry in answer["by_municipality"]}
        assert found == given["municipalities"]
    for line in answer["lines"]:
        assert line["resolution"].startswith("UPME")


def test_without_the_contracts_date_the_rate_is_the_periods_and_it_says_so() -> None:
    book = PriceBook(made_price(**price) for price in FILE["precios"]["trimestre"])
    case = {"quarter": "2025-T3", "lines": [{"mineral": "caliza", "quantity": "1", "unit": "t"}] * 2}
    answer = as_json(settle(read_settlement(case), book))
    assert [finding["code"] for finding in answer["findings"]] == ["ROY-002"]
    assert answer["exact_cop"] == "400.00"
