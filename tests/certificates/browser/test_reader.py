"""The verification pages in a real Chromium: photographs at an angle, no network, the log recomputed, axe clean."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import segno
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.certificates.browser.conftest import Served
from tests.site.browser.test_layout import look

pytestmark = pytest.mark.browser
MOST_BYTES = 150_000


@pytest.fixture
def context(browser: Browser, served: Served) -> Iterator[BrowserContext]:
    opened = browser.new_context(base_url=served.origin, locale="es-CO", viewport={"width": 360, "height": 740})
    opened.set_default_timeout(20_000)
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


def photograph(code: str, *, angle: float, blur: float, tilt: float = 0.0, pixels: int = 900) -> bytes:
    """The printed QR as a telephone sees it: turned, tilted away, out of focus, in uneven light."""
    out = io.BytesIO()
    segno.make_qr(code, error="m", mode="alphanumeric", boost_error=False).save(out, kind="png", scale=10, border=6)
    paper = Image.open(out).convert("L").resize((pixels, pixels), Image.Resampling.BICUBIC)
    scene = Image.new("L", (pixels * 3 // 2, pixels * 3 // 2), 205)
    scene.paste(paper, (pixels // 4, pixels // 4))
    scene = scene.rotate(angle, resample=Image.Resampling.BICUBIC, fillcolor=205)
    size = scene.width
    inset = size * tilt
    corners = (inset, 0, 0, size, size, size, size - inset, 0)  # the far edge is seen shorter
    scene = scene.transform(scene.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    scene = scene.filter(ImageFilter.GaussianBlur(blur))
    shade = Image.linear_gradient("L").resize(scene.size).point(lambda value: 150 + value * 105 // 255)
    lit = Image.composite(scene, scene.point(lambda value: value * 7 // 10), shade)
    taken = io.BytesIO()
    lit.save(taken, format="JPEG", quality=80)
    return taken.getvalue()


def opened(page: Page) -> None:
    page.goto("/verificar/")
    page.wait_for_selector("html[data-ready=yes]")


def show(page: Page, picture: bytes, tmp_path: Path) -> None:
    file = tmp_path / "foto.jpg"
    file.write_bytes(picture)
    page.set_input_files("#foto", str(file))
    page.wait_for_selector("#respuesta:not([hidden])")


PHOTOGRAPHS: dict[str, dict[str, Any]] = {
    "straight": {"angle": 0, "blur": 0.6},
    "turned 17°": {"angle": 17, "blur": 1.2},
    "turned 200° and tilted": {"angle": 200, "blur": 1.0, "tilt": 0.04},
    "turned 17° and seen from the side": {"angle": 17, "blur": 1.0, "tilt": 0.06},
    "turned 45° and out of focus": {"angle": 45, "blur": 1.8},
}


def test_pictures_at_an_angle_are_read_with_the_network_off(
    page: Page, context: BrowserContext, served: Served, tmp_path: Path
) -> None:
    opened(page)
    context.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    expect(page.locator("#datos")).to_contain_text("Llaves y estados del")
    assert served.valid.code is not None
    for name, seen in PHOTOGRAPHS.items():
        show(page, photograph(served.valid.code, **seen), tmp_path)
        expect(page.locator("#respuesta")).to_contain_text("Auténtico", timeout=20_000)
        expect(page.locator("#respuesta"), name).to_contain_text("DEMO plant")
        expect(page.locator("#respuesta")).to_contain_text("98 g")
        expect(page.locator("#respuesta")).to_contain_text("solo se sabe con red")
        page.reload()
        page.wait_for_selector("html[data-ready=yes]")


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


def test_a_picture_without_a_code_says_what_to_do(page: Page, tmp_path: Path) -> None:
    opened(page)
    out = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("L").save(out, format="JPEG")
    show(page, out.getvalue(), tmp_path)
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
