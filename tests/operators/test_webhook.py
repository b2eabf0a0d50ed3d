"""Where a webhook may be, and how its receiver knows the hub: tables of what is taken and what is refused."""

from __future__ import annotations

import dataclasses
import json
from ipaddress import ip_address, ip_network

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.operators.signing import KEYS, NOW, at, message
from veta.operators.domain import signature, webhook
from veta.operators.domain.base import SignedMessage
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Policy
from veta.operators.domain.webhook import answer_to, challenge_body, is_answer, read_notice, signed_headers
from veta.operators.domain.webhook_address import WebhookRefused, addresses_of, is_reachable, target_of

URL = "https://operador.example/veta"
HUB = Ed25519PrivateKey.generate()
HUB_KEYS = {"hub-1": HUB.public_key()}
OWN = Ed25519PrivateKey.generate()

GOOD = [
    URL, "https://operador.example", "https://a.b.operador.example:8443/x/y?z=1", "https://xn--espaa-rta.example/",
    "https://operador.example:1024/%C3%B1",
]  # fmt: skip
BAD = [
    "http://operador.example/veta", "https://127.0.0.1/veta", "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
    "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/", "https://1.1.1.1/",
    "https://localhost/", "https://db/", "https://a@operador.example/", "https://a:b@operador.example/",
    "https://operador.example/#x", "https://operador.example:22/", "https://operador.example:0/",
    "https://operador.example:99999/", "https://operador.example:x/", "https://operador.example./",
    "https://operador.example\\@10.0.0.1/", "https://operador.example/a b", "https://opérador.example/",
    "https://operador.example/\n", "https://OPERADOR.example/", "https://operador.example:443/%7e", "ftp://operador.example/",
    "file:///etc/passwd", "https:///veta", "", "https://operador.example/" + "a" * 500, "https://hub.example/veta",
    "https://127.0.0.1.nip.1/", "https://operador.123/", "gopher://operador.example/",
]  # fmt: skip
INTERNAL = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
    "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "64:ff9b::7f00:1", "64:ff9b::808:808", "2001::1", "100::1",
    "3fff::1", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_an_https_name_is_taken(url: str) -> None:
    assert target_of(url).host.endswith("example")


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_public_name_is_refused(url: str) -> None:
    with pytest.raises(WebhookRefused) as refused:
        target_of(url, own_host="hub.example")
    assert refused.value.code == "OPE-020"


@pytest.mark.parametrize("address", ["8.8.8.8", "190.24.0.1", "2800:3f0::1", "2606:4700::1111"])
def test_the_public_internet_is_reached(address: str) -> None:
    assert is_reachable(ip_address(address))


@pytest.mark.parametrize("address", INTERNAL)
def test_no_other_address_is(address: str) -> None:
    assert not is_reachable(ip_address(address))
    with pytest.raises(WebhookRefused):
        addresses_of(["8.8.8.8", address])


def test_a_network_of_the_installation_is_reached_and_nothing_beside_it() -> None:
    also = (ip_network("10.9.0.0/16"),)
    assert is_reachable(ip_address("10.9.1.1"), also=also)
    assert not is_reachable(ip_address("10.8.1.1"), also=also)
    assert not is_reachable(ip_address("::ffff:10.9.1.1"), also=also)


def test_a_name_without_addresses_is_refused() -> None:
    for found in ([], ["nada"]):
        with pytest.raises(WebhookRefused):
            addresses_of(found)


def said(body: bytes, *, url: str = URL, created: int = NOW, key: Ed25519PrivateKey = HUB) -> SignedMessage:
    fields = signed_headers(url=url, body=body, key_id="hub-1", key=key, now=at(created), nonce="n" * 24)
    return SignedMessage("POST", url, {name.lower(): value for name, value in fields.items()}, body)


EVENTS = json.dumps({"type": "events", "items": [{"number": 1}], "cursor": "abc", "more": False}).encode()


def read(given: SignedMessage, *, url: str = URL, now: int = NOW) -> webhook.Notice:
    return read_notice(given, url=url, hub_keys=HUB_KEYS, now=at(now))


def test_what_the_hub_says_is_read() -> None:
    notice = read(said(EVENTS))
    assert (notice.kind, notice.items, notice.cursor, notice.nonce) == ("events", ({"number": 1},), "abc", "n" * 24)
    assert read(said(challenge_body("reto"))).challenge == "reto"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (said(EVENTS, url="https://otro.example/veta"), "SIG-001"),
        (dataclasses.replace(said(EVENTS, url="https://otro.example/veta"), target_uri=URL), "SIG-001"),
        (dataclasses.replace(said(EVENTS), body=EVENTS.replace(b"1", b"2")), "SIG-001"),
        (said(EVENTS, key=OWN), "SIG-001"),
        (dataclasses.replace(said(EVENTS), method="GET"), "SIG-001"),
        (said(b'{"type":"otro"}'), "SIG-001"),
        (said(EVENTS, created=NOW - 301), "SIG-003"),
        (said(EVENTS, created=NOW + 61), "SIG-003"),
        (message(target=URL, body=EVENTS, key=HUB, key_id="hub-1"), "SIG-001"),  # signed by the hub for another use
        (message(target=URL, body=EVENTS), "SIG-001"),  # signed by an operator
    ],
)
def test_what_it_did_not_say_here_and_now_is_refused(given: SignedMessage, code: str) -> None:
    with pytest.raises(SignatureRefused) as refused:
        read(given)
    assert refused.value.code == code


def test_the_operator_cannot_replay_ours_to_the_hub() -> None:
    """The hub's own message sent back at the hub: no operator's key, and signed for another use."""
    ours = said(EVENTS)
    with pytest.raises(SignatureRefused):
        signature.verify(ours, policy=Policy(), keys=KEYS, now=at(NOW))
    with_hub = KEYS | {"hub-1": dataclasses.replace(KEYS["demo-ottm-1-a"], id="hub-1", public=HUB.public_key())}
    with pytest.raises(SignatureRefused, match="otro uso"):
        signature.verify(ours, policy=Policy(), keys=with_hub, now=at(NOW))


def test_only_the_operators_own_answer_counts() -> None:
    keys = {"k": OWN.public_key()}
    answer = answer_to("reto", key=OWN, url=URL)
    assert is_answer(answer, "reto", url=URL, keys=keys)
    wrong = [
        (answer, "otro", URL), (answer, "reto", URL + "/x"), (challenge_body("reto"), "reto", URL), (b"", "reto", URL),
        (answer_to("reto", key=HUB, url=URL), "reto", URL), (b"[]", "reto", URL),
        (b'{"challenge":"reto"}', "reto", URL),
        (b'{"challenge":"reto","proof":1}', "reto", URL), (b'{"challenge":"reto","proof":"00"}', "reto", URL),
    ]  # fmt: skip
    assert [is_answer(body, challenge, url=url, keys=keys) for body, challenge, url in wrong] == [False] * len(wrong)
