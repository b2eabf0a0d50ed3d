"""COSE_Sign1 (RFC 9052) with Ed25519, and nothing else of COSE: what a certificate's code carries.

Protected header: the algorithm, EdDSA (-8). Unprotected: the key's id. Anything else is refused, so that a message has
one reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

TAG = 18
ALGORITHM, KEY_ID, EDDSA = 1, 4, -8
SIGNATURE_BYTES = 64
MOST_BYTES = 2048


class CoseRefused(ValueError):
    """Bytes that are no message of this kind, or whose signature is not the key's."""


@dataclass(frozen=True, slots=True)
class Sign1:
    """A message as read, its signature not yet checked."""

    protected: bytes
    key_id: bytes
    payload: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The Sig_structure that the signature is over (RFC 9052 §4.4), without external data."""
        return cbor2.dumps(["Signature1", self.protected, b"", self.payload])

    def verify(self, public_key: bytes) -> None:
        """Raises CoseRefused unless the key (32 raw bytes, Ed25519) signed the payload."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, self.signed)
        except (InvalidSignature, ValueError) as error:
            raise CoseRefused("the signature is not of this key") from error


def sign1(payload: bytes, *, key_id: bytes, private: Ed25519PrivateKey) -> bytes:
    """The tagged message with its signature."""
    protected = cbor2.dumps({ALGORITHM: EDDSA})
    signature = private.sign(Sign1(protected, key_id, payload, b"").signed)
    return cbor2.dumps(cbor2.CBORTag(TAG, [protected, {KEY_ID: key_id}, payload, signature]))


def read(data: bytes) -> Sign1:
    """The message that `data` is, whole. Raises CoseRefused on anything else, however it is malformed."""
    if len(data) > MOST_BYTES:
        raise CoseRefused("larger than any message")
    message = decoded(data)
    if not isinstance(message, cbor2.CBORTag) or message.tag != TAG:
        raise CoseRefused("not a tagged COSE_Sign1")
    parts = message.value
    if not isinstance(parts, (list, tuple)) or len(parts) != 4:
        raise CoseRefused("a COSE_Sign1 has four parts")
    protected, unprotected, payload, signature = parts
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise CoseRefused("header, payload and signature are byte strings")
    if len(signature) != SIGNATURE_BYTES or _map(decoded(protected)) != {ALGORITHM: EDDSA}:
        raise CoseRefused("only EdDSA is taken")
    header = _map(unprotected)
    named = header.get(KEY_ID)
    if set(header) != {KEY_ID} or not isinstance(named, bytes):
        raise CoseRefused("the key's id is missing, or not alone")
    return Sign1(protected, named, payload, signature)


def decoded(data: bytes) -> object:
    """One CBOR value that fills `data`. Raises CoseRefused."""
    try:
        value = cbor2.loads(data)
        whole = cbor2.dumps(value) == data
    except Exception as error:  # whatever a hostile text makes the reader raise, it is no message
        raise CoseRefused("not CBOR") from error
    if not whole:
        raise CoseRefused("not in its shortest form, or something follows it")
    return value


def _map(value: object) -> dict[object, object]:
    if not isinstance(value, Mapping):
        raise CoseRefused("a header is a map")
    return dict(value)
