"""The call's pages: what anybody reads, an applicant's way from account to receipt, what is nobody else's to open."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from tests.calls.papers import pdf
from tests.calls.theatre import FIGURES, Theatre, bogota, check_of
from tests.conftest import FreshDatabase
from tests.hub.officers import Officers
from tests.site.conftest import enrol, session_of
from veta.calls.domain.record import documents_of
from veta.calls.queries import history, waiting_questions
from veta.calls.services.applicants import withdraw
from veta.calls.services.clock import set_clock
from veta.calls.services.questions import answer
from veta.conformance.catalogue import every_scenario
from veta.hub.calls.public import QUESTIONS_A_DAY
from veta.hub.tasks import invite_applicant
from veta.operators.services.limits import DEFAULT, Limits, limits
from veta.site.models import User
from veta.site.roles import Role
from veta.site.services import create_account

CODE = "DEMO-OTTM-2026"
REGISTER = {
    "empresa": "Nueva (ficticia) SAS", "nit": "900500020", "digito": check_of("900500020"),
    "representante": "Nadie Ficticia", "documento": "71600700", "correo": "nadie@demo.invalid",
    "telefono": "3000000000",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "retry_after", lambda *_: 0)


@pytest.fixture(scope="module")
def evaluated(module_database: FreshDatabase) -> Theatre:
    """A call after its preliminary list: one meets, one has to cure, one withdrew before it."""
    with psycopg.connect(module_database.dsn, user="veta_owner") as owner:
        owner.execute("INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'prueba')")
    with transaction.atomic():
        made = Theatre.opened().at("2026-02-20 08:00:00")
        made.owners["Boreal"] = str(applicant("boreal")[1].id)
        for name, nit in (("Andina", "900500001"), ("Boreal", "900500002"), ("Faro", "900500006")):
            made.enter(name, nit)
        withdraw(made.call, made.firms["Faro"], reason="x", owner="cuenta-Faro", now=made.now)
        made.at("2026-03-13 09:00:00").declare_all()
        made.judge("Andina").judge("Boreal", {"T-01": "cure"})
        made.at("2026-03-17 09:00:00").publish("preliminary")
        return made


@pytest.fixture
def theatre(evaluated: Theatre) -> Iterator[Theatre]:
    with transaction.atomic():
        yield Theatre(evaluated.call, evaluated.now, dict(evaluated.firms), evaluated.owners)
        transaction.set_rollback(True)


def at(text: str) -> None:
    set_clock(bogota(text), by="prueba")


def applicant(name: str = "solicita") -> tuple[Client, User]:
    user = create_account(email=f"{name}@demo.invalid", name=f"{name} Demo", created_by=None)
    enrol(user)
    return session_of(user), user


def page(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=[CODE, *args]))
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def upload(client: Client, item: str, name: str, content: bytes, *more: bytes) -> Any:
    files = [SimpleUploadedFile(name, content, content_type="application/pdf"),
             *(SimpleUploadedFile(f"{n} {name}", each) for n, each in enumerate(more))]  # fmt: skip
    return client.post(reverse("call_item", args=[CODE, item]), {"archivo": files})


def test_the_public_page_needs_no_script_and_names_nobody_before_the_list(theatre: Theatre) -> None:
    at("2026-03-17 10:00:00")
    text = page(Client(), "call_public")
    assert "<script" not in text
    assert "Pruebas técnicas de los OTTM elegibles (Ronda 2)" in text
    assert "Andina (ficticia) SAS" in text
    assert "Faro (ficticia)" not in text
    assert "sin verificar" in text
    assert str(theatre.firms["Andina"]) not in text
    made = json.loads(Client().get(reverse("call_json", args=[CODE])).content)
    assert [each["order"] for each in made["timetable"]] == list(range(1, 17))
    kinds = {each["code"]: (each["proof"], each["curable"]) for each in made["requirements"]}
    assert (kinds["F-02"], kinds["J-04"]) == (("figures", True), ("document", False))
    for told in ("Cómo se prueba", "Cifras de los estados financieros", "Se puede subsanar"):
        assert told in text, told
    assert [act["kind"] for act in made["acts"]] == ["invitation", "preliminary"]
    assert Client().get(reverse("call_public", args=["NO-EXISTE"])).status_code == 404
    assert CODE in Client().get(reverse("call_list")).content.decode()


def test_an_act_is_a_paper_with_its_roles_and_an_annex_of_every_requirement(theatre: Theatre) -> None:
    place = theatre.state.published[-1].place
    paper = Client().get(reverse("call_act", args=[CODE, place]))
    words = "".join(each.extract_text() for each in PdfReader(io.BytesIO(paper.content)).pages)
    for told in (
        "DEMO-preliminary", "Andina (ficticia) SAS", "Por subsanar", "Control y Seguridad Minera (E)", "Proyectó",
        "17 de marzo de 2026",
    ):  # fmt: skip
        assert told in words, told
    book = CalamineWorkbook.from_filelike(io.BytesIO(Client().get(reverse("call_annex", args=[CODE, place])).content))
    rows = book.get_sheet_by_name("Requisitos").to_python()
    assert len(rows) == 1 + 2 * len(theatre.state.requirements)
    assert ["Boreal (ficticia) SAS", "900500002", "T-01", "Por subsanar", "Motivo de T-01"] in [row[:5] for row in rows]
    assert Client().get(reverse("call_act", args=[CODE, 99999])).status_code == 404


def test_questions_are_public_with_their_answer_until_that_sunday(theatre: Theatre) -> None:
    ask = reverse("call_ask", args=[CODE])
    at("2026-03-29 23:59:58")
    assert Client().post(ask, {"pregunta": "¿Sirve un RUT de 2025?"}).status_code == 302
    assert "¿Sirve un RUT de 2025?" not in page(Client(), "call_public")
    [question] = waiting_questions(theatre.call)
    answer(theatre.call, question.id, "Sí, si está vigente.", by="prensa@demo.invalid", now=theatre.now)
    assert "Sí, si está vigente." in page(Client(), "call_public")
    at("2026-03-30 00:00:00")
    late = Client().post(ask, {"pregunta": "¿Y ahora?"})
    assert (late.status_code, "hasta el 2026-03-29" in late.content.decode()) == (422, True)


def test_who_applies_makes_an_account_and_nobody_learns_who_has_one(theatre: Theatre, mailoutbox: list[Any]) -> None:
    at("2026-03-10 09:00:00")
    address, given = reverse("call_account", args=[CODE]), {"nombre": "Rita", "correo": "Nueva@demo.invalid"}
    answers, asked = [], []
    page(Client(), "call_public")  # the process has read the history
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            answers.append(Client().post(address, given, follow=True).content.decode())
        asked.append([query["sql"].split(" ")[0] for query in queries])
        _work()
    assert [mail.to for mail in mailoutbox] == [["nueva@demo.invalid"]]
    told = [re.search(r'role="status">([^<]+)<', answer) for answer in answers]
    assert told[0] is not None
    assert told[1] is not None
    assert told[0][1] == told[1][1]
    assert asked[0] == asked[1]  # the same work for who has an account as for who has none


def _work() -> None:
    """What the worker does of the accounts that were asked for."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE '%%invite_applicant' RETURNING args")
        for (given,) in cursor.fetchall():
            invite_applicant(**(json.loads(given) if isinstance(given, str) else given))


