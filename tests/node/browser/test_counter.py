"""The counter in a real browser, with a real node and a real hub: with signal, without it, and across a death."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker

from tests.conftest import Cluster
from tests.node.browser.shop import Shop, enter, shop_open, weigh
from tests.node.stage import staged
from tests.site.browser.conftest import Hub, browser, context, page
from tests.site.browser.test_layout import faults

__all__ = ["browser", "context", "page"]
pytestmark = pytest.mark.browser
MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def shop(
    cluster: Cluster, django_db_blocker: DjangoDbBlocker, new_home: Callable[[], Path], tmp_path_factory: Any
) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("counter")
    with (
        staged(cluster, django_db_blocker, new_home(), folder / "hub.log") as stage,
        shop_open(stage, folder) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def hub(shop: Shop) -> Hub:
    """What the browser's fixtures take for their site: the node."""
    return Hub(shop.origin, {}, shop.log, shop.env)


def test_a_purchase_with_signal(page: Page, shop: Shop) -> None:
    """Scan is typed here; the card says whose it is, the hub what is left, the miner consents, the verdict comes."""
    enter(page, shop)
    assert faults(page) == []
    page.get_by_label("Letras de la tarjeta").fill(shop.card["token"])
    page.get_by_label("PIN, que escribe el minero", exact=True).fill(shop.card["pin"])
    page.get_by_role("button", name="Ver lo que le queda").click()
    expect(page.locator("#left")).to_contain_text("Le quedan 35 de 35 g este mes y 420 de 420 g este año.")
    expect(page.locator("#left")).to_contain_text("M. P.")
    expect(page.get_by_label("Número")).to_have_value("52000111")
    weigh(page)
    expect(page.locator("#fine")).to_have_text("1,15 g")
    page.get_by_label("PIN, que escribe el minero para aceptar").fill(shop.card["pin"])
    expect(page.locator("#told")).to_contain_text("vende 1,25 g brutos de oro")
    page.get_by_role("button", name="Comprar").click()
    expect(page.locator("#saved")).to_have_text("guardado")
    expect(page.locator("#state")).to_contain_text("Aceptado por la PTM")
    assert faults(page) == []
    page.screenshot(path="/tmp/counter/receipt.png", full_page=True)
