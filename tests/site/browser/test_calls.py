"""The call for operators in a real browser: read without scripts, cured by keyboard on a phone; axe clean."""

import re
import subprocess
import sys
from collections.abc import Iterator
from textwrap import dedent

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.browser.conftest import ROOT, Hub
from tests.site.browser.people import press_to, send
from tests.site.browser.test_layout import look

pytestmark = pytest.mark.browser

CODE = "DEMO-OTTM-2026"
PUBLIC, MINE, DESK = f"/convocatorias/{CODE}/", f"/convocatorias/{CODE}/mi-solicitud/", f"/mesa-convocatorias/{CODE}/"
# The demonstration's call, with a session of its applicant, of an evaluator and of who prepares acts.
WORLD = dedent("""
    from veta.cli.environment import open_django
    open_django()
    from tests.site.conftest import enrol, session_of
    from veta.demo.called import ready_call
    from veta.demo.officers import APPLICANT
    from veta.site.models import User
    from veta.site.roles import Role
    from veta.site.services import create_account, decide_role, propose_role

    ana, luis = (User.objects.get(email=f"{name}@demo.invalid") for name in ("ana", "luis"))
    people = ((APPLICANT, None), ("tecnologia@demo.invalid", Role.IT), ("fiscaliza@demo.invalid", Role.OVERSIGHT))
    for email, role in people:
        person = create_account(email=email, name="Persona Demo (ficticia)", created_by=ana)
        if role is not None:
            asked = propose_role(user=person, role=role, reason="Prueba", proposed_by=ana)
            decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
        enrol(person)
        [cookie] = session_of(person).cookies.values()
        print(cookie.key, cookie.value)
    ready_call(True)
""")


@pytest.fixture(scope="module")
def people(browser: Browser, hub: Hub) -> Iterator[tuple[Page, Page, Page]]:
    """Applicant, evaluator and oversight, each signed in on a phone."""
    env = hub.env | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    made = subprocess.run([sys.executable, "-c", WORLD], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    pages = []
    for line in made.stdout.splitlines():
        context = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 740})
        context.set_default_timeout(15_000)
        name, value = line.split()
        context.add_cookies([{"name": name, "value": value, "url": hub.origin}])
        pages.append(context.new_page())
    yield pages[0], pages[1], pages[2]
    for page in pages:
        page.context.close()


def test_the_public_page_is_whole_without_scripts(browser: Browser, hub: Hub, people: tuple[Page, Page, Page]) -> None:
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


def test_an_applicant_cures_by_keyboard_and_keeps_the_receipt(people: tuple[Page, Page, Page]) -> None:
    applicant = people[0]
    assert look(applicant, MINE) == []
    expect(applicant.get_by_text("Por subsanar").first).to_be_visible()
    expect(applicant.get_by_text("días hábiles").first).to_be_visible()
    press_to(applicant, "Subsanar", most=80)
    send(applicant)
    paper = {"name": "Plan de llaves.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n% plan\n%%EOF\n"}
    bad = {**paper, "buffer": b"PK\x03\x04 nada"}
    applicant.get_by_label("Documento").set_input_files([bad])
    press_to(applicant, "Subsanar, una sola vez")
    send(applicant)
    expect(applicant.get_by_text("no es un PDF")).to_be_visible()
    applicant.get_by_label("Documento").set_input_files([paper])
    press_to(applicant, "Subsanar, una sola vez")
    send(applicant)
    expect(applicant.get_by_text("Su subsanación quedó recibida")).to_be_visible()
    with applicant.expect_download() as download:
        applicant.get_by_role("link", name="Subsanación recibida").first.click()
    assert download.value.suggested_filename.startswith(f"recibo-{CODE}-")


def test_an_evaluator_reads_a_dossier_and_finds_the_next_step(people: tuple[Page, Page, Page]) -> None:
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


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (0, "/convocatorias/"), (0, PUBLIC), (0, f"{PUBLIC}preguntar/"), (0, f"{PUBLIC}cuenta/"),
        (0, "/operadores-registrados/"), (0, f"{MINE}retirar/"), (0, f"{MINE}observar/"), (2, "/mesa-convocatorias/"),
        (2, "/mesa-convocatorias/nueva/"), (2, f"{DESK}preparar/"), (2, f"{DESK}adendo/"), (2, f"{DESK}equipo/"),
    ],
)  # fmt: skip
def test_each_page_on_a_phone(people: tuple[Page, Page, Page], who: int, path: str) -> None:
    assert look(people[who], path) == []
