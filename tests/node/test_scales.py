"""What a weighing is worth: by the certificate, else by the class; stated only while a calibration vouches for it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.node.conftest import House
from tests.node.test_capturing import last, path, sent
from veta.kernel.period import bogota_date
from veta.movements.domain.shape import read_item
from veta.node.domain.scales import Calibrated, Instrument, bands, most_intervals, uncertainty
from veta.node.models import Branch, Calibration, CalibrationPaper, Device, Scale
from veta.node.queries.counter import scales_of
from veta.norms import norms

SINCE, UNTIL = date(2026, 1, 5), date(2027, 1, 5)
PDF = b"%PDF-1.7\n(DEMO) laboratorio ficticio"


def scale(name: str = "II", e: str = "0.01", largest: str = "1000", stated: str | None = None) -> Instrument:
    calibrated = Calibrated(SINCE, UNTIL, Fraction(stated) if stated else None)
    return Instrument(
        serial="A1", accuracy_class=name, unit="g", e=Fraction(e), largest=Fraction(largest), calibrated=(calibrated,)
    )


# Class, e, load: the error on initial verification (OIML R 76-1:2006, table 6), in e; below, at and above each step.
STEPS = [
    ("I", "0.001", "50", 0.5), ("I", "0.001", "50.001", 1), ("I", "0.001", "200", 1), ("I", "0.001", "200.001", 1.5),
    ("II", "0.01", "50", 0.5), ("II", "0.01", "50.01", 1), ("II", "0.01", "200", 1), ("II", "0.01", "200.01", 1.5),
    ("III", "1", "500", 0.5), ("III", "1", "501", 1), ("III", "0.1", "200", 1), ("III", "0.1", "200.1", 1.5),
    ("IIII", "5", "250", 0.5), ("IIII", "5", "251", 1), ("IIII", "5", "1000", 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "e", "load", "halves"), STEPS)
def test_the_class_says_the_error_in_service(name: str, e: str, load: str, halves: float) -> None:
    """U = 2 · MPE/√3, the error in service being twice the initial one: never less, and within two digits of it."""
    said = uncertainty(scale(name, e), load, "g", SINCE)
    assert said is not None
    permissible = 2 * Fraction(halves) * Fraction(e)
    exact_square = Fraction(4, 3) * permissible**2
    assert exact_square <= Fraction(said) ** 2 <= exact_square * Fraction(11, 10) ** 2


def test_two_digits_rounded_up_in_the_minerals_own_unit() -> None:
    assert bands(scale(), "g", SINCE) == [("50", "0.012"), ("200", "0.024"), ("1000", "0.035")]
    assert bands(scale(), "kg", SINCE)[0] == ("0.05", "0.000012")
    assert bands(scale(), "ct", SINCE)[0] == ("250", "0.058")
    assert bands(scale(), "m3", SINCE) == [], "no scale weighs a volume"


def test_the_certificate_comes_before_the_class() -> None:
    assert bands(scale(stated="0.02"), "g", SINCE) == [("1000", "0.02")]
    assert uncertainty(scale(stated="0.02"), "0.5", "kg", SINCE) == "0.00002"


def test_nothing_is_stated_that_nobody_vouches_for() -> None:
    days = (date(2026, 1, 4), SINCE, UNTIL, date(2027, 1, 6))
    assert [uncertainty(scale(), "1", "g", on) is not None for on in days] == [False, True, True, False]
    assert [uncertainty(scale(), load, "g", SINCE) for load in ("0", "1000.01", "mil")] == [None] * 3
    assert bands(scale(e="0.001"), "g", SINCE) == [], "of a class II, a thousandth of a gram is no e for 1000 g"
    assert bands(scale(e="0.001", stated="0.02"), "g", SINCE) == [("1000", "0.02")]
    never = Instrument(serial="B", accuracy_class="II", unit="g", e=Fraction(1, 100), largest=Fraction(1000))
    assert bands(never, "g", SINCE) == []


def test_the_latest_calibration_of_its_day_counts() -> None:
    two = (Calibrated(date(2025, 1, 5), date(2026, 6, 1), Fraction("0.9")), Calibrated(SINCE, UNTIL, Fraction("0.1")))
    weighs = Instrument(
        serial="A1", accuracy_class="II", unit="g", e=Fraction(1, 100), largest=Fraction(1000), calibrated=two
    )
    found = [uncertainty(weighs, "1", "g", on) for on in (date(2026, 1, 4), SINCE)]
    assert found == ["0.9", "0.1"]


def test_the_norms_name_the_recommendation() -> None:
    classes = norms().table("scale.class", SINCE)
    assert set(classes) == {"i", "ii", "iii", "iiii"}
    assert all(each.norm.startswith("OIML R 76-1:2006") for each in classes.values())
    assert [most_intervals(name, SINCE) for name in ("I", "II", "III", "IIII")] == [0, 100_000, 10_000, 1_000]


def kept_scale(house: House, *, due: str = "2099-01-05", stated: str | None = None, serial: str = "A1") -> Scale:
    branch, _made = Branch.objects.get_or_create(client=house.clients["gold"], name="Mina", municipality="05250")
    made = Scale.objects.create(
        branch=branch, serial=serial, accuracy_class="II", unit="g", largest="1000", division="0.01"
    )
    Calibration.objects.create(
        scale=made, certificate="C-1", calibrated_on="2020-01-01", due_on=due, uncertainty=stated
    )
    return made


MINED = {"origin.code": "DEMO-ORO", "origin.kind": "title", "mineral": "oro", "quantity": "12,5", "fineness": "900"}


def test_what_is_weighed_on_a_scale_carries_it_and_its_uncertainty(house: House) -> None:
    by_class, stated = kept_scale(house), kept_scale(house, stated="0.02", serial="B2")
    for chosen, said in ((by_class, "0.012"), (stated, "0.02")):
        assert sent(house, "production", **MINED, place=chosen.id.hex).status_code == 302
        item = last()
        assert (item["uncertainty"], item["note"]) == (said, f"Báscula {chosen.serial} (clase II).")
        # The hub's own reader takes it for the quantity's.
        assert str(read_item(item).measure.uncertainty) == said
    reviewed = sent(house, "production", acto="revisar", **MINED, place=stated.id.hex).content.decode()
    assert "±0,02 g (k = 2), según su certificado" in reviewed
    assert sent(house, "production", **MINED, place=by_class.branch_id.hex).status_code == 302
    assert "uncertainty" not in last(), "a branch without a scale states none"


def test_a_lapsed_calibration_is_told_before_weighing_and_states_nothing(house: House) -> None:
    made = kept_scale(house, due="2021-01-01")
    page = house.browser("gold counter").get(path(house, "production")).content.decode()
    assert "A1: sin calibración vigente" in page
    assert "anote el certificado en Sedes y básculas" in page
    reviewed = sent(house, "production", acto="revisar", **MINED, place=made.id.hex).content.decode()
    assert "la medida va sin incertidumbre" in reviewed
    assert sent(house, "production", **MINED, place=made.id.hex).status_code == 302, "it warns, and stops nothing"
    assert "uncertainty" not in last()


def test_the_counter_knows_how_each_scale_weighs(house: House) -> None:
    on = bogota_date(datetime.now(UTC))
    kept_scale(house)
    kept_scale(house, due="2021-01-01", serial="Z9")
    good, lapsed = scales_of(house.clients["gold"].id, on=on)
    assert good["bands"]["g"] == [("50", "0.012"), ("200", "0.024"), ("1000", "0.035")]
    assert (lapsed["bands"], lapsed["due_on"]) == ({}, "2021-01-01")


def scale_words(branch: Branch, **changed: Any) -> dict[str, Any]:
    given = {
        "sede": str(branch.id), "serie": "A1", "clase": "III", "unidad": "g", "maximo": "1000", "division": "0.1",
        "certificado": "C-1", "calibrada": "2026-01-05", "vence": "2027-01-05",
    } | changed  # fmt: skip
    return {"acto": "bascula", **{f"bascula-{name}": value for name, value in given.items()}}


def test_a_calibration_keeps_its_certificate(house: House) -> None:
    gold, owner = house.clients["gold"], house.browser("gold owner")
    branch, page = Branch.objects.create(client=gold, name="Mina", municipality="05250"), f"/clientes/{gold.id}/sedes/"
    paper = SimpleUploadedFile("certificado.pdf", PDF, "application/pdf")
    assert owner.post(page, scale_words(branch, papel=paper, incertidumbre="0.05")).status_code == 302
    made = Calibration.objects.get()
    assert (str(made.uncertainty), CalibrationPaper.objects.get().recorded_by) == (
        "0.050000", house.people["gold owner"],
    )  # fmt: skip
    link = f"/clientes/{gold.id}/calibraciones/{made.id}/"
    assert link in owner.get(page).content.decode()
    shown = owner.get(link)
    assert (shown.content, shown["Content-Type"]) == (PDF, "application/pdf")
    assert house.browser("coal owner").get(link).status_code == 404
    alien = f"/clientes/{house.clients['coal'].id}/calibraciones/{made.id}/"
    assert house.browser("coal owner").get(alien).status_code == 404, "nor by the door of their own"
    assert house.browser("gold counter").get(link).status_code == 403


REFUSED = [
    ({"clase": "IIII"}, "1000 divisiones"), ({"clase": "V"}, "bascula-clase"),
    ({"incertidumbre": "0"}, "mayor que cero"),
    ({"incertidumbre": "1001"}, "pasa de la carga máxima"), ({"division": "0.099"}, "10000 divisiones"),
    ({"papel": SimpleUploadedFile("x.pdf", b"<html>", "application/pdf")}, "no es un PDF"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "said"), REFUSED)
def test_a_scale_that_cannot_be_is_not_recorded(house: House, changed: dict[str, Any], said: str) -> None:
    gold = house.clients["gold"]
    branch = Branch.objects.create(client=gold, name="Mina", municipality="05250")
    answer = house.browser("gold owner").post(f"/clientes/{gold.id}/sedes/", scale_words(branch, **changed))
    assert (answer.status_code, Scale.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_a_branch_closes_with_its_scales_and_devices_told(house: House) -> None:
    gold, owner, made = house.clients["gold"], house.browser("gold owner"), kept_scale(house)
    branch, base = made.branch, f"/clientes/{house.clients['gold'].id}/sedes/"
    Device.objects.create(client=gold, branch=branch, name="Teléfono de Rosa")
    page = f"{base}{branch.id}/cerrar/"
    shown = owner.get(page).content.decode()
    assert "A1. Dejan de ofrecerse" in shown
    assert "Teléfono de Rosa" in shown
    assert house.browser("gold counter").get(page).status_code == 403
    assert house.browser("coal owner").get(page).status_code == 404
    assert owner.post(page, {"ultimo": "2999-01-01"}).status_code == 422
    assert sent(house, "production", **MINED, place=branch.id.hex).status_code == 302
    today = bogota_date(datetime.now(UTC)).isoformat()
    assert owner.post(page, {"ultimo": today})["Location"] == base
    assert branch.closing.recorded_by == house.people["gold owner"]
    assert owner.post(page, {"ultimo": today}).status_code == 404, "it closes once"
    assert f"Abrió hasta el {today}" in owner.get(base).content.decode()
    assert scales_of(gold.id, on=SINCE) == []
    for place in (branch.id.hex, made.id.hex):
        answer = sent(house, "production", **MINED, place=place)
        assert answer.status_code == 422, "nothing new is captured there"
        assert "Esa sede cerró" in answer.content.decode()
    assert owner.post(base, scale_words(branch, serie="N1")).status_code == 422
    assert last()["place"] == {"municipality": "05250"}, "its history stays"


def test_a_branch_gains_and_loses_a_facility(house: House) -> None:
    gold, owner = house.clients["gold"], house.browser("gold owner")
    branch = Branch.objects.create(client=gold, name="El Bagre", municipality="05250", facility="Planta Uno")
    page = f"/clientes/{gold.id}/sedes/{branch.id}/instalacion/"
    places = []
    for given in ("Planta Uno", "Planta Dos", ""):
        assert owner.post(page, {"instalacion": given}).status_code == 302
        assert sent(house, "production", **MINED, place=branch.id.hex).status_code == 302
        places.append(last()["place"].get("facility", ""))
    assert places == ["Planta Uno", "Planta Dos", ""]
    assert list(branch.facilities.order_by("id").values_list("facility", flat=True)) == ["Planta Dos", ""]
