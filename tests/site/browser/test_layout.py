"""Every page at 360 px, at 200 % zoom, in both modes and both languages: nothing is cut, nothing breaks WCAG 2.1 AA."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.site.browser.conftest import Hub
from tests.site.browser.people import ANA, sign_in

pytestmark = pytest.mark.browser

OPEN = ["/", "/ingreso/", "/contrasena/olvido/", "/accesibilidad/", "/aviso-legal/", "/nada/"]
OWN = [
    "/cuenta/",
    "/cuenta/contrasena/",
    "/cuenta/codigos/",
    "/cuenta/llaves/",
    "/cuenta/llaves/agregar/",
    "/administracion/personas/",
    "/administracion/personas/nueva/",
    "/administracion/roles/",
]
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    # Of the rules that a page passes only the first node is told: all of them took longer to tell than to check.
    "resultTypes": ["violations"],
}
# Inputs and buttons as one finger needs them; links inside a sentence are exempt (WCAG 2.5.5).
SMALL = """() => [...document.querySelectorAll(
    'button, .button, input:not([type=hidden], [type=checkbox], [type=radio]), select, summary')]
    .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 80))"""
SPILL = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def signed_in(browser: Browser, hub: Hub) -> Page:
    page = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 740}).new_page()
    sign_in(page, hub, ANA)
    return page


def look(page: Page, path: str, *, colours_are_ours: bool = True) -> list[str]:
    """What is wrong with a page, in words; empty where nothing is.

    `colours_are_ours`: False where the person's palette replaces ours, of which axe reads only what we wrote.
    """
    page.goto(path)
    return faults(page, colours_are_ours=colours_are_ours)


def faults(page: Page, *, colours_are_ours: bool = True) -> list[str]:
    """The same of the page that is open."""
    found = [f"spills {page.evaluate(SPILL)} px sideways"] if page.evaluate(SPILL) > 0 else []
    found += [f"too small: {control}" for control in page.evaluate(SMALL)]
    for violation in Axe().run(page, options=WCAG).response["violations"]:
        if violation["id"] == "color-contrast" and not colours_are_ours:
            continue
        found += [f"{violation['id']}: {node['html'][:120]}" for node in violation["nodes"]]
    return found


@pytest.mark.parametrize("path", OPEN)
def test_open_pages_on_a_phone(page: Page, path: str) -> None:
    assert look(page, path) == []


@pytest.mark.parametrize("path", OWN)
def test_own_pages_on_a_phone(signed_in: Page, path: str) -> None:
    assert look(signed_in, path) == []


@pytest.mark.parametrize("path", ["/", "/ingreso/", "/accesibilidad/"])
@pytest.mark.parametrize(
    "kind",
    [
        {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
        {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
        # 200 % zoom of a 1,280 px window lays out 640 px; of a 720 px one, 360 px.
        {"device_scale_factor": 2, "viewport": {"width": 640, "height": 400}},
        {"viewport": {"width": 320, "height": 640}},
        {"locale": "en-US", "viewport": {"width": 360, "height": 740}},
        {"forced_colors": "active", "viewport": {"width": 1280, "height": 800}},
        {"reduced_motion": "reduce", "java_script_enabled": True, "viewport": {"width": 360, "height": 740}},
    ],
    ids=["dark", "light", "zoom", "320", "english", "forced-colours", "reduced-motion"],
)
def test_open_pages_in_every_mode(browser: Browser, hub: Hub, path: str, kind: dict) -> None:
    context = browser.new_context(base_url=hub.origin, **({"locale": "es-CO"} | kind))
    try:
        assert look(context.new_page(), path, colours_are_ours="forced_colors" not in kind) == []
    finally:
        context.close()


def test_larger_text_alone_cuts_nothing(page: Page) -> None:
    """WCAG 1.4.4: text at 200 % without zoom, as a browser's own text size does it."""
    page.set_viewport_size({"width": 720, "height": 800})
    for path in OPEN:
        page.goto(path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate(SPILL) <= 0, path


def test_spaced_text_cuts_nothing(page: Page) -> None:
    """WCAG 1.4.12."""
    page.goto("/")
    page.evaluate(
        "document.querySelectorAll('*').forEach(e => { e.style.lineHeight = '1.5'; e.style.letterSpacing = '.12em';"
        " e.style.wordSpacing = '.16em'; })"
    )
    assert page.evaluate(SPILL) <= 0


def test_a_page_without_scripts_can_be_read_and_signed_in_to(browser: Browser, hub: Hub) -> None:
    context = browser.new_context(base_url=hub.origin, java_script_enabled=False, locale="es-CO")
    page = context.new_page()
    page.goto("/ingreso/")
    assert page.get_by_label("Correo").is_visible()
    assert page.get_by_role("button", name="Ingresar", exact=True).is_visible()
    context.close()


def test_the_first_tab_offers_to_skip_to_the_content(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenido"


def test_paper_shows_the_content_and_no_navigation(page: Page) -> None:
    page.emulate_media(media="print")
    page.goto("/")
    assert page.get_by_role("heading", level=1).is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
    assert not page.get_by_role("contentinfo").is_visible()


def test_styles_and_images_carry_their_hash_and_are_kept_for_ever(page: Page) -> None:
    answers = {}
    page.on("response", lambda answer: answers.setdefault(answer.url, answer.headers.get("cache-control", "")))
    page.goto("/")
    static = {url: kept for url, kept in answers.items() if "/static/" in url}
    assert static
    assert all("immutable" in kept for kept in static.values())


def test_control_a_page_that_breaks_the_rules_is_seen(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.goto("/")
    page.evaluate(
        """() => {
            const frame = document.querySelector('main .frame');
            frame.innerHTML = '<img src="/static/x"><p>gris</p><button>.</button>';
            Object.assign(frame.querySelector('p').style, {color: '#999', width: '600px'});
            Object.assign(frame.querySelector('button').style, {height: '20px', minHeight: '0'});
        }"""
    )
    monkeypatch.setattr(page, "goto", lambda path: None)
    found = "\n".join(look(page, "/"))
    assert all(word in found for word in ("spills", "too small", "image-alt", "color-contrast"))
