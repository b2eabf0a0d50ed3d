"""What makes a phone forget, and what does not."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import Page, Route

from tests.node.browser.phones import kept_of_a_client


def nobody_forgets(page: Page) -> None:
    """A proxy's refusals, and one word of the node's that its next contact takes back: a phone keeps what it has."""
    kept = kept_of_a_client(page)
    assert kept != []
    for status, headers in ((404, {}), (403, {}), (404, {"Veta-Revoked": "1"})):
        page.route("**/datos.json", partial(refuse, status=status, headers=headers), times=1)
        with page.expect_response(lambda answer, status=status: answer.status == status):  # type: ignore[misc]
            page.reload()
        page.wait_for_selector("html[data-ready=yes]")
        page.reload()
        page.wait_for_selector("html[data-ready=yes][data-signal=online]")
        assert [each for each in kept if each not in kept_of_a_client(page)] == []


def refuse(route: Route, *, status: int, headers: dict[str, str]) -> None:
    route.fulfill(status=status, headers=headers, body="<h1>No</h1>", content_type="text/html")
