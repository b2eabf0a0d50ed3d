import csv
import re

import pytest

from veta.kernel.quantity import UNITS
from veta.norms.catalogue import catalogue, normal_spelling
from veta.norms.content import contained_metal
from veta.norms.minerals import MineralError

OBSERVED = {
    "GRAMOS": "g", "TONELADAS": "t", "METROS CUBICOS": "m3", "QUILATES": "ct", "KILOGRAMOS": "kg", "LIBRAS": "lb",
}  # fmt: skip
SHOWN_ONLY = {"niquel"}


@pytest.fixture(scope="module")
def minerals():
    return catalogue()


def test_every_name_and_code_resolves_to_its_own_mineral(minerals):
    for mineral in minerals:
        assert minerals.match(mineral.code) == mineral.code
        assert minerals.match(f"  {mineral.name.lower()} ") == mineral.code


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("CARBÓN", "carbon"),
        ("carbon", "carbon"),
        ("CARBO\u0301N", "carbon"),
        ("MATERIALES  DE CONSTRUCCIÓN", "materiales_construccion"),
        ("CARBÓN COQUIZABLE O METALURGICO", "carbon_metalurgico"),
        ("MINERALES DE ORO Y SUS CONCENTRADOS", "oro"),
        ("MINERALES DE ORO Y PLATINO, Y SUS CONCENTRADOS", "oro_platino"),
        ("GRAVAs DE RIO", "grava_rio"),
        ("ARENA DE PE?A", "arena_pena"),
        ("ESTAÑO", "estano"),
        ("VOLFRAMIO", "tungsteno"),
        ("KRYPTONITA", None),
        ("", None),
    ],
)
def test_spellings(minerals, spelling, code):
    assert minerals.match(spelling) == code


@pytest.mark.parametrize(
    "spelling", ["DEMAS_CONCESIBLES", "demas concesibles", "ASOCIADOS", "TODOS LOS MINERALES", "SULFUROS POLIMETALICOS"]
)
def test_what_names_no_mineral_says_why(minerals, spelling):
    assert minerals.match(spelling) is None
    assert minerals.reason(spelling)


def test_units_are_whole_powers_of_ten_of_what_is_counted(minerals):
    for mineral in minerals:
        assert mineral.factor == (1 if mineral.graded else 1000)
        assert UNITS[mineral.smallest].scale * mineral.factor == UNITS[mineral.unit].scale
        assert not UNITS[mineral.unit].display_only


def test_headings_share_the_unit_of_what_they_contain(minerals):
    for mineral in minerals:
        for code in mineral.headings:
            heading = minerals.mineral(code)
            assert heading.is_heading
            assert heading.unit == mineral.unit
    headings = {mineral.code for mineral in minerals if mineral.is_heading}
    assert {"carbon", "materiales_construccion", "metales_preciosos"} <= headings


@pytest.mark.parametrize(
    ("code", "heading", "quota_group", "unit"),
    [
        ("oro", "metales_preciosos", "metales_preciosos", "g"),
        ("dore", None, "metales_preciosos", "g"),
        ("mineral_oro", None, None, "kg"),
        ("carbon_termico", "carbon", None, "t"),
        ("coque", None, None, "t"),
        ("arena_rio", "materiales_construccion", "arena_grava_rio", "m3"),
        ("arena_cantera", "materiales_construccion", None, "m3"),
        ("recebo", "materiales_construccion", None, "m3"),
        ("arcilla", "arcilla_comun", "arcillas", "t"),
        ("esmeralda", "piedras_preciosas", "esmeraldas", "ct"),
        ("morralla", "piedras_preciosas", "morralla", "ct"),
        ("piedra_semipreciosa", None, "semipreciosas", "ct"),
        ("barita", "minerales_bario", None, "m3"),
    ],
)
def test_where_each_mineral_counts(minerals, code, heading, quota_group, unit):
    mineral = minerals.mineral(code)
    assert (mineral.heading, mineral.quota_group, mineral.unit, mineral.commodity) == (heading, quota_group, unit, code)


@pytest.mark.parametrize(
    ("listed", "code", "reached"),
    [
        (["oro"], "oro", True),
        (["oro"], "mineral_oro", True),
        (["metales_preciosos"], "concentrado_oro", True),
        (["oro_platino"], "plata", False),
        (["plata"], "mineral_oro", False),
        (["oro"], "dore", False),
        (["carbon"], "antracita", True),
        (["carbon_termico"], "carbon_metalurgico", False),
        (["arcilla_comun"], "arcilla_ceramica", True),
        (["caliza"], "caliza_cementera", True),
        (["caliza_cementera"], "caliza", False),
        (["materiales_construccion"], "basalto", True),
        ([], "oro", False),
        (["oro"], "kryptonita", False),
    ],
)
def test_what_a_list_reaches(minerals, listed, code, reached):
    assert minerals.covers(listed, code) is reached


@pytest.mark.parametrize(
    ("code", "amount", "grade", "metal"),
    [
        ("dore", 900_000, None, 900_000),
        ("mineral_oro", 1, "1", 1),
        ("mineral_oro", 1_000, "8.5", 8_500),
        ("mineral_oro", 3, "0.4", 1),
        ("concentrado_oro", 1, "1000000", 1_000_000),
        ("concentrado_cobre", 1_000, "25.5", 255_000),
        ("concentrado_cobre", 1, "100", 1_000),
    ],
)
def test_contained_metal_is_rounded_down(minerals, code, amount, grade, metal):
    assert contained_metal(minerals.mineral(code), amount, grade=grade) == metal


@pytest.mark.parametrize(
    ("code", "grade"),
    [
        ("mineral_oro", None), ("mineral_oro", "0"), ("mineral_oro", "1000000.000001"), ("mineral_oro", "8,5"),
        ("mineral_oro", "-1"), ("mineral_oro", "٨"), ("concentrado_cobre", "100.1"), ("carbon_termico", "5"),
    ],
)  # fmt: skip
def test_refuses_an_impossible_grade(minerals, code, grade):
    with pytest.raises(MineralError):
        contained_metal(minerals.mineral(code), 1, grade=grade)


@pytest.mark.data
def test_all_249_observed_spellings_are_matched_or_reported(minerals, data_dir):
    with (data_dir / "catalogo_minerales_observados.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 249
    reported = {row["nombre_original"] for row in rows if minerals.match(row["nombre_original"]) is None}
    assert all(minerals.reason(spelling) for spelling in reported)
    assert len({normal_spelling(spelling) for spelling in reported}) == 9


@pytest.mark.data
def test_units_are_those_of_the_royalty_data(minerals, data_dir):
    with (data_dir / "catalogo_minerales_observados.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["unidades_observadas"]]
    assert len(rows) == 72
    for row in rows:
        commonest = OBSERVED[re.match(r"[A-Z ]+(?= \()", row["unidades_observadas"]).group()]
        mineral = minerals.mineral(minerals.match(row["nombre_original"]))
        if mineral.code not in SHOWN_ONLY:
            assert (mineral.unit, mineral.is_heading or mineral.unit_basis == "observada") == (commonest, True)
