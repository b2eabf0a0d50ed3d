"""Signed notes, keys and checkpoints as C2SP writes them (signed-note, tlog-checkpoint, tlog-cosignature)."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = 1  # the log's own signature
COSIGNATURE: Final = 4  # a witness's, with its time
_DASH = "— "
_MOST = 10**6


class BadNote(ValueError):
    """What is no signed note, key or checkpoint."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name. Its `vkey` is «name+id+base64(kind ‖ key)»."""

    name: str
    public: bytes
    kind: int = ED25519

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether it signed the text; `signature` is what follows the key's id."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            instant, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = cosigned_message(text, instant)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def verifier_of(vkey: str) -> Verifier:
    """The key that a vkey writes. BadNote where it is none, or its id is another key's."""
    name, _, rest = vkey.partition("+")
    said, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    made = Verifier(name, key[1:], key[0] if key else 0)
    if not _is_name(name) or len(key) != 33 or made.kind not in (ED25519, COSIGNATURE) or said != made.id.hex():
        raise BadNote("that is no verification key of a log or a witness")
    return made


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under a name."""

    name: str
    private: Ed25519PrivateKey
    kind: int = ED25519

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.private.public_key().public_bytes_raw(), self.kind)

    def line(self, text: str, *, at: int = 0) -> str:
        """The signature line of a note's text; a cosignature says the second since 1970 `at` which it was made."""
        if self.kind == COSIGNATURE:
            signature = at.to_bytes(8, "big") + self.private.sign(cosigned_message(text, at))
        else:
            signature = self.private.sign(text.encode())
        return f"{_DASH}{self.name} {b64encode(self.verifier.id + signature).decode()}\n"


class Line(NamedTuple):
    """A signature line: key name, key id, what was signed, and the line as it stands."""

    name: str
    key_id: bytes
    signature: bytes
    line: str


class Note(NamedTuple):
    """A note: its text with the last newline, and its signature lines."""

    text: str
    lines: tuple[Line, ...]


def parse_note(note: str) -> Note:
    """A note read strictly. BadNote where it is none."""
    text, blank, rest = note.rpartition("\n\n")
    if len(note) > _MOST or not blank or not rest.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise BadNote("that is no signed note")
    return Note(text + "\n", tuple(signature_lines(rest)))


def signature_lines(text: str) -> list[Line]:
    """Signature lines, each with its newline. BadNote where one is none."""
    return [_line(line) for line in text.removesuffix("\n").split("\n")]


def _line(line: str) -> Line:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    signature = _decoded(encoded)
    if not line.startswith(_DASH) or not _is_name(name) or len(signature) < 5:
        raise BadNote("that is no signature line")
    return Line(name, signature[:4], signature[4:], line + "\n")


def signed_by(note: Note, keys: Iterable[Verifier]) -> list[Verifier]:
    """The keys that signed the note. BadNote where a line names one of them and does not verify."""
    known = {(key.name, key.id): key for key in keys}
    found: dict[Verifier, None] = {}
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is not None and not key.holds(note.text, line.signature):
            raise BadNote(f"a signature of {line.name} does not verify")
        if key is not None:
            found[key] = None
    return list(found)


def cosigned_message(text: str, instant: int) -> bytes:
    """What a witness signs: that at `instant` this was the newest tree it had seen, and all trees before led to it."""
    return f"cosignature/v1\ntime {instant}\n{text}".encode()


class Checkpoint(NamedTuple):
    """The head of a tree, as a checkpoint's text says it."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def checkpoint_of(text: str) -> Checkpoint:
    """The head that a note's text says. BadNote where it is no checkpoint."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise BadNote("that is no checkpoint")
    origin, size, root = lines[0], lines[1], _decoded(lines[2])
    if not (
        size.isascii()
        and size.isdigit()
        and len(size) < 20
        and str(int(size)) == size
        and int(size) < 2**63
        and len(root) == 32
    ):
        raise BadNote("that is no checkpoint")
    return Checkpoint(origin, int(size), root)


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def _decoded(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("that is no base64") from None
    if b64encode(raw).decode() != text:
        raise BadNote("base64 in another spelling")
    return raw
