"""Documents that the hub issues over a client's own lots, and the pack of an export."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pypdf
import pytest
from typer.testing import CliRunner

from tests.node.conftest import NOW, House, purchase
from tests.node.test_capturing import gold_lot, path, sent
from tests.node.test_feed import ME, point
from tests.node.test_receipts import bare
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.cli.node import app as node_command
from veta.kernel.ids import uuid7
from veta.node.client import HubClient
from veta.node.domain.asking import due
from veta.node.export_paper import export_words
from veta.node.models import BusinessRecord, DocumentEnding, DocumentRequest, IssuedDocument, OutboxItem
from veta.node.pages import documents
from veta.node.services.capture import Given, capture
from veta.node.services.documents import finish_open


@pytest.fixture
def hub(house: House, node: Any, tmp_path: Any) -> Iterator[VerifyingHub]:
    """It issues what it is asked for, and knows one origin of any lot."""
    with verifying_hub({ME.key_id: ME.public_key}) as server:
        server.answer = answer
        point(node, server, tmp_path)
        yield server


def answer(body: bytes) -> dict[str, Any]:
    asked = orjson.loads(body) if body else {}
    origin = {"kind": "title", "code": "DEMO-ORO", "municipality": None, "person": None, "weight": "9000"}
    return {
        "id": asked.get("id"), "number": "CO-000017", "page": "https://ptm.demo.invalid/v/x", "quantity": "9.000",
        "unit": "g", "mineral": "oro", "total": "9000", "items": [origin], "cursor": None,
    }  # fmt: skip


def at(house: House, client: str = "gold") -> str:
    return f"/clientes/{house.clients[client].id}/documentos/"


def asked(lot: UUID, **more: str) -> dict[str, str]:
    return {"id": str(uuid7()), "clase": "origin_certificate", "lote": str(lot)} | more


def test_issued_once_listed_and_linked_to_its_paper(house: House, hub: VerifyingHub) -> None:
    lot, browser = gold_lot(house), house.browser("gold counter")
    body = asked(lot, cantidad="2,5", comprador="900300001", rucom="RUCOM-1")
    assert [browser.post(at(house), body).status_code for _ in range(2)] == [302, 302]
    told = orjson.loads(hub.bodies[0])
    assert told == {
        "id": body["id"], "kind": "origin_certificate", "lot": str(lot), "quantity": "2.5",
        "buyer": {"type": "NIT", "number": "900300001"}, "buyer_rucom": "RUCOM-1",
    }  # fmt: skip
    assert IssuedDocument.objects.count() == 1
    page = house.browser("gold accountant").get(at(house)).content.decode()
    assert ("CO-000017" in page, "https://ptm.demo.invalid/v/x/pdf" in page, "Expedir" in page) == (True, True, False)
    assert "CO-000017" not in house.browser("coal owner").get(at(house, "coal")).content.decode()


def test_never_over_anothers_lot_nor_by_who_only_reads(house: House, hub: VerifyingHub) -> None:
    lot = gold_lot(house)
    for who, client, status in (
        ("coal owner", "coal", 422),
        ("coal owner", "gold", 404),
        ("gold accountant", "gold", 403),
    ):
        assert house.browser(who).post(at(house, client), asked(lot)).status_code == status
    assert (hub.bodies, IssuedDocument.objects.count()) == ([], 0)


def test_a_lot_that_is_sold_is_found_by_its_end_its_supplier_or_its_day(house: House, hub: VerifyingHub) -> None:
    """The support document of a purchase is asked for after the gold went on, too; a retention's lot never."""
    other = {"type": "CC", "number": "10200399"}
    sold, early = gold_lot(house, seller=other), gold_lot(house, occurred_at="2026-10-01T09:00:00-05:00")
    assert sent(house, "sale", buyer_kind="on", **{f"toma-{sold.hex}": "on"}).status_code == 302
    owner, address = house.browser("gold owner"), at(house)
    page = owner.get(address).content.decode()
    assert (
        f"Oro · quedan 0 de 9 g · Compra a minero de subsistencia · CC 10200399 · 2026-11-10 · …{sold.hex[-6:]}" in page
    )
    for asked_for, found in (
        ("buscar=102003-99", []), ("buscar=10200399", [sold]), (f"buscar={early.hex[-6:]}", [early]),
        ("hasta=2026-10-01", [early]), ("desde=2026-10-02", [sold]), ("desde=2026-10-02&buscar=10200300", []),
    ):  # fmt: skip
        text = owner.get(f"{address}?{asked_for}").content.decode()
        assert [each for each in (sold, early) if f'value="{each}"' in text] == found, asked_for
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "LOTS", 1)
        first, second = (owner.get(f"{address}?lotes={n}").content.decode() for n in (1, 2))
        assert [f'value="{early}"' in text for text in (first, second)] == [False, True]
        body = asked(early, clase="support_document")
        assert owner.post(address, body).status_code == 302, "of another page of the list"
    assert owner.post(address, asked(sold, clase="support_document")).status_code == 302
    assert house.browser("coal owner").post(at(house, "coal"), asked(sold)).status_code == 422, "another client's"


