"""The record of an application: what file, by whom, and the hash of each row, by which it is applied once."""

from datetime import date
from typing import Any

import orjson
from django.db import connection

from veta.kernel.ids import uuid7
from veta.registry.domain import Act
from veta.registry.importers.rows import Preview
from veta.registry.recording import insert
from veta.registry.refusals import act_findings, refuse_if_any


def import_act(preview: Preview[Any], *, by: str, approved_by: str) -> Act:
    """The act of an import: the file by its name and digest, proposed by one officer and approved by another.

    Raises RegistryRefused REG-002, REG-003.
    """
    reference = f"{preview.file_name[:80]} sha256:{preview.file_digest.hex()}"
    act = Act(reference=reference, source=preview.source, recorded_by=by, approved_by=approved_by)
    refuse_if_any(act_findings(act, two_persons=True))
    return act


def lock_source(source: str) -> None:
    """Let one application of a source run at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"registry.import.{source}"])


def record_run(preview: Preview[Any], *, by: str, approved_by: str, cut_date: date | None, changed: bool) -> int:
    """Record the run and the rows not applied before; returns how many these are. No run where nothing was new."""
    import_act(preview, by=by, approved_by=approved_by)
    hashes = {row.digest(preview.source): row.line for row, _ in preview.accepted()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM registry_importedrow WHERE hash = ANY(%s::bytea[])", [list(hashes)])
        known = {bytes(found) for (found,) in cursor.fetchall()}
        new = {found: line for found, line in hashes.items() if found not in known}
        if not new and not changed:
            return 0
        run = uuid7()
        cursor.execute(
            "INSERT INTO registry_importrun (id, source, file_name, file_digest, cut_date, counts, recorded_by,"
            " approved_by) VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s)",
            [
                run,
                preview.source,
                preview.file_name[:200],
                preview.file_digest,
                cut_date,
                orjson.dumps({**preview.counts(), "new": len(new)}).decode(),
                by,
                approved_by,
            ],
        )
    return insert("registry_importedrow", [{"hash": found, "run_id": run, "line": line} for found, line in new.items()])
