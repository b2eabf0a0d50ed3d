"""The node's deployment: its table, its roles, its navigation."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from veta.node.permissions import PERMISSIONS
from veta.node.queries.members import roles_of
from veta.node.roles import LABELS, NodeRole
from veta.node.services.identities import require_known_keys
from veta.site.deployment import Deployment, Entries

ENTRIES: Entries = (
    ("home", _("Inicio")),
    ("node_desk", _("Mesa del operador")),
    ("mfa_index", _("Mi seguridad")),
)


def guarded(user: UUID) -> bool:
    """The operator's desk sees every client: it keeps a second factor."""
    return NodeRole.DESK in roles_of(user)


NODE = Deployment(
    permissions=PERMISSIONS,
    labels=LABELS,
    open_entries=(),
    entries=ENTRIES,
    roles_of=roles_of,
    guarded=guarded,
    ready=require_known_keys,
)
