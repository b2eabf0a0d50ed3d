"""What is checked afterwards, over everything that the database holds: the ledger, the verdicts, the numbering."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from veta.ledger.audit import run as audit
from veta.movements.replay import replay
from veta.storage.connection import plain_connection
from veta.storage.keys import key_of
from veta.transparency.files import directory
from veta.transparency.integrate import numbered
from veta.transparency.queries import Numbering, checkpoint, numbering
from veta.transparency.verifier import signed
from veta.transparency.verifier.database import verify
from veta.transparency.verifier.report import Report

# The sequencer follows the commits by less than a second; it is given this long before its delay counts as a fault.
PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was looked at, and how much is wrong; nothing wrong is what must be."""

    looked_at: int
    wrong: int
    words: tuple[str, ...] = ()


def ledger() -> Checked:
    """Every invariant of the ledger, by the audit's own queries, on one snapshot."""
    with plain_connection(autocommit=True) as connection, connection.cursor() as cursor:
        audit.begin(cursor)
        results = list(audit.run(cursor, audit.checks()))
        cursor.execute("COMMIT")
    broken = [result for result in results if result.wrong]
    words = tuple(f"{result.check.title}: {result.wrong} filas" for result in broken)
    return Checked(len(results), sum(result.wrong for result in broken), words)


def verdicts(*, advance: Callable[[], None]) -> Checked:
    """Every stored verdict decided again from its own facts; those of older rules may differ, and are told apart."""
    looked_at, wrong, words = 0, 0, []
    for replayed in replay():
        looked_at += 1
        if not replayed.same and replayed.under_todays_rules:
            wrong += 1
            words.append(f"El veredicto de {replayed.movement} ya no se decide igual.")
        advance()
    return Checked(looked_at, wrong, tuple(words[:5]))


def numbers() -> Checked:
    """Every committed leaf has its number, and the numbers have no gaps."""
    limit = time.monotonic() + PATIENCE
    with plain_connection(autocommit=True) as connection, connection.cursor() as cursor:
        found = numbering(cursor)
        while found.numbered < found.committed and time.monotonic() < limit:
            time.sleep(0.2)
            found = numbering(cursor)
    return Checked(found.numbered, found.gaps + found.committed - found.numbered, _said(found))


@dataclass(frozen=True, slots=True)
class Published:
    """The public log, read again by code that shares nothing with who wrote it, and its checkpoint as it is served."""

    checked: Checked
    checkpoint: str
    cosigned: bool


def public_log(witness: str | None) -> Published:
    """Wait until everything numbered is published, and verify all of it; the witness named must have cosigned."""
    limit = time.monotonic() + PATIENCE
    with plain_connection(autocommit=True) as connection, connection.cursor() as cursor:
        served = checkpoint(cursor)
        while (served is None or served.size < numbered(connection)) and time.monotonic() < limit:
            time.sleep(0.2)
            served = checkpoint(cursor)
    report = Report()
    with plain_connection() as connection:
        verify(connection, report, directory=directory(), items_key=key_of("items"))
    note = served.note if served is not None else ""
    cosigned = witness is None or (bool(note) and signed.says(signed.note(note), signed.key(witness)) is True)
    words = [f"{fault.record}: {fault.what}" for fault in report.faults[:5]]
    words += [] if cosigned else ["El testigo no firmó el punto de control que se publica."]
    return Published(Checked(report.looked["tree"], len(report.faults) + (not cosigned), tuple(words)), note, cosigned)


def _said(found: Numbering) -> tuple[str, ...]:
    unnumbered = found.committed - found.numbered
    gaps = (f"Hay {found.gaps} saltos en la numeración.",) if found.gaps else ()
    return (*gaps, f"Quedan {unnumbered} hojas sin número.") if unnumbered else gaps
