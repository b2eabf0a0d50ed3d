"""The operator's clients: who they are (sealed), under which mandate, where they weigh, and who works for them."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from veta.kernel.identity import Document as Identity
from veta.kernel.ids import uuid7
from veta.node.answers import Party
from veta.node.domain.clients import ClientKind, Document, MandateState
from veta.node.roles import OF_A_CLIENT, NodeRole
from veta.site.models import User
from veta.storage.sealed_field import SealedBytes, SealedJson
from veta.storage.sealing import hmac_of


class Client(models.Model):
    """A miner, trader, plant or exporter that registers its movements through this operator."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20)
    name = SealedJson()
    document_type = models.CharField(max_length=3)
    document_number = SealedJson()
    document_digest = models.BinaryField(max_length=32)
    check_digit = SealedJson(default="")
    municipality = models.CharField(max_length=5)
    contact = SealedJson(default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document_digest"], name="node_client_document"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in ClientKind]), name="node_client_kind"),
            models.CheckConstraint(
                condition=Q(document_type__in=[each.value for each in Document]), name="node_client_document_type"
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def document(self) -> Identity:
        """The client's identity document."""
        return Identity(self.document_type, self.document_number)  # type: ignore[arg-type]

    def party(self, *, checked: bool = True) -> Party:
        """The client as the hub's API names it; its check digit where it has one and it is `checked`."""
        named = Party(type=self.document_type, number=self.document_number)  # type: ignore[typeddict-item]
        if checked and self.check_digit:
            named["check"] = self.check_digit
        return named

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep it, found by its document."""
        self.document_digest = hmac_of(self.document)
        super().save(*args, **kwargs)


class MandateStep(models.Model):
    """The client's mandate took a step at the hub: proposed, confirmed, ended. The last step holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="mandate_steps")
    state = models.CharField(max_length=12)
    # The hub's id of the mandate; none before it was proposed there.
    mandate = models.UUIDField(null=True)
    cause = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["client", "-id"], name="node_mandate_last")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in MandateState]), name="node_mandate_state"
            )
        ]


class Branch(models.Model):
    """A place where a client buys, keeps or works mineral. `facility`: the one that it began with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="branches")
    name = models.CharField(max_length=120)
    municipality = models.CharField(max_length=5)
    facility = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)


class Scale(models.Model):
    """A weighing instrument of a branch: class I to IIII (OIML R 76); largest load and verification interval (e), which
    is `division`, in its unit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="scales")
    serial = models.CharField(max_length=60)
    accuracy_class = models.CharField(max_length=4)
    unit = models.CharField(max_length=8)
    largest = models.DecimalField(max_digits=14, decimal_places=6)
    division = models.DecimalField(max_digits=14, decimal_places=6)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["branch", "serial"], name="node_scale_serial"),
            models.CheckConstraint(condition=Q(accuracy_class__in=["I", "II", "III", "IIII"]), name="node_scale_class"),
            models.CheckConstraint(condition=Q(division__gt=0, largest__gt=0), name="node_scale_range"),
        ]


class Calibration(models.Model):
    """A scale was calibrated, with its certificate, and until when that serves. `uncertainty`: the expanded one (k=2)
    that the certificate states, in the scale's unit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scale = models.ForeignKey(Scale, on_delete=models.PROTECT, related_name="calibrations")
    certificate = models.CharField(max_length=80)
    calibrated_on = models.DateField()
    due_on = models.DateField()
    uncertainty = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=models.F("calibrated_on")), name="node_calibration_term"),
            models.CheckConstraint(condition=Q(uncertainty__gt=0), name="node_calibration_uncertainty"),
        ]


class CalibrationPaper(models.Model):
    """The certificate of a calibration, as it was brought."""

    calibration = models.OneToOneField(Calibration, on_delete=models.PROTECT, primary_key=True, related_name="paper")
    media_type = models.CharField(max_length=40)
    content = SealedBytes()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class Membership(models.Model):
    """A person has a role: of one client, or on the operator's desk, which has none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="node_memberships")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, related_name="memberships")
    role = models.CharField(max_length=12)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role=NodeRole.DESK.value, client__isnull=True)
                | Q(role__in=[role.value for role in OF_A_CLIENT], client__isnull=False),
                name="node_membership_of_one_client",
            )
        ]


class MembershipEnd(models.Model):
    """A role ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="end")
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(db_default=Now(), editable=False)
