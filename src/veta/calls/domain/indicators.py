"""Financial indicators, computed from the figures of the statements: exact, compared before anything is rounded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from veta.calls.domain.refusals import refused

FIGURES: Mapping[str, str] = {
    "current_assets": "Activo corriente",
    "current_liabilities": "Pasivo corriente",
    "total_assets": "Activo total",
    "total_liabilities": "Pasivo total",
    "equity": "Patrimonio",
    "operating_profit": "Utilidad operacional",
    "interest": "Gastos de intereses",
}
_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,2})?").fullmatch
_MAY_BE_NEGATIVE = {"equity", "operating_profit"}
_SHOWN = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `exact` is None where its divisor is zero: `meets` then follows from what is divided."""

    code: str
    name: str
    exact: Fraction | None
    sense: str
    limit: Decimal
    meets: bool

    @property
    def shown(self) -> str:
        """Four decimals, half to even, for reading only; «indeterminado» where it divides by zero."""
        if self.exact is None:
            return "indeterminado"
        value = Decimal(self.exact.numerator) / Decimal(self.exact.denominator)
        return str(value.quantize(_SHOWN, rounding=ROUND_HALF_EVEN))


def figures_of(given: Mapping[str, str]) -> dict[str, Decimal]:
    """The figures in COP as they were given, text with a point and at most two decimals.

    Raises CAL-024: one is missing or unknown, cannot be an amount, is negative where it cannot be; or assets are not
    liabilities plus equity.
    """
    if given.keys() != FIGURES.keys():
        raise refused("CAL-024", f"Escriba todas las cifras: {', '.join(FIGURES.values())}.")
    bad = [FIGURES[name] for name, text in given.items() if not _fits(name, text)]
    if bad:
        raise refused("CAL-024", f"Revise estas cifras, en pesos y con dos decimales como mucho: {', '.join(bad)}.")
    made = {name: Decimal(given[name]) for name in FIGURES}
    if made["total_assets"] != made["total_liabilities"] + made["equity"]:
        raise refused("CAL-024", "El activo total no es igual al pasivo total más el patrimonio. Corrija las cifras.")
    if made["current_assets"] > made["total_assets"] or made["current_liabilities"] > made["total_liabilities"]:
        raise refused("CAL-024", "Lo corriente no puede superar el total. Corrija las cifras.")
    return made


def _fits(name: str, text: object) -> bool:
    if not isinstance(text, str) or _AMOUNT(text) is None:
        return False
    return name in _MAY_BE_NEGATIVE or not text.startswith("-")


def indicators_of(figures: Mapping[str, Decimal], limits: Mapping[str, Decimal]) -> tuple[Indicator, ...]:
    """Liquidity, debt and interest cover, each against the call's limit; a limit that is met exactly is met."""
    return (
        _ratio(
            "liquidity", "Liquidez", figures["current_assets"], figures["current_liabilities"], limits, at_least=True
        ),
        _ratio("debt", "Endeudamiento", figures["total_liabilities"], figures["total_assets"], limits, at_least=False),
        _ratio(
            "cover", "Cobertura de intereses", figures["operating_profit"], figures["interest"], limits, at_least=True
        ),
    )


def _ratio(
    code: str, name: str, over: Decimal, under: Decimal, limits: Mapping[str, Decimal], *, at_least: bool
) -> Indicator:
    limit = limits[code]
    sense = ">=" if at_least else "<="
    if under == 0:
        # Nothing owed, or no interest paid: met where what is divided is not a loss; debts without assets never are.
        return Indicator(code, name, None, sense, limit, over >= 0 if at_least else over == 0)
    exact = Fraction(over) / Fraction(under)
    return Indicator(
        code, name, exact, sense, limit, exact >= Fraction(limit) if at_least else exact <= Fraction(limit)
    )
