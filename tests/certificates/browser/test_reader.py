"""The verification pages in a real Chromium: photographs at an angle, no network, the log recomputed, axe clean."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from statistics import median
from time import monotonic
from typing import Any
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.assurance.record import seed_of_run, trial
from tests.certificates.browser.conftest import Served
from tests.certificates.browser.photographs import Print, View, any_view, photograph
from tests.site.browser.conftest import SLOW
from tests.site.browser.test_layout import look

pytestmark = pytest.mark.browser
MOST_BYTES = 150_000


@pytest.fixture
def context(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=served.origin, locale="es-CO", viewport={"width": 360, "height": 740})
    opened.set_default_timeout(SLOW)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: message.type == "error" and said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    assert [line for line in said if "net::ERR" not in line and "status of 4" not in line] == []


def opened(page: Page) -> None:
    page.goto("/verificar/")
    page.wait_for_selector("html[data-kept=yes]")


def show(page: Page, picture: bytes) -> None:
    """Give the page a picture, as a telephone's camera does."""
    page.evaluate("document.getElementById('respuesta').hidden = true")
    page.set_input_files("#foto", {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": picture})
    page.wait_for_selector("#respuesta:not([hidden])", timeout=60_000)


VIEWS = {
    "from above": View(distance=12),
    "turned 17°, in a shadow": View(distance=12, turned=17, darkest=0.45, noise=8),
    "upside down and from the side": View(distance=13, turned=200, tilted=25, towards=70),
    "far": View(distance=18, turned=-8, tilted=6),
    "out of focus and moved": View(distance=11, turned=45, defocus=0.4, moved=0.3, quality=65),
}


def test_photographs_of_the_paper_are_read_with_the_network_off(
    page: Page, context: BrowserContext, paper: Print
) -> None:
    opened(page)
    context.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-kept=yes]")
    expect(page.locator("#datos")).to_contain_text("Estados firmados al")
    for name, view in VIEWS.items():
        show(page, photograph(paper, view))
        answer = page.locator("#respuesta")
        expect(answer, name).to_contain_text("Auténtico")
        for words in ("DEMO plant", "98 g", "solo se sabe con red", "Estados firmados al", "hace"):
            expect(answer).to_contain_text(words)


# How many, blurred by how much of a module at most, and how many of a hundred are read at least.
READ = [pytest.param(400, 0.33, 98, marks=pytest.mark.chaos), pytest.param(200, 0.45, 90, marks=pytest.mark.chaos)]


@pytest.mark.parametrize(("n", "blurred", "least"), READ)
def test_of_many_photographs_of_the_paper_nearly_all_are_read(
    page: Page, paper: Print, n: int, blurred: float, least: int
) -> None:
    seed = seed_of_run()
    chance, missed = random.Random(seed), []
    opened(page)
    with trial(f"T16 e photographs blurred up to {blurred}", n=n, seed=seed) as figures:
        seconds = []
        for _ in range(n):
            view = any_view(chance, blurred=blurred)
            picture = photograph(paper, view)
            started = monotonic()
            show(page, picture)
            seconds.append(monotonic() - started)
            if "Auténtico" not in page.locator("#respuesta").inner_text():
                missed.append(str(view))
        figures |= {
            "read": n - len(missed), "rate": round(1 - len(missed) / n, 4), "missed": missed,
            "seconds_median": round(median(seconds), 2), "seconds_most": round(max(seconds), 2),
        }  # fmt: skip
        assert 100 * len(missed) <= n * (100 - least), missed


def test_what_was_withdrawn_and_what_is_forged_say_so_offline(
    page: Page, context: BrowserContext, served: Served
) -> None:
    opened(page)
    context.set_offline(True)
    code = served.withdrawn.code or ""
    page.fill("#texto", code)
    page.get_by_role("button", name="Comprobar").click()
    expect(page.locator("#respuesta")).to_contain_text("Retirado o reemplazado")
    forged = code[:60] + ("A" if code[60] != "A" else "B") + code[61:]
    page.fill("#texto", forged)
    page.get_by_role("button", name="Comprobar").click()
    expect(page.locator("#respuesta")).not_to_contain_text("Auténtico")
    expect(page.locator("#respuesta .withdrawn")).to_be_visible()


def test_a_picture_without_a_code_says_what_to_do(page: Page) -> None:
    opened(page)
    out = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("L").save(out, format="JPEG")
    show(page, out.getvalue())
    expect(page.locator("#respuesta")).to_contain_text("No se encontró un código")


def test_the_pages_are_light_and_axe_finds_nothing(page: Page, served: Served) -> None:
    opened(page)
    files = json.loads(page.locator("#archivos").inner_text())
    asked = ["/verificar/", "/verificar/worker.js", "/verificar/datos.json", *files]
    received = sum(len(sent(f"{served.origin}{path}")) for path in asked)
    assert 30_000 < received < MOST_BYTES, received
    for path in (
        "/verificar/",
        f"/v/{served.valid.token}",
        f"/v/{served.withdrawn.token}",
        f"/v/{served.valid.token}/origins",
        f"/v/{'A' * 26}",
    ):
        assert look(page, path) == [], path


def test_the_visitors_browser_recomputes_the_logs_proof(page: Page, served: Served) -> None:
    for _ in range(20):
        page.goto(f"/v/{served.valid.token}")
        if "Aún no está" not in page.locator("#registro").inner_text():
            break
        page.wait_for_timeout(500)
    expect(page.locator("#registro")).to_contain_text("Comprobado en su navegador")
    assert page.locator("#registro").get_attribute("data-checked") == "yes"
    page.route("**/v/*", _altered)
    page.goto(f"/v/{served.valid.token}")
    expect(page.locator("#registro")).to_contain_text("No coincide")


def sent(address: str) -> bytes:
    """What travels for an address: compressed where the server compresses it."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"}), timeout=10) as answer:
        return answer.read()


def _altered(route: Any) -> None:
    """The same page with another quantity in the words that the leaf commits to."""
    answer = route.fetch()
    body = answer.text().replace('\\"quantity\\":\\"98.000\\"', '\\"quantity\\":\\"99.000\\"')
    assert body != answer.text()
    route.fulfill(response=answer, body=body)
