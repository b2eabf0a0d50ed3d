"""A run of the test format that the platform follows: whose it is to see, how it is told, what it leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from tests.calls.theatre import TEAM, Theatre
from tests.conformance.test_report import ABOUT, outcome
from tests.hub.calling import CODE, at, eligible, of, seen
from tests.hub.officers import Officers
from tests.site.conftest import session_of
from veta.calls.domain.commands import evaluator, setup
from veta.calls.domain.commands.evaluator import who_decides
from veta.calls.domain.history import Drafted
from veta.calls.domain.record import checked
from veta.calls.domain.refusals import CallRefused
from veta.calls.queries import exported, replay, run_lines
from veta.calls.services import perform, runs
from veta.conformance.candidate import Target
from veta.conformance.catalogue import chosen, suite_digest
from veta.conformance.domain.outcome import Outcome
from veta.conformance.domain.report import About, report_of
from veta.conformance.engine import UNTRIED
from veta.conformance.person import Person
from veta.conformance.recorded import Recorded
from veta.conformance.writing import write_report
from veta.operators.services.limits import limits
from veta.site.models import User
from veta.site.roles import Role
from veta.site.services import decide_role, propose_role

TARGET = Target("Trazador <3000>", "2.4.1", "ENSAYO-T", "Trazador S.A.S.", "", "")
SCENARIOS = chosen(ids=["captura-01", "captura-02"])


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "retry_after", lambda *_: 0)


@pytest.fixture
def tested(call_desk: tuple[Theatre, Officers]) -> tuple[Theatre, Officers, Client]:
    """Andina on the first day of round 1, its services received, and its account's session."""
    theatre, officers = eligible(call_desk[0]), call_desk[1]
    theatre.at("2026-05-19 09:00:00").hand_over("Andina")
    at("2026-05-20 09:00:00")
    return theatre.at("2026-05-20 09:00:00"), officers, session_of(User.objects.get(email="andina@demo.invalid"))


SHOWN = {"marks": ["P-1"]}


def opened(theatre: Theatre, client: Client, **changes: str) -> UUID:
    """A run opened on its page."""
    given = {"ronda": "1", "presentes": "Gerencia técnica", **changes}
    answer = client.post(of(theatre, "calls_run_open"), given)
    assert answer.status_code == 302, answer.content.decode()
    return UUID(answer["Location"].rstrip("/").rpartition("/")[2])


def began(run: UUID, *, acts: Sequence[Callable[[], object]] = ()) -> Recorded:
    """A run that began; `acts`: what people do, one after the other, while it waits for an answer."""
    later = iter(acts)
    recorded = Recorded(run, pause=lambda _: next(later)())
    recorded.begin(TARGET, SCENARIOS, seed=7)
    return recorded


def scenario_of(made: Outcome) -> dict[str, Any]:
    return dict(report_of(ABOUT, [made])["scenarios"][0])


FIRST, SECOND = outcome(), replace(outcome(), scenario=SCENARIOS[1])


def reported(recorded: Recorded, *outcomes: Outcome, **changes: Any) -> dict[str, Any]:
    """The report of what began, but for what is changed in it."""
    about = About(TARGET.name, TARGET.version, TARGET.code, 7, suite_digest(), ABOUT.began_at, **recorded.about)
    return report_of(about, outcomes) | changes


def ended(recorded: Recorded, *outcomes: Outcome, told: tuple[Outcome, ...] | None = None) -> None:
    """A run that ended, once its scenarios (or those of them that were not yet) were told."""
    for each in outcomes if told is None else told:
        recorded.done(scenario_of(each))
    recorded.end(reported(recorded, *outcomes))


