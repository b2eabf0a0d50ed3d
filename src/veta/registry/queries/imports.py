"""What the registry's desk reads of uploaded files: those that wait, those decided, and what becomes of each row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from veta.registry.queries.reading import read_rows
from veta.storage.sealing import unseal

LAST = UUID(int=2**128 - 1)
_UPLOADS = """
SELECT p.id, p.kind, p.file_name, p.file_digest, p.cut_date, p.counts, p.proposed_by, p.recorded_at,
    d.decided_by, d.decision, d.reason, d.applied, d.recorded_at
FROM registry_importproposal AS p LEFT JOIN registry_importdecision AS d ON d.proposal_id = p.id
WHERE {which} ORDER BY p.id DESC LIMIT %s
"""


class Upload(NamedTuple):
    """A file as one person uploaded it, with the decision of another where there is one."""

    id: UUID
    kind: str
    file_name: str
    digest: bytes
    cut_date: date
    counts: Mapping[str, int]
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decision: str | None
    reason: str | None
    applied: Mapping[str, int] | None
    decided_at: datetime | None


class RowReport(NamedTuple):
    """What becomes of one row: `says` are its cells, the document's digits hidden but the last three."""

    line: int
    status: str
    says: str
    why: str


def uploads(*, pending: bool, after: UUID = LAST, limit: int) -> list[Upload]:
    """A page of the files that nobody decided on yet, or of those decided, the newest first."""
    which = f"d.proposal_id IS {'' if pending else 'NOT '}NULL AND p.id < %s"
    return [Upload(*row) for row in read_rows(_UPLOADS.format(which=which), [after, limit])]


def upload(id: UUID) -> Upload | None:
    """One file; None where there is none."""
    found = read_rows(_UPLOADS.format(which="p.id = %s"), [id, 1])
    return Upload(*found[0]) if found else None


def report_of(id: UUID) -> list[RowReport]:
    """What becomes of each row, as it was when the file was uploaded; nothing once it was decided on."""
    found: list[tuple[Any, ...]] = read_rows("SELECT report FROM registry_importfile WHERE proposal_id = %s", [id])
    if not found:
        return []
    plain = unseal(found[0][0], table="registry_importfile", column="report", row=id)
    return [RowReport(*row) for row in orjson.loads(plain)]
