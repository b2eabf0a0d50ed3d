"""That a certificate is in the public log, with no network: its leaf from its words, the root from the proof."""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from veta.transparency.domain import leaf, root_from
from veta.transparency.domain.notes import checkpoint_of, parse_note, signed_by, verifier_of
from veta.transparency.domain.proofs import PROOF_HEADER


class NotIncluded(ValueError):
    """Words that the proof does not lead from to a checkpoint signed by a trusted key of the log."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Leaf number `index` of a log that had `size` leaves; `origin` names the log."""

    origin: str
    index: int
    size: int


def check_inclusion(words: Mapping[str, Any], log_keys: Sequence[str]) -> Inclusion | None:
    """The place in the log of a certificate's words (`log.json` of its paper); None where it has no proof yet.

    Raises NotIncluded, however the words or the proof are malformed.
    """
    proof = words.get("proof")
    if proof is None:
        return None
    try:
        head, _, checkpoint = str(proof).partition("\n\n")
        header, index, *path = head.split("\n")
        note = parse_note(checkpoint)
        told = checkpoint_of(note.text)
        number = int(index.removeprefix("index "))
        root = root_from(_leaf(words), index=number, size=told.size, path=[b64decode(n, validate=True) for n in path])
        trusted = signed_by(note, [verifier_of(key) for key in log_keys])
    except (KeyError, TypeError, ValueError) as error:
        raise NotIncluded("the proof cannot be read") from error
    if header != PROOF_HEADER or root != told.root or not any(key.name == told.origin for key in trusted):
        raise NotIncluded("the proof leads to no checkpoint that a trusted key signed")
    return Inclusion(told.origin, number, told.size)


def _leaf(words: Mapping[str, Any]) -> bytes:
    return leaf(
        salt=bytes.fromhex(words["salt"]), item_canonical=words["item"].encode(), verdict=words["verdict"].encode(),
        request_digest=b64decode(words["request_digest"]), signature=b64decode(words["signature"]),
    )  # fmt: skip
