"""The mayor's desk in a browser: a person is enrolled, her card opens her page; every page on a phone and wide."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.browser.conftest import ROOT, Hub
from tests.site.browser.test_layout import look
from tests.site.browser.test_miner import shot

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seated(hub: Hub) -> dict[str, str]:
    """A mayor with a municipality and a session that proved a second factor, made beside the running hub."""
    env = {**hub.env, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    script = [sys.executable, str(Path(__file__).with_name("seated.py"))]
    made = subprocess.run(script, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    found: dict[str, str] = json.loads(made.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def mayor(browser: Browser, hub: Hub, seated: dict[str, str]) -> Page:
    context = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 800})
    context.add_cookies([{"name": seated["cookie"], "value": seated["session"], "url": hub.origin}])
    return context.new_page()


@pytest.mark.parametrize("path", ["/alcaldia/", "/alcaldia/inscribir/", "/alcaldia/informe/", "/alcaldia/decomiso/"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_of_the_desk(mayor: Page, path: str, width: int) -> None:
    mayor.set_viewport_size({"width": width, "height": 800})
    assert look(mayor, path) == []


def test_a_person_is_enrolled_and_her_card_opens_her_page(mayor: Page, browser: Browser, hub: Hub) -> None:
    number = "71700360"
    mayor.goto("/alcaldia/")
    mayor.get_by_role("link", name="Inscribir a una persona").click()
    mayor.get_by_label("Número", exact=True).fill(number)
    mayor.get_by_label("Nombre completo").fill("Rosa Ficticia")
    mayor.get_by_label("Celular").fill("3109998877")
    mayor.get_by_label("NIT del RUT").fill(number)
    mayor.get_by_label("Barequero").check()
    mayor.get_by_label("Oro", exact=True).check()
    mayor.get_by_label("Número de la inscripción").fill("Planilla 1")
    mayor.get_by_label("Fecha de la inscripción").fill("2026-03-01")
    mayor.get_by_role("button", name="Inscribir y sacar la tarjeta").click()
    expect(mayor.get_by_role("heading", name="Tarjeta y PIN")).to_be_visible()
    expect(mayor.get_by_role("img", name="Código QR de la tarjeta")).to_be_visible()
    shot(mayor, "mayor-3")
    letters, pin = mayor.locator(".letters").inner_text(), mayor.locator(".pin").inner_text()
    mayor.goto("/alcaldia/")
    shot(mayor, "mayor-2")
    phone = browser.new_context(base_url=hub.origin, locale="es-CO").new_page()
    phone.goto("/m/")
    phone.get_by_label("Letras de su tarjeta").fill(letters)
    phone.get_by_label("Su PIN").fill(pin)
    phone.get_by_role("button", name="Entrar").click()
    expect(phone.get_by_role("heading", name="Hola, R. F.")).to_be_visible()
    phone.context.close()
