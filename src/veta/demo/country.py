"""The cast of the demonstration as its data file states it; `--data` puts other places and volumes in it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGroup:
    """A mineral of a plan, with the bounds of a contract year's volume in the mineral's own unit (inclusive)."""

    mineral: str
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerGroup:
    """Titles alike: what they dig, where, how much, and through which chain it goes on."""

    chain: str
    count: int
    operator: str
    scale: str
    lots: int
    municipalities: tuple[str, ...]
    lines: tuple[LineGroup, ...]
    kind: str = "title"
    plan: str = "PTO"
    modality: str = "contrato de concesión"
    granted: tuple[str, ...] = ()
    associated: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    grade: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinerGroup:
    """Subsistence miners alike; a sale is of `least` to `most` smallest units (inclusive), `sales` of them a month."""

    count: int
    producer_class: str
    operator: str
    mineral: str
    sales: int
    least: int
    most: int
    municipalities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantRow:
    recipe: str
    operator: str
    municipality: str
    published: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DealerRow:
    """A trader or exporter: what it deals in and the departments (two digits) it buys in; empty = everywhere."""

    minerals: tuple[str, ...]
    operator: str
    municipality: str
    departments: tuple[str, ...] = ()
    lapsed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    producers: tuple[ProducerGroup, ...]
    miners: tuple[MinerGroup, ...]
    plants: tuple[PlantRow, ...]
    traders: tuple[DealerRow, ...]
    exporters: tuple[DealerRow, ...]
    operators: tuple[str, ...]


def demo_country() -> Country:
    """The country of the package's own data file."""
    return country_of(tomllib.loads(files("veta.demo.data").joinpath("country.toml").read_text(encoding="utf-8")))


def country_of(table: Mapping[str, Any]) -> Country:
    """The country that a table states, as `country.toml` writes it and `dataclasses.asdict` gives it back."""
    return Country(
        producers=tuple(map(_producers, table["producers"])),
        miners=tuple(MinerGroup(**_tuples(row)) for row in table["miners"]),
        plants=tuple(PlantRow(**row) for row in table["plants"]),
        traders=tuple(DealerRow(**_tuples(row)) for row in table["traders"]),
        exporters=tuple(DealerRow(**_tuples(row)) for row in table["exporters"]),
        operators=tuple(table["operators"]),
    )


def _producers(row: Mapping[str, Any]) -> ProducerGroup:
    return ProducerGroup(**_tuples(row) | {"lines": tuple(LineGroup(**line) for line in row["lines"])})


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