def test_a_run_is_followed_by_the_team_and_by_the_firm_and_its_report_waits_for_a_second_person(
    tested: tuple[Theatre, Officers, Client],
) -> None:
    theatre, officers, firm = tested
    first, second = officers.session("it1"), officers.session("it2")
    without = first.post(of(theatre, "calls_run_open"), {"ronda": "1", "presentes": ""})
    assert (without.status_code, "quién estuvo por la empresa" in without.content.decode()) == (422, True)
    run = opened(theatre, first)
    ours, theirs = of(theatre, "calls_run", run), reverse("call_run", args=[CODE, run])
    assert f"--attempt {run}" in seen(first, ours)
    assert (f"--attempt {run}" in seen(firm, theirs), theirs in seen(firm, reverse("call_mine", args=[CODE]))) == (
        False, True,
    )  # fmt: skip
    assert ours in seen(second, of(theatre, "calls_application"))
    recorded = began(run)
    recorded.say("  1. <script>compra</script>")
    for client, url in ((first, ours), (second, ours), (firm, theirs)):
        page = client.get(url)
        text = page.content.decode()
        assert page["Refresh"] == "3"
        assert "Refresh" not in client.get(f"{url}?quieta=1")
        for told in ("Van 0 de 2 escenarios", "1. &lt;script&gt;compra", "Trazador &lt;3000&gt; 2.4.1", "Gerencia"):
            assert told in text, told
    failed = outcome(fault="«compra» está 2 veces")
    was = scenario_of(failed)
    recorded.done(was)
    page = seen(firm, theirs)
    assert ("Van 1 de 2 escenarios; conformes, 0" in page, "No conforme" in page, "compra&lt;" in page) == (
        True, True, False,
    )  # fmt: skip
    for client, name, args in ((first, "calls_run_scenario", (CODE, theatre.firms["Andina"], run, "captura-01")),
                               (firm, "call_run_scenario", (CODE, run, "captura-01"))):  # fmt: skip
        evidence = seen(client, reverse(name, args=args))
        for told in ("está 2 veces", was["evidence"], was["steps"][0]["evidence"][:23], "/movements"):
            assert told in evidence, told
        assert client.get(reverse(name, args=[*args[:-1], "captura-02"])).status_code == 404
    assert "Van 1 de 2" in seen(first, ours)
    ended(recorded, failed, SECOND, told=(SECOND,))
    waiting = theatre.of("Andina").pending_attempt
    assert waiting is not None
    assert (waiting.proposed_by, waiting.passed, waiting.said, waiting.present) == (
        "it1@demo.invalid", False, "1 de 2", "Gerencia técnica",
    )  # fmt: skip
    assert "Refresh" not in first.get(ours)
    for client, url in ((first, ours), (firm, theirs)):
        downloaded(client, url)
    attempt = of(theatre, "calls_attempt")
    visto = re.search(r'name="visto" value="([^"]+)"', seen(second, attempt))
    assert visto is not None
    given = {"decision": "confirm", "texto": "", "visto": visto[1].replace("&#x2B;", "+")}
    assert "la decide otra persona del equipo" in first.post(attempt, given).content.decode()
    assert second.post(attempt, given).status_code == 302
    assert [run.passed for run in theatre.of("Andina").attempts] == [False]
    file = exported(theatre.call, now=theatre.now)
    assert (file["replay"]["wrong"], checked(file), len(file["runs"][str(run)])) == ([], [], 3)
    file["runs"][str(run)][0]["data"]["text"] = "otra cosa"
    assert checked(file) == [f"prueba {run}, línea 1: falta, o su contenido cambió"]


