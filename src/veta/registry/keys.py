"""The hub's secret keys for identities: to encrypt them, to look them up, for codes and cards, for the raw items.

A key comes from the environment (`VETA_IDENTITY_KEY`, `VETA_LOOKUP_KEY`, `VETA_CONSENT_KEY`, `VETA_ITEMS_KEY`: 32
bytes in base64url) or from `VETA_HOME/keys/NAME.key`, made at first use, readable by its owner only. A database
remembers the fingerprint of the keys it was written with, so that a lost key is an error and never a new one made in
silence.
"""

import base64
import binascii
import hmac
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db import connection

from veta.kernel.errors import DomainError

Purpose = Literal["identity", "lookup", "consent", "items"]
PURPOSES: tuple[Purpose, ...] = ("identity", "lookup", "consent", "items")
_VARIABLES = {purpose: f"VETA_{purpose.upper()}_KEY" for purpose in PURPOSES}
_BYTES = 32


class KeyRefused(DomainError):
    """A key that cannot be read, or that is not the one the database was written with."""

    code = "IDE-009"


def key_of(purpose: Purpose) -> bytes:
    """The 32 bytes of a key; made and stored (0600, directory 0700) where neither environment nor file has it."""
    return _key(purpose, os.environ.get(_VARIABLES[purpose], ""), settings.VETA_HOME)


@lru_cache(maxsize=64)
def _key(purpose: Purpose, given: str, home: Path | str) -> bytes:
    if given:
        return _decoded(given, _VARIABLES[purpose])
    path = Path(home) / "keys" / f"{purpose}.key"
    if not path.exists():
        _create(path)
    return _decoded(path.read_text(encoding="ascii"), path.name)


def _decoded(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _BYTES:
        raise KeyRefused(f"La clave «{name}» no tiene 32 bytes en base64url. Restáurela de su copia de seguridad.")
    return key


def _create(path: Path) -> None:
    """Write a new key whole and then link it into place: of two processes at once, one key wins for both."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)


def fingerprint(purpose: Purpose) -> bytes:
    """What tells one key from another and says nothing of it."""
    return hmac.digest(key_of(purpose), b"veta-key-fingerprint-v1", "sha256")


def require_same_keys() -> None:
    """Refuse to write identities under keys other than the database's own; the first write fixes them.

    Raises KeyRefused. Effects: inserts the fingerprints where the database has none.
    """
    names, prints = list(PURPOSES), [fingerprint(purpose) for purpose in PURPOSES]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_identitykey (purpose, fingerprint)"
            " SELECT * FROM unnest(%s::text[], %s::bytea[]) ON CONFLICT DO NOTHING",
            [names, prints],
        )
        cursor.execute("SELECT purpose, fingerprint FROM registry_identitykey")
        known = {purpose: bytes(value) for purpose, value in cursor.fetchall()}
    wrong = [name for name, value in zip(names, prints, strict=True) if known[name] != value]
    if wrong:
        raise KeyRefused(
            f"Las claves {', '.join(wrong)} no son las de esta base de datos. Restaure VETA_HOME/keys de su copia:"
            " con otras claves no se podría leer ni encontrar a nadie."
        )
