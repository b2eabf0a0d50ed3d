"""What was accepted is undone by a record of its own: what follows is said before, and the hub decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from tests.node.conftest import House, purchase
from tests.node.test_capturing import MINE
from tests.node.test_feed import ME, point
from tests.node.verifying_hub import verifying_hub
from veta.kernel.ids import uuid7
from veta.movements.domain.rules.reversal import AUTHORITYS, REVERSIBLE
from veta.node.domain.records import REVERSAL
from veta.node.domain.undoing import Undo, undo_of
from veta.node.models import BusinessRecord, DocumentEnding, IssuedDocument, OutboxItem
from veta.node.pages.undoing import FOLLOWS
from veta.node.queries.mending import chain_of
from veta.node.queries.remedies import OF_A_REVERSAL
from veta.node.services import feed, outbox
from veta.node.services.capture import Given, capture

REASON = "Se escribió 10 g por 1 g."


def counted(house: House, item: dict[str, Any], *, days: float = 0.1, lots: Sequence[str] = ()) -> BusinessRecord:
    """A record of gold's that the hub accepted so many days ago, with the lots that it gave."""
    at = datetime.now(UTC) - timedelta(days=days)
    (record,) = capture(house.clients["gold"], [Given(item)], now=at)
    gave = [{"lot": lot, "mineral": "oro", "quantity": "0.900", "unit": "g"} for lot in lots]
    said = {"movement": item["id"], "status": "accepted", "decided_at": at.isoformat(), "findings": [], "lots": gave}
    outbox.take([{"verdict": said, "receipt": {"leaf": ""}, "repeated": False}], now=at)
    return record


def bought(house: House, **more: Any) -> BusinessRecord:
    item = purchase()
    return counted(house, item, lots=[item["lot"]], **more)


def taking(kind: str, lot: str, **more: Any) -> dict[str, Any]:
    part = [{"lot": lot, "quantity": "0.400"}]
    return {"id": str(uuid7()), "kind": kind, "occurred_at": "2026-11-10T10:00:00-05:00", "items": part} | more


def address(record: BusinessRecord, page: str = "anular/") -> str:
    return f"/clientes/{record.client_id}/registros/{record.id}/{page}"


def asked(house: House, record: BusinessRecord, *, who: str = "gold counter", **more: Any) -> Any:
    return house.browser(who).post(address(record), {"id": str(uuid7()), "motivo": REASON} | more)


def reversals() -> list[BusinessRecord]:
    return list(BusinessRecord.objects.filter(kind=REVERSAL).order_by("sequence"))


def said(house: House, record: BusinessRecord, page: str = "anular/", *, who: str = "gold counter") -> str:
    return str(house.browser(who).get(address(record, page)).content.decode())


def test_whose_it_is_to_undo_is_the_hubs_own_rule() -> None:
    found = {kind: undo_of(kind, {}) for kind in REVERSIBLE | AUTHORITYS}
    assert {kind for kind, way in found.items() if way is Undo.AUTHORITY} == AUTHORITYS
    assert {kind for kind, way in found.items() if way is Undo.ASKS} == {"sale"}
    assert undo_of("sale", {"buyer_kind": "final_consumer"}) is Undo.AUTHORITY
    assert undo_of("dispatch", {}) is Undo.NOBODY
    assert FOLLOWS.keys() == REVERSIBLE, "what it takes back is said of each"


def test_a_purchase_is_undone_by_a_record_of_its_own(house: House) -> None:
    record = bought(house)
    assert address(record) in said(house, record, "")
    page = said(house, record)
    for words in ("vuelve al cupo del minero", "5 días desde que la PTM lo recibió", "no verificado", "10200300"):
        assert words in page, words
    given = {"id": str(uuid7())}
    answers = [asked(house, record, **given) for _ in range(2)]
    (made,) = reversals()
    assert {answer["Location"] for answer in answers} == {address(made, "")}, "sent twice it is one"
    assert {name: made.payload[name] for name in ("movement", "reason", "kind")} == {
        "movement": str(record.id), "reason": REASON, "kind": "reversal",
    }  # fmt: skip
    assert (made.captured_by, made.about, chain_of(made).whole) == (house.people["gold counter"], record.id, True)
    assert made.local_findings == []
    assert OutboxItem.objects.get(record=made).state == "queued"
    shown = said(house, record, "")
    assert "Anulación pedida" in shown
    assert address(record) not in shown, "once is enough"
    assert address(record, "") in said(house, made, "")


def test_a_second_one_is_refused_while_the_first_stands(house: House) -> None:
    record = bought(house)
    asked(house, record)
    assert "Ya se pidió anularlo" in said(house, record)
    again = asked(house, record)
    assert again.status_code == 422
    assert "Ya se pidió anularlo" in again.content.decode()
    assert len(reversals()) == 1


def test_a_rejected_one_says_its_remedy_and_another_may_be_asked(house: House) -> None:
    record = bought(house)
    asked(house, record)
    (made,) = reversals()
    finding = {"code": "REV-001", "severity": "blocking", "message": "Ya se hicieron otros.", "norm": "", "params": {}}
    verdict = {"movement": str(made.id), "status": "rejected", "findings": [finding]}
    outbox.take([{"verdict": verdict, "receipt": {"leaf": ""}, "repeated": False}], now=datetime.now(UTC))
    page = said(house, made, "")
    assert str(OF_A_REVERSAL["REV-001"]) in page
    assert "corrige=" not in page, "it has no form of its own"
    assert said(house, made, "../../revisar/", who="gold owner").count("corrige=") == 0
    assert asked(house, record).status_code == 302
    assert len(reversals()) == 2


