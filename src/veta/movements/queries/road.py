"""The road pack of a dispatch: what the norm asks for on the road, and what the dispatch has of it.

DUR 1073 de 2015 art. 2.2.5.6.1.3.1: the RUCOM certificate and a copy of the certificate of origin; of an authorised
producer's own mineral, the certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
import psycopg

from veta.ledger import queries as ledger
from veta.ledger.domain.origin import Origin
from veta.movements import raw

Cursor = psycopg.Cursor[Any]

NORM: Final = "DUR 1073 de 2015 art. 2.2.5.6.1.3.1"
# A subsistence miner gives a declaration instead of a certificate.
OF_ORIGIN: Final = ("origin_certificate", "production_declaration")
_SENT = """
SELECT m.id, m.author, m.operator, m.occurred_at, m.received_at, coalesce(e.outcome, v.status), p.municipality,
    e.step, r.key_seed, r.ciphertext, g.first_index + v.position
FROM movements_movement AS m JOIN movements_verdict AS v ON v.movement_id = m.id
JOIN movements_pending AS p ON p.movement_id = m.id LEFT JOIN movements_pendingend AS e ON e.movement_id = m.id
LEFT JOIN movements_rawitem AS r ON r.movement_id = m.id
LEFT JOIN transparency_log_group AS g ON g.group_id = v.group
WHERE m.id = %s AND m.kind = 'dispatch'
"""
_LINES = "SELECT lot, amount FROM movements_pendingline WHERE movement = %s ORDER BY position"


class Load(NamedTuple):
    """So much of a lot on the road, in its mineral's smallest unit, its origins, and how it stands now."""

    lot: UUID
    mineral: str
    amount: int
    accreditation: str
    origins: tuple[Origin, ...]
    fineness: int | None = None  # thousandths of ‰
    suspended: bool = False


class Asked(NamedTuple):
    """A document that the norm asks for on the road, with its number and date where the dispatch brings it. The RUCOM
    certificate is the registry's to print, of the holder on that day."""

    document: str
    norm: str
    number: str | None
    issued_on: str | None


@dataclass(frozen=True, slots=True)
class RoadPack:
    """A dispatch as whoever stops the truck needs it. `state`: pending while it is on the road, accepted once received,
    withdrawn where it came back. `carrier`, `vehicle` and documents are None where the words were erased."""

    dispatch: UUID
    holder: UUID
    occurred_at: datetime
    state: str
    origin_municipality: str | None
    to_municipality: str | None
    to_facility: str | None
    carrier: dict[str, str] | None
    vehicle: str | None
    loads: tuple[Load, ...]
    documents: tuple[Asked, ...]
    receipt: UUID | None
    number: int | None


def road_pack(cursor: Cursor, dispatch: UUID) -> RoadPack | None:
    """The road pack of a dispatch; None where there is none of that id, or it was refused."""
    row = cursor.execute(_SENT, (dispatch,)).fetchone()
    if row is None:
        return None
    id, holder, _, occurred_at, _, state, municipality, step, seed, ciphertext, number = row
    words = orjson.loads(raw.unseal(bytes(seed), bytes(ciphertext))) if ciphertext is not None else {}
    return RoadPack(
        dispatch=id, holder=holder, occurred_at=occurred_at, state=state,
        origin_municipality=words.get("place", {}).get("municipality"), to_municipality=municipality,
        to_facility=words.get("to", {}).get("facility"), carrier=words.get("carrier"), vehicle=words.get("vehicle"),
        loads=_loads(cursor, id), documents=_documents(words.get("evidence", ())),
        receipt=step if state == "accepted" else None, number=number,
    )  # fmt: skip


def _documents(evidence: Any) -> tuple[Asked, ...]:
    brought = [Asked(e["type"], NORM, e["number"], e["issued_on"]) for e in evidence if e["type"] in OF_ORIGIN]
    return (Asked("rucom_certificate", NORM, None, None), *(brought or [Asked(OF_ORIGIN[0], NORM, None, None)]))


def _loads(cursor: Cursor, dispatch: UUID) -> tuple[Load, ...]:
    lines = cursor.execute(_LINES, (dispatch,)).fetchall()
    lots = ledger.lots(cursor, {lot for lot, _ in lines})
    return tuple(_load(cursor, lots[lot], amount) for lot, amount in lines)


def _load(cursor: Cursor, row: ledger.LotRow, amount: int) -> Load:
    return Load(
        lot=row.account, mineral=row.commodity, amount=amount, accreditation=row.accreditation,
        origins=_origins(cursor, row.account), fineness=row.fineness, suspended=bool(row.suspensions),
    )  # fmt: skip


def _origins(cursor: Cursor, lot: UUID) -> tuple[Origin, ...]:
    found = ledger.origins_of(cursor, lot)
    known = ledger.origins(cursor, found.origins) if found is not None else {}
    return tuple(known[origin] for origin in found.origins) if found is not None else ()
