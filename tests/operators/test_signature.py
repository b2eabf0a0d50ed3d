"""The signature's own vectors, its limits in time, and agreement with an independent implementation."""

import base64
import dataclasses
import hashlib
from datetime import datetime
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operators.signing import BODY, KEY, KEYS, NOW, ORIGIN, PRIVATE, TARGET, at, message, verify
from veta.operators.domain import signature
from veta.operators.domain.base import SignedMessage, base_of, octets_of, target_uri
from veta.operators.domain.fields import digest_field, signature_input_of
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Policy, verify_stored

# RFC 9421 appendix B.1.4: the test key, and B.2.6: the signature made with it.
RFC_KEY = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU="))
RFC_PUBLIC = base64.urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
RFC_BASE = "\n".join(
    [
        '"date": Tue, 20 Apr 2021 02:07:55 GMT',
        '"@method": POST',
        '"@path": /foo',
        '"@authority": example.com',
        '"content-type": application/json',
        '"content-length": 18',
        '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"',
    ]
)
RFC_SIGNATURE = base64.b64decode(
    "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
)


def test_the_rfc_key_and_signature() -> None:
    assert RFC_KEY.public_key().public_bytes_raw() == RFC_PUBLIC
    assert RFC_KEY.sign(RFC_BASE.encode()) == RFC_SIGNATURE
    RFC_KEY.public_key().verify(RFC_SIGNATURE, RFC_BASE.encode())


def test_the_rfc_body_digest() -> None:
    """RFC 9421 §2.1 and B.2: the digest of the example's body, here by SHA-256 (RFC 9530 appendix B.1)."""
    digest = hashlib.sha256(b'{"hello": "world"}').digest()
    assert digest_field(digest) == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"


def test_the_base_line_by_line() -> None:
    """RFC 9421 §2.5 for our profile, written out by hand."""
    digest = hashlib.sha256(b'{"hello": "world"}').digest()
    params = '("@method" "@target-uri" "content-digest" "content-type");created=1618884473;keyid="test-key-ed25519"'
    base = base_of(
        method="POST",
        target_uri="https://example.com/foo?param=Value&Pet=dog",
        params=params,
        components=("@method", "@target-uri", "content-digest", "content-type"),
        body_digest=digest,
    )
    assert base == (
        b'"@method": POST\n'
        b'"@target-uri": https://example.com/foo?param=Value&Pet=dog\n'
        b'"content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:\n'
        b'"content-type": application/json\n'
        b'"@signature-params": ("@method" "@target-uri" "content-digest" "content-type")'
        b';created=1618884473;keyid="test-key-ed25519"'
    )


def test_says_who_signed_and_keeps_the_evidence() -> None:
    request = message()
    verified = verify(request)
    assert (verified.operator, verified.key_id, verified.nonce) == (KEY.operator, KEY.id, "0123456789abcdef")
    assert (verified.created, verified.expires) == (NOW, NOW + 60)
    assert verified.body_digest == hashlib.sha256(BODY).digest()
    stored = {
        "method": "POST",
        "target_uri": TARGET,
        "signature_input": verified.signature_input,
        "signature": verified.signature,
        "body_digest": verified.body_digest,
    }
    assert verify_stored(**stored, public=KEY.public)
    assert not verify_stored(**stored | {"method": "PUT"}, public=KEY.public)
    assert not verify_stored(**stored | {"body_digest": bytes(32)}, public=KEY.public)


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_a_request_without_body_covers_method_and_target(method: str) -> None:
    request = message(method, f"{ORIGIN}/api/v1/minerals", b"")
    assert set(request.fields) == {"signature-input", "signature"}
    assert verify(request).body_digest == hashlib.sha256(b"").digest()


TIMES = [
    # created, lifetime, hub's now, reason
    (NOW, 60, NOW - 61, "created-ahead"),
    (NOW, 60, NOW - 60, None),
    (NOW, 60, NOW - 59, None),
    (NOW, 60, NOW + 59, None),
    (NOW, 60, NOW + 60, None),
    (NOW, 60, NOW + 61, "expired"),
    (NOW, 60, NOW + 86_400, "expired"),
    (NOW, 1, NOW, None),
    (NOW, 0, NOW, "lifetime"),
    (NOW, -1, NOW, "lifetime"),
    (NOW, 299, NOW, None),
    (NOW, 300, NOW, None),
    (NOW, 301, NOW, "lifetime"),
    (NOW, 10**9, NOW, "lifetime"),
    (NOW, 300, NOW + 300, None),
    (NOW, 300, NOW + 301, "expired"),
]


@pytest.mark.parametrize(("created", "lifetime", "now", "reason"), TIMES)
def test_time(created: int, lifetime: int, now: int, reason: str | None) -> None:
    request = message(created=created, lifetime=lifetime)
    if reason is None:
        assert verify(request, now=now).created == created
        return
    with pytest.raises(SignatureRefused) as refused:
        verify(request, now=now)
    assert (refused.value.code, refused.value.reason) == ("SIG-003", reason)


