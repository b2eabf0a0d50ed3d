"""A base price as its resolution fixes it; a price is the act's, never ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, get_args
from uuid import UUID

from veta.kernel.period import month_of, quarter_of, year_of
from veta.norms.lookup import NormNotInForce, norms
from veta.norms.minerals import Mineral
from veta.prices.domain.figures import text_of_micros

Periodicity = Literal["month", "quarter", "year"]
PERIODICITIES: tuple[Periodicity, ...] = get_args(Periodicity)
Market = Literal["interno", "exportacion"]
MARKETS: tuple[Market, ...] = get_args(Market)
MARKET_ES: Mapping[str, str] = MappingProxyType({"interno": "consumo interno", "exportacion": "exportación"})
PERIODICITY_ES: Mapping[str, str] = MappingProxyType({"month": "mensual", "quarter": "trimestral", "year": "anual"})
GROUPS: Mapping[str, str] = MappingProxyType(
    {"rocas_materiales_construccion": "Grupo Rocas y Materiales de Construcción"}
)
_PERIOD_OF = {"month": month_of, "quarter": quarter_of, "year": year_of}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """A version of an act that fixes prices. `demo`: made up for demonstrations, and every result that uses it says so.

    `digest` is the SHA-256, in hexadecimal, of the file it was read from. `version` counts its corrections from 1.
    """

    id: UUID
    issuer: str
    number: str
    issued_on: date
    published_on: date | None
    periodicity: Periodicity
    digest: str
    demo: bool
    version: int = 1

    @property
    def name(self) -> str:
        """How results cite it: issuer, number and year, each once, and the version of a correction."""
        issuer = "" if self.issuer.lower() in self.number.lower() else f"{self.issuer} "
        year = "" if str(self.issued_on.year) in self.number else f" de {self.issued_on.year}"
        corrected = f", versión {self.version}" if self.version > 1 else ""
        return f"{issuer}{self.number}{year}{corrected}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BasePrice:
    """Pesos for one unit of a mineral or group, between two dates, both included.

    `subject` is a mineral's code or a group's; `market`, `zone` and `producer_class` are empty where the act does not
    tell them apart. `micros` are millionths of a peso for one `unit`, always above zero. `certificate` is the number of
    Banco de la República's certificate behind a metal's price, where it was kept.
    """

    id: UUID
    resolution: Resolution
    subject: str
    market: str
    zone: str
    producer_class: str
    unit: str
    micros: int
    valid_from: date
    valid_to: date
    certificate: str = ""

    @property
    def price_text(self) -> str:
        """The price as exact decimal text."""
        return text_of_micros(self.micros, least=2)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What two prices of one day may not share."""
        return (self.subject, self.market, self.zone, self.producer_class)

    @property
    def told(self) -> str:
        """What tells it from others of its mineral, in words: market, zone, class; empty where the act has none."""
        return ", ".join(text for text in (MARKET_ES.get(self.market, ""), self.zone, self.producer_class) if text)

    def covers(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return self.valid_from <= day <= self.valid_to


@lru_cache(maxsize=4096)
def subjects_of(mineral: str, on: date) -> tuple[str, ...]:
    """The mineral's own code and the groups whose price reaches it on a date, the own code first."""
    groups = norms().table("price.group", on)
    return (mineral, *sorted(group for group, value in groups.items() if mineral in value.value))


def periodicity_of(mineral: Mineral, on: date) -> Periodicity | None:
    """How often that mineral's price is fixed; None before any norm loaded says it."""
    try:
        table = norms().value("price.periodicity", on).value
    except NormNotInForce:
        return None
    found: Periodicity = table.get(mineral.group, table["other"])
    return found


def period_name(periodicity: Periodicity, on: date) -> str:
    """The period that a date falls in, in words: «tercer trimestre de 2025»."""
    if periodicity == "month":
        return f"{_MONTHS[on.month - 1]} de {on.year}"
    if periodicity == "quarter":
        return f"{_ORDINALS[(on.month - 1) // 3]} trimestre de {on.year}"
    return f"año {on.year}"


def is_whole_period(periodicity: Periodicity, start: date, end: date) -> bool:
    """Whether two dates are the first and last day of one period of that length."""
    period = _PERIOD_OF[periodicity](start)
    return (start, end) == (period.start, period.end)


_ORDINALS = ("primer", "segundo", "tercer", "cuarto")
_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
