"""The database remembers the fingerprints of the keys it was written with: a lost key is an error, never a new one."""

import hmac

from django.db import connection

from veta.storage.keys import PURPOSES, KeyRefused, key_of


def require_same_keys() -> None:
    """Refuse to write identities under keys other than the database's own; the first write fixes them.

    Raises KeyRefused. Effects: inserts the fingerprints where the database has none.
    """
    prints = {purpose: _fingerprint(key_of(purpose)) for purpose in PURPOSES}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_identitykey (purpose, fingerprint)"
            " SELECT * FROM unnest(%s::text[], %s::bytea[]) ON CONFLICT DO NOTHING",
            [list(prints), list(prints.values())],
        )
        cursor.execute("SELECT purpose, fingerprint FROM registry_identitykey")
        known = {purpose: bytes(value) for purpose, value in cursor.fetchall()}
    wrong = [purpose for purpose, value in prints.items() if known[purpose] != value]
    if wrong:
        raise KeyRefused(
            f"Las claves {', '.join(wrong)} no son las de esta base de datos. Restaure VETA_HOME/keys de su copia:"
            " con otras claves no se podría leer ni encontrar a nadie."
        )


def _fingerprint(key: bytes) -> bytes:
    """What tells one key from another and says nothing of it."""
    return hmac.digest(key, b"veta-key-fingerprint-v1", "sha256")
