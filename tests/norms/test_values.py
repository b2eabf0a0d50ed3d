"""The product's own values, against the figures read in the law, on the day before, the day and the day after."""

from datetime import date, timedelta

import pytest

from veta.norms import NormNotInForce, norms
from veta.norms.catalogue import catalogue
from veta.norms.coherence import incoherences
from veta.norms.dated import STATUSES
from veta.norms.lookup import Norms

TODAY = date(2026, 6, 1)


def test_parameters_and_catalogue_agree():
    assert incoherences(norms(), catalogue()) == []


def test_incoherence_is_seen():
    kept = [parameter for parameter in norms() if not parameter.id.startswith("subsistence.cap.esmeraldas")]
    assert incoherences(Norms(kept, digest=""), catalogue()) == ["el grupo «esmeraldas» no tiene tope"]


@pytest.mark.parametrize(
    ("group", "month", "year", "unit"),
    [
        ("metales_preciosos", "35", "420", "g"),
        ("arena_grava_rio", "120", "1440", "m3"),
        ("arcillas", "80", "960", "m3"),
        ("esmeraldas", "50", "600", "ct"),
        ("morralla", "1000", "12000", "ct"),
        ("semipreciosas", "1000", "12000", "ct"),
    ],
)
def test_subsistence_caps(group, month, year, unit):
    cap = norms().value(f"subsistence.cap.{group}", TODAY)
    assert (cap.value["month"], cap.value["year"], cap.value["unit"], cap.status) == (month, year, unit, "unverified")
    assert (cap.value["month_effect"], cap.value["year_effect"]) == ("warning", "blocking")
    assert cap.value["cap_basis"] == ("fine" if group == "metales_preciosos" else "gross")
    assert int(year) == 12 * int(month)


@pytest.mark.parametrize(
    ("id", "first"),
    [
        ("subsistence.cap.metales_preciosos", date(2017, 2, 9)),
        ("subsistence.minerals", date(2017, 6, 27)),
        ("trade.who_may_sell", date(2022, 7, 11)),
        ("sales.quarter", date(2022, 7, 11)),
        ("export.six_metals", date(2022, 7, 11)),
        ("export.royalty_proof", date(2021, 1, 1)),
        ("export.disused_metals", date(2009, 11, 19)),
        ("obligation.start", date(2025, 12, 29)),
        ("plan.heading_requirement", date(2025, 8, 6)),
    ],
)
def test_each_begins_with_its_act(id, first):
    with pytest.raises(NormNotInForce):
        norms().value(id, first - timedelta(days=1))
    assert norms().value(id, first) is norms().value(id, first + timedelta(days=1))


def test_who_may_sell_to_whom():
    table = norms().value("trade.who_may_sell", TODAY).value
    assert set(table["barequero"]) == set(table["producer"]) == {"trader", "plant", "exporter", "consumer"}
    assert set(table["plant"]) == set(table["trader"]) == {"trader", "exporter", "consumer"}
    assert "consumer" not in table


def test_obligation_names_only_whose_date_was_read():
    opens, start = norms().value("obligation.platform_opens", TODAY), norms().value("obligation.start", TODAY)
    assert dict(opens.value) == {"pin": "2026-05-19", "gran_mineria": "2026-05-19"}
    assert dict(start.value) == {"pin": "2026-11-01", "gran_mineria": "2026-11-01"}
    assert (opens.status, start.status) == ("verified", "secondary")


def test_small_values():
    values = {id: norms().value(id, TODAY).value for id in ("quota.notice_share", "consent.term_minutes")}
    assert values == {"quota.notice_share": "0.8", "consent.term_minutes": 15}
    assert norms().value("consent.methods", TODAY).value["required"] == ()
    assert norms().value("sale.confirmation", TODAY).value["hours"] == 72
    assert norms().value("reporting.ahead", TODAY).value["seconds"] == 60
    quarter = norms().value("sales.quarter", TODAY).value
    assert (quarter["share_of_year"], quarter["excess"], quarter["effect"]) == ("1/4", "0", "warning")


def test_the_six_metals_with_their_ores():
    listed = norms().value("export.six_metals", TODAY).value
    metals = {catalogue().mineral(code).metal for code in listed}
    assert metals == {"oro", "plata", "platino", "tantalio", "estano", "tungsteno"}
    assert {"dore", "concentrado_oro", "mineral_oro"} <= set(listed)


def test_every_value_says_how_far_its_norm_was_read():
    for parameter in norms():
        for value in parameter.values:
            assert value.status in STATUSES
            assert value.norm.strip(", ")
            assert value.status != "verified" or "Medida propia" not in value.norm


def test_no_rule_of_a_recipe_was_read_in_a_norm():
    recipes = norms().table("recipe", TODAY)
    assert {"beneficio_oro", "afinacion_oro", "lavado_carbon_termico", "coquizacion", "trituracion_petreos"} <= set(
        recipes
    )
    assert {recipe.status for recipe in recipes.values()} == {"unverified"}
