"""The authority's deployment: its table, its roles granted by two persons, its navigation."""

from enum import StrEnum
from functools import partial
from uuid import UUID

from django.utils.functional import Promise

from veta.site.deployment import Deployment
from veta.site.permissions import PERMISSIONS
from veta.site.queries import roles_in_force
from veta.site.roles import LABELS
from veta.site.templatetags.site_nav import ENTRIES, OPEN
from veta.storage.keys import PURPOSES, require_known_keys


def guarded(user: UUID) -> bool:
    """Every role of the authority demands a second factor."""
    return bool(roles_in_force(user))


AUTHORITY = Deployment(
    permissions=PERMISSIONS,
    labels=dict[StrEnum, Promise](LABELS.items()),
    open_entries=OPEN,
    entries=ENTRIES,
    roles_of=lambda user: frozenset(roles_in_force(user)),
    guarded=guarded,
    # Of the registry, whose every person is written under them.
    ready=partial(require_known_keys, "registry_identitykey", PURPOSES),
)