def test_strangers_leave_accounts_and_questions_only_in_their_windows_and_few(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, ask = reverse("call_account", args=[CODE]), reverse("call_ask", args=[CODE])
    given, asked = {"nombre": "Rita", "correo": "nueva@demo.invalid"}, {"pregunta": "¿Y ahora?"}
    with connection.cursor() as cursor:
        for hour in ("2026-02-19 23:59:58", "2026-03-13 00:00:00"):
            at(hour)
            assert "El registro no está abierto" in Client().post(account, given, follow=True).content.decode()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%%invite_applicant'")
        assert cursor.fetchone() == (0,)
    monkeypatch.setattr(limits, "retry_after", Limits(DEFAULT).retry_after)
    at("2026-03-10 09:00:00")
    assert [Client().post(account, given).status_code for _ in range(4)] == [302] * 3 + [429]
    assert [Client().post(ask, asked).status_code for _ in range(6)] == [302] * 5 + [429]
    assert Client().get(account).status_code == 200


def test_an_address_leaves_so_many_questions_a_day_and_others_go_on(theatre: Theatre) -> None:
    ask, asked = reverse("call_ask", args=[CODE]), {"pregunta": "¿Y ahora?"}
    at("2026-03-10 09:00:00")
    here, there = Client(REMOTE_ADDR="192.0.2.7"), Client(REMOTE_ADDR="192.0.2.8")
    assert {here.post(ask, asked).status_code for _ in range(QUESTIONS_A_DAY)} == {302}
    refused = here.post(ask, asked)
    assert (refused.status_code, "20 preguntas hoy" in refused.content.decode()) == (422, True)
    in_english = here.post(ask, asked, headers={"accept-language": "en"}).content.decode()
    assert "Your network already sent 20 questions today." in in_english
    assert there.post(ask, asked).status_code == 302
    assert len(waiting_questions(theatre.call)) == QUESTIONS_A_DAY + 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM veta_site_cache WHERE cache_key LIKE '%%192.0.2%%'")
        assert cursor.fetchone() == (0,)
    at("2026-03-11 00:00:00")
    assert here.post(ask, asked).status_code == 302


def test_from_registration_to_the_signed_receipt(theatre: Theatre) -> None:
    at("2026-03-10 09:00:00")
    client, _user = applicant()
    assert client.get(reverse("call_mine", args=[CODE]))["Location"] == reverse("call_register", args=[CODE])
    wrong = client.post(reverse("call_register", args=[CODE]), {**REGISTER, "digito": "0"})
    assert (wrong.status_code, "dígito" in wrong.content.decode()) == (422, True)
    assert client.post(reverse("call_register", args=[CODE]), REGISTER).status_code == 302
    text = page(client, "call_mine")
    assert "Le faltan estos requisitos" in text
    assert "Quedan 2 días hábiles y 14 h" in text or "Quedan 2 días hábiles y 15 h" in text
    for code, requirement in theatre.state.requirements.items():
        if requirement.proof == "figures":
            typed = {name: f"{int(value):,}".replace(",", ".") for name, value in FIGURES.items()}
            assert client.post(reverse("call_item", args=[CODE, code]), typed).status_code == 302
        else:
            assert upload(client, code, f"{code}.pdf", pdf(f"nueva {code}")).status_code == 302
    assert "Liquidez: <strong>3.0000</strong>" in page(client, "call_mine")
    assert client.post(reverse("call_submit", args=[CODE])).status_code == 302
    text = page(client, "call_mine")
    place = re.search(r"/recibos/(\d+)\"", text)
    assert place is not None
    receipt = json.loads(client.get(reverse("call_receipt", args=[CODE, place[1]])).content)
    assert (receipt["kind"], receipt["at_bogota"][:16]) == ("submitted", "2026-03-10 09:00")
    again = client.post(reverse("call_submit", args=[CODE]))
    assert (again.status_code, "Solicitante" in again.content.decode()) == (422, True)


def test_what_comes_late_is_refused_with_the_hour_and_a_receipt(theatre: Theatre) -> None:
    at("2026-03-12 09:00:00")
    client, _user = applicant()
    client.post(reverse("call_register", args=[CODE]), REGISTER)
    upload(client, "T-01", "a.pdf", pdf("a"))
    digest = next(each for each in theatre.state.applications.values() if each.state == "borrador").item("T-01")
    remove = reverse("call_item_remove", args=[CODE, "T-01", digest.documents[0].digest])
    stranger, _other = applicant("tarde")
    register, before = reverse("call_register", args=[CODE]), theatre.state.last
    for n, send in enumerate((
        lambda: client.post(reverse("call_submit", args=[CODE])), lambda: upload(client, "T-02", "b.pdf", pdf("b")),
        lambda: client.post(reverse("call_item", args=[CODE, "F-02"]), FIGURES),
        lambda: client.post(remove, follow=True),
        lambda: stranger.post(register, {**REGISTER, "nit": "900500021", "digito": check_of("900500021")}),
    )):  # fmt: skip
        at(f"2026-03-13 0{n}:00:00")
        late = send()
        text = late.content.decode()
        assert ("Llegó tarde" in text, f"Hora del servidor: 2026-03-13 0{n}:00:0" in text) == (True, True), n
        assert late.status_code == (200 if n == 3 else 422)
        link = re.search(r'href="([^"]+/recibos/\d+)">El recibo es el', text)
        assert link is not None, n
        made = json.loads((stranger if n == 4 else client).get(link[1]).content)
        assert (made["kind"], made["place"]) == ("refused_late", before + 1 + n)
    assert stranger.get(reverse("call_receipt", args=[CODE, before + 1])).status_code == 404
    assert client.get(link[1]).status_code == 404
    assert page(client, "call_mine").count("Rechazado por tarde") == 4
    assert not theatre.of("Andina").item("T-02").documents[1:]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.pdf", b"PK\x03\x04" + b"x" * 50, "no es un PDF"),
        ("<script>alert(1)</script>.pdf", pdf("x"), "nombre del archivo"),
        ("a.pdf", b"%PDF-1.4 sin fin", "no es un PDF"),
        ("a.pdf", b"", "vacío"),
    ],
)
def test_a_document_that_is_none_is_refused_and_nothing_of_it_is_kept(
    theatre: Theatre, name: str, content: bytes, told: str
) -> None:
    at("2026-03-10 09:00:00")
    client, _user = applicant()
    client.post(reverse("call_register", args=[CODE]), REGISTER)
    refused = upload(client, "T-01", name, content)
    text = refused.content.decode()
    assert (refused.status_code, told in text) == (422, True), text
    assert "<script>alert" not in text


