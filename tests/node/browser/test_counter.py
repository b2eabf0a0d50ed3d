"""The counter in a real browser, with a real node and a real hub: with signal, without it, and across a death."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django import DjangoDbBlocker

from tests.assurance.record import seed_of_run, trial
from tests.conftest import Cluster
from tests.node.browser.buyer import (
    CLEAN,
    EXPIRED,
    buy,
    by_both,
    of_a_document,
    of_a_town,
    over_the_cap,
    show_card,
    two_required,
    typed,
    without_a_price,
)
from tests.node.browser.flow import PATIENCE, flows
from tests.node.browser.forgetting import emptied_elsewhere, nobody_forgets, weighed_as_at_the_desk
from tests.node.browser.mine import Mine, offline, same_as_the_desk
from tests.node.browser.phones import end_at_once, everything_arrived, kept_of_a_client, once, open_phones, thirty_days
from tests.node.browser.shop import Shop, enter, open_phone, shop_open, shot, weigh
from tests.node.browser.taps import NO_KEYS, bought_by_keys, bought_by_taps, frame_of_card
from tests.node.stage import ROOT, staged
from tests.site.browser.conftest import CHROMIUM, FLAGS, Hub, browser
from tests.site.browser.test_layout import faults
from veta.kernel.period import BOGOTA

__all__ = ["browser"]
pytestmark = pytest.mark.browser
MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def shop(
    cluster: Cluster, django_db_blocker: DjangoDbBlocker, new_home: Callable[[], Path], new_port: Callable[[], int],
    tmp_path_factory: Any,
) -> Iterator[Shop]:  # fmt: skip
    folder = tmp_path_factory.mktemp("counter")
    with (
        staged(cluster, django_db_blocker, new_home(), folder / "hub.log") as stage,
        shop_open(stage, folder, port=new_port()) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def hub(shop: Shop) -> Hub:
    """What the browser's fixtures take for their site: the node."""
    return Hub(shop.origin, {}, shop.log, shop.env)


@pytest.fixture
def page(browser: Browser, shop: Shop) -> Iterator[Page]:
    """A phone whose console must stay clean: a blocked script or style is written there."""
    phone = open_phone(browser, shop)
    opened, said = phone.new_page(), []
    opened.on("console", lambda message: message.type == "error" and said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    phone.close()
    assert said == []


def test_a_purchase_with_signal(page: Page, shop: Shop) -> None:
    """The card says whose it is, the hub what is left; the miner consents by PIN; the verdict is on the receipt."""
    enter(page, shop)
    assert faults(page) == []
    shot(page, "counter-1")
    show_card(page, shop)
    expect(page.locator("#left")).to_contain_text("de 35 g este mes")
    expect(page.get_by_label("Número")).to_have_value("52000111")
    over_the_cap(page)
    of_a_town(page)
    of_a_document(page)
    weigh(page)
    expect(page.locator("#over")).to_be_hidden()
    expect(page.locator("#fine")).to_have_text("1,15 g")
    page.get_by_label("PIN, que escribe el minero para aceptar").fill(shop.card["pin"])
    expect(page.locator("#told")).to_contain_text("vende 1,25 g brutos de oro a DEMO trader (ficticio) por $ 450.000")
    assert faults(page) == []
    shot(page, "counter-2")
    id = buy(page)
    expect(page.locator("#state")).to_contain_text("Aceptado por la PTM")
    assert faults(page) == []
    shot(page, "counter-3")
    page.get_by_role("button", name="Otra compra").click()
    assert typed(page) == CLEAN, "nothing of this miner is the next one's"
    [payload] = shop.stage.payloads([id])
    assert payload["origin"] == {"kind": "subsistence", "municipality": "05001"}
    assert payload["uncertainty"] == "0.12", "of the scale that weighed it: class II, e = 0.1 g"
    base = re.search(r"Base UPME: ([0-9.]+) COP/g", payload["note"])
    assert base is not None, payload
    owed = -(-1150 * int(Decimal(base[1]) * 10**6) * 4 * 10**4 // 10**13)
    assert payload["royalty_withheld_cop"] == f"{owed // 100}.{owed % 100:02d}", (
        "4 % of the fine metal at the base price"
    )
    assert shop.verdicts()[id] == "accepted"
    [(body,)] = shop.stage.at_node("SELECT body FROM node_verdict WHERE movement = %s", id)
    assert not [found for found in body["findings"] if found["code"].startswith("CON-")], "the miner consented"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{shop.base.removesuffix('mostrador/')}registros/{id}/recibo/")
    assert faults(page) == []
    for words in ("1,25 g", "920 ‰", "450.000 COP", "1,15 g", "Base UPME", "Aceptado por la PTM", "/m/", id):
        expect(page.locator("main")).to_contain_text(words)
    shot(page, "counter-4")


def test_the_camera_reads_the_card(browser: Browser, shop: Shop, tmp_path: Path) -> None:
    """A film of the printed card before a real Chromium's camera; from the card to the receipt in three taps."""
    film = tmp_path / "card.mjpeg"
    film.write_bytes(frame_of_card(shop) * 30)
    camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    seen = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS.split(), *camera, f"--use-file-for-fake-video-capture={film}"]
    )
    taps, typed_in = bought_by_taps(open_phone(seen, shop, has_touch=True).new_page(), shop)
    assert len(taps) <= 3, taps
    assert typed_in == {"pin", "gross", "fineness", "price", "declaration", "consent-pin"}
    seen.close()


