"""Cells of a file of prices: what each column may say, mended where that is safe, refused with its remedy elsewhere."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from veta.norms import norms
from veta.norms.catalogue import catalogue
from veta.norms.minerals import normal_spelling
from veta.prices.domain.base_price import GROUPS, Periodicity, is_whole_period
from veta.prices.domain.figures import micros_of
from veta.registry.importers.cells import CellFault
from veta.registry.importers.rows import Repair

_PERIODICITY: Mapping[str, Periodicity] = {
    "QUARTER": "quarter", "TRIMESTRE": "quarter", "TRIMESTRAL": "quarter",
    "YEAR": "year", "ANO": "year", "ANUAL": "year",
    "MONTH": "month", "MES": "month", "MENSUAL": "month",
}  # fmt: skip
_MARKET = {
    "": "", "INTERNO": "interno", "CONSUMO INTERNO": "interno", "NACIONAL": "interno", "DOMESTIC": "interno",
    "EXPORTACION": "exportacion", "EXPORT": "exportacion",
}  # fmt: skip
_UNIT = {"G": "g", "KG": "kg", "T": "t", "M3": "m3", "CT": "ct", "GRAMO": "g", "TONELADA": "t", "QUILATE": "ct"}
_SLASHED = re.compile(r"([0-3]?[0-9])/([01]?[0-9])/([0-9]{4})").fullmatch
_COMMA_DECIMAL = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]{1,4}").fullmatch
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+").fullmatch
_LONGEST_YEAR = 366
MAX_MICROS = 10**18


def required(cells: Mapping[str, str], column: str, *, longest: int = 80) -> str:
    """A cell that must say something. Raises CellFault."""
    value = cells.get(column, "")
    if not value or len(value) > longest or not value.isprintable():
        raise CellFault(
            column, value[:40], f"Está vacía, pasa de {longest} letras o trae signos invisibles.", "Complétela."
        )
    return value


def day(cells: Mapping[str, str], column: str, repairs: list[Repair]) -> date:
    """A calendar day in ISO form; «31/12/2025» and Excel's instants are mended. Raises CellFault."""
    value = cells.get(column, "")
    try:
        if slashed := _SLASHED(value):
            found = date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
            reason = f"«{value}» se lee día/mes/año: {found}."
            repairs.append(Repair("fecha con barras", column, value, reason))
            return found
        return datetime.fromisoformat(value).date() if "T" in value else date.fromisoformat(value)
    except ValueError:
        remedy = "Escríbala como AAAA-MM-DD, la del acto y no la del nombre del archivo."
        raise CellFault(column, value[:40], "No es una fecha del calendario.", remedy) from None


def periodicity(cells: Mapping[str, str]) -> Periodicity:
    """quarter, year or month, in English or Spanish. Raises CellFault."""
    found = _PERIODICITY.get(normal_spelling(cells.get("periodicity", "")))
    if found is None:
        value = cells.get("periodicity", "")[:40]
        raise CellFault("periodicity", value, "No es una periodicidad conocida.", "Use quarter, year o month.")
    return found


def validity(cells: Mapping[str, str], every: Periodicity, repairs: list[Repair]) -> tuple[date, date]:
    """The act's dates: a whole quarter or month where it is fixed by one of these; at most a year. Raises CellFault."""
    start, end = day(cells, "valid_from", repairs), day(cells, "valid_to", repairs)
    if end < start:
        raise CellFault("valid_to", str(end), f"Termina antes de empezar ({start}).", "Corrija una de las dos fechas.")
    if every != "year" and not is_whole_period(every, start, end):
        name = "trimestre" if every == "quarter" else "mes"
        remedy = f"Copie del acto el primero y el último día del {name}."
        raise CellFault("valid_from", f"{start} a {end}", f"No es un {name} calendario completo.", remedy)
    if (end - start).days >= _LONGEST_YEAR:
        raise CellFault("valid_to", str(end), "Un precio anual no rige más de un año.", "Revise las fechas del acto.")
    return start, end


def subject(cells: Mapping[str, str], repairs: list[Repair]) -> str:
    """A mineral's code, or a group's. Raises CellFault: an untyped heading has no price of its own."""
    value = cells.get("mineral", "")
    group = _groups().get(normal_spelling(value).removeprefix("GRUPO "))
    if group is not None:
        return group
    code = value if catalogue().mineral(value) else catalogue().match(value)
    mineral = catalogue().mineral(code) if code else None
    if mineral is None:
        raise CellFault("mineral", value[:40], "No está en el catálogo ni es un grupo.", "Use su código del catálogo.")
    if mineral.group == "materiales_construccion" and mineral.is_heading:
        reason = f"«{value}» en un acto de precios es el grupo Rocas y Materiales de Construcción."
        repairs.append(Repair("rubro leído como grupo", "mineral", value, reason))
        return "rocas_materiales_construccion"
    if mineral.is_heading:
        raise CellFault("mineral", value[:40], "Es un rubro sin tipo: el precio es de un tipo.", "Escriba el tipo.")
    return mineral.code


@lru_cache(maxsize=1)
def _groups() -> Mapping[str, str]:
    ids = (p.id.removeprefix("price.group.") for p in norms() if p.id.startswith("price.group."))
    found = {normal_spelling(code): code for code in ids}
    return found | {normal_spelling(name).removeprefix("GRUPO "): code for code, name in GROUPS.items()}


def market(cells: Mapping[str, str]) -> str:
    """interno, exportacion or empty. Raises CellFault."""
    value = cells.get("market", "")
    found = _MARKET.get(normal_spelling(value))
    if found is None:
        raise CellFault("market", value[:40], "No es un mercado conocido.", "Use interno, exportacion o nada.")
    return found


def unit(cells: Mapping[str, str]) -> str:
    """g, kg, t, m3 or ct. Raises CellFault."""
    value = cells.get("unit", "")
    found = _UNIT.get(normal_spelling(value).replace("³", "3"))
    if found is None:
        raise CellFault("unit", value[:40], "No es una unidad de precio.", "Use g, kg, t, m3 o ct.")
    return found


def price(cells: Mapping[str, str], repairs: list[Repair]) -> int:
    """Pesos as millionths, above zero. Raises CellFault; «1.234,50» is mended, «263.912» is ambiguous and refused."""
    value = cells.get("price_cop", "")
    read = value
    if _COMMA_DECIMAL(value):
        read = value.replace(".", "").replace(",", ".")
        repairs.append(Repair("coma decimal", "price_cop", value, f"«{value}» se lee {read}."))
    elif _THOUSANDS(value):
        raise CellFault(
            "price_cop", value, "No se sabe si el punto es decimal o de miles.", "Escríbalo sin miles: 263912.00."
        )
    micros = micros_of(read)
    if micros is None or micros > MAX_MICROS:
        raise CellFault("price_cop", value[:40], "No es un precio en pesos.", "Escriba dígitos y punto: 263912.50.")
    if micros == 0:
        raise CellFault("price_cop", value, "Un precio base nunca es cero ni menos.", "Cópielo del acto.")
    return micros
