"""What makes a phone forget, and what does not; what it keeps and states when it knew otherwise."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import partial

from playwright.sync_api import Page, Route, expect

from tests.node.browser.phones import MODULES, kept_of_a_client
from veta.node.domain.scales import Calibrated, Instrument, weighed
from veta.node.pages.capture.declared import _spot
from veta.node.pages.capture.here import Spot

EMPTIED = f"""async (base) => {{{MODULES}
    CacheStorage.prototype.open = () => Promise.reject(new DOMException('', 'SecurityError'));
    const before = await store.device();
    store.device = async () => {{
        delete store.device;
        await store.forget(base);
        return before;
    }};
    const captured_at = instant(Date.now());
    const {{ device, sequence }} = await store.keep({{ payload: {{ id: uuid7() }}, captured_at, about: {{}} }});
    return [device === before.id, sequence];
}}"""
WEIGHED = """async ([spot, items]) => {
    const { weighed } = await import('/static/counter/item.js');
    for (const item of items) weighed(item, spot);
    return items;
}"""


def nobody_forgets(page: Page) -> None:
    """A proxy's refusals, and one word of the node's that its next contact takes back: a phone keeps what it has.

    One of too many at once says so, and asks again by itself."""
    kept = kept_of_a_client(page)
    assert kept != []
    for status, headers in ((404, {}), (403, {}), (404, {"Veta-Revoked": "1"})):
        page.route("**/datos.json", partial(refuse, status=status, headers=headers), times=1)
        with page.expect_response(lambda answer, status=status: answer.status == status):  # type: ignore[misc]
            page.reload()
        page.wait_for_selector("html[data-ready=yes]")
        assert [each for each in kept if each not in kept_of_a_client(page)] == []
        page.reload()
        page.wait_for_selector("html[data-ready=yes][data-signal=online]")
    page.route("**/datos.json", partial(refuse, status=429, headers={}))
    page.reload()
    page.wait_for_selector("html[data-ready=yes][data-signal=busy]")
    expect(page.locator("#signal")).to_contain_text("espera su turno")
    page.unroute("**/datos.json")
    page.wait_for_selector("html[data-signal=online]")


def refuse(route: Route, *, status: int, headers: dict[str, str]) -> None:
    route.fulfill(status=status, headers=headers, body="<h1>No</h1>", content_type="text/html")


def emptied_elsewhere(page: Page, base: str) -> None:
    """Another page forgets between the look at the chain and the write, in a browser that keeps no pages."""
    assert page.evaluate(EMPTIED, base) == [False, 1], "what is captured begins a chain of its own"


def weighed_as_at_the_desk(page: Page) -> None:
    """A movement states the uncertainty of its scale on the days of its calibration alone, the first and last too."""
    served = Calibrated(date(2026, 1, 5), date(2026, 6, 30))
    scale = Instrument(
        serial="A1", accuracy_class="II", unit="g", e=Fraction("0.1"), largest=Fraction(2000), calibrated=[served]
    )
    days = ("2026-01-04", "2026-01-05", "2026-06-30", "2026-07-01")
    items = [{"occurred_at": f"{on}T12:00:00-05:00", "mineral": "oro", "quantity": "1", "unit": "g"} for on in days]
    here = page.evaluate(WEIGHED, [_spot(Spot({}, scale=scale), served.since), items])
    for item in items:
        weighed(item, scale)
    assert here == items
    assert ["uncertainty" in item for item in items] == [False, True, True, False]
