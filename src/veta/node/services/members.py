"""Who works in this node: accounts, and the roles that they get and lose."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.errors import DomainError
from veta.node.models import Client, Membership, MembershipEnd
from veta.node.queries.members import memberships_of
from veta.node.roles import NodeRole
from veta.site.models import User
from veta.site.services import create_account


class MemberRefused(DomainError):
    """A role that cannot be given or taken so."""

    code = "NOD-012"


def found_desk(*people: tuple[str, str]) -> list[User]:
    """Make the accounts of the operator's desk (e-mail, name); only where it has nobody yet. Raises MemberRefused."""
    with transaction.atomic():
        if Membership.objects.filter(role=NodeRole.DESK.value, end__isnull=True).exists():
            raise MemberRefused(
                gettext("La mesa del operador ya tiene personas. Ingrese con una de ellas y agregue las demás.")
            )
        return [add_member(email=email, name=name, role=NodeRole.DESK, client=None, by=None) for email, name in people]


def add_member(*, email: str, name: str, role: NodeRole, client: Client | None, by: User | None) -> User:
    """Give a person a role, of one client or on the desk, and an account where there is none. Raises MemberRefused."""
    if (role is NodeRole.DESK) != (client is None):
        raise MemberRefused(gettext("Ese rol no es de un cliente. Elija uno de la lista."))
    with transaction.atomic():
        user = User.objects.filter(email=email.strip().lower()).first()
        user = user or create_account(email=email, name=name, created_by=by)
        if memberships_of(user.id).filter(client=client, role=role.value).exists():
            raise MemberRefused(gettext("Esa persona ya tiene ese rol."))
        Membership.objects.create(user=user, client=client, role=role.value, granted_by=by)
    return user


def end_membership(membership: Membership, *, by: User) -> None:
    """Take a role away, from now on. Raises MemberRefused where it is the desk's last."""
    with transaction.atomic():
        others = Membership.objects.filter(role=NodeRole.DESK.value, end__isnull=True).exclude(pk=membership.pk)
        if membership.role == NodeRole.DESK.value and not others.exists():
            raise MemberRefused(gettext("Es la última persona de la mesa. Agregue otra antes de retirarla."))
        MembershipEnd.objects.get_or_create(membership=membership, defaults={"ended_by": by})