@pytest.mark.parametrize(("restored", "accepted"), [(NOW - 1, True), (NOW, True), (NOW + 1, False)])
def test_nothing_from_before_a_restore(restored: int, accepted: bool) -> None:
    policy = Policy(not_before=restored)
    if accepted:
        verify(message(), policy=policy)
        return
    with pytest.raises(SignatureRefused) as refused:
        verify(message(), policy=policy)
    assert (refused.value.code, refused.value.reason) == ("SIG-003", "before-restore")


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/api/v1/movements", "", "/api/v1/movements"),
        ("/api/v1/movements", "a=1&b=%41", "/api/v1/movements?a=1&b=%41"),
        ("/api/v1/titles/003-17", "", "/api/v1/titles/003-17"),
        ("/api/v1/titles/A B", "", "/api/v1/titles/A%20B"),
        ("/api/v1/titles/A%20B", "", "/api/v1/titles/A%20B"),
        ("/api/v1/titles/%7e%41", "", "/api/v1/titles/~A"),
        ("/api/v1/titles/ñ", "", "/api/v1/titles/%C3%B1"),
    ],
)
def test_a_target_has_one_spelling(path: str, query: str, expected: str) -> None:
    assert target_uri(ORIGIN + "/", octets_of(path), query) == ORIGIN + expected


def test_what_is_encoded_twice_is_another_target() -> None:
    assert target_uri(ORIGIN, b"/titles/%41", "") == ORIGIN + "/titles/%2541"
    assert target_uri(ORIGIN, b"/titles/A", "") == ORIGIN + "/titles/A"


class Resolver(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        return KEYS[key_id].public

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        return PRIVATE


paths = st.text("abcXYZ019-._~/", min_size=1, max_size=20).map(lambda text: "/" + text.lstrip("/"))
queries = st.text("abc=&%2019", max_size=12).filter(lambda text: "%" not in text)
nonces = st.text("ABCabc019-_", min_size=16, max_size=64)
bodies = st.binary(max_size=80)


@settings(max_examples=150)
@given(
    path=paths,
    query=queries,
    nonce=nonces,
    body=bodies,
    lifetime=st.integers(1, 300),
    method=st.sampled_from(["GET", "POST", "DELETE"]),
)
def test_what_we_sign_the_library_verifies(
    path: str, query: str, nonce: str, body: bytes, lifetime: int, method: str
) -> None:
    now = int(datetime.now().astimezone().timestamp())
    target = target_uri(ORIGIN, path.encode(), query)
    fields = signature.sign(
        method=method,
        target_uri=target,
        body=body,
        key_id=KEY.id,
        key=PRIVATE,
        created=now,
        expires=now + lifetime,
        nonce=nonce,
    )
    request = SimpleNamespace(method=method, url=target, headers=fields)
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Resolver())
    results = verifier.verify(request, **({"body": body} if body else {}))
    assert [result.parameters["nonce"] for result in results] == [nonce]
    received = SignedMessage(method, target, {name.lower(): value for name, value in fields.items()}, body)
    assert verify(received, now=now).nonce == nonce


@settings(max_examples=150)
@given(
    path=paths,
    query=queries,
    nonce=nonces,
    body=bodies,
    lifetime=st.integers(1, 300),
    order=st.permutations(["@method", "@target-uri", "content-digest", "content-type"]),
)
def test_what_the_library_signs_we_verify(
    path: str, query: str, nonce: str, body: bytes, lifetime: int, order: list[str]
) -> None:
    target = target_uri(ORIGIN, path.encode(), query)
    headers = {"Content-Type": "application/json"} if body else {}
    covered = [name for name in order if body or name.startswith("@")]
    request = SimpleNamespace(method="POST", url=target, headers=headers)
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=Resolver())
    signer.sign(
        request,
        key_id=KEY.id,
        created=at(NOW),
        expires=at(NOW + lifetime),
        nonce=nonce,
        label="veta",
        tag="veta-v1",
        covered_component_ids=covered,
        **({"body": body} if body else {}),
    )
    received = SignedMessage("POST", target, {name.lower(): value for name, value in request.headers.items()}, body)
    verified = verify(received)
    assert (verified.nonce, verified.expires) == (nonce, NOW + lifetime)


def test_the_parameters_are_signed_as_they_were_written() -> None:
    request = message()
    given = signature_input_of(request.fields["signature-input"])
    assert given.params == request.fields["signature-input"].removeprefix("veta=")
    with pytest.raises(InvalidSignature):
        KEY.public.verify(verify(request).signature, given.params.encode())


def test_findings_carry_code_norm_and_remedy_but_nothing_that_was_sent() -> None:
    request = dataclasses.replace(message(), body=b"{}")
    with pytest.raises(SignatureRefused) as refused:
        verify(request)
    (finding,) = refused.value.findings
    assert (finding.code, finding.norm, finding.severity) == ("SIG-001", "RFC 9421", "blocking")
    assert KEY.id not in finding.message
