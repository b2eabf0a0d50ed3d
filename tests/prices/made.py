"""Prices made for tests, without a database."""

from datetime import date
from typing import Any

from veta.kernel.ids import uuid_of
from veta.prices.domain.base_price import BasePrice, Resolution
from veta.prices.domain.figures import micros_of


def made_price(**given: Any) -> BasePrice:
    """A price in force in the third quarter of 2025 unless said otherwise; `price` in pesos as text."""
    start, end = given.get("from", date(2025, 7, 1)), given.get("to", date(2025, 9, 30))
    number = given.get("number", f"prueba-{start}")
    resolution = Resolution(
        id=uuid_of("resolution", number), issuer="UPME", number=number, issued_on=start, published_on=None,
        periodicity=given.get("periodicity", "quarter"), digest="00" * 32, demo=given.get("demo", False),
    )  # fmt: skip
    micros = micros_of(given["price"])
    assert micros
    return BasePrice(
        id=uuid_of("price", number, given["subject"], given.get("market", ""), given.get("zone", "")),
        resolution=resolution, subject=given["subject"], market=given.get("market", ""), zone=given.get("zone", ""),
        producer_class=given.get("producer_class", ""), unit=given["unit"], micros=micros, valid_from=start,
        valid_to=end,
    )  # fmt: skip