def test_a_cure_takes_several_documents_at_once_and_an_observation_its_own(theatre: Theatre) -> None:
    client = session_of(User.objects.get(email="boreal@demo.invalid"))
    observe = reverse("call_observe", args=[CODE])
    at("2026-03-18 09:00:00")
    given = {"texto": "El plan está en el folio 2.", "requisito": "T-01"}
    bad = client.post(observe, {**given, "archivo": SimpleUploadedFile("a.pdf", b"PK nada")})
    assert (bad.status_code, "no es un PDF" in bad.content.decode()) == (422, True)
    files = [SimpleUploadedFile(f"folio {n}.pdf", pdf(f"folio {n}")) for n in range(2)]
    assert client.post(observe, {**given, "archivo": files}).status_code == 302
    [seen] = theatre.of("Boreal").observations
    assert [each.name for each in seen.documents] == ["folio 0.pdf", "folio 1.pdf"]
    assert client.get(reverse("call_document", args=[CODE, seen.documents[1].digest])).content == pdf("folio 1")
    assert {each.digest for each in seen.documents} <= documents_of(history(theatre.call)).keys()
    theatre.answer("Boreal", "No.", upheld=False)
    theatre.at("2026-04-09 09:00:00").request_cures("Boreal")
    at("2026-04-20 09:00:00")
    assert upload(client, "T-01", "a.pdf", pdf("0"), *(pdf(str(n + 1)) for n in range(10))).status_code == 422
    brought = theatre.of("Boreal").brought
    assert upload(client, "T-01", "plan.pdf", pdf("plan"), pdf("anexo"), b"nada").status_code == 422
    assert theatre.of("Boreal").brought == brought
    assert upload(client, "T-01", "plan.pdf", pdf("plan"), pdf("anexo")).status_code == 302
    cure = theatre.of("Boreal").item("T-01").cure
    assert cure is not None
    assert [each.name for each in cure.documents] == ["plan.pdf", "0 plan.pdf"]
    assert theatre.of("Boreal").brought == brought + sum(each.size for each in cure.documents)


