"""A quote as the JSON that the command, the API and the page share."""

from typing import Any

from veta.bonds.domain.petition import petition
from veta.bonds.domain.quote import Alternative, Quote, ends_on
from veta.bonds.domain.trace import NOTICE, trace
from veta.bonds.domain.value import SUBTOTAL_DECIMALS, VALUE_DECIMALS, Heading, Line, Valued, pesos_up
from veta.norms import norms
from veta.prices.domain.figures import exact_text, text_of_micros


def as_json(quote: Quote) -> dict[str, Any]:
    """The whole answer: status, values, lines, findings, trace. Money and volumes are exact decimal text."""
    shown = quote.shown
    return {
        "status": quote.status,
        "insured_value_cop": None if quote.insured is None else str(quote.insured),
        "exact_cop": None if quote.exact is None else _exact(quote.exact),
        "range_cop": [str(end) for end in quote.range] if quote.range else None,
        "percent": shown.stage_percent if shown else None,
        "base_cop": exact_text(shown.subtotal, decimals=SUBTOTAL_DECIMALS) if shown else None,
        "stage": shown.base.stage if shown else quote.case.base.stage,
        "regime": quote.case.regime,
        "validity": [quote.case.starts_on.isoformat(), ends_on(quote.case).isoformat()],
        "title": quote.case.title or None,
        "lines": [_line(line, shown) for line in shown.lines] if shown else [],
        "headings": [_heading(heading, shown) for heading in shown.headings] if shown else [],
        "alternatives": [_alternative(alternative) for alternative in quote.alternatives],
        "demo": quote.demo,
        "findings": [finding.as_json() for finding in quote.findings],
        "trace": [step.as_json() for step in trace(quote)],
        "petition": petition(quote),
        "notice": NOTICE,
        "norms": norms().digest,
    }


def _line(line: Line, valued: Valued) -> dict[str, Any]:
    return {
        "mineral": line.mineral.code,
        "volume": text_of_micros(line.volume),
        "unit": line.price.unit,
        "price_cop": line.price.price_text,
        "market": line.price.market or None,
        "zone": line.price.zone or None,
        "resolution": line.price.resolution.name,
        "demo": line.price.resolution.demo,
        "period": [line.price.valid_from.isoformat(), line.price.valid_to.isoformat()],
        "subtotal_cop": exact_text(line.subtotal, decimals=SUBTOTAL_DECIMALS),
        "insured_cop": _exact(line.subtotal * valued.permyriad),
    }


def _heading(heading: Heading, valued: Valued) -> dict[str, Any]:
    """An untyped line with what each type would give, cheapest first: what the range is drawn from."""
    return {
        "mineral": heading.mineral.code,
        "volume": text_of_micros(heading.production.micros),
        "unit": heading.production.unit,
        "without_price": list(heading.unpriced),
        "options": [_line(option, valued) for option in heading.options],
    }


def _alternative(alternative: Alternative) -> dict[str, Any]:
    valued = alternative.valued
    span = valued.range
    return {
        "kind": alternative.kind,
        "stage": valued.base.stage,
        "prices_on": valued.on.isoformat(),
        "percent": valued.stage_percent,
        "exact_cop": None if valued.exact is None else _exact(valued.exact),
        "insured_value_cop": None if valued.exact is None else str(pesos_up(valued.exact)),
        "range_cop": [str(pesos_up(end)) for end in span] if span else None,
        "lines": [_line(line, valued) for line in valued.lines],
    }


def _exact(value: int) -> str:
    return exact_text(value, decimals=VALUE_DECIMALS)