@pytest.mark.chaos
def test_control_a_form_whose_keys_do_not_go_on(browser: Browser, shop: Shop) -> None:
    """Each field of its own to be touched: four taps and more, without the one that opens the camera."""
    phone = open_phone(browser, shop, has_touch=True, service_workers="block")
    phone.route("**/counter/keys.js", lambda route: route.fulfill(body=NO_KEYS, content_type="text/javascript"))
    taps, _typed = bought_by_taps(phone.new_page(), shop, camera=False)
    assert len(taps) > 3, taps
    phone.close()


def test_a_purchase_with_the_keyboard_alone(page: Page, shop: Shop) -> None:
    """From the page's first line to the next miner's, and the verdict between."""
    bought_by_keys(page, shop)
    assert faults(page) == []


def of_yesterday(route: Route) -> None:
    """The node's answer as it was a day ago, with prices that ended since."""
    answer = route.fetch()
    said, ended = answer.json(), (datetime.now(BOGOTA) - timedelta(days=1)).date().isoformat()
    for each in said["minerals"]:
        each["base"] = each["base"] and {**each["base"], "to": ended}
    route.fulfill(response=answer, json={**said, "on": ended})


def test_a_purchase_by_code(page: Page, shop: Shop) -> None:
    """The hub sends the code; the page waits for it, says until when, and the movement carries it.

    The page was left open since yesterday, and asks anew for what is of today."""
    page.route("**/datos.json", of_yesterday, times=1)
    enter(page, shop)
    expect(page.locator("#base")).to_contain_text("DEMO-METALES")
    page.get_by_label("Número").fill("52000111")
    page.get_by_role("button", name="Ver lo que le queda").click()
    expect(page.locator("#left")).to_contain_text("Tiene cupo")
    weigh(page, gross="0,5")
    page.get_by_label("Con un código que la PTM").check()
    page.get_by_role("button", name="Comprar").click()
    expect(page.locator("#wrong")).to_contain_text("Pida el código")
    page.get_by_role("button", name="Pedir el código").click()
    expect(page.locator("#waiting")).to_contain_text("Vence a las")
    assert faults(page) == []
    page.get_by_label("Código que el minero lee").fill(shop.code())
    id = buy(page)
    expect(page.locator("#state")).to_contain_text("Aceptado por la PTM")
    [(body,)] = shop.stage.at_node("SELECT body FROM node_verdict WHERE movement = %s", id)
    assert not [found for found in body["findings"] if found["code"].startswith("CON-")]


