"""Who tries what may not be: two at once, one's own second person, another's dossier, the database by hand."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction

from tests.assurance.running import wait
from tests.calls.papers import pdf
from tests.calls.theatre import DRAFTER, FIGURES, PERSON, SIGNER, TEAM, Theatre, bogota, check_of
from tests.conftest import FreshDatabase
from veta.calls.domain.commands import applicant, authority, evaluator, handover, setup
from veta.calls.domain.commands.applicant import MOST_BYTES
from veta.calls.domain.document import admitted
from veta.calls.domain.fold_application import after
from veta.calls.domain.history import Drafted
from veta.calls.domain.mails import due
from veta.calls.domain.refusals import CallRefused
from veta.calls.domain.seed import call_of_2026
from veta.calls.models import TWO_PERSONS, CallCredential, CallDocument, CallEvent
from veta.calls.queries import find_call, history, open_call, replay, run_progress
from veta.calls.services import applicants, create_call, runs
from veta.calls.services import handover as handed
from veta.calls.services.receipts import ArrivedLate
from veta.conformance.recorded import Recorded

TABLES = (
    "calls_operatorcall", "calls_callevent", "calls_calldocument", "calls_callreceipt", "calls_callperson",
    "calls_callcontacts",
    "calls_callrunline", "calls_simulateddatabase", "calls_clocksetting",
)  # fmt: skip


@pytest.fixture(scope="module")
def reviewed(module_database: FreshDatabase) -> Theatre:
    """A call in review, with two firms that handed in."""
    with transaction.atomic():
        made = Theatre.opened().at("2026-02-20 08:00:00")
        made.enter("Andina", "900500001")
        made.enter("Boreal", "900500002")
        return made.at("2026-03-13 09:00:00").declare_all()


@pytest.fixture
def theatre(reviewed: Theatre) -> Iterator[Theatre]:
    """The same for each test, which leaves nothing behind."""
    with transaction.atomic():
        yield Theatre(reviewed.call, reviewed.now, dict(reviewed.firms))
        transaction.set_rollback(True)


def refusal(theatre: Theatre, code: str, *args: object, **kwargs: object) -> str:
    with pytest.raises(CallRefused) as refused:
        getattr(theatre, str(args[0]))(*args[1:], **kwargs)
    assert refused.value.code == code, refused.value.message
    return refused.value.message


@pytest.fixture
def committed(fresh_database: FreshDatabase) -> Iterator[Theatre]:
    """The same with real commits, for threads."""
    made = Theatre.opened().at("2026-02-20 08:00:00")
    made.register("Andina", "900500001")
    made.fill("Andina").submit("Andina")
    yield made.at("2026-03-13 09:00:00").declare_all()
    connection.close()


def test_who_runs_the_format_waits_until_somebody_answers_on_the_page(committed: Theatre) -> None:
    id, run = committed.firms["Andina"], uuid4()
    begun = {"run": str(run), "candidate": "T", "version": "1", "operator": "E", "seed": 1, "suite": "s",
             "scenarios": []}  # fmt: skip
    for kind, data in (
        ("run_opened", {"run": str(run), "round": 1, "number": 1, "present": "G"}),
        ("run_began", begun),
    ):
        committed.do(lambda _call, **said: Drafted(**said), kind=kind, data=data, application=id)

    answers: list[str] = []

    def ask() -> None:
        try:
            answers.append(Recorded(run).ask("¿Qué ve?"))
        finally:
            connection.close()

    waiting = Thread(target=ask, daemon=True)  # unanswered, it asks for ever
    waiting.start()
    assert wait(lambda: bool(run_progress(run)), seconds=60)
    runs.answer_by_team(runs.find(run), "Aceptada", asked=1, by=TEAM["tecnico"][0])
    waiting.join(60)
    assert answers == ["Aceptada"]


def test_of_two_evaluators_who_save_at_once_one_is_told(committed: Theatre) -> None:
    pair, codes = TEAM["tecnico"], ["T-01", "T-02", "T-03", "T-04"]
    for code in codes:
        seen, together = committed.of("Andina").item(code).seen, Barrier(2)

        def save(person: str, code: str = code, seen: int = seen, together: Barrier = together) -> str:
            together.wait()
            try:
                committed.propose("Andina", code, "meets", by=person, seen=seen)
            except CallRefused as refused:
                return refused.code + refused.message
            finally:
                connection.close()
            return ""

        with ThreadPoolExecutor(2) as pool:
            told = sorted(pool.map(save, pair))
        assert told[0] == "", code
        assert told[1].startswith("CAL-014"), code
        assert "guardó antes «Cumple»" in told[1]
        assert committed.of("Andina").item(code).proposed is not None
    assert replay(committed.call).wrong == ()


def test_a_verdict_takes_two_persons_of_that_component_without_conflict(theatre: Theatre) -> None:
    first, second = TEAM["tecnico"]
    assert "no evalúa ese componente" in refusal(
        theatre, "CAL-012", "propose", "Andina", "T-01", "meets", by=TEAM["juridico"][0]
    )
    theatre.propose("Andina", "T-01", "fails")
    assert "otra persona" in refusal(theatre, "CAL-015", "confirm", "Andina", "T-01", by=first)
    theatre.declare(theatre.firms["Andina"], second, conflict=True, reason="Es mi hermana.")
    assert "conflicto" in refusal(theatre, "CAL-013", "confirm", "Andina", "T-01", by=second)
    assert theatre.of("Andina").item("T-01").verdict is None


def test_undeclared_interest_stops_and_a_conflict_declared_later_stops_the_confirmation(theatre: Theatre) -> None:
    theatre.do(setup.name_evaluator, "nueva@demo.invalid", "tecnico")
    assert "Declare primero" in refusal(
        theatre, "CAL-013", "propose", "Andina", "T-01", "meets", by="nueva@demo.invalid"
    )
    theatre.propose("Andina", "T-01", "meets")
    theatre.declare(theatre.firms["Andina"], TEAM["tecnico"][0], conflict=True, reason="Trabajé allí.")
    refusal(theatre, "CAL-013", "confirm", "Andina", "T-01")


def test_an_application_brings_no_more_than_its_share_and_taking_out_gives_none_back(theatre: Theatre) -> None:
    firm, call = theatre.of("Andina"), theatre.state
    one = next(each for each in history(theatre.call) if each.kind == "document_added")
    large = replace(admitted("a.pdf", pdf("a")), size=MOST_BYTES // 2)
    for digest in ("1" * 64, "2" * 64):
        given = {"item": "J-01", "document": replace(large, digest=digest).as_json()}
        firm = after(call, firm, replace(one, data=given))
        firm = after(call, firm, replace(one, kind="document_removed", data={"item": "J-01", "digest": digest}))
    call = replace(call, applications={firm.id: replace(firm, state="borrador")})
    with pytest.raises(CallRefused, match="500 MiB"):
        applicant.add_document(call, firm.id, "J-01", replace(large, size=1), at=bogota("2026-03-01 08:00:00"))


def test_who_has_a_conflict_does_nothing_else_of_that_firm_either(theatre: Theatre) -> None:
    person, firm = TEAM["tecnico"][0], theatre.firms["Andina"]
    theatre.declare(firm, person, conflict=True, reason="Trabajé allí.")
    refusal(theatre, "CAL-013", "declare", firm, person)
    refusal(theatre, "CAL-013", "test", "Andina", 1, passed=True)


def test_an_observation_upheld_on_one_item_opens_that_item_alone(theatre: Theatre) -> None:
    theatre.judge("Boreal").judge("Andina", {"F-02": "fails"})
    theatre.at("2026-03-17 09:00:00").declare_all()
    theatre.publish("preliminary")
    theatre.at("2026-03-18 09:00:00").observe("Andina", "El indicador está bien.", item="F-02")
    theatre.answer("Andina", "Se acoge.", upheld=True)
    assert "no se evalúa ahora" in refusal(theatre, "CAL-017", "propose", "Andina", "T-01", "fails")
    theatre.propose("Andina", "F-02", "meets")


@pytest.mark.parametrize("item", ["F-02", ""])
def test_what_was_upheld_is_judged_again_by_two_before_the_list_that_follows(theatre: Theatre, item: str) -> None:
    theatre.judge("Boreal").judge("Andina", {"F-02": "fails", "T-01": "cure"})
    theatre.at("2026-03-17 09:00:00").publish("preliminary")
    theatre.at("2026-03-18 09:00:00").observe("Andina", "El indicador está bien.", item=item)
    theatre.at("2026-04-09 09:00:00").request_cures("Andina")  # while its answer waits
    theatre.answer("Andina", "Se acoge.", upheld=True)
    theatre.publish("answers")
    theatre.at("2026-05-05 09:00:00")
    assert "Andina" in refusal(theatre, "CAL-018", "prepare", "results")
    assert {mail.to for mail in due(theatre.state, [], theatre.now) if "otra vez" in mail.subject} == set(
        TEAM["financiero"] if item else (each for pair in TEAM.values() for each in pair)
    )
    theatre.propose("Andina", "F-02", "meets")
    refusal(theatre, "CAL-018", "prepare", "results")
    theatre.confirm("Andina", "F-02")
    theatre.publish("results")
    assert theatre.outcomes("results")["Andina"] == "fails"  # no subsanó T-01
    theatre.at("2026-05-06 09:00:00").observe("Andina", "T-01 está.", item="T-01")
    theatre.at("2026-05-14 09:00:00").answer("Andina", "Se acoge.", upheld=True)
    assert "Andina" in refusal(theatre, "CAL-018", "prepare", "stage_results")
    theatre.judge("Andina", only=["T-01"]).publish("stage_results")
    assert theatre.outcomes("stage_results")["Andina"] == "eligible"


def test_a_proposal_left_open_keeps_the_list_back_and_its_turn_is_asked_again(theatre: Theatre) -> None:
    theatre.judge("Boreal").judge("Andina").propose("Andina", "T-01", "fails")
    theatre.at("2026-03-17 09:00:00")
    refusal(theatre, "CAL-018", "prepare", "preliminary")
    theatre.confirm("Andina", "T-01")
    theatre.publish("preliminary")


def test_who_is_not_of_the_team_runs_hands_over_and_answers_nothing(theatre: Theatre) -> None:
    id, stranger = theatre.firms["Andina"], "prensa@demo.invalid"
    theatre.do(setup.name_evaluator, "nueva@demo.invalid", "tecnico")
    run = {"round": 1, "passed": True, "present": "G", "report": admitted("r.json", b"{}", ("application/json",)),
           "said": None, "at": theatre.now}  # fmt: skip
    for command, given in (
        (evaluator.record_attempt, run), (evaluator.confirm_attempt, {"seen": ""}),
        (evaluator.return_attempt, {"reason": "No"}), (evaluator.request_cures, {"at": theatre.now}),
        (evaluator.answer_observation, {"observation": "x", "text": "No", "upheld": False}),
        (handover.deliver, {"version": "1", "credentials": "x", "at": theatre.now}),
    ):  # fmt: skip
        assert "no está en el equipo" in refusal(theatre, "CAL-012", "as_person", stranger, command, id, **given)
        assert "Declare primero" in refusal(theatre, "CAL-013", "as_person", "nueva@demo.invalid", command, id, **given)
    member = TEAM["tecnico"][0]
    theatre.declare(id, member, conflict=True, reason="Trabajé allí.")
    refusal(theatre, "CAL-013", "as_person", member, evaluator.return_attempt, id, reason="No")


def test_credentials_that_nobody_opened_are_deleted_when_the_application_ends(theatre: Theatre) -> None:
    theatre.judge("Andina").judge("Boreal")
    for hour, kind in (("03-17", "preliminary"), ("03-26", "answers"), ("05-05", "results"),
                       ("05-14", "stage_results")):  # fmt: skip
        theatre.at(f"2026-{hour} 09:00:00").publish(kind)
    theatre.at("2026-05-15 09:00:00")
    keep = {"version": "1", "credentials": "clave", "by": TEAM["tecnico"][0], "now": theatre.now}
    handed.add_document(theatre.call, ("S.pdf", pdf("s")), by=DRAFTER, now=theatre.now)
    for name in ("Andina", "Boreal"):
        handed.deliver(theatre.call, theatre.firms[name], **keep)
    applicants.withdraw(
        theatre.call, theatre.firms["Andina"], reason="No seguimos.", owner=theatre.owner("Andina"), now=theatre.now
    )
    assert list(CallCredential.objects.values_list("application", flat=True)) == [theatre.firms["Boreal"]]
    theatre.at("2026-08-04 09:00:00").publish("official")
    assert (theatre.of("Boreal").state, CallCredential.objects.count()) == ("no_habilitado", 0)


def test_no_firm_fails_for_a_cure_that_nobody_asked_and_one_asked_late_has_its_whole_term(theatre: Theatre) -> None:
    theatre.judge("Boreal").judge("Andina", {"T-01": "cure"})
    theatre.at("2026-03-17 09:00:00").publish("preliminary")
    theatre.at("2026-03-26 09:00:00").publish("answers")
    theatre.at("2026-05-05 09:00:00")
    assert "Andina" in refusal(theatre, "CAL-018", "prepare", "results")
    asked = theatre.request_cures("Andina")
    assert (asked.data["late"], asked.data["until"]) == (
        True,
        "2026-05-22T00:00:00-05:00",
    )  # once días; el 18 es festivo
    refusal(theatre, "CAL-018", "prepare", "results")
    theatre.at("2026-05-21 23:59:59.9")
    assert "Andina" in refusal(theatre, "CAL-018", "prepare", "results")
    with pytest.raises(ArrivedLate, match="cerró el 2026-05-21"):
        theatre.at("2026-05-22 00:00:00.0").cure("Andina", "T-01")
    theatre.publish("results")
    assert theatre.outcomes("results") == {"Andina": "fails", "Boreal": "meets"}


def test_who_disagrees_returns_it_and_a_stale_page_saves_nothing(theatre: Theatre) -> None:
    theatre.propose("Andina", "T-01", "fails")
    stale = theatre.of("Andina").item("T-01").seen
    person = TEAM["tecnico"][1]
    theatre.as_person(person, evaluator.return_verdict, theatre.firms["Andina"], "T-01", reason="Sí está.", seen=stale)
    refusal(theatre, "CAL-014", "confirm", "Andina", "T-01", seen=stale)
    refusal(theatre, "CAL-014", "propose", "Andina", "T-01", "meets", seen=stale)
    theatre.propose("Andina", "T-01", "meets")
    theatre.confirm("Andina", "T-01")


def test_an_item_is_cured_once_and_not_where_it_cannot_be(theatre: Theatre) -> None:
    assert "ya no puede ir a subsanación" in refusal(theatre, "CAL-017", "propose", "Andina", "J-04", "cure")
    refusal(theatre, "CAL-017", "propose", "Andina", "T-01", "otro")


def test_an_applicant_has_nothing_of_anothers(theatre: Theatre) -> None:
    other, owner, now = theatre.firms["Boreal"], "cuenta-Andina", bogota("2026-03-01 09:00:00")
    for act in (
        lambda: applicants.add_document(theatre.call, other, "T-01", ("a.pdf", pdf("x")), owner=owner, now=now),
        lambda: applicants.give_figures(theatre.call, other, FIGURES, owner=owner, now=now),
        lambda: applicants.submit(theatre.call, other, owner=owner, now=now),
        lambda: applicants.withdraw(theatre.call, other, reason="x", owner=owner, now=now),
        lambda: applicants.cure(theatre.call, other, "T-01", [("a.pdf", pdf("x"))], owner=owner, now=now),
        lambda: applicants.observe(theatre.call, other, "x", owner=owner, now=now),
        lambda: applicants.receive_services(theatre.call, other, owner=owner, now=now),
        lambda: applicants.appeal(theatre.call, other, "x", owner=owner, now=now),
        lambda: applicants.submit(theatre.call, uuid4(), owner=owner, now=now),
    ):
        with pytest.raises(CallRefused) as refused:
            act()
        assert (refused.value.code, "No existe esa solicitud" in refused.value.message) == ("CAL-001", True)


def test_one_firm_and_one_account_apply_once(theatre: Theatre) -> None:
    now = bogota("2026-03-01 09:00:00")
    for owner, nit, check in (("otra", "900500001", "4"), ("cuenta-Andina", "900500003", "7")):
        with pytest.raises(CallRefused) as refused:
            applicants.register(
                theatre.call, owner=owner, firm="Otra", nit=nit, check=check_of(nit), person=PERSON, now=now
            )
        assert refused.value.code == "CAL-020", check


def test_the_same_bytes_are_kept_once(theatre: Theatre) -> None:
    theatre.at("2026-03-01 09:00:00").register("Cumbre", "900500003")
    before = CallDocument.objects.count()
    for item in ("T-01", "T-02"):
        applicants.add_document(
            theatre.call, theatre.firms["Cumbre"], item, ("mismo.pdf", pdf("mismo")), owner="cuenta-Cumbre",
            now=theatre.now,
        )  # fmt: skip
    assert CallDocument.objects.count() == before + 1
    with pytest.raises(CallRefused, match="ya está en ese requisito"):
        applicants.add_document(
            theatre.call, theatre.firms["Cumbre"], "T-01", ("otro nombre.pdf", pdf("mismo")), owner="cuenta-Cumbre",
            now=theatre.now,
        )  # fmt: skip


def test_a_list_that_changed_since_it_was_prepared_is_not_signed(theatre: Theatre) -> None:
    for name in ("Andina", "Boreal"):
        theatre.judge(name)
    theatre.at("2026-03-17 08:00:00").prepare("preliminary")
    assert "lo firma otra persona" in refusal(theatre, "CAL-015", "sign", by=DRAFTER)
    applicants.withdraw(theatre.call, theatre.firms["Boreal"], reason="x", owner="cuenta-Boreal", now=theatre.now)
    assert "Algo cambió" in refusal(theatre, "CAL-018", "sign")
    refusal(theatre, "CAL-018", "prepare", "preliminary")


def test_requirements_are_frozen_once_it_opens_and_editable_before(theatre: Theatre) -> None:
    theatre = Theatre(create_call(call_of_2026(code="OTRA"), by=DRAFTER, now=bogota("2026-02-18 08:00:00")),
                      bogota("2026-02-18 09:00:00"))  # fmt: skip
    given = {**theatre.state.requirements["T-04"].as_json(), "text": "Otro texto"}
    theatre.do(setup.set_requirement, given)
    assert theatre.state.requirements["T-04"].text == "Otro texto"
    theatre.do(setup.drop_requirement, "T-04")
    assert (open_call("OTRA"), find_call("otra") is not None) == (None, True)
    theatre.at("2026-02-19 08:00:00").publish("invitation")
    for change in (
        lambda: theatre.do(setup.set_requirement, given),
        lambda: theatre.do(setup.drop_requirement, "T-03"),
    ):
        with pytest.raises(CallRefused) as refused:
            change()
        assert refused.value.code == "CAL-005"
    assert open_call("OTRA") is not None


def test_t26_the_application_changes_nothing_that_was_written(theatre: Theatre) -> None:
    refused = asked = 0
    for table in TABLES:
        for statement in (
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        ):
            refused, asked = refused + _refused(statement), asked + 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [table])
            columns = [name for (name,) in cursor.fetchall()]
        for column in columns:
            refused, asked = refused + _refused(f'UPDATE {table} SET "{column}" = "{column}"'), asked + 1
    assert refused == asked > 50


def _refused(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        try:
            cursor.execute(statement)
        except Exception as error:
            cursor.execute("ROLLBACK TO SAVEPOINT attack")
            return "permission denied" in str(error) or "must be owner" in str(error)
        return False


def test_t26_no_single_person_writes_a_verdict_or_a_list_by_hand(theatre: Theatre) -> None:
    last = CallEvent.objects.filter(call_id=theatre.call).latest("place")
    assert len(TWO_PERSONS) == 11
    for kind in TWO_PERSONS:
        for proposed_by, by in (("", "una@x.co"), ("una@x.co", "una@x.co"), ("una@x.co", "UNA@x.co")):
            said = _inserted(theatre, last.place + 1, bytes(last.hash), kind=kind, proposed_by=proposed_by, by=by)
            assert "call_event_two_persons" in said, (kind, proposed_by, by)
    assert "call_event_no_fork" in _inserted(theatre, last.place + 1, bytes(last.previous))
    assert "call_event_place" in _inserted(theatre, last.place, bytes(last.hash))
    assert _inserted(theatre, last.place + 1, bytes(last.hash)) == ""


def _inserted(theatre: Theatre, place: int, previous: bytes, **changes: str) -> str:
    given = {"kind": "verdict_proposed", "by": "una@x.co", "proposed_by": ""} | changes
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT attack")
        try:
            cursor.execute(
                "INSERT INTO calls_callevent (id, call_id, place, kind, by, proposed_by, at, data, previous, hash)"
                " VALUES (%s, %s, %s, %s, %s, %s, now(), '{}', %s, %s)",
                [
                    uuid4(),
                    theatre.call,
                    place,
                    given["kind"],
                    given["by"],
                    given["proposed_by"],
                    previous,
                    b"\x01" * 32,
                ],
            )
            return ""
        except Exception as error:
            return str(error)
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT attack")


def test_a_forged_document_is_refused_by_the_database(theatre: Theatre) -> None:
    with pytest.raises(Exception, match="call_document_content"):
        CallDocument.objects.create(digest="0" * 64, type="application/pdf", size=4, content=b"otro")


@pytest.mark.usefixtures("reviewed")
def test_a_database_with_calls_is_no_simulation_whoever_says_it(module_database: FreshDatabase) -> None:
    mark = "INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'prueba')"
    with (
        psycopg.connect(module_database.dsn, user="veta_owner") as owner,
        pytest.raises(psycopg.errors.RestrictViolation, match="no simulation"),
    ):
        owner.execute(mark)


def test_who_was_excluded_appeals_and_stands_again_where_it_stood(theatre: Theatre) -> None:
    theatre.judge("Boreal").judge("Andina")
    theatre.at("2026-03-17 09:00:00").publish("preliminary")
    with pytest.raises(CallRefused, match="No hay una decisión"):
        applicants.appeal(theatre.call, theatre.firms["Andina"], "x", owner="cuenta-Andina", now=theatre.now)
    excluded = theatre.act("Andina", "exclude")
    offered = [applicant.observes(theatre.state, theatre.of(name)) for name in ("Andina", "Boreal")]
    assert offered == ["", "preliminary"]
    paper = ("Prueba.pdf", pdf("prueba"))
    applicants.appeal(
        theatre.call, theatre.firms["Andina"], "No es falso.", [paper], owner="cuenta-Andina", now=theatre.now
    )
    [filed] = theatre.of("Andina").appeals
    assert (filed["against"], [each["name"] for each in filed["documents"]]) == ("excluida", ["Prueba.pdf"])
    decided = theatre.act("Andina", "appeal", id=filed["id"], upheld=True)
    assert theatre.of("Andina").state == "evaluada"
    assert replay(theatre.call).wrong == ()
    sent = {mail.subject: mail.text for mail in due(theatre.state, history(theatre.call), theatre.now)}
    code = theatre.state.code
    assert "Acto: Exclusión de la solicitud, DEMO-exclude." in sent[f"{code}: Solicitud excluida"]
    assert "Contra: Excluida." in sent[f"{code}: Recurso recibido"]
    assert "Acto: Decisión del recurso, DEMO-appeal. Se concede." in sent[f"{code}: Recurso decidido"]
    given = {"how": "Correo", "proof": "Acuse", "at": theatre.now}
    day = theatre.now.date()
    for wrong, code in (
        ({"of": excluded.place, "on": day - timedelta(days=1)}, "CAL-036"),
        ({"of": excluded.place, "on": day + timedelta(days=1)}, "CAL-036"),
        ({"of": excluded.place + 99, "on": day}, "CAL-023"),
    ):
        refusal(theatre, code, "do", authority.record_notice, theatre.firms["Andina"], **given, **wrong)
    for place in (excluded.place, decided.place):
        theatre.do(authority.record_notice, theatre.firms["Andina"], of=place, on=day, **given)
    assert [(each["of"], each["number"]) for each in theatre.of("Andina").notices] == [
        ("exclude", "DEMO-exclude"), ("appeal", "DEMO-appeal"),
    ]  # fmt: skip


def test_an_exclusion_takes_two_and_ends_it(theatre: Theatre) -> None:
    declined = theatre.act("Andina", "exclude", approved=False)
    assert (declined.kind, theatre.of("Andina").state) == ("act_declined", "solicitante")
    theatre.act("Andina", "exclude")
    assert theatre.of("Andina").state == "excluida"
    with pytest.raises(CallRefused, match="Excluida"):
        theatre.act("Andina", "exclude", second=SIGNER)
