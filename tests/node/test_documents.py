"""Documents that the hub issues over a client's own lots, and the pack of an export."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.node.conftest import House
from tests.node.test_capturing import gold_lot, path, sent
from tests.node.test_feed import ME, point
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.kernel.ids import uuid7
from veta.node.models import BusinessRecord, IssuedDocument


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


def test_why_the_hub_refuses_is_said(house: House, hub: VerifyingHub) -> None:
    lot = gold_lot(house)
    hub.orders = [409]
    hub.refusal = {"title": "No", "findings": [{"code": "CER-004", "message": "Ya está certificado."}]}
    page = house.browser("gold owner").post(at(house), asked(lot))
    assert (page.status_code, "CER-004: Ya está certificado." in page.content.decode()) == (422, True)


def test_the_pack_of_an_export(house: House, hub: VerifyingHub) -> None:
    lot, owner = gold_lot(house), house.browser("gold owner")
    owner.post(at(house), asked(lot))
    papers = {"evidence[0].type": "export_declaration", "evidence[0].number": "=DEX-1"}
    assert sent(house, "export", country="US", **papers, **{f"toma-{lot.hex}": "on"}).status_code == 302
    record = BusinessRecord.objects.get(kind="export")
    address = f"/clientes/{house.clients['gold'].id}/registros/{record.id}/paquete/"
    assert house.browser("coal owner").get(address).status_code == 404
    with zipfile.ZipFile(io.BytesIO(owner.get(address).content)) as made:
        assert orjson.loads(made.read("movimiento.json")) == record.payload
        assert f"{lot};oro;9.000;g;title;DEMO-ORO;;9000;9000" in made.read("origenes.csv").decode()
        assert "export_declaration;'=DEX-1;" in made.read("documentos.csv").decode()
        assert "certificados/CO-000017.json" in made.namelist()
    hub.orders = [404] * 9
    with zipfile.ZipFile(io.BytesIO(owner.get(address).content)) as made:
        assert "(HTTP 404)" in made.read("origenes.csv").decode()
    assert path(house, "export") in owner.get(f"/clientes/{house.clients['gold'].id}/capturar/").content.decode()
