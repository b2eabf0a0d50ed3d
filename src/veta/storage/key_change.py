"""Another key in a key's place: made beside it, known to the database before anything is sealed under it.

It may be cut short at any point: the files and the database's fingerprints tell what is left, and it goes on there.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from psycopg.sql import SQL, Identifier

from veta.storage.keys import (
    NEXT,
    KeyRefused,
    Purpose,
    fingerprint,
    forget_keys,
    is_given,
    known_keys,
    made_key,
    path_of,
    require_known_keys,
)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A change that is under way: what is sealed is to be opened with `old` and sealed with `new`."""

    table: str
    purpose: Purpose
    old: bytes
    new: bytes


def begin(table: str, purpose: Purpose) -> KeyChange:
    """Make the new key and tell the database, or take up a change that was cut short. Raises KeyRefused.

    table: the keys' fingerprints. Effects: a file beside the key's, a row; until `end` nothing is written under either.
    """
    if variable := is_given(purpose):
        raise KeyRefused(
            f"La clave viene de {variable}. Póngala en {path_of(purpose, settings.VETA_HOME)}, quite esa variable y"
            " repita: la nueva queda en el mismo archivo."
        )
    known = known_keys(table)
    if purpose not in known:
        raise KeyRefused("Esta base de datos no tiene nada sellado todavía: no hay clave que cambiar.")
    if purpose + NEXT not in known:
        require_known_keys(table, [purpose])
        _insert(table, purpose + NEXT, fingerprint(made_key(_next_path(purpose))))
        known = known_keys(table)
    here = path_of(purpose, settings.VETA_HOME)
    old = _found([here, *here.parent.glob(f"{purpose}.old-*.key")], known[purpose])
    return KeyChange(table, purpose, old, _found([_next_path(purpose), here], known[purpose + NEXT]))


def end(change: KeyChange) -> Path:
    """Put the new key in the old one's place; the file where the old one stays. Call it once nothing needs that one.

    The connection is the owner's: the fingerprint is the only row of its table that is ever replaced.
    """
    here = path_of(change.purpose, settings.VETA_HOME)
    kept = here.with_name(f"{change.purpose}.old-{fingerprint(change.old).hex()[:8]}.key")
    if _next_path(change.purpose).exists():
        with suppress(FileExistsError):
            os.link(here, kept)
        os.replace(_next_path(change.purpose), here)
        _flush(here.parent)
    table = Identifier(change.table)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        cursor.execute(
            SQL("UPDATE {} SET fingerprint = %s, recorded_at = now() WHERE purpose = %s").format(table),
            [fingerprint(change.new), change.purpose],
        )
        cursor.execute(SQL("DELETE FROM {} WHERE purpose = %s").format(table), [change.purpose + NEXT])
        cursor.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))
    forget_keys()
    return kept


def _next_path(purpose: Purpose) -> Path:
    here = path_of(purpose, settings.VETA_HOME)
    return here.with_name(f"{purpose}{NEXT}.key")


def _found(files: Iterable[Path], print_: bytes) -> bytes:
    """The key of that fingerprint, in whichever file has it."""
    looked = list(files)
    for path in looked:
        if path.exists() and fingerprint(made_key(path)) == print_:
            return made_key(path)
    raise KeyRefused(
        f"Falta una clave del cambio que quedó a medias; no está en {', '.join(map(str, looked))}. Restáurela de su"
        " copia de seguridad y repita."
    )


def _insert(table: str, purpose: str, print_: bytes) -> None:
    statement = SQL("INSERT INTO {} (purpose, fingerprint) VALUES (%s, %s)").format(Identifier(table))
    with connection.cursor() as cursor:
        cursor.execute(statement, [purpose, print_])


def _flush(folder: Path) -> None:
    """A file's new name is on the disk before the database says so."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
