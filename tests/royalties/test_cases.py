"""The royalty cases of `tests/cases/royalties.toml`, each with its source and its sum worked by hand."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.prices.made import made_price
from veta.prices.domain.book import PriceBook
from veta.royalties.domain.answer import as_json
from veta.royalties.domain.reading import SettlementRefused, read_settlement
from veta.royalties.domain.settlement import settle

FILE = tomllib.loads((Path(__file__).parents[1] / "cases" / "royalties.toml").read_text(encoding="utf-8"))
CASES = FILE["caso"]


@pytest.mark.parametrize("given", CASES, ids=[case["nombre"] for case in CASES])
def test_case(given: dict[str, Any]) -> None:
    assert given["fuente"]
    book = PriceBook(made_price(**price) for price in FILE["precios"][given.get("precios", "trimestre")])
    case = {"quarter": "2025-T3", "contract_date": "2015-01-15", "lines": given["lines"]}
    case |= {name: given[name] for name in ("contract_date", "modality", "subsoil", "quarter") if name in given}
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


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"quarter": "2025-T5"}, "quarter", "2025-T5"),
        ({"quarter": "0000-T1"}, "quarter", "0000-T1"),
        ({"quarter": None}, "quarter", "None"),
        ({"contract_date": ""}, "contract_date", ""),
        ({"contract_date": "2025-02-30"}, "contract_date", "2025-02-30"),
        ({"subsoil": "ajeno"}, "subsoil", "ajeno"),
        ({"modality": "arriendo"}, "modality", "arriendo"),
        ({"title": ""}, "title", ""),
        ({"extra": "1"}, "extra", "1"),
        ({"lines": []}, "lines", "list"),
        ({"lines": [{"quantity": "-1"}]}, "lines[0].quantity", "-1"),
        ({"lines": [{"quantity": "1e400"}]}, "lines[0].quantity", "1e400"),
        ({"lines": [{"mineral": "unobtainio"}]}, "lines[0].mineral", "unobtainio"),
        ({"lines": [{"unit": "m3"}]}, "lines[0].unit", "m3"),
        ({"lines": [{"municipality": "999"}]}, "lines[0].municipality", "999"),
        ({"lines": [{"month": "0000-01"}]}, "lines[0].month", "0000-01"),
        ({"lines": [{"month": "2025-10"}]}, "lines[0].month", "2025-10"),
        ({"lines": [{"fineness": "1001"}]}, "lines[0].fineness", "1001"),
        ({"lines": [{"fineness": "900"}]}, "lines[0].fineness", "t"),
        ({"lines": [{"deposit": "mar"}]}, "lines[0].deposit", "mar"),
        ({"lines": [{"open_pit": "sí"}]}, "lines[0].open_pit", "sí"),
        ({"lines": [{"holder_year_tonnes": 5}]}, "lines[0].holder_year_tonnes", "5"),
    ],
)
def test_bad_input_names_field_value_and_remedy(changed: dict[str, Any], field: str, value: str) -> None:
    line = {"mineral": "caliza", "quantity": "1", "unit": "t"}
    case: dict[str, Any] = {"quarter": "2025-T3", "lines": [line], **changed}
    case["lines"] = [line | given for given in case["lines"]]
    with pytest.raises(SettlementRefused) as refused:
        read_settlement(case)
    found = {finding.field: finding for finding in refused.value.findings}
    assert found[field].params["value"] == value
    assert len(found[field].message) > len(field) + len(value) + 10