def test_what_hands_cannot_do_is_counted_apart_and_keeps_nobody_from_passing(
    tested: tuple[Theatre, Officers, Client],
) -> None:
    theatre, officers, firm = tested
    run = opened(theatre, officers.session("it1"))
    recorded = began(run)
    untried = replace(SECOND, untried=UNTRIED)
    recorded.done(scenario_of(untried))
    page = seen(firm, reverse("call_run", args=[CODE, run]))
    assert ("conformes, 0; sin probar, por falta de puerto automático, 1" in page, "No conforme" in page) == (
        True, False,
    )  # fmt: skip
    evidence = seen(firm, reverse("call_run_scenario", args=[CODE, run, "captura-02"]))
    assert "No se probó: necesita puerto automático" in page
    assert "No se probó: necesita puerto automático" in evidence
    recorded.done(scenario_of(FIRST))
    with pytest.raises(CallRefused, match="la lista de escenarios"):
        recorded.end(reported(recorded, untried, FIRST))
    other = opened_again(theatre, officers)
    ended(other, FIRST, untried, told=(FIRST, untried))
    waiting = theatre.of("Andina").pending_attempt
    assert waiting is not None
    said = "1 de 1; 1 sin probar, por falta de puerto automático"
    assert (waiting.passed, waiting.said) == (True, said)
    assert said in seen(officers.session("it2"), of(theatre, "calls_attempt"))


