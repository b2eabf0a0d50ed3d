"""The catalogue of minerals: reads it and refuses it whole where anything in it is wrong."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from veta.kernel.quantity import UNITS
from veta.norms.minerals import Catalogue, Mineral, MineralError, normal_spelling
from veta.norms.toml_files import DATA, Fault, NormsFault, read_all

__all__ = ["Catalogue", "Mineral", "MineralError", "catalogue", "load_catalogue", "normal_spelling"]

SMALLEST = {"g": "mg", "kg": "g", "t": "kg", "m3": "dm3", "ct": "mct"}
SMALLEST_OF_ORE = "kg"
_CODE = re.compile(r"[a-z][a-z0-9_]*").fullmatch
_TEXTS = ("code", "name", "name_en", "group", "unit")
_KEYS = {
    "mineral": {*_TEXTS, "unit_basis", "heading", "quota_group", "precious", "graded", "metal", "grade_unit", "covers"}
    | {"aliases", "note"},
    "heading": {*_TEXTS, "members", "covers", "aliases", "note"},
    "not_a_mineral": {"spellings", "reason"},
}
_REQUIRED = {
    "mineral": {*_TEXTS, "unit_basis", "aliases"},
    "heading": {*_TEXTS, "members", "aliases"},
    "not_a_mineral": {"spellings", "reason"},
}
_LISTS = {"aliases", "members", "covers", "spellings"}
_FLAGS = {"precious", "graded"}
Entry = Mapping[str, Any]


def load_catalogue(root: Path = DATA) -> Catalogue:
    """The catalogue under `root/minerals`.

    Raises NormsFault with all the faults at once: unknown or missing keys, repeated codes, one spelling for two
    minerals, headings that do not exist or do not share the unit, ores without metal or unit of grade.
    """
    tables, faults = read_all(root, minerals=True)
    entries: dict[str, list[Entry]] = {kind: [] for kind in _KEYS}
    for name, table in tables.items():
        faults += [Fault(name, f"clave desconocida «{key}»") for key in table.keys() - _KEYS.keys()]
        for kind in _KEYS:
            for entry in table.get(kind, []):
                found = [Fault(f"{name} · {entry.get('code', kind)}", text) for text in _faults_of(kind, entry)]
                faults += found
                if not found:
                    entries[kind].append(entry)
    if not faults:
        faults = [Fault("minerals", text) for text in _faults_between(entries)]
    if faults:
        raise NormsFault(faults)
    return _catalogue(entries)


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The product's own catalogue, read once per process."""
    return load_catalogue()


def _faults_of(kind: str, entry: Entry) -> list[str]:
    faults = [f"clave desconocida «{key}»" for key in entry.keys() - _KEYS[kind]]
    faults += [f"falta «{key}»" for key in sorted(_REQUIRED[kind] - entry.keys())]
    for key, value in entry.items():
        if key in _LISTS:
            good = isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
        elif key in _FLAGS:
            good = isinstance(value, bool)
        else:
            good = isinstance(value, str) and bool(value.strip())
        if not good:
            faults.append(f"«{key}» no tiene la forma debida")
    if faults or kind == "not_a_mineral":
        return faults
    if _CODE(entry["code"]) is None:
        faults.append("el código va en minúsculas ASCII")
    if entry["unit"] not in SMALLEST:
        faults.append(f"la unidad «{entry['unit']}» no es de las del libro: {', '.join(SMALLEST)}")
    if entry.get("unit_basis", "observada") not in ("observada", "asignada"):
        faults.append("«unit_basis» es «observada» o «asignada»")
    if entry.get("precious") and entry["unit"] != "g":
        faults.append("un metal precioso va en gramos")
    if (entry.get("precious") or entry.get("graded")) and "metal" not in entry:
        faults.append("falta «metal»")
    if entry.get("graded") and entry["unit"] != "kg":
        faults.append("una mena o concentrado va en kilogramos")
    if bool(entry.get("graded")) != ("grade_unit" in entry) or entry.get("grade_unit", "%") not in ("g/t", "%"):
        faults.append("el tenor de una mena o concentrado va en «g/t» o «%»")
    return faults


