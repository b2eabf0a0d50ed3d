from pathlib import Path

import pytest
from typer.testing import CliRunner

from veta.cli.norms import app
from veta.norms import NormNotInForce, norms
from veta.norms.catalogue import catalogue
from veta.norms.page import parameters_page
from veta.norms.toml_files import NormsFault

ROOT = Path(__file__).parents[2]
BAD = """
[[parameter]]
id = "subsistence.minerals"
description = "x"
unit = "lista"
[[parameter.dated]]
from = 2020-01-01
value = ["esmeraldas"]
norm = { act = "Ley 1", article = "artículo 1" }
status = "unverified"
"""


def run(*arguments):
    return CliRunner().invoke(app, arguments)


def test_check_says_what_it_checked():
    result = run("check")
    assert result.exit_code == 0
    assert f"Parámetros: {len(norms())}" in result.output
    assert norms().digest in result.output


def test_check_ends_with_1_where_parameters_and_catalogue_disagree(tmp_path):
    (tmp_path / "subsistence").mkdir()
    (tmp_path / "subsistence" / "bad.toml").write_text(BAD, encoding="utf-8")
    result = run("check", "--data", str(tmp_path))
    assert result.exit_code == 1
    assert "el grupo «esmeraldas» no tiene tope" in result.output


def test_check_refuses_a_fault(tmp_path):
    (tmp_path / "quota").mkdir()
    (tmp_path / "quota" / "bad.toml").write_text(BAD.replace('"unverified"', '"seen"'), encoding="utf-8")
    result = run("check", "--data", str(tmp_path))
    assert result.exit_code == 1
    assert isinstance(result.exception, NormsFault)


def test_show_says_value_norm_and_reading():
    result = run("show", "subsistence.cap.metales_preciosos", "--on", "2026-06-01")
    assert result.exit_code == 0
    for text in ("420", "Resolución MME 40103 de 2017", "sin leer", "desde el 2017-02-09"):
        assert text in result.output


def test_show_of_a_date_without_value_is_an_error():
    result = run("show", "subsistence.cap.metales_preciosos", "--on", "2017-02-08")
    assert result.exit_code == 1
    assert isinstance(result.exception, NormNotInForce)


@pytest.mark.parametrize(
    ("arguments", "seen", "unseen"),
    [
        (("--on", "2026-06-01"), "sales.quarter", "no rige ninguno"),
        (("--on", "2016-06-01"), "no rige ninguno", "1440"),
        (("morralla",), "subsistence.cap.morralla", "sales.quarter"),
        (("--status", "verified", "--on", "2026-06-01"), "trade.who_may_sell", "subsistence.cap"),
    ],
)
def test_list_filters(arguments, seen, unseen):
    result = run("list", *arguments)
    assert result.exit_code == 0
    assert seen in result.output
    assert unseen not in result.output


def test_list_refuses_an_unknown_status():
    assert run("list", "--status", "seen").exit_code == 2


def test_the_committed_page_is_what_the_data_say():
    assert (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8") == parameters_page(norms(), catalogue())
