"""How long a buyer waits for the system in a purchase."""

from __future__ import annotations

import statistics
import time

from playwright.sync_api import Page

from tests.assurance.record import trial
from tests.node.browser.shop import Shop, enter, weigh
from tests.site.browser.conftest import SLOW

# The wait that a buyer with a queue of miners bears, in seconds.
PATIENCE = 1.5
# Looked at every ten milliseconds: an assertion of Playwright's looks again only after a second.
SAYS = """([id, words, ms]) => new Promise((done) => {
    const until = performance.now() + ms;
    const look = () => document.getElementById(id).textContent.includes(words) ? done(true)
        : performance.now() > until ? done(false) : setTimeout(look, 10);
    look();
})"""


def press(page: Page, button: str, place: str, words: str) -> float:
    """Press until the page says so, again where the hub's answer did not come in time; the seconds that it took."""
    started, pressed = time.monotonic(), page.get_by_role("button", name=button)
    for _ in range(4):
        if pressed.is_visible():
            pressed.click()
        if page.evaluate(SAYS, [place, words, SLOW / 3]):
            return time.monotonic() - started
    raise AssertionError(page.locator("main").inner_text())


def flow(page: Page, shop: Shop) -> float:
    """One purchase; the seconds that the person waited for the system in it."""
    weigh(page, gross="0,01")
    page.get_by_label("Letras de la tarjeta").fill(shop.card["token"])
    page.get_by_label("PIN, que escribe el minero", exact=True).fill(shop.card["pin"])
    waited = press(page, "Ver lo que le queda", "left", "Es la tarjeta de")
    page.get_by_label("PIN, que escribe el minero para aceptar").fill(shop.card["pin"])
    waited += press(page, "Comprar", "state", "Aceptado por la PTM")
    page.get_by_role("button", name="Otra compra").click()
    return waited


def flows(page: Page, shop: Shop, count: int, *, most: float) -> None:
    """So many purchases, whose 95th percentile is at most so many seconds; they stand in the trial's line."""
    with trial("counter flow", n=count, seed=0) as figures:
        enter(page, shop)
        flow(page, shop)  # the first one loads what the others find
        waits = [flow(page, shop) for _ in range(count)]
        p95 = statistics.quantiles(waits, n=20, method="inclusive")[-1]
        figures |= {
            "p50 s": round(statistics.median(waits), 3),
            "p95 s": round(p95, 3),
            "worst s": round(max(waits), 3),
        }
        assert p95 < most, figures
