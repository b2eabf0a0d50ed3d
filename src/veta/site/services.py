"""Acts on accounts and roles, one transaction each. Whoever calls has already been let in by the permission table."""

from uuid import UUID

from django.contrib.auth import SESSION_KEY as AUTH_KEY
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from veta.kernel.errors import DomainError
from veta.site.models import AccessRecord, RoleDecision, RoleProposal, RoleRevocation, User
from veta.site.queries import holders_of, in_force, roles_in_force
from veta.site.roles import Role


class AccountActRefused(DomainError):
    """An act on an account or a role that would break the rule of two persons, or leave nobody to administer."""

    code = "ACT-001"


@transaction.atomic
def create_account(*, email: str, name: str, created_by: User | None) -> User:
    """A new account without password or roles; its person sets the password by the link of the invitation.

    Raises AccountActRefused where the e-mail already has an account.
    """
    email = email.strip().lower()
    _one_at_a_time()
    if User.objects.filter(email=email).exists():
        raise AccountActRefused(_("Ya hay una cuenta con ese correo. Búsquela en la lista de personas."))
    user = User(email=email, name=name.strip(), created_by=created_by)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


@transaction.atomic
def set_active(user: User, *, active: bool, by: User) -> None:
    """Close an account, or open it again. A closed one cannot sign in, and its sessions end at their next request.

    One administrator is enough, even against another: it is what stops an account that fell into other hands. Raises
    AccountActRefused on one's own.
    """
    if user.id == by.id:
        raise AccountActRefused(_("No puede desactivar su propia cuenta. Pídalo a otra persona administradora."))
    user.is_active = active
    user.save(update_fields=["is_active"])


def end_sessions(user: User) -> None:
    """End every session of an account, at once."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()):
        if session.get_decoded().get(AUTH_KEY) == str(user.pk):
            session.delete()


@transaction.atomic
def propose_role(*, user: User, role: Role, reason: str, proposed_by: User) -> RoleProposal:
    """Ask that a person be given a role. Nothing changes until another administrator approves.

    Raises AccountActRefused where the person holds it already or it is already asked for.
    """
    _one_at_a_time()
    if role in roles_in_force(user.id):
        raise AccountActRefused(_("La persona ya tiene ese rol."))
    if RoleProposal.objects.filter(user=user, role=role, decision__isnull=True).exists():
        raise AccountActRefused(_("Ya hay una petición de ese rol sin decidir. Decídala o retírela primero."))
    return RoleProposal.objects.create(user=user, role=role, reason=reason.strip(), proposed_by=proposed_by)


@transaction.atomic
def decide_role(proposal: UUID, *, granted: bool, reason: str, decided_by: User) -> RoleDecision:
    """Grant the role, or refuse it. Refusing one's own proposal withdraws it.

    Raises AccountActRefused where it was decided before, or where who grants is who asked or who receives.
    """
    _one_at_a_time()
    asked = RoleProposal.objects.select_related("decision").get(pk=proposal)
    if hasattr(asked, "decision"):
        raise AccountActRefused(_("Esa petición ya se decidió. Vea en la ficha de la persona qué se decidió."))
    if granted and decided_by.id in {asked.proposed_by_id, asked.user_id}:
        raise AccountActRefused(_("Debe aprobarla otra persona: ni quien la pidió ni quien recibe el rol."))
    return RoleDecision.objects.create(
        proposal=asked, user_id=asked.user_id, proposed_by_id=asked.proposed_by_id,
        decided_by=decided_by, granted=granted, reason=reason.strip(),
    )  # fmt: skip


@transaction.atomic
def revoke_role(proposal: UUID, *, reason: str, revoked_by: User) -> RoleRevocation:
    """End a role that was granted.

    Raises AccountActRefused where it is not in force, or where fewer than two administrators would be left.
    """
    _one_at_a_time()
    decision = in_force().filter(proposal_id=proposal).select_related("proposal").first()
    if decision is None:
        raise AccountActRefused(_("Ese rol no está vigente. Vea en la ficha de la persona cómo está."))
    if decision.proposal.role == Role.ADMINISTRATOR:
        _leave_two_administrators()
    return RoleRevocation.objects.create(decision=decision, revoked_by=revoked_by, reason=reason.strip())


@transaction.atomic
def found_administrators(*people: tuple[str, str]) -> list[User]:
    """The first two or more administrators (e-mail, name) of a system that has fewer than two: each approves the next.

    Only the machine's console reaches this. Raises AccountActRefused where fewer than two people are named, or where
    two administrators hold the role already.
    """
    _one_at_a_time()
    if len({email.strip().lower() for email, _ in people}) < 2:
        raise AccountActRefused(_("Indique al menos dos personas: cada rol lo aprueban dos."))
    if len(holders_of(Role.ADMINISTRATOR)) >= 2:
        raise AccountActRefused(_("Ya hay administración. Cree las demás cuentas desde la página de personas."))
    founders = [create_account(email=email, name=name, created_by=None) for email, name in people]
    for founder, other in zip(founders, founders[1:] + founders[:1], strict=True):
        reason = "Fundación del sistema"
        asked = propose_role(user=founder, role=Role.ADMINISTRATOR, reason=reason, proposed_by=founder)
        decide_role(asked.id, granted=True, reason=reason, decided_by=other)
    return founders


def record_access(*, user: User, subject: UUID, purpose: str, reference: str, endpoint: str) -> None:
    """Write down that a person looked at an actor's data, on which page and what for."""
    AccessRecord.objects.create(
        user=user, subject=subject, purpose=purpose, reference=reference.strip(), endpoint=endpoint
    )


def _leave_two_administrators() -> None:
    if len(holders_of(Role.ADMINISTRATOR)) <= 2:
        raise AccountActRefused(
            _("Quedarían menos de dos personas en la administración y nadie podría aprobar roles. Nombre antes a otra.")
        )


def _one_at_a_time() -> None:
    """Acts on roles are rare and count each other: they take turns until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('veta_site.roles'))")
