"""A validation in a real browser: asked for on a phone, decided by two officers, seen again by its code; axe clean."""

import re
import subprocess
import sys
from collections.abc import Iterator
from textwrap import dedent

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.browser.conftest import ROOT, SLOW, Hub
from tests.site.browser.people import press_to, send
from tests.site.browser.test_layout import look

pytestmark = pytest.mark.browser

# A title whose plan names a heading alone, and two officers with a session each, made by the site's own services.
WORLD = dedent("""
    from veta.cli.environment import open_django
    open_django()
    from tests.bonds.titled import holder, title
    from tests.site.conftest import enrol, session_of
    from veta.site.models import User
    from veta.site.roles import Role
    from veta.site.services import create_account, decide_role, propose_role

    title("DEMO-900", held_by=holder("999000900"), volumes={"carbon": 10_000_000}, years=tuple(range(2024, 2036)))
    ana, luis = (User.objects.get(email=f"{name}@demo.invalid") for name in ("ana", "luis"))
    for name in ("marta", "pedro"):
        officer = create_account(email=f"{name}@demo.invalid", name=f"{name.title()} Demo", created_by=ana)
        for role in (Role.OVERSIGHT, Role.ROYALTIES):
            asked = propose_role(user=officer, role=role, reason="Prueba", proposed_by=ana)
            decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
        enrol(officer)
        [cookie] = session_of(officer).cookies.values()
        print(cookie.key, cookie.value)
""")


@pytest.fixture(scope="module")
def officers(browser: Browser, hub: Hub) -> Iterator[tuple[Page, Page]]:
    """Marta and Pedro, each signed in on a phone."""
    env = hub.env | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    made = subprocess.run([sys.executable, "-c", WORLD], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    pages = []
    for line in made.stdout.splitlines():
        context = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 740})
        context.set_default_timeout(SLOW)
        name, value = line.split()
        context.add_cookies([{"name": name, "value": value, "url": hub.origin}])
        pages.append(context.new_page())
    yield pages[0], pages[1]
    for page in pages:
        page.context.close()


def test_asked_for_by_the_holder_and_required_by_two_officers(page: Page, officers: tuple[Page, Page]) -> None:
    marta, pedro = officers
    page.goto("/poliza/?titulo=DEMO-900&desde=2026-11-21&calcular=1")
    expect(page.get_by_text("BON-001")).to_be_visible()
    page.get_by_role("link", name="Pedir la validación del mineral").click()
    expect(page.get_by_label("Placa del título")).to_have_value("DEMO-900")
    press_to(page, "Número de documento")
    page.keyboard.type("900500018")
    press_to(page, "¿Qué debe validarse?")
    page.keyboard.type("El plan solo dice carbón")
    press_to(page, "Pedir la validación")
    send(page)
    expect(page.get_by_text("no es de un titular del título")).to_be_visible()
    page.get_by_label("Número de documento").fill("999000900")
    page.get_by_role("button", name="Pedir la validación").click()
    expect(page).to_have_url(re.compile("/validacion/[0-9A-Z]{5}-[0-9A-Z]{5}/"))
    assert look(page, page.url) == []
    status = page.url

    assert look(marta, "/casos/") == []
    marta.get_by_role("link", name="DEMO-900").click()
    expect(marta.get_by_text("sin tipo", exact=True)).to_be_visible()
    case = marta.url
    assert look(marta, case) == []
    marta.get_by_role("link", name="Proponer un requerimiento").click()
    assert look(marta, marta.url) == []
    expect(marta.get_by_label("Exigible desde")).not_to_have_value("")
    marta.get_by_label("Acto que requiere").fill("Auto DEMO-9 de 2026")
    marta.get_by_label("Motivo").fill("Precise el tipo de carbón")
    marta.get_by_role("button", name="Proponer").click()
    marta.get_by_role("link", name="Decidir el requerimiento").click()
    marta.get_by_role("button", name="Aprobar").click()
    expect(marta.get_by_text("lo decide otra persona").first).to_be_visible()
    page.reload()
    expect(page.get_by_text("Auto DEMO-9")).to_have_count(0)

    pedro.goto(case)
    pedro.get_by_role("link", name="Decidir el requerimiento").click()
    assert look(pedro, pedro.url) == []
    pedro.get_by_role("button", name="Aprobar").click()
    expect(pedro.get_by_text("tipo requerido desde el")).to_be_visible()
    expect(pedro.get_by_role("link", name="Dar el resultado")).to_have_count(0)
    with pedro.expect_download() as download:
        pedro.get_by_role("link", name="Descargar el borrador de la petición").click()
    assert download.value.suggested_filename.startswith("peticion-")
    page.goto(status)
    expect(page.get_by_text("Auto DEMO-9 de 2026")).to_be_visible()
    expect(page.get_by_text("Precise el tipo de carbón")).to_be_visible()
    assert look(page, status) == []


@pytest.mark.parametrize(
    "path",
    [
        "/validacion/", "/casos/abrir/", "/obligados/", "/polizas/", "/polizas/exigir/?placa=DEMO-900",
        "/polizas/comparar/?placa=DEMO-900", "/liquidaciones/", "/liquidaciones/borrador/", "/retenciones/",
    ],
)  # fmt: skip
def test_each_desk_on_a_phone(officers: tuple[Page, Page], path: str) -> None:
    assert look(officers[0], path) == []