def test_sixty_mebibytes_are_refused_before_they_are_kept(theatre: Theatre) -> None:
    at("2026-03-10 09:00:00")
    client, _user = applicant()
    client.post(reverse("call_register", args=[CODE]), REGISTER)
    refused = upload(client, "T-01", "grande.pdf", b"%PDF-1.4" + b" " * (60 * 2**20) + b"%%EOF")
    assert (refused.status_code, "50 MiB" in refused.content.decode()) == (422, True)


def test_nobody_opens_anothers_dossier(theatre: Theatre) -> None:
    at("2026-03-10 09:00:00")
    client, _user = applicant()
    client.post(reverse("call_register", args=[CODE]), REGISTER)
    digest = theatre.of("Andina").item("T-01").documents[0].digest
    assert client.get(reverse("call_document", args=[CODE, digest])).status_code == 404
    place = next(iter(theatre.state.published)).place
    assert client.get(reverse("call_receipt", args=[CODE, place + 20])).status_code == 404
    assert "Andina" not in page(client, "call_mine")
    stranger, _other = applicant("otra")
    assert stranger.get(reverse("call_document", args=[CODE, digest])).status_code == 404
    assert Client().get(reverse("call_mine", args=[CODE])).status_code == 302


def test_ones_own_document_comes_as_a_download_that_runs_nothing(theatre: Theatre) -> None:
    at("2026-03-10 09:00:00")
    client, _user = applicant()
    client.post(reverse("call_register", args=[CODE]), REGISTER)
    upload(client, "T-01", "Plan técnico.pdf", pdf("uno"))
    link = re.search(r'/documentos/([0-9a-f]{64})"', page(client, "call_mine"))
    assert link is not None
    response = client.get(reverse("call_document", args=[CODE, link[1]]))
    assert response.content == pdf("uno")
    assert response["Content-Disposition"] == f'attachment; filename="{link[1][:16]}.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    client.post(reverse("call_item_remove", args=[CODE, "T-01", link[1]]))
    assert link[1] not in page(client, "call_mine")


