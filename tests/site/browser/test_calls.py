"""The call for operators in a real browser: read without scripts, cured by keyboard on a phone; axe clean."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from textwrap import dedent

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.browser.conftest import ROOT, SLOW, Hub, staying
from tests.site.browser.people import press_to, send
from tests.site.browser.test_layout import faults, look

pytestmark = pytest.mark.browser

CODE = "DEMO-OTTM-2026"
PUBLIC, MINE, DESK = f"/convocatorias/{CODE}/", f"/convocatorias/{CODE}/mi-solicitud/", f"/mesa-convocatorias/{CODE}/"
# What is a file and not a page.
FILES = {"call_json", "call_act", "call_annex", "call_receipt", "call_document", "call_own_act", "calls_export",
         "calls_archive", "calls_document", "calls_own_act"}  # fmt: skip
# Every control takes the keyboard's focus, in the order of the page.
UNREACHED = """() => [...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary")]
    .filter(e => e.checkVisibility() && !(e.focus(), document.activeElement === e && e.tabIndex === 0))
    .map(e => e.outerHTML.slice(0, 100))"""
# The demonstration's call, with something on each page of it, and a session of each of its people.
WORLD = (
    dedent("""
    import json
    from veta.cli.environment import open_django
    open_django()
    from django.urls import reverse
    from tests.conformance.test_report import ABOUT, outcome
    from tests.site.conftest import enrol, session_of
    from veta.calls.domain.commands import authority, publication
    from veta.calls.domain.history import Drafted
    from veta.calls.domain.seed import call_of_2026
    from veta.calls.queries import find_call
    from veta.calls.services import applicants, create_call, enablement, perform, questions, runs
    from veta.conformance.domain.report import report_of
    from veta.conformance.queries import suite_digest
    from veta.demo.called import CODE, bogota, ready_call
    from veta.demo.officers import APPLICANT
    from veta.kernel.ids import uuid7
    from veta.site.models import User
    from veta.site.permissions import PERMISSIONS
    from veta.site.roles import Role
    from veta.site.services import create_account, decide_role, propose_role

    ana, luis = (User.objects.get(email=f"{name}@demo.invalid") for name in ("ana", "luis"))
    people = ((APPLICANT, None), ("tecnologia@demo.invalid", Role.IT), ("fiscaliza@demo.invalid", Role.OVERSIGHT),
              ("firma@demo.invalid", Role.SIGNER))
    for email, role in people:
        person = create_account(email=email, name="Persona Demo (ficticia)", created_by=ana)
        if role is not None:
            asked = propose_role(user=person, role=role, reason="Prueba", proposed_by=ana)
            decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
        enrol(person)
        [cookie] = session_of(person).cookies.values()
        print(cookie.key, cookie.value)
    ready_call(True)
    call, now = find_call(CODE), bogota("2026-04-20 09:00")
    create_call(call_of_2026(code="OTRA", title="Otra (ficticia)"), by=ana.email, now=bogota("2026-02-18 09:00"))
    firms = {each.firm.split(" (")[0]: each for each in call.applications.values()}
    first, seen = firms["Minerales al Día"], firms["Ruta del Oro"]
    question = questions.ask(call.id, "¿Sirve un RUT de 2025?", now=bogota("2026-03-20 09:00"))
    data = {"windows": {"8": ["2026-04-13", "2026-04-29"]}, "date": "2026-04-20", "reason": "Más tiempo"}
    perform(call.id, lambda c: publication.prepare(c, "addendum", number="Adendo 1", data=data, at=now),
            by="prensa@demo.invalid", now=now)
    given = {"number": "Auto 1", "reason": "Documento falso", "norm": "CPACA"}
    perform(call.id, lambda c: authority.propose_act(c, first.id, "exclude", given=given, at=now),
            by="juridica@demo.invalid", now=now)
    shut = firms["Origen Claro"]
    perform(call.id, lambda c: authority.propose_act(c, shut.id, "exclude", given=given, at=now),
            by="juridica@demo.invalid", now=now)
    seen_place = find_call(CODE).application(shut.id).pending_act["place"]
    enablement.settle(call.id, shut.id, approved=True, seen=seen_place, by="firma@demo.invalid", now=now)
    applicants.appeal(call.id, shut.id, "No es falso.", owner=shut.owner, now=now)
    appeal = find_call(CODE).application(shut.id).appeals[0]["id"]
    base = call_of_2026(code="ABIERTA", title="Abierta (ficticia)", number="DEMO 3")
    days = {1: ("2026-04-20", "2026-04-20"), 2: ("2026-04-20", "2026-04-29")}
    for row in base["timetable"]:
        row["opens"], row["closes"] = days.get(row["order"], ("2026-04-30", "2026-04-30"))
    open_ = create_call({**base, "questions_until": "2026-04-29"}, by=ana.email, now=now)
    perform(open_, lambda c: publication.prepare(c, "invitation", number="DEMO 3", at=now), by="prensa@demo.invalid",
            now=now)
    signer = {"role": "Vicepresidencia", "acting": True}
    perform(open_, lambda c: publication.publish(c, signer=signer, seen=c.prepared.place, by="firma@demo.invalid",
                                                 at=now), by="firma@demo.invalid", now=now)
    own, run = firms["Trazas del Cauca"], uuid7()
    opened = {"run": str(run), "round": 1, "number": 1, "present": "Gerencia"}
    about = {"run": str(run), "candidate": "Trazador", "version": "1", "operator": "ENSAYO", "seed": 1,
             "suite": suite_digest(), "scenarios": ["captura-01", "captura-02"]}
    for kind, data in (("run_opened", opened), ("run_began", about)):
        perform(call.id, lambda c: Drafted(kind=kind, data=data, application=own.id), by="tecnologia@demo.invalid",
                now=now)
    of = runs.find(run)
    runs.add_scenario(of, report_of(ABOUT, [outcome(fault="está 2 veces")])["scenarios"][0])
    runs.add(of, "said", {"text": "captura: compra"})
    runs.ask(of, "Oprima Enter cuando esté hecho.")
    args = {
        "calls_run": (CODE, own.id, run), "calls_run_drop": (CODE, own.id, run), "calls_run_open": (CODE, own.id),
        "calls_run_scenario": (CODE, own.id, run, "captura-01"), "call_run": (CODE, run),
        "call_run_scenario": (CODE, run, "captura-01"),
        "calls_revise": ("OTRA",), "calls_requirement": ("OTRA",), "call_item": (CODE, "T-02"),
        "calls_answer_question": (CODE, question), "calls_judge": (CODE, first.id, "T-02"),
        "calls_answer": (CODE, seen.id, seen.observations[0].id), "calls_act": (CODE, seen.id, "operator"),
        "call_register": ("ABIERTA",), "call_account": ("ABIERTA",), "calls_appeal": (CODE, shut.id, appeal),
        "call_list": (), "call_operators": (), "call_format": (), "calls_desk": (), "calls_new": (),
    }
    of_a_firm = ("calls_application", "calls_interest", "calls_cures", "calls_attempt", "calls_deliver", "calls_notice",
                 "calls_settle")
    args |= {name: (CODE, first.id) for name in of_a_firm}
    names = [name for name in PERMISSIONS if name.startswith("call") and "GET" in PERMISSIONS[name]]
    skipped = set(%r)
    stay = {"calls_run", "call_run"}  # their pages go on by themselves unless they are told to stay
    print(json.dumps({
        name: (min((n for n, (_e, role) in enumerate(people) if role in PERMISSIONS[name]["GET"].roles), default=0),
               reverse(name, args=args.get(name, (CODE,))) + "?quieta=1" * (name in stay))
        for name in names if name not in skipped
    }))
""")
    % FILES
)


@pytest.fixture(scope="module")
def world(browser: Browser, hub: Hub) -> Iterator[tuple[list[Page], dict[str, tuple[int, str]]]]:
    """Applicant, evaluator, oversight and signer, each signed in on a phone; and each page with who opens it."""
    env = hub.env | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    made = subprocess.run([sys.executable, "-c", WORLD], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    pages = []
    *sessions, addresses = made.stdout.splitlines()
    for line in sessions:
        context = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 740})
        context.set_default_timeout(SLOW)
        name, value = line.split()
        context.add_cookies([{"name": name, "value": value, "url": hub.origin}])
        pages.append(context.new_page())
    yield pages, json.loads(addresses)
    for page in pages:
        page.context.close()


@pytest.fixture
def people(world: tuple[list[Page], dict[str, tuple[int, str]]]) -> list[Page]:
    return world[0]


def test_the_public_page_is_whole_without_scripts(browser: Browser, hub: Hub, people: list[Page]) -> None:
    context = browser.new_context(
        base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(PUBLIC)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Convocatoria de demostración, según el cronograma de 2026"
    )
    expect(page.get_by_text("Pruebas técnicas de los OTTM elegibles (Ronda 2)")).to_be_visible()
    page.get_by_text("Listado preliminar de resultados DEMO preliminary").click()
    expect(page.get_by_text("Rastro Andino (ficticia) SAS").first).to_be_visible()
    context.close()


def test_an_applicant_cures_by_keyboard_and_keeps_the_receipt(people: list[Page]) -> None:
    applicant = people[0]
    assert look(applicant, MINE) == []
    expect(applicant.get_by_text("Por subsanar").first).to_be_visible()
    expect(applicant.get_by_text("días hábiles").first).to_be_visible()
    press_to(applicant, "Subsanar", most=80)
    send(applicant)
    paper = {"name": "Plan de llaves.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n% plan\n%%EOF\n"}
    bad = {**paper, "buffer": b"PK\x03\x04 nada"}
    applicant.get_by_label("Documentos").set_input_files([bad])
    press_to(applicant, "Subsanar, una sola vez")
    send(applicant)
    expect(applicant.get_by_text("no es un PDF")).to_be_visible()
    second = {**paper, "name": "Anexo.pdf", "buffer": b"%PDF-1.4\n% anexo\n%%EOF\n"}
    applicant.get_by_label("Documentos").set_input_files([paper, second])
    expect(applicant.get_by_text("Anexo.pdf")).to_be_visible()
    assert faults(applicant) == []
    press_to(applicant, "Subsanar, una sola vez")
    send(applicant)
    expect(applicant.get_by_text("Su subsanación quedó recibida")).to_be_visible()
    with applicant.expect_download() as download:
        applicant.get_by_role("link", name="Subsanación recibida").first.click()
    assert download.value.suggested_filename.startswith(f"recibo-{CODE}-")


def test_an_evaluator_reads_a_dossier_and_finds_the_next_step(people: list[Page]) -> None:
    evaluator = people[1]
    assert look(evaluator, DESK) == []
    evaluator.get_by_role("link", name="Trazas del Cauca (ficticia) SAS").click()
    assert look(evaluator, evaluator.url) == []
    with evaluator.expect_download() as download:
        evaluator.get_by_role("link", name="T-01.pdf").click()
    assert download.value.suggested_filename.endswith(".pdf")
    evaluator.get_by_role("link", name="Evaluar T-02").click()
    assert look(evaluator, evaluator.url) == []
    evaluator.get_by_label("Cumple", exact=True).check()
    evaluator.get_by_label("Motivo").fill("Ya dice quién custodia las llaves.")
    evaluator.get_by_role("button", name="Proponer").click()
    expect(evaluator.get_by_text(re.compile("empieza el 2026-04-28|no se evalúa ahora")).first).to_be_visible()


def test_each_page_of_a_call_on_a_phone(world: tuple[list[Page], dict[str, tuple[int, str]]]) -> None:
    people, addresses = world
    found = {name: wrong for name, (who, path) in addresses.items() if (wrong := _wrong(people[who], path))}
    assert found == {}
    assert len(addresses) > 30


def test_the_firm_answers_the_run_by_keyboard_and_the_team_affirms_it(
    world: tuple[list[Page], dict[str, tuple[int, str]]],
) -> None:
    (applicant, evaluator, *_), addresses = world
    path, ours = (addresses[name][1].partition("?")[0] for name in ("call_run", "calls_run"))
    opened = applicant.goto(path)
    assert opened is not None
    assert "refresh" not in opened.headers, "what is being typed is not thrown away"
    applicant.get_by_label("Oprima Enter cuando esté hecho.").fill("hecho")
    applicant.keyboard.press("Enter")
    expect(applicant.get_by_text("La empresa declara: «hecho».")).to_be_visible()
    assert applicant.request.get(path).headers["refresh"] == "3"
    assert look(evaluator, ours) == []
    press_to(evaluator, "Afirmar lo que la empresa declara", most=80)
    send(evaluator)
    expect(evaluator.get_by_text("lo declaró la empresa; lo afirmó la ANM")).to_be_visible()
    assert evaluator.request.get(ours).headers["refresh"] == "3"
    with staying(applicant):
        assert look(applicant, path) == [], "as it renews itself"
    applicant.goto(f"{path}?quieta=1")
    applicant.get_by_role("link", name="captura-01").click()
    expect(applicant.get_by_text("está 2 veces")).to_be_visible()


def _wrong(page: Page, path: str) -> list[str]:
    faults = look(page, path)
    if page.url.rstrip("/").split("://")[1].partition("/")[2] != path.strip("/"):
        faults.append(f"led to {page.url}")
    return [*faults, *(f"no focus: {each}" for each in page.evaluate(UNREACHED))]
