"""What a buyer does at the counter, and what the form holds afterwards."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.node.browser.shop import Shop, weigh
from tests.site.browser.test_layout import faults
from veta.kernel.identity import NUMBERS, WRONG_CHECK

FIELDS = (
    "card", "pin", "document-type", "document", "gross", "fineness", "price", "declaration", "municipality",
    "consent-pin", "code",
)  # fmt: skip
CLEAN = {
    **dict.fromkeys(FIELDS, ""), "document-type": "CC", "municipality": "05001 Medellín (Antioquia)",
    "method": "card_pin",
}  # fmt: skip
# What the phone keeps of the prices ended yesterday, as after some days without signal.
EXPIRED = """async (base) => {
    const { open } = await import('/static/counter/store.js');
    const store = await open(/clientes\\/([0-9a-f-]{36})/.exec(base)[1]);
    const setting = await store.fact('setting');
    const over = new Date(Date.now() - 48 * 3600 * 1000).toISOString().slice(0, 10);
    for (const each of setting.minerals) if (each.base) each.base.to = over;
    await store.learn('setting', { ...setting, on: over });
}"""


def show_card(page: Page, shop: Shop) -> None:
    """The card, as its letters; and the PIN that its holder types."""
    page.get_by_label("Letras de la tarjeta").fill(shop.card["token"])
    page.get_by_label("PIN, que escribe el minero", exact=True).fill(shop.card["pin"])
    page.get_by_role("button", name="Ver lo que le queda").click()
    expect(page.locator("#left")).to_contain_text("Es la tarjeta de")


def buy(page: Page) -> str:
    """The button; the id under which it was kept."""
    page.get_by_role("button", name="Comprar").click()
    expect(page.locator("#saved")).to_have_text("guardado")
    return str(page.locator("#receipt").get_attribute("data-id"))


def over_the_cap(page: Page) -> None:
    """What passes the month is told and may be sent; what passes the year is stopped before the miner is asked."""
    weigh(page, gross="400")
    expect(page.locator("#over")).to_contain_text(re.compile("Son 368 g y este mes le quedan .* La puede enviar"))
    weigh(page, gross="500")
    expect(page.locator("#over")).to_contain_text(re.compile("Son 460 g y este año le quedan .* la rechazaría"))
    page.get_by_role("button", name="Comprar").click()
    expect(page.locator("#wrong")).to_contain_text("Son 460 g y este año le quedan")
    expect(page.locator("#gross")).to_be_focused()
    assert faults(page) == []


def of_a_town(page: Page) -> None:
    """By name or by code; one that is none, or two, is told before anything is asked of the hub."""
    town = page.get_by_label("Municipio de origen")
    expect(town).to_have_value("05001 Medellín (Antioquia)")
    weigh(page)
    for written, told in (("99999", "No se conoce"), ("San Carlos", "Hay varios"), ("", "Escriba el municipio")):
        town.fill(written)
        page.get_by_role("button", name="Comprar").click()
        expect(page.locator("#wrong")).to_contain_text(told)
    town.fill("medellin")
    expect(page.locator("#wrong")).to_be_hidden()
    expect(page.locator("#towns option")).to_have_attribute("value", "05001 Medellín (Antioquia)")


def of_a_document(page: Page) -> None:
    """A number that cannot be of its type is told before anything is asked of the hub."""
    number = page.get_by_label("Número")
    before = number.input_value()
    for type, written in (("CC", "12345678901"), ("CC", "12-3"), ("NIT", "900100002-0"), ("PPT", "ABC")):
        page.get_by_label("Documento", exact=True).select_option(type)
        number.fill(written)
        page.get_by_role("button", name="Comprar").click()
        told = WRONG_CHECK if type == "NIT" else NUMBERS[type][1]  # type: ignore[index]
        expect(page.locator("#wrong")).to_have_text(told)
        expect(number).to_be_focused()
    page.get_by_label("Documento", exact=True).select_option("CC")
    number.fill(before)


def typed(page: Page) -> dict[str, str]:
    """What the form holds of a miner."""
    said = {name: page.locator(f"#{name}").input_value() for name in FIELDS}
    return said | {"method": page.locator("[name=method]:checked").input_value()}


def without_a_price(page: Page) -> str:
    """Bought at no known base price: nothing is withheld by an old one, the receipt says so, the next form is clean."""
    expect(page.locator("#base")).to_contain_text("no se conoce el de este día")
    page.get_by_label("Número").fill("52000111")
    weigh(page, gross="0,5")
    expect(page.locator("#withheld")).to_contain_text("no se calculó")
    page.get_by_label("No puede ahora").check()
    id = buy(page)
    for words in ("no se conoce el de este día", "no se calculó: falta el precio base", "05001 Medellín (Antioquia)"):
        expect(page.locator("#receipt-facts")).to_contain_text(words)
    page.get_by_role("button", name="Otra compra").click()
    assert typed(page) == CLEAN, "«No puede ahora» was this miner's alone"
    return id


def two_required(page: Page, *, known: bool) -> None:
    """A day on which card and PIN and a code are required: the counter knows it, or the hub alone, which says so."""
    both = ["card_pin", "voice"]

    def of_that_day(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"consent": {"required": both, "known": both}})

    def by_code_too(route: Route) -> None:
        route.continue_(post_data=route.request.post_data_json | {"methods": ["code"]})

    if known:
        page.route("**/datos.json", of_that_day)
    else:
        page.route("**/consentimiento", by_code_too)


def by_both(page: Page, shop: Shop, *, known: bool) -> str:
    """What is required on such a day is given; what the receipt calls the code."""
    return by_card_and_call(page, shop) if known else by_card_and_the_code_it_lacked(page, shop)


def by_card_and_call(page: Page, shop: Shop) -> str:
    """Both are asked for at once; the call is heard."""
    expect(page.locator("#required")).to_have_text("La autoridad exige: tarjeta y PIN, código por llamada.")
    expect(page.locator("#methods")).to_be_hidden()
    page.get_by_role("button", name="Comprar").click()
    expect(page.locator("#wrong")).to_contain_text("Pida el código")
    page.get_by_role("button", name="Pedir el código").click()
    expect(page.locator("#wrong")).to_contain_text("Falta el PIN")
    page.get_by_label("PIN, que escribe el minero para aceptar").fill(shop.card["pin"])
    page.get_by_role("button", name="Pedir el código").click()
    expect(page.locator("#waiting")).to_contain_text("La PTM lo está llamando")
    assert faults(page) == []
    page.get_by_label("Código que el minero").fill(shop.code_heard())
    return "código por llamada"


def by_card_and_the_code_it_lacked(page: Page, shop: Shop) -> str:
    """The card alone is not enough: the code that the hub sent besides is asked for, and what was typed stays."""
    page.get_by_label("PIN, que escribe el minero para aceptar").fill(shop.card["pin"])
    page.get_by_role("button", name="Comprar").click()
    expect(page.locator("#wrong")).to_contain_text("Pida el código y escriba el que lee el minero")
    expect(page.locator("#required")).to_have_text("La autoridad exige: tarjeta y PIN, código por mensaje.")
    expect(page.locator("#waiting")).to_contain_text("La PTM le envió un código")
    page.get_by_label("Código que el minero").fill(shop.code())
    return "código por mensaje"
