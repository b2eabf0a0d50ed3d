"""The value of a bond in one stage, at the prices of one date: percentage × base, exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from veta.bonds.domain.case import CaseRefused, Production, Regime, StageBase
from veta.kernel.finding import Finding
from veta.norms import Dated, norms
from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral
from veta.prices.domain.base_price import BasePrice
from veta.prices.domain.book import Ask, PriceBook
from veta.prices.domain.convert import Converted, NoConversion, volume_in
from veta.prices.domain.fields import NORM

# A subtotal is millionths of a unit × millionths of a peso; a value, that × ten-thousandths.
SUBTOTAL_DECIMALS = 12
VALUE_DECIMALS = 16
_PERMYRIAD = 10**4
_PESO = 10**16
_CENTAVO = 10 ** (SUBTOTAL_DECIMALS - 2)


@dataclass(frozen=True, slots=True)
class Line:
    """A mineral at its price. `volume` in millionths of the price's unit; `subtotal` in 10**-12 pesos, exact."""

    production: Production
    mineral: Mineral
    price: BasePrice
    volume: int
    subtotal: int
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A line whose plan names no type: each type at each price that it could have, cheapest first."""

    production: Production
    mineral: Mineral
    options: tuple[Line, ...]
    unpriced: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Valued:
    """A stage's value: the norm's percentage, the lines or investment, and what stood in the way.

    `investment` and subtotals are in 10**-12 pesos. `exact` is in 10**-16 pesos and None unless every line has a price.
    """

    base: StageBase
    on: date
    percent: Dated
    permyriad: int
    years: int
    investment: int | None
    lines: tuple[Line, ...]
    headings: tuple[Heading, ...]
    problems: tuple[Finding, ...]

    @property
    def stage_percent(self) -> str:
        """The percentage as the norm writes it, «0.10»."""
        return str(self.percent.value[self.base.stage])

    @property
    def subtotal(self) -> int:
        """The sum of the lines that have one price, or the investment."""
        return self.investment if self.investment is not None else sum(line.subtotal for line in self.lines)

    @property
    def exact(self) -> int | None:
        """Percentage × base, or None."""
        return None if self.problems or self.headings else self.subtotal * self.permyriad

    @property
    def range(self) -> tuple[int, int] | None:
        """The least and the greatest value over the types of untyped headings; None without any, or without a price."""
        if self.problems or not self.headings or not all(heading.options for heading in self.headings):
            return None
        low = self.subtotal + sum(heading.options[0].subtotal for heading in self.headings)
        high = self.subtotal + sum(heading.options[-1].subtotal for heading in self.headings)
        return low * self.permyriad, high * self.permyriad


def pesos_up(exact: int) -> int:
    """Whole pesos of a value in 10**-16 pesos, the next one up: rounding never lowers."""
    return -(-exact // _PESO)


def value_of(base: StageBase, *, regime: Regime, on: date, book: PriceBook, path: str = "") -> Valued:
    """The value of a stage at the prices in force on `on`. Raises CaseRefused where its base is missing.

    Raises NormNotInForce on dates before the regime. `path` prefixes the fields of findings.
    """
    percent = norms().value(f"bond.percent.{regime}", on)
    years = norms().value("bond.years", on).value[regime]
    permyriad = _permyriad(percent.value[base.stage])
    if base.stage != "explotacion" and regime == "ley_685":
        if base.investment is None:
            raise _missing(f"{path}investment_cop", "Falta la inversión prevista para el año. Escríbala en pesos.")
        return Valued(base, on, percent, permyriad, years, base.investment * _CENTAVO, (), (), ())
    if not base.production:
        raise _missing(f"{path}production", "Faltan los minerales y volúmenes del plan aprobado. Escríbalos.")
    lines: list[Line] = []
    headings: list[Heading] = []
    problems: list[Finding] = []
    for index, production in enumerate(base.production):
        _place(production, f"{path}production[{index}]", on, years, book, lines, headings, problems)
    return Valued(base, on, percent, permyriad, years, None, tuple(lines), tuple(headings), tuple(problems))


def _place(
    production: Production,
    field: str,
    on: date,
    years: int,
    book: PriceBook,
    lines: list[Line],
    headings: list[Heading],
    problems: list[Finding],
) -> None:
    mineral = catalogue().mineral(production.mineral)
    if mineral is None:
        problems.append(Finding("MIN-001", "blocking", f"{field}.mineral", NORM, "Ese mineral no está en el catálogo."))
        return
    if mineral.is_heading:
        headings.append(_heading(production, mineral, on, years, book))
        return
    ask = Ask(_priced_as(mineral), on, production.market, production.zone, production.producer_class)
    price = book.choose(ask)
    if not isinstance(price, BasePrice):
        problems.append(price.finding(f"{field}.market" if price.code == "PRI-002" else f"{field}.mineral"))
        return
    line = _line(production, mineral, price, years)
    if isinstance(line, NoConversion):
        problems.append(line.finding(f"{field}.unit"))
    else:
        lines.append(line)


def _line(production: Production, mineral: Mineral, price: BasePrice, years: int) -> Line | NoConversion:
    given = production.micros
    if years > 1:
        given += production.micros if production.second_year is None else production.second_year
    found = volume_in(price.unit, given, unit=production.unit, mineral=mineral, content=production.content)
    if not isinstance(found, Converted):
        return found
    return Line(production, mineral, price, found.micros, found.micros * price.micros, found.steps)


def _heading(production: Production, mineral: Mineral, on: date, years: int, book: PriceBook) -> Heading:
    options: list[Line] = []
    unpriced: list[str] = []
    for kind in types_of(mineral.code):
        prices = book.in_force(kind.code, on)
        for name in ("market", "zone", "producer_class"):
            if chosen := getattr(production, name):
                prices = [price for price in prices if getattr(price, name) in ("", chosen)]
        found = [_line(production, kind, price, years) for price in prices]
        priced = [line for line in found if isinstance(line, Line)]
        options += priced
        if not priced:
            unpriced.append(kind.name)
    return Heading(production, mineral, tuple(sorted(options, key=lambda line: line.subtotal)), tuple(unpriced))


def types_of(heading: str) -> Sequence[Mineral]:
    """The minerals that an untyped heading contains."""
    return [mineral for mineral in catalogue() if heading in mineral.headings]


def _priced_as(mineral: Mineral) -> str:
    """An ore or concentrate is priced as its metal; doré, as gold."""
    return mineral.metal if mineral.metal is not None and (mineral.graded or mineral.precious) else mineral.code


def _permyriad(text: str) -> int:
    whole, _, decimals = text.partition(".")
    return int(whole) * _PERMYRIAD + int(decimals.ljust(4, "0"))


def _missing(field: str, message: str) -> CaseRefused:
    return CaseRefused([Finding("SCH-005", "blocking", field, NORM, message, {"field": field, "value": ""})])
