"""Prices, bonds and royalties as JSON Schema: what is asked, and what is answered."""

from __future__ import annotations

from typing import Any, Final

from veta.bonds.domain.case import REGIMES, STAGES
from veta.bonds.domain.reading import MAX_LINES as BOND_LINES
from veta.hub.api.schemas import CODES, DAY, FLAG, TEXT, many, one_of, or_null, ref, thing
from veta.norms.dated import STATUSES
from veta.prices.domain.base_price import MARKETS, PERIODICITIES
from veta.royalties.domain.rates import DEPOSITS, SUBSOILS
from veta.royalties.domain.reading import MAX_LINES as ROYALTY_LINES

NUMBER: Final = {"type": "string", "pattern": r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$"}
PESOS: Final = {"type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"}
UNIT: Final = one_of("g", "kg", "t", "m3", "ct")
QUARTER: Final = {"type": "string", "pattern": "^[0-9]{4}-[TQ]?[1-4]$"}
MONTH: Final = {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
MARKET: Final = one_of(*MARKETS)
_PLACE: Final = {"type": "string", "pattern": "^[0-9]{5}$"}


def asked(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """An object of which only these members are due."""
    return thing(tuple(name for name in properties if name not in required), **properties)


_CONTENT: Final = {"density": NUMBER, "grade": NUMBER, "recovery": NUMBER}
_PRODUCTION: Final = {
    **many(
        asked(
            ("mineral", "annual_volume", "unit"), mineral=TEXT, annual_volume=NUMBER, second_year_volume=NUMBER,
            unit=UNIT, market=MARKET, zone=TEXT, producer_class=TEXT, **_CONTENT,
        )
    ),
    "minItems": 1,
    "maxItems": BOND_LINES,
}  # fmt: skip
# With a title, the registry says its regime and stage.
_BOND: Final = asked(
    ("starts_on",), regime=one_of(*REGIMES), stage=one_of(*STAGES), starts_on=DAY, ends_on=DAY,
    investment_cop=PESOS, production=_PRODUCTION, plan_approved=FLAG, modality=TEXT, contract_date=DAY,
    terminated_on=DAY, royalties_declared=CODES, title=TEXT, market=MARKET, zone=TEXT, producer_class=TEXT,
    stage_change=asked(
        ("on", "stage"), on=DAY, stage=one_of(*STAGES), investment_cop=PESOS, production=_PRODUCTION,
        plan_approved=FLAG,
    ),
)  # fmt: skip
BOND_CASE: Final = {**_BOND, "anyOf": [{"required": ["regime", "stage"]}, {"required": ["title"]}]}
ROYALTY_CASE: Final = asked(
    ("quarter", "lines"), quarter=QUARTER, title=TEXT, contract_date=DAY, modality=TEXT, subsoil=one_of(*SUBSOILS),
    paid_on=DAY,
    lines={
        **many(
            asked(
                ("mineral", "quantity", "unit"), mineral=TEXT, quantity=NUMBER, unit=UNIT, municipality=_PLACE,
                month=MONTH, market=MARKET, zone=TEXT, producer_class=TEXT, fineness=TEXT, deposit=one_of(*DEPOSITS),
                open_pit=FLAG, holder_year_tonnes=NUMBER, **_CONTENT,
            )
        ),
        "minItems": 1,
        "maxItems": ROYALTY_LINES,
    },
)  # fmt: skip

_PERIOD: Final = {"type": "array", "items": DAY, "minItems": 2, "maxItems": 2}
_SPAN: Final = {"type": "array", "items": PESOS, "minItems": 2, "maxItems": 2}
OBLIGATIONS: Final = {
    "Price": thing(
        mineral=TEXT, market=or_null(MARKET), zone=or_null(TEXT), producer_class=or_null(TEXT), unit=UNIT,
        price_cop=PESOS, resolution=TEXT, issued_on=DAY, published_on=or_null(DAY), periodicity=one_of(*PERIODICITIES),
        period=_PERIOD, sha256=TEXT, certificate=or_null(TEXT), demo=FLAG,
    ),
    "PriceList": thing(on=DAY, items=many(ref("Price")), findings=many(ref("Finding"))),
    "Step": thing(
        basis=one_of("law", "concept", "headnote", "inference", "data"), norm=TEXT, status=one_of(*STATUSES), text=TEXT
    ),
    "BondLine": thing(
        mineral=TEXT, volume=PESOS, unit=UNIT, price_cop=PESOS, market=or_null(MARKET), zone=or_null(TEXT),
        resolution=TEXT, demo=FLAG, period=_PERIOD, subtotal_cop=PESOS, insured_cop=PESOS,
    ),
    "BondHeading": thing(
        mineral=TEXT, volume=PESOS, unit=UNIT, without_price=CODES, options=many(ref("BondLine"))
    ),
    "BondAlternative": thing(
        kind=one_of("stage_change", "anniversary"), stage=one_of(*STAGES), prices_on=DAY, percent=TEXT,
        exact_cop=or_null(PESOS), insured_value_cop=or_null(PESOS), range_cop=or_null(_SPAN),
        lines=many(ref("BondLine")),
    ),
    "BondQuote": thing(
        status=one_of("final", "indicative", "pending", "impossible"), insured_value_cop=or_null(PESOS),
        exact_cop=or_null(PESOS), range_cop=or_null(_SPAN), percent=or_null(TEXT), base_cop=or_null(PESOS),
        stage=one_of(*STAGES), regime=one_of(*REGIMES), validity=_PERIOD, title=or_null(TEXT),
        lines=many(ref("BondLine")), headings=many(ref("BondHeading")), alternatives=many(ref("BondAlternative")),
        demo=FLAG, findings=many(ref("Finding")), trace=many(ref("Step")), petition=or_null(TEXT), notice=TEXT,
        norms=TEXT,
    ),
    "RoyaltyLine": thing(
        mineral=TEXT, municipality=or_null(TEXT), month=or_null(TEXT), quantity=PESOS, unit=UNIT, price_cop=PESOS,
        resolution=TEXT, demo=FLAG, period=_PERIOD, rate=TEXT, rate_class=TEXT, value_cop=PESOS,
    ),
    "RoyaltyDue": thing(earliest=DAY, latest=DAY, norm=TEXT, status=one_of(*STATUSES)),
    "RoyaltyLate": thing(
        days=TEXT, interest_cop=PESOS, yearly=TEXT, norm=TEXT, status=one_of(*STATUSES), since=DAY, until=DAY,
    ),
    "RoyaltyQuote": thing(
        status=one_of("final", "pending", "impossible"), quarter=TEXT, title=or_null(TEXT), payable_cop=or_null(PESOS),
        exact_cop=or_null(PESOS), lines=many(ref("RoyaltyLine")),
        by_municipality=many(thing(municipality=or_null(TEXT), value_cop=PESOS)), due=or_null(ref("RoyaltyDue")),
        late=or_null(ref("RoyaltyLate")), demo=FLAG, findings=many(ref("Finding")), trace=many(ref("Step")),
        truth=TEXT, notice=TEXT, norms=TEXT,
    ),
}  # fmt: skip
