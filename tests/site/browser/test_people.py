"""People in a real browser: the first sign-in by keyboard, a role by two persons, a key for a password."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.browser.conftest import Hub
from tests.site.browser.people import ANA, EVA, LUIS, enrol_application, give_password, press_to, set_password, sign_in

pytestmark = pytest.mark.browser


def test_the_first_sign_in_takes_a_keyboard_and_nothing_else(page: Page, hub: Hub) -> None:
    set_password(page, hub, EVA)
    give_password(page, EVA)
    expect(page.get_by_role("heading", name="Falta su segundo factor")).to_be_visible()
    press_to(page, "Activar la aplicación")
    page.keyboard.press("Enter")
    # Each opening of the page offers a secret of its own: one still under way would replace the one that is read next.
    expect(page).to_have_url(re.compile("/cuenta/aplicacion/activar/"))
    enrol_application(page, hub, EVA)
    expect(page.get_by_role("listitem").filter(has_text=re.compile(r"^\d{8}$"))).to_have_count(10)
    press_to(page, "Listo, ya los guardé")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Quedan 10 códigos")).to_be_visible()


def test_a_second_sign_in_asks_for_the_code(page: Page, hub: Hub) -> None:
    sign_in(page, hub, ANA)
    page.context.clear_cookies()
    give_password(page, ANA)
    press_to(page, "Código")
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    error = page.locator("#id_code_error")
    expect(error).to_contain_text("no es correcto")
    field = page.get_by_label("Código")
    assert "id_code_error" in (field.get_attribute("aria-describedby") or "")
    assert field.get_attribute("aria-invalid") == "true"
    expect(page.get_by_role("alert")).to_contain_text("Revise lo siguiente")


def test_a_recovery_code_lets_in_once(page: Page, hub: Hub) -> None:
    sign_in(page, hub, ANA)
    page.goto("/cuenta/codigos/")
    code = page.locator(".codes li").first.inner_text()
    for attempt in ("lets in", "is refused"):
        page.context.clear_cookies()
        give_password(page, ANA)
        press_to(page, "Código")
        page.keyboard.type(code)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/cuenta/$" if attempt == "lets in" else "/segundo-factor/$"))


def test_a_role_is_asked_by_one_and_granted_by_another(page: Page, hub: Hub, browser: Browser) -> None:
    sign_in(page, hub, ANA)
    page.goto("/administracion/personas/nueva/")
    page.get_by_label("Nombre completo").fill("Rosa Demo")
    page.get_by_label("Correo institucional").fill("rosa@demo.invalid")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Pedir un rol").click()
    page.get_by_label("Rol").select_option(label="Fiscalización")
    page.get_by_label("Motivo").fill("Acta 12 de 2026")
    page.get_by_role("button", name="Pedir el rol").click()
    expect(page.get_by_role("main")).to_contain_text("espera la aprobación de otra persona")
    page.get_by_role("link", name="Decidir").click()
    expect(page.get_by_role("button", name="Conceder el rol")).to_have_count(0)
    other = browser.new_context(base_url=hub.origin, locale="es-CO").new_page()
    sign_in(other, hub, LUIS)
    other.goto("/administracion/roles/")
    other.get_by_role("link", name="Decidir Fiscalización, Rosa Demo").click()
    other.get_by_label("Motivo de su decisión").fill("Conforme")
    other.get_by_role("button", name="Conceder el rol").click()
    expect(other.get_by_role("main")).to_contain_text("El rol quedó concedido.")
    other.context.close()
    page.goto("/administracion/personas/")
    expect(page.get_by_role("row").filter(has_text="Rosa Demo")).to_contain_text("Fiscalización")


def test_a_passkey_lets_in_without_password(page: Page, hub: Hub) -> None:
    sign_in(page, hub, LUIS)
    _plug_in_a_key(page)
    page.goto("/cuenta/llaves/agregar/")
    page.get_by_label("Nombre de la llave").fill("Portátil")
    page.get_by_label("Usarla para ingresar sin contraseña").check()
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("main")).to_contain_text("La llave quedó agregada.")
    page.context.clear_cookies()
    page.goto("/ingreso/")
    press_to(page, "Ingresar con una llave de acceso")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/cuenta/$"))
    page.goto("/cuenta/llaves/")
    expect(page.get_by_role("main")).to_contain_text("Ingresa sin contraseña")


def test_a_key_that_does_not_verify_its_user_is_refused(page: Page, hub: Hub) -> None:
    sign_in(page, hub, LUIS)
    _plug_in_a_key(page, verifies=False)
    page.goto("/cuenta/llaves/agregar/")
    page.get_by_role("button", name="Continuar").click()
    expect(page.locator("#key-notice")).to_contain_text("No se usó la llave")


def test_the_menu_of_a_phone_opens_by_keyboard_and_leads_out(page: Page, hub: Hub) -> None:
    sign_in(page, hub, ANA)
    page.goto("/cuenta/")
    press_to(page, "Menú")
    page.keyboard.press("Enter")
    press_to(page, "Salir")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Salió.")
    page.goto("/cuenta/")
    expect(page).to_have_url(re.compile("/ingreso/"))


def _plug_in_a_key(page: Page, *, verifies: bool = True) -> None:
    """A virtual authenticator of Chromium's own, as a laptop's fingerprint reader would be."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": verifies, "isUserVerified": verifies, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
