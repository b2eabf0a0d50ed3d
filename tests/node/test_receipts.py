"""The paper of a record: every kind says what was captured and how it stands for the hub."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pypdf
from django.test import Client as Browser

from tests.node.conftest import NOW, House
from veta.kernel.ids import uuid7
from veta.node.connect import SANDBOX
from veta.node.domain.records import Operation
from veta.node.models import BusinessRecord, HubEvent, Place
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.outbox import KINDS as EVERY_KIND
from veta.node.services import outbox
from veta.node.services.capture import Given, answer_payload, capture

MINE = {"type": "NIT", "number": "900200001"}
OTHER = {"type": "NIT", "number": "900300001"}
GOLD = {"mineral": "oro", "quantity": "1234.500", "unit": "g", "fineness": "920.5", "assay": "declared"}
LOT, MADE = str(uuid7()), str(uuid7())
TAKEN = {"items": [{"lot": LOT, "quantity": "1000.250"}]}
INPUTS = {"inputs": [{"lot": LOT, "quantity": "1000.250"}]}
OUTPUTS = {"outputs": [{**GOLD, "lot": MADE}]}
TITLE = {"origin": {"kind": "title", "code": "DEMO-ORO"}}
# Of each kind, its words and what its paper must say of them beside what every paper says.
SAID: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "production": (
        {"holder": MINE, **TITLE, **GOLD, "lot": MADE},
        ("Producción", "DEMO-ORO", "Título minero", "Oro", "1.234,5 g", "920,5", "declarada"),
    ),
    "sale": (
        {"seller": MINE, "buyer": OTHER, **TAKEN, "price_cop": "1500000.50"},
        ("Venta", "NIT 900300001", "Oro", "1.000,25 g", LOT, "1.500.000,5"),
    ),
    "dispatch": (
        {"holder": MINE, **TAKEN, "to": {"municipality": "05001", "facility": "Planta Uno"}, "vehicle": "ABC123"},
        ("Despacho", "Planta Uno", "Medellín, Antioquia (05001)", "ABC123", "1.000,25 g"),
    ),
    "receipt": (
        {"dispatch": str(uuid7()), "items": [{"lot": LOT, "quantity": "999.75", "lost": "0.5"}]},
        ("Recepción de un despacho", "999,75 g", "Perdido en el camino", "0,5 g"),
    ),
    "documented_intake": (
        {"holder": MINE, "origin": {"kind": "disused"}, **GOLD, "basis": "disused", "lot": MADE},
        ("Recepción en planta", "Joyas y metal en desuso", "1.234,5 g"),
    ),
    "subsistence_purchase": (
        {
            "seller": {"type": "CC", "number": "10200300"}, "buyer": MINE, **GOLD, "lot": MADE,
            "origin": {"kind": "subsistence", "municipality": "05001"}, "price_cop": "900000",
            "royalty_withheld_cop": "36000",
        },
        ("Compra a minero de subsistencia", "CC 10200300", "Medellín", "900.000", "36.000", "/m/"),
    ),
    "regroup": ({"holder": MINE, **INPUTS, **OUTPUTS}, ("Mezcla o división", "Qué entró", "1.000,25 g", "Qué salió")),
    "transformation": (
        {"holder": MINE, "plant": MINE, "recipe": "afinacion_oro", **INPUTS, **OUTPUTS, "losses": [GOLD]},
        ("Transformación", "Afinación", "Qué entró", "Qué salió", "Lo que se perdió", "1.234,5 g"),
    ),
    "export": ({"holder": MINE, **TAKEN, "country": "CH"}, ("Exportación", "CH", "1.000,25 g")),
    "consumption": ({"holder": MINE, **TAKEN, "use": "Joyería"}, ("Consumo", "Joyería", "1.000,25 g")),
    "loss": ({"holder": MINE, **TAKEN, "reason": "Se derramó"}, ("Pérdida", "Se derramó", "1.000,25 g")),
    "retention": (
        {"holder": MINE, **GOLD, "circumstances": "Llegó sin papeles", "lot": MADE},
        ("Retención y aviso", "Llegó sin papeles", "1.234,5 g"),
    ),
    "reversal": ({"movement": LOT, "reason": "Se registró dos veces"}, ("Reversión", LOT, "dos veces")),
}  # fmt: skip
ANSWERS = {"confirm", "refuse", "withdraw"}


def item(kind: str) -> dict[str, Any]:
    return {
        "id": str(uuid7()), "kind": kind, "occurred_at": "2026-11-10T09:00:00-05:00", "note": "Dijo algo.",
        "place": {"municipality": "05001", "facility": "Bodega Dos"},
        "evidence": [{"type": "weighbridge", "number": "T-9", "issued_on": "2026-11-10"}],
    } | SAID[kind][0]  # fmt: skip


def paper_of(browser: Browser, record: BusinessRecord) -> str:
    """What the paper says, without blanks: a table breaks a long word where it likes."""
    answer = browser.get(f"/clientes/{record.client_id}/registros/{record.id}/recibo.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return bare("".join(page.extract_text() for page in pages))


def bare(text: str) -> str:
    return re.sub(r"\s|\u00ad|-(?=\n)", "", text)


def missing(browser: Browser, record: BusinessRecord, *said: str) -> list[str]:
    text = paper_of(browser, record)
    return [each for each in said if bare(each) not in text]


def known_lot(house: House) -> None:
    """A lot of gold of the client's, by a purchase that the hub accepted."""
    bought = item("subsistence_purchase") | {"lot": LOT}
    capture(house.clients["gold"], [Given(bought)], now=NOW)
    told(bought["id"], lots=[{"lot": LOT, "mineral": "oro", "quantity": "5000.000", "unit": "g"}])