@pytest.mark.parametrize("known", [True, False], ids=["the counter knew", "the hub told"])
def test_a_purchase_by_card_and_code_together(page: Page, shop: Shop, *, known: bool) -> None:
    """What is required is said and asked for together, and nothing else can be chosen; the hub verifies both."""
    two_required(page, known=known)
    enter(page, shop)
    show_card(page, shop)
    weigh(page, gross="0,2")
    told = by_both(page, shop, known=known)
    id = buy(page)
    expect(page.locator("#receipt-facts")).to_contain_text(f"tarjeta y PIN, {told}")
    expect(page.locator("#state")).to_contain_text("Aceptado por la PTM")
    [(body,)] = shop.stage.at_node("SELECT body FROM node_verdict WHERE movement = %s", id)
    assert not [found for found in body["findings"] if found["code"].startswith("CON-")]
    asked = "SELECT r.method FROM registry_consentuse u JOIN registry_consentrequest r ON r.id = u.consent_id"
    [(spent,)] = shop.stage.at_hub(f"{asked} WHERE u.used_by = %s", id)
    assert spent == ("card_pin+voice" if known else "card_pin+code")
    page.get_by_role("button", name="Otra compra").click()
    assert typed(page) == CLEAN
    expect(page.locator("#methods")).to_be_visible(visible=not known)


def test_the_network_goes_off_in_the_middle(browser: Browser, shop: Shop) -> None:
    """Begun with signal, bought without it, opened again without it; once it is back, at the hub exactly once."""
    phone = open_phone(browser, shop)
    page = phone.new_page()
    enter(page, shop)
    show_card(page, shop)
    page.get_by_label("Peso bruto").fill("0,75")
    phone.set_offline(True)
    weigh(page, gross="0,75")
    page.get_by_label("PIN, que escribe el minero para aceptar").fill(shop.card["pin"])
    page.get_by_role("button", name="Comprar").click()
    expect(page.locator("#wrong")).to_contain_text("Sin señal no se puede pedir el consentimiento")
    page.get_by_label("No puede ahora").check()
    id = buy(page)
    expect(page.locator("#state")).to_have_text("sin verificar todavía por la PTM")
    assert faults(page) == []
    page.evaluate(EXPIRED, shop.base)
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    expect(page.locator("#signal")).to_contain_text("Sin señal")
    other = without_a_price(page)
    expect(page.locator("#queue-said")).to_have_text("2 por enviar.")
    page.get_by_label("Letras de la tarjeta").fill(shop.card["token"])
    page.get_by_label("PIN, que escribe el minero", exact=True).fill(shop.card["pin"])
    page.get_by_role("button", name="Ver lo que le queda").click()
    expect(page.locator("#left")).to_contain_text(re.compile("A las .*En este teléfono hay 0,69 g de él sin enviar"))
    assert faults(page) == []
    shot(page, "counter-5")
    assert id not in shop.verdicts()
    phone.set_offline(False)
    page.get_by_role("button", name="Enviar ahora").click()
    expect(page.locator("#queue-said")).to_have_text("Todo se envió.")
    assert once(shop, [id, other]) == {id: "accepted", other: "accepted"}
    said = {each["id"]: each for each in shop.stage.payloads([id, other])}
    assert ["royalty_withheld_cop" in said[each] for each in (id, other)] == [True, False]
    assert "Base UPME: no se conoce" in said[other]["note"], "its receipt says so on paper too"
    kept = page.evaluate(KEPT, shop.base)
    assert not [each for each in kept if "payload" in each], "whose it was is no longer on the phone"
    assert "52000111" not in str(kept)
    phone.close()


KEPT = """async (base) => {
    const { open } = await import('/static/counter/store.js');
    return (await open(/clientes\\/([0-9a-f-]{36})/.exec(base)[1])).records();
}"""


