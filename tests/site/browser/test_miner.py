"""The miner's page on a cheap phone: read, listened to, answered, left in a hurry; light, and whole without scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.site.browser.conftest import ROOT, Hub
from tests.site.browser.test_layout import look

pytestmark = pytest.mark.browser
LIGHT = 60_000
WALKS = ROOT / "docs" / "walks"


@pytest.fixture(scope="module")
def sold(hub: Hub) -> dict[str, str]:
    env = {**hub.env, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    script = [sys.executable, str(Path(__file__).with_name("sold.py"))]
    made = subprocess.run(script, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    found: dict[str, str] = json.loads(made.stdout.splitlines()[-1])
    return found


def shot(page: Page, name: str) -> None:
    """A picture for the walks: made each time, kept where VETA_WALKS asks for it."""
    made = page.screenshot(full_page=True)
    if os.environ.get("VETA_WALKS"):
        (WALKS / f"{name}.png").write_bytes(made)


def test_a_miner_reads_answers_and_leaves(page: Page, hub: Hub, sold: dict[str, str]) -> None:
    page.goto(sold["link"])
    assert page.url == f"{hub.origin}/mi/", "the address is left at once"
    expect(page.get_by_role("heading", name="Lo que le queda")).to_be_visible()
    expect(page.get_by_text("19,5 g")).to_be_visible()
    assert look(page, "/mi/") == []
    shot(page, "miner-1")
    sale = page.get_by_role("article").filter(has_text="12,5 g")
    sale.get_by_role("button", name="No fui yo").click()
    expect(page.get_by_role("heading", name="Listo")).to_be_visible()
    shot(page, "miner-2")
    denied = page.inner_text("body")
    page.get_by_role("link", name="Volver a mi página").click()
    sale.get_by_role("button", name="Sí fui yo").click()
    assert page.inner_text("body") == denied
    page.get_by_role("button", name="Salir ya").click()
    expect(page).to_have_url(f"{hub.origin}/precios/")
    page.go_back()
    assert "12,5 g" not in page.content(), "what was left is not to be gone back to"


def test_card_and_pin_by_keyboard_alone(page: Page, hub: Hub, sold: dict[str, str]) -> None:
    page.goto(f"/tarjeta/{sold['card']}/")
    assert look(page, f"/tarjeta/{sold['card']}/") == []
    page.get_by_label("Su PIN").focus()
    page.keyboard.type("4071")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{hub.origin}/mi/")
    expect(page.get_by_text("Sirve.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{hub.origin}/precios/")


@pytest.mark.parametrize("path", ["/m/", "/m/nada/", "/mi/listo/", "/mi/tarjeta/perdida/"])
def test_every_page_on_a_phone(page: Page, sold: dict[str, str], path: str) -> None:
    page.goto(sold["link"])
    assert look(page, path) == []


def test_it_reads_itself_aloud(page: Page, sold: dict[str, str]) -> None:
    """Chromium without a voice keeps the words that it was given: they are the page's, in its language."""
    page.add_init_script(
        "window.said = []; const speak = speechSynthesis.speak.bind(speechSynthesis);"
        "speechSynthesis.speak = u => { window.said.push([u.lang, u.text]); speak(u); };"
    )
    page.goto(sold["link"])
    page.get_by_role("button", name="Escuchar esta página").click()
    [[language, words]] = page.evaluate("window.said")
    assert language == "es-CO"
    for part in ("Lo que le queda", "este mes, de 35 g", "Ventas a su nombre", "12,5 g de oro", "Mi tarjeta"):
        assert part in words, words


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["es-CO", "en-US"])
def test_it_is_light_and_whole_without_scripts(
    browser: Browser, hub: Hub, sold: dict[str, str], width: int, language: str
) -> None:
    context = browser.new_context(
        base_url=hub.origin, locale=language, java_script_enabled=False, viewport={"width": width, "height": 740}
    )
    page = context.new_page()
    came: list[Response] = []
    page.on("response", lambda response: came.append(response))  # noqa: PLW0108 - Playwright takes no builtin
    page.goto(sold["link"])
    page.wait_for_load_state("networkidle")
    weight = sum(len(response.body()) for response in came if response.status == 200)
    denied = page.get_by_role("button", name="It was not me" if language == "en-US" else "No fui yo").first
    expect(denied).to_be_visible()
    expect(page.get_by_role("button", name="Escuchar")).to_have_count(0)
    print(f"miner's page: {weight} bytes")
    assert 20_000 < weight < LIGHT
    denied.click()
    expect(page.get_by_role("heading", name="Done" if language == "en-US" else "Listo")).to_be_visible()
    context.close()


def test_the_desk_that_reads_them_asks_what_for(browser: Browser, hub: Hub, sold: dict[str, str]) -> None:
    context = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 740})
    context.add_cookies([{"name": sold["cookie"], "value": sold["session"], "url": hub.origin}])
    page = context.new_page()
    page.goto("/avisos/")
    say_what_for(page)
    expect(page).to_have_url(f"{hub.origin}/avisos/")
    assert look(page, "/avisos/") == []
    page.get_by_role("table").get_by_role("link").first.click()
    say_what_for(page)
    expect(page.get_by_role("heading", name="«No fui yo»")).to_be_visible()
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 740})
        assert look(page, page.url) == []
    shot(page, "legal-3")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Anotar la que citará la medida").click()
    expect(page.get_by_role("heading", name="Lo hecho")).to_be_visible()
    context.close()


def say_what_for(page: Page) -> None:
    page.get_by_label("Expediente, acto o caso").fill("EXP-1")
    page.get_by_role("button", name="Continuar").click()


def test_another_browser_sees_nothing(context: BrowserContext, hub: Hub, sold: dict[str, str]) -> None:
    page = context.new_page()
    page.goto("/mi/")
    expect(page).to_have_url(f"{hub.origin}/m/")
