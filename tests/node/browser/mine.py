"""A mine's phone: what is captured there without signal, and what arrives of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import BrowserContext, Page, expect

from tests.node.browser.phones import kept_of_a_client, once
from tests.node.browser.shop import MINER, Shop, shot
from tests.site.browser.people import give_password
from tests.site.browser.test_layout import faults
from veta.kernel.identity import NUMBERS, WRONG_CHECK
from veta.kernel.ids import uuid7
from veta.kernel.period import BOGOTA
from veta.movements.domain.fields import party
from veta.movements.domain.reader import Unreadable
from veta.node.domain.capturing import item_of
from veta.node.domain.sheets.cells import Mending, figure
from veta.node.domain.sheets.marks import CellFault
from veta.node.domain.sheets.words import UNITS
from veta.node.pages.capture.declared import declared
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.known import nothing_known
from veta.storage.sealing import unseal

STORED = """async (base) => {
    const { open } = await import('/static/counter/store.js');
    return (await open(/clientes\\/([0-9a-f-]{36})/.exec(base)[1])).records();
}"""


@dataclass
class Mine:
    """The coal mine's phone at its page of movements."""

    shop: Shop
    page: Page
    ids: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"/clientes/{self.shop.stage.clients['holder2'].id}/mostrador/"

    def enter(self) -> None:
        """Signed in, the page ready and kept for when there is no signal."""
        self.page.goto("/ingreso/")
        if "/ingreso/" in self.page.url:  # what was killed may have written its session to the disk, or not yet
            give_password(self.page, MINER)
        self.page.goto(f"{self.base}movimientos/")
        self.page.wait_for_selector("html[data-kept=yes]")

    def begin(self, kind: str) -> None:
        """Choose a kind from the list of all."""
        self.page.locator("#menu").get_by_role("link", name=kind, exact=True).click()
        expect(self.page.get_by_role("heading", name=kind, exact=True)).to_be_focused()

    def keep(self) -> str:
        """The button; the id under which it was kept."""
        self.page.get_by_role("button", name="Guardar", exact=True).click()
        expect(self.page.locator("#receipt[data-id]")).to_be_visible()  # another one's words may still stand, hidden
        expect(self.page.locator("#saved")).to_have_text("guardado")
        expect(self.page.locator("#state")).to_have_text("sin verificar todavía por la PTM")
        self.ids.append(str(self.page.locator("#receipt").get_attribute("data-id")))
        return self.ids[-1]

    def again(self) -> None:
        self.page.get_by_role("button", name="Otro movimiento").click()
        expect(self.page.locator("#menu")).to_be_visible()

    def produce(self, quantity: str) -> str:
        """So many tonnes of coal of the title; what is wrong is told before anything is kept."""
        page = self.page
        self.begin("Producción")
        page.get_by_label("Mineral", exact=True).select_option("carbon_termico")
        expect(page.get_by_label("Ley (‰)")).to_be_hidden()
        page.get_by_label("Placa del título").fill("demo-carbon")
        page.get_by_label("Clase de origen").select_option("title")
        for written, told in (("", "Falta: Cantidad"), ("1.234", "puede ser mil y pico"), ("doce", "no es un número")):
            page.get_by_label(re.compile(r"^Cantidad \(t\)")).fill(written)
            page.get_by_role("button", name="Guardar", exact=True).click()
            expect(page.locator("#wrong")).to_contain_text(told)
            expect(page.locator("#quantity")).to_be_focused()
        page.locator("#quantity").fill(quantity)
        return self.keep()

    def each_kind(self) -> None:
        """Every kind of the list is drawn without signal, and says what lacks before anything is kept."""
        page, told = self.page, re.compile("Falta|Escriba|Marque")
        for kind in page.locator("#kinds a").all_inner_texts():
            self.begin(kind)
            if page.locator("#loads").is_visible():
                expect(page.locator("#no-loads")).to_contain_text("No hay despachos en camino")
            else:
                page.get_by_role("button", name="Guardar", exact=True).click()
                expect(page.locator("#wrong")).to_contain_text(told)
            page.evaluate("document.querySelectorAll('#fields details').forEach((each) => { each.open = true; })")
            assert faults(page) == [], kind
            page.get_by_role("link", name="Otra clase").locator("visible=true").click()
            expect(page.locator("#menu")).to_be_visible()

    def refused_at_once(self) -> None:
        """What the hub could not read, or asks a document for, is told before «guardado», at the box that mends it."""
        page = self.page
        for kind, steps in MISTAKES.items():
            self.begin(kind)
            for lot in page.locator("[id^=toma-]").all()[:1]:
                lot.check()
            for path, written, told in steps:
                box = page.locator(f'[id="{path}"]')
                box.evaluate("(box) => box.closest('details')?.setAttribute('open', '')")
                if box.evaluate("(box) => box.tagName") == "SELECT":
                    box.select_option(written)
                else:
                    box.fill(written)
                if told:
                    page.get_by_role("button", name="Guardar", exact=True).click()
                    expect(page.locator("#wrong")).to_contain_text(told)
                    expect(page.locator("#fields [aria-invalid]")).to_be_focused()
            page.get_by_role("link", name="Otra clase").locator("visible=true").click()

    def dispatch(self, quantity: str, *, at_most: str) -> str:
        """So much of the first lot; more than what is left is told."""
        page = self.page
        self.begin("Despacho")
        taken = page.get_by_label("Cantidad del lote").last  # what arrived elsewhere is a later lot
        taken.fill("999")
        page.get_by_label("Municipio de destino").fill("medellin")
        page.get_by_label("Número del tiquete").fill("T-1")
        page.get_by_label("Placa del vehículo").fill("ABC123")
        page.get_by_role("button", name="Guardar", exact=True).click()
        expect(page.locator("#wrong")).to_contain_text(f"quedan {at_most} t, por lo que sabe este teléfono")
        expect(taken).to_be_focused()
        taken.fill(quantity)
        page.get_by_role("button", name="Guardar", exact=True).click()
        expect(page.locator("#wrong")).to_contain_text("Falta un documento de estos: Certificado de origen")
        page.get_by_label("Tipo de documento").select_option("origin_certificate")
        page.get_by_label("Número del documento").fill("CO-7")
        if not self.ids[1:]:
            assert faults(page) == []
            shot(page, "offline-2")
        return self.keep()

    def receive(self, quantity: str, *, ticket: str) -> str:
        """The load that is on the road, as the weighbridge weighed it."""
        page = self.page
        self.begin("Recepción de un despacho")
        page.locator("#load-list a").first.click()
        expect(page.get_by_label("Lo que llegó")).not_to_have_value("")
        page.get_by_label("Lo que llegó").fill("3")
        expect(page.locator("#told")).to_contain_text("las básculas admiten")
        page.get_by_role("button", name="Guardar", exact=True).click()
        expect(page.locator("#wrong")).to_contain_text("las básculas admiten")
        page.get_by_label("Lo que llegó").fill(quantity)
        page.get_by_label("Número del tiquete").fill(ticket)
        return self.keep()

    def in_order(self) -> None:
        """The node sent them as they were captured; the hub made of them what they say; no words of them stay here."""
        kept = "SELECT record_id::text FROM node_outboxitem WHERE record_id = ANY (%s) ORDER BY number"
        assert [id for (id,) in self.shop.stage.at_node(kept, self.ids)] == self.ids
        production, dispatch, receipt = (self.shop.stage.payloads([id])[0] for id in self.ids)
        assert (production["origin"], production["unit"]) == ({"kind": "title", "code": "demo-carbon"}, "t")
        assert dispatch["items"] == [{"lot": production["lot"], "quantity": "4"}]
        assert (dispatch["to"], dispatch["vehicle"]) == ({"municipality": "05001"}, "ABC123")
        assert receipt["items"] == [{"lot": production["lot"], "quantity": "3.99"}]
        tickets = [(each["evidence"][0]["type"], each["evidence"][0]["number"]) for each in (dispatch, receipt)]
        assert tickets == [("weighbridge", "T-1"), ("weighbridge", "T-2")]
        expect(self.page.locator("#queue-list li", has_text="Aceptado por la PTM")).to_have_count(2)
        expect(self.page.locator("#queue-list li", has_text="Espera a la otra parte")).to_have_count(1)
        assert not [each for each in self.stored() if "payload" in each]

    def used_elsewhere(self, phone: BrowserContext) -> str:
        """What is left of the lot goes by another operator's word while this phone has no signal: it is told so."""
        (production,) = self.shop.stage.payloads(self.ids[:1])
        offline(phone, self.page)
        assert self.shop.other_loses(production, "8.5") == ("accepted", [])
        late = self.dispatch("8", at_most="8,5")
        phone.set_offline(False)
        self.page.get_by_role("button", name="Enviar ahora").click()
        expect(self.page.locator("#state")).to_contain_text("Rechazado por la PTM")
        expect(self.page.locator("#state-now")).to_contain_text("quizá desde otro teléfono o con otro operador")
        return late

    def sent_late(self, phone: BrowserContext, reason: str) -> None:
        """Produced a week ago and captured without signal: the reason that is typed goes with it."""
        page, week = self.page, datetime.now(BOGOTA) - timedelta(days=7)
        self.again()
        offline(phone, page)
        self.begin("Producción")
        page.get_by_label("Mineral", exact=True).select_option("carbon_termico")
        page.get_by_label("Cuándo ocurrió").fill(week.strftime("%Y-%m-%dT%H:%M"))
        page.get_by_label("Placa del título").fill("demo-carbon")
        page.locator("#quantity").fill("1")
        made = self.keep()
        expect(page.locator("#queue-said")).to_contain_text("se enviarán como tardíos")
        page.get_by_label("Por qué se envían tarde").fill(reason)
        phone.set_offline(False)  # which sends by itself
        expect(page.locator("#queue-said")).to_have_text("Todo se envió.")
        told = "SELECT late_reason FROM node_businessrecord WHERE id = %s"
        [(sealed,)] = self.shop.stage.at_node(told, made)
        assert json.loads(unseal(sealed, table="node_businessrecord", column="late_reason", row=UUID(made))) == reason
        assert once(self.shop, [made]) == {made: "accepted"}

    def put_aside(self, phone: BrowserContext) -> None:
        """What somebody changed on the phone the node refuses for good: a person puts it aside, its lot is whole again,
        and a phone that is retired forgets it with the rest."""
        page, line = self.page, self.page.locator("#queue-list li", has_text="Pérdida")
        self.again()
        offline(phone, page)
        self.begin("Pérdida")
        before = page.get_by_text("· quedan").last.inner_text()
        page.get_by_label("Cantidad del lote").last.fill("0,4")
        page.get_by_label("Por qué se perdió").fill("Se mojó (ficticio)")
        page.evaluate(SPOIL, [self.base, self.keep()])
        phone.set_offline(False)
        expect(line).to_contain_text("no corresponde con su huella")
        self.again()
        self.begin("Pérdida")
        assert page.get_by_text("· quedan").last.inner_text() != before, "until it is put aside it counts as taken"
        page.get_by_role("link", name="Otra clase").locator("visible=true").click()
        for sure in (False, True):
            page.once("dialog", lambda asked, sure=sure: asked.accept() if sure else asked.dismiss())
            line.get_by_role("button", name="Apartar").click()
        expect(line).to_contain_text("Apartado, no se envía: Lo guardado no corresponde con su huella")
        expect(page.locator("#queue-said")).to_have_text("Todo se envió.")
        assert faults(page) == []
        self.begin("Pérdida")
        assert page.get_by_text("· quedan").last.inner_text() == before
        self.shop.stage.at_node(
            "INSERT INTO node_deviceend (device_id, ended_by_id) SELECT device_id, captured_by_id FROM"
            " node_businessrecord WHERE id = %s RETURNING device_id", self.ids[0],
        )  # fmt: skip
        page.reload()
        expect(page.locator("#signal")).to_contain_text("Este teléfono se retiró")
        expect(page.locator("html[data-kept=yes]")).to_have_count(1)
        assert kept_of_a_client(page) == []

    def stored(self) -> list[dict[str, Any]]:
        return list(self.page.evaluate(STORED, self.base))