def test_a_phone_that_dies_after_it_said_guardado(browser: Browser, shop: Shop, tmp_path: Path) -> None:
    """kill -9 of the whole browser the moment that the word is on the screen; opened again, it is sent once."""
    profile = tmp_path / "phone"
    phone = open_phone(browser, shop, profile=profile)
    page = phone.new_page()
    enter(page, shop)
    phone.set_offline(True)
    page.get_by_label("Número").fill("52000111")
    weigh(page, gross="0,3")
    page.get_by_label("No puede ahora").check()
    id = buy(page)
    with phone.expect_event("close"):  # nothing is left to close: what one asks of a dead browser is refused
        end_at_once(profile)
    assert id not in shop.verdicts()
    reborn = open_phone(browser, shop, profile=profile)
    page = reborn.new_page()
    enter(page, shop)
    expect(page.locator("#queue-said")).to_have_text("Todo se envió.")
    assert once(shop, [id]) == {id: "accepted"}
    reborn.close()


def test_a_mine_a_road_and_a_weighbridge_without_signal(browser: Browser, shop: Shop, tmp_path: Path) -> None:
    """Produced, dispatched and received with its ticket while there is no signal, the phone killed in between: at the
    hub once each, in order. What another operator used meanwhile is told with what to do."""
    profile = tmp_path / "mine"
    phone = open_phone(browser, shop, profile=profile)
    mine = Mine(shop, phone.new_page())
    mine.enter()
    same_as_the_desk(mine.page, mine.base)
    offline(phone, mine.page)
    shot(mine.page, "offline-1")
    made = mine.produce("12,5")
    mine.again()
    mine.each_kind()
    mine.refused_at_once()
    sent = mine.dispatch("4", at_most="12,5")
    assert faults(mine.page) == []
    with phone.expect_event("close"):
        end_at_once(profile)
    reborn = open_phone(browser, shop, profile=profile)
    reborn.set_offline(True)
    mine.page = reborn.new_page()
    mine.page.goto(f"{mine.base}movimientos/")
    came = mine.receive("3,99", ticket="T-2")
    assert faults(mine.page) == []
    shot(mine.page, "offline-3")
    expect(mine.page.locator("#queue-said")).to_have_text("3 por enviar.")
    assert not {made, sent, came} & shop.verdicts().keys()
    reborn.set_offline(False)
    mine.enter()
    expect(mine.page.locator("#queue-said")).to_have_text("Todo se envió.")
    assert once(shop, mine.ids) == {made: "accepted", sent: "pending", came: "accepted"}
    mine.in_order()
    late = mine.used_elsewhere(reborn)
    assert faults(mine.page) == []
    shot(mine.page, "offline-4")
    assert once(shop, [late]) == {late: "rejected"}
    mine.sent_late(reborn, "Se dañó la antena (ficticio).")
    mine.put_aside(reborn)
    reborn.close()


def test_the_last_grams_went_through_another_operator(browser: Browser, shop: Shop) -> None:
    """Bought here without signal while another operator's buyer takes them: one counts, and this counter is told."""
    number = shop.last_grams(left="1.000")
    phone = open_phone(browser, shop)
    page = phone.new_page()
    enter(page, shop)
    phone.set_offline(True)
    page.get_by_label("Número").fill(number)
    weigh(page, gross="0,9", fineness="1000")
    page.get_by_label("No puede ahora").check()
    id = buy(page)
    assert shop.other_buys(number, "0.900") == ("accepted", [])
    phone.set_offline(False)
    page.get_by_role("button", name="Enviar ahora").click()
    expect(page.locator("#state")).to_contain_text("Rechazado por la PTM")
    expect(page.locator("#state")).to_contain_text(re.compile("420 g.*QUO-003"))
    expect(page.locator("#state-now")).to_contain_text("quizá con otro operador")
    assert faults(page) == []
    shot(page, "counter-6")
    assert once(shop, [id]) == {id: "rejected"}
    phone.close()


