"""How a bond's value was reached, step by step, each with its basis and how far its norm was read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from veta.bonds.domain.case import REGIME_ES, STAGE_ES
from veta.bonds.domain.quote import Quote
from veta.bonds.domain.rules import ART_71, ART_84, ART_280, CONCEPT, HEADNOTE
from veta.bonds.domain.value import SUBTOTAL_DECIMALS, VALUE_DECIMALS, Line, Valued, pesos_up
from veta.norms.catalogue import catalogue
from veta.prices.domain.base_price import PERIODICITY_ES
from veta.prices.domain.figures import exact_text, in_spanish, text_of_micros

Basis = Literal["law", "concept", "headnote", "inference", "data"]
BASIS_ES = {
    "law": "ley",
    "concept": "concepto de la ANM",
    "headnote": "titular de una sentencia",
    "inference": "inferencia nuestra",
    "data": "dato del caso",
}
NOTICE = (
    "El concepto de la ANM es general y no obliga (Ley 1437 de 2011, artículo 28, sustituido por la Ley 1755 de 2015,"
    " artículo 1). La póliza la aprueba la autoridad que concedió el título."
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it rests on, the norm or act, how far it was read, and the sentence with its figures."""

    basis: Basis
    norm: str
    status: str
    text: str

    def as_json(self) -> dict[str, str]:
        """The step as the API gives it."""
        return {"basis": self.basis, "norm": self.norm, "status": self.status, "text": self.text}


def trace(quote: Quote) -> list[Step]:
    """The steps of a quote, in the order in which a person would work it by hand."""
    if quote.first is None or quote.shown is None:
        return [Step("law", f.norm, "verified", f.message) for f in quote.findings] + [_notice()]
    steps = [*_of_value(quote, quote.first)]
    for alternative in quote.alternatives:
        steps.append(_of_alternative(quote, alternative.kind, alternative.valued))
        steps += _of_value(quote, alternative.valued)
    steps += _rounding(quote)
    if quote.shown.base.production:
        text = "No alcanzar la producción del plan no baja el valor asegurado: se calcula sobre lo aprobado."
        steps.append(Step("headnote", HEADNOTE, "secondary", text))
    return [*steps, _notice()]


def _of_value(quote: Quote, valued: Valued) -> Iterator[Step]:
    percent = valued.percent
    share = f"{text_of_micros(valued.permyriad * 10000)} %"
    yield Step(
        "law", percent.norm, percent.status,
        f"Etapa de {STAGE_ES[valued.base.stage]}, {REGIME_ES[quote.case.regime]}: {share} de"
        f" {_base_name(valued)}.",
    )  # fmt: skip
    if valued.investment is not None:
        yield Step("data", ART_280, "verified", f"Inversión prevista para el año: {_sum(valued.investment)} COP.")
    else:
        yield from _of_lines(quote, valued)
    if valued.exact is not None:
        product = f"{in_spanish(valued.stage_percent)} × {_sum(valued.subtotal)} = {_value(valued.exact)} COP."
        yield Step("law", percent.norm, percent.status, product)
    elif valued.range is not None:
        low, high = valued.range
        text = f"Sin tipo no hay valor; entre el tipo más barato y el más caro, de {_value(low)} a {_value(high)} COP."
        yield Step("concept", CONCEPT, "verified", text)


def _base_name(valued: Valued) -> str:
    if valued.investment is not None:
        return "la inversión prevista para el año"
    if valued.years > 1:
        return "la producción estimada de los dos primeros años, al precio en boca de mina"
    return "la producción anual aprobada por el precio en boca de mina"


def _of_lines(quote: Quote, valued: Valued) -> Iterator[Step]:
    where = quote.case.from_plan or "escritos por quien consulta: no se comprobaron contra el registro"
    yield Step("concept", f"{CONCEPT}; {ART_84}", "verified", f"Base: volumen y mineral del plan aprobado ({where}).")
    if valued.years > 1:
        yield Step(
            "inference", ART_71, "inference", "El decreto no fija precio: se usa el base del inicio de vigencia."
        )
    for line in valued.lines:
        yield from _of_line(valued, line)
    for heading in valued.headings:
        priced = "; ".join(
            f"{o.mineral.name} {in_spanish(o.price.price_text)} COP/{o.price.unit}" for o in heading.options
        )
        yield Step(
            "concept", CONCEPT, "verified",
            f"«{heading.mineral.name}» no dice el tipo: no se escoge precio. Tipos con precio en vigor:"
            f" {priced or 'ninguno'}.",
        )  # fmt: skip
    if len(valued.lines) > 1:
        yield Step("inference", ART_280, "inference", f"Varios minerales: se suman. {_sum(valued.subtotal)} COP.")


def _of_line(valued: Valued, line: Line) -> Iterator[Step]:
    price = line.price
    told = f", {price.told}" if price.told else ""
    yield Step(
        "concept", CONCEPT, "verified",
        f"{line.mineral.name}: precio base en vigor el {valued.on}, inicio de la vigencia:"
        f" {in_spanish(price.price_text)} COP/{price.unit}{told} ({price.resolution.name},"
        f" {PERIODICITY_ES[price.resolution.periodicity]}, del"
        f" {price.valid_from} al {price.valid_to}).",
    )  # fmt: skip
    if price.subject != line.mineral.code:
        group = price.subject
        text = f"{line.mineral.name} toma el precio de «{_subject(group)}»."
        yield Step("concept", CONCEPT, "inference", text)
    for text in line.steps:
        yield Step("data", ART_84, "verified", f"Conversión con los datos del plan: {text}.")
    volume = f"{in_spanish(text_of_micros(line.volume))} {price.unit}"
    yield Step("law", ART_280, "verified", f"{volume} × {in_spanish(price.price_text)} = {_sum(line.subtotal)} COP.")


def _subject(code: str) -> str:
    mineral = catalogue().mineral(code)
    return mineral.name if mineral else code


def _of_alternative(quote: Quote, kind: str, valued: Valued) -> Step:
    if kind == "stage_change":
        text = f"El {quote.case.changes_on} empieza la etapa de {STAGE_ES[valued.base.stage]}: se calculan las dos."
    else:
        text = f"La anualidad empezó el {valued.on}: se muestra también con los precios de ese día."
    return Step("inference", ART_280, "inference", text)


def _rounding(quote: Quote) -> Iterator[Step]:
    if quote.exact is not None:
        text = f"Exacto: {_value(quote.exact)} COP. Al peso siguiente: {in_spanish(str(pesos_up(quote.exact)))} COP."
        yield Step("inference", "Ninguna norma leída fija el redondeo", "inference", text)


def _notice() -> Step:
    return Step("concept", CONCEPT, "verified", NOTICE)


def _sum(subtotal: int) -> str:
    return in_spanish(exact_text(subtotal, decimals=SUBTOTAL_DECIMALS))


def _value(exact: int) -> str:
    return in_spanish(exact_text(exact, decimals=VALUE_DECIMALS))
