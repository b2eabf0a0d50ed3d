"""What a buyer of precious metal withholds: fine grams × base price × rate (Decreto 600 de 1996, artículo 16)."""

from datetime import date

from veta.norms import norms
from veta.norms.minerals import Mineral
from veta.prices.domain.figures import micros_of
from veta.royalties.domain.rates import Rate

# Milligrams × millionths of a peso for a gram × millionths of a rate, in a centavo.
_CENTAVO = 10**13


def withholding_rate(mineral: Mineral, on: date) -> Rate:
    """The rate that is withheld on a precious metal on a day. Raises NormNotInForce where none is loaded for it."""
    rates = norms().value("royalty.rates", on)
    name = "platino" if mineral.metal == "platino" else "oro_plata"
    return Rate(micros_of(rates.value[name]) or 0, name, rates)


def withheld_centavos(fine_mg: int, *, price_micros: int, rate_micros: int) -> int:
    """What is withheld on fine milligrams, in whole centavos, the next one up; exact before that."""
    return -(-fine_mg * price_micros * rate_micros // _CENTAVO)
