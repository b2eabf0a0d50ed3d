"""The desk's read pages over a chain of gold: a day, a search, a movement, a lot, a title, an actor, who looked."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.hub.country import STRANGER, Hub
from tests.hub.gold import gold_chain
from tests.hub.officers import Officers, say_purpose
from veta.kernel.ids import uuid7
from veta.registry.queries import MunicipalityRecord
from veta.registry.services.places import record_municipalities
from veta.site.queries import accesses
from veta.site.roles import Role


@pytest.fixture(scope="module")
def officers(hub: Hub) -> Officers:
    return Officers.found()


@pytest.fixture
def eva(officers: Officers) -> Client:
    return officers.session("eva", Role.OVERSIGHT)


@pytest.fixture(scope="module")
def chain(hub: Hub) -> dict[str, str]:
    return gold_chain(hub)


def text(client: Client, name: str, *arguments: Any, query: dict[str, str] | None = None) -> str:
    response = client.get(reverse(name, args=arguments), query or {})
    assert response.status_code == 200, response
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_first_page_counts_the_day_by_kind_state_and_finding(eva: Client, chain: dict[str, str]) -> None:
    page = text(eva, "desk_home")
    assert '<strong>4</strong> <span class="badge ok">Aceptado' in page
    assert '<strong>1</strong> <span class="badge stop">Rechazado' in page
    assert "QUO-001" in page
    assert '<strong>0</strong> <span class="badge stop">Rechazado' in text(
        eva, "desk_home", query={"dia": "2020-01-01"}
    )
    assert reverse("people") not in page  # not hers to open


def test_the_list_is_narrowed_by_kind_state_and_finding_and_paged(eva: Client, chain: dict[str, str]) -> None:
    rejected = text(eva, "desk_movements", query={"estado": "rejected"})
    assert rejected.count('<th role="rowheader"') == 1
    assert chain["refused"] in rejected
    assert chain["refused"] in text(eva, "desk_movements", query={"hallazgo": "quo-001"})
    assert chain["refused"] not in text(eva, "desk_movements", query={"clase": "sale"})
    assert chain["refused"] not in text(eva, "desk_movements", query={"desde": "2020-01-01", "hasta": "2020-01-02"})
    everything = eva.get(reverse("desk_movements"), {"formato": "csv"}).content.decode()
    assert len(everything.splitlines()) == 7


def test_what_is_exported_is_what_is_shown_with_exact_numbers(eva: Client, chain: dict[str, str]) -> None:
    made = eva.get(reverse("desk_lot_origins", args=[chain["blend"]]), {"formato": "xlsx"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(made.content)).get_sheet_by_index(0).to_python()
    assert [row[3] for row in rows] == ["Parte", 75.0, 25.0]
    assert {row[2] for row in rows[1:]} == {"D. M.", "M. P."}


def test_a_rejected_movement_says_why_in_words_with_its_norm_and_figures(eva: Client, chain: dict[str, str]) -> None:
    page = text(eva, "desk_movement", chain["refused"])
    for told in ("Rechazado", "Impide", "Cupos", "QUO-001", "Tope", "No movió nada en el libro", "DEMO holder"):
        assert told in page, told
    assert text(eva, "desk_movement", chain["offer"]).count("Espera a la otra parte") == 1
    assert eva.get(reverse("desk_movement", args=[uuid7()])).status_code == 404


def test_a_lot_is_drawn_with_its_origins_both_ways_and_links_to_each(eva: Client, chain: dict[str, str]) -> None:
    page = text(eva, "desk_lot", chain["blend"])
    assert '<svg class="genealogy"' in page
    assert page.count('<path d="M') == 2  # two lots went into it
    assert "75 %" in page
    assert "25 %" in page
    assert text(eva, "desk_lot", chain["own"]).count('<path d="M') == 1
    assert chain["own"] in text(eva, "desk_trace", chain["blend"], "atras")
    assert chain["blend"] in text(eva, "desk_trace", chain["own"], "adelante")
    assert eva.get(reverse("desk_trace", args=[chain["own"], "arriba"])).status_code == 404


def test_natural_persons_are_initials_until_a_purpose_is_said(eva: Client, hub: Hub, chain: dict[str, str]) -> None:
    actor = hub.actor("stranger")
    assert "María Pérez" not in text(eva, "desk_lot", chain["strange"])
    asked = eva.get(reverse("desk_actor", args=[actor]))
    assert asked.status_code == 302
    assert "/finalidad/" in asked["Location"]
    say_purpose(eva, actor)
    page = text(eva, "desk_actor", actor)
    assert "María Pérez" in page
    assert f"CC {STRANGER['number']}" in page
    assert "30 g de 420 g" in page  # used of the person's year, drawn as a bar
    assert chain["blend"] not in page  # the trader's, not hers
    trader = hub.actor("trader")
    say_purpose(eva, trader)
    stock = text(eva, "desk_stock", trader)
    assert "Acreditado" in stock
    assert "40 g" in stock
    looked = accesses(limit=1, subject=actor)[0]
    assert (looked.user_email, looked.reference, looked.endpoint) == ("eva@demo.invalid", "EXP-1", "desk_actor")


def test_a_title_shows_plan_quotas_and_lots_and_its_code_may_hold_a_slash(
    eva: Client, officers: Officers, hub: Hub, chain: dict[str, str]
) -> None:
    page = text(eva, "desk_title", chain["title"])
    for told in ("Vigente", "DEMO holder", "Año del título", chain["mined"][-8:]):
        assert told in page, told
    insurer = officers.session("iris", Role.INSURER)
    assert "Su rol no ve los lotes" in text(insurer, "desk_title", chain["title"])
    assert insurer.get(reverse("desk_lot", args=[chain["mined"]])).status_code == 403
    assert eva.get(reverse("desk_title", args=["A/B-1"])).status_code == 404


def test_search_finds_codes_and_ids_and_takes_documents_in_a_body_alone(
    eva: Client, officers: Officers, hub: Hub, chain: dict[str, str]
) -> None:
    for wanted, what in ((chain["title"].lower(), "Título minero"), (chain["offer"], "Movimiento"),
                         (chain["blend"], "Lote"), ("ottm-2", "Operador tecnológico")):  # fmt: skip
        assert what in text(eva, "desk_search", query={"q": wanted})
    assert "Nada con ese código" in text(eva, "desk_search", query={"q": STRANGER["number"]})
    found = eva.post(reverse("desk_search"), {"tipo": "CC", "numero": STRANGER["number"]})
    assert found["Location"] == reverse("desk_actor", args=[hub.actor("stranger")])
    assert STRANGER["number"] not in found["Location"]
    assert eva.post(reverse("desk_search"), {"tipo": "CC", "numero": "77777777"}).status_code == 422
    insurer = officers.session("iris", Role.INSURER)
    assert insurer.post(reverse("desk_search"), {"tipo": "CC", "numero": "1"}).status_code == 403
    assert 'name="numero"' not in text(insurer, "desk_search")


def test_the_auditor_sees_who_looked_at_whom_and_what_for(
    eva: Client, officers: Officers, hub: Hub, chain: dict[str, str]
) -> None:
    actor = hub.actor("trader")
    say_purpose(eva, actor, reference="=EXP-77")
    text(eva, "desk_actor", actor)
    auditor = officers.session("aura", Role.AUDITOR)
    page = text(auditor, "desk_access_log", query={"finalidad": "oversight", "quien": "eva@"})
    assert "=EXP-77" in page
    assert "=EXP-77" not in text(auditor, "desk_access_log", query={"finalidad": "audit"})
    assert "=EXP-77" not in text(auditor, "desk_access_log", query={"de": str(UUID(int=1))})
    # A spreadsheet would run what starts as a formula.
    file = auditor.get(reverse("desk_access_log"), {"formato": "csv"}).content.decode()
    assert "'=EXP-77" in file
    assert eva.get(reverse("desk_access_log")).status_code == 403


def test_the_chart_has_a_table_twin(eva: Client, chain: dict[str, str]) -> None:
    drawn = eva.get(reverse("desk_chart"))
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    assert "Movimientos recibidos cada día" in text(eva, "desk_days")


def test_the_map_has_a_table_twin_narrowed_by_mineral(eva: Client, chain: dict[str, str]) -> None:
    assert eva.get(reverse("desk_map")).status_code == 404
    assert "Sin mapa" in text(eva, "desk_places")
    unit = MunicipalityRecord("05001", "MEDELLÍN", "ANTIOQUIA", "Municipio", Decimal("6.25"), Decimal("-75.57"))
    record_municipalities([unit], source="prueba")
    drawn = eva.get(reverse("desk_map")).content.decode()
    assert drawn.count('fill="#cbd5d2"') == 1  # the one place that the country has here
    assert 'fill="#0b5a52"' in drawn  # what came from it
    assert "e+308" not in drawn
    gold = text(eva, "desk_places", query={"mineral": "oro"})
    assert "MEDELLÍN" in gold
    assert "40 g" in gold  # two purchases; the blend is no extraction
    assert "Nada en esos días" in text(eva, "desk_places", query={"desde": "2020-01-01", "hasta": "2020-01-02"})
