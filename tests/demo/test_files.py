"""Real files: what they bring into the registry, and what they set in the fiction."""

from datetime import date
from pathlib import Path

import pytest

from veta.demo.country import Country, demo_country
from veta.demo.files import Declared, declared, file_of, import_real, real_country
from veta.demo.keep import DemoRefused
from veta.demo.world import build
from veta.movements.models import Movement
from veta.registry.models import TitleVersion
from veta.registry.queries import known_municipalities

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def volumes(data_dir: Path) -> Declared:
    return declared(data_dir)


@pytest.fixture(scope="module")
def country(volumes: Declared) -> Country:
    return real_country(demo_country(), volumes, seed=1)


def test_volumes_are_read_by_municipality_and_year(volumes: Declared) -> None:
    assert {"oro", "carbon", "esmeralda", "arena", "grava", "recebo", "caliza", "platino"} <= volumes.keys()
    cesar = [sum(found) for place, found in volumes["carbon"].items() if place.startswith("20")]
    assert sum(cesar) > 300_000_000, "tonnes of coal in nine years"
    assert all(len(place) == 5 for found in volumes.values() for place in found)


def test_the_cast_keeps_its_size_and_spreads_over_the_country(country: Country) -> None:
    world = build(country, seed=1)
    assert [len(world.titles), len(world.miners), len(world.plants), len(world.traders)] == [40, 300, 6, 12]
    assert len({title.municipality[:2] for title in world.titles}) > 8
    assert len({miner.actor.municipality for miner in world.miners}) > 100


def test_a_title_is_where_its_mineral_was_declared_and_digs_about_as_much(country: Country, volumes: Declared) -> None:
    for group in country.producers:
        if group.chain == "coal_export":
            (place,) = group.municipalities
            assert place in volumes["carbon"]
            assert 1_000_000 < group.lines[0].least < group.lines[0].most < 30_000_000


def test_another_seed_places_it_otherwise_and_the_same_alike(volumes: Declared, country: Country) -> None:
    assert real_country(demo_country(), volumes, seed=1) == country
    assert real_country(demo_country(), volumes, seed=2) != country


@pytest.mark.django_db
def test_the_registry_takes_them_whole_and_once(data_dir: Path) -> None:
    first = import_real(data_dir, today=date(2026, 11, 21))
    assert (first.municipalities, first.rows, first.rejected) == (1122, 12914, 2)
    assert first.titles > 2_700
    assert len(known_municipalities()) == 1122
    assert set(TitleVersion.objects.values_list("valid_from", flat=True)) == {date(2026, 7, 31)}
    assert import_real(data_dir, today=date(2026, 11, 21)).titles == 0
    assert Movement.objects.count() == 0, "nothing invented hangs from what is real"


def test_a_folder_without_the_files_says_which(tmp_path: Path) -> None:
    with pytest.raises(DemoRefused, match="divipola"):
        file_of(tmp_path, "divipola_municipios.csv")
