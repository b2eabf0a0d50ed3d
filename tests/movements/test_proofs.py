"""What the system serves as proof: of a purchase within its quota, of a load on the road, of what exceeded a cap."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from typer.testing import CliRunner

from tests.movements.test_acts import produced
from tests.movements.test_road_and_intake import dispatch, receipt
from tests.movements.world import TOWN, World
from veta.cli.movements import _plain, app
from veta.kernel.ids import uuid7
from veta.kernel.period import quarter_of
from veta.movements.dossiers import quarter_files
from veta.movements.queries.excess import excess
from veta.movements.queries.proofs import PurchaseProof, purchase_proof
from veta.movements.queries.road import road_pack
from veta.storage.connection import plain_cursor

NOON = datetime(2026, 11, 10, 14, 0, tzinfo=UTC)
QUARTER = quarter_of(date(2026, 11, 10))


@pytest.fixture
def world(db: Any) -> World:
    return World(now=NOON).build()


def proof_of(movement: str) -> PurchaseProof:
    found = purchase_proof(plain_cursor(), UUID(movement))
    assert found is not None
    return found


def test_a_purchase_proves_who_sold_what_from_where_and_the_quotas_before_and_after(world: World) -> None:
    first, second = world.purchase("20.000"), world.purchase("10.000", fineness="900")
    world.send(first)
    (answered,) = world.send(second)
    proof = proof_of(second["id"])
    assert (proof.seller, proof.buyer) == (world.actors["miner"], world.actors["trader"])
    (lot,) = proof.lots
    (source,) = lot.sources
    assert (lot.mineral, lot.amount, source.weight, source.total) == ("oro", 9_000, 1, 1)
    assert (source.origin.kind, source.origin.municipality) == ("subsistence", TOWN)
    quotas = {quota.basis: quota for quota in proof.quotas}
    month, year = quotas["person_month"], quotas["person_year"]
    assert (month.limit, month.before, month.amount, month.after, month.left) == (35_000, 20_000, 9_000, 29_000, 6_000)
    assert (year.limit, year.before, year.after, year.unit) == (420_000, 20_000, 29_000, "g")
    assert proof.within
    assert not proof.undone
    assert orjson.loads(proof.verdict) == answered["verdict"]
    assert proof.receipt is not None
    assert proof.receipt.as_json() == answered["receipt"]
    world.send(world.movement("reversal", movement=second["id"], reason="error"))
    assert proof_of(second["id"]).undone


def test_what_was_undone_before_is_neither_authorised_nor_used(world: World) -> None:
    undone, kept = world.purchase("20.000"), world.purchase("10.000")
    world.send(undone)
    world.send(world.movement("reversal", movement=undone["id"], reason="peso equivocado"))
    world.send(kept)
    quotas = {quota.basis: quota for quota in proof_of(kept["id"]).quotas}
    assert [(q.limit, q.before, q.after) for q in quotas.values()] == [(35_000, 0, 10_000), (420_000, 0, 10_000)]


def test_the_first_purchase_of_a_period_shows_the_whole_quota_before_it(world: World) -> None:
    purchase = world.purchase("36.000")
    world.send(purchase)
    month = next(quota for quota in proof_of(purchase["id"]).quotas if quota.basis == "person_month")
    assert (month.limit, month.before, month.after, month.excess, month.left) == (35_000, 0, 36_000, 1_000, 0)
    assert not proof_of(purchase["id"]).within


def test_a_sale_proves_once_it_is_confirmed(world: World) -> None:
    sale = world.sale(produced(world), "60.000")
    world.send(sale)
    assert purchase_proof(plain_cursor(), UUID(sale["id"])) is None
    done = world.answer(sale["id"], "confirm")
    proof = proof_of(sale["id"])
    assert (proof.seller, proof.buyer) == (world.actors["holder2"], world.actors["trader"])
    assert (proof.lots[0].amount, proof.lots[0].sources[0].origin.code) == (60_000, "DEMO-CARBON")
    assert [(quota.basis, quota.before, quota.after) for quota in proof.quotas] == [("title_quarter", 0, 60_000)]
    assert proof.receipt is not None
    assert proof.receipt.as_json() == done["receipt"]
    assert purchase_proof(plain_cursor(), uuid7()) is None


def test_the_road_pack_says_what_travels_from_where_and_with_which_papers(world: World) -> None:
    lot = produced(world)
    sent = dispatch(world, lot, "40.000", vehicle="ABC123", place={"municipality": TOWN})
    world.send(sent)
    pack = road_pack(plain_cursor(), UUID(sent["id"]))
    assert pack is not None
    assert (pack.state, pack.holder, pack.vehicle, pack.to_municipality) == (
        "pending", world.actors["holder2"], "ABC123", TOWN,
    )  # fmt: skip
    (load,) = pack.loads
    assert (load.amount, load.mineral, [origin.code for origin in load.origins]) == (
        40_000, "carbon_termico", ["DEMO-CARBON"],
    )  # fmt: skip
    assert [(asked.document, asked.number) for asked in pack.documents] == [
        ("rucom_certificate", None), ("origin_certificate", "CO-1"),
    ]  # fmt: skip
    arrived = receipt(world, sent, "40.000")
    world.send(arrived)
    over = road_pack(plain_cursor(), UUID(sent["id"]))
    assert over is not None
    assert (over.state, str(over.receipt)) == ("accepted", arrived["id"])
    assert road_pack(plain_cursor(), uuid7()) is None


def exceeded(world: World) -> tuple[list[str], str]:
    """Two purchases over the month, and one that the year refuses."""
    over = [world.purchase("36.000"), world.purchase("5.000")]
    world.send(*over)
    refused = world.purchase("400.000")
    world.send(refused)
    return [each["id"] for each in over], refused["id"]


def test_what_exceeded_a_cap_in_a_quarter_and_what_tried_to(world: World) -> None:
    over, refused = exceeded(world)
    found = excess(plain_cursor(), QUARTER)
    passed = [(str(each.movement), each.amount) for each in found if each.state == "accepted"]
    assert sorted(passed) == sorted(zip(over, (1_000, 5_000), strict=True))
    tried = [(str(each.movement), each.basis, each.limit) for each in found if each.state == "attempted"]
    assert tried == [(refused, "person_year", "420")]
    assert {each.party for each in found} == {world.actors["miner"]}
    assert excess(plain_cursor(), quarter_of(date(2026, 9, 30))) == []


def test_the_files_of_a_quarter(world: World) -> None:
    over, refused = exceeded(world)
    files = quarter_files(plain_cursor(), QUARTER)
    assert list(files) == ["excesos-2026-T4.csv", "expediente-2026-T4-0001.json"]
    rows = list(csv.DictReader(io.StringIO(files["excesos-2026-T4.csv"].decode()), delimiter=";"))
    assert sorted((row["movimiento"], row["estado"], row["exceso"]) for row in rows) == sorted(
        [(over[0], "registrado", "1.000"), (over[1], "registrado", "5.000"), (refused, "intentado", "")]
    )
    assert {(row["tipo_documento"], row["numero_documento"], row["fecha"]) for row in rows} == {
        ("CC", "10200300", "20261110")
    }
    dossier = orjson.loads(files["expediente-2026-T4-0001.json"])
    assert dossier["party"]["document_number"] == "10200300"
    assert {each["verdict"]["status"] for each in dossier["movements"]} == {"accepted", "rejected"}
    assert all(each["receipt"]["signature"] for each in dossier["movements"])


def test_the_verb_writes_them_for_their_owner_alone(world: World, tmp_path: Path) -> None:
    exceeded(world)
    out = tmp_path / "excesos"
    done = CliRunner().invoke(app, ["excess", "2026-T4", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "3 excesos de 1 personas" in done.output
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    assert CliRunner().invoke(app, ["excess", "2026-4", "--out", str(out)]).exit_code == 2


def test_the_verbs_print_the_proof_of_a_purchase_and_a_road_pack(world: World) -> None:
    purchase, sent = world.purchase(), dispatch(world, produced(world), "10.000")
    (answered, _) = world.send(purchase, sent)
    shown = CliRunner().invoke(app, ["proof", purchase["id"]])
    assert shown.exit_code == 0, repr(shown.exception)
    proof = orjson.loads(shown.output)
    assert (proof["verdict"], proof["quotas"][0]["before"]) == (answered["verdict"], 0)
    pack = orjson.loads(CliRunner().invoke(app, ["road", sent["id"]]).output)
    assert (pack["state"], pack["loads"][0]["amount"]) == ("pending", 10_000)
    for verb in ("proof", "road"):
        assert CliRunner().invoke(app, [verb, str(uuid7())]).exit_code == 1


def test_a_digest_that_begins_like_a_verdict_is_told_as_a_digest() -> None:
    assert _plain(bytes.fromhex("7b00ff")) == "7b00ff"
    assert orjson.dumps({"verdict": b'{"status":"accepted"}'}, default=_plain) == b'{"verdict":{"status":"accepted"}}'
