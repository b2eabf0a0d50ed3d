"""The hand-over of the services and what follows: credentials opened once, runs with their report, keys by proof."""

from __future__ import annotations

import hashlib
import html
import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.calls.papers import pdf
from tests.calls.theatre import TEAM, Theatre
from tests.conformance.test_report import ABOUT
from tests.hub.calling import CODE, at, eligible, of, read, seen
from tests.hub.officers import Officers
from tests.site.conftest import session_of
from veta.calls.domain.report import said_by
from veta.calls.models import CallCredential
from veta.calls.queries import exported, operator_keys
from veta.calls.services import handover
from veta.conformance.catalogue import every_scenario, suite_digest
from veta.conformance.domain.evidence import Evidence
from veta.conformance.domain.outcome import Outcome
from veta.conformance.domain.report import report_of
from veta.conformance.engine import UNTRIED
from veta.conformance.queries import whole
from veta.operators.domain.keys import possession_statement
from veta.operators.queries import operators_now
from veta.operators.services.enrolment import enrol, record_status
from veta.operators.services.limits import limits
from veta.site.models import User
from veta.site.roles import Role


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "retry_after", lambda *_: 0)


def test_services_are_handed_over_as_documents_and_their_credentials_open_once(
    call_desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = eligible(call_desk[0]), call_desk[1]
    at("2026-05-15 09:00:00")
    first, firm = officers.session("it1"), session_of(User.objects.get(email="andina@demo.invalid"))
    receive, open_ = reverse("call_receive", args=[CODE]), reverse("call_credentials", args=[CODE])
    given = {"version": "1.0", "credenciales": "https://pruebas.invalid usuario andina clave Zafiro-44"}
    without = first.post(of(theatre, "calls_deliver"), given)
    assert (without.status_code, "Faltan los documentos" in without.content.decode()) == (422, True)
    services = reverse("calls_services", args=[CODE])
    for name, content in (("Servicios.pdf", pdf("servicios")), ("openapi.json", b'{"openapi": "3.1.0"}')):
        file = SimpleUploadedFile(name, content)
        assert first.post(services, {"archivo": file, "decision": "add"}).status_code == 302
    bad = first.post(services, {"archivo": SimpleUploadedFile("a.json", b"[1]"), "decision": "add"})
    assert (bad.status_code, "no es un PDF o JSON" in bad.content.decode()) == (422, True)
    assert first.post(of(theatre, "calls_deliver"), given).status_code == 302
    page = seen(firm, receive)
    links = re.findall(r'href="([^"]+/documentos/[0-9a-f]{64})"', page)
    assert [firm.get(link).content for link in links] == [pdf("servicios"), b'{"openapi": "3.1.0"}']
    early = firm.post(receive)
    assert (early.status_code, "Abra primero las credenciales" in early.content.decode()) == (422, True)
    assert "Zafiro-44" not in seen(firm, open_)
    shown = firm.post(open_)
    assert ("Zafiro-44" in shown.content.decode(), shown["Cache-Control"]) == (True, "no-store")
    again = firm.post(open_)
    assert (again.status_code, "Zafiro-44" in again.content.decode()) == (422, False)
    salt = re.search(r'<dd class="code">([0-9a-f]{32})<', shown.content.decode())
    assert salt is not None
    digest = hashlib.sha256(f"{salt[1]}\n{given['credenciales']}".encode()).hexdigest()
    assert firm.post(receive).status_code == 302
    place = re.search(r"/recibos/(\d+)\">Servicios recibidos", seen(firm, reverse("call_mine", args=[CODE])))
    assert place is not None
    history = exported(theatre.call, now=theatre.now)
    said = next(each for each in history["events"] if each["place"] == int(place[1]))
    assert (said["kind"], said["data"]["digest"], len(said["data"]["documents"])) == ("services_received", digest, 2)
    assert "Zafiro-44" not in json.dumps(history)
    assert CallCredential.objects.count() == 0
    assert theatre.of("Andina").state == "con_servicios"


# A run of the whole format by a person's hands alone: of what needs an automatic port, one was not tried.
WHOLE = [
    Outcome(each, ABOUT.began_at, 100.0, 1.0, (), Evidence(), untried=UNTRIED if each.id == "rendimiento-03" else "")
    for each in every_scenario()
]


def test_a_report_of_a_part_is_recorded_as_not_passed_alone_and_says_so(
    call_desk: tuple[Theatre, Officers],
) -> None:
    theatre = eligible(call_desk[0])
    theatre.at("2026-05-19 09:00:00").hand_over("Andina")
    part = report_of(replace(ABOUT, round=1, suite=suite_digest()), WHOLE[:60])
    handover.record_attempt(
        theatre.call, theatre.firms["Andina"], round=1, passed=False, present="Gerencia", whole=whole(),
        report=("reporte.json", json.dumps(part).encode()), by=TEAM["tecnico"][0],
        now=theatre.at("2026-05-20 09:00:00").now,
    )  # fmt: skip
    waiting = theatre.of("Andina").pending_attempt
    assert waiting is not None
    assert (waiting.passed, waiting.said) == (False, f"60 de 60 (60 de {len(WHOLE)}: incompleto)")


def test_what_hands_can_do_is_not_left_untried() -> None:
    def lacks(id: str) -> str:
        made = [replace(each, untried=UNTRIED if each.scenario.id == id else "") for each in WHOLE]
        said = said_by(json.dumps(report_of(replace(ABOUT, suite=suite_digest()), made)).encode())
        assert said is not None
        return whole().lacks(said)

    assert lacks("rendimiento-03") == ""
    assert "no necesita puerto automático" in lacks("captura-01")


def test_a_run_is_recorded_with_its_report_by_two_and_who_was_there(call_desk: tuple[Theatre, Officers]) -> None:
    theatre, officers = eligible(call_desk[0]), call_desk[1]
    theatre.at("2026-05-19 09:00:00").hand_over("Andina")
    at("2026-05-20 09:00:00")
    first, second = officers.session("it1"), officers.session("it2")
    suite = report_of(replace(ABOUT, round=1, suite=suite_digest()), WHOLE)
    part = report_of(replace(ABOUT, round=1, suite=suite_digest()), WHOLE[:60])
    other = {**suite, "suite": "sha256:00"}
    said = f"{len(WHOLE) - 1} de {len(WHOLE) - 1}; 1 sin probar"
    report = json.dumps(suite).encode()
    url, given = of(theatre, "calls_attempt"), {"ronda": "1", "supera": "yes", "presentes": "Gerencia técnica"}

    def sent(content: bytes, **changes: str) -> Any:
        return first.post(url, {**given, **changes, "reporte": SimpleUploadedFile("reporte.json", content)})

    for answer, told in (
        (sent(b"%PDF-1.4 %%EOF"), "no es un JSON"), (sent(report, presentes=""), "quién estuvo por la empresa"),
        (sent(report, ronda="2"), "No se puede superar la ronda 2"),
        (sent(json.dumps({**suite, "round": 0}).encode()), "es de una autoprueba"),
        (sent(json.dumps(part).encode()), f"60 de {len(WHOLE)}: incompleto. Córralo entero"),
        (sent(json.dumps(other).encode()), "es de otra versión del formato"),
        (sent(json.dumps({**suite, "candidate": ""}).encode()), "no dice de qué sistema"),
        (sent(json.dumps({**suite, "passed": 4}).encode()), "no son las de sus escenarios"),
    ):  # fmt: skip
        assert (answer.status_code, told in answer.content.decode()) == (422, True), told
    assert sent(report).status_code == 302
    digest = hashlib.sha256(report).hexdigest()
    assert digest in seen(second, url)
    assert "Gerencia técnica" in seen(second, url)
    assert said in seen(second, url)
    found = re.search(r'name="visto" value="([^"]+)"', second.get(url).content.decode())
    assert found is not None
    read = {"decision": "confirm", "texto": "", "visto": html.unescape(found[1])}
    assert first.post(url, read).status_code == 422
    assert second.post(url, {**read, "visto": "2026-05-20T08:00:00-05:00"}).status_code == 422, "another run than this"
    assert second.post(url, read).status_code == 302
    vera = officers.session("vera")
    assert vera.get(of(theatre, "calls_document", digest)).content == report
    firm = session_of(User.objects.get(email="andina@demo.invalid"))
    assert firm.get(reverse("call_document", args=[CODE, digest])).content == report
    assert theatre.of("Andina").state == "ronda_1_superada"
    at("2026-06-22 09:00:00")
    assert "Ese reporte ya es de otro intento" in sent(report, ronda="2").content.decode()


def test_a_firm_that_is_an_operator_hands_in_its_key_and_two_officers_approve_it(
    call_desk: tuple[Theatre, Officers],
) -> None:
    theatre, officers = eligible(call_desk[0]), call_desk[1]
    theatre.hand_over("Andina")
    theatre.at("2026-05-20 09:00:00").test("Andina", 1, passed=True)
    theatre.at("2026-06-22 09:00:00").test("Andina", 2, passed=True)
    theatre.at("2026-08-04 09:00:00").publish("official")
    at("2026-08-05 09:00:00")
    legal, firma = officers.session("legal"), officers.session("firma")
    firm, keys = session_of(User.objects.get(email="andina@demo.invalid")), reverse("call_keys", args=[CODE])
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    proof = private.sign(possession_statement("DEMO-AND", raw))
    handed = {"uso": "signing", "llave": b64encode(raw).decode(), "prueba": b64encode(proof).decode()}
    assert "cuando la empresa ya es operador" in firm.post(keys, handed).content.decode()
    operator = of(theatre, "calls_act", "operator")
    assert 'value="2031-08-05"' in seen(legal, operator)  # cinco años, desde mañana
    given = {"numero": "Res. 1", "motivo": "Superó las rondas", "norma": "Res. 759", "codigo": "DEMO-AND",
             "desde": "2026-08-05", "hasta": "2031-08-05", "condiciones": "Reporta cada mes."}  # fmt: skip
    longer = legal.post(operator, given)
    assert (longer.status_code, "llega hasta el 2031-08-04" in longer.content.decode()) == (422, True)
    assert legal.post(operator, {**given, "hasta": "2031-08-04"}).status_code == 302
    page = seen(firma, of(theatre, "calls_settle"))
    for told in ("DEMO-AND", "2026-08-05 – 2031-08-04", "Reporta cada mes."):
        assert told in page, told
    assert firma.post(of(theatre, "calls_settle"), {"decision": "approve", "visto": read(page)}).status_code == 302
    assert "Reporta cada mes." in seen(firm, reverse("call_mine", args=[CODE]))
    forged = firm.post(keys, {**handed, "prueba": b64encode(private.sign(b"otro")).decode()})
    assert (forged.status_code, "prueba de posesión" in forged.content.decode()) == (422, True)
    assert firm.post(keys, handed).status_code == 302
    [key] = operator_keys("DEMO-AND")
    assert (key.active_from, key.lacks_approval) == (None, True)
    for name in ("op1", "op2"):
        assert key.lacks_approval
        officers.session(name, Role.SIGNER)
        officer = officers.session(name)
        assert officer.post(reverse("desk_key_approve", args=[key.id])).status_code == 302
        [key] = operator_keys("DEMO-AND")
    assert key.active_from is not None
    assert "Llave recibida" in seen(firm, reverse("call_mine", args=[CODE]))
    rows = json.loads(Client().get(reverse("call_operators"), {"formato": "json"}).content)["operators"]
    assert [(row["code"], row["since"], row["until"], row["state"]) for row in rows] == [
        ("DEMO-AND", "2026-08-05", "2031-08-04", "habilitado")
    ]
    _registered(theatre, legal, firma)
    ended = legal.post(of(theatre, "calls_act", "expire"), {"numero": "Res. 2", "motivo": "Fin", "norma": "Res. 759"})
    assert (ended.status_code, "rige hasta el 2031-08-04" in ended.content.decode()) == (422, True)
    at("2031-08-05 00:00:00")
    rows = json.loads(Client().get(reverse("call_operators"), {"formato": "json"}).content)["operators"]
    assert rows[0]["state"] == "vencido"  # su último día pasó, aunque falte el acto
    assert "Terminó su vigencia: falta el acto" in seen(legal, reverse("calls_call", args=[CODE]))
    _over(theatre, legal, firma, "expire", "Res. 2")
    assert theatre.of("Andina").state == "vencido"


def _over(theatre: Theatre, legal: Client, firma: Client, act: str, number: str) -> None:
    """An act over Andina, proposed by one and decided by another."""
    given = {"numero": number, "motivo": "Fin", "norma": "Res. 759"}
    assert legal.post(of(theatre, "calls_act", act), given).status_code == 302
    sent = {"decision": "approve", "visto": read(seen(firma, of(theatre, "calls_settle")))}
    assert firma.post(of(theatre, "calls_settle"), sent).status_code == 302


def _registered(theatre: Theatre, legal: Client, firma: Client) -> None:
    """The register holds every operator as the hub has it, and one person does not undo what two decided."""
    enrol(code="DEMO-MESA", name="De la mesa (ficticia)", enabled_on=date(2026, 9, 1), act="Res. 9", officer="x@x.co")
    desk = enrol(
        code="DEMO-FUERA", name="Fuera (ficticia)", enabled_on=date(2026, 9, 1), act="Res. 9", officer="x@x.co"
    )
    record_status(operator=desk.id, status="ended", enabled_on=date(2026, 10, 2), act="Res. 10", officer="x@x.co")
    at("2026-10-05 09:00:00")
    _over(theatre, legal, firma, "suspend", "Res. 11")
    mine = next(each.id for each in operators_now() if each.code == "DEMO-AND")
    status = {"estado": "active", "desde": "2026-10-06", "acto": "Res. 12"}
    alone = firma.post(reverse("desk_operator_status", args=[mine]), status)
    assert (alone.status_code, "Dos personas cambiaron su habilitación" in alone.content.decode()) == (422, True)
    rows = json.loads(Client().get(reverse("call_operators"), {"formato": "json"}).content)["operators"]
    assert [(row["code"], row["since"], row["state"], row["status"], row["status_since"]) for row in rows] == [
        ("DEMO-AND", "2026-08-05", "suspendido", "suspended", "2026-10-05"),
        ("DEMO-MESA", "2026-09-01", "active", "active", "2026-09-01"),
        ("DEMO-FUERA", "2026-09-01", "ended", "ended", "2026-10-02"),
    ]  # fmt: skip
    page = seen(Client(), reverse("call_operators"))
    for told in ("Reporta cada mes.; Suspender la habilitación: Res. 11, 2026-10-05", "Terminado", "2026-10-02"):
        assert told in page, told
    _over(theatre, legal, firma, "lift", "Res. 13")
    assert firma.post(reverse("desk_operator_status", args=[mine]), {**status, "estado": "ended"}).status_code == 302
    rows = json.loads(Client().get(reverse("call_operators"), {"formato": "json"}).content)["operators"]
    assert (rows[0]["state"], rows[0]["act"], rows[0]["status_since"]) == ("ended", "Res. 12", "2026-10-06")
    assert firma.post(reverse("desk_operator_status", args=[mine]), status).status_code == 302