def told(id: str, status: str = "accepted", **more: Any) -> None:
    verdict = {
        "movement": id, "status": status, "findings": [], "lots": [], "decided_at": "2026-11-10T15:00:00+00:00",
        "rules": "sha256:0",
    } | more  # fmt: skip
    outbox.take([{"verdict": verdict, "receipt": {"leaf": "ab" * 32}, "repeated": False}], now=NOW)


def test_every_kind_says_what_was_captured_and_that_nobody_verified_it(house: House) -> None:
    Place.objects.create(code="05001", name="Medellín", department="Antioquia")
    known_lot(house)
    assert SAID.keys() >= KINDS.keys()
    assert SAID.keys() | ANSWERS == EVERY_KIND.keys()
    browser = house.browser("gold accountant")
    records = capture(house.clients["gold"], [Given(item(kind)) for kind in SAID], now=NOW)
    for record in records:
        every = (
            "DEMO Oro (ficticio) (NIT 900200001)", "2026-11-10 09:00", "Sin verificar todavía por la PTM.",
            "En cola", str(record.id), record.digest, str(record.sequence),
        )  # fmt: skip
        placed = ("Bodega Dos, Medellín, Antioquia (05001)", "Tiquete de báscula", "T-9", "Dijo algo.")
        own = (*SAID[record.kind][1], *(placed if record.kind in KINDS else ()))
        assert missing(browser, record, *every, *own) == [], record.kind


def test_what_the_hub_said_is_on_it_with_its_place_in_the_log(house: House) -> None:
    kinds = ("production", "loss")
    browser = house.browser("gold accountant")
    good, bad = capture(house.clients["gold"], [Given(item(kind)) for kind in kinds], now=NOW)
    HubEvent.objects.create(number=40_717, movement=good.id, kind="production", occurred_at=NOW, body={})
    told(str(good.id), lots=[{"lot": MADE, "mineral": "oro", "quantity": "1136.357", "unit": "g"}])
    finding = {"code": "LOT-003", "severity": "blocking", "field": "items", "norm": "Res. 1", "message": "No alcanza."}
    told(str(bad.id), "rejected", findings=[finding])
    decided = "La PTM lo decidió el 2026-11-10 10:00."
    assert missing(browser, good, "Aceptado por la PTM", decided, "1.136,357 g", "40717", "ab" * 32) == []
    assert missing(browser, bad, "Rechazado por la PTM", decided, "LOT-003", "No alcanza.", "Res. 1") == []
    assert [bare("Sin verificar") in paper_of(browser, each) for each in (good, bad)] == [False, False]


