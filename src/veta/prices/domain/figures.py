"""Exact figures of prices: integers of a millionth of a peso or of a unit, read from and written as decimal text."""

import re
from fractions import Fraction

from veta.kernel.quantity import text_of

MICRO = 10**6
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,6}))?").fullmatch


def micros_of(text: object) -> int | None:
    """The millionths that a decimal text states; None where it is no text, has a sign, an exponent or more decimals."""
    if type(text) is not str:
        return None
    found = _DECIMAL(text)
    if found is None:
        return None
    whole, decimals = found.groups()
    return int(whole) * MICRO + (int(decimals.ljust(6, "0")) if decimals else 0)


def text_of_micros(micros: int, *, least: int = 0) -> str:
    """The decimal text of some millionths, without idle zeros beyond `least` decimals; exact."""
    return trimmed(text_of(micros, factor=MICRO), least=least)


def exact_text(value: int, *, decimals: int, least: int = 2) -> str:
    """The decimal text of `value` × 10**-decimals, without idle zeros beyond `least` decimals; exact."""
    sign, digits = ("-", str(-value)) if value < 0 else ("", str(value))
    digits = digits.zfill(decimals + 1)
    return trimmed(f"{sign}{digits[:-decimals]}.{digits[-decimals:]}", least=least)


def trimmed(text: str, *, least: int = 0) -> str:
    """A decimal text without idle zeros at its end, keeping `least` decimals."""
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{decimals}" if decimals else whole


def in_spanish(text: str) -> str:
    """Decimal text as Colombians write it: «1234567.50» → «1.234.567,50», and a whole number without idle zeros."""
    whole, _, decimals = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{int(digits):,}".replace(",", ".")
    return f"{sign}{grouped},{decimals}" if decimals.strip("0") else f"{sign}{grouped}"


def micros_up(value: Fraction) -> int:
    """Millionths of an exact number, the next one up where it is not whole."""
    scaled = value * MICRO
    return -(-scaled.numerator // scaled.denominator)
