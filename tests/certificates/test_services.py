"""Issue, use, withdraw: on a real database, over a real ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.certificates.authority import undo
from tests.certificates.trade import Trade
from tests.movements.world import codes
from veta.certificates.domain.code import read_code
from veta.certificates.domain.integrity import verify
from veta.certificates.domain.status_list import value_at
from veta.certificates.queries import certificate, on_lots, states, unsealed, used_by
from veta.certificates.services import Refused, issue, seal_pending, status_lists, withdraw
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.ledger.audit.run import checks, run
from veta.movements.replay import replay
from veta.storage.connection import plain_cursor


@pytest.fixture
def trade(db: Any) -> Trade:
    return Trade.open()


def refused(trade: Trade, lot: str, kind: str = "origin_certificate", amount: int | None = None, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        trade.certify(lot, kind, amount, **more)
    return caught.value.code


def test_the_plant_certifies_its_dore_with_every_origin(trade: Trade) -> None:
    found = trade.certify(trade.dore())
    said = found.document
    assert (found.state, found.number_text, said["quantity"], said["unit"]) == ("valid", "CO-000001", "98.000", "g")
    assert said["issuer"]["nit"] == "900300001"
    rows = {(row["kind"], row["code"], row["municipality"]): row["weight"] for row in said["origins"]}
    assert rows == {("title", "DEMO-ORO", "05001"): "90000", ("subsistence", None, "05001"): "10000"}
    assert "10200300" not in found.document_bytes.decode()
    assert "DEMO miner" not in found.document_bytes.decode()
    public = trade.world.signer.private.public_key().public_bytes_raw()
    assert found.credential is not None
    assert found.code is not None
    verify(found.credential, public)
    code = read_code(found.code, [public])
    assert (code.token, code.quantity, code.mineral, code.number) == (found.token, 98_000, "dore", 1)
    assert [(origin.kind, origin.place, origin.share) for origin in code.origins] == [
        ("title", "DEMO-ORO", 900), ("subsistence", "05001", 100),
    ]  # fmt: skip
    assert code.digest.hex() == said["origins_digest"]


def test_consecutives_have_no_gaps_and_are_each_issuers_own(trade: Trade) -> None:
    lot, coal = trade.dore(), trade.coal()["lot"]
    numbers = [trade.certify(lot, amount=1000).number for _ in range(3)]
    assert refused(trade, lot, amount=99_000) == "CER-004"
    numbers.append(trade.certify(lot, amount=1000).number)
    assert numbers == [1, 2, 3, 4]
    assert trade.certify(coal).number == 1


def test_no_more_is_certified_than_the_lot_was_made_with(trade: Trade) -> None:
    lot = trade.dore()
    trade.certify(lot, amount=90_000)
    for amount in (8_001, 90_000, 0):
        assert refused(trade, lot, amount=amount) == "CER-004"
    assert trade.certify(lot, amount=8_000).amount == 8_000
    assert refused(trade, lot) == "CER-004"


def test_the_same_request_finds_the_first_and_another_under_its_id_is_refused(trade: Trade) -> None:
    lot = trade.dore()
    asked = trade.asked(lot, amount=1000)
    clock, signer = FixedClock(trade.world.now), trade.world.signer
    first, again = (issue(asked, clock=clock, signer=signer) for _ in range(2))
    assert (again.token, again.number) == (first.token, first.number)
    with pytest.raises(Refused) as caught:
        issue(trade.asked(lot, amount=2000, id=asked.id), clock=clock, signer=signer)
    assert caught.value.code == "SCH-010"
    with pytest.raises(Refused) as caught:
        issue(
            trade.asked(lot, amount=1000, id=asked.id, operator=trade.world.other_operator), clock=clock, signer=signer
        )
    assert caught.value.code == "SCH-010"


def test_who_may_issue_what(trade: Trade) -> None:
    purchase = trade.purchase()
    bought, coal = purchase["lot"], trade.coal()["lot"]
    sold = trade.sell(coal, "10.000", seller="holder2", buyer="trader")
    assert refused(trade, bought) == "CER-003"  # a miner of subsistence issues none
    assert refused(trade, sold) == "CER-003"  # nor a trader
    assert refused(trade, coal, "production_declaration") == "CER-003"
    assert refused(trade, coal, operator=uuid7()) == "CER-002"
    assert refused(trade, str(uuid7())) == "CER-002"
    for kind, issuer in (
        ("production_declaration", "person"),
        ("support_document", "firm"),
        ("quota_certificate", "firm"),
    ):
        made = trade.certify(bought, kind)
        assert (made.document["issuer"]["kind"], made.document["buyer"]["nit"]) == (issuer, "900200001"), kind
        assert refused(trade, bought, kind) == "CER-004"


def test_an_export_uses_what_it_cites_and_the_second_finds_nothing(trade: Trade) -> None:
    lot = trade.dore()
    found = trade.certify(lot, amount=60_000)
    exported = trade.sell(lot, "98.000", seller="plant", buyer="exporter")
    first, second = (trade.export(exported, "40.000", found.token) for _ in range(2))
    results = trade.world.send(first, second)  # one group: the overlay tells the second what the first took
    assert [r["verdict"]["status"] for r in results] == ["accepted", "rejected"], results
    assert codes(results[1], "blocking") == {"EXP-004"}
    after = certificate(found.id)
    assert after is not None
    assert (after.used, after.left, after.state) == (40_000, 20_000, "valid")
    (third,) = trade.world.send(trade.export(exported, "20.000", found.token.lower()))
    assert third["verdict"]["status"] == "accepted"
    after = certificate(found.id)
    assert after is not None
    assert (after.left, after.state) == (0, "used")
    (fourth,) = trade.world.send(trade.export(exported, "1.000", found.token))
    assert codes(fourth, "blocking") == {"EXP-004"}
    assert states() == ({}, {after.status_index: 2})
    assert used_by(UUID(first["id"])) == [found.id]
    assert all(each.same for each in replay()), "replay knows what was left of each certificate"
    assert run_clean() == []


def run_clean() -> list[str]:
    cursor = plain_cursor()
    return [f"{r.check.name}: {r.rows}" for r in run(cursor, checks()) if r.wrong]


def test_a_certificate_of_other_lots_or_withdrawn_serves_no_export(trade: Trade) -> None:
    lot = trade.dore()
    other, gone = trade.certify(trade.coal()["lot"]), trade.certify(lot)
    withdraw(gone.id, operator=trade.world.operator, reason="Se dañó el papel.", clock=FixedClock(trade.world.now))
    exported = trade.sell(lot, "98.000", seller="plant", buyer="exporter")
    for cited in (other.token, gone.token):
        (result,) = trade.world.send(trade.export(exported, "1.000", cited))
        assert codes(result, "blocking") == {"EXP-004"}
    (paper,) = trade.world.send(trade.export(exported, "1.000", "CO-PAPEL-77"))
    assert paper["verdict"]["status"] == "accepted"  # a paper that is not of this system is not judged


def test_withdrawn_once_with_a_reason_and_its_quantity_is_free_again(trade: Trade) -> None:
    lot = trade.dore()
    found, clock = trade.certify(lot), FixedClock(trade.world.now)
    for operator, reason, code in ((trade.world.operator, " ", "CER-012"), (uuid7(), "Error.", "CER-002")):
        with pytest.raises(Refused) as caught:
            withdraw(found.id, operator=operator, reason=reason, clock=clock)
        assert caught.value.code == code
    ended = withdraw(found.id, operator=trade.world.operator, reason="Error en la ley.", clock=clock)
    assert (ended.state, ended.reason, ended.left) == ("withdrawn", "Error en la ley.", 0)
    with pytest.raises(Refused) as caught:
        withdraw(found.id, operator=trade.world.operator, reason="Otra vez.", clock=clock)
    assert caught.value.code == "CER-011"
    assert trade.certify(lot).amount == 98_000
    assert states()[0] == {found.status_index: 1}
    assert run_clean() == []


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("La cédula 10200300 no era.", "CER-017"), ("La cédula 10.200.300 no era.", "CER-017"),
        ("Lo pidió Minér Demo, el (ficticio).", "CER-017"), ("CC 10 200 300", "CER-017"),
        ("Se pesó 1.200 g de más el 2026-11-10, acta 123456.", None), ("Lo pidió el miner.", None),
    ],
)  # fmt: skip
def test_the_public_reason_names_nobody(trade: Trade, reason: str, code: str | None) -> None:
    found = trade.certify(trade.purchase()["lot"], "production_declaration")
    operator, clock = trade.world.operator, FixedClock(trade.world.now)
    if code is None:
        assert withdraw(found.id, operator=operator, reason=reason, clock=clock).state == "withdrawn"
        return
    with pytest.raises(Refused) as caught:
        withdraw(found.id, operator=operator, reason=reason, clock=clock)
    assert caught.value.code == code


def test_a_replacement_ends_the_one_before(trade: Trade) -> None:
    lot = trade.dore()
    first = trade.certify(lot)
    second = trade.certify(lot, amount=50_000, replaces=first.id)
    before = certificate(first.id)
    assert before is not None
    assert (before.state, before.replaced_by) == ("replaced", second.token)
    assert refused(trade, trade.coal()["lot"], replaces=second.id) == "CER-009"


def test_what_was_used_is_not_withdrawn(trade: Trade) -> None:
    lot = trade.dore()
    found = trade.certify(lot)
    exported = trade.sell(lot, "98.000", seller="plant", buyer="exporter")
    trade.accepted(trade.export(exported, "1.000", found.token))
    with pytest.raises(Refused) as caught:
        withdraw(found.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    assert caught.value.code == "CER-010"


def test_what_is_certified_only_the_authority_undoes_and_its_certificates_fall(trade: Trade) -> None:
    coal = trade.coal()
    found = trade.certify(coal["lot"], amount=40_000)
    reversal = trade.world.movement("reversal", movement=coal["id"], reason="Se reportó dos veces.")
    (result,) = trade.world.send(reversal)
    assert codes(result, "blocking") == {"REV-006"}
    assert undo(trade, coal["id"])["verdict"]["status"] == "accepted"
    after = certificate(found.id)
    assert after is not None
    assert (after.state, after.reason) == (
        "withdrawn",
        "Se deshizo el movimiento que hizo el lote.",
    )
    assert refused(trade, coal["lot"]) == "CER-006"
    assert run_clean() == []
    assert all(each.same for each in replay())


def test_what_a_power_cut_left_unsigned_is_found_and_signed(trade: Trade) -> None:
    asked = trade.asked(trade.dore())
    issue(asked, clock=FixedClock(trade.world.now), signer=trade.world.signer)
    assert unsealed() == [asked.id]
    assert seal_pending(signer=trade.world.signer) == 1
    (found,) = on_lots([asked.lot])
    assert found.code is not None
    assert unsealed() == []


def test_the_status_lists_are_signed_and_say_what_is_so(trade: Trade) -> None:
    lot = trade.dore()
    gone, used = trade.certify(lot, amount=1000), trade.certify(lot, amount=1000)
    withdraw(gone.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    exported = trade.sell(lot, "98.000", seller="plant", buyer="exporter")
    trade.accepted(trade.export(exported, "0.400", used.token))
    public = trade.world.signer.private.public_key().public_bytes_raw()
    lists = status_lists(clock=FixedClock(trade.world.now), signer=trade.world.signer)
    for credential in lists.values():
        verify(credential, public)
    ended, message = (lists[name]["credentialSubject"]["encodedList"] for name in ("revocation", "message"))
    assert [value_at(ended, c.status_index, bits=1) for c in (gone, used)] == [1, 0]
    assert [value_at(message, c.status_index, bits=2) for c in (gone, used)] == [0, 1]
