"""C2SP notes, keys and checkpoints a second time, with signatures checked by libsodium."""

import base64
import hashlib
import re
from typing import NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

_SIGNATURE = re.compile("— ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")
_HEAD = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)")


class Unreadable(ValueError):
    """What is no key, note or checkpoint."""


class Key(NamedTuple):
    name: str
    id: bytes
    kind: int
    public: bytes


class Signature(NamedTuple):
    name: str
    id: bytes
    raw: bytes


class Note(NamedTuple):
    text: str
    signatures: tuple[Signature, ...]


class Head(NamedTuple):
    origin: str
    size: int
    root: bytes


def key(vkey: str) -> Key:
    """The key of a vkey. Raises Unreadable."""
    found = _VKEY.fullmatch(vkey)
    raw = base64.b64decode(found[3] + "==") if found else b""
    if found is None or len(raw) != 33:
        raise Unreadable("no es una llave de registro o de testigo (vkey)")
    right = hashlib.sha256(found[1].encode() + b"\n" + raw).digest()[:4]
    if right.hex() != found[2]:
        raise Unreadable("la llave no corresponde a su propio identificador")
    return Key(found[1], right, raw[0], raw[1:])


def note(text: str) -> Note:
    """The text of a note and its signatures. Raises Unreadable."""
    body, blank, lines = text.rpartition("\n\n")
    found = [_SIGNATURE.fullmatch(line) for line in lines.split("\n")[:-1]]
    if not blank or not found or not lines.endswith("\n") or None in found:
        raise Unreadable("no es una nota firmada")
    raws = [(match[1], base64.b64decode(match[2])) for match in found if match]
    return Note(body + "\n", tuple(Signature(name, raw[:4], raw[4:]) for name, raw in raws))


def head(text: str) -> Head:
    """Origin, size and root of a checkpoint's text. Raises Unreadable."""
    found = _HEAD.fullmatch(text)
    if found is None:
        raise Unreadable("no es un punto de control")
    return Head(found[1], int(found[2]), base64.b64decode(found[3]))


def says(made: Note, by: Key) -> bool | None:
    """Whether the key signed the note: None where no signature names it, False where one does and does not verify."""
    own = [signature for signature in made.signatures if (signature.name, signature.id) == (by.name, by.id)]
    return all(_verifies(made.text, signature.raw, by) for signature in own) if own else None


def _verifies(text: str, raw: bytes, by: Key) -> bool:
    message = text.encode()
    if by.kind == 4:
        message = b"cosignature/v1\ntime %d\n" % int.from_bytes(raw[:8], "big") + message
        raw = raw[8:]
    return ed25519(by.public, message, raw)


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature verifies, by libsodium."""
    try:
        VerifyKey(public).verify(message, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