def downloaded(client: Client, url: str) -> None:
    """The report of a run that ended, in each of its forms, from the run's page."""
    link = re.search(r'href="([^"]+)\?formato=pdf"', seen(client, url))
    assert link is not None
    for form, begins in (("html", b"<!doctype html>"), ("pdf", b"%PDF-"), ("xml", b"<?xml")):
        made = client.get(f"{link[1]}?formato={form}")
        assert (made.content[: len(begins)], made["Content-Disposition"][-len(form) - 2 : -1]) == (begins, f".{form}")
        assert made["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert client.get(f"{link[1]}?formato=exe").status_code == 404
    assert json.loads(client.get(link[1]).content)["of"] == 2


def opened_again(theatre: Theatre, officers: Officers) -> Recorded:
    """Another run, once the one that goes on was dropped."""
    [run] = [each for each in theatre.of("Andina").runs if each.ended_at is None]
    officers.session("it2").post(of(theatre, "calls_run_drop", run.id), {"texto": "Se fue la luz."})
    return began(opened(theatre, officers.session("it1")))


def test_a_run_is_nobody_else_s(tested: tuple[Theatre, Officers, Client]) -> None:
    theatre, officers, _firm = tested
    first = officers.session("it1")
    run = opened(theatre, first)
    began(run).done(scenario_of(FIRST))
    ours = [of(theatre, "calls_run", run), of(theatre, "calls_run_scenario", run, "captura-01"),
            of(theatre, "calls_run_drop", run), of(theatre, "calls_run_open")]  # fmt: skip
    theirs = [reverse("call_run", args=[CODE, run]), reverse("call_run_scenario", args=[CODE, run, "captura-01"])]
    for name in ("fiscaliza", "legal"):  # their role evaluates, but they are not of this team
        assert [officers.session(name).get(url).status_code for url in ours] == [404] * 4, name
    for name in ("prensa", "vera", "firma"):
        assert [officers.session(name).get(url).status_code for url in ours] == [403] * 4, name
    other = session_of(User.objects.get(email="boreal@demo.invalid"))
    assert [other.get(url).status_code for url in theirs] == [404, 404]
    assert [Client().get(url).status_code for url in (*ours, *theirs)] == [302] * 6
    first.post(of(theatre, "calls_interest"), {"conflicto": "yes", "motivo": "Trabajé allí."})
    assert [first.get(url).status_code for url in ours] == [404] * 4
    assert first.post(ours[0], {"respuesta": "x", "pregunta": "1"}).status_code == 404


def test_one_run_at_a_time_and_one_that_was_interrupted_is_dropped(tested: tuple[Theatre, Officers, Client]) -> None:
    theatre, officers, firm = tested
    first = officers.session("it1")
    run = opened(theatre, first)
    again = first.post(of(theatre, "calls_run_open"), {"ronda": "1", "presentes": "G"})
    assert (again.status_code, "Hay una prueba abierta" in again.content.decode()) == (422, True)
    recorded = began(run)
    recorded.say("  1. captura")
    with pytest.raises(CallRefused, match="ya empezó"):
        Recorded(run).begin(TARGET, SCENARIOS, seed=7)
    assert first.post(of(theatre, "calls_run_drop", run), {"texto": "Iba perdiendo."}).status_code == 422
    recorded.say("  2. sigue, porque la abrió quien la quería descartar")
    dropped = officers.session("it2").post(of(theatre, "calls_run_drop", run), {"texto": "Se fue la luz."})
    assert dropped.status_code == 302
    with pytest.raises(CallRefused, match="no está abierta"):
        recorded.ask("¿Qué se ve?")
    with pytest.raises(CallRefused, match="no está abierta"):
        recorded.say("  2. tarde")
    assert "Se fue la luz." in seen(firm, reverse("call_run", args=[CODE, run]))
    assert (theatre.of("Andina").attempts, replay(theatre.call).wrong) == ((), ())
    other = opened(theatre, first)
    at("2026-07-01 09:00:00")
    with pytest.raises(CallRefused, match="cerró"):
        began(other)
    with pytest.raises(CallRefused, match="No hay ninguna prueba"):
        Recorded(UUID(int=7))


def test_what_a_person_is_asked_is_answered_once_by_who_may(tested: tuple[Theatre, Officers, Client]) -> None:
    theatre, officers, firm = tested
    first = officers.session("it1")
    run = opened(theatre, first)
    recorded = began(run)
    place = runs.ask(recorded.standing, "  Oprima Enter cuando esté hecho. ")
    ours, theirs = of(theatre, "calls_run", run), reverse("call_run", args=[CODE, run])
    for client, url in ((first, ours), (firm, theirs)):
        page = client.get(url)
        assert ("Oprima Enter cuando esté hecho." in page.content.decode(), "Refresh" in page) == (True, False)
    assert firm.post(theirs, {"respuesta": "x", "pregunta": str(place + 1)}).status_code == 302
    unfit = firm.post(theirs, {"respuesta": "a\0b", "pregunta": str(place)}, follow=True)
    assert "ninguno nulo" in unfit.content.decode()
    assert runs.answer_of(recorded.standing, place) is None
    assert first.post(ours, {"respuesta": "hecho", "pregunta": str(place)}).status_code == 302
    for client, url in ((first, ours), (firm, theirs)):
        late = client.post(url, {"respuesta": "otro", "pregunta": str(place)}, follow=True)
        assert "Eso ya se respondió" in late.content.decode()
    found = runs.answer_of(recorded.standing, place)
    assert (found is not None and found.text, found is not None and found.declared) == ("hecho", None)
    assert "lo respondió la ANM (it1@demo.invalid)" in seen(firm, theirs)
    in_english = first.get(ours, headers={"accept-language": "en"}).content.decode()
    assert '<span class="soft" lang="en">answered by the ANM (it1@demo.invalid)</span>' in in_english, "translated"
    for each in ("²", "-1", "9" * 30, ""):
        assert first.post(ours, {"respuesta": "x", "pregunta": each}).status_code == 302


def test_who_opened_a_run_or_answered_in_it_decides_nothing_of_it(tested: tuple[Theatre, Officers, Client]) -> None:
    theatre, officers, _firm = tested
    first, second = officers.session("it1"), officers.session("it2")
    run = opened(theatre, first)
    answer = {"respuesta": "Aceptada", "pregunta": "1"}
    recorded = began(run, acts=[lambda: second.post(of(theatre, "calls_run", run), answer)])
    recorded.ask("¿Qué ve?")
    ended(recorded, recorded.with_answers(FIRST), SECOND)
    attempt, state = of(theatre, "calls_attempt"), theatre.state
    others = who_decides(state, theatre.of("Andina"))
    assert {"it1@demo.invalid", "it2@demo.invalid"} & set(others) == set()
    assert TEAM["tecnico"][0] in others
    waiting = theatre.of("Andina").pending_attempt
    assert waiting is not None
    for client, name in ((first, "it1"), (second, "it2")):
        page = seen(client, attempt)
        assert (">Confirmar</button>" in page, ">Devolver</button>" in page, 'name="texto"' in page) == (False,) * 3
        assert f"Puede hacerlo: {', '.join(others)}." in page
        for decision in ("confirm", "return"):
            answer = client.post(attempt, {"decision": decision, "texto": "No", "visto": waiting.at.isoformat()})
            assert (answer.status_code, "la decide otra persona" in answer.content.decode()) == (422, True)
        by = f"{name}@demo.invalid"
        with pytest.raises(DatabaseError, match="had a hand" if name == "it2" else "two_persons|had a hand"):
            confirm_anyway(theatre, by, proposed_by="it1@demo.invalid" if name == "it2" else "it2@demo.invalid")
    assert (theatre.of("Andina").attempts, theatre.of("Andina").pending_attempt) == ((), waiting)
    theatre.as_person(TEAM["tecnico"][0], evaluator.confirm_attempt, theatre.firms["Andina"],
                      seen=waiting.at.isoformat())  # fmt: skip
    assert [each.confirmed_by for each in theatre.of("Andina").attempts] == [TEAM["tecnico"][0]]


def test_the_account_of_the_firm_does_not_evaluate_it_whatever_its_role(
    tested: tuple[Theatre, Officers, Client],
) -> None:
    theatre, officers, firm = tested
    first = officers.session("it1")
    run = opened(theatre, first)
    answer, affirmed = {"respuesta": "Aceptada", "pregunta": "1"}, {"afirma": "si", "pregunta": "2"}
    recorded = began(run, acts=[
        lambda: firm.post(reverse("call_run", args=[CODE, run]), answer),
        lambda: first.post(of(theatre, "calls_run", run), affirmed),
    ])  # fmt: skip
    recorded.ask("¿Qué ve?")
    ended(recorded, recorded.with_answers(FIRST), SECOND)
    own = "andina@demo.invalid"
    ana, luis = officers.founders
    asked = propose_role(user=User.objects.get(email=own), role=Role.IT, reason="Prueba", proposed_by=ana)
    decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
    theatre.do(setup.name_evaluator, own, "tecnico")
    with pytest.raises(DatabaseError, match="had a hand"):
        confirm_anyway(theatre, own, proposed_by="it1@demo.invalid")
    both = session_of(User.objects.get(email=own))
    pages = ("calls_attempt", "calls_interest", "calls_cures", "calls_run_open")
    assert [both.get(of(theatre, name)).status_code for name in pages] == [404] * 4
    assert both.get(of(theatre, "calls_run", run)).status_code == 404


def confirm_anyway(theatre: Theatre, by: str, *, proposed_by: str) -> None:
    """An attempt confirmed past the commands, straight in the history."""
    data = {"round": 1, "number": 1, "passed": True, "report": "0" * 64}
    made = Drafted(kind="attempt_confirmed", data=data, application=theatre.firms["Andina"], proposed_by=proposed_by)
    with transaction.atomic():
        perform(theatre.call, lambda _call: made, by=by, now=theatre.now)


CHANGED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"candidate": "Otro"}, "el sistema"), ({"version": "2.4.2"}, "su versión"),
    ({"operator": "ENSAYO-U"}, "el operador"), ({"seed": 8}, "la semilla"),
    ({"suite": "sha256:00"}, "la huella del formato"), ({"round": 2}, "la ronda"),
    ({"attempt": str(UUID(int=7))}, "el número de la prueba"), ({"attempt": ""}, "el número de la prueba"),
    ({"passed": 1}, "lo que se contó"), ({"of": 3, "passed": 3}, "lo que se contó"),
)  # fmt: skip


