"""The authority's desk of a call: two persons for each verdict and act, each in their role, and nobody alone."""

from __future__ import annotations

import io
import json
import re

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from tests.calls.papers import text_of
from tests.calls.theatre import NORM, Theatre, bogota
from tests.hub.calling import CODE, at, call_form, of, read, seen
from tests.hub.officers import Officers
from tests.site.conftest import session_of
from veta.calls.domain.commands import setup
from veta.calls.domain.record import check_archive
from veta.calls.domain.refusals import CallRefused
from veta.calls.queries import exported, waiting_questions
from veta.calls.services import applicants
from veta.calls.services.mail import send, send_due
from veta.operators.services.limits import limits
from veta.site.models import User

VERDICT = {"resultado": "meets", "motivo": "Está completo.", "norma": "Anexo Técnico"}


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "retry_after", lambda *_: 0)


def test_two_evaluators_and_one_who_saved_first(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
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
    for told in ("Activo corriente", "$ 900.000.000", "Liquidez: <strong>3.0000", "F-01.pdf"):
        assert told in page, told


def test_who_evaluates_has_an_account_that_may_and_is_taken_out_with_the_reason(
    call_desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = call_desk
    at("2026-03-13 09:00:00")
    fiscaliza, url = officers.session("fiscaliza"), reverse("calls_team", args=[CODE])
    given = {"correo": "IT1@demo.invalid", "componente": "tecnico"}
    for wrong, told in (
        ({"correo": "it11@demo.invalid"}, "No hay una cuenta activa"), ({"correo": "prensa@demo.invalid"}, "Jurídica"),
    ):  # fmt: skip
        answer = fiscaliza.post(url, {**given, **wrong})
        assert (answer.status_code, told in answer.content.decode()) == (422, True), answer.content.decode()
    assert fiscaliza.post(url, given).status_code == 302
    assert "it1@demo.invalid" in seen(fiscaliza, url)
    theatre.at("2026-03-13 09:00:00").declare(theatre.firms["Andina"], "it1@demo.invalid")
    unsaid = fiscaliza.post(url, {**given, "decision": "drop"})
    assert (unsaid.status_code, "por qué se retira" in unsaid.content.decode()) == (422, True)
    assert fiscaliza.post(url, {**given, "decision": "drop", "motivo": "Salió de la ANM"}).status_code == 302
    assert "it1@demo.invalid" not in theatre.state.evaluators
    assert "it1@demo.invalid" not in seen(fiscaliza, url)
    gone = officers.session("it1").post(of(theatre, "calls_judge", "T-01"), {**VERDICT, "visto": 0})
    assert "no evalúa ese componente" in gone.content.decode()
    assert fiscaliza.post(url, {**given, "decision": "drop", "motivo": "Otra vez"}).status_code == 422


def test_a_firm_changes_its_contacts_and_those_of_before_are_told_too(
    call_desk: tuple[Theatre, Officers], mailoutbox: list[EmailMessage]
) -> None:
    theatre, _officers = call_desk
    theatre.at("2026-03-13 09:00:00")
    at("2026-03-13 09:00:00")
    send_due(now=theatre.now, post=send)
    firm, url = session_of(User.objects.get(email="andina@demo.invalid")), reverse("call_contacts", args=[CODE])
    assert 'value="rita@demo.invalid"' in seen(firm, url)
    given = {"nombre_1": "Ana", "correo_1": "ana@andina.invalid", "telefono_1": "", "nombre_2": "Luis"}
    half = firm.post(url, given)
    assert (half.status_code, "el nombre y el correo de este contacto" in half.content.decode()) == (422, True)
    for n, more in enumerate(({"correo_2": "luis@andina.invalid"}, {"nombre_2": ""})):
        assert firm.post(url, {**given, **more}).status_code == 302, n
        mailoutbox.clear()
        send_due(now=theatre.now, post=send)
        [mail] = mailoutbox
        both = ["ana@andina.invalid", "luis@andina.invalid"]
        assert mail.to == (both if n else [*both, "rita@demo.invalid"])
        assert "Cambiaron sus contactos" in mail.subject
    theatre.at("2026-03-14 09:00:00").act("Andina", "exclude")
    mailoutbox.clear()
    send_due(now=theatre.now, post=send)
    assert {tuple(mail.to) for mail in mailoutbox} == {("ana@andina.invalid",)}
    made = exported(theatre.call, now=theatre.now)
    first, _second = made["contacts"].values()
    assert [each["name"] for each in first] == ["Ana", "Luis"]
    assert "luis@andina.invalid" not in json.dumps(made["events"])
    assert "Contactos cambiados" in seen(firm, reverse("call_mine", args=[CODE]))


def test_nobody_sees_verdicts_or_figures_before_review_nor_of_the_team_before_declaring(
    call_desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = call_desk
    theatre.do(setup.name_evaluator, "it1@demo.invalid", "tecnico")
    at("2026-03-12 09:00:00")
    vera, first = officers.session("vera"), officers.session("it1")
    assert "Activo corriente" not in seen(vera, of(theatre, "calls_application"))
    theatre.at("2026-03-13 09:00:00").declare_all().propose("Andina", "T-01", "fails")
    theatre.confirm("Andina", "T-01")
    theatre.do(setup.name_evaluator, "it2@demo.invalid", "tecnico")  # who declares nothing
    theatre.propose("Andina", "T-02", "fails")
    at("2026-03-13 09:00:00")
    second = officers.session("it2")
    hidden = ("Motivo de T-01", "Activo corriente", "Motivo de T-02")
    assert not [told for told in hidden if told in seen(second, of(theatre, "calls_application"))]
    assert second.get(of(theatre, "calls_judge", "T-02"))["Location"] == of(theatre, "calls_application")
    first.post(of(theatre, "calls_interest"), {"conflicto": "no"})
    second.post(of(theatre, "calls_interest"), {"conflicto": "no"})
    assert "Motivo de T-02" in seen(second, of(theatre, "calls_judge", "T-02"))
    for client in (vera, second):
        page = seen(client, of(theatre, "calls_application"))
        assert "Motivo de T-01" in page
        assert "Activo corriente" in page


def test_a_dossier_opens_to_the_team_that_declared_and_closes_to_who_has_a_conflict(
    call_desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = call_desk
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


def test_a_dossier_in_preparation_is_its_firms_alone(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
    at("2026-03-11 09:00:00")
    page = seen(officers.session("fiscaliza"), reverse("calls_call", args=[CODE]))
    assert "Andina (ficticia) SAS" in page
    assert "Boreal" not in page
    url = reverse("calls_application", args=[CODE, theatre.firms["Boreal"]])
    assert officers.session("fiscaliza").get(url).status_code == 404


def test_an_act_is_prepared_by_one_and_published_by_the_signer(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
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
    sign = reverse("calls_sign", args=[CODE])
    page = seen(firma, sign)
    for told in ("Andina (ficticia) SAS", "Requisito por requisito", "Motivo de T-01", "Cumple", NORM):
        assert told in page, told  # lo que publica, entero, antes de firmarlo
    stale = firma.post(sign, {"cargo": "Vicepresidencia", "decision": "sign", "visto": 1})
    assert (stale.status_code, "Lea el que espera" in stale.content.decode()) == (422, True)
    signed = firma.post(sign, {"cargo": "Vicepresidencia", "decision": "sign", "visto": read(page)})
    assert signed.status_code == 302
    assert "Andina" in Client().get(reverse("call_public", args=[CODE])).content.decode()


def test_an_addendum_moves_a_window_from_its_signature_on(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
    at("2026-03-10 09:00:00")
    prensa, firma = officers.session("prensa"), officers.session("firma")
    given = {
        "numero": "Adendo 1", "fecha": "2026-03-10", "actividad_1": "2", "desde_1": "", "hasta_1": "2026-03-15",
        "actividad_3": "3", "desde_3": "2026-03-17", "hasta_3": "2026-03-17", "motivo": "Más tiempo",
        "actividad_5": "7", "hasta_5": "2026-04-09",
    }  # fmt: skip
    page = seen(prensa, reverse("calls_addendum", args=[CODE]))
    assert "2. Registro de las solicitudes de habilitación (2026-02-20 – 2026-03-12)" in page
    assert "1. Publicación de la invitación" not in page  # ya cerró
    for wrong, told in (
        ({"actividad_3": "2"}, "ya está en otro cambio"), ({"actividad_3": ""}, "Elija la actividad"),
        ({"hasta_3": ""}, "Escriba el último día"), ({"actividad_1": "1"}, "Escoja una opción válida"),
        ({"actividad_3": "", "desde_3": "", "hasta_3": "", "hasta_1": "2026-03-16"},
         "La actividad 3 terminaría antes que la 2"),
    ):  # fmt: skip
        answer = prensa.post(reverse("calls_addendum", args=[CODE]), {**given, **wrong})
        assert (answer.status_code, told in answer.content.decode()) == (422, True), (wrong, answer.content.decode())
    sunday = prensa.post(reverse("calls_addendum", args=[CODE]), given)
    assert (sunday.status_code, "no es día hábil" in sunday.content.decode()) == (422, True)
    assert prensa.post(reverse("calls_addendum", args=[CODE]), {**given, "hasta_1": "2026-03-16"}).status_code == 302
    page = seen(firma, reverse("calls_sign", args=[CODE]))
    for told in ("2026-02-20 – 2026-03-12", "2026-02-20 – 2026-03-16", "Más tiempo", "Adendo 1"):
        assert told in page, told
    sent = {"cargo": "Vicepresidencia", "decision": "sign", "visto": read(page)}
    assert firma.post(reverse("calls_sign", args=[CODE]), sent).status_code == 302
    assert str(theatre.state.timetable.activity(2, bogota("2026-03-11 09:00:00")).closes) == "2026-03-16"
    page = Client().get(reverse("call_public", args=[CODE])).content.decode()
    for told in ("2026-02-20 – 2026-03-16", "Más tiempo", "Actividad 2: 2026-02-20 – 2026-03-16; 3: 2026-03-17",
                 "Abogado VSCSM", "Proyectó"):  # fmt: skip
        assert told in page, told
    place = theatre.state.published[-1].place
    text = text_of(Client().get(reverse("call_act", args=[CODE, place])).content)
    for told in ("Cronograma que cambia", "2026-02-20 – 2026-03-16", "hasta el 2026-04-09"):
        assert told in text, (told, text)
    assert "hasta –" not in text


def test_the_history_goes_whole_to_a_court_and_only_by_who_may(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
    url = reverse("calls_export", args=[CODE])
    assert officers.session("prensa").get(url).status_code == 403
    made = json.loads(officers.session("legal").get(url).content)
    assert made["replay"]["wrong"] == []
    assert made["people"][str(theatre.firms["Andina"])]["name"] == "Rita Ficticia"
    archive = officers.session("legal").get(reverse("calls_archive", args=[CODE]))
    history, wrong = check_archive(io.BytesIO(b"".join(archive)))  # type: ignore[arg-type]
    assert (history["head"], wrong) == (made["head"], [])


def test_an_exclusion_is_proposed_by_one_and_decided_by_another(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
    at("2026-03-13 09:00:00")
    legal, firma = officers.session("legal"), officers.session("firma")
    given = {"numero": "Auto 1", "motivo": "Documento falso", "norma": "CPACA"}
    assert legal.post(of(theatre, "calls_act", "exclude"), given).status_code == 302
    assert legal.post(of(theatre, "calls_settle"), {"decision": "approve"}).status_code == 403
    given = {"visto": read(seen(firma, of(theatre, "calls_settle")))}
    assert firma.post(of(theatre, "calls_settle"), {"decision": "decline", **given}).status_code == 422
    assert firma.post(of(theatre, "calls_settle"), {"decision": "approve", "visto": 1}).status_code == 422
    assert firma.post(of(theatre, "calls_settle"), {"decision": "approve", **given}).status_code == 302
    assert theatre.of("Andina").state == "excluida"


def test_a_new_call_is_prepared_from_the_circular_and_seen_by_nobody_until_it_is_signed(
    call_desk: tuple[Theatre, Officers],
) -> None:
    _theatre, officers = call_desk
    at("2026-02-18 09:00:00")
    fiscaliza = officers.session("fiscaliza")
    given = call_form(codigo="otra-2026")
    made = fiscaliza.post(reverse("calls_new"), given)
    assert made["Location"] == reverse("calls_call", args=["OTRA-2026"])
    assert "En preparación" in seen(fiscaliza, reverse("calls_desk"))
    assert Client().get(reverse("call_public", args=["OTRA-2026"])).status_code == 404
    assert fiscaliza.post(reverse("calls_new"), given).status_code == 422


def test_what_waits_for_a_second_person_is_in_the_list_of_all_that_does(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
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
    call_desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = call_desk
    at("2026-03-13 09:00:00")
    prensa = officers.session("prensa")
    [place] = re.findall(r'<option value="(\d+)">Invitación', seen(prensa, of(theatre, "calls_notice")))
    given = {"acto": place, "como": "Correo electrónico", "dia": "2026-03-14", "constancia": "Acuse 17"}
    ahead = prensa.post(of(theatre, "calls_notice"), given)
    assert (ahead.status_code, "a hoy" in ahead.content.decode()) == (422, True)
    given["dia"] = "2026-03-13"
    assert officers.session("prensa").post(of(theatre, "calls_notice"), given).status_code == 302
    page = seen(officers.session("vera"), of(theatre, "calls_application"))
    assert "Invitación DEMO 000001 de 2026, 2026-03-13: Correo electrónico, Acuse 17" in page
    changed = {"codigo": "T-05", "componente": "tecnico", "texto": "Otro", "norma": "Anexo", "prueba": "document"}
    fiscaliza = officers.session("fiscaliza")
    frozen = fiscaliza.post(reverse("calls_requirement", args=[CODE]), changed)
    assert (frozen.status_code, "ya abrió" in frozen.content.decode()) == (422, True)
    at("2026-02-18 09:00:00")
    fiscaliza.post(reverse("calls_new"), call_form(codigo="OTRA"))
    assert fiscaliza.post(reverse("calls_requirement", args=["OTRA"]), changed).status_code == 302
    drop = fiscaliza.post(reverse("calls_requirement", args=["OTRA"]), {"codigo": "T-04", "decision": "drop"})
    assert (drop.status_code, "T-04" in seen(fiscaliza, reverse("calls_requirement", args=["OTRA"]))) == (302, False)


def test_questions_wait_apart_until_they_are_answered_or_dropped(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
    at("2026-03-10 09:00:00")
    before, prensa = theatre.state.last, officers.session("prensa")
    for text in ("¿Sirve un RUT de 2025?", "Soy Rita y mi cédula es 71600700"):
        Client().post(reverse("call_ask", args=[CODE]), {"pregunta": text})
    assert theatre.state.last == before  # nada de un desconocido entra en la historia
    page = seen(prensa, reverse("calls_call", args=[CODE]))
    first, second = re.findall(r"/preguntas/([0-9a-f-]{36})/", page)
    url = reverse("calls_answer_question", args=[CODE, second])
    dropped = {"texto": "Trae datos personales.", "decision": "drop"}
    assert prensa.post(url, dropped).status_code == 302
    assert prensa.post(url, dropped).status_code == 404
    given = {"texto": "Sí."}
    assert prensa.post(reverse("calls_answer_question", args=[CODE, first]), given).status_code == 302
    history = json.dumps(exported(theatre.call, now=theatre.now)["events"], ensure_ascii=False)
    assert "¿Sirve un RUT de 2025?" in history
    assert "71600700" not in history
    assert waiting_questions(theatre.call) == []


def test_an_appeal_is_decided_by_its_own_address_with_its_text_in_sight(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = call_desk
    theatre.at("2026-03-13 09:00:00").declare_all().judge("Andina", {"J-04": "fails"})
    for hour, kind in (("2026-03-17", "preliminary"), ("2026-03-26", "answers"), ("2026-05-05", "results"),
                       ("2026-05-14", "stage_results")):  # fmt: skip
        theatre.at(f"{hour} 09:00:00").publish(kind)
    owner, firm, now = theatre.owner("Andina"), theatre.firms["Andina"], theatre.now
    applicants.appeal(theatre.call, firm, "La declaración está en el folio 4.", owner=owner, now=now)
    with pytest.raises(CallRefused, match="Ya tiene un recurso por decidir"):
        applicants.appeal(theatre.call, firm, "Otra vez.", owner=owner, now=now)
    at("2026-05-15 09:00:00")
    legal, firma = officers.session("legal"), officers.session("firma")
    [link] = re.findall(r'href="([^"]+/recursos/[^"]+)"', seen(legal, of(theatre, "calls_application")))
    assert "La declaración está en el folio 4." in seen(legal, link)
    assert legal.get(of(theatre, "calls_act", "appeal")).status_code == 404
    given = {"numero": "Auto 9", "motivo": "Está en el folio 4.", "norma": "CPACA", "concede": "yes"}
    assert legal.post(link, given).status_code == 302
    page = seen(firma, of(theatre, "calls_settle"))
    for told in ("La declaración está en el folio 4.", "Se concede", "Auto 9", "CPACA"):
        assert told in page, told
    sent = {"decision": "approve", "visto": read(page), "cargo": "Gerencia de Seguimiento", "encargado": "on"}
    assert firma.post(of(theatre, "calls_settle"), sent).status_code == 302
    assert theatre.of("Andina").state == "elegible"
    client = session_of(User.objects.get(email="andina@demo.invalid"))
    [own] = re.findall(r'href="([^"]+/actos/\d+/pdf)"', seen(client, reverse("call_mine", args=[CODE])))
    text = text_of(client.get(own).content)
    for told in ("Decisión del recurso: Auto 9", "Andina (ficticia) SAS, NIT 900500001", "CPACA", "Contra No elegible",
                 "La declaración está en el folio 4.", "Se concede", "Gerencia de Seguimiento (E)"):  # fmt: skip
        assert told in text, (told, text)
    [link] = re.findall(r'href="([^"]+/actos/\d+/pdf)"', seen(legal, of(theatre, "calls_application")))
    assert text_of(legal.get(link).content) == text
    assert legal.get(of(theatre, "calls_own_act", 1)).status_code == 404
    assert session_of(User.objects.get(email="boreal@demo.invalid")).get(own).status_code == 404


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"hasta_4": "2026-02-17", "desde_4": "2026-02-17"}, "La actividad 4 ya habría cerrado"),
        ({"desde_8": "2026-04-28"}, "La actividad 8 terminaría antes de empezar"),
        ({"hasta_9": "2026-04-24", "desde_9": "2026-04-24"}, "La actividad 9 terminaría antes que la anterior"),
        ({"desde_8": "2026-04-03"}, "2026-04-03 no es día hábil"),
        ({"preguntas": "2026-02-17"}, "preguntas ya se habrían cerrado"),
        ({"fecha": "2026-02-18"}, "rige desde el 2026-02-19"),
        ({"liquidity": "0"}, "límites mayores que cero"),
        ({"intentos_1": "0"}, "mayor o igual a 1"),
    ],
)
def test_a_call_of_its_own_has_days_to_come_and_terms_that_can_be(
    call_desk: tuple[Theatre, Officers], changes: dict[str, str], told: str
) -> None:
    at("2026-02-18 09:00:00")
    answer = call_desk[1].session("fiscaliza").post(reverse("calls_new"), call_form(codigo="OTRA", **changes))
    assert (answer.status_code, told in answer.content.decode()) == (422, True), answer.content.decode()[-3000:]


def test_what_is_signed_is_the_whole_call_and_what_was_corrected_meanwhile_is_not_signed(
    call_desk: tuple[Theatre, Officers],
) -> None:
    officers = call_desk[1]
    at("2026-02-18 09:00:00")
    fiscaliza, prensa, firma = (officers.session(name) for name in ("fiscaliza", "prensa", "firma"))
    fiscaliza.post(reverse("calls_new"), call_form(codigo="OTRA"))
    revise, sign = reverse("calls_revise", args=["OTRA"]), reverse("calls_sign", args=["OTRA"])
    assert 'value="2026-03-12"' in seen(fiscaliza, revise)
    at("2026-02-19 08:00:00")
    prensa.post(reverse("calls_prepare", args=["OTRA"]), {"acto": "invitation", "numero": "DEMO 2", "nota": ""})
    page = seen(firma, sign)
    for told in ("Resolución DEMO 2, 2026-02-19", "Ley 2250 de 2022; Resolución ANM", "1: 4; 2: 1", "2026-03-29",
                 "T-04", "2026-04-13 – 2026-04-27"):  # fmt: skip
        assert told in page, told
    assert fiscaliza.post(revise, call_form(hasta_8="2026-04-24")).status_code == 302
    assert "Algo cambió desde que se preparó" in seen(firma, sign)
    given = {"cargo": "Vicepresidencia", "decision": "sign", "visto": read(page)}
    assert firma.post(sign, given).status_code == 422
    firma.post(sign, {"cargo": "Vicepresidencia", "decision": "return", "motivo": "Cambió.", "visto": read(page)})
    prensa.post(reverse("calls_prepare", args=["OTRA"]), {"acto": "invitation", "numero": "DEMO 2", "nota": ""})
    assert firma.post(sign, {**given, "visto": read(seen(firma, sign))}).status_code == 302
    assert "2026-04-13 – 2026-04-24" in Client().get(reverse("call_public", args=["OTRA"])).content.decode()
    frozen = fiscaliza.post(revise, call_form())
    assert (frozen.status_code, "ya abrió" in frozen.content.decode()) == (422, True)