def test_what_is_queued_stays_when_the_person_leaves(browser: Browser, shop: Shop) -> None:
    """A session that ended, then a person whose role ended: the queue waits for somebody of the client's. A phone with
    nothing to send forgets at the node's second word; one that is retired, once it handed everything over."""
    idle = open_phone(browser, shop)
    left = idle.new_page()
    enter(left, shop, "otro@demo.invalid")
    expect(left.locator("html[data-kept=yes]")).to_have_count(1)
    nobody_forgets(left)
    phone = open_phone(browser, shop)
    page = phone.new_page()
    enter(page, shop, "otro@demo.invalid")
    phone.set_offline(True)
    page.get_by_label("Número").fill("52000111")
    weigh(page, gross="0,2")
    page.get_by_label("No puede ahora").check()
    id = buy(page)
    cookies = phone.cookies()
    phone.clear_cookies()
    phone.set_offline(False)
    page.get_by_role("button", name="Enviar ahora").click()
    expect(page.locator("#signal")).to_contain_text("Su sesión terminó")
    shop.revoke("otro@demo.invalid")
    phone.add_cookies(cookies)
    page.get_by_role("button", name="Enviar ahora").click()
    expect(page.locator("#signal")).to_contain_text("Su acceso a este cliente terminó")
    expect(page.locator("#queue-said")).to_have_text("1 por enviar.")
    phone.clear_cookies()
    enter(page, shop)
    expect(page.locator("#queue-said")).to_have_text("Todo se envió.")
    assert once(shop, [id]) == {id: "accepted"}
    rows = shop.stage.at_node(
        "SELECT email FROM node_businessrecord JOIN veta_site_user u ON u.id = captured_by_id WHERE"
        " node_businessrecord.id = %s", id,
    )  # fmt: skip
    assert rows == [("otro@demo.invalid",)], "who captured it, whoever sent it"
    left.reload()
    expect(left.locator("html:is([data-signal=revoked], [data-signal=forgotten])")).to_have_count(1)
    left.evaluate("dispatchEvent(new Event('online'))")  # another contact, before the one of every few seconds
    expect(left.locator("#signal")).to_contain_text("lo que este teléfono guardaba de él se borró")
    assert kept_of_a_client(left) == []
    assert kept_of_a_client(page) != []
    shop.stage.at_node(
        "INSERT INTO node_deviceend (device_id, ended_by_id) SELECT device_id, captured_by_id FROM node_businessrecord"
        " WHERE id = %s RETURNING device_id", id,
    )  # fmt: skip
    page.reload()
    expect(page.locator("#signal")).to_contain_text("Este teléfono se retiró")
    expect(page.locator("#purchase")).to_be_hidden()
    expect(page.locator("html[data-kept=yes]")).to_have_count(1)
    assert kept_of_a_client(page) == []
    weighed_as_at_the_desk(left)
    emptied_elsewhere(left, shop.base)
    for each in (idle, phone):
        each.close()


@pytest.mark.parametrize("at", ["", "movimientos/"], ids=["counter", "movements"])
def test_the_first_load_is_light_and_installs(browser: Browser, shop: Shop, at: str) -> None:
    phone = open_phone(browser, shop)
    page = phone.new_page()
    enter(page, shop)
    page.goto(shop.base + at)
    page.wait_for_selector("html[data-kept=yes]")
    names = page.evaluate("JSON.parse(document.getElementById('files').textContent)")
    session = "; ".join(f"{each['name']}={each['value']}" for each in phone.cookies())
    manifest = f"{shop.base}mostrador.webmanifest" + ("?movimientos" if at else "")
    others = {f"{shop.base}{each}" for each in (at, f"{at}datos.json", "datos.json", "datos.json?lugares", "worker.js")}
    addresses = {*names, *others, manifest}
    weights = {each: len(sent(shop.origin + each, session)) for each in sorted(addresses)}
    print(f"first load of {at or 'the counter'}: {sum(weights.values())} bytes in {len(weights)} files")
    assert 30_000 < sum(weights.values()) < MOST_BYTES, weights
    told = page.evaluate("(path) => fetch(path).then((answer) => answer.json())", manifest)
    assert (told["start_url"], told["display"]) == (shop.base + at, "standalone")
    page.set_viewport_size({"width": 1280, "height": 800})
    if at:
        page.get_by_role("link", name="Producción", exact=True).click()
        expect(page.locator("#kind-title")).to_be_focused()
    assert faults(page) == []
    shot(page, "offline-5" if at else "counter-7")
    phone.close()


