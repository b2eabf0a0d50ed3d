"""The client signs each attempt anew under the same ids, insists only where that does no harm, and always ends."""

import dataclasses
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.node.client import HubClient
from veta.node.credentials import CredentialsRefused, load, new_credentials, path_of, save
from veta.node.transport import HubRefused, HubUnreachable
from veta.operators.domain.keys import check_possession

ME = new_credentials("DEMO-OTTM-1")
ITEM = {"id": "0193a1b2-0000-7000-8000-000000000001", "kind": "production"}


@pytest.fixture
def hub() -> Iterator[VerifyingHub]:
    with verifying_hub({ME.key_id: ME.public_key}) as server:
        yield server


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(hub: VerifyingHub, pauses: list[float]) -> Iterator[HubClient]:
    with HubClient(hub.url, ME, pause=pauses.append, deadline=5) as made:
        yield made


def test_says_what_the_contract_says(client: HubClient, hub: VerifyingHub) -> None:
    assert client.submit([ITEM]) == []
    assert orjson.loads(hub.bodies[0]) == {"movements": [ITEM]}
    (verified,) = hub.verified
    assert (verified.method, verified.target_uri) == ("POST", f"{hub.url}/api/v1/movements")
    assert verified.expires - verified.created == 120


CALLS = [
    (lambda c: c.check([ITEM]), "POST", "/movements/check", {"movements": [ITEM]}),
    (lambda c: c.movement("m"), "GET", "/movements/m", None),
    (
        lambda c: c.confirm("m", id="i", decision="confirm"),
        "POST",
        "/movements/m/confirmation",
        {"id": "i", "decision": "confirm"},
    ),
    (lambda c: c.withdraw("m", id="i", reason="x"), "POST", "/movements/m/withdrawal", {"id": "i", "reason": "x"}),
    (
        lambda c: c.look_up({"type": "CC", "number": "1"}),
        "POST",
        "/actors/lookup",
        {"party": {"type": "CC", "number": "1"}},
    ),
    (
        lambda c: c.balances({"type": "CC", "number": "1"}, mineral="oro"),
        "POST",
        "/balances/query",
        {"party": {"type": "CC", "number": "1"}, "mineral": "oro"},
    ),
    (lambda c: c.title("A B-Ñ"), "GET", "/titles/A%20B-%C3%91", None),
    (lambda c: list(c.minerals()), "GET", "/minerals?limit=500", None),
    (lambda c: list(c.municipalities("quibdó")), "GET", "/municipalities?q=quibd%C3%B3&limit=500", None),
    (lambda c: list(c.norms("2026-05-19")), "GET", "/norms?on=2026-05-19&limit=500", None),
    (lambda c: c.lot("l"), "GET", "/lots/l", None),
    (lambda c: c.origins("l"), "GET", "/lots/l/origins", None),
    (lambda c: list(c.trace("l", direction="forward")), "GET", "/lots/l/trace?direction=forward&limit=500", None),
    (lambda c: list(c.hub_keys()), "GET", "/hub-keys?limit=500", None),
    (lambda c: list(c.keys()), "GET", "/keys?limit=500", None),
    (lambda c: c.revoke_key("k", compromised=True), "DELETE", "/keys/k?compromised=true", None),
    (lambda c: c.end_mandate("m"), "DELETE", "/mandates/m", None),
]


@pytest.mark.parametrize(("call", "method", "path", "body"), CALLS)
def test_each_call(client: HubClient, hub: VerifyingHub, call, method, path, body) -> None:  # type: ignore[no-untyped-def]
    hub.answer = {"items": [], "results": []}
    call(client)
    (verified,) = hub.verified
    assert (verified.method, verified.target_uri) == (method, f"{hub.url}/api/v1{path}")
    assert (orjson.loads(hub.bodies[0]) if hub.bodies[0] else None) == body


def test_a_new_key_goes_with_its_proof(client: HubClient, hub: VerifyingHub) -> None:
    import base64

    new = new_credentials("DEMO-OTTM-1")
    client.propose_key(new)
    given = orjson.loads(hub.bodies[0])
    check_possession("DEMO-OTTM-1", base64.b64decode(given["public_key"]), proof=base64.b64decode(given["proof"]))


def test_pages_follow_each_other(client: HubClient, hub: VerifyingHub) -> None:
    hub.answer = {"items": [{"id": "1"}], "cursor": "abc"}
    pages = client.mandates()
    assert next(pages) == {"id": "1"}
    hub.answer = {"items": [{"id": "2"}], "cursor": None}
    assert list(pages) == [{"id": "2"}]
    assert hub.verified[1].target_uri.endswith("/mandates?limit=500&cursor=abc")


