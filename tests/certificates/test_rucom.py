"""The buyer's RUCOM number: the registry's, or marked; never one that the registry contradicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.certificates.test_services import refused
from tests.certificates.trade import Trade
from veta.certificates.services import Sale
from veta.hub.certificate_paper import rucom_text
from veta.kernel.ids import uuid7
from veta.registry.domain import Act
from veta.registry.queries import registrations_of
from veta.registry.services.registrations import RegistrationRecord, record_registration_version

NUMBER = "RUCOM-20260110-77"
DAY = "2026-11-10"


@pytest.fixture
def trade(db: Any) -> Trade:
    return Trade.open()


def numbered(actor: UUID, *, since: date = date(2026, 1, 1), **more: Any) -> UUID:
    """Record a version of an actor's registration, with its number."""
    version = registrations_of([actor])[actor][0]
    record = RegistrationRecord(
        actor=actor, role=version.role, rucom_number=NUMBER, valid_from=since, **more
    )  # fmt: skip
    return record_registration_version(version.entity, record, Act(reference="RUCOM", source="prueba", recorded_by="o"))


def stated(trade: Trade, buyer: UUID | None, given: str | None, day: str | None = DAY) -> tuple[str | None, str | None]:
    found = trade.certify(trade.coal()["lot"], amount=1000, sale=Sale(buyer, given, day))
    return found.document["buyer_rucom"], found.document["buyer_rucom_known"]


def test_a_number_of_the_registry_is_taken_and_any_other_refused(trade: Trade) -> None:
    buyer = trade.world.actors["trader"]
    numbered(buyer)
    assert stated(trade, buyer, NUMBER) == (NUMBER, "registry")
    assert stated(trade, buyer, "rucom 20260110 77") == (NUMBER, "registry")
    assert stated(trade, buyer, None) == (NUMBER, "registry")
    lot = trade.coal()["lot"]
    assert refused(trade, lot, sale=Sale(buyer, "RUCOM-20260110-78", DAY)) == "CER-015"


def test_where_the_registry_has_no_number_it_is_marked(trade: Trade) -> None:
    buyer = trade.world.actors["trader"]
    assert stated(trade, buyer, NUMBER) == (NUMBER, "unverified")
    assert stated(trade, buyer, None) == (None, None)
    assert rucom_text({"buyer_rucom": NUMBER, "buyer_rucom_known": "unverified"}).endswith("(sin verificar)")
    assert rucom_text({"buyer_rucom": NUMBER}).endswith("(sin verificar)")  # from before it was checked
    assert rucom_text({"buyer_rucom": NUMBER, "buyer_rucom_known": "registry"}) == NUMBER


@pytest.mark.parametrize(("day", "code"), [("2026-06-30", None), ("2026-07-01", "CER-015"), (None, "CER-015")])
def test_a_buyer_without_registration_that_day_has_no_number(trade: Trade, day: str | None, code: str | None) -> None:
    buyer, lot = trade.world.actors["trader"], trade.coal()["lot"]
    numbered(buyer)
    numbered(buyer, since=date(2026, 7, 1), status="cancelled")
    if code is None:
        assert trade.certify(lot, sale=Sale(buyer, NUMBER, day)).document["buyer_rucom_known"] == "registry"
    else:
        assert refused(trade, lot, sale=Sale(buyer, NUMBER, day)) == code


def test_a_number_of_nobody_or_of_a_suspended_buyer_is_refused(trade: Trade) -> None:
    lot, buyer = trade.coal()["lot"], trade.world.actors["trader"]
    assert refused(trade, lot, sale=Sale(None, NUMBER, None)) == "CER-015"
    assert refused(trade, lot, sale=Sale(uuid7(), NUMBER, DAY)) == "CER-015"
    numbered(buyer, status="suspended")
    assert refused(trade, lot, sale=Sale(buyer, NUMBER, DAY)) == "CER-015"
    assert trade.certify(lot).document["buyer_rucom"] is None


def test_the_number_stays_when_a_registration_is_renewed(trade: Trade) -> None:
    from veta.registry.services.registrations import renew_registration

    buyer = trade.world.actors["trader"]
    numbered(buyer)
    version = replace(registrations_of([buyer])[buyer][0])
    renew_registration(version, Act(reference="R", source="p", recorded_by="o"), on=date(2026, 5, 1))
    assert stated(trade, buyer, None) == (NUMBER, "registry")
