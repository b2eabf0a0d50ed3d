"""An operator is told out of band of what touches its keys and its webhook, where the registry holds a contact."""

import logging
from uuid import UUID

from veta.operators.queries import operator_named
from veta.registry.queries import contacts_of
from veta.registry.services.messages import MessageNotSent, message_port

log = logging.getLogger("veta.api")


def tell_operator(operator: UUID, what: str) -> None:
    """Tell the operator: whoever stole a key of it cannot stop that. What cannot be sent is logged, never an error."""
    named = operator_named(operator)
    contact = contacts_of([named.actor]).get(named.actor) if named.actor is not None else None
    if contact is None:
        log.warning("operator %s has no contact to be told that %s", named.code, what)
        return
    try:
        message_port().send(contact, f"Veta: en {named.code} {what}. Si no fue usted, avise ya a la ANM.")
    except MessageNotSent:
        log.warning("operator %s could not be told that %s", named.code, what)
