"""A counter purchase by a person's own gestures: what was touched, what was typed, and the keyboard alone."""

from __future__ import annotations

import io

import segno
from PIL import Image
from playwright.sync_api import Page, expect

from tests.node.browser.buyer import CLEAN, typed
from tests.node.browser.shop import BUYER, Shop, enter_bare

# What is pressed, and what is typed into: of a touch of the fields that every purchase is made of, none is counted.
WATCH = """
    window.touched = []; window.written = new Set();
    const free = ['gross', 'fineness', 'price'];
    addEventListener('pointerdown', ({ target }) => {
        const at = target.closest('button, a, input, select, label, summary') ?? target;
        if (!free.includes(at.id)) window.touched.push(at.id || at.tagName);
    }, true);
    addEventListener('input', (event) => event.isTrusted && window.written.add(event.target.id), true);
"""
FIGURES = (("gross", "1,25"), ("fineness", "920"), ("price", "450.000"), ("declaration", "DP-7"))
NO_KEYS = "export const goOn = () => {}; export const toTheScale = () => {};"


def at(page: Page) -> str:
    """The id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def write(page: Page, field: str, text: str) -> None:
    """Type into a field, touched only where the focus has not come to it by itself."""
    if at(page) != field:
        page.locator(f"#{field}").tap()
    page.keyboard.type(text)


def bought_by_taps(page: Page, shop: Shop, *, camera: bool = True) -> tuple[list[str], set[str]]:
    """From the card to the receipt on a phone; the touches beside weight, fineness and price, and what was typed into.

    The keyboard's own key ends a field. Without a camera the card's letters stand in the field already.
    """
    page.add_init_script(WATCH)
    enter_bare(page, shop, BUYER)
    if camera:
        page.get_by_role("button", name="Leer la tarjeta").tap()
        expect(page.get_by_label("Letras de la tarjeta")).to_have_value(shop.card["token"])
        expect(page.locator("#viewer")).to_be_hidden()
    else:
        page.evaluate("(letters) => { document.getElementById('card').value = letters; }", shop.card["token"])
    write(page, "pin", shop.card["pin"])
    page.get_by_role("button", name="Ver lo que le queda").tap()
    expect(page.locator("#left")).to_contain_text("Es la tarjeta de")
    for field, text in FIGURES:
        write(page, field, text)
        page.keyboard.press("Enter")
    write(page, "consent-pin", shop.card["pin"])
    page.get_by_role("button", name="Comprar").tap()
    expect(page.locator("#saved")).to_have_text("guardado")
    expect(page.locator("#state")).to_contain_text("Aceptado por la PTM")
    return list(page.evaluate("window.touched")), set(page.evaluate("[...window.written]"))


def bought_by_keys(page: Page, shop: Shop) -> None:
    """No pointer at all: Tab, letters and Enter, up to the next miner's clean form."""
    page.add_init_script(WATCH)
    enter_bare(page, shop, BUYER)
    reach(page, "card")
    page.keyboard.type(shop.card["token"])
    page.keyboard.press("Enter")
    assert at(page) == "pin"
    page.keyboard.type(shop.card["pin"])
    page.keyboard.press("Enter")
    expect(page.locator("#left")).to_contain_text("Es la tarjeta de")
    expect(page.locator("#gross")).to_be_focused()
    for field, text in FIGURES:
        assert at(page) == field
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    assert at(page) == "consent-pin", "the town is the card's"
    page.keyboard.type(shop.card["pin"])
    page.keyboard.press("Enter")
    expect(page.locator("#receipt")).to_be_focused()
    expect(page.locator("#state")).to_contain_text("Aceptado por la PTM")
    reach(page, "again")
    page.keyboard.press("Enter")
    expect(page.locator("#scan")).to_be_focused()
    assert typed(page) == CLEAN
    assert page.evaluate("window.touched") == []


def reach(page: Page, field: str) -> None:
    """Tab until there."""
    for _ in range(40):
        if at(page) == field:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{field} is out of the keyboard's reach")


def frame_of_card(shop: Shop) -> bytes:
    """The drawing of a card on a table, turned as a hand holds it: one frame of film."""
    out = io.BytesIO()
    segno.make(f"{shop.stage.origin}/tarjeta/{shop.card['token']}/", error="m").save(out, kind="png", scale=9, border=2)
    table = Image.new("RGB", (1280, 720), (120, 116, 110))
    card = Image.open(out).convert("RGBA").rotate(7, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(card, (420, 160), card)
    film = io.BytesIO()
    table.save(film, format="JPEG", quality=80)
    return film.getvalue()
