"""A deployment's secret keys: to encrypt identities and look them up, for codes and cards, for the raw items.

A key comes from the environment (`VETA_IDENTITY_KEY`, `VETA_LOOKUP_KEY`, `VETA_CONSENT_KEY`, `VETA_ITEMS_KEY`: 32
bytes in base64url) or from `VETA_HOME/keys/NAME.key`, made at first use, readable by its owner only. A database
remembers the fingerprints of the keys it was written with: a lost key is an error, never a new one.
"""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connection
from psycopg.sql import SQL, Identifier

from veta.kernel.errors import DomainError
from veta.storage.key_file import made_once

Purpose = Literal["identity", "lookup", "consent", "items"]
PURPOSES: tuple[Purpose, ...] = ("identity", "lookup", "consent", "items")
_VARIABLES = {purpose: f"VETA_{purpose.upper()}_KEY" for purpose in PURPOSES}
_BYTES = 32
NEXT = ".next"


class KeyRefused(DomainError):
    """A key that cannot be read, or that is not the one the database was written with."""

    code = "IDE-009"


def key_of(purpose: Purpose) -> bytes:
    """The 32 bytes of a key; made and stored where neither environment nor file has it."""
    return _key(purpose, os.environ.get(_VARIABLES[purpose], ""), settings.VETA_HOME)


def require_same_keys(table: str, purposes: Iterable[Purpose]) -> None:
    """Refuse to write identities under keys other than the database's own; the first write fixes them.

    table: its keys' fingerprints, one row a purpose. Raises KeyRefused: another key, or none where one is known, and
    none is made then. Effects: inserts the fingerprints that it has not.
    """
    known, asked = known_keys(table), tuple(purposes)
    _require(known, asked)
    new = {str(purpose): fingerprint(key_of(purpose)) for purpose in asked if purpose not in known}
    if new:
        insert = (
            "INSERT INTO {} (purpose, fingerprint) SELECT * FROM unnest(%s::text[], %s::bytea[]) ON CONFLICT DO NOTHING"
        )
        with connection.cursor() as cursor:
            cursor.execute(SQL(insert).format(Identifier(table)), [list(new), list(new.values())])
        _require(known_keys(table), asked)


def require_known_keys(table: str, purposes: Iterable[Purpose]) -> None:
    """Refuse to begin without the keys that the database was written under, if it was; makes and writes nothing.

    Raises KeyRefused. A database of before its first migration has no such table, and knows no key.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        (there,) = cursor.fetchone()
    if there:
        _require(known_keys(table), purposes)


def _require(known: Mapping[str, bytes], purposes: Iterable[Purpose]) -> None:
    """Each key that is known is here, and is that one."""
    asked = [purpose for purpose in purposes if purpose in known]
    if any(f"{purpose}{NEXT}" in known for purpose in asked):
        raise KeyRefused(
            "Hay un cambio de clave a medias en esta base de datos: termínelo con «veta node keys rotate» y repita."
        )
    lost = [purpose for purpose in asked if not _at_hand(purpose)]
    if lost:
        files = ", ".join(str(path_of(purpose, settings.VETA_HOME)) for purpose in lost)
        raise KeyRefused(
            f"Falta la clave con que se escribió esta base de datos: {files}. Restáurela de su copia de seguridad y"
            " repita: sin ella no se puede leer ni encontrar a nadie, y Veta no hace otra en su lugar."
        )
    wrong = [purpose for purpose in asked if known[purpose] != fingerprint(key_of(purpose))]
    if wrong:
        raise KeyRefused(
            f"Las claves {', '.join(wrong)} no son las de esta base de datos. Restaure VETA_HOME/keys de su copia:"
            " con otras claves no se podría leer ni encontrar a nadie."
        )


def _at_hand(purpose: Purpose) -> bool:
    return bool(is_given(purpose)) or path_of(purpose, settings.VETA_HOME).exists()


def path_of(purpose: Purpose, home: Path | str) -> Path:
    """The file of a key."""
    return Path(home) / "keys" / f"{purpose}.key"


def known_keys(table: str) -> dict[str, bytes]:
    """The fingerprints that a database keeps, by purpose; `NEXT` after one of which a change is under way."""
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT purpose, fingerprint FROM {}").format(Identifier(table)))
        return {purpose: bytes(value) for purpose, value in cursor.fetchall()}


def fingerprint(key: bytes) -> bytes:
    """What tells one key from another and says nothing of it."""
    return hmac.digest(key, b"veta-key-fingerprint-v1", "sha256")


@lru_cache(maxsize=64)
def _key(purpose: Purpose, given: str, home: Path | str) -> bytes:
    if given:
        return _decoded(given.encode(), _VARIABLES[purpose])
    return made_key(path_of(purpose, home))


def made_key(path: Path) -> bytes:
    """The key in a file, made at first use."""
    return _decoded(made_once(path, lambda: base64.urlsafe_b64encode(secrets.token_bytes(_BYTES))), path.name)


def is_given(purpose: Purpose) -> str:
    """The variable that a key comes from, where it comes from one."""
    return _VARIABLES[purpose] if os.environ.get(_VARIABLES[purpose]) else ""


def forget_keys() -> None:
    """Read keys from their files again."""
    _key.cache_clear()


def _decoded(text: bytes, name: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _BYTES:
        raise KeyRefused(f"La clave «{name}» no tiene 32 bytes en base64url. Restáurela de su copia de seguridad.")
    return key