def test_a_report_that_is_not_of_what_began_ends_no_run(tested: tuple[Theatre, Officers, Client]) -> None:
    theatre, officers, _firm = tested
    run = opened(theatre, officers.session("it1"))
    recorded = began(run)
    for each in (FIRST, SECOND):
        recorded.done(scenario_of(each))
    failed = replace(outcome(fault="x"), scenario=SCENARIOS[1])
    wrong = [(reported(recorded, FIRST, SECOND, **changes), said) for changes, said in CHANGED]
    wrong += [
        (reported(recorded, *given), said)
        for given, said in (
            ((FIRST,), "la lista de escenarios"), ((SECOND, FIRST), "la lista de escenarios"),
            ((FIRST, SECOND, SECOND), "la lista de escenarios"), ((FIRST, failed), "lo que se contó"),
            ((FIRST, replace(SECOND, evidence=outcome(status=503).evidence)), "lo que se contó"),
        )
    ]  # fmt: skip
    for report, said in wrong:
        with pytest.raises(CallRefused, match=rf"no coincide .*{said}.*Sigue abierta") as refused:
            recorded.end(report)
        assert refused.value.code == "CAL-032"
        found = theatre.of("Andina")
        assert (found.open_run is not None, found.pending_attempt) == (True, None)
    with pytest.raises(CallRefused, match="no es de la suite"):
        recorded.end({"schema": "otra"})
    report = reported(recorded, FIRST, SECOND)
    recorded.end(report)
    found = theatre.of("Andina")
    assert (found.open_run, found.pending_attempt is not None and found.pending_attempt.passed) == (None, True)


