"""The *constancia de compra dentro de cupo*: of any accepted purchase, what was authorised, used before and after."""

from __future__ import annotations

import io
import json
from typing import Any

import pypdf
import pytest
from django.test import Client

from tests.certificates.test_services import refused
from tests.certificates.trade import Trade
from tests.movements.world import World
from veta.certificates.domain.code import read_code
from veta.certificates.services.within import quota_rows
from veta.movements.queries.proofs import purchase_proof
from veta.storage.connection import plain_cursor


@pytest.fixture
def trade(db: Any) -> Trade:
    return Trade.open()


def shown(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("basis", "limit", "before", "bought", "after", "unit"))


def test_of_a_titles_mineral_it_tells_the_quarter_before_and_after(trade: Trade) -> None:
    gold = trade.gold("90.000")["lot"]
    trade.sell(gold, "30.000", seller="holder", buyer="plant")
    found = trade.certify(trade.sell(gold, "20.500", seller="holder", buyer="plant"), "quota_certificate")
    said = found.document
    assert [shown(row) for row in said["quotas"]] == [
        ("title_quarter", "2500.000", "30.000", "20.500", "50.500", "g"),
    ]  # fmt: skip
    assert (said["seller"]["nit"], said["buyer"]["nit"], said["title"]) == ("900100001", "900300001", "DEMO-ORO")
    assert found.number_text == "CC-000001"
    assert read_code(found.code or "", [trade.world.signer.private.public_key().public_bytes_raw()]).quantity == 20_500


def test_of_a_miner_nobody_reads_how_much_he_sold_but_the_operators_of_the_parties(trade: Trade) -> None:
    trade.purchase("7.000", buyer=World.PARTIES["plant"])
    made = trade.purchase("10.000")
    found = trade.certify(made["lot"], "quota_certificate")
    assert [shown(row) for row in found.document["quotas"]] == [
        ("person_month", "35.000", None, "10.000", None, "g"), ("person_year", "420.000", None, "10.000", None, "g"),
    ]  # fmt: skip
    assert found.document["seller"] == {"kind": "person", "name": None, "nit": None}
    proof = purchase_proof(plain_cursor(), found.movement)
    assert proof is not None
    told = [shown(row) for row in quota_rows(proof, public=False)]
    assert told[1] == ("person_year", "420.000", "7.000", "10.000", "17.000", "g")
    assert "17.000" not in found.document_bytes.decode()


def test_over_a_quota_or_without_one_there_is_nothing_to_state(trade: Trade) -> None:
    over = trade.purchase("36.000")
    assert refused(trade, over["lot"], "quota_certificate") == "CER-007"
    coal = trade.sell(trade.coal()["lot"], "10.000", seller="holder2", buyer="trader")
    again = trade.sell(coal, "10.000", seller="trader", buyer="exporter")
    assert refused(trade, again, "quota_certificate") == "CER-016"
    assert refused(trade, trade.coal()["lot"], "quota_certificate") == "CER-003"
    assert refused(trade, trade.dore(), "quota_certificate") == "CER-003"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ("Dentro del cupo", "Trimestre de ventas del título", "Vendedor", "2.500 g")),
        ("en", ("Within the quota",)),
    ],
)
def test_its_page_and_paper_show_the_quota(trade: Trade, language: str, words: tuple[str, ...]) -> None:
    found = trade.certify(trade.sell(trade.gold()["lot"], "90", seller="holder", buyer="plant"), "quota_certificate")
    page = Client().get(f"/v/{found.token}", headers={"accept-language": language}).content.decode()
    assert [word for word in words if word not in page] == []
    reader = pypdf.PdfReader(io.BytesIO(Client().get(f"/v/{found.token}/pdf").content))
    text = " ".join(sheet.extract_text() for sheet in reader.pages)
    for word in ("Constancia de compra dentro de cupo", "Autorizado", "2.500 g", "90 g", "Vendedor", "DEMO holder"):
        assert word in text, word
    assert json.loads(reader.attachments["credential.json"][0])["credentialSubject"]["quotas"]
