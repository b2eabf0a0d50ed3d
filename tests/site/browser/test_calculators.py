"""The public calculators in a real browser: on a phone of 360 px, by keyboard alone, in under a minute, axe clean."""

import re
import time
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.site.browser.people import press_to, send
from tests.site.browser.test_layout import look

pytestmark = pytest.mark.browser

COAL = {
    "etapa": "explotacion", "desde": "2025-08-01", "titulo_clase": "ley_685", "mineral_1": "carbon_termico",
    "volumen_1": "120.000", "mercado_1": "interno", "calcular": "1",
}  # fmt: skip
GOLD = {
    "trimestre": "2025-T3", "mineral_1": "oro", "cantidad_1": "1000", "mes_1": "2025-08", "ley_1": "920",
    "pagado": "2026-01-01", "calcular": "1",
}  # fmt: skip
PAGES = {
    "the empty case": "/poliza/",
    "a value": f"/poliza/?{urlencode(COAL)}",
    "a range": f"/poliza/?{urlencode(COAL | {'mineral_1': 'carbon', 'mercado_1': '', 'declarado': 'antracita'})}",
    "nothing to compute": f"/poliza/?{urlencode(COAL | {'sin_plan': 'on'})}",
    "a price that is missing": f"/poliza/?{urlencode(COAL | {'desde': '2020-08-01'})}",
    "faults": f"/poliza/?{urlencode(COAL | {'desde': '', 'volumen_1': '-5'})}",
    "the insurer": "/poliza/comprobar/",
    "a code that is not": "/poliza/comprobar/?codigo=AAAAA-AAAAA",
    "the empty quarter": "/regalias/",
    "a settlement": f"/regalias/?{urlencode(GOLD)}",
    "what was paid": "/regalias/historico/",
    "prices": "/precios/?dia=2025-08-01",
    "no prices": "/precios/?dia=2020-08-01",
}


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_nothing_is_cut_and_axe_finds_nothing(page: Page, path: str) -> None:
    assert look(page, path) == []


@pytest.mark.parametrize("volume", ["120.000", "40.000.000"])
def test_an_amount_stays_on_one_line_of_a_phone(page: Page, volume: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/poliza/?{urlencode(COAL | {'volumen_1': volume})}")
    lines = page.locator("#valor").evaluate(
        """shown => {
            const range = document.createRange();
            range.selectNodeContents(shown.firstChild);
            return new Set([...range.getClientRects()].filter(r => r.width > 1).map(r => Math.round(r.top))).size;
        }"""
    )
    assert lines == 1


def test_a_holder_finishes_by_keyboard_in_under_a_minute(page: Page) -> None:
    started = time.monotonic()
    page.goto("/poliza/")
    press_to(page, "Exploración")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Explotación")).to_be_checked()
    expect(page.get_by_label("Inversión prevista para el año, en pesos")).to_be_hidden()
    press_to(page, "¿Qué día empieza la póliza?")
    page.get_by_label("¿Qué día empieza la póliza?").fill("2025-08-01")
    press_to(page, "Mineral aprobado")
    for _ in range(3):  # Antracita, Carbón metalúrgico, Carbón térmico
        page.keyboard.press("ArrowDown")
    expect(page.locator("[name=mineral_1]")).to_have_value("carbon_termico")
    press_to(page, "Volumen anual aprobado")
    page.keyboard.type("120.000")
    press_to(page, "Mercado")
    page.keyboard.type("Consumo")
    press_to(page, "Calcular", most=20)
    send(page)
    # 120.000 t × 215.000 (DEMO) × 10 %
    expect(page.locator("#valor")).to_contain_text("2.580.000.000")
    expect(page.get_by_role("heading", name="Por qué")).to_be_visible()
    expect(page.get_by_text("Precios de demostración.", exact=True)).to_be_visible()
    assert time.monotonic() - started < 60


def test_the_case_is_kept_checked_and_printed(page: Page) -> None:
    page.goto(f"/poliza/?{urlencode(COAL)}")
    page.get_by_role("button", name="Guardar y sacar el PDF para la aseguradora").click()
    expect(page).to_have_url(re.compile("/poliza/calculo/"))
    code = page.get_by_role("heading", level=1).inner_text().removeprefix("Cálculo ")
    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar el PDF").click()
    assert download.value.suggested_filename == f"poliza-{code}.pdf"
    page.goto("/poliza/comprobar/")
    page.get_by_label("Código").fill(code.lower())
    page.get_by_role("button", name="Comprobar").click()
    expect(page.locator("#valor")).to_contain_text("2.580.000.000")
    assert look(page, page.url) == []


def test_another_mineral_is_added_without_losing_the_first(page: Page) -> None:
    page.goto(f"/poliza/?{urlencode({k: v for k, v in COAL.items() if k != 'calcular'})}")
    page.get_by_role("button", name="Agregar otro mineral").click()
    expect(page.locator("[name=volumen_1]")).to_have_value("120.000")
    expect(page.locator("[name=mineral_2]")).to_be_visible()
    page.get_by_label("Exploración").check()
    expect(page.locator("[name=mineral_1]")).to_be_hidden()
    expect(page.locator("[name=inversion]")).to_be_visible()
