"""What a miner is told: a sale that only the buyer asserts, and the undoing of one, by the hub's own channel.

An operator's word is not a person's consent; whoever's name was used hears of it from the hub, never from the buyer.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import connection
from procrastinate.contrib.django import app

from veta.kernel.quantity import text_of
from veta.ledger.arrays import uuids
from veta.movements.domain.case import Case
from veta.movements.domain.verdict import Verdict
from veta.movements.store import Rows
from veta.norms.catalogue import catalogue
from veta.registry.queries import contacts_of, names_of
from veta.registry.services.consents import Asserted, record_asserted
from veta.registry.services.messages import MessagePort

JOB: Final = "veta.hub.tasks.tell_miners"
# A reversal is told like the purchase that it undoes: same parties, same lot.
_TOLD = """
SELECT m.id, m.kind, p.author, p.counterparty, l.mineral, a.received
FROM movements_movement AS m
JOIN movements_movement AS p ON p.id = CASE m.kind WHEN 'reversal' THEN m.subject ELSE m.id END
JOIN ledger_entry AS e ON e.movement = p.id JOIN ledger_lot AS l ON l.account = e.target
JOIN ledger_account AS a ON a.id = l.account
WHERE m.id = ANY (%s::uuid[]) AND p.kind = 'subsistence_purchase'
"""
_SAYS: Final = {
    "subsistence_purchase": "reportó que usted le vendió {quantity} {unit} de {mineral}",
    "reversal": "deshizo el reporte de que usted le vendió {quantity} {unit} de {mineral}",
}


def collect(rows: Rows, case: Case, verdict: Verdict) -> None:
    """Note what an accepted movement means for a miner who did not speak for himself."""
    if verdict.status != "accepted":
        return
    item, seller, buyer = case.item, case.actors.get("seller"), case.actors.get("buyer")
    if item.kind == "reversal" and case.target is not None and case.target.kind == "subsistence_purchase":
        rows.told.append(item.id)
    elif any(finding.code == "CON-004" for finding in verdict.findings) and seller is not None and buyer is not None:
        rows.asserted.append(Asserted(movement=item.id, party=seller, counterparty=buyer, operator=case.operator))
        rows.told.append(item.id)


def record(cursor: psycopg.Cursor[Any], rows: Rows) -> None:
    """Keep the asserted sales, to be counted by buyer, and enqueue the messages in the group's own transaction."""
    if rows.asserted:
        record_asserted(cursor, rows.asserted)
    if rows.told:
        app.configure_task(JOB).defer(movements=[str(movement) for movement in rows.told])


def tell(movements: Collection[UUID], *, port: MessagePort) -> int:
    """Send each miner one message about each movement; returns how many had a contact to be told by."""
    connection.ensure_connection()
    cursor: psycopg.Cursor[Any] = psycopg.Cursor(connection.connection)
    rows = cursor.execute(_TOLD, (uuids(movements),)).fetchall()
    contacts = contacts_of({row[3] for row in rows})
    names = names_of({row[2] for row in rows})
    told = [row for row in rows if row[3] in contacts]
    for _, kind, buyer, seller, mineral, amount in told:
        port.send(contacts[seller], _text(kind, names.get(buyer, "Un comprador"), mineral, amount))
    return len(told)


def _text(kind: str, buyer: str, mineral: str, amount: int) -> str:
    known = catalogue().mineral(mineral)
    quantity, unit, name = (
        (text_of(amount, factor=known.factor), known.unit, known.name) if known else ("", "", mineral)
    )
    says = _SAYS[kind].format(quantity=quantity, unit=unit, mineral=name.lower())
    return f"Veta: {buyer} {says}. Si no fue usted, avise a la ANM."
