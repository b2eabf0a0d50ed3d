"""Where a device's chain does not hold: records that never came, one that does not follow, a clock that went back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import connection

from veta.node.domain.records import FIRST
from veta.node.models.records import link_of

Break = Literal["missing", "fork", "clock"]
# A record out of its turn came later than one that follows it: what counts is the chain as it stands now.
_BREAKS = """
SELECT device.id, device.name, one.sequence, one.before, one.follows, one.link_before, one.captured_at, one.at_before
FROM node_device AS device
CROSS JOIN LATERAL (
    SELECT sequence, follows, captured_at, lag(sequence, 1, 0::bigint) OVER walk AS before,
        lag(link, 1, %(first)s::bytea) OVER walk AS link_before, lag(captured_at) OVER walk AS at_before
    FROM node_businessrecord WHERE device_id = device.id
    WINDOW walk AS (ORDER BY sequence)
) AS one
WHERE device.client_id = %(client)s
    AND (one.sequence <> one.before + 1 OR one.follows <> one.link_before OR one.captured_at < one.at_before)
ORDER BY device.id, one.sequence
"""


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """A break before a device's record `sequence`: `missing` counts those that never came, 0 where none is missing."""

    device: UUID
    device_name: str
    kind: Break
    sequence: int
    missing: int
    captured_at: datetime


def breaks_of(client: UUID) -> list[ChainBreak]:
    """Every break in the chains of a client's devices, by device and place; empty where each chain holds."""
    with connection.cursor() as cursor:
        cursor.execute(_BREAKS, {"client": client, "first": link_of(FIRST)})
        rows = cursor.fetchall()
    found = []
    for device, name, sequence, before, follows, link, at, _at_before in rows:
        kind: Break = "missing" if sequence != before + 1 else "fork" if follows != link else "clock"
        found.append(ChainBreak(device, name, kind, sequence, sequence - before - 1, at))
    return found