SPOIL = """async ([base, id]) => {
    const { open } = await import('/static/counter/store.js');
    const { database } = await open(/clientes\\/([0-9a-f-]{36})/.exec(base)[1]);
    const records = database.transaction('records', 'readwrite').objectStore('records');
    const asked = records.getAll();
    const all = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
    const put = records.put({ ...all.find((each) => each.id === id), digest: '0'.repeat(64) });
    await new Promise((done) => { put.transaction.oncomplete = done; });
}"""
PARTY = {"type": "NIT", "number": "900100002"}
VALUES: dict[str, dict[str, Any]] = {
    "production": {"origin.code": "X", "mineral": "oro", "quantity": "1.5", "fineness": "9", "evidence[1].number": "7"},
    "sale": {"items[0].lot": "L", "items[0].quantity": "2", "buyer.type": "NIT", "buyer_kind": "final_consumer"},
    "dispatch": {"to.municipality": "05001", "evidence[0].number": "T-1", "carrier.type": "CC", "items[0].lot": "L"},
    "receipt": {"dispatch": "D", "items[0].lot": "L", "items[0].quantity": "1", "items[0].lost": "",
                "evidence[0].number": "T-2", "evidence[1].number": "F-1", "evidence[1].type": "invoice"},
    "documented_intake": {"basis": "import", "mineral": "mineral_oro", "quantity": "10", "grade": "8", "assay": "",
                          "seller.type": "CC"},
    "regroup": {"inputs[0].lot": "L", "inputs[0].quantity": "2", "outputs[3].quantity": "1", "outputs[1].lot": ""},
    "transformation": {"recipe": "r", "inputs[0].lot": "L", "plant.type": "NIT", "outputs[0].mineral": "oro",
                       "outputs[0].quantity": "1", "outputs[0].fineness": "950", "losses[0].mineral": "oro",
                       "losses[0].quantity": "1"},
    "export": {"country": "US", "items[0].lot": "L", "evidence[2].number": "DEX-1", "evidence[0].type": "invoice"},
    "retention": {"mineral": "oro", "quantity": "1", "assay": "laboratory", "fineness": "900"},
    "loss": {"reason": "Se quemó", "items[0].lot": "L", "place.municipality": "05001"},
}  # fmt: skip
# By kind, what is written box by box, and what is told then; "" of what is not wrong by itself.
MISTAKES: dict[str, list[tuple[str, str, str]]] = {
    "Venta": [
        ("buyer.number", "", "Escriba el documento de quien compra, o marque que es un consumidor final"),
        ("buyer.number", "900100002-0", WRONG_CHECK), ("buyer.number", "90", NUMBERS["NIT"][1]),
        ("buyer.type", "CC", NUMBERS["CC"][1]), ("buyer.number", "52000111", "Falta un documento de estos"),
        ("evidence[0].number", "7", "Falta: Tipo de documento"),
        ("evidence[0].type", "invoice", "Falta un documento de estos: Certificado de origen"),
    ],
    "Recepción en planta o bodega con documento": [
        ("mineral", "carbon_termico", ""), ("quantity", "1", "Falta: Placa, código o país"),
        ("basis", "import", "no corresponden"), ("origin.kind", "import", "Falta: Placa, código o país"),
        ("origin.code", "suiza", "Envíe el país con dos letras"),
        ("origin.code", "CH", "Falta un documento de estos: Factura, Documento soporte"),
        ("basis", "disused", "no corresponden"), ("origin.kind", "disused", "no lo lleva. Bórrelo"),
        ("basis", "paper_certificate", ""), ("origin.code", "", ""), ("origin.kind", "subsistence", "Falta: Municipio"),
    ],
    "Exportación": [
        ("country", "us", "Envíe el país con dos letras"),
        ("country", "US", "Falta un documento de estos: Pago de regalías."),
    ],
}  # fmt: skip
NUMBERS_SAID = [
    (type, number)
    for type in ("NIT", "CC", "CE", "PPT", "PA")
    for number in (
        "900100002", "900100002-0", "900100002-1", "900100002-9", "900.100.002", "0012", "12", "123", "12345678901",
        "1234567890123", "1234567890123456", "52 000 111", "AB1234", "ab-12", "AB", "0", "9-9", "5200-1", "5200Ñ", "",
    )
]  # fmt: skip
FIGURES = [
    (said, group)
    for said in (
        "", "12", "12,5", "12.50", "1.234", "1.234,5", "1,234.5", "0.500", "1.234.567", "007", "-3", "x", "1,2,3",
        "$ 450.000", "450.000,25", "1,234", "12345678901234", "0,1234567", "920", " 3 ", "1e5", "0",
    )
    for group in ("measure", "money", "thousandths")
]  # fmt: skip
SAID = """async ([base, asked, figures, numbers]) => {
    const { itemOf } = await import('/static/counter/item.js');
    const { figure } = await import('/static/counter/figures.js');
    const { open } = await import('/static/counter/store.js');
    const { wrongNumber } = await import('/static/counter/identity.js');
    const { minerals, shapes } = await (await open(/clientes\\/([0-9a-f-]{36})/.exec(base)[1])).fact('movements');
    const items = [];
    for (const { kind, values, id, party } of asked) items.push(await itemOf(kind, values, { id, party, minerals }));
    return { items, figures: figures.map(([said, group]) => figure(said, { group, decimals: 6 }).text ?? null),
        numbers: numbers.map(([type, number]) => wrongNumber({ type, number }, shapes.documents)) };
}"""


