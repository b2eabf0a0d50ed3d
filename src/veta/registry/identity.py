"""Identities of the registry: each encrypted for its actor, names of a source found by a keyed hash (ADR 0041)."""

import unicodedata
from uuid import UUID

from veta.storage.sealing import keyed, seal, unseal


def hmac_of_source_name(source: str, name: str) -> bytes:
    """The key by which a source without documents names an actor; case, accents' form and blanks do not count."""
    return keyed("veta-source-name-v1", source, " ".join(unicodedata.normalize("NFC", name).upper().split()))


def encrypt(text: str, *, table: str, column: str, actor: UUID) -> bytes:
    """The text sealed for this very table, column and actor; the same text never gives the same bytes twice."""
    return seal(text.encode(), table=table, column=column, row=actor)


def decrypt(sealed: bytes, *, table: str, column: str, actor: UUID) -> str:
    """The text that was encrypted for this very table, column and actor. Raises KeyRefused for anything else."""
    return unseal(sealed, table=table, column=column, row=actor).decode()
