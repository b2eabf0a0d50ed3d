"""Real files for the demonstration: geography and titles into the registry, declared volumes into its fiction.

Real titles, firms and persons get nothing invented: no movement, debt or alert. What the royalty file says of a
municipality and a mineral only sets where the fictitious actors are and how much they dig.
"""

from __future__ import annotations

import csv
import dataclasses
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from veta.demo.country import Country, LineGroup, MinerGroup, ProducerGroup
from veta.demo.keep import DemoRefused
from veta.demo.load import OFFICERS
from veta.norms.catalogue import catalogue
from veta.registry.importers.municipalities import apply_municipalities, preview_municipalities
from veta.registry.importers.rucom import preview_rucom
from veta.registry.importers.rucom_apply import apply_rucom

MUNICIPALITIES, TITLES, ROYALTIES = (
    "divipola_municipios.csv",
    "anm_rucom_titulos_*.csv",
    "anm_regalias_trimestral_*.csv",
)
UNITS = {"GRAMOS": "g", "METROS CUBICOS": "m3", "TONELADAS": "t", "QUILATES": "ct"}
# Under which name the file declares what a plan's line digs, where that is another.
DECLARED_AS = {
    "mineral_oro": "oro", "carbon_termico": "carbon", "carbon_metalurgico": "carbon", "morralla": "esmeralda",
    "materiales_construccion": "grava",
}  # fmt: skip
ORE_GRADE = 9  # g/t, to tell gold declared in grams as ore

# Mineral → municipality → what it declared in each year with something, in the mineral's own unit.
Declared = Mapping[str, Mapping[str, Sequence[int]]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What entered the registry: rows read and rejected, units, titles and holders' registrations recorded now."""

    municipalities: int
    rows: int
    rejected: int
    titles: int


def file_of(folder: Path, pattern: str) -> Path:
    """The newest file of that name in the folder. Raises DemoRefused where there is none."""
    found = sorted(folder.glob(pattern))
    if not found:
        raise DemoRefused(f"En {folder} no está «{pattern}». Revise la carpeta de datos.")
    return found[-1]


def import_real(folder: Path, *, today: date) -> Imported:
    """Bring municipalities and titles into the registry by its importers; what is there already is not written again.

    Raises DemoRefused, ImportRefused. Effects: those of the importers, as acts of the demonstration's officers.
    """
    by, approved_by = OFFICERS
    places = preview_municipalities(file_of(folder, MUNICIPALITIES))
    apply_municipalities(places, by=by, approved_by=approved_by)
    path = file_of(folder, TITLES)
    titles = preview_rucom(path)
    applied = apply_rucom(titles, by=by, approved_by=approved_by, cut_date=_cut(path, today))
    counts = titles.counts()
    return Imported(places.counts()["ok"], counts["rows"], counts["rejected"], applied.written["titles"])


def _cut(path: Path, today: date) -> date:
    """The last day of the month in the file's name (…_2026-07_…), or today where that is later or there is none."""
    for part in path.stem.split("_"):
        year, _, month = part.partition("-")
        if year.isdigit() and month.isdigit() and len(part) == 7:
            return min(today, date(int(year), int(month), monthrange(int(year), int(month))[1]))
    return today


def declared(folder: Path) -> Declared:
    """What each municipality declared of each mineral, year by year, where the file's unit is the mineral's own."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    with file_of(folder, ROYALTIES).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            code = catalogue().match(row["Recurso Natural"])
            mineral = catalogue().mineral(code) if code else None
            if mineral is not None and UNITS.get(row["Unidad Medida"]) == mineral.unit:
                amount = row["Cantidad Producción"]
                sums[mineral.code, row["Codigo DANE"].zfill(5), row["Año Produccion"]] += int(amount or 0)
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (code, place, _), amount in sorted(sums.items()):
        if amount > 0:
            found[code][place].append(amount)
    return found


def real_country(base: Country, volumes: Declared, *, seed: int) -> Country:
    """The same cast, over all the country: each title where its mineral was declared, with a volume between the
    quartiles of what the municipalities of that department declared in a year."""
    rng = Random(f"veta-demo-places-{seed}")  # noqa: S311 - a reproducible fiction, no secret
    return dataclasses.replace(
        base,
        producers=tuple(_placed(group, volumes, rng) for whole in base.producers for group in _single(whole)),
        miners=tuple(_spread(group, volumes) for group in base.miners),
        traders=tuple(dataclasses.replace(row, departments=()) for row in base.traders),
    )


def _single(group: ProducerGroup) -> Iterable[ProducerGroup]:
    return (dataclasses.replace(group, count=1) for _ in range(group.count))


def _placed(group: ProducerGroup, volumes: Declared, rng: Random) -> ProducerGroup:
    """One title of the group, in a municipality whose department declares about as much as the group digs."""
    first = group.lines[0]
    places = [
        place
        for place in sorted(volumes[_key(first)])
        if _floor(first) <= _quartiles(first, volumes, place[:2])[1]
        and _quartiles(first, volumes, place[:2])[0] <= first.most
    ]
    if not places:
        return group
    place = rng.choice(places)
    lines = tuple(_line(line, volumes, place[:2]) for line in group.lines)
    return dataclasses.replace(group, municipalities=(place,), lines=lines)


def _line(line: LineGroup, volumes: Declared, department: str) -> LineGroup:
    low, high = _quartiles(line, volumes, department)
    least = max(low, _floor(line))
    return LineGroup(mineral=line.mineral, least=least, most=max(high, least + 1))


def _floor(line: LineGroup) -> int:
    """The least that serves: below it a month would have no lots to show."""
    return line.least // 2


def _key(line: LineGroup) -> str:
    return DECLARED_AS.get(line.mineral, line.mineral)


def _quartiles(line: LineGroup, volumes: Declared, department: str) -> tuple[int, int]:
    """First and third quartile of the yearly volumes of the department's municipalities; of the whole country where it
    declared none."""
    by_place = volumes[_key(line)]
    years = sorted(v for place, found in by_place.items() if place.startswith(department) for v in found)
    years = years or sorted(v for found in by_place.values() for v in found)
    low, high = years[len(years) // 4], years[len(years) * 3 // 4]
    return (low * 1000 // ORE_GRADE, high * 1000 // ORE_GRADE) if line.mineral == "mineral_oro" else (low, high)


def _spread(group: MinerGroup, volumes: Declared) -> MinerGroup:
    places = tuple(sorted(volumes[DECLARED_AS.get(group.mineral, group.mineral)]))
    return dataclasses.replace(group, municipalities=places) if places else group