def sent(address: str, cookies: str) -> bytes:
    """What travels for an address: compressed where the server compresses it."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip", "Cookie": cookies}), timeout=10) as answer:
        return bytes(answer.read())


def test_a_phone_whose_clock_is_wrong_is_told_and_its_purchases_are_not(browser: Browser, shop: Shop) -> None:
    """Two hours behind: the purchase carries the platform's hour, and how far the phone was off stays on record."""
    phone = open_phone(browser, shop)
    phone.add_init_script("const real = Date.now; Date.now = () => real() - 2 * 3600 * 1000;")
    page = phone.new_page()
    enter(page, shop)
    expect(page.locator("#clock")).to_contain_text("120 min atrasado")
    page.get_by_label("Número").fill("52000111")
    weigh(page, gross="0,1")
    page.get_by_label("No puede ahora").check()
    id = buy(page)
    expect(page.locator("#state")).to_contain_text("Aceptado por la PTM")
    [(skew, late)] = shop.stage.at_node(
        "SELECT skew_ms, extract(epoch FROM received_at - occurred_at)::int FROM node_businessrecord WHERE id = %s", id
    )
    assert (round(skew / 60000), late < 60) == (-120, True)
    phone.close()


def test_t17_in_short(browser: Browser, shop: Shop) -> None:
    seed = seed_of_run()
    with trial("T17", n=3 * 6 + 3, seed=seed) as figures:
        figures |= thirty_days(browser, shop, phones=3, each=6, kills=3, seed=seed)


@pytest.mark.chaos
def test_t17_at_length(browser: Browser, shop: Shop) -> None:
    seed = seed_of_run()
    with trial("T17", n=50 * 200 + 3, seed=seed) as figures:
        figures |= thirty_days(browser, shop, phones=50, each=200, kills=200, seed=seed)
        print(figures)


def test_control_t17_a_queue_deleted_before_the_acknowledgement(browser: Browser, shop: Shop) -> None:
    """A phone that lets go of what it sends before the node acknowledged it: one lost answer, and it is gone."""
    source = (ROOT / "src/veta/node/static/counter/sync.js").read_text()
    early = "await store.settle(batch.map(({ id }) => ({ id, kept: true })), {});\n  const said = await ask("
    assert source.count("const said = await ask(") == 1, "sync.js has changed: plant this fault anew"
    planted = source.replace("const said = await ask(", early)
    (phone,) = open_phones(browser, shop, 1)
    phone.context.route("**/counter/sync.js", lambda route: route.fulfill(body=planted, content_type="text/javascript"))
    phone.page.reload()
    phone.page.wait_for_selector("html[data-ready=yes]")
    phone.capture({"seller": "52000111", "grams": "0.001"})
    phone.context.route("**/sincronizar", lambda route: route.abort())
    assert phone.sync() == "network"
    phone.context.unroute("**/sincronizar")
    assert phone.sync() == "ok"
    with trial("T17 control: queue deleted before ack", n=1, seed=0), pytest.raises(AssertionError):
        everything_arrived(shop, [phone])
    phone.context.close()


def test_the_flow_in_short(page: Page, shop: Shop) -> None:
    """A few, on a machine that does other things too: within ten times what a buyer bears. The long form holds it."""
    flows(page, shop, 4, most=10 * PATIENCE)


@pytest.mark.chaos
def test_the_flow_at_length(page: Page, shop: Shop) -> None:
    flows(page, shop, 100, most=PATIENCE)