def test_why_the_hub_refuses_is_said(house: House, hub: VerifyingHub) -> None:
    lot = gold_lot(house)
    hub.orders = [409]
    hub.refusal = {"title": "No", "findings": [{"code": "CER-004", "message": "Ya está certificado."}]}
    page = house.browser("gold owner").post(at(house), asked(lot))
    assert (page.status_code, "CER-004: Ya está certificado." in page.content.decode()) == (422, True)
    listed = house.browser("gold owner").get(at(house)).content.decode()
    assert "La PTM no lo expidió" in listed
    assert finish_open(None, now=datetime.now(UTC) + timedelta(days=1)) == 0, "a no is not asked again"


def test_the_pack_of_an_export(house: House, hub: VerifyingHub) -> None:
    lot, owner = gold_lot(house), house.browser("gold owner")
    owner.post(at(house), asked(lot))
    papers = {
        "evidence[0].type": "export_declaration", "evidence[0].number": "=DEX-1",
        "evidence[1].type": "royalty_payment", "evidence[1].number": "REG-7", "evidence[1].issued_on": "2026-11-02",
    }  # fmt: skip
    assert sent(house, "export", country="US", **papers, **{f"toma-{lot.hex}": "on"}).status_code == 302
    record = BusinessRecord.objects.get(kind="export")
    address = f"/clientes/{house.clients['gold'].id}/registros/{record.id}/paquete/"
    assert house.browser("coal owner").get(address).status_code == 404
    with zipfile.ZipFile(io.BytesIO(owner.get(address).content)) as made:
        assert orjson.loads(made.read("movimiento.json")) == record.payload
        assert f"{lot};oro;9,000;g;title;DEMO-ORO;;9000;9000" in made.read("origenes.csv").decode()
        assert "export_declaration;'=DEX-1;" in made.read("documentos.csv").decode()
        assert "certificados/CO-000017.json" in made.namelist()
        sheet = sheet_of(made)
    wanted = (
        "Paquete de exportación", "REG-7 (2026-11-02)", f"…{str(lot)[-6:]}", "Título minero", "DEMO-ORO", "100,0 %",
        "CO-000017", "https://ptm.demo.invalid/v/x", "Certificado de origen", str(record.id), "=DEX-1", "9 g",
    )  # fmt: skip
    assert [each for each in wanted if bare(each) not in sheet] == []
    hub.orders = [404] * 9
    DocumentEnding.objects.create(document=IssuedDocument.objects.get(), reason="Error", ended_by=house.desk)
    with zipfile.ZipFile(io.BytesIO(owner.get(address).content)) as made:
        assert "(HTTP 404)" in made.read("origenes.csv").decode()
        sheet = sheet_of(made)
    assert [
        each for each in ("Lotes sin origen consultado", "(HTTP 404)", "(retirado)") if bare(each) not in sheet
    ] == []
    assert path(house, "export") in owner.get(f"/clientes/{house.clients['gold'].id}/capturar/").content.decode()


def sheet_of(made: zipfile.ZipFile) -> str:
    """What the pack's sheet says, without blanks."""
    pages = pypdf.PdfReader(io.BytesIO(made.read("exportacion.pdf"))).pages
    return bare("".join(page.extract_text() for page in pages))


def test_an_export_without_proof_of_its_royalties_says_so(house: House) -> None:
    """And a long list of origins goes on in the table beside it."""
    lot = gold_lot(house)
    item = {
        "id": str(uuid7()), "kind": "export", "occurred_at": "2026-11-10T10:00:00-05:00", "country": "US",
        "holder": house.clients["gold"].party(), "items": [{"lot": str(lot), "quantity": "1"}],
        "evidence": [{"type": "export_declaration", "number": "DEX-1", "issued_on": "2026-11-10"}],
    }  # fmt: skip
    (record,) = capture(house.clients["gold"], [Given(item)], now=NOW)
    outbox = OutboxItem.objects.select_related("record__device").get(record=record)
    rows = [[str(lot), "oro", "1", "g", "title", f"T-{n}", "", "1", "401"] for n in range(401)]
    said = export_words(outbox, house.clients["gold"], rows, [], now=NOW)
    told = dict(map(tuple, said["facts"]))
    assert "Se prueba antes de exportar: Ley 2056 de 2020" in told["Pago de regalías"]
    assert "los otros 1 están en origenes.csv" in told["De dónde viene"]
    assert [len(table["rows"]) for table in said["tables"]][-1] == 400


