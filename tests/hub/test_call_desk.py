"""The authority's desk of a call: two persons for each verdict and act, each in their role, and nobody alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.calls.theatre import Theatre, bogota
from tests.conftest import FreshDatabase
from tests.hub.officers import Officers
from veta.calls.services.clock import set_clock
from veta.operators.services.limits import limits
from veta.site.roles import Role

CODE = "DEMO-OTTM-2026"
VERDICT = {"resultado": "meets", "motivo": "Está completo.", "norma": "Anexo Técnico"}


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "retry_after", lambda *_: 0)


@pytest.fixture(scope="module")
def received(module_database: FreshDatabase) -> tuple[Theatre, Officers]:
    """A call whose registration closed, one firm in it and one that never handed in; the officers."""
    with psycopg.connect(module_database.dsn, user="veta_owner") as owner:
        owner.execute("INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'prueba')")
    with transaction.atomic():
        made = Theatre.opened().at("2026-02-20 08:00:00")
        made.enter("Andina", "900500001")
        made.register("Boreal", "900500002")
        officers = Officers.found()
        for name, role in (
            ("it1", Role.IT), ("it2", Role.IT), ("legal", Role.LEGAL), ("prensa", Role.COMMUNICATIONS),
            ("firma", Role.SIGNER), ("fiscaliza", Role.OVERSIGHT), ("vera", Role.AUDITOR),
        ):  # fmt: skip
            officers.user(name, role)
        return made, officers


@pytest.fixture
def desk(received: tuple[Theatre, Officers]) -> Iterator[tuple[Theatre, Officers]]:
    theatre, officers = received
    with transaction.atomic():
        yield Theatre(theatre.call, theatre.now, dict(theatre.firms)), officers
        transaction.set_rollback(True)


def at(text: str) -> None:
    set_clock(bogota(text), by="prueba")


def of(theatre: Theatre, name: str, *args: Any) -> str:
    return reverse(name, args=[CODE, theatre.firms["Andina"], *args])


def seen(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def test_two_evaluators_and_one_who_saved_first(desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = desk
    at("2026-03-13 09:00:00")
    fiscaliza, first, second = (officers.session(name) for name in ("fiscaliza", "it1", "it2"))
    for name in ("it1", "it2"):
        given = {"correo": f"{name}@demo.invalid", "componente": "tecnico"}
        assert fiscaliza.post(reverse("calls_team", args=[CODE]), given).status_code == 302
    judge = of(theatre, "calls_judge", "T-01")
    undeclared = first.post(judge, {**VERDICT, "visto": 0})
    assert (undeclared.status_code, "Declare primero" in undeclared.content.decode()) == (422, True)
    for client in (first, second):
        assert client.post(of(theatre, "calls_interest"), {"conflicto": "no"}).status_code == 302
    assert "Evaluar" in seen(first, of(theatre, "calls_application"))
    assert first.post(judge, {**VERDICT, "visto": 0}).status_code == 302
    beaten = second.post(judge, {**VERDICT, "resultado": "fails", "visto": 0})
    assert (beaten.status_code, "it1@demo.invalid guardó antes que usted" in beaten.content.decode()) == (409, True)
    held = theatre.of("Andina").item("T-01")
    own = first.post(judge, {"decision": "confirm", "visto": held.seen})
    assert (own.status_code, "lo confirma otra persona" in own.content.decode()) == (422, True)
    assert second.post(judge, {"decision": "confirm", "visto": held.seen}).status_code == 302
    verdict = theatre.of("Andina").item("T-01").verdict
    assert verdict is not None
    assert (verdict.proposed_by, verdict.confirmed_by) == ("it1@demo.invalid", "it2@demo.invalid")
    page = seen(officers.session("vera"), of(theatre, "calls_application"))
    assert "Está completo." in page
    assert judge not in page


def test_a_dossier_opens_to_the_team_that_declared_and_closes_to_who_has_a_conflict(
    desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = desk
    at("2026-03-12 09:00:00")
    digest = theatre.of("Andina").item("T-01").documents[0].digest
    document = of(theatre, "calls_document", digest)
    first, vera = officers.session("it1"), officers.session("vera")
    assert vera.get(document).status_code == 404  # la revisión no ha empezado
    at("2026-03-13 09:00:00")
    assert vera.get(document).status_code == 200
    assert officers.session("prensa").get(document).status_code == 403
    assert first.get(document).status_code == 404  # no está en el equipo
    fiscaliza = officers.session("fiscaliza")
    fiscaliza.post(reverse("calls_team", args=[CODE]), {"correo": "it1@demo.invalid", "componente": "tecnico"})
    assert first.get(document).status_code == 404  # no ha declarado
    first.post(of(theatre, "calls_interest"), {"conflicto": "no"})
    assert first.get(document).status_code == 200
    first.post(of(theatre, "calls_interest"), {"conflicto": "yes", "motivo": "Trabajé allí."})
    again = first.post(of(theatre, "calls_interest"), {"conflicto": "no"})
    assert (again.status_code, first.get(document).status_code) == (422, 404)
    page = seen(first, of(theatre, "calls_application"))
    assert "Usted declaró conflicto" in page
    assert "T-01" not in page


def test_a_dossier_in_preparation_is_its_firms_alone(desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = desk
    at("2026-03-11 09:00:00")
    page = seen(officers.session("fiscaliza"), reverse("calls_call", args=[CODE]))
    assert "Andina (ficticia) SAS" in page
    assert "Boreal" not in page
    url = reverse("calls_application", args=[CODE, theatre.firms["Boreal"]])
    assert officers.session("fiscaliza").get(url).status_code == 404


def test_an_act_is_prepared_by_one_and_published_by_the_signer(desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = desk
    theatre.at("2026-03-13 09:00:00").declare_all()
    theatre.judge("Andina")
    at("2026-03-17 09:00:00")
    prensa, firma = officers.session("prensa"), officers.session("firma")
    given = {"acto": "preliminary", "numero": "DEMO-1", "nota": ""}
    assert firma.get(reverse("calls_sign", args=[CODE])).status_code == 404
    assert prensa.post(reverse("calls_prepare", args=[CODE]), given).status_code == 302
    assert "Andina" not in Client().get(reverse("call_public", args=[CODE])).content.decode()
    assert prensa.post(reverse("calls_sign", args=[CODE]), {"cargo": "X"}).status_code == 403
    assert "DEMO-1" in seen(firma, reverse("calls_call", args=[CODE]))
    signed = firma.post(reverse("calls_sign", args=[CODE]), {"cargo": "Vicepresidencia", "decision": "sign"})
    assert signed.status_code == 302
    assert "Andina" in Client().get(reverse("call_public", args=[CODE])).content.decode()


def test_an_addendum_moves_a_window_from_its_signature_on(desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = desk
    at("2026-03-10 09:00:00")
    prensa, firma = officers.session("prensa"), officers.session("firma")
    given = {
        "numero": "Adendo 1", "fecha": "2026-03-10", "actividad": "2", "desde": "2026-02-20", "hasta": "2026-03-15",
        "motivo": "Más tiempo",
    }  # fmt: skip
    sunday = prensa.post(reverse("calls_addendum", args=[CODE]), given)
    assert (sunday.status_code, "no es día hábil" in sunday.content.decode()) == (422, True)
    assert prensa.post(reverse("calls_addendum", args=[CODE]), {**given, "hasta": "2026-03-16"}).status_code == 302
    sent = {"cargo": "Vicepresidencia", "decision": "sign"}
    assert firma.post(reverse("calls_sign", args=[CODE]), sent).status_code == 302
    assert str(theatre.state.timetable.activity(2, bogota("2026-03-11 09:00:00")).closes) == "2026-03-16"
    page = Client().get(reverse("call_public", args=[CODE])).content.decode()
    assert "2026-02-20 – 2026-03-16" in page
    assert "Más tiempo" in page


def test_the_history_goes_whole_to_a_court_and_only_by_who_may(desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = desk
    url = reverse("calls_export", args=[CODE])
    assert officers.session("prensa").get(url).status_code == 403
    made = json.loads(officers.session("legal").get(url).content)
    assert made["replay"]["wrong"] == []
    assert made["people"][str(theatre.firms["Andina"])]["name"] == "Rita Ficticia"


def test_an_exclusion_is_proposed_by_one_and_decided_by_another(desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = desk
    at("2026-03-13 09:00:00")
    legal, firma = officers.session("legal"), officers.session("firma")
    given = {"numero": "Auto 1", "motivo": "Documento falso", "norma": "CPACA"}
    assert legal.post(of(theatre, "calls_act", "exclude"), given).status_code == 302
    assert legal.post(of(theatre, "calls_settle"), {"decision": "approve"}).status_code == 403
    assert firma.post(of(theatre, "calls_settle"), {"decision": "decline"}).status_code == 422
    assert firma.post(of(theatre, "calls_settle"), {"decision": "approve"}).status_code == 302
    assert theatre.of("Andina").state == "excluida"


def test_a_new_call_is_prepared_from_the_circular_and_seen_by_nobody_until_it_is_signed(
    desk: tuple[Theatre, Officers],
) -> None:
    _theatre, officers = desk
    at("2026-02-18 09:00:00")
    fiscaliza = officers.session("fiscaliza")
    given = {"codigo": "otra-2026", "titulo": "Otra (ficticia)", "numero": "DEMO 2"}
    made = fiscaliza.post(reverse("calls_new"), given)
    assert made["Location"] == reverse("calls_call", args=["OTRA-2026"])
    assert "En preparación" in seen(fiscaliza, reverse("calls_desk"))
    assert Client().get(reverse("call_public", args=["OTRA-2026"])).status_code == 404
    assert fiscaliza.post(reverse("calls_new"), given).status_code == 422


def test_what_waits_for_a_second_person_is_in_the_list_of_all_that_does(desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = desk
    theatre.at("2026-03-13 09:00:00").declare_all()
    theatre.propose("Andina", "T-01", "meets")
    at("2026-03-13 09:00:00")
    given = {"numero": "Auto 1", "motivo": "Documento falso", "norma": "CPACA"}
    officers.session("legal").post(of(theatre, "calls_act", "exclude"), given)
    queue = reverse("desk_queue")
    assert of(theatre, "calls_settle") in seen(officers.session("firma"), queue)
    assert of(theatre, "calls_judge", "T-01") in seen(officers.session("it2"), queue)
    assert of(theatre, "calls_settle") not in seen(officers.session("it2"), queue)


def test_a_notice_is_recorded_with_its_proof_and_requirements_change_until_it_opens(
    desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = desk
    at("2026-03-13 09:00:00")
    given = {"acto": "invitation", "como": "Correo electrónico", "dia": "2026-03-13", "constancia": "Acuse 17"}
    assert officers.session("prensa").post(of(theatre, "calls_notice"), given).status_code == 302
    assert "Acuse 17" in seen(officers.session("vera"), of(theatre, "calls_application"))
    changed = {"codigo": "T-05", "componente": "tecnico", "texto": "Otro", "norma": "Anexo", "prueba": "document"}
    fiscaliza = officers.session("fiscaliza")
    frozen = fiscaliza.post(reverse("calls_requirement", args=[CODE]), changed)
    assert (frozen.status_code, "ya abrió" in frozen.content.decode()) == (422, True)
    at("2026-02-18 09:00:00")
    fiscaliza.post(reverse("calls_new"), {"codigo": "OTRA", "titulo": "Otra (ficticia)", "numero": "DEMO 2"})
    assert fiscaliza.post(reverse("calls_requirement", args=["OTRA"]), changed).status_code == 302
