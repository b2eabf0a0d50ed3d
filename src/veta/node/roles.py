"""The roles of the node: the operator's own desk, and the people of each client."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class NodeRole(StrEnum):
    """What a person is to this node. `desk` is the operator's, for every client; the others are of one client each."""

    DESK = "desk"
    OWNER = "owner"
    COUNTER = "counter"
    ACCOUNTANT = "accountant"


LABELS: dict[StrEnum, Promise] = {
    NodeRole.DESK: _("Mesa del operador"),
    NodeRole.OWNER: _("Responsable del cliente"),
    NodeRole.COUNTER: _("Mostrador"),
    NodeRole.ACCOUNTANT: _("Contabilidad"),
}
OF_A_CLIENT = (NodeRole.OWNER, NodeRole.COUNTER, NodeRole.ACCOUNTANT)
