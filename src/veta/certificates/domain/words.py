"""Quantities in Spanish words, as the forms ask: «doce mil quinientos con 30 centésimas» is said by what follows."""

_UNITS = (
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece",
    "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidós",
    "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve",
)  # fmt: skip
_TENS = ("", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
_HUNDREDS = (
    "", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos",
    "ochocientos", "novecientos",
)  # fmt: skip
_SCALES = ((10**12, "un billón", "billones"), (10**6, "un millón", "millones"))
UNITS = {
    "g": ("gramo", "gramos"), "kg": ("kilogramo", "kilogramos"), "t": ("tonelada", "toneladas"),
    "m3": ("metro cúbico", "metros cúbicos"), "ct": ("quilate", "quilates"),
}  # fmt: skip


def whole_in_words(number: int) -> str:
    """A whole number from 0 to below 10^18, in words."""
    if not 0 <= number < 10**18:
        raise ValueError("outside what is written in words")
    said: list[str] = []
    for scale, one, many in _SCALES:
        count, number = divmod(number, scale)
        if count:
            said.append(one if count == 1 else f"{_shortened(whole_in_words(count))} {many}")
    thousands, rest = divmod(number, 1000)
    if thousands:
        said.append("mil" if thousands == 1 else f"{_shortened(_below_thousand(thousands))} mil")
    if rest or not said:
        said.append(_below_thousand(rest))
    return " ".join(said)


def quantity_in_words(text: str, unit: str) -> str:
    """Decimal text with its unit, the decimals digit for digit: «doce coma cinco cero cero gramos»."""
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    one, many = UNITS.get(unit, (unit, unit))
    said = whole_in_words(int(whole))
    if decimals:
        zeros = "cero " * (len(decimals) - len(decimals.lstrip("0")))
        said += f" coma {zeros}{whole_in_words(int(decimals))}"
    elif whole == "1":
        return f"{'una' if one in ('tonelada',) else 'un'} {one}"
    return f"{said if decimals else _shortened(said)} {many}"


def _below_thousand(number: int) -> str:
    if number == 100:
        return "cien"
    hundreds, rest = divmod(number, 100)
    said = [_HUNDREDS[hundreds]] if hundreds else []
    if rest < 30:
        said += [_UNITS[rest]] if rest or not said else []
    else:
        tens, units = divmod(rest, 10)
        said.append(_TENS[tens] + (f" y {_UNITS[units]}" if units else ""))
    return " ".join(said)


def _shortened(said: str) -> str:
    """«veintiuno mil» is «veintiún mil»; «treinta y uno mil», «treinta y un mil»."""
    if said.endswith("veintiuno"):
        return said.removesuffix("veintiuno") + "veintiún"
    return said.removesuffix("o") if said == "uno" or said.endswith(" uno") else said
