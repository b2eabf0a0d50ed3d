"""The price cases of `tests/cases/prices.toml`: a day's price at Bogotá's clock, what a file may say, derived ones."""

import tomllib
from calendar import monthrange
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.prices.made import made_price
from veta.kernel.period import bogota_date
from veta.prices.domain.base_price import BasePrice
from veta.prices.domain.book import Ask, PriceBook
from veta.prices.domain.derive import MeanPrice, MeanTrm, NotDerivable, derive
from veta.prices.services import COLUMNS, preview_prices

FILE = tomllib.loads((Path(__file__).parents[1] / "cases" / "prices.toml").read_text(encoding="utf-8"))
BOOK = PriceBook(
    [
        made_price(subject="oro", unit="g", price="300000", **{"from": date(2025, 6, 1), "to": date(2025, 6, 30)}),
        made_price(subject="oro", unit="g", price="310000", **{"from": date(2025, 7, 1), "to": date(2025, 7, 31)}),
        made_price(subject="carbon_termico", market="interno", unit="t", price="250000"),
        made_price(subject="carbon_termico", market="exportacion", unit="t", price="240000"),
        made_price(subject="antracita", unit="t", price="330000"),
    ]
)


def cases(name: str) -> Any:
    return pytest.mark.parametrize("given", FILE[name], ids=[case["nombre"] for case in FILE[name]])


@cases("precio")
def test_the_days_price(given: dict[str, Any]) -> None:
    found = BOOK.choose(Ask(given["mineral"], bogota_date(given["a_las"])))
    assert given["fuente"]
    if isinstance(found, BasePrice):
        assert found.price_text == given.get("da")
    else:
        assert found.code == given.get("hallazgo")


@cases("archivo")
def test_what_a_file_may_say(given: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "segundo trimestre.csv"
    path.write_text("\n".join((",".join(COLUMNS), *given["filas"])), encoding="utf-8")
    found = preview_prices(path).rows
    assert [row.rejection.column if row.rejection else "" for row in found] == given["columnas"]


@cases("derivado")
def test_a_derived_price(given: dict[str, Any]) -> None:
    before = date(given["mes"].year, given["mes"].month - 1, 1)
    price = MeanPrice(before, given["usd"], given["fuente"], fixing=not given.get("al_contado", False))
    days = monthrange(given["trm_mes"].year, given["trm_mes"].month)[1]
    trm = MeanTrm(given["trm_mes"], Fraction(given["trm_suma"]) / days, given["fuente"])
    if "hallazgo" in given:
        with pytest.raises(NotDerivable) as refused:
            derive(given["mineral"], month=given["mes"], price=price, trm=trm)
        assert [finding.code for finding in refused.value.findings] == [given["hallazgo"]]
    else:
        found = derive(given["mineral"], month=given["mes"], price=price, trm=trm)
        assert found.cop_per_gram == given["da"]
        assert "Indicativo" in found.steps[-1]
