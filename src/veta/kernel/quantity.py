"""Quantities: integers of the smallest unit inside, decimal text at the edge, never a float."""

import re
from dataclasses import dataclass
from fractions import Fraction

from veta.kernel.errors import DomainError
from veta.kernel.units import UNITS, Unit

__all__ = ["MAX_AMOUNT", "UNITS", "Fineness", "Quantity", "QuantityError", "Shown", "Unit", "amount_of", "text_of"]

MAX_AMOUNT = 10**16
_QUANTITY = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?").fullmatch
_FINENESS = re.compile(r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,3})?").fullmatch
_POWERS: tuple[int, ...] = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_DECIMALS = {power: n for n, power in enumerate(_POWERS)}


class QuantityError(DomainError):
    """A quantity that is badly written, too fine for its unit or too large; its code belongs to the shape family."""

    code = "SCH-003"


def amount_of(text: str, *, factor: int) -> int:
    """The integer of smallest units that `text` states; exact, nothing is rounded.

    `text` is what the input contract admits: ASCII digits, no sign, blank, exponent or leading zero, a point and up to
    six decimals. `factor` is the number of smallest units in one unit (a power of ten). Raises QuantityError where the
    text is another thing, where the product is no whole number of smallest units, or where it passes 10**16.
    """
    if type(text) is not str or _QUANTITY(text) is None:
        raise QuantityError(
            f"La cantidad {_quoted(text)} no se entiende. Escríbala con dígitos y punto, como «12.500»."
        )
    whole, _, decimals = text.partition(".")
    if decimals:
        amount, rest = divmod(int(whole + decimals) * factor, _POWERS[len(decimals)])
        if rest:
            raise QuantityError(
                f"La cantidad «{text}» tiene más decimales de los que admite la unidad: use "
                f"{f'a lo sumo {_DECIMALS[factor]}' if factor > 1 else 'un número entero'}."
            )
    else:
        amount = int(whole) * factor
    if amount > MAX_AMOUNT:
        raise QuantityError(
            f"La cantidad «{text}» pasa del máximo que se puede registrar. Revise el número y la unidad."
        )
    return amount


def text_of(amount: int, *, factor: int) -> str:
    """The decimal text of an amount, always with all the decimals of `factor`; exact, the inverse of `amount_of`."""
    decimals = _DECIMALS[factor]
    if not decimals:
        return str(amount)
    sign, digits = ("-", str(-amount)) if amount < 0 else ("", str(amount))
    digits = digits.zfill(decimals + 1)
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def _quoted(value: object) -> str:
    return f"«{value[:40]}»" if isinstance(value, str) else "(que no es texto)"


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure for a screen or a spreadsheet; `rounded` says whether it is not exact."""

    text: str
    unit: Unit
    rounded: bool


@dataclass(frozen=True, slots=True)
class Quantity:
    """A whole number of `unit`; sums only with its own unit."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError("a quantity is a whole number of its smallest unit")
        if self.unit.display_only:
            raise TypeError(f"{self.unit.code} is for display: no quantity is kept in it")

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount + self._amount_of_same_unit(other), self.unit)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.amount - self._amount_of_same_unit(other), self.unit)

    def _amount_of_same_unit(self, other: "Quantity") -> int:
        if other.unit != self.unit:
            raise TypeError(f"{self.unit.code} and {other.unit.code} do not add")
        return other.amount

    def shown_in(self, unit: Unit, *, decimals: int) -> Shown:
        """The same quantity in `unit` with `decimals`, half to even; for display only, and it says when it rounded."""
        if unit.dimension != self.unit.dimension:
            raise TypeError(f"{self.unit.code} does not convert to {unit.code}")
        exact = Fraction(self.amount) * self.unit.scale / unit.scale * 10**decimals
        shown = round(exact)
        return Shown(text_of(shown, factor=10**decimals), unit, rounded=shown != exact)


@dataclass(frozen=True, slots=True, order=True)
class Fineness:
    """Parts of fine metal in a thousand, kept in thousandths of ‰: 0 < fineness <= 1000 ‰."""

    milli: int

    def __post_init__(self) -> None:
        if not 0 < self.milli <= 1_000_000:
            raise QuantityError("La ley debe ser mayor que 0 y a lo sumo 1000 milésimas.", code="MIN-004")

    @classmethod
    def parse(cls, text: str) -> "Fineness":
        """The fineness that `text` states («920», «920.5»; up to three decimals). Raises QuantityError (MIN-004)."""
        if type(text) is not str or _FINENESS(text) is None:
            raise QuantityError(
                f"La ley {_quoted(text)} no se entiende. Escríbala en milésimas, como «920» o «920.5».", code="MIN-004"
            )
        return cls(amount_of(text, factor=1000))

    def fine(self, gross_mg: int) -> int:
        """Fine milligrams in `gross_mg` of this fineness, rounded down: the ledger never credits metal not there."""
        return gross_mg * self.milli // 1_000_000

    def __str__(self) -> str:
        return text_of(self.milli, factor=1000).rstrip("0").rstrip(".")
