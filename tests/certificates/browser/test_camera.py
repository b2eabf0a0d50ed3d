"""«Usar la cámara» in a real Chromium whose camera shows a film of the printed certificate."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.certificates.browser.conftest import Served
from tests.certificates.browser.photographs import Print, View, photograph
from tests.site.browser.conftest import CHROMIUM, FLAGS, SLOW

pytestmark = pytest.mark.browser
SIZE = (1280, 720)
SECOND = 30  # frames
# The table; the paper comes near, still out of focus; then it is held, as steadily as a hand does.
HELD = [View(distance=11, turned=6 + n, tilted=8, towards=40 + 20 * n, darkest=0.7, noise=8) for n in range(2)]
NEARING = View(distance=24, turned=12, defocus=1.5, noise=8)


def frame(picture: bytes) -> bytes:
    """A photograph as a frame of film: the middle of it, smaller."""
    seen = Image.open(io.BytesIO(picture)).convert("RGB")
    high = seen.width * SIZE[1] // SIZE[0]
    top = (seen.height - high) // 2
    out = io.BytesIO()
    seen.crop((0, top, seen.width, top + high)).resize(SIZE).save(out, format="JPEG", quality=75)
    return out.getvalue()


@pytest.fixture(scope="module")
def film(paper: Print, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One second of each, as motion JPEG; Chromium plays it over and over."""
    table = io.BytesIO()
    Image.new("RGB", SIZE, (120, 116, 110)).save(table, format="JPEG")
    shots = [table.getvalue(), *(frame(photograph(paper, view)) for view in (NEARING, *HELD))]
    file = tmp_path_factory.mktemp("film") / "paper.mjpeg"
    file.write_bytes(b"".join(shot * SECOND for shot in shots))
    return file


@pytest.fixture(scope="module")
def filmed(served: Served, film: Path) -> Iterator[BrowserContext]:
    camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS.split(), *camera, f"--use-file-for-fake-video-capture={film}"]
        )
        opened = browser.new_context(base_url=served.origin, locale="es-CO", viewport={"width": 360, "height": 740})
        opened.set_default_timeout(SLOW)
        yield opened
        browser.close()


def opened(page: Page) -> None:
    page.goto("/verificar/")
    page.wait_for_selector("html[data-kept=yes]")


def test_the_camera_reads_the_paper_with_the_network_off_and_is_let_go(filmed: BrowserContext) -> None:
    page = filmed.new_page()
    opened(page)
    filmed.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-kept=yes]")
    page.get_by_role("button", name="Usar la cámara").click()
    expect(page.locator("#visor")).to_be_visible()
    expect(page.locator("#respuesta")).to_contain_text("Auténtico", timeout=60_000)
    expect(page.locator("#respuesta")).to_contain_text("98 g")
    expect(page.locator("#visor")).to_be_hidden()
    assert page.evaluate("document.getElementById('visor').srcObject") is None
    filmed.set_offline(False)
    page.close()


def test_the_camera_is_shut_by_its_own_button(filmed: BrowserContext) -> None:
    page = filmed.new_page()
    opened(page)
    # Nothing to read: what the camera shows is covered.
    page.evaluate("() => { CanvasRenderingContext2D.prototype.drawImage = () => {}; }")
    page.get_by_role("button", name="Usar la cámara").click()
    expect(page.locator("#visor")).to_be_visible()
    assert page.evaluate("document.getElementById('visor').srcObject.getVideoTracks()[0].getSettings().width") == 1280
    track = page.evaluate_handle("document.getElementById('visor').srcObject.getVideoTracks()[0]")
    page.get_by_role("button", name="Cerrar la cámara").click()
    expect(page.locator("#visor")).to_be_hidden()
    assert page.evaluate("track => track.readyState", track) == "ended"
    expect(page.get_by_role("button", name="Usar la cámara")).to_be_visible()
    page.close()


def test_without_a_camera_it_says_what_to_do(filmed: BrowserContext) -> None:
    page = filmed.new_page()
    opened(page)
    refused = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') }"
    page.evaluate(f"() => {{ {refused} }}")
    page.get_by_role("button", name="Usar la cámara").click()
    expect(page.locator("#respuesta")).to_contain_text("Dé el permiso, o use una foto")
    page.close()