def _faults_between(entries: Mapping[str, list[Entry]]) -> list[str]:
    named = [*entries["mineral"], *entries["heading"]]
    codes = [entry["code"] for entry in named]
    unit_of = {entry["code"]: entry["unit"] for entry in named}
    headings = {entry["code"]: entry for entry in entries["heading"]}
    faults = [f"el código «{code}» se repite" for code in sorted({code for code in codes if codes.count(code) > 1})]
    for entry in named:
        for other in [*entry.get("members", []), *entry.get("covers", [])]:
            if other not in unit_of:
                faults.append(f"«{entry['code']}» nombra «{other}», que no existe")
        for member in entry.get("members", []):
            if unit_of.get(member, entry["unit"]) != entry["unit"]:
                faults.append(f"«{member}» no tiene la unidad del rubro «{entry['code']}»")
        heading = entry.get("heading")
        if heading is not None and entry["code"] not in headings.get(heading, {}).get("members", []):
            faults.append(f"«{entry['code']}» dice ser del rubro «{heading}», que no lo contiene")
    return faults + _repeated_spellings(entries, named)


def _repeated_spellings(entries: Mapping[str, list[Entry]], named: Iterable[Entry]) -> list[str]:
    seen: dict[str, str] = {}
    faults = []
    claims = [
        (spelling, entry["code"]) for entry in named for spelling in {normal_spelling(s) for s in _spellings(entry)}
    ]
    claims += [(normal_spelling(s), "ningún mineral") for entry in entries["not_a_mineral"] for s in entry["spellings"]]
    for spelling, code in claims:
        if seen.setdefault(spelling, code) != code:
            faults.append(f"«{spelling}» nombra a la vez {seen[spelling]} y {code}")
    return faults


def _spellings(entry: Entry) -> list[str]:
    return [entry["code"], entry["name"], *entry["aliases"]]


def _catalogue(entries: Mapping[str, list[Entry]]) -> Catalogue:
    named = [*entries["mineral"], *entries["heading"]]
    return Catalogue(
        sorted((_mineral(entry, entries["heading"]) for entry in named), key=lambda mineral: mineral.code),
        spellings={normal_spelling(s): entry["code"] for entry in named for s in _spellings(entry)},
        reasons={normal_spelling(s): entry["reason"] for entry in entries["not_a_mineral"] for s in entry["spellings"]},
        covers=_covers({e["code"]: frozenset([*e.get("members", []), *e.get("covers", [])]) for e in named}),
    )


def _mineral(entry: Entry, headings: Iterable[Entry]) -> Mineral:
    own = entry.get("heading")
    containing = [heading["code"] for heading in headings if entry["code"] in heading["members"]]
    smallest = SMALLEST_OF_ORE if entry.get("graded") else SMALLEST[entry["unit"]]
    return Mineral(
        code=entry["code"],
        name=entry["name"],
        name_en=entry["name_en"],
        group=entry["group"],
        unit=entry["unit"],
        factor=int(UNITS[entry["unit"]].scale / UNITS[smallest].scale),
        smallest=smallest,
        unit_basis=entry.get("unit_basis", "asignada"),
        is_heading="members" in entry,
        headings=tuple(sorted(containing, key=lambda code: (code != own, code))),
        quota_group=entry.get("quota_group"),
        precious=entry.get("precious", False),
        graded=entry.get("graded", False),
        metal=entry.get("metal"),
        grade_unit=entry.get("grade_unit"),
        note=entry.get("note"),
    )


def _covers(direct: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    reach: dict[str, frozenset[str]] = {}
    for code in direct:
        found: set[str] = set()
        pending = [code]
        while pending:
            for other in direct.get(pending.pop(), frozenset()) - found:
                found.add(other)
                pending.append(other)
        reach[code] = frozenset(found)
    return reach
