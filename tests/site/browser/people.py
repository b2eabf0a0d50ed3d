"""What a person does in the browser to come in, with the keyboard alone."""

import re
import time
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.site.browser.conftest import PASSWORD, Hub

# Seconds; well within those after which the site asks again who one is.
FRESH = 120
ANA, LUIS, EVA = "ana@demo.invalid", "luis@demo.invalid", "eva@demo.invalid"


def press_to(page: Page, name: str, *, most: int = 40) -> None:
    """Tab until the control with this accessible name has the focus, as someone without a mouse would."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
            " return (l ? l.innerText : e.innerText || e.getAttribute('aria-label') || '').trim(); }"
        )
        if focused.startswith(name):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", name
            return
    raise AssertionError(f"the keyboard does not reach «{name}»")


def send(page: Page) -> None:
    """Send the form by keyboard and wait for what comes of it."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def set_password(page: Page, hub: Hub, email: str) -> None:
    """Follow the invitation and set the password."""
    page.goto(hub.links[email])
    press_to(page, "Contraseña nueva")
    page.keyboard.type(PASSWORD)
    press_to(page, "Repita")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Contraseña guardada")
    hub.passwords.add(email)


def give_password(page: Page, email: str) -> None:
    """Fill the sign-in form."""
    page.goto("/ingreso/")
    press_to(page, "Correo")
    page.keyboard.type(email)
    press_to(page, "Contraseña")
    page.keyboard.type(PASSWORD)
    send(page)


def enrol_application(page: Page, hub: Hub, email: str) -> None:
    """Activate an authenticator application from one's own page, and read its secret as a telephone would."""
    page.goto("/cuenta/aplicacion/activar/")
    hub.secrets[email] = page.locator("#totp-secret").inner_text()
    press_to(page, "Código")
    page.keyboard.type(hub.code(email))
    send(page)
    expect(page).to_have_url(re.compile("/cuenta/codigos/"))


def sign_in(page: Page, hub: Hub, email: str) -> None:
    """Be in: by a session begun a moment ago and still open; else by password and code, set up the first time."""
    began, cookies = hub.sessions.get(email, (0.0, []))
    if time.monotonic() - began < FRESH:
        page.context.add_cookies(cookies)
        page.goto("/cuenta/")
        if urlsplit(page.url).path == "/cuenta/":
            return
        page.context.clear_cookies()
    _come_in(page, hub, email)
    hub.sessions[email] = time.monotonic(), page.context.cookies()


def _come_in(page: Page, hub: Hub, email: str) -> None:
    if email not in hub.secrets:
        if email not in hub.passwords:
            set_password(page, hub, email)
        give_password(page, email)
        enrol_application(page, hub, email)
        return
    give_password(page, email)
    press_to(page, "Código")
    page.keyboard.type(hub.code(email))
    send(page)
    expect(page).to_have_url(re.compile("/cuenta/"))
