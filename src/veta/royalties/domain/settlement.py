"""The royalty of a quarter: quantity mined × base price × rate, line by line, exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from veta.kernel.finding import Finding
from veta.kernel.period import Period, month_of
from veta.kernel.quantity import Fineness
from veta.norms import NormNotInForce
from veta.norms.minerals import Mineral
from veta.prices.domain.base_price import BasePrice, periodicity_of
from veta.prices.domain.book import Ask, PriceBook
from veta.prices.domain.convert import NOTHING, Content, NoConversion, volume_in
from veta.prices.domain.figures import in_spanish
from veta.royalties.domain.due import Due, due_after, kind_of
from veta.royalties.domain.rates import Rate, RateCase, rate_of

FORMULA = "Decreto 145 de 1995, artículo 3, literal g: V = C × P × R"
# Millionths of a unit × millionths of a peso × millionths of a rate.
VALUE_DECIMALS = 18
_PESO = 10**18
_PENDING = frozenset({"PRI-001", "PRI-002", "ROY-007", "ROY-008"})
Status = Literal["final", "pending", "impossible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mined:
    """What was actually mined of a mineral in a municipality: millionths of `unit`, gross where `fineness` is given."""

    mineral: Mineral
    micros: int
    unit: str
    municipality: str = ""
    month: date | None = None
    market: str = ""
    zone: str = ""
    producer_class: str = ""
    fineness: Fineness | None = None
    content: Content = NOTHING
    deposit: str = ""
    open_pit: bool = False
    year_tonnes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementCase:
    """A quarter's settlement. `contract_date` freezes the rate; `paid_on` asks for late interest."""

    quarter: Period
    lines: tuple[Mined, ...]
    title: str = ""
    contract_date: date | None = None
    concession: bool = True
    subsoil: str = "estado"
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class Charged:
    """A line with its price and rate. `quantity` in millionths of the price's unit; `value` in 10**-18 pesos, exact."""

    mined: Mined
    quantity: int
    price: BasePrice
    rate: Rate
    due: Due
    value: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The quarter: what could be charged, and what could not. `exact` and `payable` are None unless all could."""

    case: SettlementCase
    status: Status
    lines: tuple[Charged, ...]
    findings: tuple[Finding, ...]

    @property
    def exact(self) -> int | None:
        """The sum of the lines, in 10**-18 pesos."""
        return sum(line.value for line in self.lines) if self.status == "final" else None

    @property
    def payable(self) -> int | None:
        """The same in whole pesos, the next one up: no norm read rounds it."""
        return None if self.exact is None else -(-self.exact // _PESO)

    def by_municipality(self) -> dict[str, int]:
        """The exact value of each municipality's lines, in 10**-18 pesos."""
        found: dict[str, int] = {}
        for line in self.lines:
            place = line.mined.municipality
            found[place] = found.get(place, 0) + line.value
        return found

    @property
    def demo(self) -> bool:
        """Whether any price in it was made up for demonstrations."""
        return any(line.price.resolution.demo for line in self.lines)


def settle(case: SettlementCase, book: PriceBook) -> Settlement:
    """Settle a quarter. Pure. Findings: PRI-001 to PRI-003 and PRI-010, ROY-001 to ROY-006, ROY-007 a monthly price and
    no month, ROY-008 two prices within the quarter, NOR-001 a rate or a calendar that is not loaded for then.
    """
    lines: list[Charged] = []
    findings: list[Finding] = []
    for index, mined in enumerate(case.lines):
        try:
            charged = _charge(case, mined, book, f"lines[{index}]", findings)
        except NormNotInForce as missing:
            charged = None
            findings.append(Finding("NOR-001", "blocking", "quarter", "Sin norma cargada", missing.message))
        if charged is not None:
            lines.append(charged)
    blocking = [finding.code for finding in findings if finding.severity == "blocking"]
    status: Status = "final"
    if blocking:
        status = "pending" if all(code in _PENDING for code in blocking) else "impossible"
    findings += _demo(lines)
    return Settlement(case, status, tuple(lines), tuple(_once(findings)))


