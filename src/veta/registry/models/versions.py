"""Titles, registrations, works plans and mandates: an anchor that can be locked, and versions that are only added.

Every version table also has `seq`, an identity column made by the migration: the order of recording under the
anchor's lock. `recorded_at` serves "as known at"; `seq` settles what was recorded last.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from veta.registry.domain import (
    MandateStatus,
    PlanKind,
    ProducerClass,
    RegistrationStatus,
    Role,
    Stage,
    TitleKind,
    TitleStatus,
)
from veta.registry.models.actors import Actor
from veta.registry.models.fields import key, latch, latch_is_zero, one_of, recorded_at


def inclusive(table: str) -> models.CheckConstraint:
    """A validity never ends before it starts."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name=f"{table}_validity"
    )


def two_persons(table: str) -> models.CheckConstraint:
    """Who approved is somebody else than who proposed (ADR 0042)."""
    return models.CheckConstraint(condition=~Q(approved_by=F("recorded_by")), name=f"{table}_two_persons")


class VersionRow(models.Model):
    """What every version says of itself: its validity, when and by whom it was recorded, and on what act."""

    id = key()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)
    act = models.CharField(max_length=200)
    source = models.CharField(max_length=200)

    class Meta:
        abstract = True


class Title(models.Model):
    """A title or another origin with a code. The code is opaque text, unique as normalised."""

    id = key()
    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=24)
    latch = latch()

    class Meta:
        constraints = [one_of("kind", TitleKind, "title_kind"), latch_is_zero("title")]


class TitleVersion(VersionRow):
    """Attributes of a title. Its status decides who may extract: two persons."""

    title = models.ForeignKey(Title, models.PROTECT, related_name="versions")
    modality = models.CharField(max_length=100)
    stage = models.CharField(max_length=16, null=True)
    status = models.CharField(max_length=10)
    minerals = ArrayField(models.CharField(max_length=40))
    associated = ArrayField(models.CharField(max_length=40))
    municipalities = ArrayField(models.CharField(max_length=5))
    contract_date = models.DateField(null=True)
    inscription_date = models.DateField(null=True)
    end_date = models.DateField(null=True)
    environmental_instrument = models.CharField(max_length=200, null=True)
    scale = models.CharField(max_length=20, null=True)
    scale_act = models.CharField(max_length=200, null=True)
    approved_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            inclusive("title_version"),
            two_persons("title_version"),
            one_of("status", TitleStatus, "title_version_status"),
            one_of("stage", Stage, "title_version_stage"),
        ]


class TitleHolder(models.Model):
    """A holder in a version of a title, with the share in per cent as its source wrote it; empty where unknown."""

    id = key()
    version = models.ForeignKey(TitleVersion, models.PROTECT, related_name="holders")
    position = models.PositiveSmallIntegerField()
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="titles_held")
    share = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "actor"], name="title_holder_once")]


class WorksPlanVersion(VersionRow):
    """An approved works plan of a title: capacity, so two persons."""

    title = models.ForeignKey(Title, models.PROTECT, related_name="plans")
    kind = models.CharField(max_length=12)
    approved_on = models.DateField()
    heading_required_from = models.DateField(null=True)
    scale = models.CharField(max_length=20, null=True)
    duration_years = models.PositiveSmallIntegerField(null=True)
    characteristics = models.TextField(blank=True)
    approved_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            inclusive("works_plan_version"),
            two_persons("works_plan_version"),
            one_of("kind", PlanKind, "works_plan_kind"),
        ]


class WorksPlanLine(models.Model):
    """Approved amount of a mineral or heading in the contract year that starts on a date, in its smallest unit."""

    id = key()
    version = models.ForeignKey(WorksPlanVersion, models.PROTECT, related_name="lines")
    mineral = models.CharField(max_length=40)
    year_start = models.DateField()
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "mineral", "year_start"], name="works_plan_line_once"),
            models.CheckConstraint(condition=Q(amount__gte=0) & Q(amount__lte=10**16), name="works_plan_line_amount"),
        ]


class Registration(models.Model):
    """A role of an actor; what it is for and whether it holds is in its versions."""

    id = key()
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="registrations")
    role = models.CharField(max_length=10)
    latch = latch()

    class Meta:
        constraints = [
            one_of("role", Role, "registration_role"),
            latch_is_zero("registration"),
        ]


class RegistrationVersion(VersionRow):
    """What a registration covers. Empty arrays mean every mineral, every municipality; no number, that its source gave
    none."""

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="versions")
    producer_class = models.CharField(max_length=24, null=True)
    title_code = models.CharField(max_length=40, null=True)
    minerals = ArrayField(models.CharField(max_length=40))
    municipalities = ArrayField(models.CharField(max_length=5))
    status = models.CharField(max_length=10)
    plant_published = models.BooleanField(default=False)
    rucom_number = models.CharField(max_length=40, null=True)

    class Meta:
        constraints = [
            inclusive("registration_version"),
            one_of("status", RegistrationStatus, "registration_version_status"),
            one_of("producer_class", ProducerClass, "registration_version_class"),
        ]


class Mandate(models.Model):
    """The relation of an actor with one operator; it shows nothing until it has a version."""

    id = key()
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="mandates")
    operator = models.UUIDField()
    latch = latch()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "actor"], name="mandate_once"),
            latch_is_zero("mandate"),
        ]


class MandateProposal(models.Model):
    """An operator's request, with the text and version of the data authorization the person is asked to accept."""

    id = key()
    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="proposals")
    authorization_version = models.CharField(max_length=60)
    authorization_text = models.TextField()
    recorded_at = recorded_at()


class MandateVersion(VersionRow):
    """A mandate confirmed or revoked. `act` names the consent or the document, `proposal` what was accepted."""

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="versions")
    proposal = models.ForeignKey(MandateProposal, models.PROTECT, null=True, related_name="versions")
    status = models.CharField(max_length=8)

    class Meta:
        constraints = [
            inclusive("mandate_version"),
            one_of("status", MandateStatus, "mandate_version_status"),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(proposal__isnull=False), name="mandate_version_accepts_a_proposal"
            ),
        ]
