"""Published vectors, each with its source, and every signature checked by a library that did not make it."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import cbor2
import nacl.signing
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import Sign1Message

from veta.certificates.domain import base45, cose, integrity, status_list
from veta.certificates.domain.multibase import base58, from_base58, key_text
from veta.kernel.canonical_json import canonical

# RFC 9285 §4.3 and §4.4.
BASE45 = [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")]
# github.com/cose-wg/Examples, eddsa-examples/eddsa-sig-01.json (the key is RFC 8032 §7.1, test 1).
COSE_SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
COSE_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
COSE_MESSAGE = bytes.fromhex(
    "d28445a201270300a10442313154546869732069732074686520636f6e74656e742e58407142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4"
    "d3607c5781932b7afb8711497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d"
)
# w3.org/TR/vc-di-eddsa, «Representation: eddsa-jcs-2022».
W3C_KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
W3C_SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
W3C_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
W3C_DOCUMENT = {
    "@context": W3C_CONTEXT, "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"], "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.", "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}  # fmt: skip
W3C_HASHES = (
    "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db"
    "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
)
W3C_PROOF = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
# RFC 8785 §3.2.3 (sorting by UTF-16 units; its numbers aside, which Veta does not sign).
SORTED_KEYS = {
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis",
}  # fmt: skip
SORTED_ORDER = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(("data", "text"), BASE45)
def test_base45_of_the_rfc(data: bytes, text: str) -> None:
    assert (base45.encode(data), base45.decode(text)) == (text, data)


@pytest.mark.parametrize("text", ["GGW", ":::", "A", "AAAA", "aa", "::", "é0"])
def test_base45_refuses_what_it_would_not_write(text: str) -> None:
    with pytest.raises(ValueError):
        base45.decode(text)


@given(st.binary(max_size=200))
def test_base45_goes_and_comes_back(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


def test_cose_sign1_of_the_working_group() -> None:
    """The vector's header states a content type too, which ours may not: its bytes are checked part by part."""
    protected, header, payload, signature = cbor2.loads(COSE_MESSAGE).value
    vector = cose.Sign1(protected, header[4], payload, signature)
    vector.verify(COSE_PUBLIC)
    assert Ed25519PrivateKey.from_private_bytes(COSE_SECRET).sign(vector.signed) == signature
    with pytest.raises(cose.CoseRefused):
        cose.Sign1(protected, header[4], payload + b".", signature).verify(COSE_PUBLIC)
    with pytest.raises(cose.CoseRefused):
        cose.read(COSE_MESSAGE)


@given(st.binary(max_size=300))
def test_other_libraries_verify_our_cose_and_we_theirs(payload: bytes) -> None:
    """pycose reads the message; libsodium checks the signature, which `cryptography` made."""
    private = Ed25519PrivateKey.from_private_bytes(COSE_SECRET)
    made = cose.sign1(payload, key_id=b"key", private=private)
    protected, header, told, signature = cbor2.loads(made).value
    message = Sign1Message.from_cose_obj([protected, dict(header), told, signature], True)
    message.key = OKPKey(crv=Ed25519, x=COSE_PUBLIC)
    assert message.verify_signature()
    read = cose.read(made)
    nacl.signing.VerifyKey(COSE_PUBLIC).verify(read.signed, read.signature)
    theirs = Sign1Message(phdr={1: -8}, uhdr={4: b"key"}, payload=payload)
    theirs.key = OKPKey(crv=Ed25519, d=COSE_SECRET, x=COSE_PUBLIC)
    assert theirs.encode() == made


def ours() -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(COSE_SECRET)
    return cose.sign1(b"This is the content.", key_id=b"11", private=private)


HOSTILE = {
    "another algorithm": lambda p: [cbor2.dumps({1: -7}), p[1], p[2], p[3]],
    "an algorithm twice over": lambda p: [cbor2.dumps({1: -8, 3: 0}), p[1], p[2], p[3]],
    "a critical header": lambda p: [cbor2.dumps({1: -8, 2: [4]}), p[1], p[2], p[3]],
    "the algorithm unprotected": lambda p: [b"", {1: -8, 4: b"11"}, p[2], p[3]],
    "a key embedded": lambda p: [p[0], {4: b"11", -1: COSE_PUBLIC}, p[2], p[3]],
    "no key": lambda p: [p[0], {}, p[2], p[3]],
    "a payload apart": lambda p: [p[0], p[1], None, p[3]],
    "a short signature": lambda p: [p[0], p[1], p[2], p[3][:63]],
    "five parts": lambda p: [*p, b""],
}


