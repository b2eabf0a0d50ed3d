"""A client's branches: opened, given another facility or none, and closed; what they were stays."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.errors import DomainError
from veta.node.models import Branch, BranchClosing, BranchFacility, Client
from veta.node.queries.branches import facilities
from veta.node.services.capture import lock
from veta.site.models import User


class BranchRefused(DomainError):
    """A branch cannot be changed so: the message says why."""

    code = "NOD-016"


def open_branch(client: Client, *, name: str, municipality: str, facility: str) -> Branch:
    """Record a place of the client's."""
    return Branch.objects.create(client=client, name=name, municipality=municipality, facility=facility)


def change_facility(branch: Branch, facility: str, *, by: User) -> None:
    """Give an open branch another plant, store or mine, or none (empty); the same again changes nothing.

    Raises BranchRefused for one that closed. Effects: what is captured there from now on says it; records stay.
    """
    with transaction.atomic():
        lock(branch.client)
        _require_open(branch)
        if facilities([branch])[branch.id] != facility.strip():
            BranchFacility.objects.create(branch=branch, facility=facility.strip(), recorded_by=by)


def close_branch(branch: Branch, *, last_day: date, today: date, by: User) -> BranchClosing:
    """Close a branch; `last_day`, not after today, is the last that it was open. It is not opened again.

    Raises BranchRefused where it closed already, or the day has not come. Effects: nothing new is captured there, nor
    on its scales; its records, scales and devices stay as they are.
    """
    if last_day > today:
        raise BranchRefused(gettext("Ese día no ha llegado. Escriba el último día que abrió, o ciérrela ese día."))
    with transaction.atomic():
        lock(branch.client)
        _require_open(branch)
        return BranchClosing.objects.create(branch=branch, last_day=last_day, recorded_by=by)


def _require_open(branch: Branch) -> None:
    if BranchClosing.objects.filter(branch=branch).exists():
        raise BranchRefused(gettext("Esa sede ya cerró. Si volvió a abrir, agréguela de nuevo."))
