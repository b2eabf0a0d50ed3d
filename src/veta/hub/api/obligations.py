"""Prices and calculators for anybody: no signature, a limit for each address, the same answers as pages and papers."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from veta.bonds.services import answer_to as bond_answer
from veta.hub.api.addresses import public
from veta.hub.api.obligation_schemas import BOND_CASE, ROYALTY_CASE
from veta.hub.api.operation import READ, asked, operation, told
from veta.hub.api.problem import Refused
from veta.hub.api.reading import calendar_day
from veta.kernel.clock import SystemClock
from veta.kernel.finding import Finding
from veta.kernel.period import bogota_date
from veta.kernel.strict_json import parse
from veta.movements.domain.reader import Field, text
from veta.norms.catalogue import catalogue
from veta.prices import queries
from veta.prices.domain.base_price import BasePrice
from veta.prices.domain.book import Ask, NoPrice
from veta.royalties.services import answer_to as royalty_answer

router = Router(tags=["obligations"])
IN_FORCE: Final = (Field("mineral", text(40), required=False), Field("on", calendar_day, required=False))
BOND_EXAMPLE: Final = {
    "regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01",
    "production": [{"mineral": "carbon_termico", "annual_volume": "120000", "unit": "t", "market": "interno"}],
}  # fmt: skip
ROYALTY_EXAMPLE: Final = {
    "quarter": "2025-T3", "contract_date": "2015-01-01",
    "lines": [
        {"mineral": "carbon_termico", "quantity": "1000", "unit": "t", "market": "interno", "municipality": "15759",
         "holder_year_tonnes": "9000"}
    ],
}  # fmt: skip


@router.post("/bonds/quote", **operation(public(), answer="BondQuote", body=BOND_CASE, example=BOND_EXAMPLE))
def quote_bond(request: HttpRequest) -> HttpResponse:
    """The póliza minero-ambiental of a case: its value or why there is none, with the reason of each step."""
    return told(bond_answer(parse(request.body)))


@router.post(
    "/royalties/quote", **operation(public(), answer="RoyaltyQuote", body=ROYALTY_CASE, example=ROYALTY_EXAMPLE)
)
def quote_royalty(request: HttpRequest) -> HttpResponse:
    """The royalties of a quarter on what was mined, by line and by municipality, with when they are due."""
    return told(royalty_answer(parse(request.body)))


@router.api_operation(READ, "/prices", **operation(public(query=IN_FORCE), answer="PriceList", query=IN_FORCE))
def price_list(request: HttpRequest) -> HttpResponse:
    """The base prices in force on a day (today in Bogotá), of every mineral or of one, with their resolutions.

    For one mineral, a finding where there is not exactly one: PRI-001 none, PRI-002 several.
    """
    query = asked(request)
    on: date = query.get("on") or bogota_date(SystemClock().now())
    mineral = query.get("mineral")
    if mineral is None:
        found = queries.prices_in_force(on=on)
        return told({"on": on.isoformat(), "items": [_price(price) for price in found], "findings": []})
    if catalogue().mineral(mineral) is None:
        message = f"«{mineral[:40]}» no está en el catálogo. Use un código de /minerals."
        raise Refused(422, Finding("MIN-001", "blocking", "mineral", "Catálogo de minerales", message))
    book = queries.book_for([(mineral, on)])
    chosen = book.choose(Ask(mineral, on))
    findings = [chosen.finding("mineral").as_json()] if isinstance(chosen, NoPrice) else []
    items = [_price(price) for price in book.in_force(mineral, on)]
    return told({"on": on.isoformat(), "items": items, "findings": findings})


def _price(price: BasePrice) -> dict[str, Any]:
    act = price.resolution
    return {
        "mineral": price.subject,
        "market": price.market or None,
        "zone": price.zone or None,
        "producer_class": price.producer_class or None,
        "unit": price.unit,
        "price_cop": price.price_text,
        "resolution": act.name,
        "issued_on": act.issued_on.isoformat(),
        "published_on": act.published_on.isoformat() if act.published_on else None,
        "periodicity": act.periodicity,
        "period": [price.valid_from.isoformat(), price.valid_to.isoformat()],
        "sha256": act.digest,
        "certificate": price.certificate or None,
        "demo": act.demo,
    }
