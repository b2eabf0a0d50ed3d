"""What the value of each family of parameters looks like; a value of another shape is refused when it is loaded."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

Check = Callable[[Any], str | None]

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?").fullmatch
_RATIONAL = re.compile(r"(?:0|[1-9][0-9]*)(?:/[1-9][0-9]*)?").fullmatch
_CODE = re.compile(r"[a-z][a-z0-9_]*").fullmatch


def decimal(value: Any) -> str | None:
    """Exact decimal text, «420» or «0.8»."""
    return None if isinstance(value, str) and _DECIMAL(value) else "no es un número decimal escrito como texto"


def rational(value: Any) -> str | None:
    """An exact fraction as text, «1/4» or «1»."""
    return None if isinstance(value, str) and _RATIONAL(value) else "no es una fracción escrita como texto"


def whole(value: Any) -> str | None:
    """A whole number of zero or more."""
    return None if type(value) is int and value >= 0 else "no es un entero de cero o más"


def yes_no(value: Any) -> str | None:
    """A boolean."""
    return None if isinstance(value, bool) else "no es sí o no"


def text(value: Any) -> str | None:
    """Text with something in it."""
    return None if isinstance(value, str) and value.strip() else "no es un texto"


def code(value: Any) -> str | None:
    """A code: ASCII, lower case, snake case."""
    return None if isinstance(value, str) and _CODE(value) else "no es un código en minúsculas"


def iso_date(value: Any) -> str | None:
    """A date as text, «2026-05-19»."""
    try:
        return None if isinstance(value, str) and date.fromisoformat(value) else "no es una fecha"
    except ValueError:
        return "no es una fecha"


def one_of(*choices: str) -> Check:
    """One of these texts."""
    return lambda value: None if value in choices else f"no es uno de: {', '.join(choices)}"


def list_of(check: Check) -> Check:
    """A list, possibly empty, whose items pass `check`."""

    def checked(value: Any) -> str | None:
        if not isinstance(value, list):
            return "no es una lista"
        return next((f"en la lista, {fault}" for item in value if (fault := check(item))), None)

    return checked


def table_of(check: Check) -> Check:
    """A table of codes whose values pass `check`."""

    def checked(value: Any) -> str | None:
        if not isinstance(value, Mapping) or not value:
            return "no es una tabla con renglones"
        return next((f"«{key}» {fault}" for key, item in value.items() if (fault := code(key) or check(item))), None)

    return checked


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """A table with exactly these keys."""
    known = {**required, **(optional or {})}

    def checked(value: Any) -> str | None:
        if not isinstance(value, Mapping):
            return "no es una tabla"
        if unknown := value.keys() - known.keys():
            return f"trae claves desconocidas: {', '.join(sorted(unknown))}"
        if missing := required.keys() - value.keys():
            return f"le faltan: {', '.join(sorted(missing))}"
        return next((f"«{key}» {fault}" for key, item in value.items() if (fault := known[key](item))), None)

    return checked


def yields(value: Any) -> str | None:
    """A recipe: what goes in, what comes out, and the exact bounds of out over in."""
    shape = {
        "name": text,
        "inputs": list_of(code),
        "outputs": list_of(code),
        "basis": one_of("metal", "quantity"),
        "min_yield": rational,
        "max_yield": rational,
    }
    fault = record(shape)(value)
    if fault is None and Fraction(value["min_yield"]) > Fraction(value["max_yield"]):
        fault = "el rendimiento mínimo pasa del máximo"
    if fault is None and not (value["inputs"] and value["outputs"]):
        fault = "no dice qué entra o qué sale"
    return fault


def consent_methods(value: Any) -> str | None:
    """The methods required together, each of them known; of a message and a call one at most, for one code is told."""
    fault = record({"required": list_of(code), "known": list_of(code)})(value)
    if fault is None and (unknown := set(value["required"]) - set(value["known"])):
        fault = f"exige métodos que no conoce: {', '.join(sorted(unknown))}"
    if fault is None and {"code", "voice"} <= set(value["required"]):
        fault = "exige el código por mensaje y por llamada: se dice uno solo"
    return fault


_EFFECT = one_of("blocking", "warning")
_CAP = {
    "month": decimal,
    "year": decimal,
    "unit": one_of("g", "kg", "t", "m3", "ct"),
    "month_effect": _EFFECT,
    "year_effect": _EFFECT,
    "cap_basis": one_of("fine", "gross"),
}
_DUE = record({"days": whole, "counted": one_of("working", "any")})
SHAPES: Mapping[str, Check] = {
    "bond.alerts": list_of(whole),
    "bond.modalities": table_of(one_of("statute", "clause")),
    "bond.percent": table_of(decimal),
    "bond.tail": whole,
    "bond.years": table_of(whole),
    "calendar.holidays": list_of(iso_date),
    "calendar.overrides": record({"add": list_of(iso_date), "remove": list_of(iso_date)}),
    "consent.methods": consent_methods,
    "consent.term_minutes": whole,
    "evidence.required": table_of(table_of(list_of(code))),
    "export.disused_metals": record({"documents": list_of(code), "metals": list_of(code)}),
    "export.published_plant": record({"required": yes_no}),
    "export.royalty_proof": record({"documents": list_of(code)}),
    "export.six_metals": list_of(code),
    "intake.disused": list_of(code),
    "intake.documents": table_of(list_of(code)),
    "instrument.uncertainty": record({"name": text, "relative": rational, "coverage_factor": whole}),
    "movement.roles": table_of(list_of(code)),
    "obligation.platform_opens": table_of(iso_date),
    "obligation.start": table_of(iso_date),
    "plan.heading_requirement": record({"before": _EFFECT, "after": _EFFECT}),
    "price.group": list_of(code),
    "price.issuer": text,
    "price.periodicity": table_of(one_of("month", "quarter", "year")),
    "price.precious_share": decimal,
    "producer.class": record({"name": text, "subsistence": yes_no, "origin_kinds": list_of(code)}),
    "quota.notice_share": decimal,
    "recipe": yields,
    "reporting.ahead": record({"seconds": whole}),
    "reporting.window": record({"days": whole}),
    "retention.books": record({"years": whole}),
    "reversal.window": record({"days": whole}),
    "royalty.class": table_of(code),
    "royalty.coal_threshold": whole,
    "royalty.due": table_of(_DUE),
    "royalty.late_interest": record({"yearly": decimal, "days_in_year": whole}),
    "royalty.private_subsoil": record({"minimum": decimal, "open_pit_coal": decimal}),
    "royalty.rates": table_of(decimal),
    "sale.confirmation": record({"hours": whole, "max_hours": whole}),
    "sales.quarter": record({"share_of_year": rational, "excess": rational, "effect": _EFFECT}),
    "scale.class": record({"first": whole, "second": whole, "most": whole}),
    "scale.in_service": whole,
    "subsistence.cap": record(_CAP, {"tonnes_per_unit": rational}),
    "subsistence.minerals": list_of(code),
    "title.environmental_required": table_of(yes_no),
    "trade.who_may_sell": table_of(list_of(code)),
    "weighing.scales": table_of(code),
}


def fault_in_value(id: str, value: Any) -> list[str]:
    """What is wrong with the value of `id`; its shape is that of its id or of its family (the id less a word)."""
    shape = SHAPES.get(id) or SHAPES.get(id.rpartition(".")[0])
    if shape is None:
        return ["no se conoce ese parámetro: agregue su forma en veta.norms.shapes"]
    fault = shape(value)
    return [f"el valor {fault}"] if fault else []