@pytest.mark.parametrize("changed", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_message_has_one_reading(changed: object) -> None:
    parts = cbor2.loads(ours()).value
    with pytest.raises(cose.CoseRefused):
        cose.read(cbor2.dumps(cbor2.CBORTag(18, changed(list(parts)))))  # type: ignore[operator]


def test_a_message_is_tagged_whole_and_shortest() -> None:
    whole = ours()
    assert cose.read(whole).key_id == b"11"
    for data in (whole[1:], whole + b"\0", b"\xd8\x12" + whole[1:], b"", whole[:-1]):
        with pytest.raises(cose.CoseRefused):
            cose.read(data)


def test_eddsa_jcs_2022_of_the_w3c() -> None:
    private = Ed25519PrivateKey.from_private_bytes(from_base58(W3C_SECRET)[2:])
    public = private.public_key().public_bytes_raw()
    assert key_text(public) == W3C_KEY
    created = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
    options = integrity.options_of(W3C_DOCUMENT, public_key=public, created=created)
    assert integrity.hash_data(W3C_DOCUMENT, options).hex() == W3C_HASHES
    made = integrity.secured(W3C_DOCUMENT, private=private, created=created)
    assert made["proof"]["proofValue"] == W3C_PROOF
    integrity.verify(made, public)


def independently(document: dict, public: bytes) -> None:
    """The algorithm again, over other libraries: rfc8785 for the canonical form, libsodium for the signature."""
    proof = dict(document["proof"])
    signature = from_base58(proof.pop("proofValue"))
    bare = {name: value for name, value in document.items() if name != "proof"}
    data = sha256(rfc8785.dumps(proof)).digest() + sha256(rfc8785.dumps(bare)).digest()
    nacl.signing.VerifyKey(public).verify(data, signature)


def test_a_second_implementation_verifies_a_proof_and_a_change_breaks_it() -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    made = integrity.secured(W3C_DOCUMENT, private=private, created=datetime(2026, 1, 1, tzinfo=UTC))
    independently(json.loads(json.dumps(made)), public)
    changed = {
        "a word": made | {"name": "Otra"},
        "a member more": made | {"more": 1},
        "the purpose": made | {"proof": made["proof"] | {"proofPurpose": "authentication"}},
        "the date": made | {"proof": made["proof"] | {"created": "2026-01-02T00:00:00Z"}},
        "the suite": made | {"proof": made["proof"] | {"cryptosuite": "eddsa-rdfc-2022"}},
        "another key": made | {"proof": made["proof"] | {"verificationMethod": f"did:key:{W3C_KEY}#{W3C_KEY}"}},
        "the context": made | {"@context": W3C_CONTEXT[:1]},
        "two proofs": made | {"proof": [made["proof"]]},
        "a float": made | {"share": 0.5},
    }
    for what, document in changed.items():
        with pytest.raises(integrity.ProofRefused, match="proof"):
            integrity.verify(document, public)
        assert what


def test_rfc_8785_sorts_by_utf_16() -> None:
    assert list(json.loads(canonical(SORTED_KEYS))) == SORTED_ORDER
    assert canonical(SORTED_KEYS) == rfc8785.dumps(SORTED_KEYS)


@pytest.mark.parametrize(("hex_", "text"), [("", "z"), ("0000287fb4cd", "z11233QC4")])
def test_base58_of_the_draft(hex_: str, text: str) -> None:
    """draft-msporny-base58-03 §5 (multibase «z» before it)."""
    data = bytes.fromhex(hex_)
    assert (base58(data), from_base58(text)) == (text, data)


# w3.org/TR/vc-bitstring-status-list, example of §2.2: a list of 131,072 zeros.
W3C_LIST = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def test_the_status_list_of_the_w3c_reads_as_zeros() -> None:
    assert {status_list.value_at(W3C_LIST, index, bits=1) for index in (0, 1, 94567, 131071)} == {0}
    with pytest.raises(ValueError):
        status_list.value_at(W3C_LIST, 131072, bits=1)


@given(st.dictionaries(st.integers(0, 140_000), st.integers(0, 3), max_size=20))
def test_a_status_list_gives_back_what_was_put_in(values: dict[int, int]) -> None:
    encoded = status_list.encode(values, bits=2)
    assert all(status_list.value_at(encoded, index, bits=2) == value for index, value in values.items())
    assert status_list.value_at(encoded, max(values, default=0) ^ 1, bits=2) == values.get(
        max(values, default=0) ^ 1, 0
    )


def test_a_status_list_that_unpacks_to_too_much_is_refused() -> None:
    bomb = status_list.encode({}, bits=1, length=8 * (status_list.MOST_BYTES + 10))
    with pytest.raises(ValueError):
        status_list.value_at(bomb, 8 * (status_list.MOST_BYTES + 9), bits=1)
