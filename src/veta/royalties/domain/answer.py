"""A settlement as the JSON that the command, the API, the page and the PDF share."""

from collections.abc import Iterator
from typing import Any

from veta.norms import norms
from veta.prices.domain.base_price import PERIODICITY_ES
from veta.prices.domain.figures import exact_text, in_spanish, text_of_micros
from veta.royalties.domain.due import late_interest
from veta.royalties.domain.reading import quarter_name
from veta.royalties.domain.settlement import FORMULA, VALUE_DECIMALS, Charged, Settlement

TRUTH = (
    "Declaro que las cantidades, los minerales y los municipios de esta declaración corresponden a lo efectivamente"
    " extraído. El titular responde por la veracidad y exactitud de lo que reporta."
)
NOTICE = (
    "La ANM fija los términos y la forma de liquidar (Ley 2056 de 2020, artículo 18); su acto no se ha leído aquí. La"
    " regalía es de lo extraído; la póliza, de lo aprobado."
)


def as_json(settlement: Settlement) -> dict[str, Any]:
    """The whole answer. Money and quantities are exact decimal text."""
    case = settlement.case
    return {
        "status": settlement.status,
        "quarter": quarter_name(case.quarter),
        "title": case.title or None,
        "payable_cop": None if settlement.payable is None else str(settlement.payable),
        "exact_cop": None if settlement.exact is None else _value(settlement.exact),
        "lines": [_line(line) for line in settlement.lines],
        "by_municipality": [
            {"municipality": place or None, "value_cop": _value(value)}
            for place, value in sorted(settlement.by_municipality().items())
        ],
        "due": _due(settlement),
        "late": _late(settlement),
        "demo": settlement.demo,
        "findings": [finding.as_json() for finding in settlement.findings],
        "trace": list(_trace(settlement)),
        "truth": TRUTH,
        "notice": NOTICE,
        "norms": norms().digest,
    }


def _line(line: Charged) -> dict[str, Any]:
    mined = line.mined
    return {
        "mineral": mined.mineral.code,
        "municipality": mined.municipality or None,
        "month": f"{mined.month:%Y-%m}" if mined.month else None,
        "quantity": text_of_micros(line.quantity),
        "unit": line.price.unit,
        "price_cop": line.price.price_text,
        "resolution": line.price.resolution.name,
        "demo": line.price.resolution.demo,
        "period": [line.price.valid_from.isoformat(), line.price.valid_to.isoformat()],
        "rate": line.rate.text,
        "rate_class": line.rate.name,
        "value_cop": _value(line.value),
    }


def _due(settlement: Settlement) -> dict[str, str] | None:
    """The earliest of all lines by both readings: what an alert looks at."""
    if not settlement.lines:
        return None
    first = min((line.due for line in settlement.lines), key=lambda due: due.earliest)
    last = min(line.due.latest for line in settlement.lines)
    return {
        "earliest": first.earliest.isoformat(), "latest": last.isoformat(), "norm": first.norm, "status": first.status,
    }  # fmt: skip


def _late(settlement: Settlement) -> dict[str, str] | None:
    """Interest from the latest reading of the term, whole pesos being what is owed."""
    paid, payable = settlement.case.paid_on, settlement.payable
    if paid is None or payable is None:
        return None
    due = min(line.due.latest for line in settlement.lines)
    days, centavos = late_interest(payable * 100, due=due, paid=paid)
    source = norms().value("royalty.late_interest", paid)
    return {
        "days": str(days), "interest_cop": exact_text(centavos, decimals=2), "yearly": str(source.value["yearly"]),
        "norm": source.norm, "status": source.status, "since": due.isoformat(), "until": paid.isoformat(),
    }  # fmt: skip


def _trace(settlement: Settlement) -> Iterator[dict[str, str]]:
    for line in settlement.lines:
        yield from _trace_of(line)
    if len(settlement.lines) > 1 and settlement.exact is not None:
        yield _step("law", FORMULA, "verified", f"Suma de las líneas: {_said(settlement.exact)} COP.")
    if settlement.payable is not None and settlement.exact is not None:
        text = f"Exacto: {_said(settlement.exact)} COP. Al peso siguiente: {in_spanish(str(settlement.payable))} COP."
        yield _step("inference", "Ninguna norma leída fija el redondeo", "inference", text)
    yield _step("law", "Ley 2056 de 2020, artículo 18", "secondary", NOTICE)


def _trace_of(line: Charged) -> Iterator[dict[str, str]]:
    mined, price, rate = line.mined, line.price, line.rate
    place = f" en {mined.municipality}" if mined.municipality else ""
    yield _step("data", FORMULA, "verified", f"{mined.mineral.name}{place}: {_given(line)} extraídos.")
    told = f", {price.told}" if price.told else ""
    yield _step(
        "law", "Decreto-ley 4130 de 2011", "secondary",
        f"Precio base: {in_spanish(price.price_text)} COP/{price.unit}{told} ({price.resolution.name},"
        f" {PERIODICITY_ES[price.resolution.periodicity]}, del {price.valid_from} al {price.valid_to}).",
    )  # fmt: skip
    percent = text_of_micros(rate.micros * 100)
    yield _step(
        "law", rate.source.norm, rate.source.status, f"Tarifa: {in_spanish(percent)} % ({rate.name.replace('_', ' ')})."
    )
    quantity = in_spanish(text_of_micros(line.quantity))
    factors = f"{in_spanish(price.price_text)} × {in_spanish(rate.text)}"
    text = f"{quantity} {price.unit} × {factors} = {_said(line.value)} COP."
    yield _step("law", FORMULA, "verified", text)


def _given(line: Charged) -> str:
    text = f"{in_spanish(text_of_micros(line.mined.micros))} {line.mined.unit}"
    return f"{text} ({'; '.join(line.steps)})" if line.steps else text


def _step(basis: str, norm: str, status: str, text: str) -> dict[str, str]:
    return {"basis": basis, "norm": norm, "status": status, "text": text}


def _said(value: int) -> str:
    return in_spanish(_value(value))


def _value(value: int) -> str:
    return exact_text(value, decimals=VALUE_DECIMALS)
