"""Accounts, the two-person grants of roles, and who looked at whose data. All but the account is append-only."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from veta.kernel.ids import uuid7
from veta.site.roles import LABELS, Role


class UserManager(BaseUserManager["User"]):
    """Looks accounts up by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """The account of a natural person. It carries no power: that comes from roles, each granted by two persons."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("correo"), max_length=254, unique=True)
    name = models.CharField(_("nombre"), max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case")]

    def __str__(self) -> str:
        return self.name


def role_choices() -> list[tuple[str, str]]:
    """The roles with their labels; a callable, so that a new label asks for no migration."""
    return [(role.value, str(LABELS[role])) for role in Role]


class RoleProposal(models.Model):
    """An administrator asks that a person be given a role."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_proposals")
    role = models.CharField(max_length=20, choices=role_choices)
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(role__in=[role.value for role in Role]), name="role_known")]


class RoleDecision(models.Model):
    """Another administrator grants the role, or anyone entitled refuses it; one decision for each proposal.

    Who proposed and for whom is repeated here, tied to the proposal by a composite foreign key (in the migration), so
    that the CHECK on two different persons can be the database's own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    proposal = models.OneToOneField(RoleProposal, on_delete=models.PROTECT, related_name="decision")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_decisions")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted = models.BooleanField()
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(granted=False) | (~Q(decided_by=F("proposed_by")) & ~Q(decided_by=F("user"))),
                name="role_granted_by_two",
            )
        ]


class RoleRevocation(models.Model):
    """A granted role ends. One administrator is enough: taking power away is the safe side."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision = models.OneToOneField(RoleDecision, on_delete=models.PROTECT, related_name="revocation")
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    revoked_at = models.DateTimeField(db_default=Now(), editable=False)


class AccessRecord(models.Model):
    """A person looked at an actor's personal data, on this page, for this purpose, under this reference."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    subject = models.UUIDField()
    purpose = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    endpoint = models.CharField(max_length=100)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["subject", "at"]), models.Index(fields=["user", "at"])]
