"""The publisher: it seals acts, integrates what was numbered, asks the witnesses, publishes (ADR 0067).

A process of its own, so that neither a slow disk nor a silent witness holds up the numbering. One at a time, the holder
of an advisory lock; the head's compare-and-swap holds even without it.
"""

import logging
import time
from collections.abc import Callable
from threading import Event
from typing import Any

import psycopg
from django.db import connection, transaction

from veta.operators.services.hub_keys import hub_signer
from veta.storage.connection import plain_connection
from veta.storage.keys import KeyRefused
from veta.transparency import files as places
from veta.transparency import keys
from veta.transparency.domain.tiles import HEIGHT, Tile
from veta.transparency.integrate import HeadMoved, Integrator, LogBroken, read_head
from veta.transparency.sealing import RowDigests, Sealer
from veta.transparency.witnesses import Witnesses

LOCK = 0x7665746100000002  # "veta", 2: the publisher's advisory lock
EVERY_SECONDS = 1.0  # a leaf is in a checkpoint within two seconds of its number
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)

_NOTE = "SELECT note FROM transparency_checkpoint WHERE size = %s"
_LINES = "SELECT line FROM transparency_cosignature WHERE checkpoint_id = %s ORDER BY witness"
_COSIGNED = """
INSERT INTO transparency_cosignature (checkpoint_id, witness, line) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
_KEYS = """
SELECT vkey FROM transparency_log_key WHERE number NOT IN (SELECT key_id FROM transparency_log_key_retired)
ORDER BY number
"""
_PUBLISH = "UPDATE transparency_head SET published = %s WHERE published < %s"

log = logging.getLogger(__name__)
Session = psycopg.Connection[Any]


def run(stop: Event, *, row_digests: RowDigests, connect: Callable[[], Session] | None = None) -> None:
    """Seal, integrate and publish until `stop` is set; wait for the lock, the database and the disk when they are away.

    Where what is stored contradicts what was signed it says so, signs nothing, and looks again later.
    """
    failures = 0
    while not stop.is_set():
        try:
            with (connect or _connect)() as session:
                if _hold_lock(stop, session):
                    publisher = Publisher(session, sealer=_sealer(session, row_digests))
                    failures = 0
                    publisher.until(stop)
        except HeadMoved:
            log.warning("publisher: the head was moved by another; the tree is read again")
        except (psycopg.Error, OSError, LogBroken, KeyRefused) as error:
            pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
            failures += 1
            log.error("publisher: %s: %s; again in %.1f s", type(error).__name__, error, pause)
            stop.wait(pause)


class Publisher:
    """The work of whoever holds the lock, on the session that holds it."""

    def __init__(self, session: Session, *, sealer: Sealer | None = None) -> None:
        self.session, self.sealer = session, sealer
        self.files = places.TileFiles(places.directory())
        self.witnesses = Witnesses(self.files)
        self._served = False  # until it was written once, whatever the file holds is not ours
        self.integrator = Integrator(session, self.files, _signers())
        self.integrator.load(read_head(session))
        self.publish()

    def until(self, stop: Event) -> None:
        """One round each second."""
        while not stop.is_set():
            started = time.monotonic()
            self._follow_keys()
            while self.sealer is not None and self.sealer.step():
                pass
            while self.integrator.step():
                self.publish()
            self.publish()
            stop.wait(max(0.05, EVERY_SECONDS - (time.monotonic() - started)))

    def _follow_keys(self) -> None:
        live = [vkey for (vkey,) in self.session.execute(_KEYS)]
        if live != [signer.verifier.vkey for signer in self.integrator.signers]:
            self.integrator.signers = _signers()

    def publish(self) -> None:
        """Serve the checkpoint of the head, once the witnesses were asked."""
        head = read_head(self.session)
        row = self.session.execute(_NOTE, (head.size,)).fetchone()
        if row is None or (head.published == head.size and self._served):
            return
        if head.published != head.size:
            self._cosigned(row[0], head.size)
        note = row[0] + "".join(line for (line,) in self.session.execute(_LINES, (head.size,)))
        self.session.execute(_PUBLISH, (head.size, head.size))
        self.files.write_checkpoint(note)
        self._served = True
        self.files.prune(_filled(head.published, head.size))

    def _cosigned(self, note: str, size: int) -> None:
        """Keep what the witnesses say of a checkpoint; of the tree of nothing there is nothing to say."""
        for witness, line in (self.witnesses.cosign(note, size) if size else {}).items():
            self.session.execute(_COSIGNED, (size, witness, line))


def _filled(before: int, after: int) -> list[Tile]:
    """The tiles that were partial at one size and are full at the other."""
    return [
        Tile(level, index)
        for level in range(-1, 64 // HEIGHT)
        if (index := before >> HEIGHT * (max(level, 0) + 1)) < after >> HEIGHT * (max(level, 0) + 1)
    ]


def _signers() -> Any:
    """Django's connection is opened for the keys alone, and closed: this process works on its own session."""
    try:
        with transaction.atomic():
            return keys.signers()
    finally:
        connection.close()


def _sealer(session: Session, row_digests: RowDigests) -> Sealer:
    try:
        return Sealer(session, hub_signer(), row_digests=row_digests)
    finally:
        connection.close()


def _connect() -> Session:
    return plain_connection(autocommit=True)


def _hold_lock(stop: Event, session: Session) -> bool:
    while not stop.is_set():
        row = session.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if row is not None and row[0]:
            return True
        stop.wait(EVERY_SECONDS)
    return False
