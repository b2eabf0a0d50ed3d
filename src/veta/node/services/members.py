"""Who works in this node: accounts, and the roles that they get and lose."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext

from veta.kernel.errors import DomainError
from veta.node.models import Client, Membership, MembershipEnd
from veta.node.queries.members import memberships_of
from veta.node.roles import NodeRole
from veta.site.models import User
from veta.site.services import create_account, end_sessions


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
        _one_at_a_time()
        user = User.objects.filter(email=email.strip().lower()).first()
        user = user or create_account(email=email, name=name, created_by=by)
        if memberships_of(user.id).filter(client=client, role=role.value).exists():
            raise MemberRefused(gettext("Esa persona ya tiene ese rol."))
        Membership.objects.create(user=user, client=client, role=role.value, granted_by=by)
    return user


def end_membership(membership: Membership, *, by: User) -> None:
    """Take a role away, from now on, and end the person's sessions.

    Raises MemberRefused where it is the desk's last, or where a client's last responsible person would go by
    themselves: the desk may still let that one go.

    Whoever takes their own role away keeps their session, which opens nothing of it any more.
    """
    with transaction.atomic():
        _one_at_a_time()
        others = Membership.objects.filter(role=NodeRole.DESK.value, end__isnull=True).exclude(pk=membership.pk)
        if membership.role == NodeRole.DESK.value and not others.filter(user__is_active=True).exists():
            raise MemberRefused(gettext("Es la última persona de la mesa. Agregue otra antes de retirarla."))
        _require_another_owner(membership, by=by)
        MembershipEnd.objects.get_or_create(membership=membership, defaults={"ended_by": by})
        if membership.user_id != by.pk:
            end_sessions(membership.user)


def change_role(membership: Membership, role: NodeRole, *, by: User) -> Membership:
    """End a role of a client's person and give another of the same client: one transaction. Raises MemberRefused."""
    with transaction.atomic():
        _one_at_a_time()
        if role is NodeRole.DESK or membership.client is None:
            raise MemberRefused(gettext("Ese rol no es de un cliente. Elija uno de la lista."))
        if MembershipEnd.objects.filter(membership=membership).exists():
            raise MemberRefused(gettext("Ese rol ya se retiró. Recargue la página para ver cómo va."))
        if memberships_of(membership.user_id).filter(client=membership.client, role=role.value).exists():
            raise MemberRefused(gettext("Esa persona ya tiene ese rol."))
        end_membership(membership, by=by)
        return Membership.objects.create(user=membership.user, client=membership.client, role=role.value, granted_by=by)


def _require_another_owner(membership: Membership, *, by: User) -> None:
    """Nobody leaves a client without whoever answers for it by going themselves."""
    if membership.role != NodeRole.OWNER.value or membership.user_id != by.pk:
        return
    others = Membership.objects.filter(
        client=membership.client_id, role=NodeRole.OWNER.value, end__isnull=True, user__is_active=True
    ).exclude(user=membership.user_id)
    if not others.exists():
        raise MemberRefused(
            gettext(
                "Usted es la última persona responsable de este cliente. Agregue a otra con ese rol y retírese después,"
                " o pida a la mesa del operador que lo retire."
            )
        )


def _one_at_a_time() -> None:
    """Acts on roles are rare and count each other: they take turns until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('node.roles'))")
