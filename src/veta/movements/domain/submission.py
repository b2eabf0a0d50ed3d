"""What comes to be decided, and what is answered: requests cut into items, items into results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from veta.kernel.canonical_json import canonical, canonical_of_plain
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.movements.domain.item import Item
from veta.movements.domain.reader import Unreadable
from veta.movements.domain.shape import read_item
from veta.operators.domain.signature import Verified

_CLAIM = b"veta-claim-v1"


class NotDecided(DomainError):
    """The hub could not decide now; nothing was stored and the same ids may be sent again."""

    code = "HUB-503"


@dataclass(frozen=True, slots=True)
class Signed:
    """The signature that a request came under, kept with its movements: who said what. `frame`: body without items."""

    request: UUID
    key_id: str
    nonce: str
    nonce_until: datetime
    method: str
    target_uri: str
    signature_input: str
    signature: bytes
    body_digest: bytes
    frame: bytes

    @classmethod
    def of(cls, verified: Verified, *, request: UUID, frame: bytes) -> Signed:
        """The evidence of a verified request, under the id it is kept by."""
        return cls(
            request, verified.key_id, verified.nonce, verified.nonce_until, verified.method, verified.target_uri,
            verified.signature_input, verified.signature, verified.body_digest, frame,
        )  # fmt: skip


@dataclass(slots=True)
class Received:
    """One item as it came: its words, what they were read as, or why they could not be read."""

    raw: bytes
    canonical: bytes
    item: Item | None
    id_text: str = ""
    findings: tuple[Finding, ...] = ()
    digest: bytes = b""

    def __post_init__(self) -> None:
        self.digest = sha256(self.canonical).digest()

    def claim(self, salt: bytes) -> bytes:
        """What an id is claimed with: the words' digest under their leaf's salt, without which it tells nothing."""
        return sha256(_CLAIM + salt + self.digest).digest()

    def claimed(self, digest: bytes, salt: bytes | None) -> bool:
        """Whether an id was claimed with these words: False once their salt was erased. Of old the digest had none."""
        return digest == self.digest or (salt is not None and digest == self.claim(bytes(salt)))


@dataclass(slots=True)
class Submission:
    """One request of an operator (or act of the hub itself, when `signed` is None): its items in order."""

    operator: UUID
    items: list[Received]
    signed: Signed | None = None
    decided: bool = False  # it is committed, and its results are here
    replayed: bool = False
    retried: bool = False  # its group failed, perhaps after the commit
    unseen: bool = False  # it answers a movement that its operator may not see: nothing of it is stored
    results: list[Result] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What ties a verdict to the log: with salt and path its holder can show it to anyone."""

    leaf: bytes
    salt: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    signature: bytes
    key_id: str

    def as_json(self) -> dict[str, Any]:
        return {
            "leaf": self.leaf.hex(),
            "salt": self.salt.hex(),
            "index": self.index,
            "size": self.size,
            "path": [node.hex() for node in self.path],
            "signature": self.signature.hex(),
            "keyid": self.key_id,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """The answer for one item: the verdict's bytes and its receipt; an item that is not stored has no receipt."""

    verdict: bytes
    receipt: Receipt | None
    repeated: bool = False


def receive(value: Any, raw: bytes) -> Received:
    """Read one item of a request: its shape is judged here, everything else by the rules.

    Only what was read has a canonical form: the numbers that no field takes have none.
    """
    try:
        read = read_item(value)
    except Unreadable as cause:
        sent = value.get("id") if isinstance(value, dict) else None
        return Received(raw, b"", None, sent[:60] if isinstance(sent, str) else "", cause.findings)
    return Received(raw, canonical_of_plain(value), read)  # no reader takes anything but objects, lists and text


def unstored(item_id: str, findings: tuple[Finding, ...]) -> Result:
    """The answer for an item that is not stored: it leaves its id free."""
    body = {"movement": item_id, "status": "rejected", "lots": [], "findings": [f.as_json() for f in findings]}
    return Result(canonical(body), None)
