"""Which percentage a mineral pays: the one in force on the contract's date, by class, threshold and deposit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from veta.kernel.finding import Finding
from veta.norms import Dated, NormNotInForce, norms
from veta.norms.minerals import Mineral
from veta.prices.domain.figures import MICRO, micros_of, text_of_micros

ART_16 = "Ley 756 de 2002, artículo 16"
ART_228 = "Ley 685 de 2001, artículo 228"
ART_227 = "Ley 685 de 2001, artículo 227; Decreto 1073 de 2015, artículo 2.2.5.7.1.3"
DEPOSITS = ("aluvion", "veta")
SUBSOILS = ("estado", "privado")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCase:
    """What decides a rate. `year_tonnes`: the holder's coal of the year over all titles, in millionths of a tonne."""

    mineral: Mineral
    on: date
    contract_date: date | None = None
    concession: bool = True
    deposit: str = ""
    subsoil: str = "estado"
    open_pit: bool = False
    year_tonnes: int | None = None
    quantity: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """A percentage in millionths, its class, and the value of the norm it comes from."""

    micros: int
    name: str
    source: Dated

    @property
    def text(self) -> str:
        """The fraction as decimal text, «0.05»."""
        return text_of_micros(self.micros)


@dataclass(frozen=True, slots=True)
class RateFound:
    """The rate, or None, and what is to be said of it."""

    rate: Rate | None
    findings: tuple[Finding, ...]


def rate_of(case: RateCase, *, field: str) -> RateFound:
    """The rate of a mineral. Findings: ROY-001 no norm on the contract's date, ROY-002 that date is unknown (warning),
    ROY-003 exactly the coal threshold, ROY-004 the year's coal is unknown (warning), ROY-005 untyped heading, ROY-006
    deposit of gold unknown (warning).
    """
    if case.mineral.is_heading:
        message = f"«{case.mineral.name}» no dice el tipo: la regalía es de lo extraído. Declare cada mineral."
        return RateFound(None, (_finding("ROY-005", f"{field}.mineral", message, norm=ART_16),))
    if case.subsoil == "privado":
        return RateFound(_private(case), ())
    on = case.contract_date or case.on
    try:
        rates = norms().value("royalty.rates", on)
        name = _class_of(case.mineral, on)
    except NormNotInForce:
        message = (
            f"La tarifa se congela en la fecha del contrato ({on}) y no hay ninguna cargada de entonces. Cargue la"
            " norma de esa fecha o lea la cláusula del contrato."
        )
        return RateFound(None, (_finding("ROY-001", "contract_date", message, norm=ART_228),))
    said = tuple(_unknown_date(case))
    found = _of_state(case, name, rates, field)
    return RateFound(found.rate, (*said, *found.findings))


def _class_of(mineral: Mineral, on: date) -> str:
    classes = norms().value("royalty.class", on).value
    return str(classes.get(mineral.code) or classes[mineral.group])


def _unknown_date(case: RateCase) -> Iterator[Finding]:
    if case.contract_date is None:
        message = (
            "La tarifa es la de la fecha del contrato y no se dio: se usó la vigente en el periodo. Escriba la fecha."
        )
        yield _finding("ROY-002", "contract_date", message, norm=ART_228, severity="warning")


def _of_state(case: RateCase, name: str, rates: Dated, field: str) -> RateFound:
    if name == "carbon":
        return _coal(case, rates, field)
    if name == "oro_plata" and case.mineral.metal == "oro" and case.concession:
        if case.deposit == "aluvion":
            return RateFound(_rate("oro_aluvion_concesion", rates), ())
        if not case.deposit:
            message = (
                "No se dijo si el oro es de aluvión o de veta: se tomó 4 %. Si es de aluvión y el contrato es de"
                " concesión, es 6 %."
            )
            found = _finding("ROY-006", f"{field}.deposit", message, norm=ART_16, severity="warning")
            return RateFound(_rate(name, rates), (found,))
    return RateFound(_rate(name, rates), ())


def _coal(case: RateCase, rates: Dated, field: str) -> RateFound:
    threshold = norms().value("royalty.coal_threshold", case.contract_date or case.on).value * MICRO
    year = case.year_tonnes
    said: tuple[Finding, ...] = ()
    if year is None:
        year = case.quantity
        message = (
            "No se dio la producción de carbón del año de todos los títulos del titular: la tarifa se escogió con lo"
            " declarado aquí. Escríbala: sobre 3.000.000 t es 10 %."
        )
        norm = "Ley 756 de 2002, artículos 12 y 16"
        said = (_finding("ROY-004", f"{field}.holder_year_tonnes", message, norm=norm, severity="warning"),)
    if year == threshold:
        message = (
            "La producción del año es exactamente 3.000.000 t: la ley fija tarifa por encima y por debajo, no en ese"
            " punto. Consulte a la ANM."
        )
        return RateFound(None, (_finding("ROY-003", f"{field}.holder_year_tonnes", message, norm=ART_16),))
    return RateFound(_rate("carbon_mayor" if year > threshold else "carbon_menor", rates), said)


def _private(case: RateCase) -> Rate:
    """That of the period: what is frozen at a contract's date is a concession's (art. 228)."""
    values = norms().value("royalty.private_subsoil", case.on)
    threshold = norms().value("royalty.coal_threshold", case.on).value * MICRO
    year = case.year_tonnes if case.year_tonnes is not None else case.quantity
    large = case.mineral.group == "carbon" and case.open_pit and year >= threshold
    name = "open_pit_coal" if large else "minimum"
    micros = micros_of(values.value[name])
    return Rate(micros or 0, f"subsuelo privado, {'carbón a cielo abierto' if large else 'mínimo'}", values)


def _rate(name: str, rates: Dated) -> Rate:
    micros = micros_of(rates.value[name])
    if micros is None:
        raise ValueError(f"royalty.rates.{name} is no decimal")
    return Rate(micros, name, rates)


def _finding(code: str, field: str, message: str, *, norm: str, severity: str = "blocking") -> Finding:
    return Finding(code, "warning" if severity == "warning" else "blocking", field, norm, message)
