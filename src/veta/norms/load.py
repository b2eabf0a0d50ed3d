"""Reads the dated parameters and refuses them whole where anything in them is wrong."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from veta.norms.dated import STATUSES, Dated, Parameter, frozen
from veta.norms.shapes import fault_in_value
from veta.norms.toml_files import Fault, NormsFault, read_all

_ID = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+").fullmatch
_PARAMETER_KEYS = {"id", "description", "unit", "dated"}
_DATED_KEYS = {"from", "to", "value", "norm", "status", "last_checked", "link", "note"}
_DATED_REQUIRED = ("from", "value", "norm", "status")
_NORM_KEYS = {"act", "article"}


def load_parameters(root: Path) -> tuple[Parameter, ...]:
    """Every parameter under `root`, by id.

    Raises NormsFault with all the faults at once: unknown or missing keys, floats, NaN, infinities, repeated ids,
    values without norm, wrong statuses, a `verified` value that does not say when it was last checked, ends before
    starts, two values on one day, values of another shape than their parameter's.
    """
    tables, faults = read_all(root, minerals=False)
    parameters: dict[str, Parameter] = {}
    for name, table in tables.items():
        faults += [Fault(name, f"clave desconocida «{key}»") for key in table.keys() - {"parameter"}]
        for entry in table.get("parameter", []):
            place = f"{name} · {entry.get('id', '(sin id)')}"
            parameter, found = _parameter(entry, place)
            if parameter is not None and parameter.id in parameters:
                found.append(Fault(place, "el id se repite"))
            faults += found
            if parameter is not None:
                parameters[parameter.id] = parameter
    if faults:
        raise NormsFault(faults)
    return tuple(parameters[id] for id in sorted(parameters))


def _parameter(entry: Mapping[str, Any], place: str) -> tuple[Parameter | None, list[Fault]]:
    faults = [Fault(place, f"clave desconocida «{key}»") for key in entry.keys() - _PARAMETER_KEYS]
    for key in ("id", "description", "unit"):
        if not _is_text(entry.get(key)):
            faults.append(Fault(place, f"falta «{key}»"))
    if _is_text(entry.get("id")) and _ID(entry["id"]) is None:
        faults.append(Fault(place, "el id va en minúsculas, con puntos: «dominio.nombre»"))
    dated = entry.get("dated")
    if not isinstance(dated, list) or not dated:
        faults.append(Fault(place, "no trae ningún valor fechado («dated»)"))
    if faults:
        return None, faults
    for number, item in enumerate(entry["dated"], start=1):
        faults += [Fault(f"{place} · valor {number}", message) for message in _faults_of_dated(entry["id"], item)]
    if faults:
        return None, faults
    values = sorted((_dated(entry, item) for item in entry["dated"]), key=lambda value: value.valid_from)
    faults = [Fault(place, message) for message in _overlaps(values)]
    return Parameter(entry["id"], entry["description"], entry["unit"], tuple(values)), faults


def _faults_of_dated(id: str, item: Mapping[str, Any]) -> list[str]:
    faults = [f"clave desconocida «{key}»" for key in item.keys() - _DATED_KEYS]
    faults += [f"falta «{key}»" for key in _DATED_REQUIRED if key not in item]
    if faults:
        return faults
    norm = item["norm"]
    if not isinstance(norm, dict) or norm.keys() != _NORM_KEYS or not all(_is_text(text) for text in norm.values()):
        faults.append("la norma va como { act = «acto», article = «artículo» }, ninguno vacío")
    if item["status"] not in STATUSES:
        faults.append(f"el estado «{item['status']}» no es uno de: {', '.join(STATUSES)}")
    if item["status"] == "verified" and "last_checked" not in item:
        faults.append("un valor «verified» dice cuándo se vio vigente («last_checked»)")
    faults += [f"«{key}» no es una fecha" for key in ("from", "to", "last_checked") if not _is_date(item, key)]
    faults += [f"«{key}» va como texto" for key in ("link", "note") if key in item and not _is_text(item[key])]
    if not faults and "to" in item and item["to"] < item["from"]:
        faults.append("termina antes de empezar")
    return faults + fault_in_value(id, item["value"])


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_date(item: Mapping[str, Any], key: str) -> bool:
    return key not in item or (isinstance(item[key], date) and not isinstance(item[key], datetime))


def _dated(entry: Mapping[str, Any], item: Mapping[str, Any]) -> Dated:
    return Dated(
        id=entry["id"],
        unit=entry["unit"],
        value=frozen(item["value"]),
        valid_from=item["from"],
        valid_to=item.get("to"),
        norm=f"{item['norm']['act']}, {item['norm']['article']}",
        status=item["status"],
        last_checked=item.get("last_checked"),
        link=item.get("link"),
        note=item.get("note"),
    )


def _overlaps(values: list[Dated]) -> list[str]:
    return [
        f"dos valores rigen el {later.valid_from}" for earlier, later in pairwise(values) if later.valid_from in earlier
    ]
