"""What differs between the deployments that share this site: who may call what, their roles, their navigation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from veta.site.access import Row

Entries = tuple[tuple[str, Promise], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment: its table of permissions, its roles by name, and the pages of its main navigation.

    `open_entries` are shown to strangers, `entries` to who signed in, as far as the table lets them. `roles_of` reads
    the roles that an account holds now; `guarded` says whether these oblige it to keep a second factor. `ready` raises
    a DomainError, with its remedy, where nothing may be begun as the database and its keys stand.
    """

    permissions: Mapping[str, Row]
    labels: Mapping[StrEnum, Promise]
    open_entries: Entries
    entries: Entries
    roles_of: Callable[[UUID], frozenset[StrEnum]]
    guarded: Callable[[UUID], bool]
    ready: Callable[[], None] = lambda: None


def deployment() -> Deployment:
    """The one that the settings name."""
    found: Deployment = import_string(settings.DEPLOYMENT)
    return found
