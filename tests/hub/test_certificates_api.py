"""Certificates over the API: issued, looked up, cited by an export, withdrawn; and what is refused, with why."""

from __future__ import annotations

from typing import Any

import nacl.signing
import pytest

from tests.certificates.test_vectors import independently
from tests.hub.conftest import told
from tests.hub.country import Hub
from veta.certificates.domain.code import read_code
from veta.kernel.ids import uuid7
from veta.operators.services.hub_keys import hub_signer


@pytest.fixture(scope="module")
def coal(hub: Hub) -> str:
    """100 t of coal of the title."""
    production = hub.movement("production", quantity="100.000", place={"municipality": "05001"})
    assert hub.report(production)[0]["verdict"]["status"] == "accepted"
    return str(production["lot"])


def asked(lot: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid7()), "kind": "origin_certificate", "lot": lot, **more}


def test_a_producer_certifies_part_of_its_lot(hub: Hub, coal: str) -> None:
    body = asked(coal, quantity="12.500")
    made = hub.first.call("POST", "/certificates", body)
    assert made.status_code == 201, made.content
    found = told(made)
    assert (found["state"], found["quantity"], found["left"], found["unit"]) == ("valid", "12.500", "12.500", "t")
    public = hub_signer().private.public_key().public_bytes_raw()
    independently(found["credential"], public)
    assert read_code(found["code"], [public]).token == found["token"]
    assert len(found["code"]) <= 600
    again = told(hub.first.call("POST", "/certificates", body))
    assert again == found
    assert told(hub.first.call("GET", f"/certificates/{found['id']}")) == found
    other = hub.first.call("POST", "/certificates", {**body, "quantity": "1"})
    assert (other.status_code, told(other)["findings"][0]["code"]) == (422, "SCH-010")


REFUSED = {
    "more than is left": ({"quantity": "99999"}, 422, "CER-004"),
    "nothing": ({"quantity": "0"}, 422, "CER-004"),
    "another kind": ({"kind": "support_document"}, 422, "CER-003"),
    "no such lot": ({"lot": str(uuid7())}, 404, "CER-002"),
    "finer than the unit": ({"quantity": "1.0001"}, 422, "SCH-003"),
    "no such kind": ({"kind": "visa"}, 422, "SCH-002"),
    "a member more": ({"more": "x"}, 422, "SCH-002"),
}


@pytest.mark.parametrize(("changed", "status", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_says_why(hub: Hub, coal: str, changed: dict[str, str], status: int, code: str) -> None:
    response = hub.first.call("POST", "/certificates", asked(coal) | changed)
    findings = told(response)["findings"]
    assert (response.status_code, [f["code"] for f in findings][:1] if code[:3] == "CER" else code) == (
        status, [code] if code[:3] == "CER" else code,
    ), response.content  # fmt: skip


def test_nobody_else_sees_or_withdraws_it(hub: Hub, coal: str) -> None:
    id = told(hub.first.call("POST", "/certificates", asked(coal, quantity="1")))["id"]
    unknown = hub.second.call("GET", f"/certificates/{uuid7()}")
    hidden = hub.second.call("GET", f"/certificates/{id}")
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert hub.second.call("POST", f"/certificates/{id}/withdrawal", {"reason": "Mía."}).status_code == 404
    ended = told(hub.first.call("POST", f"/certificates/{id}/withdrawal", {"reason": "Peso mal leído."}))
    assert (ended["state"], ended["reason"], ended["left"]) == ("withdrawn", "Peso mal leído.", "0.000")
    again = hub.first.call("POST", f"/certificates/{id}/withdrawal", {"reason": "Otra vez."})
    assert told(again)["findings"][0]["code"] == "CER-011"


def test_what_the_hub_signs_libsodium_verifies(hub: Hub, coal: str) -> None:
    from veta.certificates.domain import base45, cose

    found = told(hub.first.call("POST", "/certificates", asked(coal, quantity="0.100")))
    message = cose.read(base45.decode(found["code"].removeprefix("VETA1:")))
    key = nacl.signing.VerifyKey(hub_signer().private.public_key().public_bytes_raw())
    key.verify(message.signed, message.signature)


def test_what_a_miner_sold_to_others_is_told_to_who_has_his_mandate_alone(hub: Hub) -> None:
    """The buyer's operator has only the buyer's."""
    bought = hub.movement("purchase", buyer=hub.world.PARTIES["trader2"])
    assert hub.report(bought, by=hub.second)[0]["verdict"]["status"] == "accepted"
    made = told(hub.second.call("POST", "/certificates", asked(bought["lot"], kind="quota_certificate")))
    seen = told(hub.first.call("GET", f"/certificates/{made['id']}"))
    assert {(row["before"], row["after"]) for row in made["quotas"]} == {(None, None)}
    assert [row["after"] is not None for row in seen["quotas"]] == [True, True]
