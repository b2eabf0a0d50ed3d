"""Ed25519 keys: what they are called, which are no keys at all, and the proof that someone holds one."""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from veta.kernel.errors import DomainError

_P = 2**255 - 19
# y-coordinates of the points of order 1, 2, 4 and 8: a signature under them is valid for many messages or for all.
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _P - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)


class KeyRefused(DomainError):
    """A public key that cannot be recorded, or whose holder did not prove to hold it."""

    code = "SIG-002"


def public_key_of(raw: bytes) -> Ed25519PublicKey:
    """The verification key of 32 bytes; KeyRefused if they are none, are written twice-over, or are of small order."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if len(raw) != 32 or y >= _P or y in _SMALL_ORDER:
        raise KeyRefused("La llave pública no es una llave Ed25519 válida de 32 bytes. Genere otra.")
    try:
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise KeyRefused("La llave pública no es una llave Ed25519 válida de 32 bytes. Genere otra.") from error


def key_id_of(owner: str, raw: bytes) -> str:
    """The key id: the owner's code in lower case and 16 hexadecimal digits of the key's SHA-256."""
    return f"{owner.lower()}-{hashlib.sha256(raw).hexdigest()[:16]}"


def possession_statement(owner: str, raw: bytes) -> bytes:
    """What a new key signs to prove that its holder holds it, for this operator and no other."""
    return f"veta-key-v1\n{owner}\n{base64.b64encode(raw).decode()}\n".encode()


def check_possession(owner: str, raw: bytes, *, proof: bytes) -> None:
    """KeyRefused unless `proof` is the new key's own signature of its statement."""
    try:
        public_key_of(raw).verify(proof, possession_statement(owner, raw))
    except InvalidSignature:
        raise KeyRefused(
            "La prueba de posesión no corresponde a la llave nueva. Firme con ella el texto fijo."
        ) from None


def private_pem_of(key: Ed25519PrivateKey) -> bytes:
    """The key as PKCS #8 PEM, not encrypted: the file's mode (0600) keeps it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
