"""The demonstration's world: who is in it, with which titles and plans. The same seed gives the same world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from veta.demo.country import Country, MinerGroup, ProducerGroup
from veta.demo.people import Actor, firm, person
from veta.kernel.period import contract_year_of
from veta.norms.catalogue import catalogue

# Contract years with an approved volume: enough for a database that is kept for long.
FIRST_YEAR, LAST_YEAR = 2024, 2044
SINCE = date(2024, 1, 1)
LAPSED_ON = date(2025, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title (or other origin with a code), its holder and the works plan that gives it volumes.

    `volumes`: mineral or heading → ISO start of the contract year → smallest units. `produces`: what it reports.
    """

    code: str
    kind: str
    modality: str
    scale: str
    plan_kind: str
    holder: Actor
    granted: frozenset[str]
    associated: frozenset[str]
    produces: tuple[str, ...]
    municipality: str
    contract_date: date
    volumes: Mapping[str, Mapping[str, int]]
    chain: str
    lots: int
    grade: tuple[int, int]

    @property
    def inscription_date(self) -> date:
        return self.contract_date + timedelta(days=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class Miner:
    """A subsistence miner and how it sells: `sales` times a month, `least` to `most` smallest units each."""

    actor: Actor
    producer_class: str
    mineral: str
    sales: int
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    titles: tuple[Title, ...]
    miners: tuple[Miner, ...]
    plants: tuple[Actor, ...]
    traders: tuple[Actor, ...]
    exporters: tuple[Actor, ...]
    operators: tuple[tuple[str, Actor], ...]

    def parties(self) -> Iterator[Actor]:
        """Everybody but the operators, in a fixed order."""
        yield from (title.holder for title in self.titles)
        yield from (miner.actor for miner in self.miners)
        yield from (*self.plants, *self.traders, *self.exporters)


def build(country: Country, *, seed: int) -> World:
    """The world of a country and a seed: 40 titles, 300 miners, 6 plants, 12 traders, 3 exporters, 2 operators.

    The holder of the first alluvial title and the plants give their mandate to every operator: any of them may report
    the title, and what a plant made of its clients' mineral is the plant's word whoever reports it.
    """
    rng, firms = Random(f"veta-demo-world-{seed}"), count(1)  # noqa: S311 - a reproducible fiction, no secret
    titles = _titles(country, rng, firms)
    return World(
        titles=titles,
        miners=_miners(country, rng),
        plants=tuple(
            firm(next(firms), f"Planta Demo {n:02} S.A.S. (ficticia)", role="plant", municipality=row.municipality,
                 operators=(row.operator, *(code for code in country.operators if code != row.operator)),
                 recipe=row.recipe, published=row.published)
            for n, row in enumerate(country.plants, start=1)
        ),
        traders=tuple(
            firm(next(firms), f"Comercializadora Demo {n:02} S.A.S. (ficticia)", role="trader", lapsed=row.lapsed,
                 municipality=row.municipality, operators=(row.operator,), minerals=row.minerals,
                 departments=row.departments)
            for n, row in enumerate(country.traders, start=1)
        ),
        exporters=tuple(
            firm(next(firms), f"Exportadora Demo {n:02} S.A.S. C.I. (ficticia)", role="exporter",
                 municipality=row.municipality, operators=(row.operator,), minerals=row.minerals)
            for n, row in enumerate(country.exporters, start=1)
        ),
        operators=tuple(
            (code, firm(next(firms), f"Operador Tecnológico {code} S.A.S. (ficticio)", role="operator",
                        municipality="05001", operators=()))
            for code in country.operators
        ),
    )  # fmt: skip


def _titles(country: Country, rng: Random, firms: Iterator[int]) -> tuple[Title, ...]:
    titles: list[Title] = []
    for group in country.producers:
        for place in range(group.count):
            shared = group.chain == "alluvial" and not any(title.chain == "alluvial" for title in titles)
            titles.append(_title(group, place, rng, next(firms), country.operators if shared else (group.operator,)))
    return tuple(titles)


def _title(group: ProducerGroup, place: int, rng: Random, serial: int, operators: tuple[str, ...]) -> Title:
    municipality = group.municipalities[place % len(group.municipalities)]
    minerals = tuple(line.mineral for line in group.lines)
    contract = date(2006, 1, 1) + timedelta(days=rng.randrange(14 * 365))
    holder = firm(
        serial, f"Minera Demo {serial:03} S.A.S. (ficticia)", role="producer", municipality=municipality,
        operators=tuple(sorted(operators, key=lambda code: code != group.operator)),
        minerals=minerals + group.granted + group.makes,
    )  # fmt: skip
    return Title(
        code=f"DEMO-{serial:03}", kind=group.kind, modality=group.modality, scale=group.scale, plan_kind=group.plan,
        holder=holder, granted=frozenset(minerals + group.granted), associated=frozenset(group.associated),
        produces=group.produces or minerals, municipality=municipality, contract_date=contract,
        volumes={line.mineral: _volumes(line.mineral, line.least, line.most, contract, rng) for line in group.lines},
        chain=group.chain, lots=group.lots, grade=group.grade,
    )  # fmt: skip


def _volumes(mineral: str, least: int, most: int, contract: date, rng: Random) -> dict[str, int]:
    """A plan's years: a base between the bounds, in round thousandths, a tenth more or less from year to year."""
    found = catalogue().mineral(mineral)
    assert found is not None, mineral
    base = least + (most - least) * rng.randrange(1001) // 1000
    years = (contract_year_of(date(year, 7, 1), anniversary=contract) for year in range(FIRST_YEAR, LAST_YEAR + 1))
    return {year.start.isoformat(): base * rng.randrange(90, 111) // 100 * found.factor for year in years}


def _miners(country: Country, rng: Random) -> tuple[Miner, ...]:
    serials = count(1)
    return tuple(_miner(group, rng, next(serials)) for group in country.miners for _ in range(group.count))


def _miner(group: MinerGroup, rng: Random, serial: int) -> Miner:
    actor = person(
        serial, f"Minero de subsistencia Demo {serial:03} (ficticio)", role="producer", minerals=(group.mineral,),
        municipality=rng.choice(group.municipalities), operators=(group.operator,),
    )  # fmt: skip
    return Miner(
        actor=actor, producer_class=group.producer_class, mineral=group.mineral, sales=group.sales,
        least=group.least, most=group.most,
    )  # fmt: skip
