"""What is wrong with something that a client is about to report, as far as this node knows; told before it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from veta.kernel.finding import Finding
from veta.node.domain.local import check
from veta.node.queries.lots import lots_of


def mistakes(client: UUID, payloads: Sequence[Mapping[str, Any]], *, now: datetime) -> list[list[Finding]]:
    """The findings of each item, in order; the client's lots are read once, and only where an item names some."""
    lots = lots_of(client) if any("items" in each or "inputs" in each for each in payloads) else {}
    return [check(each, now=now, lots=lots) for each in payloads]
