"""Reads on accounts and roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.site.models import AccessRecord, RoleDecision, RoleProposal, User
from veta.site.purposes import PURPOSE_LABELS
from veta.site.roles import LABELS, Role

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

STATES: Mapping[str, tuple[Promise, str]] = {
    "pending": (_("Por decidir"), "wait"),
    "in_force": (_("Vigente"), "ok"),
    "refused": (_("Negado"), "stop"),
    "revoked": (_("Retirado"), "stop"),
}


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """A role of a person with its whole history: who asked, who decided, how it stands."""

    id: UUID
    user: UUID
    user_name: str
    role: Role
    reason: str
    proposer: UUID
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    state: str

    @property
    def role_label(self) -> Promise:
        return LABELS[self.role]

    @property
    def state_label(self) -> Promise:
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        return STATES[self.state][1]


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A line of the list of accounts."""

    id: UUID
    name: str
    email: str
    is_active: bool
    enrolled: bool
    roles: list[Promise]


def in_force() -> QuerySet[RoleDecision]:
    """The decisions that grant a role today: granted, not revoked, to an active account."""
    return RoleDecision.objects.filter(granted=True, revocation__isnull=True, user__is_active=True)


def roles_in_force(user: UUID) -> frozenset[Role]:
    """The roles that a person holds now; one query."""
    return frozenset(map(Role, in_force().filter(user=user).values_list("proposal__role", flat=True)))


def roles_of_address(email: str) -> frozenset[Role] | None:
    """The roles that the active account of an address holds now; None where there is no such account."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).values_list("id", flat=True).first()
    return None if user is None else roles_in_force(user)


def addresses_of(role: Role) -> list[str]:
    """The addresses of who holds a role now."""
    return sorted(in_force().filter(proposal__role=role).values_list("user__email", flat=True).distinct())


def holders_of(role: Role) -> set[UUID]:
    """Who holds a role now."""
    return set(in_force().filter(proposal__role=role).values_list("user_id", flat=True))


def has_second_factor(user: UUID) -> bool:
    """Whether a person has enrolled an application or a key; recovery codes alone do not count."""
    return bool(Authenticator.objects.filter(user_id=user, type__in=SECOND_FACTORS).exists())


def people() -> list[PersonEntry]:
    """Every account, by name, with its roles in force; three queries."""
    enrolled = set(Authenticator.objects.filter(type__in=SECOND_FACTORS).values_list("user_id", flat=True))
    held: dict[UUID, list[Role]] = {}
    for user, role in in_force().values_list("user_id", "proposal__role"):
        held.setdefault(user, []).append(Role(role))
    return [
        PersonEntry(
            user.id, user.name, user.email, user.is_active, user.id in enrolled,
            [label for role, label in LABELS.items() if role in held.get(user.id, [])],
        )
        for user in User.objects.order_by("name", "id")
    ]  # fmt: skip


def role_entries(user: UUID) -> list[RoleEntry]:
    """A person's roles, asked, in force and past, newest first."""
    return [_entry(proposal) for proposal in _proposals().filter(user=user)]


def pending_entries() -> list[RoleEntry]:
    """The proposals that nobody has decided, oldest first."""
    return [_entry(proposal) for proposal in _proposals().filter(decision__isnull=True).reverse()]


def role_entry(proposal: UUID) -> RoleEntry | None:
    """One proposal with what became of it."""
    found = _proposals().filter(pk=proposal).first()
    return _entry(found) if found else None


def _proposals() -> QuerySet[RoleProposal]:
    related = ("user", "proposed_by", "decision__decided_by", "decision__revocation")
    return RoleProposal.objects.select_related(*related).order_by("-proposed_at", "-id")


def _entry(proposal: RoleProposal) -> RoleEntry:
    decision = getattr(proposal, "decision", None)
    return RoleEntry(
        id=proposal.id,
        user=proposal.user_id,
        user_name=proposal.user.name,
        role=Role(proposal.role),
        reason=proposal.reason,
        proposer=proposal.proposed_by_id,
        proposed_by=proposal.proposed_by.name,
        proposed_at=proposal.proposed_at,
        decided_by=decision.decided_by.name if decision else None,
        decided_at=decision.decided_at if decision else None,
        state=_state(decision),
    )


def _state(decision: RoleDecision | None) -> str:
    if decision is None:
        return "pending"
    if not decision.granted:
        return "refused"
    return "revoked" if hasattr(decision, "revocation") else "in_force"


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """A look at somebody's data: who looked, at whom, on which page, what for."""

    id: UUID
    user_name: str
    user_email: str
    subject: UUID
    purpose: Promise
    reference: str
    endpoint: str
    at: datetime


def accesses(
    *, after: UUID | None = None, limit: int, subject: UUID | None = None, user: str = "", purpose: str = ""
) -> list[AccessEntry]:
    """A page of the looks at people's data, the newest first; their ids carry their time.

    `subject`, `user` (part of the e-mail) and `purpose` narrow them where they are given.
    """
    found = AccessRecord.objects.select_related("user").order_by("-id")
    found = found.filter(id__lt=after) if after else found
    found = found.filter(subject=subject) if subject else found
    found = found.filter(purpose=purpose) if purpose else found
    found = found.filter(user__email__icontains=user.strip()) if user.strip() else found
    return [
        AccessEntry(
            each.id, each.user.name, each.user.email, each.subject, PURPOSE_LABELS.get(each.purpose, _("Otra")),
            each.reference, each.endpoint, each.at,
        )
        for each in found[:limit]
    ]  # fmt: skip