def test_after_its_term_it_is_the_authoritys(house: House) -> None:
    late, just = bought(house, days=5.1), bought(house, days=4.9)
    page = said(house, late)
    assert "Pasaron más de 5 días" in page
    assert "motivo" not in page
    assert (asked(house, late).status_code, reversals()) == (422, [])
    assert asked(house, just).status_code == 302


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        ("export", {"country": "CH"}, "solo lo deshace la autoridad"),
        ("sale", {"buyer_kind": "final_consumer", "seller": MINE}, "solo lo deshace la autoridad"),
        ("dispatch", {"to": {"municipality": "05250"}}, "de esta clase no se anula"),
    ],
)
def test_what_its_author_may_not_undo(house: House, kind: str, more: dict[str, Any], words: str) -> None:
    record = counted(house, taking(kind, str(uuid7()), **more))
    assert words in said(house, record)
    assert (asked(house, record).status_code, reversals()) == (422, [])


def test_a_sale_waits_for_who_bought_and_says_so(house: House) -> None:
    buyer = {"type": "NIT", "number": "900200002"}
    record = counted(house, taking("sale", str(uuid7()), seller=MINE, buyer=buyer))
    page = said(house, record)
    assert "Si lo niega o no responde en 72 horas" in page
    asked(house, record)
    (made,) = reversals()
    OutboxItem.objects.filter(record=made).update(state="pending")
    assert "Retirar la anulación" in said(house, made, "")


def test_what_was_built_on_it_is_listed(house: House) -> None:
    record = bought(house)
    lot = record.payload["lot"]
    above, gone = counted(house, taking("loss", lot, reason="x")), counted(house, taking("loss", lot, reason="y"))
    OutboxItem.objects.filter(record=gone).update(state="reversed")
    page = said(house, record)
    assert address(above, "") in page
    assert address(gone, "") not in page, "what it took came back"


def test_once_reversed_there_is_nothing_to_undo(house: House) -> None:
    record = bought(house)
    asked(house, record)
    (made,) = reversals()
    told = {"movement": str(made.id), "status": "accepted", "findings": []}
    event = {
        "number": 1, "movement": str(made.id), "kind": REVERSAL, "subject": str(record.id),
        "occurred_at": datetime.now(UTC).isoformat(), "verdict": told,
    }  # fmt: skip
    feed.keep_page({"items": [event], "cursor": "c"}, now=datetime.now(UTC))
    assert OutboxItem.objects.get(record=record).state == "reversed"
    answer = house.browser("gold counter").get(address(record))
    assert (answer.status_code, answer["Location"]) == (302, address(record, ""))
    assert asked(house, record)["Location"] == address(record, "")
    assert len(reversals()) == 1


def test_who_may_ask_for_it(house: House) -> None:
    record = bought(house)
    answers = {who: asked(house, record, who=who).status_code for who in ("gold accountant", "coal owner")}
    assert answers == {"gold accountant": 403, "coal owner": 404}
    assert address(record) not in said(house, record, "", who="gold accountant")
    assert asked(house, record, motivo="").status_code == 422
    assert reversals() == []
    assert asked(house, record, who="desk").status_code == 302


def test_live_documents_over_what_it_made_are_told_before(house: House, node: Any, tmp_path: Any) -> None:
    """The hub does not undo under a live certificate (REV-006): each is named, and is withdrawn from here."""
    record, other = bought(house), bought(house)
    gold, counter = house.clients["gold"], house.browser("gold counter")
    over, elsewhere = (document(house, each.payload["lot"]) for each in (record, other))
    address_of = f"/clientes/{gold.id}/documentos/{over.id}/retirar/"
    page = said(house, record)
    assert "La PTM no lo anula mientras valgan" in page
    assert (address_of in page, elsewhere.number in page) == (True, False)
    assert counter.post(address_of, {"motivo": ""}).status_code == 422
    assert house.browser("coal counter").post(address_of, {"motivo": "x"}).status_code == 404
    with verifying_hub({ME.key_id: ME.public_key}) as server:
        point(node, server, tmp_path)
        server.orders, server.refusal = (
            [422],
            {"title": "no", "detail": "Ya se usó.", "findings": [{"code": "CER-010"}]},
        )
        used = counter.post(address_of, {"motivo": "Error en la ley."})
        assert (used.status_code, "Ya se usó." in used.content.decode()) == (422, True)
        assert DocumentEnding.objects.count() == 0, "what was used stays"
        server.answer = lambda body: {"id": str(over.id), "status": "withdrawn"}
        assert counter.post(address_of, {"motivo": "Error en la ley."}).status_code == 302
        assert orjson.loads(server.bodies[-1]) == {"reason": "Error en la ley."}
        server.orders, server.refusal = [422], {"title": "no", "detail": "Ya.", "findings": [{"code": "CER-011"}]}
        again = f"/clientes/{gold.id}/documentos/{elsewhere.id}/retirar/"
        assert counter.post(again, {"motivo": "x"}).status_code == 302, "it had ended at the hub"
    assert DocumentEnding.objects.count() == 2
    assert "La PTM no lo anula mientras valgan" not in said(house, record)
    assert counter.get(address_of).status_code == 404
    assert "Retirado" in counter.get(f"/clientes/{gold.id}/documentos/").content.decode()


def document(house: House, lot: str) -> IssuedDocument:
    id = uuid7()
    return IssuedDocument.objects.create(
        id=id, client=house.clients["gold"], kind="origin_certificate", number=f"CO-{id.hex[-6:]}", lot=lot,
        body={"page": "https://ptm.demo.invalid/v/x", "quantity": "0.900", "unit": "g"}, asked_by=house.desk,
    )  # fmt: skip