@pytest.mark.parametrize(
    "orders", [["drop"], ["drop after"], [500], [502, 503], [(429, "2")], ["drop", 500, "drop after"]]
)
def test_insists_with_a_new_signature_and_the_same_ids(
    client: HubClient, hub: VerifyingHub, pauses: list[float], orders: list[object]
) -> None:
    hub.orders = list(orders)
    assert client.submit([ITEM]) == []
    assert len(pauses) == len(orders)
    assert len(set(hub.bodies)) == 1
    assert len({verified.nonce for verified in hub.verified}) == len(hub.verified) >= 1
    assert len({verified.signature for verified in hub.verified}) == len(hub.verified)


def test_waits_as_long_as_it_is_asked_to(client: HubClient, hub: VerifyingHub, pauses: list[float]) -> None:
    hub.orders = [(429, "2"), (503, "1")]
    client.submit([ITEM])
    assert 2 <= pauses[0] <= 2.2
    assert 1 <= pauses[1] <= 1.4


def test_never_waits_past_the_deadline(hub: VerifyingHub, pauses: list[float]) -> None:
    hub.orders = [(429, "3600")]
    with HubClient(hub.url, ME, pause=pauses.append, deadline=5) as client, pytest.raises(HubRefused) as refused:
        client.submit([ITEM])
    assert refused.value.status == 429
    assert pauses == []


@pytest.mark.parametrize(
    ("orders", "sent"),
    [(["drop after"], 1), ([500], 1), ([502], 1), ([503, 200], 2), ([(429, "1"), 200], 2)],
)
def test_what_is_not_repeatable_is_sent_again_only_if_it_was_refused_for_now(
    client: HubClient, hub: VerifyingHub, orders: list[object], sent: int
) -> None:
    hub.orders = list(orders)
    party = {"type": "CC", "number": "1"}
    try:
        client.ask_consent(purpose="sale", party=party, counterparty=party)  # type: ignore[arg-type]
    except (HubRefused, HubUnreachable):
        assert sent == 1
    assert len(hub.verified) == sent


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_a_refusal_is_an_answer(client: HubClient, hub: VerifyingHub, pauses: list[float], status: int) -> None:
    hub.orders = [status]
    with pytest.raises(HubRefused) as refused:
        client.submit([ITEM])
    assert (refused.value.status, refused.value.finding_codes, pauses) == (status, [], [])


def test_findings_of_a_refusal(hub: VerifyingHub) -> None:
    stranger = new_credentials("DEMO-OTTM-1")
    with HubClient(hub.url, stranger) as client, pytest.raises(HubRefused) as refused:
        list(client.minerals())
    assert (refused.value.status, refused.value.finding_codes) == (401, ["SIG-002"])


def test_something_between_that_answers_in_html(client: HubClient, hub: VerifyingHub) -> None:
    hub.orders = [404]
    hub.refusal = b"<html>"
    with pytest.raises(HubRefused, match="no es JSON"):
        list(client.minerals())


def test_nobody_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        client = HubClient(url, ME, pause=lambda _: None, deadline=0.3)
        with pytest.raises(HubUnreachable, match="mismos identificadores"):
            client.submit([ITEM])


def test_somebody_there_who_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        client = HubClient(url, ME, timeout=0.2, deadline=0.7)
        with pytest.raises(HubUnreachable):
            client.submit([ITEM])


def test_the_public_origin_is_signed_not_the_address(hub: VerifyingHub) -> None:
    with HubClient(hub.url, ME, origin="https://hub.example") as client, pytest.raises(HubRefused) as refused:
        list(client.minerals())
    assert refused.value.finding_codes == ["SIG-001"]
    prepared = client.transport.prepare("GET", "/api/v1/minerals")
    assert prepared.url == f"{hub.url}/api/v1/minerals"


def test_keys_on_disk(tmp_path: Path) -> None:
    path = path_of(tmp_path, "demo-ottm-1")
    assert path == tmp_path / "operators" / "DEMO-OTTM-1.pem"
    save(ME, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load("demo-ottm-1", path).key_id == ME.key_id
    with pytest.raises(CredentialsRefused, match="Muévala"):
        save(ME, path)
    path.chmod(0o640)
    with pytest.raises(CredentialsRefused, match="chmod"):
        load("DEMO-OTTM-1", path)
    with pytest.raises(CredentialsRefused, match="new-key"):
        load("DEMO-OTTM-2", path_of(tmp_path, "DEMO-OTTM-2"))


@pytest.mark.parametrize("code", ["", "../x", "a/b", "a b", "ñ", "a.b"])
def test_a_code_is_a_plain_file_name(tmp_path: Path, code: str) -> None:
    with pytest.raises(CredentialsRefused):
        path_of(tmp_path, code)


def test_a_private_key_is_not_shown() -> None:
    assert "Ed25519PrivateKey" not in repr(ME)
    assert dataclasses.fields(ME)[1].name == "key"
