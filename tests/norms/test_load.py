from datetime import date

import pytest

from veta.norms.catalogue import load_catalogue
from veta.norms.load import load_parameters
from veta.norms.lookup import NormNotInForce, UnknownNorm, load_norms
from veta.norms.toml_files import NormsFault

GOOD = """
[[parameter]]
id = "quota.notice_share"
description = "Aviso"
unit = "fracción"
[[parameter.dated]]
from = 2020-01-01
to = 2020-12-31
value = "0.5"
norm = { act = "Ley 1", article = "artículo 2" }
status = "unverified"
[[parameter.dated]]
from = 2022-01-01
value = "0.8"
norm = { act = "Ley 3", article = "artículo 4" }
status = "verified"
last_checked = 2026-01-01
"""


def written(tmp_path, text, *, folder="quota"):
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "file.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("on", "value"),
    [
        (date(2019, 12, 31), None),
        (date(2020, 1, 1), "0.5"),
        (date(2020, 1, 2), "0.5"),
        (date(2020, 12, 30), "0.5"),
        (date(2020, 12, 31), "0.5"),
        (date(2021, 1, 1), None),
        (date(2021, 12, 31), None),
        (date(2022, 1, 1), "0.8"),
        (date(2022, 1, 2), "0.8"),
        (date(2999, 1, 1), "0.8"),
    ],
)
def test_a_value_holds_on_its_dates_and_on_no_other(tmp_path, on, value):
    norms = load_norms(written(tmp_path, GOOD))
    for _ in range(2):
        if value is None:
            with pytest.raises(NormNotInForce):
                norms.value("quota.notice_share", on)
            assert dict(norms.table("quota", on)) == {}
        else:
            assert norms.value("quota.notice_share", on).value == value
            assert norms.table("quota", on)["notice_share"].value == value


def test_a_value_carries_its_norm(tmp_path):
    value = load_norms(written(tmp_path, GOOD)).value("quota.notice_share", date(2022, 1, 1))
    assert (value.norm, value.status, value.last_checked) == ("Ley 3, artículo 4", "verified", date(2026, 1, 1))
    assert (value.valid_from, value.valid_to, value.link, value.unit) == (date(2022, 1, 1), None, None, "fracción")


def test_no_such_id_is_no_value(tmp_path):
    with pytest.raises(UnknownNorm):
        load_norms(written(tmp_path, GOOD)).value("quota.notice_shard", date(2022, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('unit = "fracción"', 'unit = "fracción"\ncolour = "x"', "clave desconocida «colour»"),
        ('value = "0.5"', 'value = "0.5"\nstatu = "x"', "clave desconocida «statu»"),
        ("[[parameter]]", "[other]\n[[parameter]]", "clave desconocida «other»"),
        ('description = "Aviso"', "", "falta «description»"),
        ('unit = "fracción"', 'unit = " "', "falta «unit»"),
        ('id = "quota.notice_share"', 'id = "Quota"', "el id va en minúsculas"),
        ('id = "quota.notice_share"', 'id = "quota.other"', "no se conoce ese parámetro"),
        ('value = "0.5"', "value = 0.5", "no es exacto"),
        ('value = "0.5"', "value = nan", "no es exacto"),
        ('value = "0.5"', "value = -inf", "no es exacto"),
        ('value = "0.5"', 'value = "0,5"', "número decimal"),
        ('value = "0.5"', 'value = "5e-1"', "número decimal"),
        ('value = "0.5"', "value = 1", "número decimal"),
        ('value = "0.5"', "", "falta «value»"),
        ('norm = { act = "Ley 1", article = "artículo 2" }', "", "falta «norm»"),
        ('norm = { act = "Ley 1", article = "artículo 2" }', 'norm = { act = "Ley 1" }', "la norma va como"),
        ('norm = { act = "Ley 1", article = "artículo 2" }', 'norm = { act = " ", article = "2" }', "la norma va como"),
        ('norm = { act = "Ley 1", article = "artículo 2" }', 'norm = "Ley 1"', "la norma va como"),
        ('status = "unverified"', 'status = "true"', "no es uno de"),
        ('status = "unverified"', 'status = "verified"', "last_checked"),
        ("from = 2020-01-01", 'from = "2020-01-01"', "«from» no es una fecha"),
        ("from = 2020-01-01", "from = 2020-01-01T00:00:00Z", "«from» no es una fecha"),
        ("to = 2020-12-31", "to = 2019-12-31", "termina antes de empezar"),
        ("to = 2020-12-31", "to = 2022-01-01", "dos valores rigen el 2022-01-01"),
        ("to = 2020-12-31", "", "dos valores rigen el 2022-01-01"),
        ("last_checked = 2026-01-01", "last_checked = 2026-01-01\nlink = 3", "«link» va como texto"),
        ('value = "0.5"', 'value = "0.5"\nvalue = "0.6"', "quota/file.toml"),
        ("[[parameter]]", "[[parameter", "quota/file.toml"),
    ],
)
def test_the_loader_refuses(tmp_path, old, new, said):
    assert old in GOOD
    with pytest.raises(NormsFault) as refused:
        load_parameters(written(tmp_path, GOOD.replace(old, new, 1)))
    assert said in refused.value.message