def test_the_report_of_a_followed_run_counts_only_by_it(tested: tuple[Theatre, Officers, Client]) -> None:
    theatre, officers, _firm = tested
    first = officers.session("it1")
    run = opened(theatre, first)
    report = json.dumps(reported(began(run), FIRST, SECOND)).encode()
    officers.session("it2").post(of(theatre, "calls_run_drop", run), {"texto": "Se fue la luz."})
    given = {"ronda": "1", "supera": "yes", "presentes": "Gerencia técnica"}
    answer = first.post(of(theatre, "calls_attempt"), {**given, "reporte": SimpleUploadedFile("reporte.json", report)})
    assert (answer.status_code, "cuenta solo por ella" in answer.content.decode()) == (422, True)


def test_what_the_firm_answers_is_declared_and_counts_once_the_authority_affirms_it(
    tested: tuple[Theatre, Officers, Client], tmp_path: Path
) -> None:
    theatre, officers, firm = tested
    first, second = officers.session("it1"), officers.session("it2")
    run = opened(theatre, first)
    ours, theirs = of(theatre, "calls_run", run), reverse("call_run", args=[CODE, run])

    def declare(text: str) -> None:
        [place] = re.findall(r'name="pregunta" value="([0-9]+)"', seen(firm, theirs))
        firm.post(theirs, {"respuesta": text, "pregunta": place})
        again = firm.post(theirs, {"respuesta": "otra cosa", "pregunta": place}, follow=True).content.decode()
        page = firm.get(theirs)
        assert ("Eso ya se respondió" in again, "Refresh" in page) == (True, True)
        assert 'name="respuesta"' not in page.content.decode()
        for client, url in ((firm, theirs), (first, ours)):
            assert f"La empresa declara: «{text}»." in seen(client, url)

    def affirm(client: Client = first, url: str = ours) -> None:
        [declared, _asked] = re.findall(r'name="pregunta" value="([0-9]+)"', seen(first, ours))
        client.post(url, {"afirma": "si", "pregunta": declared})

    def affirm_own() -> None:
        affirm(firm, theirs)
        affirm(second, ours.replace(str(run), str(UUID(int=7))))

    def see(text: str) -> None:
        place = re.findall(r'name="pregunta" value="([0-9]+)"', seen(second, ours))[-1]
        second.post(ours, {"respuesta": text, "pregunta": place})

    acts = [lambda: declare("4"), affirm_own, affirm, lambda: declare("Aceptada"), lambda: see("Rechazada: MIN-002"),
            lambda: see("1")]  # fmt: skip
    recorded = began(run, acts=acts)
    person = Person(tell=recorded.say, ask=recorded.ask)
    assert person.do("shown", SHOWN, "Mire.")["records"] == [
        {"mark": "P-1", "state": "accepted", "text": "Rechazada: MIN-002"}
    ]
    for told in ("lo declaró la empresa; lo afirmó la ANM (it1@demo.invalid)",
                 "lo vio la ANM (it2@demo.invalid); la empresa había declarado «Aceptada»"):  # fmt: skip
        assert told in seen(firm, theirs)
    made = recorded.with_answers(FIRST)
    assert [(each.text, each.declared, each.affirmed) for each in made.answers] == [
        ("4", "4", True), ("Rechazada: MIN-002", "Aceptada", False),
    ]  # fmt: skip
    for each in (made, SECOND):
        recorded.done(scenario_of(each))
    declared, seen_by = "lo declaró la empresa (Gerencia técnica) y lo afirmó la ANM", "había declarado «Aceptada»"
    page = seen(first, of(theatre, "calls_run_scenario", run, "captura-01"))
    assert (declared in page, seen_by in page) == (True, True)
    with pytest.raises(CallRefused, match="no coincide lo que se respondió"):
        recorded.end(reported(recorded, FIRST, SECOND))
    report = reported(recorded, made, SECOND)
    assert len(list(write_report(report, tmp_path))) == 5
    pdf = "".join(page.extract_text() for page in PdfReader(tmp_path / "report.pdf").pages)
    for text in ((tmp_path / "report.html").read_text(), (tmp_path / "report.xml").read_text(), pdf):
        assert (declared in " ".join(text.split()), seen_by in " ".join(text.split())) == (True, True)
    recorded.end(report)
    waiting = theatre.of("Andina").pending_attempt
    assert waiting is not None
    assert waiting.hands == (*sorted({theatre.owner("Andina"), "it1@demo.invalid", "it2@demo.invalid"}),)


