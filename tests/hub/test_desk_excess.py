"""What exceeded a cap in a quarter, on the desk: the list by initials, a dossier for who says what for."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from tests.hub.conftest import told
from tests.hub.country import STRANGER, Hub
from tests.hub.officers import Officers
from tests.hub.test_miner import with_purpose
from veta.hub.desk.excesses import label_of
from veta.kernel.period import bogota_date, quarter_of
from veta.site.models import AccessRecord
from veta.site.roles import Role

NOW = label_of(quarter_of(bogota_date(datetime.now(UTC))))


@pytest.fixture(scope="module")
def officers(hub: Hub) -> Officers:
    results = hub.report(
        hub.movement("purchase", seller=STRANGER, quantity="36.500"),
        hub.movement("purchase", seller=STRANGER, quantity="400.000"),
    )
    assert [result["verdict"]["status"] for result in results] == ["accepted", "rejected"]
    return Officers.found()


def page(client: Any, **query: str) -> str:
    answer = client.get(reverse("desk_excesses"), query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_list_of_a_quarter_names_nobody_and_leaves_as_a_file(hub: Hub, officers: Officers) -> None:
    auditor = officers.session("vera", Role.AUDITOR)
    text = page(auditor)
    for word in (NOW, "1,5 g", "tope 420 g", "Registrado con aviso", "Intentado", "M. P."):
        assert word in text, word
    assert STRANGER["number"] not in text
    assert "Pérez" not in text
    assert "Ninguno." in page(auditor, trimestre="2020-T1")
    assert NOW in page(auditor, trimestre="2020-T9"), "what is no quarter is this one"
    file = auditor.get(reverse("desk_excesses"), {"formato": "csv", "trimestre": NOW})
    assert "1.5" in file.content.decode()


def test_a_dossier_is_for_who_says_what_for_and_ties_each_movement_to_the_log(hub: Hub, officers: Officers) -> None:
    legal = officers.session("lia", Role.LEGAL)
    path = reverse("desk_dossier", args=[NOW, hub.actor("stranger")])
    assert legal.get(path).status_code == 302
    dossier = told(with_purpose(legal, path))
    assert dossier["party"]["document_number"] == STRANGER["number"]
    assert [each["state"] for each in dossier["movements"]] == ["accepted", "attempted"]
    assert all(each["receipt"]["signature"] for each in dossier["movements"])
    assert AccessRecord.objects.filter(subject=hub.actor("stranger"), endpoint="desk_dossier").exists()
    for wrong in ([NOW, hub.actor("trader")], ["2026-9", hub.actor("stranger")]):
        assert with_purpose(legal, reverse("desk_dossier", args=wrong)).status_code == 404
    assert officers.session("rita", Role.ROYALTIES).get(reverse("desk_excesses")).status_code == 403