def test_a_parameter_without_values_is_refused(tmp_path):
    with pytest.raises(NormsFault, match="no trae ningún valor fechado"):
        load_parameters(written(tmp_path, GOOD.partition("[[parameter.dated]]")[0]))


def test_all_the_faults_come_at_once(tmp_path):
    root = written(
        tmp_path, GOOD.replace('value = "0.5"', "value = 3").replace('status = "verified"', 'status = "seen"')
    )
    written(root, "[[parameter]]\n", folder="trade")
    with pytest.raises(NormsFault) as refused:
        load_parameters(root)
    assert {fault.place.partition(" ·")[0] for fault in refused.value.faults} == {"quota/file.toml", "trade/file.toml"}
    assert len(refused.value.faults) >= 5


def test_an_id_in_two_files_is_refused(tmp_path):
    written(written(tmp_path, GOOD), GOOD, folder="trade")
    with pytest.raises(NormsFault, match="el id se repite"):
        load_parameters(tmp_path)


def test_nobody_changes_a_value_in_memory(tmp_path):
    text = GOOD.replace("quota.notice_share", "consent.methods")
    for old in ('"0.5"', '"0.8"'):
        text = text.replace(f"value = {old}", 'value = { required = [], known = ["code"] }')
    value = load_norms(written(tmp_path, text)).value("consent.methods", date(2022, 1, 1)).value
    assert value["known"] == ("code",)
    with pytest.raises(TypeError):
        value["required"] = ("code",)


def test_the_digest_covers_what_is_said_and_not_how_it_is_laid_out(tmp_path):
    digest = load_norms(written(tmp_path, GOOD)).digest
    assert digest.startswith("sha256:")
    assert load_norms(written(tmp_path, "# comment\n" + GOOD.replace("\n\n", "\n"))).digest == digest
    assert load_norms(written(tmp_path, GOOD.replace("2020-12-31", "2020-12-30"))).digest != digest
    written(tmp_path, GOOD)
    written(tmp_path, '[[not_a_mineral]]\nspellings = ["X"]\nreason = "Y"\n', folder="minerals")
    assert load_norms(tmp_path).digest != digest


MINERALS = """
[[mineral]]
code = "oro"
name = "Oro"
name_en = "Gold"
group = "g"
unit = "g"
unit_basis = "observada"
precious = true
metal = "oro"
aliases = ["ORO VETA"]
[[mineral]]
code = "mena"
name = "Mena"
name_en = "Ore"
group = "g"
unit = "kg"
unit_basis = "asignada"
graded = true
metal = "oro"
grade_unit = "g/t"
aliases = []
[[heading]]
code = "metales"
name = "Metales"
name_en = "Metals"
group = "g"
unit = "g"
members = ["oro"]
aliases = []
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('group = "g"', 'group = "g"\ncolour = "x"', "clave desconocida «colour»"),
        ("[[mineral]]", "[[metal]]\n[[mineral]]", "clave desconocida «metal»"),
        ('name_en = "Gold"', "", "falta «name_en»"),
        ('code = "oro"', 'code = "Oro"', "minúsculas"),
        ('code = "mena"', 'code = "oro"', "el código «oro» se repite"),
        ('unit = "g"\nunit_basis', 'unit = "lb"\nunit_basis', "no es de las del libro"),
        ('unit = "g"\nunit_basis', 'unit = "kg"\nunit_basis', "va en gramos"),
        ('unit_basis = "observada"', 'unit_basis = "vista"', "unit_basis"),
        ("precious = true", 'precious = "yes"', "no tiene la forma debida"),
        ('metal = "oro"', "", "falta «metal»"),
        ('grade_unit = "g/t"', "", "tenor"),
        ('grade_unit = "g/t"', 'grade_unit = "‰"', "tenor"),
        ('unit = "kg"', 'unit = "t"', "va en kilogramos"),
        ('members = ["oro"]', 'members = ["plata"]', "no existe"),
        ('members = ["oro"]', 'members = ["mena"]', "no tiene la unidad"),
        ('metal = "oro"\naliases', 'metal = "oro"\nheading = "otros"\naliases', "no lo contiene"),
        ("aliases = []", 'aliases = ["oro  véta"]', "nombra a la vez"),
        ('code = "metales"', 'factor = 1.5\ncode = "metales"', "no es exacto"),
    ],
)
def test_the_catalogue_refuses(tmp_path, old, new, said):
    assert old in MINERALS
    with pytest.raises(NormsFault) as refused:
        load_catalogue(written(tmp_path, MINERALS.replace(old, new, 1), folder="minerals"))
    assert said in refused.value.message


def test_a_spelling_cannot_be_a_mineral_and_none(tmp_path):
    text = MINERALS + '[[not_a_mineral]]\nspellings = ["Oro veta"]\nreason = "x"\n'
    with pytest.raises(NormsFault, match="nombra a la vez"):
        load_catalogue(written(tmp_path, text, folder="minerals"))