def test_a_run_with_an_answer_of_the_firm_that_nobody_affirmed_does_not_end(
    tested: tuple[Theatre, Officers, Client],
) -> None:
    theatre, officers, firm = tested
    run = opened(theatre, officers.session("it1"))
    recorded = began(run)
    place = runs.ask(recorded.standing, "¿Qué ve?")
    firm.post(reverse("call_run", args=[CODE, run]), {"respuesta": "Aceptada", "pregunta": str(place)})
    assert runs.answer_of(recorded.standing, place) is None
    with pytest.raises(CallRefused, match="no afirmó 1 de las respuestas") as refused:
        ended(recorded, FIRST, SECOND)
    assert (refused.value.code, theatre.of("Andina").open_run is not None) == ("CAL-033", True)


def test_in_the_second_round_the_firm_answers_nothing(tested: tuple[Theatre, Officers, Client]) -> None:
    theatre, officers, firm = tested
    theatre.test("Andina", 1, passed=True)
    at("2026-06-22 09:00:00")
    theatre.at("2026-06-22 09:00:00")
    run = opened(theatre, officers.session("it1"), ronda="2")
    recorded = began(run)
    place = runs.ask(recorded.standing, "¿Qué ve?")
    theirs = reverse("call_run", args=[CODE, run])
    page = firm.get(theirs)
    assert ("En esta ronda responde la ANM." in page.content.decode(), 'name="respuesta"' in page.content.decode()) == (
        True, False,
    )  # fmt: skip
    assert "Refresh" in page
    told = firm.post(theirs, {"respuesta": "Aceptada", "pregunta": str(place)}, follow=True).content.decode()
    assert "responde la ANM: la empresa solo la sigue" in told
    assert [line.kind for line in run_lines(run)] == ["asked"]
    officers.session("it2").post(of(theatre, "calls_run", run), {"respuesta": "Aceptada", "pregunta": str(place)})
    assert runs.answer_of(recorded.standing, place) is not None