def test_an_answer_a_sandbox_and_words_that_no_hub_would_take_have_a_paper_too(house: House) -> None:
    answer = Given(answer_payload(uuid7(), reason="Faltó peso"), Operation.REFUSE)
    odd = item("sale") | {"items": "x", "evidence": [7], "buyer": "yo", "price_cop": "mucho", "place": ["allí"]}
    browser = house.browser("gold accountant")
    records = capture(house.clients["gold"], [answer, Given(odd), Given(item("loss"))], now=NOW)
    told(str(records[2].id), rules="sandbox")
    assert missing(browser, records[0], "Negativa", "Faltó peso", answer.payload["movement"]) == []
    assert missing(browser, records[1], "mucho", "allí") == []
    assert missing(browser, records[2], "Ensayo sin efectos") == []


def test_only_the_clients_own_people_read_it(house: House) -> None:
    (record,) = capture(house.clients["gold"], [Given(item("loss"))], now=NOW)
    for client in ("gold", "coal"):
        path = f"/clientes/{house.clients[client].id}/registros/{record.id}/recibo.pdf"
        assert house.browser("coal owner").get(path).status_code == 404
    page = house.browser("gold owner").get(f"/clientes/{record.client_id}/registros/{record.id}/").content.decode()
    assert f"{record.id}/recibo.pdf" in page


def test_an_unverified_purchase_says_its_fine_grams_and_the_base_price_of_its_day(
    house: House, node: Any, tmp_path: Path
) -> None:
    """By the page and by the paper: worked out by the operator, until the hub's own figure stands there."""
    node.NODE_HUB_URL, node.NODE_HOME = SANDBOX, tmp_path
    browser = house.browser("gold accountant")
    silver = item("subsistence_purchase") | {"mineral": "plata"}
    odd = item("subsistence_purchase") | {"fineness": "mucha"}
    noted = item("subsistence_purchase") | {"note": "Báscula: 77.10 · Base UPME: 299999.50 COP/g"}
    bought = [noted, silver, odd]
    gold, other, wrong = capture(house.clients["gold"], [Given(each) for each in bought], now=NOW)
    fine = "1.136,357 g, calculado por el operador; la PTM aún no lo ha verificado"
    base = "300.000 COP/g, ENSAYO, del 2024-01-01 (de demostración)"
    for said in (said_of(browser, gold), paper_of(browser, gold)):
        assert [each for each in (fine, base) if bare(each) not in said] == []
    shown = ("Base que mostró el mostrador", "299.999,5 COP/g", "77.10")
    assert [each for each in shown if bare(each) not in said_of(browser, gold)] == []
    assert bare("No había precio base vigente ese día.") in paper_of(browser, other)
    assert bare("Contenido fino") not in paper_of(browser, wrong), "no figure is made of what is none"
    told(str(gold.id), lots=[{"lot": LOT, "mineral": "oro", "quantity": "1136.357", "unit": "g"}])
    told(str(other.id), "rejected")
    for said in (said_of(browser, gold), paper_of(browser, gold)):
        assert bare("calculado por el operador") not in said
        assert bare("1.136,357 g") in said
    assert bare("calculado por el operador; la PTM no lo contó") in paper_of(browser, other)


def test_a_hub_that_does_not_answer_leaves_the_base_price_unsaid(house: House, node: Any, tmp_path: Path) -> None:
    node.NODE_HUB_URL, node.NODE_HOME = "http://127.0.0.1:1", tmp_path
    (record,) = capture(house.clients["gold"], [Given(item("subsistence_purchase"))], now=NOW)
    assert missing(house.browser("gold accountant"), record, "No se pudo consultar: la PTM no respondió.") == []


def said_of(browser: Browser, record: BusinessRecord) -> str:
    return bare(browser.get(f"/clientes/{record.client_id}/registros/{record.id}/recibo/").content.decode())
