"""The circular's call from start to end with twelve fictitious firms: each list checked name by name, then replayed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from python_calamine import CalamineWorkbook

from tests.calls.papers import text_of
from tests.calls.theatre import DRAFTER, FIGURES, TEAM, WEAK, Theatre, bogota
from tests.conftest import FreshDatabase
from veta.calls.domain.commands import evaluator
from veta.calls.domain.fold import fold
from veta.calls.domain.record import check_archive, documents_of, read
from veta.calls.domain.refusals import CallRefused
from veta.calls.queries import document_bytes, exported, history, public_call, receipts_of, replay
from veta.calls.services import applicants, enablement, questions
from veta.calls.services.archive import write_archive
from veta.calls.services.mail import send, send_due
from veta.calls.services.receipts import ArrivedLate
from veta.hub.calls.paper import act_paper, act_workbook
from veta.hub.calls.shown import terms_of
from veta.hub.tasks import post_mail
from veta.operators.domain.keys import possession_statement
from veta.operators.queries import key_states, operators_now
from veta.operators.services.keys import approve_key, record_key

NITS = {
    "Andina": "900500001", "Boreal": "900500002", "Cumbre": "900500003", "Delta": "900500004", "Estero": "900500005",
    "Faro": "900500006", "Galeon": "900500007", "Horizonte": "900500008", "Istmo": "900500009", "Jade": "900500010",
    "Kaolin": "900500011", "Lava": "900500012",
}  # fmt: skip
PRELIMINARY = {
    "Andina": "meets", "Boreal": "cure", "Cumbre": "fails", "Delta": "cure", "Estero": "cure", "Faro": "meets",
    "Galeon": "fails", "Horizonte": "fails", "Istmo": "meets", "Jade": "meets", "Lava": "fails",
}  # fmt: skip
RESULTS = {
    "Andina": "meets", "Boreal": "meets", "Cumbre": "fails", "Delta": "fails", "Estero": "fails", "Galeon": "meets",
    "Horizonte": "fails", "Istmo": "meets", "Jade": "meets", "Lava": "fails",
}  # fmt: skip
STAGE = {
    "Andina": "eligible", "Boreal": "eligible", "Cumbre": "ineligible", "Delta": "ineligible", "Estero": "ineligible",
    "Galeon": "eligible", "Horizonte": "ineligible", "Istmo": "eligible", "Jade": "eligible", "Lava": "eligible",
}  # fmt: skip
OFFICIAL = {"Andina": "enabled", "Boreal": "enabled", "Lava": "enabled", "Galeon": "not_enabled", "Jade": "not_enabled"}
STATES = {
    "Andina": "habilitado", "Boreal": "habilitado", "Cumbre": "no_elegible", "Delta": "no_elegible",
    "Estero": "no_elegible", "Faro": "retirada", "Galeon": "no_habilitado", "Horizonte": "no_elegible",
    "Istmo": "no_habilitado", "Jade": "no_habilitado", "Kaolin": "no_presentada", "Lava": "habilitado",
}  # fmt: skip


@pytest.fixture(scope="module")
def played(module_database: FreshDatabase) -> Theatre:
    """The whole call; what each moment should refuse is checked on the way."""
    with transaction.atomic():  # nine hundred events, and one wait for the disk
        theatre = Theatre.opened()
        for part in (_registration, _review, _cures, _stage, _tests):
            part(theatre)
    return theatre


def _registration(theatre: Theatre) -> None:
    with pytest.raises(CallRefused, match="empieza el 2026-02-20"):
        theatre.at("2026-02-19 23:59:59.9").register("Andina", NITS["Andina"])
    theatre.at("2026-02-20 00:00:00.0")
    for name in ("Andina", "Boreal", "Cumbre", "Delta", "Estero", "Faro", "Horizonte", "Istmo", "Jade", "Lava"):
        theatre.enter(name, NITS[name])
    theatre.at("2026-03-12 10:00:00").enter("Galeon", NITS["Galeon"], figures=WEAK)
    theatre.register("Kaolin", NITS["Kaolin"])
    theatre.fill("Kaolin", without=["T-04"])
    with pytest.raises(CallRefused, match="Faltan estos requisitos: T-04"):
        theatre.submit("Kaolin")
    theatre.at("2026-03-12 23:59:59.9").fill("Kaolin", without=[c for c in theatre.state.requirements if c != "T-04"])
    with pytest.raises(ArrivedLate, match=r"Hora del servidor: 2026-03-13 00:00:00\.000-05:00") as late:
        theatre.at("2026-03-13 00:00:00.0").submit("Kaolin")
    assert late.value.receipt.body["kind"] == "refused_late"


def _review(theatre: Theatre) -> None:
    theatre.at("2026-03-13 08:00:00")
    assert enablement.lapse_drafts(theatre.call, now=theatre.now) == 1
    theatre.declare_all()
    verdicts: dict[str, dict[str, str]] = {
        "Boreal": {"J-01": "cure"}, "Cumbre": {"J-04": "fails"}, "Delta": {"T-01": "cure", "T-02": "cure"},
        "Estero": {"F-03": "cure"}, "Galeon": {"F-02": "fails"}, "Horizonte": {"T-04": "fails"},
        "Lava": {"T-03": "fails"},
    }  # fmt: skip
    for name in NITS:
        if name != "Kaolin":
            theatre.judge(name, verdicts.get(name))
    with pytest.raises(CallRefused, match="empieza el 2026-03-17"):
        theatre.prepare("preliminary")
    theatre.at("2026-03-17 10:00:00").publish("preliminary")
    theatre.at("2026-03-20 23:59:59.9").observe(
        "Galeon", "El pasivo corriente incluía deuda de largo plazo.", item="F-02"
    )
    theatre.observe("Horizonte", "La experiencia sí se acreditó.", item="T-04")
    with pytest.raises(ArrivedLate):
        theatre.at("2026-03-21 00:00:00.0").observe("Cumbre", "Tarde.")
    theatre.at("2026-03-24 09:00:00").answer("Galeon", "Se acoge: se recalcula.", upheld=True)
    with pytest.raises(CallRefused, match="Horizonte"):
        theatre.at("2026-03-26 09:00:00").prepare("answers")
    theatre.answer("Horizonte", "No se acoge: faltan las certificaciones.", upheld=False)
    theatre.publish("answers")
    theatre.judge("Galeon", only=["F-02"])
    theatre.at("2026-03-26 12:00:00")
    applicants.withdraw(
        theatre.call, theatre.firms["Faro"], reason="No seguimos.", owner="cuenta-Faro", now=theatre.now
    )


def _cures(theatre: Theatre) -> None:
    theatre.at("2026-04-10 23:59:59.9").request_cures("Boreal")
    theatre.request_cures("Delta")
    with pytest.raises(CallRefused, match="ya cerró"):
        theatre.at("2026-04-11 00:00:00.0").prepare(
            "addendum", data={"windows": {"7": ["", "2026-04-13"]}, "date": "2026-04-11", "reason": "x"}
        )
    with pytest.raises(CallRefused, match="empieza el 2026-04-13"):
        theatre.at("2026-04-12 23:59:59.9").cure("Boreal", "J-01")
    # La de Estero se pide tarde: cuenta, y le da un término propio de los mismos once días hábiles.
    late = theatre.at("2026-04-14 08:00:00").request_cures("Estero")
    assert (late.data["late"], late.data["until"]) == (True, "2026-04-30T00:00:00-05:00")
    theatre.at("2026-04-27 23:59:59.9").cure("Boreal", "J-01")
    with pytest.raises(CallRefused, match="una sola vez"):
        theatre.cure("Boreal", "J-01")
    with pytest.raises(CallRefused, match="no está por subsanar"):
        theatre.cure("Andina", "J-01")
    theatre.cure("Delta", "T-01")
    with pytest.raises(ArrivedLate, match="cerró el 2026-04-27"):
        theatre.at("2026-04-28 00:00:00.0").cure("Delta", "T-02")
    theatre.judge("Boreal", only=["J-01"])
    theatre.judge("Delta", only=["T-01"])
    theatre.at("2026-04-29 23:59:59.9").cure("Estero", "F-03")
    theatre.judge("Estero", {"F-03": "fails"}, only=["F-03"])
    with pytest.raises(CallRefused, match="no se evalúa ahora"):
        theatre.judge("Delta", only=["T-02"])
    with pytest.raises(CallRefused, match="empieza el 2026-05-05"):
        theatre.at("2026-05-04 23:59:59.9").prepare("results")
    theatre.at("2026-05-05 08:00:00").publish("results")


def _stage(theatre: Theatre) -> None:
    theatre.at("2026-05-06 23:59:59.9").observe("Lava", "El plan de continuidad está en el folio 12.", item="T-03")
    with pytest.raises(ArrivedLate):
        theatre.at("2026-05-07 00:00:00.0").observe("Delta", "Tarde.")
    theatre.at("2026-05-08 09:00:00").answer("Lava", "Se acoge.", upheld=True)
    theatre.judge("Lava", only=["T-03"])
    theatre.at("2026-05-14 08:00:00").publish("stage_results")
    appealed = applicants.appeal(
        theatre.call, theatre.firms["Horizonte"], "Recurro.", owner="cuenta-Horizonte", now=theatre.now
    )
    assert appealed.body["kind"] == "appeal_filed"
    id = theatre.of("Horizonte").appeals[0]["id"]
    theatre.act("Horizonte", "appeal", id=id, upheld=False)


def _tests(theatre: Theatre) -> None:
    with pytest.raises(CallRefused, match="empieza el 2026-05-15"):
        theatre.at("2026-05-14 23:59:59.9").hand_over("Andina")
    theatre.at("2026-05-19 10:00:00")
    for name in ("Andina", "Boreal", "Galeon", "Istmo", "Lava"):
        theatre.hand_over(name)
    theatre.at("2026-05-20 09:00:00")
    for name in ("Andina", "Boreal", "Galeon"):
        theatre.test(name, 1, passed=True)
    theatre.test("Lava", 1, passed=False)
    theatre.test("Lava", 1, passed=True)
    for _ in range(3):
        theatre.test("Istmo", 1, passed=False)
    with pytest.raises(CallRefused, match="No se puede superar la ronda 1"):
        theatre.test("Istmo", 1, passed=True)
    with pytest.raises(CallRefused, match="empieza el 2026-06-22"):
        theatre.test("Andina", 2, passed=True)
    theatre.at("2026-07-21 23:59:59.9")
    for name in ("Andina", "Boreal", "Lava"):
        theatre.test(name, 2, passed=True)
    theatre.test("Galeon", 2, passed=False)
    theatre.test("Galeon", 2, passed=False)
    theatre.at("2026-08-04 10:00:00").publish("official")


def test_every_list_names_who_it_should(played: Theatre) -> None:
    for kind, expected in (
        ("preliminary", PRELIMINARY), ("results", RESULTS), ("stage_results", STAGE),
    ):  # fmt: skip
        assert played.outcomes(kind) == expected, kind
    official = played.state.act_of("official")
    assert official is not None
    named = {row["firm"].split(" (")[0]: row["outcome"] for row in official.rows}
    assert named == OFFICIAL | {"Istmo": "not_enabled"}
    assert {name: played.of(name).state for name in NITS} == STATES


def test_answers_say_what_was_upheld(played: Theatre) -> None:
    answers = played.state.act_of("answers")
    assert answers is not None
    assert {row["firm"][:6]: row["outcome"] for row in answers.rows} == {"Galeon": "upheld", "Horizo": "declined"}
    stage = played.state.act_of("stage_results")
    assert stage is not None
    assert [row["firm"][:4] for row in stage.rows if row.get("observation")] == ["Lava"]


def test_papers_say_the_rounds_the_call_and_what_was_observed(played: Theatre) -> None:
    def told(kind: str) -> str:
        act = played.state.act_of(kind)
        assert act is not None
        return text_of(act_paper(played.state, act))

    for kind, expected in (
        ("invitation", ("Registro de las solicitudes de habilitación", "2026-02-20 – 2026-03-12", "hasta el 2026-04-10",
                        "29 de marzo de 2026", "T-04", "Cifras de los estados financieros", "Sin verificar")),
        ("preliminary", ("El anexo en Excel trae el resultado", "Por subsanar")),
        ("answers", ("F-02, Acogida.", "T-04, No acogida.", "Se acoge: se recalcula.")),
        ("official", ("Ronda 1, intento 1: no la supera; Ronda 1, intento 2: la supera", "huella de su reporte")),
    ):  # fmt: skip
        text = told(kind)
        assert [each for each in expected if each not in text] == [], (kind, text)
    assert "anexo" not in told("answers")
    official = played.state.act_of("official")
    assert official is not None
    book = CalamineWorkbook.from_filelike(io.BytesIO(act_workbook(official)))
    assert book.sheet_names == ["Empresas", "Pruebas"]
    rows = book.get_sheet_by_name("Pruebas").to_python()
    assert len(rows) == 1 + sum(len(row["rounds"]) for row in official.rows)
    assert rows[1][2:5] == ["1", "1", "la supera"]


def test_replaying_the_history_draws_the_same_lists(played: Theatre) -> None:
    looked = replay(played.call)
    assert looked.wrong == ()
    assert (looked.lists, looked.documents > 100, looked.receipts > 20) == (6, True, True)


# What later versions began to write: a history that was begun before them has none of it.
NEWER = {
    "act_prepared": ("data",), "attempt_recorded": ("present", "said"), "cures_requested": ("until", "late"),
    "services_delivered": ("version", "digest", "documents"), "question_answered": ("question", "asked_at"),
    "observed": ("documents",), "appeal_filed": ("documents",), "appeal_decided": ("roles",),
}  # fmt: skip


def test_a_history_without_the_keys_that_came_later_folds_to_the_same_states(played: Theatre) -> None:
    with transaction.atomic():
        asked = questions.ask(played.call, "¿Sirve un RUT?", now=bogota("2026-03-20 09:00"))
        questions.answer(played.call, asked, "Sí.", by=DRAFTER, now=played.now)
        events = history(played.call)
        transaction.set_rollback(True)
    older = [
        replace(event, data={name: said for name, said in event.data.items() if name not in NEWER.get(event.kind, ())})
        for event in events
    ]
    terms = {name: said for name, said in events[0].data["terms"].items() if name != "validity_years"}
    older[0] = replace(older[0], data={**older[0].data, "terms": terms})
    assert sum(before != after for before, after in zip(events, older, strict=True)) > 20
    folded = fold(older)
    assert {name: folded.application(id).state for name, id in played.firms.items()} == STATES
    assert terms_of(folded)[-1][1] == "—"


def test_each_firm_has_its_receipts_and_the_late_ones_say_the_hour(played: Theatre) -> None:
    kinds = [each["kind"] for each in receipts_of(played.call, played.firms["Delta"])]
    assert kinds == ["refused_late", "refused_late", "item_cured", "submitted"]
    late = receipts_of(played.call, played.firms["Delta"])[1]
    assert late["at_bogota"] == "2026-04-28 00:00:00.000-05:00"


def test_nothing_of_a_firm_is_public_that_no_act_said(played: Theatre) -> None:
    shown = str(public_call(played.state, now=played.now))
    for name in NITS:
        assert (f"{name} (ficticia)" in shown) is (name not in {"Kaolin"}), name
    for hidden in ("cuenta-", "rita@demo", "Rita", "71600700", str(played.firms["Andina"]), "@demo.invalid", "Recurro"):
        assert hidden not in shown


def test_each_mail_is_a_job_of_its_own_kept_with_the_history(played: Theatre) -> None:
    """So that one that the mail server refuses undoes no other, and nobody who acts waits for that server."""
    with transaction.atomic():
        handed = send_due(now=played.now, post=post_mail)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%mail_of_call'")
            assert cursor.fetchone() == (handed,)
        transaction.set_rollback(True)
    assert handed > 60


def test_the_mails_go_once_and_are_written_in_the_history(played: Theatre, mailoutbox: list[Any]) -> None:
    sent = send_due(now=played.now, post=send)
    assert sent == len(mailoutbox) > 60
    assert send_due(now=played.now, post=send) == 0
    upheld = {*TEAM["financiero"], *TEAM["tecnico"]}
    assert {mail.to[0] for mail in mailoutbox if "evalúe otra vez" in mail.subject} == upheld
    assert {mail.to[0] for mail in mailoutbox} == {"rita@demo.invalid", *upheld}
    text = next(mail.body for mail in mailoutbox if "Subsane" in mail.subject and "Delta" in mail.body)
    assert "T-01: Motivo de T-01" in text
    assert sum(event.kind == "mailed" for event in history(played.call)) == sent
    assert replay(played.call).wrong == ()


def test_a_court_gets_the_whole_of_it(played: Theatre) -> None:
    file = exported(played.call, now=played.now)
    assert file["events"][0]["kind"] == "created"
    assert [event["place"] for event in file["events"]] == list(range(1, len(file["events"]) + 1))
    assert file["head"] == file["events"][-1]["hash"]
    assert len(file["people"]) == 12
    assert file["replay"]["wrong"] == []


def test_the_archive_is_checked_without_the_platform_and_says_what_was_changed(played: Theatre) -> None:
    out = io.BytesIO()
    write_archive(played.call, out, now=played.now)
    file, wrong = check_archive(out)
    assert (wrong, len(file["events"]) > 500) == ([], True)
    names = zipfile.ZipFile(out).namelist()
    assert sum(name.startswith("documentos/") for name in names) == len(documents_of(read(file))) > 100

    def changed(name: str, make: Callable[[bytes], bytes]) -> list[str]:
        other = io.BytesIO()
        with zipfile.ZipFile(out) as before, zipfile.ZipFile(other, "w") as after:
            for each in names:
                after.writestr(each, make(before.read(each)) if each == name else before.read(each))
        return check_archive(other)[1]

    paper = next(name for name in names if name.startswith("documentos/"))
    assert changed(paper, lambda content: content + b" ") == [f"documento {paper[11:27]}: falta, o su contenido cambió"]
    list_ = next(each for each in file["events"] if each["data"].get("kind") == "results" and "rows" in each["data"])
    list_["data"]["rows"][0]["outcome"] = "fails"
    told = changed("historia.json", lambda _: json.dumps(file).encode())
    assert told == [
        f"{list_['place']}: su contenido cambió", f"{list_['place']}: la lista «results» no es la que da la historia",
    ]  # fmt: skip


def test_who_is_enabled_becomes_an_operator_by_two_persons_and_its_key_by_proof_and_two_officers(
    played: Theatre,
) -> None:
    given = {"code": "DEMO-AND", "since": "2026-08-05", "until": "2031-08-04", "conditions": "Ninguna"}
    with pytest.raises(CallRefused, match="lo decide otra persona"):
        played.at("2026-08-05 09:00:00").act("Andina", "operator", second=DRAFTER, **given)
    played.settle("Andina")
    [operator] = [each for each in operators_now() if each.code == "DEMO-AND"]
    assert (operator.name, operator.status, str(operator.enabled_on)) == (
        "Andina (ficticia) SAS", "active", "2026-08-05",
    )  # fmt: skip
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    key = record_key(
        operator=operator.id, public_key=raw, purpose="signing", officer=TEAM["tecnico"][0],
        proof=private.sign(possession_statement("DEMO-AND", raw)),
    )  # fmt: skip
    approve_key(key, officer=TEAM["tecnico"][1])
    [state] = key_states(now=bogota("2027-01-01 00:00:00"), operator=operator.id)
    assert state.active_from is not None
    played.act("Andina", "suspend")
    assert next(each for each in operators_now() if each.code == "DEMO-AND").status == "suspended"
    played.act("Andina", "lift")
    assert next(each for each in operators_now() if each.code == "DEMO-AND").status == "active"
    played.act("Andina", "suspend")
    played.act("Andina", "revoke")
    assert (played.of("Andina").state, [e.status for e in operators_now() if e.code == "DEMO-AND"]) == (
        "revocado", ["ended"],
    )  # fmt: skip
    with pytest.raises(CallRefused, match="Habilitación revocada"):
        played.act("Andina", "lift")
    for before, status in (("suspendido", "suspended"), ("habilitado", "active")):  # the last: against the suspension
        owner, id = played.owner("Andina"), played.firms["Andina"]
        applicants.appeal(played.call, id, "Recurro.", owner=owner, now=played.now)
        filed = played.of("Andina").open_appeal
        assert filed is not None
        played.act("Andina", "appeal", id=filed["id"], upheld=True)
        assert played.of("Andina").state == before
        assert [e.status for e in operators_now() if e.code == "DEMO-AND"] == [status]
    played.act("Andina", "suspend")
    applicants.appeal(played.call, id, "Contra la suspensión.", owner=owner, now=played.now)
    stale = played.of("Andina").open_appeal
    assert stale is not None
    played.act("Andina", "revoke")
    with pytest.raises(CallRefused, match="El recurso es contra «Habilitación suspendida»"):
        played.act("Andina", "appeal", id=stale["id"], upheld=True)
    played.act("Andina", "appeal", id=stale["id"], upheld=False)


def test_what_was_stored_once_is_one_row_and_a_changed_byte_is_found(
    played: Theatre, module_database: FreshDatabase
) -> None:
    item = played.of("Boreal").item("T-01")
    found = document_bytes(item.documents[0].digest)
    assert found is not None
    assert found[0] == "application/pdf"
    with psycopg.connect(module_database.dsn, user="postgres") as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE calls_callevent SET data = jsonb_set(data, '{reason}', '\"otro\"') WHERE place = 300")
        admin.commit()
        wrong = replay(played.call).wrong
        assert wrong[0].startswith("300: su contenido cambió"), wrong
        admin.execute("DELETE FROM calls_callevent WHERE place = 400")
        admin.commit()
        assert any("falta el evento 400" in each for each in replay(played.call).wrong)


def test_figures_of_the_weak_firm_were_shown_exact(played: Theatre) -> None:
    assert played.of("Galeon").figures == WEAK
    assert played.of("Andina").figures == FIGURES


def test_evaluators_ask_only_what_the_table_has(played: Theatre) -> None:
    with pytest.raises(CallRefused, match="No se puede"):
        played.as_person(TEAM["tecnico"][0], evaluator.request_cures, played.firms["Lava"], at=played.now)
