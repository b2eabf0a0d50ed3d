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

from veta.movements import raw
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
    """One item decided: the verdict's bytes, the facts it rested on, and the words it was about."""

    id: UUID
    status: str
    body: bytes
    facts: bytes
    received: Received
    submission: Submission | None
    result: Result | None = None


def seal_group(cursor: Cursor, rows: Rows, decided: Sequence[Decided], *, now: datetime, signer: HubSigner) -> None:
    """Number the group, compute its leaves, sign its root, and give each verdict its receipt.

    Effects: inserts the group; adds verdicts and sealed words to `rows`; sets each `result`.
    """
    number = next_group_id(cursor)
    random = os.urandom(SALT_BYTES * len(decided))
    salts = [random[at : at + SALT_BYTES] for at in range(0, len(random), SALT_BYTES)]
    leaves = [_leaf(each, salt) for each, salt in zip(decided, salts, strict=True)]
    tree = GroupTree(leaves)
    signature = signer.sign(receipt_message(tree.root))
    record(
        cursor, NewGroup(number, now, len(leaves), b"".join(leaves), tree.root, signature, signer.key_id)
    )  # fmt: skip
    for position, (each, salt) in enumerate(zip(decided, salts, strict=True)):
        seed, ciphertext = raw.seal(each.received.raw)
        rows.verdicts.append((each.id, each.status, each.body, each.facts, number, position))
        rows.raw.append((each.id, seed, salt, ciphertext))
        each.result = Result(each.body, _receipt(tree, leaves, position, salt, signature, signer.key_id))


def _leaf(decided: Decided, salt: bytes) -> bytes:
    signed = decided.submission.signed if decided.submission is not None else None
    digest = signed.body_digest if signed is not None else sha256(decided.received.raw).digest()
    return leaf(
        salt=salt, item_canonical=decided.received.canonical, verdict=decided.body, request_digest=digest,
        signature=signed.signature if signed is not None else b"",
    )  # fmt: skip


def _receipt(
    tree: GroupTree, leaves: Sequence[bytes], position: int, salt: bytes, signature: bytes, key_id: str
) -> Receipt:
    path = tuple(tree.path(position))
    return Receipt(leaves[position], salt, position, len(leaves), path, signature, key_id)


def receipts_of(cursor: Cursor, kept: Iterable[Stored]) -> dict[UUID, Receipt]:
    """The receipts of stored verdicts, made again from their groups; an erased item has none."""
    known = [each for each in kept if each.salt is not None]
    if not known:
        return {}
    numbers = list({each.group for each in known})
    found = {row[0]: row[1:] for row in cursor.execute(_GROUPS, (numbers,), prepare=True, binary=True)}
    groups = {number: _group(*row) for number, row in found.items()}
    return {each.movement: _stored_receipt(each, *groups[each.group]) for each in known}


def _group(leaves: bytes, signature: bytes, key_id: str) -> tuple[GroupTree, list[bytes], bytes, str]:
    entries = [bytes(leaves[at : at + 32]) for at in range(0, len(leaves), 32)]
    return GroupTree(entries), entries, bytes(signature), key_id


def _stored_receipt(kept: Stored, tree: GroupTree, leaves: list[bytes], signature: bytes, key_id: str) -> Receipt:
    return _receipt(tree, leaves, kept.position, bytes(kept.salt or b""), signature, key_id)
