"""What the law asks of the documents, line by line: their fields, what a plant annexes, who consents, each state."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pypdf
import pytest
from django.test import Client

from tests.certificates.test_services import refused
from tests.certificates.trade import Trade
from tests.movements.test_acts import act
from tests.movements.test_group import Heard
from tests.movements.world import TOWN
from veta.certificates.queries import CertificateView
from veta.certificates.services import Sale, withdraw
from veta.kernel.clock import FixedClock
from veta.operators.services.enrolment import enrol
from veta.registry.queries import Contact
from veta.registry.services.actors import record_contact
from veta.registry.services.consents import ConsentAsked, request_consent


@pytest.fixture
def trade(db: Any) -> Trade:
    return Trade.open()


def paper_of(found: CertificateView) -> str:
    reader = pypdf.PdfReader(io.BytesIO(Client().get(f"/v/{found.token}/pdf").content))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_it_states_every_field_that_the_norm_asks(trade: Trade) -> None:
    sale = Sale(trade.world.actors["exporter"], "RUCOM-9", "2026-11-10")
    found = trade.certify(trade.gold("90.000")["lot"], sale=sale)
    said = found.document
    asked = {
        "number": "CO-000001", "made_on": "2026-11-10", "sold_on": "2026-11-10", "title": "DEMO-ORO",
        "buyer_rucom": "RUCOM-9", "mineral": "oro", "quantity": "90.000", "in_words": "noventa gramos", "unit": "g",
        "fineness": "1000.000", "gross": "90.000", "municipality": TOWN, "department": "ANTIOQUIA",
        "accreditation": "accredited", "layout": "secondary",
    }  # fmt: skip
    assert {name: said[name] for name in asked} == asked
    assert (said["issuer"]["nit"], said["operator"]["code"]) == ("900100001", "DEMO-OTTM-1")
    assert said["origins"][0]["code"] == "DEMO-ORO"
    text = paper_of(found)
    for word in (
        "CO-000001", "900100001", "RUCOM-9 (sin verificar)", "Oro", "90 g", "noventa gramos", "1.000 ‰", "DEMO-ORO",
        "MEDELLÍN, ANTIOQUIA", "Acreditado", "Operador 1", "10 de noviembre de 2026", "el formato oficial no se leyó",
        "No tiene vencimiento",
    ):  # fmt: skip
        assert word in text, word
    assert not any("expir" in name or "valid_to" in name or "until" in name for name in said)
    assert "validUntil" not in (found.credential or {})


def test_a_plant_annexes_the_documents_of_what_it_smelted(trade: Trade) -> None:
    plant = trade.world.PARTIES["plant"]
    gold, bought = trade.gold()["lot"], trade.purchase(buyer=plant)["lot"]
    origin, declared = trade.certify(gold), trade.certify(bought, "production_declaration")
    gone = trade.certify(trade.gold("1.000")["lot"])
    withdraw(gone.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    mined = trade.sell(gold, "90.000", seller="holder", buyer="plant")
    bar = trade.smelt((bought, "10.000"), (mined, "90.000"))["outputs"][0]["lot"]
    found = trade.certify(bar)
    assert found.document["sources"] == [
        {"kind": "origin_certificate", "number": origin.number_text, "issuer": "DEMO holder (ficticio)"},
        {"kind": "production_declaration", "number": declared.number_text, "issuer": None},
    ]
    assert origin.number_text in paper_of(found)
    assert declared.number_text in Client().get(f"/v/{found.token}").content.decode()


def of_the_buyer_alone(trade: Trade) -> Any:
    """An operator with the buyer's mandate, and none of the miner's."""
    made = enrol(code="DEMO-OTTM-9", name="Operador 9", enabled_on=date(2026, 1, 1), act="Acto", officer="o")
    trade.world.mandate(trade.world.actors["trader"], made.id)
    return made.id


def test_the_miners_declaration_needs_his_consent_by_the_hub(trade: Trade) -> None:
    operator, world = of_the_buyer_alone(trade), trade.world
    lot = trade.purchase()["lot"]
    assert refused(trade, lot, "production_declaration", operator=operator) == "CER-008"
    assert trade.certify(lot, "support_document", operator=operator).number == 1  # his own paper needs none
    heard = Heard()
    record_contact(world.actors["miner"], Contact("sms", "+573001112233"), by="oficial-1", source="prueba")
    asked = ConsentAsked(
        purpose="sale", party=world.actors["miner"], operator=world.operator, counterparty=world.actors["trader"],
        mineral="oro", amount=10_000,
    )  # fmt: skip
    consent = request_consent(asked, port=heard, clock=FixedClock(world.now))
    code = re.findall(r"\d{6}", heard[0][1])[0]
    signed = trade.purchase(consent={"id": str(consent.id), "code": code})["lot"]
    assert trade.certify(signed, "production_declaration", operator=operator).document["issuer"]["kind"] == "person"


def test_what_is_suspended_is_not_certified(trade: Trade) -> None:
    lot = trade.coal()["lot"]
    assert act(trade.world, "suspension", lots=[lot])["status"] == "accepted"
    assert refused(trade, lot) == "CER-005"


STATES = {
    "valid": ("Válido", "Valid"), "used": ("Usado", "Used"), "withdrawn": ("Retirado", "Withdrawn"),
    "replaced": ("Reemplazado", "Replaced"),
}  # fmt: skip


def certificates(trade: Trade) -> dict[str, CertificateView]:
    """One of each state."""
    bar, clock = trade.dore(), FixedClock(trade.world.now)
    made = {state: trade.certify(bar, amount=1_000) for state in STATES}
    exported = trade.sell(bar, "10.000", seller="plant", buyer="exporter")
    trade.accepted(trade.export(exported, "1.000", made["used"].token))
    withdraw(made["withdrawn"].id, operator=trade.world.operator, reason="Se dañó el papel.", clock=clock)
    trade.certify(bar, amount=1_000, replaces=made["replaced"].id)
    return made


def test_its_page_says_each_state_in_both_languages(trade: Trade) -> None:
    for state, found in certificates(trade).items():
        for language, word in zip(("es", "en"), STATES[state], strict=True):
            page = Client().get(f"/v/{found.token}", headers={"accept-language": language}).content.decode()
            assert f"<strong>{word}</strong>" in page, (state, language)
        origins = Client().get(f"/v/{found.token}/origins.json").json()
        assert (origins["state"], len(origins["by_municipality_and_class"])) == (state, 2)
    unknown = Client().get(f"/v/{'A' * 26}", headers={"accept-language": "en"})
    assert (unknown.status_code, "No such certificate" in unknown.content.decode()) == (404, True)
