"""The prices made up for demonstrations: entered and approved like any other, and named as such in every result."""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from veta.kernel.ids import uuid_of
from veta.kernel.period import Period, month_of, quarter_of, year_of
from veta.prices.domain.base_price import BasePrice, Resolution
from veta.prices.domain.figures import micros_of
from veta.prices.services.resolutions import NewPrice, NewResolution, decide_resolution, enter_resolution

FILE = Path(__file__).parents[1] / "data" / "demo.toml"
ENTERED_BY, APPROVED_BY = "demostración: ingreso", "demostración: aprobación"
_STEP = {"month": (1, month_of), "quarter": (3, quarter_of), "year": (12, year_of)}


@transaction.atomic
def load_demo() -> int:
    """Enter and approve the demonstration set; returns how many resolutions were new. A second time: none."""
    new = 0
    for resolution in demo_resolutions():
        entered = enter_resolution(resolution, by=ENTERED_BY)
        if entered.new:
            decide_resolution(entered.id, approved=True, by=APPROVED_BY)
            new += 1
    return new


def demo_resolutions() -> Iterator[NewResolution]:
    """Each period of each series of the file as a resolution."""
    raw = FILE.read_bytes()
    digest = hashlib.sha256(raw).digest()
    for series in tomllib.loads(raw.decode())["series"]:
        for number, period in enumerate(_periods(series)):
            every = series["periodicity"]
            place = period.start.year if every == "year" else f"{period.start:%Y-%m}"
            yield NewResolution(
                issuer="DEMO", number=f"{series['number']}-{place}", issued_on=period.start, published_on=period.start,
                periodicity=every, file_name=FILE.name, digest=digest, demo=True,
                prices=tuple(_price(price, number, period) for price in series["price"]),
            )  # fmt: skip


def demo_prices() -> list[BasePrice]:
    """The same prices as values, without a database."""
    prices: list[BasePrice] = []
    for new in demo_resolutions():
        act = Resolution(
            id=uuid_of("demo", new.number), issuer=new.issuer, number=new.number, issued_on=new.issued_on,
            published_on=new.published_on, periodicity=new.periodicity,  # type: ignore[arg-type]
            digest=new.digest.hex(), demo=True,
        )  # fmt: skip
        for price in new.prices:
            prices.append(
                BasePrice(
                    id=uuid_of("demo", new.number, *price.key), resolution=act, subject=price.subject,
                    market=price.market, zone=price.zone, producer_class=price.producer_class, unit=price.unit,
                    micros=price.micros, valid_from=price.valid_from, valid_to=price.valid_to,
                )
            )  # fmt: skip
    return prices


def _periods(series: dict[str, Any]) -> Iterator[Period]:
    months, of = _STEP[series["periodicity"]]
    for year in series["years"]:
        for month in range(1, 13, months):
            yield of(date(year, month, 1))


def _price(price: dict[str, str], number: int, period: Period) -> NewPrice:
    start, step = micros_of(price["price"]), micros_of(price["step"])
    if start is None or step is None:
        raise ValueError(f"{FILE.name}: {price} is not a price")
    return NewPrice(
        subject=price["mineral"], market=price["market"], zone="", producer_class="", unit=price["unit"],
        micros=start + number * step, valid_from=period.start, valid_to=period.end,
    )  # fmt: skip