def test_the_whole_history_goes_to_whom_it_is_of(
    house: House, hub: VerifyingHub, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the owner and the accountant of that client alone; what cannot be proved is named in it, and by the verb."""
    lot, address = gold_lot(house), f"/clientes/{house.clients['gold'].id}/historia.zip"
    record = BusinessRecord.objects.get(client=house.clients["gold"])
    capture(house.clients["coal"], [Given(purchase())], now=NOW)
    asking = ("gold owner", "gold accountant", "gold counter", "coal owner", "desk")
    answers = {who: house.browser(who).get(address) for who in asking}
    assert [answers[who].status_code for who in asking] == [200, 200, 403, 404, 403]
    listed = [address in house.browser(who).get(at(house)).content.decode() for who in asking[:3]]
    assert listed == [True, True, False]
    with zipfile.ZipFile(io.BytesIO(b"".join(answers["gold owner"].streaming_content))) as made:
        manifest = orjson.loads(made.read("manifest.json"))
        (line,) = map(orjson.loads, made.read("movements.jsonl").splitlines())
        (kept,) = map(orjson.loads, made.read("lots.jsonl").splitlines())
    assert (line["id"], line["item"], kept["lot"]) == (str(record.id), record.payload, str(lot))
    assert (manifest["movements"], manifest["decided"], manifest["without_request"]) == (1, 1, [line["id"]])
    for name, value in (("DJANGO_SETTINGS_MODULE", "veta.config.node_settings"), ("VETA_DB_ROLE", "veta_app")):
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(node_command, ["bundle", "NIT 900200001", "--out", str(tmp_path / "a.zip")])
    assert (done.exit_code, f"{record.id}: sin la firma" in done.output) == (1, True), done.output
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        assert orjson.loads(made.read("movements.jsonl")) == line


def test_what_gets_no_answer_is_listed_and_finished_under_its_id(house: House, hub: VerifyingHub, node: Any) -> None:
    """The hub issued it and its answer was lost: the page says that it was asked for, and the job ends it."""
    lot, owner = gold_lot(house), house.browser("gold owner")
    hub.orders = ["drop after"] * 99
    body = asked(lot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "PATIENCE", 0.05)
        assert owner.post(at(house), body).status_code == 302
    page = owner.get(at(house)).content.decode()
    assert ("Pedido: la PTM no ha contestado" in page, "no respondió" in page) == (True, True)
    assert not IssuedDocument.objects.exists()
    hub.orders = []
    with HubClient(hub.url, ME, deadline=30) as client:
        now = DocumentRequest.objects.get().asked_at
        assert [finish_open(client, now=now + timedelta(seconds=each)) for each in (59, 600, 6000)] == [0, 1, 0]
    assert {orjson.loads(each)["id"] for each in hub.bodies} == {body["id"]}
    page = owner.get(at(house)).content.decode()
    assert ("CO-000017" in page, "Pedidos sin documento" in page) == (True, False)


def test_one_that_cannot_be_finished_says_so_and_keeps_no_other_back(house: House, hub: VerifyingHub) -> None:
    """Two answers that cannot be kept, each in its own way, are before a good one; mended, they end too."""
    gold, lot = house.clients["gold"], gold_lot(house)
    unnumbered, endless, good = (
        DocumentRequest.objects.create(
            pk=uuid7(), client=gold, kind="origin_certificate", lot=lot, asked={"quantity": "", "sale": {}},
            asked_by=house.desk,
        )
        for _ in range(3)
    )  # fmt: skip
    wrong: dict[str, Any] = {str(unnumbered.pk): {"page": ""}, str(endless.pk): {"number": "9" * 41}}
    hub.answer = lambda body: wrong.get(orjson.loads(body)["id"], answer(body))
    now = good.asked_at + timedelta(minutes=1)
    with HubClient(hub.url, ME) as client:
        assert finish_open(client, now=now) == 1
        assert [each.pk for each in IssuedDocument.objects.all()] == [good.pk]
        for broken, why in ((unnumbered, "KeyError"), (endless, "DataError")):
            broken.refresh_from_db()
            assert (broken.state, why in broken.cause, broken.tried_at) == ("asked", True, now)
        assert "No se pudo terminar (KeyError)" in house.browser("gold owner").get(at(house)).content.decode()
        hub.answer = answer
        assert finish_open(client, now=now + timedelta(minutes=3)) == 2


def test_an_id_that_asked_for_another_document_is_refused(house: House, hub: VerifyingHub) -> None:
    body, owner = asked(gold_lot(house)), house.browser("gold owner")
    assert owner.post(at(house), body).status_code == 302
    assert owner.post(at(house), body | {"clase": "support_document"}).status_code == 422
    assert len(hub.bodies) == 1


START = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tried", "after", "again"),
    [(None, 59, False), (None, 60, True), (60, 119, False), (60, 120, True), (600, 1199, False), (600, 1200, True)],
)
def test_each_pause_is_as_long_as_all_before_it(tried: int | None, after: int, again: bool) -> None:
    tried_at = START + timedelta(seconds=tried) if tried is not None else None
    assert due(START, tried_at, now=START + timedelta(seconds=after)) is again
