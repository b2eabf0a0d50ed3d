"""Leaves and receipts: each verdict is tied to the group's root, which the hub signs once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import psycopg

from veta.movements.domain.submission import Receipt, Received, Result, Submission
from veta.movements.queries import Stored
from veta.movements.store import Rows
from veta.operators.services.hub_keys import HubSigner
from veta.transparency.domain import SALT_BYTES, GroupTree, leaf, receipt_message
from veta.transparency.services import NewGroup, next_group_id, record

Cursor = psycopg.Cursor[Any]

_GROUPS = "SELECT id, leaves, signature, key_id FROM transparency_group WHERE id = ANY (%s::bigint[])"


@dataclass(slots=True)
class Decided:
    """One item decided: the verdict's bytes, the facts it rested on, and the words it was about, with their salt."""

    id: UUID
    status: str
    body: bytes
    facts: bytes
    received: Received
    submission: Submission | None
    salt: bytes
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A group's tree, signed: what each verdict's receipt is made of once the group is committed."""

    tree: GroupTree
    leaves: Sequence[bytes]
    signature: bytes
    key_id: str

    def receipt(self, position: int, salt: bytes) -> Receipt:
        """The receipt of the leaf at `position`."""
        path = tuple(self.tree.path(position))
        return Receipt(self.leaves[position], salt, position, len(self.leaves), path, self.signature, self.key_id)


def salts(number: int) -> list[bytes]:
    """So many salts, each of its item alone."""
    random = os.urandom(SALT_BYTES * number)
    return [random[at : at + SALT_BYTES] for at in range(0, len(random), SALT_BYTES)]


def seal_group(cursor: Cursor, rows: Rows, decided: Sequence[Decided], *, now: datetime, signer: HubSigner) -> Sealed:
    """Number the group, compute its leaves and sign its root.

    Effects: inserts the group; adds verdicts to `rows`.
    """
    number = next_group_id(cursor)
    leaves = [_leaf(each) for each in decided]
    tree = GroupTree(leaves)
    signature = signer.sign(receipt_message(tree.root))
    record(
        cursor, NewGroup(number, now, len(leaves), b"".join(leaves), tree.root, signature, signer.key_id)
    )  # fmt: skip
    for position, each in enumerate(decided):
        rows.verdicts.append((each.id, each.status, each.body, each.facts, number, position))
    return Sealed(tree, leaves, signature, signer.key_id)


def give_receipts(decided: Sequence[Decided], sealed: Sealed) -> None:
    """Set each verdict's `result`: nobody waits for a lock while they are made."""
    for position, each in enumerate(decided):
        each.result = Result(each.body, sealed.receipt(position, each.salt))


def _leaf(decided: Decided) -> bytes:
    signed = decided.submission.signed if decided.submission is not None else None
    digest = signed.body_digest if signed is not None else sha256(decided.received.raw).digest()
    return leaf(
        salt=decided.salt, item_canonical=decided.received.canonical, verdict=decided.body, request_digest=digest,
        signature=signed.signature if signed is not None else b"",
    )  # fmt: skip


def receipts_of(cursor: Cursor, kept: Iterable[Stored]) -> dict[UUID, Receipt]:
    """The receipts of stored verdicts, made again from their groups; an erased item has none."""
    known = [each for each in kept if each.salt is not None]
    if not known:
        return {}
    numbers = list({each.group for each in known})
    found = {row[0]: row[1:] for row in cursor.execute(_GROUPS, (numbers,), prepare=True, binary=True)}
    groups = {number: _group(*row) for number, row in found.items()}
    return {each.movement: groups[each.group].receipt(each.position, bytes(each.salt or b"")) for each in known}


def _group(leaves: bytes, signature: bytes, key_id: str) -> Sealed:
    entries = [bytes(leaves[at : at + 32]) for at in range(0, len(leaves), 32)]
    return Sealed(GroupTree(entries), entries, bytes(signature), key_id)
