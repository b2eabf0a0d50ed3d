"""What a miner is told: each sale in his name, and the undoing of one, by the hub's own channel.

An operator's word is not a person's consent; whoever's name was used hears of it from the hub, never from the buyer.
Notices follow the log: each of its groups is looked at once, in order, however many movements it has, so that a group
writes nothing for them and none is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from veta.kernel.period import bogota_date
from veta.kernel.quantity import text_of
from veta.movements.domain.case import Case
from veta.movements.domain.verdict import Verdict
from veta.movements.store import Rows
from veta.norms.catalogue import catalogue
from veta.registry.queries import contacts_of, names_of
from veta.registry.services.consents import Asserted
from veta.registry.services.messages import MessageNotSent, MessagePort
from veta.storage.arrays import uuids
from veta.storage.connection import plain_cursor

GROUPS_AT_ONCE: Final = 50
Link = Callable[[UUID], str]
_NEXT_GROUPS = """
SELECT max(end_index), coalesce(array_agg(group_id), ARRAY[]::bigint[]) FROM (
    SELECT group_id, end_index FROM transparency_log_group
    WHERE first_index >= (SELECT coalesce(max(until), 0) FROM movements_noticed) ORDER BY first_index LIMIT %s
) AS next
"""
_CONCERNED = """
SELECT v.movement_id FROM movements_verdict AS v JOIN movements_movement AS m ON m.id = v.movement_id
WHERE v.group = ANY (%s::bigint[]) AND v.status = 'accepted' AND m.kind IN ('reversal', 'subsistence_purchase')
"""
_NOTICED = "INSERT INTO movements_noticed (until) VALUES (%s) ON CONFLICT DO NOTHING"
# A reversal is told like the purchase that it undoes: same parties, same lot.
_TOLD = """
SELECT m.id, m.kind, p.author, p.counterparty, l.mineral, a.received, p.occurred_at, p.received_at
FROM movements_movement AS m
JOIN movements_movement AS p ON p.id = CASE m.kind WHEN 'reversal' THEN m.subject ELSE m.id END
JOIN ledger_entry AS e ON e.movement = p.id JOIN ledger_lot AS l ON l.account = e.target
JOIN ledger_account AS a ON a.id = l.account JOIN movements_verdict AS v ON v.movement_id = m.id
WHERE m.id = ANY (%s::uuid[]) AND p.kind = 'subsistence_purchase' ORDER BY v.group, v.position
"""
_SAYS: Final = {
    "subsistence_purchase": "reportó que usted le vendió {quantity} {unit} de {mineral}",
    "reversal": "deshizo el reporte de que usted le vendió {quantity} {unit} de {mineral}",
}


def collect(rows: Rows, case: Case, verdict: Verdict) -> None:
    """Note an accepted sale that rests on the buyer's operator alone: counted by buyer, and told to the miner."""
    if verdict.status != "accepted" or all(finding.code != "CON-004" for finding in verdict.findings):
        return
    seller, buyer = case.actors.get("seller"), case.actors.get("buyer")
    if seller is not None and buyer is not None:
        rows.asserted.append(
            Asserted(movement=case.item.id, party=seller, counterparty=buyer, operator=case.operator)
        )  # fmt: skip


def tell_new(*, port: MessagePort, link: Link | None = None) -> list[UUID]:
    """Tell each miner of what the log's next groups say in his name, or undo; returns what could not be sent.

    Effects: records how far the log was read, after the messages: a fault in between tells somebody twice, never
    leaves him out.
    """
    cursor = plain_cursor()
    unsent: list[UUID] = []
    while True:
        until, groups = cursor.execute(_NEXT_GROUPS, (GROUPS_AT_ONCE,)).fetchall()[0]
        if not groups:
            return unsent
        unsent += tell([row[0] for row in cursor.execute(_CONCERNED, (groups,))], port=port, link=link)
        cursor.execute(_NOTICED, (until,))


def tell(movements: Collection[UUID], *, port: MessagePort, link: Link | None = None) -> list[UUID]:
    """Send each miner one message about each movement; returns those whose message could not be sent.

    `link` makes the address of a miner's page, by his id. A miner of whom the registry has no contact is not told.
    """
    rows = plain_cursor().execute(_TOLD, (uuids(movements),)).fetchall() if movements else []
    contacts = contacts_of({row[3] for row in rows})
    names = names_of({row[2] for row in rows})
    unsent: list[UUID] = []
    for movement, kind, buyer, seller, mineral, amount, *instants in rows:
        if seller in contacts:
            try:
                where = f" Vea o responda aquí: {link(seller)}" if link else " Si no fue usted, avise a la ANM."
                port.send(
                    contacts[seller],
                    _text(kind, names.get(buyer, "Un comprador"), mineral, amount) + _when(*instants) + where,
                )
            except MessageNotSent:
                unsent.append(movement)
    return unsent


def _text(kind: str, buyer: str, mineral: str, amount: int) -> str:
    known = catalogue().mineral(mineral)
    quantity, unit, name = (
        (text_of(amount, factor=known.factor), known.unit, known.name) if known else ("", "", mineral)
    )
    says = _SAYS[kind].format(quantity=quantity, unit=unit, mineral=name.lower())
    return f"Veta: {buyer} {says}"


def _when(occurred_at: datetime, received_at: datetime) -> str:
    """On which day it is said to have been, where that is not the day of the report."""
    on = bogota_date(occurred_at)
    return "." if on == bogota_date(received_at) else f", el {on.day}/{on.month}/{on.year}."
