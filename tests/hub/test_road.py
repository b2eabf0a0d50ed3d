"""What whoever stops a truck sees of a dispatch: the answer, the plate, the load, and each document with its state."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import UUID

import pypdf
import pytest
import zxingcpp
from django.test import Client
from PIL import Image

from tests.certificates.trade import Trade
from tests.movements.test_acts import act
from tests.movements.world import TOWN, World
from veta.certificates.services import withdraw
from veta.hub.road.code import address_of, code_of, dispatch_of
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7

DRIVER = {"type": "CC", "number": "79123456"}


@pytest.fixture(scope="module")
def trade(module_database: Any) -> Trade:
    return Trade.open()


def sent(trade: Trade, lot: str, quantity: str, *, holder: str, cited: str = "PAPEL-7", **more: Any) -> dict[str, Any]:
    brought = [{"type": "origin_certificate", "number": cited, "issued_on": "2026-11-10"}]
    made = trade.world.movement(
        "dispatch", holder=World.PARTIES[holder], to={"municipality": TOWN, "facility": "Patio de la prueba"},
        place={"municipality": TOWN}, vehicle="ABC123", carrier=DRIVER, evidence=brought,
        **{"items": [{"lot": lot, "quantity": quantity, "new_lot": str(uuid7())}], **more},
    )  # fmt: skip
    trade.accepted(made)
    return made


def seen(movement: dict[str, Any], **more: Any) -> str:
    answer = Client().get(f"/camino/{code_of(UUID(movement['id']))}", **more)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return answer.content.decode()


def answer_of(text: str) -> tuple[str, str]:
    """The tone and the words that stand first."""
    found = re.search(r'class="answer (\w+)"[^>]*>\s*<h1>([^<]+)</h1>', text)
    assert found is not None
    return found.group(1), found.group(2)


def papers(text: str) -> list[tuple[str, str]]:
    """Each document's tone and what it says."""
    items = re.findall(r'<li class="(\w+)">(.*?)</li>', text[text.index('class="papers"') :], re.DOTALL)
    return [(tone, re.sub(r"<[^>]+>|\s+", " ", body)) for tone, body in items]


