"""A draft of royalties that the ledger fills, on the desk's page: real commits, since the ledger has its connection."""

from typing import Any

import psycopg
from django.urls import reverse

from tests.bonds.titled import holder, title
from tests.ledger.book import Book
from tests.site.conftest import enrol, session_of
from veta.prices.services import load_demo
from veta.royalties.queries import settlements
from veta.site.roles import Role
from veta.site.services import decide_role, found_administrators, propose_role


def test_a_draft_is_filled_from_the_ledger_on_a_page(fresh_database: Any) -> None:
    load_demo()
    title(held_by=holder(), volumes={"antracita": 1_000_000})
    with psycopg.connect(fresh_database.dsn, autocommit=True) as app_connection:
        Book(app_connection).produce(2_500_000, code="DEMO-001", mineral="antracita")
    ana, luis = found_administrators(("ana@demo.invalid", "Ana Demo"), ("luis@demo.invalid", "Luis Demo"))
    role = propose_role(user=ana, role=Role.ROYALTIES, reason="Prueba", proposed_by=ana)
    decide_role(role.id, granted=True, reason="Prueba", decided_by=luis)
    enrol(ana)
    client = session_of(ana)
    asked = {"titulo": "demo-001", "trimestre": "2026-T2", "carbon_anual": "9.000"}
    done = client.post(reverse("settlement_draft"), asked)
    assert done.status_code == 302
    [entry] = settlements()
    # 2.500 t × 337.500 (DEMO, segundo trimestre de 2026) × 5 %
    assert (entry.state, entry.answer["payable_cop"]) == ("draft", "42187500")
    assert entry.answer["findings"][0]["code"] == "PRI-010"
    assert entry.case["contract_date"] == "2015-08-01"
    assert client.post(reverse("settlement_draft"), asked | {"titulo": "DEMO-999"}).status_code == 422
    assert client.post(reverse("settlement_draft"), asked | {"trimestre": "2025-T3"}).status_code == 422
