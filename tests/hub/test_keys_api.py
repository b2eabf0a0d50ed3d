"""Keys over the API: asked for with proof of possession, revoked by their owner, and by nobody else."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.hub.conftest import told
from tests.hub.country import Hub
from tests.hub.operators import Signer
from veta.operators.domain.keys import possession_statement
from veta.operators.services import enrolment, keys


def new_key(code: str, *, proved_by: Ed25519PrivateKey | None = None) -> tuple[Ed25519PrivateKey, dict[str, str]]:
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes_raw()
    proof = (proved_by or private).sign(possession_statement(code, raw))
    encoded = {"public_key": base64.b64encode(raw).decode(), "proof": base64.b64encode(proof).decode()}
    return private, {**encoded, "purpose": "signing"}


def test_a_key_waits_for_an_officer_and_falls_with_the_one_that_asked_for_it(hub: Hub) -> None:
    signer = Signer.enrol("DEMO-OTTM-K")
    private, body = new_key("DEMO-OTTM-K")
    made = signer.call("POST", "/keys", body)
    assert (made.status_code, told(made)["state"], told(made)["proposed_by"]) == (201, "waiting", signer.key_id)
    newer = Signer(signer.code, signer.operator, told(made)["keyid"], private)
    assert newer.call("GET", "/keys").status_code == 401
    keys.approve_key(newer.key_id, officer="oficial-3")
    assert {key["state"] for key in told(newer.call("GET", "/keys"))["items"]} == {"live"}
    gone = newer.call("DELETE", f"/keys/{signer.key_id}", query="compromised=true&reason=robo")
    assert set(told(gone)["revoked"]) == {signer.key_id, newer.key_id}
    assert (signer.call("GET", "/keys").status_code, newer.call("GET", "/keys").status_code) == (401, 401)


def test_a_recovery_key_manages_keys_and_nothing_else(hub: Hub) -> None:
    signer = Signer.enrol("DEMO-OTTM-R")
    private, body = new_key("DEMO-OTTM-R")
    raw, proof = base64.b64decode(body["public_key"]), base64.b64decode(body["proof"])
    key_id = keys.record_key(
        operator=signer.operator, public_key=raw, purpose="recovery", officer="oficial-1", proof=proof
    )
    keys.approve_key(key_id, officer="oficial-2")
    recovery = Signer(signer.code, signer.operator, key_id, private)
    assert recovery.call("GET", "/keys").status_code == 200
    assert recovery.call("GET", "/mandates").status_code == 401
    refused = signer.call("DELETE", f"/keys/{key_id}")
    assert (refused.status_code, told(refused)["type"].rsplit("/")[-1]) == (403, "forbidden")
    assert recovery.call("DELETE", f"/keys/{signer.key_id}").status_code == 200
    assert signer.call("GET", "/keys").status_code == 401


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"purpose": "recovery"}, 403), ({"public_key": base64.b64encode(bytes(32)).decode()}, 422),
        ({"public_key": "AAAA"}, 422), ({"proof": f"{'A' * 86}=="}, 422), ({"proof": None}, 422), ({"more": "x"}, 422),
        ({"public_key": f"{'A' * 42}B="}, 422),
    ],
)  # fmt: skip
def test_what_a_new_key_cannot_be(hub: Hub, changed: dict[str, Any], status: int) -> None:
    _, body = new_key("DEMO-OTTM-1")
    response = hub.first.call("POST", "/keys", {**body, **changed})
    assert response.status_code == status, response.content


@pytest.mark.parametrize("key_id", ["a%00b", "%E2%80%AE", "x" * 300, "%20"])
def test_what_is_no_key_id_is_unknown(hub: Hub, key_id: str) -> None:
    assert hub.first.call("DELETE", f"/keys/{key_id}").status_code == 404


def test_anothers_key_is_unknown(hub: Hub) -> None:
    assert hub.second.call("DELETE", f"/keys/{hub.first.key_id}").status_code == 404
    assert hub.first.key_id not in {key["keyid"] for key in told(hub.second.call("GET", "/keys"))["items"]}
    assert hub.first.call("GET", "/keys").status_code == 200


def test_a_suspended_operator_is_nobody(hub: Hub) -> None:
    signer = Signer.enrol("DEMO-OTTM-S")
    assert signer.call("GET", "/mandates").status_code == 200
    enrolment.record_status(
        operator=signer.operator, status="suspended", enabled_on=date(2026, 1, 1), act="Acto 2", officer="oficial-1"
    )
    assert signer.call("GET", "/mandates").status_code == 401
