"""Each role's main flow in a real Chromium, from sign-in to what it is there for; axe looks at each page at 360 px.

With VETA_WALKS=1 the pictures of `docs/walks` are made again.
"""

from __future__ import annotations

import os
import re
from uuid import UUID

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.hub.browser.conftest import Desk, come_in, shot
from tests.hub.browser.every_page import pages, readers, refused, session_cookie
from tests.hub.country import STRANGER
from tests.movements.world import TOWN
from tests.site.browser.people import press_to, send
from tests.site.browser.test_layout import SPILL, faults, look
from veta.hub.road.code import code_of
from veta.site.roles import Role

pytestmark = pytest.mark.browser
MOST_BYTES = 150 * 1024

ACT = {"Autoridad": "ANM (ficticio)", "Número del acto": "DEMO-A-7", "Fecha del acto": "2026-11-09",
       "Motivo": "Inspección en el sitio."}  # fmt: skip


def fill(page: Page, fields: dict[str, str]) -> None:
    for label, value in fields.items():
        page.get_by_label(re.compile(f"^{label}")).fill(value)


def go(page: Page, name: str) -> None:
    """Follow a link of the page by its name."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("link", name=re.compile(f"^{name}")).first.click()


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def good(page: Page) -> None:
    """Nothing cut on a phone or on a wide screen, and nothing that axe finds."""
    address = page.url
    assert look(page, address) == [], address
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(SPILL) <= 0, address
    page.set_viewport_size({"width": 360, "height": 740})


def test_oversight_reads_why_a_movement_was_rejected_follows_a_lot_and_proposes_a_suspension(
    page: Page, desk: Desk
) -> None:
    come_in(page, desk.hub, "oversight")
    good(page)
    shot(page, "oversight-1")
    go(page, "QUO-001")
    go(page, "Producción")
    expect(page.get_by_role("main")).to_contain_text("Qué se decidió y por qué")
    expect(page.get_by_role("main")).to_contain_text("Impide")
    good(page)
    shot(page, "oversight-2")
    page.goto("/tablero/buscar/")
    good(page)
    page.get_by_label("Placa de un título").fill(desk.chain["blend"])
    press(page, "Buscar")
    go(page, desk.chain["blend"])
    expect(page.locator("svg.genealogy a")).to_have_count(3)
    good(page)
    shot(page, "oversight-3")
    go(page, "Ver una suspensión")
    expect(page.get_by_role("main")).to_contain_text("Lo que tocaría ahora")
    good(page)
    fill(page, ACT)
    press(page, "Proponer")
    expect(page.get_by_role("main")).to_contain_text("Usted lo propuso: lo decide otra persona.")
    good(page)


def test_the_signer_approves_by_keyboard_what_another_proposed(page: Page, desk: Desk) -> None:
    come_in(page, desk.hub, "signer")
    press_to(page, "Suspensión: ANM (ficticio)", most=60)
    send(page)
    expect(page.get_by_role("main")).to_contain_text("Lo que tocaría ahora")
    shot(page, "signer-1")
    press_to(page, "Aprobar", most=60)
    send(page)
    expect(page.get_by_role("main")).to_contain_text("Quedó aprobado y ya rige.")
    page.goto(f"/lotes/{desk.chain['blend']}/")
    expect(page.get_by_role("main")).to_contain_text("Lo suspende el acto")
    good(page)
    page.goto("/actos/")
    good(page)
    shot(page, "signer-2")


def test_registry_enters_a_plan_and_lists_renewals(page: Page, desk: Desk) -> None:
    come_in(page, desk.hub, "registry")
    go(page, "Títulos y planes")
    go(page, "Ingresar un plan")
    good(page)
    fill(page, {"Placa": desk.chain["title"], "Acto": "Resolución DEMO-7", "Dónde se leyó": "Expediente",
                "Fecha de aprobación": "2026-01-05", "Vigente desde": "2026-01-05",
                "Volúmenes": "oro; ayer; 1"})  # fmt: skip
    press(page, "Ingresar")
    expect(page.get_by_role("alert")).to_contain_text("AAAA-MM-DD")
    mineral = "carbon_termico"
    fill(page, {"Volúmenes": f"{mineral}; 2026-01-01; 7.777,5"})
    press(page, "Ingresar")
    expect(page.get_by_role("main")).to_contain_text("7.777,5 t")
    good(page)
    shot(page, "registry-1")
    page.goto("/registro/renovaciones/")
    good(page)
    page.goto("/registro/archivos/subir/")
    page.get_by_label("Qué lista es").select_option("traders")
    rows = "nombre_persona,tipo_persona,tipo_documento,numero_documento,codigo_dane,mineral\n"
    rows += f"MINERA DEMO SAS,JURIDICA,NIT,900123456,{TOWN},ORO\nCOMPRAVENTA DEMO,NATURAL,,,{TOWN},ORO\n"
    rows += f"OTRA DEMO SAS,JURIDICA,CC,71600700,{TOWN},ORO\n"
    page.get_by_label("Archivo (CSV o Excel)").set_input_files(
        {"name": "Comercializadores de junio.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    press(page, "Subir y ver qué haría")
    expect(page.get_by_role("main")).to_contain_text("Una empresa se identifica con NIT.")
    expect(page.get_by_role("main")).to_contain_text("Usted lo subió: lo aplica otra persona.")
    shot(page, "registry-2")


def test_it_gives_a_key_its_second_approval(page: Page, desk: Desk) -> None:
    come_in(page, desk.hub, "it")
    go(page, "Operadores")
    good(page)
    go(page, "DEMO-OTTM-2")
    good(page)
    shot(page, "it-1")
    go(page, "Aprobar")
    press(page, "Aprobar")
    expect(page.get_by_role("main")).to_contain_text("Su aprobación quedó registrada.")


def test_legal_says_what_for_before_a_persons_page_opens(page: Page, desk: Desk) -> None:
    come_in(page, desk.hub, "legal")
    page.goto("/tablero/buscar/")
    page.get_by_label("Tipo de documento").select_option("CC")
    page.get_by_label("Número").fill(STRANGER["number"])
    press(page, "Buscar por documento")
    assert STRANGER["number"] not in page.url
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Para qué consulta estos datos?")
    good(page)
    fill(page, {"Expediente": "EXP-2026-14"})
    shot(page, "legal-1")
    press(page, "Continuar")
    expect(page.get_by_role("heading", level=1)).to_contain_text("María Pérez")
    good(page)
    shot(page, "legal-2")


def test_the_auditor_sees_that_look_and_the_queue_and_decides_nothing(page: Page, desk: Desk) -> None:
    come_in(page, desk.hub, "auditor")
    go(page, "Consultas de datos")
    expect(page.get_by_role("main")).to_contain_text("EXP-2026-13")
    good(page)
    shot(page, "auditor-1")
    page.goto("/tablero/por-decidir/")
    expect(page.get_by_role("main")).to_contain_text("solo consulta")
    good(page)
    with page.expect_download() as asked:
        page.get_by_role("link", name=re.compile("^Descargar Excel")).click()
    assert asked.value.suggested_filename == "por-decidir.xlsx"


def test_an_insurer_reads_a_title_and_no_lot(page: Page, desk: Desk) -> None:
    come_in(page, desk.hub, "insurer")
    page.goto("/tablero/buscar/")
    page.get_by_label("Placa de un título").fill(desk.chain["title"])
    press(page, "Buscar")
    go(page, desk.chain["title"])
    expect(page.get_by_role("main")).to_contain_text("Su rol no ve los lotes.")
    good(page)
    shot(page, "insurer-1")


@pytest.mark.parametrize(
    ("role", "link", "says"),
    [
        ("royalties", "Liquidaciones", "Liquidaciones"),
        ("administrator", "Personas con cuenta", "Personas con cuenta"),
        ("communications", "Ver la tabla", "Movimientos recibidos cada día"),
        ("mayor", "Ver la tabla", "Movimientos recibidos cada día"),
    ],
)
def test_the_others_find_their_pages_from_the_desk(page: Page, desk: Desk, role: str, link: str, says: str) -> None:
    come_in(page, desk.hub, role)
    shot(page, f"{role}-1")
    go(page, link)
    expect(page.get_by_role("main")).to_contain_text(says)
    good(page)


def test_a_policeman_sees_the_answer_the_plate_and_the_load_without_scrolling(page: Page, desk: Desk) -> None:
    page.goto(f"/camino/{code_of(UUID(desk.chain['dispatch']))}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pida el papel")
    for text in ("Pida el papel", "DMO123", "28,5 t", "Documentos"):
        box = page.get_by_text(text, exact=False).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 740, f"{text} is under the fold of a phone"
    good(page)
    keep(page, "camino-360")
    shot(page, "road-1")


def keep(page: Page, name: str) -> None:
    """The picture of the whole page on the phone, where VETA_PICTURES names a folder."""
    if folder := os.environ.get("VETA_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def visit(page: Page, desk: Desk, role: Role, names: list[str], *, axe: bool) -> list[str]:
    """What is wrong with each of these pages as that role sees it, in words."""
    page.context.clear_cookies()
    subjects = (*desk.values["desk_actor"], *desk.values["mayor_person"])
    page.context.add_cookies([{**session_cookie(role, subjects), "url": desk.hub.origin}])
    wrong = []
    for name in names:
        path = reverse(name, args=desk.values.get(name, ()))
        answered = page.goto(path)
        assert answered is not None
        landed = page.url.removeprefix(desk.hub.origin).partition("?")[0]
        if answered.status != 200 or landed != path:
            wrong.append(f"{name} as {role}: {answered.status} at {landed}")
            continue
        found = faults(page) if axe else []
        found += [f"weighs {len(answered.body()):,} bytes"] if len(answered.body()) > MOST_BYTES else []
        links = page.eval_on_selector_all("main a[href^='/']", "all => all.map(a => a.getAttribute('href'))")
        found += [f"leads to a refusal: {link}" for link in refused(role, links)]
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 740})
            found += [f"spills at {width} px"] if page.evaluate(SPILL) > 0 else []
            if shots := os.environ.get("VETA_PICTURES"):
                page.screenshot(path=f"{shots}/{name}-{role}-{width}.png", full_page=True)
        wrong += [f"{name} as {role}: {each}" for each in found]
    return wrong


def test_every_page_that_the_table_opens_to_a_role_fits_and_breaks_no_rule(page: Page, desk: Desk) -> None:
    """Each page once, by one of the roles that may open it; the roles take turns."""
    turns: dict[Role, list[str]] = {}
    for name in pages():
        role = min(readers(name), key=lambda each: (len(turns.get(each, [])), each))
        turns.setdefault(role, []).append(name)
    assert [wrong for role, names in turns.items() for wrong in visit(page, desk, role, names, axe=True)] == []


@pytest.mark.chaos
def test_every_page_as_every_role_that_may_open_it(page: Page, desk: Desk) -> None:
    for role in Role:
        names = [name for name in pages() if role in readers(name)]
        assert visit(page, desk, role, names, axe=False) == []
