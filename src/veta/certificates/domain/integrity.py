"""Data Integrity with the cryptosuite eddsa-jcs-2022 (W3C): a JSON document that carries its own proof.

What is signed: SHA-256 of the proof's options, then SHA-256 of the document without its proof, each in RFC 8785 form.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from veta.certificates.domain.multibase import base58, from_base58, method_of
from veta.kernel.canonical_json import canonical

SUITE = "eddsa-jcs-2022"


class ProofRefused(ValueError):
    """A document without a proof of this kind, or whose proof is not of the key."""


def hash_data(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    """The 64 bytes that are signed: of the proof's options (without its value), then of the document (without proof).

    Raises TypeError where a member has no canonical form here (a float, say).
    """
    bare = {name: value for name, value in document.items() if name != "proof"}
    config = {name: value for name, value in options.items() if name != "proofValue"}
    return sha256(canonical(config)).digest() + sha256(canonical(bare)).digest()


def options_of(document: Mapping[str, Any], *, public_key: bytes, created: datetime) -> dict[str, Any]:
    """The options of a proof that the key makes at an instant, with the document's own context."""
    return {
        "type": "DataIntegrityProof", "cryptosuite": SUITE, "created": instant(created),
        "verificationMethod": method_of(public_key), "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }  # fmt: skip


def instant(at: datetime) -> str:
    """An instant in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def secured(document: Mapping[str, Any], *, private: Ed25519PrivateKey, created: datetime) -> dict[str, Any]:
    """The document with its proof."""
    options = options_of(document, public_key=private.public_key().public_bytes_raw(), created=created)
    return {**document, "proof": {**options, "proofValue": base58(private.sign(hash_data(document, options)))}}


def verify(document: Mapping[str, Any], public_key: bytes) -> None:
    """Raises ProofRefused unless the document carries one proof of this suite that the key made."""
    proof = document.get("proof")
    if not isinstance(proof, dict):
        raise ProofRefused("no proof")
    expected = {"type": "DataIntegrityProof", "cryptosuite": SUITE, "proofPurpose": "assertionMethod"}
    if any(proof.get(name) != value for name, value in expected.items()):
        raise ProofRefused("a proof of another kind")
    if "@context" in proof and proof["@context"] != document.get("@context"):
        raise ProofRefused("the proof is of another context")
    if proof.get("verificationMethod") != method_of(public_key):
        raise ProofRefused("the proof names another key")
    try:
        signature = from_base58(proof.get("proofValue"))
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, hash_data(document, proof))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise ProofRefused("the proof is not of this key") from error
