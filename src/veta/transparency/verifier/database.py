"""The whole verification against a database and a directory of tiles."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from veta.transparency.verifier import log, rows, tiles, written
from veta.transparency.verifier.report import Report

NO_ITEMS_KEY = (
    "Sin la llave de los ítems no se comprobaron las palabras de cada movimiento contra su hoja; todo lo demás sí."
)


def verify(database: psycopg.Connection[Any], report: Report, *, directory: Path, items_key: bytes | None) -> None:
    """Re-read everything on one snapshot of a new connection, and name what is wrong in the report. Effects: none.

    `items_key`: the 32 bytes that open the stored words; without them words are not compared with their leaves.
    """
    with database.transaction(force_rollback=True):
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        check(database, report, directory=directory, items_key=items_key)


def check(database: psycopg.Connection[Any], report: Report, *, directory: Path, items_key: bytes | None) -> None:
    """The same in a transaction of the caller's, with what it changed in it."""
    with database.transaction():
        database.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex'")
        database.execute("SET LOCAL client_encoding = 'UTF8'")
        database.execute("SET LOCAL jit = off")
        found = log.read_log(database, report)
        log.check_tree(database, found, report)
        log.check_index(database, found, report)
        _tiles(database, found, directory, report)
        claimed = rows.Claimed(found)
        rows.check_verdicts(database, found, claimed, items_key, report)
        rows.check_certificates(database, found, claimed, report)
        rows.check_acts(database, claimed, report)
        written.check_written(database, found, claimed, report)
        rows.check_left(claimed, report)
    if items_key is None:
        report.notes.append(NO_ITEMS_KEY)


def _tiles(database: psycopg.Connection[Any], found: log.Log, directory: Path, report: Report) -> None:
    size = database.execute("SELECT size FROM transparency_head").fetchall()[0][0]
    published = database.execute("SELECT published FROM transparency_head").fetchall()[0][0]
    entries: Sequence[bytes] = found.entries[:size]
    tiles.compare(lambda place: _file(directory / place), entries, report, bundles=True)
    tiles.compare_others(directory, report)
    served = _file(directory / "checkpoint")
    report.saw("tiles")
    if size and published == size and served != found.served.encode():
        report.wrong("tiles", "checkpoint", "el archivo no es el punto de control que se publica")


def _file(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