def _charge(case: SettlementCase, mined: Mined, book: PriceBook, field: str, findings: list[Finding]) -> Charged | None:
    before = len(findings)
    price = _price(case, mined, book, field, findings)
    rate = _rate(case, mined, field, findings)
    if price is None or rate is None or any(f.severity == "blocking" for f in findings[before:]):
        return None
    given, steps = _fine(mined)
    found = volume_in(price.unit, given, unit=mined.unit, mineral=mined.mineral, content=mined.content)
    if isinstance(found, NoConversion):
        findings.append(found.finding(f"{field}.unit"))
        return None
    due = due_after(case.quarter.end, kind_of(mined.mineral.group, private=case.subsoil == "privado"))
    value = found.micros * price.micros * rate.micros
    return Charged(mined, found.micros, price, rate, due, value, (*steps, *found.steps))


def _fine(mined: Mined) -> tuple[int, tuple[str, ...]]:
    """The fine quantity of what was weighed gross, rounded down: millionths × thousandths of ‰."""
    if mined.fineness is None:
        return mined.micros, ()
    fine = mined.fineness.fine(mined.micros)
    return fine, (f"ley {mined.fineness} ‰: gramos finos, hacia abajo",)


def _rate(case: SettlementCase, mined: Mined, field: str, findings: list[Finding]) -> Rate | None:
    found = rate_of(
        RateCase(
            mineral=mined.mineral, on=case.quarter.end, contract_date=case.contract_date, concession=case.concession,
            deposit=mined.deposit, subsoil=case.subsoil, open_pit=mined.open_pit, year_tonnes=mined.year_tonnes,
            quantity=mined.micros if mined.unit == "t" else 0,
        ),
        field=field,
    )  # fmt: skip
    findings += found.findings
    return found.rate


def _price(
    case: SettlementCase, mined: Mined, book: PriceBook, field: str, findings: list[Finding]
) -> BasePrice | None:
    if mined.mineral.is_heading:
        return None
    period = case.quarter
    if periodicity_of(mined.mineral, case.quarter.start) == "month":
        if mined.month is None:
            message = f"El precio de {mined.mineral.name} es mensual: diga de qué mes del trimestre es la cantidad."
            findings.append(Finding("ROY-007", "blocking", f"{field}.month", FORMULA, message))
            return None
        period = month_of(mined.month)
    code = mined.mineral.metal if mined.mineral.metal and (mined.mineral.graded or mined.mineral.precious) else None
    asked = [
        Ask(code or mined.mineral.code, day, mined.market, mined.zone, mined.producer_class)
        for day in (period.start, period.end)
    ]
    first, last = (book.choose(ask) for ask in asked)
    for found in (first, last):
        if not isinstance(found, BasePrice):
            findings.append(found.finding(f"{field}.mineral"))
            return None
    if first is not last and isinstance(first, BasePrice) and isinstance(last, BasePrice):
        message = (
            f"En el trimestre rigen dos precios de {mined.mineral.name}: {in_spanish(first.price_text)} y"
            f" {in_spanish(last.price_text)} COP."
            " Declare por separado lo extraído en cada vigencia."
        )
        findings.append(Finding("ROY-008", "blocking", f"{field}.mineral", FORMULA, message))
        return None
    return first if isinstance(first, BasePrice) else None


def _demo(lines: list[Charged]) -> Iterator[Finding]:
    demo = sorted({line.price.resolution.name for line in lines if line.price.resolution.demo})
    if demo:
        message = f"Precio de demostración, inventado: {'; '.join(demo)}. El resultado no sirve para declarar."
        yield Finding("PRI-010", "warning", "lines", "Conjunto de demostración", message)


def _once(findings: list[Finding]) -> Iterator[Finding]:
    seen: set[tuple[str, str, str]] = set()
    for finding in findings:
        key = (finding.code, finding.field, finding.message)
        if key not in seen:
            seen.add(key)
            yield finding
