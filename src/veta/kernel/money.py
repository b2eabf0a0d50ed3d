"""Colombian pesos: Decimal with two decimals, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal, localcontext

from veta.kernel.errors import DomainError

_PESOS = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,2})?").fullmatch
_CENT = Decimal("0.01")


class MoneyError(DomainError):
    """An amount of pesos that is badly written or finer than a cent."""

    code = "SCH-003"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount of pesos. A calculation that yields finer figures rounds them by its own norm before this."""

    pesos: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.pesos, Decimal) or not self.pesos.is_finite():
            raise TypeError("money is a finite Decimal")
        with localcontext(prec=40):
            exact = self.pesos.quantize(_CENT)
        if exact != self.pesos:
            raise MoneyError(f"El valor {self.pesos} tiene más de dos decimales. Redondéelo al centavo.")
        object.__setattr__(self, "pesos", exact)

    @classmethod
    def parse(cls, text: str) -> "Money":
        """The pesos that `text` states: ASCII digits, a point and up to two decimals. Raises MoneyError."""
        if type(text) is not str or _PESOS(text) is None:
            raise MoneyError("El valor en pesos no se entiende. Escríbalo con dígitos y punto, como «1250000.50».")
        return cls(Decimal(text))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.pesos + other.pesos)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.pesos - other.pesos)

    def __str__(self) -> str:
        return format(self.pesos, "f")
