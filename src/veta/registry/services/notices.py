"""What the hub tells a person by itself of what others reported of it: a lent name hears of each use."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from veta.kernel.quantity import text_of
from veta.norms.catalogue import catalogue
from veta.registry.messages import MessagePort
from veta.registry.queries.actors import contacts_of, names_of
from veta.registry.queries.arrays import uuids
from veta.registry.services.consents import Asserted


def tell_of_asserted(asserted: Asserted, *, mineral: str, amount: int, port: MessagePort) -> bool:
    """Tell a person of a sale that was reported without its consent; returns whether there was a contact to tell.

    Call it after the movement is committed. `amount` is in the mineral's smallest unit. Raises MessageNotSent.
    """
    contact = contacts_of([asserted.party]).get(asserted.party)
    if contact is None:
        return False
    port.send(contact, _text(asserted, mineral, amount))
    return True


def _text(asserted: Asserted, mineral: str, amount: int) -> str:
    buyer = names_of([asserted.counterparty]).get(asserted.counterparty, "un comprador")
    known = catalogue().mineral(mineral)
    quantity = f"{text_of(amount, factor=known.factor).replace('.', ',')} {known.unit} de {known.name}" if known else ""
    return (
        f"Veta: {buyer} reportó que usted le vendió {quantity}, sin pedirle su código."
        " Si no es cierto, avise a la autoridad minera; su aviso no se muestra al comprador."
    )


def asserted_by_buyer(buyers: Collection[UUID], *, since: datetime) -> Mapping[UUID, int]:
    """How many movements of each buyer rest on an operator's word alone since an instant; none has no key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT counterparty, count(*) FROM registry_assertedconsent"
            " WHERE counterparty = ANY(%s::uuid[]) AND recorded_at >= %s GROUP BY counterparty",
            [uuids(buyers), since],
        )
        return dict(cursor.fetchall())