def test_an_account_of_the_authority_does_not_apply(theatre: Theatre) -> None:
    at("2026-03-10 09:00:00")
    legal = Officers.found().session("legal", Role.LEGAL)
    answer = legal.post(reverse("call_register", args=[CODE]), REGISTER)
    assert "no puede presentar solicitudes" in answer.content.decode()
    assert len(theatre.state.applications) == 3


def test_the_register_of_operators_is_public_and_empty_until_there_is_one(theatre: Theatre) -> None:
    assert "No hay operadores registrados" in Client().get(reverse("call_operators")).content.decode()
    assert json.loads(Client().get(reverse("call_operators"), {"formato": "json"}).content) == {"operators": []}


def test_who_withdrew_registers_again_while_registration_is_open(theatre: Theatre) -> None:
    at("2026-03-10 09:00:00")
    client, _user = applicant()
    assert client.post(reverse("call_register", args=[CODE]), REGISTER).status_code == 302
    assert client.get(reverse("call_register", args=[CODE])).status_code == 302
    client.post(reverse("call_withdraw", args=[CODE]), {"texto": "Me equivoqué de NIT."})
    assert reverse("call_register", args=[CODE]) in page(client, "call_mine")
    assert client.get(reverse("call_register", args=[CODE])).status_code == 200
    assert client.post(reverse("call_register", args=[CODE]), REGISTER).status_code == 302
    assert "En preparación" in page(client, "call_mine")
    assert "Retirada" not in page(client, "call_mine")


def test_an_applicant_reads_the_verdicts_that_were_published_and_not_those_of_the_cures(theatre: Theatre) -> None:
    user = User.objects.get(email="boreal@demo.invalid")
    theatre.at("2026-04-09 09:00:00").request_cures("Boreal")
    theatre.at("2026-03-18 09:00:00").observe("Boreal", "El plan está en el folio 2.", item="T-01")
    theatre.answer("Boreal", "No trae ese folio.", upheld=False)
    at("2026-03-25 09:00:00")
    assert "No trae ese folio." not in page(session_of(user), "call_mine")
    theatre.at("2026-03-26 09:00:00").publish("answers")
    assert "No trae ese folio." in page(session_of(user), "call_mine")
    theatre.at("2026-04-20 09:00:00").cure("Boreal", "T-01")
    theatre.at("2026-04-28 09:00:00").judge("Boreal", {"T-01": "fails"}, only=["T-01"])
    at("2026-05-04 09:00:00")
    before = page(session_of(user), "call_mine")
    assert ("Por subsanar" in before, "No cumple" in before) == (True, False)
    theatre.at("2026-05-05 09:00:00").publish("results")
    at("2026-05-05 10:00:00")
    assert "No cumple" in page(session_of(user), "call_mine")


def test_who_comes_late_again_and_again_gets_one_receipt_an_hour(theatre: Theatre) -> None:
    at("2026-03-12 09:00:00")
    client, _user = applicant()
    client.post(reverse("call_register", args=[CODE]), REGISTER)
    at("2026-03-13 00:00:00")
    before = theatre.state.last
    told = {re.findall(r"El recibo es el (\d+)", client.post(reverse("call_submit", args=[CODE])).content.decode())[0]
            for _ in range(4)}  # fmt: skip
    assert (len(told), theatre.state.last) == (1, before + 1)
    at("2026-03-13 01:00:00")
    client.post(reverse("call_submit", args=[CODE]))
    assert theatre.state.last == before + 2


@pytest.mark.django_db
def test_the_test_format_is_read_by_anybody_whole_in_words_and_by_machine() -> None:
    text = Client().get(reverse("call_format")).content.decode()
    made = json.loads(Client().get(reverse("call_format"), {"formato": "json"}).content)
    assert made["digest"].startswith("sha256:")
    assert made["digest"] in text
    assert len(made["scenarios"]) == len(every_scenario())
    for each in every_scenario():
        assert f'id="{each.id}"' in text
        assert escape(each.tests) in text
    assert "<script" not in text