def read_here(said: str, group: Any) -> str | None:
    """What the desk reads in a box; None where it refuses."""
    try:
        return figure(said, Mending(), group=group, units=UNITS.spellings)
    except CellFault:
        return None


def refused_here(type: str, number: str) -> str | None:
    """What the hub says of a party's document; None where it takes it."""
    try:
        found = party.read({"type": type, "number": number}, "buyer")
    except Unreadable as refused:
        said = refused.findings[0].message
        return NUMBERS[type][1] if said == "Envíe el número de documento." else said  # type: ignore[index]
    return None if found.check_matches else WRONG_CHECK


def same_as_the_desk(page: Page, base: str) -> None:
    """Of the same answers the phone makes the item that the desk makes, and reads each figure as the desk reads it."""
    known, at = nothing_known(), "2026-11-10T23:30:00-05:00"
    asked = [
        {"kind": {**declared(KINDS[kind], known, []), "groups": []}, "id": str(uuid7()), "party": PARTY,
         "values": {"occurred_at": at, **values}}
        for kind, values in VALUES.items()
    ]  # fmt: skip
    said = page.evaluate(SAID, [base, asked, FIGURES, NUMBERS_SAID])
    made = [item_of(each["kind"]["name"], each["values"], id=UUID(each["id"]), party=PARTY) for each in asked]  # type: ignore[index,arg-type]
    assert said["items"] == made
    assert dict(zip(FIGURES, said["figures"], strict=True)) == {each: read_here(*each) for each in FIGURES}
    assert dict(zip(NUMBERS_SAID, said["numbers"], strict=True)) == {each: refused_here(*each) for each in NUMBERS_SAID}


def offline(phone: BrowserContext, page: Page) -> None:
    """The signal goes, and the page is opened again without it."""
    phone.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-ready=yes]")
    expect(page.locator("#signal")).to_contain_text("Sin señal")