def test_a_producers_own_mineral_needs_its_certificate_alone(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    bare = sent(trade, lot, "10.000", holder="holder2")
    assert answer_of(seen(bare)) == ("wait", "Pida el papel")
    trade.certify(lot)
    text = seen(bare)
    assert answer_of(text) == ("ok", "Documentos completos")
    (rucom, origin) = papers(text)
    assert rucom[0] == "note"
    assert origin[0] == "ok"
    assert "CO-000001" in origin[1]
    assert "ABC123" in text
    assert "10 t" in text
    assert DRIVER["number"] not in text
    assert "CC terminado en 456" in text


def test_a_trader_shows_its_rucom_and_the_copy_of_who_sold_to_it(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    trade.certify(lot)
    bought = trade.sell(lot, "60.000", seller="holder2", buyer="trader")
    text = seen(sent(trade, bought, "60.000", holder="trader"))
    assert answer_of(text) == ("ok", "Documentos completos")
    assert [tone for tone, _ in papers(text)] == ["ok", "ok"]


@pytest.mark.parametrize("cited", ["PAPEL-7", "own", "other", "little"])
def test_a_paper_from_outside_is_to_be_checked_and_one_over_another_lot_is_none(trade: Trade, cited: str) -> None:
    lot = trade.coal()["lot"]
    other = trade.certify(trade.coal()["lot"])
    own = trade.certify(lot, amount=4_999) if cited in ("own", "little") else other
    if cited == "own":
        withdraw(own.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    number = cited if cited == "PAPEL-7" else own.token
    text = seen(sent(trade, lot, "5.000", holder="holder2", cited=number))
    wanted = {
        "PAPEL-7": ("wait", "fuera de la plataforma"), "own": ("stop", "Ya no sirve"),
        "other": ("stop", "Ampara otro lote"), "little": ("stop", "no ampara toda la carga"),
    }[cited]  # fmt: skip
    assert papers(text)[-1][0] == wanted[0]
    assert wanted[1] in papers(text)[-1][1]
    assert answer_of(text)[0] == wanted[0]


def test_less_certified_than_travels_leaves_the_rest_to_the_paper(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    trade.certify(lot, amount=50_000)
    assert answer_of(seen(sent(trade, lot, "50.001", holder="holder2")))[0] == "wait"
    assert answer_of(seen(sent(trade, lot, "49.999", holder="holder2")))[0] == "ok"


def test_what_covers_one_load_of_a_pack_does_not_cover_the_other(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    trade.certify(lot, amount=50_000)
    two = [{"lot": lot, "quantity": "30.000", "new_lot": str(uuid7())} for _ in range(2)]
    assert answer_of(seen(sent(trade, lot, "30.000", holder="holder2", items=two)))[0] == "wait"


def test_a_miners_gold_travels_with_his_declaration_and_shows_gross_weight(trade: Trade) -> None:
    bought = trade.purchase("10.000", fineness="900")["lot"]
    trade.certify(bought, "production_declaration")
    text = seen(sent(trade, bought, "9.000", holder="trader"))
    assert answer_of(text) == ("ok", "Documentos completos")
    assert "Declaración de producción" in papers(text)[-1][1]
    assert "9 g finos · 10 g brutos, ley 900 ‰" in text
    assert "10200300" not in text
    assert "DEMO miner" not in text


def test_what_ended_covers_nothing_and_what_is_suspended_says_so(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    trade.certify(lot)
    first, second = (sent(trade, lot, "10.000", holder="holder2") for _ in range(2))
    arrived = trade.world.movement("receipt", dispatch=first["id"], items=[{"lot": lot, "quantity": "10.000"}])
    trade.accepted(arrived)
    text = seen(first)
    assert answer_of(text) == ("stop", "No ampara ninguna carga")
    assert "Patio de la prueba" not in text
    assert "Patio de la prueba" in seen(second)
    act(trade.world, "suspension", lots=[lot])
    assert answer_of(seen(second)) == ("stop", "Carga suspendida")


def test_the_code_is_nobodys_to_guess_and_opens_only_what_is_a_dispatch(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    made = sent(trade, lot, "10.000", holder="holder2")
    code = code_of(UUID(made["id"]))
    assert (len(code), dispatch_of(code)) == (26, UUID(made["id"]))
    spelt = "-".join(re.findall("..?.?.?", code.lower()))
    assert Client().get(f"/camino/{spelt}").status_code == 200
    changed = ("A" if code[0] != "A" else "B") + code[1:]
    sale = trade.world.sale(lot, "1.000")
    trade.accepted(sale)
    for wrong in (changed, made["id"], "x", code_of(uuid7()), code_of(UUID(sale["id"]))):
        assert Client().get(f"/camino/{wrong}").status_code == 404, wrong
        assert Client().get(f"/camino/{wrong}/pdf").status_code == 404, wrong


def test_the_paper_says_the_same_and_its_qr_opens_the_page(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    trade.certify(lot)
    made = sent(trade, lot, "10.000", holder="holder2")
    answer = Client().get(f"/camino/{code_of(UUID(made['id']))}/pdf", headers={"accept-language": "en"})
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert all(word in text for word in ("Documentos completos", "ABC123", "2.2.5.6.1.3.1", "DEMO-CARBON", made["id"]))
    assert DRIVER["number"] not in text
    assert "pdfuaid:part>1" in reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert read_qr(address_of(UUID(made["id"]))) == address_of(UUID(made["id"]))


def read_qr(address: str) -> str:
    """The QR of an address as another library reads it, at 4.4 cm and 300 dpi."""
    import segno

    out = io.BytesIO()
    segno.make_qr(address, error="m").save(out, kind="png", border=4, scale=4)
    drawn = Image.open(out).convert("L").resize((520, 520), Image.Resampling.LANCZOS)
    return str(zxingcpp.read_barcode(drawn).text)
