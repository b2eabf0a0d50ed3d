"""The page of a run while it runs: states, steps, evidence, and a person who answers on it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.assurance.running import wait
from tests.conformance.test_report import ABOUT, outcome
from tests.site.browser.conftest import CHROMIUM, FLAGS, staying
from tests.site.browser.test_layout import faults
from veta.conformance.catalogue import chosen
from veta.conformance.domain.report import report_of
from veta.conformance.live import Live, served
from veta.conformance.person import Person


@pytest.fixture
def live() -> Live:
    return Live("Formato de pruebas: Trazador <3000> & Cía", chosen(ids=["captura-01", "captura-02"]))


@pytest.fixture
def site(live: Live) -> Iterator[httpx.Client]:
    with served(live, 0) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield client


def state_of(page: str, id: str) -> str:
    found = re.search(rf"<tr><td>(?:<a[^>]*>)?{id}(?:</a>)?</td><td>[^<]*</td><td[^>]*>([^<]*)</td>", page)
    assert found is not None, page
    return found[1]


def test_what_is_run_is_seen_as_it_goes(live: Live, site: httpx.Client) -> None:
    page = site.get("/").text
    assert (state_of(page, "captura-01"), state_of(page, "captura-02")) == ("En curso", "En espera")
    assert site.get("/").headers["Refresh"] == "2"
    still = site.get("/?quieta=1")
    assert ("Refresh" in still.headers, "Que se actualice sola" in still.text) == (False, True)
    assert "Trazador &lt;3000&gt; &amp; Cía" in page
    live.say("  1. <script>compra</script>")
    assert "1. &lt;script&gt;compra" in site.get("/").text
    live.done(report_of(ABOUT, [outcome(fault="está 2 veces")])["scenarios"][0])
    page = site.get("/").text
    assert (state_of(page, "captura-01"), state_of(page, "captura-02")) == ("No conforme", "En curso")
    assert "está 2 veces" in page
    assert "Evidencia: 2 intercambios" in page
    assert "1. &lt;script&gt;compra" not in page, "the next scenario begins with nothing said"


def test_a_person_answers_on_it(live: Live, site: httpx.Client) -> None:
    person = Person(tell=live.say, ask=live.ask)
    said: list[object] = []
    doing = threading.Thread(
        target=lambda: said.append(person.do("shown", {"marks": ["M-1"]}, "Mire la compra M-1.")), daemon=True
    )
    doing.start()
    for answer in ("99", "4", "Aceptada"):
        page = asked(site)
        assert "Refresh" not in site.get("/").headers, "what is being typed is not thrown away"
        assert "Mire la compra M-1." in page
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token is not None
        assert site.post("/", data={"answer": answer, "token": "otro"}).status_code == 409
        assert site.post("/", data={"answer": answer, "token": token[1]}).status_code == 303
    doing.join(60)
    assert said == [{"records": [{"mark": "M-1", "state": "accepted", "text": "Aceptada"}]}]
    assert site.post("/", data={"answer": "4", "token": live.token}).status_code == 409, "nothing is asked now"


def asked(site: httpx.Client) -> str:
    """The page once it asks something."""
    assert wait(lambda: "<form" in site.get("/").text, seconds=60), "nothing was asked"
    return site.get("/").text


def test_it_answers_nobody_else(live: Live, site: httpx.Client) -> None:
    assert site.get("/otra").status_code == 404
    assert site.get("/", headers={"Host": "sitio.example"}).status_code == 421
    assert site.post("/", content=b"x" * 10_001).status_code == 413
    policy = site.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.browser
def test_it_fits_and_breaks_no_rule_while_it_renews_itself(live: Live, site: httpx.Client) -> None:
    live.done(report_of(ABOUT, [outcome(fault="está 2 veces")])["scenarios"][0])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        for width in (360, 1280):
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.set_default_timeout(60_000)
            for path in ("/", "/?quieta=1"):
                with staying(page):
                    page.goto(str(site.base_url.join(path)))
                    assert faults(page) == []
        it_stays_when_told(page, site, live)
        browser.close()


def it_stays_when_told(page: Page, site: httpx.Client, live: Live) -> None:
    page.goto(str(site.base_url))
    live.say("  7. después de abrir la página")
    page.get_by_text("7. después de abrir la página").wait_for()
    page.get_by_role("link", name="Dejar de actualizar").click()
    page.get_by_role("link", name="Que se actualice sola").wait_for()
    live.say("  8. después de pedirle que se quede")
    page.get_by_role("link", name="Actualizar", exact=True).click()
    page.get_by_text("8. después de pedirle que se quede").wait_for()
    page.get_by_role("link", name="Que se actualice sola").click()
    live.say("  9. después de dejarla seguir")
    page.get_by_text("9. después de dejarla seguir").wait_for()


@pytest.mark.browser
def test_it_fits_and_breaks_no_rule_while_it_asks(live: Live, site: httpx.Client) -> None:
    said: list[str] = []
    live.done(report_of(ABOUT, [outcome(fault="está 2 veces")])["scenarios"][0])
    waiting = threading.Thread(target=lambda: said.append(live.ask("Oprima Enter cuando esté hecho.")), daemon=True)
    waiting.start()
    asked(site)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        for width in (360, 1280):
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.set_default_timeout(60_000)
            page.goto(str(site.base_url))
            page.get_by_text("Evidencia: 2 intercambios").click()
            assert faults(page) == []
        page.get_by_label("Oprima Enter cuando esté hecho.").fill("hecho")
        page.keyboard.press("Enter")
        waiting.join(60)
        browser.close()
    assert said == ["hecho"]
