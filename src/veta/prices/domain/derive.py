"""What a precious metal's base price comes to, month by month: indicative, since UPME fixes the price."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.period import month_of
from veta.kernel.quantity import UNITS
from veta.norms import norms

NORM = "Ley 756 de 2002, artículo 16, parágrafo 9"
# The last month whose gold and platinum series are the London afternoon fixing; later ones are a spot average.
LAST_FIXING = date(2025, 5, 1)
TRM_CHOICES = ("previous", "current")


class NotDerivable(DomainError):
    """A price that cannot be derived: PRI-020 no series of the London afternoon fixing, PRI-021 TRM missing."""

    code = "PRI-020"


@dataclass(frozen=True, slots=True)
class MeanPrice:
    """A month's mean price in dollars an ounce, with its source; `fixing`: it is the London afternoon fixing."""

    month: date
    usd: str
    source: str
    fixing: bool


@dataclass(frozen=True, slots=True)
class MeanTrm:
    """The mean TRM over the calendar days of a month, exact, with its source."""

    month: date
    value: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Derived:
    """The result, to the cent, and each step as text."""

    mineral: str
    month: date
    cop_per_gram: str
    steps: tuple[str, ...]


def derive(mineral: str, *, month: date, price: MeanPrice, trm: MeanTrm) -> Derived:
    """The pesos for a gram in `month`: the legal share of the previous month's mean, at a mean TRM, over the ounce.

    `price` is that of the month before. Rounded half up to the cent, once, at the end. Raises NotDerivable PRI-020 for
    silver (London publishes no afternoon fixing of it), or where the series of that month is not the fixing.
    """
    require_fixing(mineral, price)
    share = norms().value("price.precious_share", month)
    ounce = UNITS["ozt"].scale
    usd = Fraction(price.usd)
    exact = usd * Fraction(share.value) * trm.value / ounce
    cents = (exact * 200 + 1) // 2
    text = f"{cents // 100}.{cents % 100:02d}"
    parts = f"{float_free(usd * Fraction(share.value), 6)} USD/oz"
    return Derived(
        mineral,
        month,
        text,
        (
            f"Precio internacional medio de {price.month:%Y-%m}: {price.usd} USD/oz ({price.source}).",
            f"× {share.value} ({share.norm}) = {parts}.",
            f"× TRM media de los días calendario de {trm.month:%Y-%m}, sin redondear:"
            f" {float_free(trm.value, 4)} COP/USD ({trm.source}). Ninguna norma leída dice qué TRM usar.",
            f"÷ {float_free(ounce, 7)} g/oz = {text} COP/g, redondeado al centavo.",
            "Indicativo: el precio base lo fija la UPME.",
        ),
    )


def require_fixing(mineral: str, price: MeanPrice | None = None) -> None:
    """Raise NotDerivable PRI-020 for what the law's formula does not reach: silver, other minerals, other series."""
    if mineral == "plata":
        raise _not_fixing(
            "mineral",
            "La plata no tiene fijación de Londres pasado meridiano, que es la que nombra la ley: no se deriva su"
            " precio. Use la resolución de la UPME.",
        )
    if mineral not in ("oro", "platino"):
        raise _not_fixing("mineral", "Solo se deriva el precio del oro y del platino. Use la resolución de la UPME.")
    if price is not None and not price.fixing:
        raise _not_fixing(
            "month",
            f"La serie de {price.month:%Y-%m} no es la fijación de Londres pasado meridiano, sino un promedio de"
            " contado: no se deriva. Use la resolución de la UPME.",
        )


def mean_trm(windows: list[tuple[date, date, Fraction]], month: date, source: str) -> MeanTrm:
    """The mean over every calendar day of a month of the TRM in force that day.

    `windows`: (from, to, value), both ends included. Raises NotDerivable PRI-021 where a day has no rate.
    """
    period = month_of(month)
    total, day = Fraction(0), period.start
    days = (period.end - period.start).days + 1
    for _ in range(days):
        found = [value for start, end, value in windows if start <= day <= end]
        if len(found) != 1:
            message = f"Falta la TRM del {day} para promediar {month:%Y-%m}. Complete la serie o pida otro mes."
            finding = Finding("PRI-021", "blocking", "month", NORM, message, {"date": day.isoformat()})
            raise NotDerivable(message, code="PRI-021", findings=[finding])
        total += found[0]
        day += timedelta(days=1)
    return MeanTrm(period.start, total / days, source)


def float_free(value: Fraction, decimals: int) -> str:
    """A fraction as decimal text, half up; exact arithmetic throughout."""
    scaled = (value * 2 * 10**decimals + 1) // 2
    digits = str(scaled).zfill(decimals + 1)
    return f"{digits[:-decimals]}.{digits[-decimals:]}"


def _not_fixing(field: str, message: str) -> NotDerivable:
    return NotDerivable(message, findings=[Finding("PRI-020", "blocking", field, NORM, message)])
