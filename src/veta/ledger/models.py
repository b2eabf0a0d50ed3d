"""Tables of the ledger: append-only, but for the three integers of an account (ADR 0060).

The writer (`services`), the readers (`queries`) and the audit speak SQL to these tables; the models are their
definition. Foreign keys, fill factor and the refusal of any other UPDATE, DELETE or TRUNCATE are in the migrations.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from veta.ledger.domain.accounts import ACCREDITATIONS, BOUNDARY_KINDS, HELD_KINDS, QUOTA_BASES


class Account(models.Model):
    """Holds mineral, or the right to extract or sell it; a boundary account carries no integers."""

    id = models.UUIDField(primary_key=True)
    commodity = models.TextField()
    kind = models.TextField()
    holder = models.UUIDField(null=True)
    received = models.BigIntegerField(db_default=0)
    released = models.BigIntegerField(db_default=0)
    held = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "ledger_account"
        # What somebody holds. No integer of the account is in it, so that changing one touches no index.
        indexes = [models.Index(fields=["holder", "id"], name="ledger_account_held", condition=Q(kind="lot"))]
        constraints = [
            models.UniqueConstraint(fields=["id", "commodity"], name="ledger_account_commodity"),
            models.CheckConstraint(
                condition=Q(released__gte=0, held__gte=0, received__gte=F("released") + F("held")),
                name="ledger_account_not_over_released",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=HELD_KINDS)
                | Q(kind__in=BOUNDARY_KINDS, received=0, released=0, held=0, holder__isnull=True),
                name="ledger_account_kind",
            ),
        ]


class Quota(models.Model):
    """The right of one title or person in one period and quota group; granted by its first accepted movement."""

    account = models.UUIDField(primary_key=True)
    subject = models.UUIDField()
    basis = models.TextField()
    quota_group = models.TextField()
    period_start = models.DateField()
    period_end = models.DateField()
    source = models.TextField()

    class Meta:
        db_table = "ledger_quota"
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=QUOTA_BASES), name="ledger_quota_basis"),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="ledger_quota_period"),
        ]


class Entry(models.Model):
    """One amount that leaves one account and enters another of the same commodity: zero-sum by construction."""

    pk = models.CompositePrimaryKey("movement", "seq")
    movement = models.UUIDField()
    seq = models.SmallIntegerField()
    source = models.UUIDField()
    target = models.UUIDField()
    commodity = models.TextField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "ledger_entry"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_entry_amount"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="ledger_entry_two_accounts"),
        ]


class Origin(models.Model):
    """Where mineral was first extracted or declared: a kind with a code or a municipality, and perhaps a person."""

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    code = models.TextField(null=True)
    municipality = models.TextField(null=True)
    person = models.UUIDField(null=True)

    class Meta:
        db_table = "ledger_origin"


class Composition(models.Model):
    """Origins and integer weights of a mix, in two arrays; its id is the digest of both."""

    id = models.UUIDField(primary_key=True)
    origins = ArrayField(models.UUIDField())
    weights = ArrayField(models.BigIntegerField())
    total = models.BigIntegerField()

    class Meta:
        db_table = "ledger_composition"
        constraints = [models.CheckConstraint(condition=Q(total__gt=0), name="ledger_composition_total")]


class Lot(models.Model):
    """A quantity in someone's hands at a place, of one origin or of one composition."""

    account = models.UUIDField(primary_key=True)
    mineral = models.TextField()
    origin = models.UUIDField(null=True)
    composition = models.UUIDField(null=True)
    accreditation = models.TextField()
    municipality = models.TextField(null=True)
    facility = models.TextField(null=True)
    movement = models.UUIDField()
    occurred_at = models.DateTimeField()
    fineness = models.IntegerField(null=True)
    grade = models.TextField(null=True)
    processed_by = models.UUIDField(null=True)  # the published plant that beneficiated it (Ley 2250 de 2022 art. 17)

    class Meta:
        db_table = "ledger_lot"
        # What came of an origin, from the newest: a title's page.
        indexes = [
            models.Index(
                fields=["origin", "occurred_at", "account"], name="ledger_lot_origin", condition=Q(origin__isnull=False)
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(accreditation__in=ACCREDITATIONS), name="ledger_lot_accreditation"),
            models.CheckConstraint(
                condition=Q(origin__isnull=True, composition__isnull=False)
                | Q(origin__isnull=False, composition__isnull=True),
                name="ledger_lot_origin_or_composition",
            ),
            models.CheckConstraint(
                condition=Q(fineness__isnull=True) | Q(fineness__gt=0, fineness__lte=1_000_000),
                name="ledger_lot_fineness",
            ),
        ]


class LotParent(models.Model):
    """The lot `child` was made, in part or whole, from the lot `parent` by `movement`."""

    pk = models.CompositePrimaryKey("parent", "child")
    parent = models.UUIDField()
    child = models.UUIDField()
    movement = models.UUIDField()

    class Meta:
        db_table = "ledger_lot_parent"
        indexes = [models.Index(fields=["child"], name="ledger_lot_parent_child")]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("child")), name="ledger_lot_parent_two_lots"),
        ]


class LotSuspension(models.Model):
    """The act (a movement of kind `suspension`) reaches this lot; open until the act has a lift."""

    pk = models.CompositePrimaryKey("lot", "act")
    act = models.UUIDField()
    lot = models.UUIDField()

    class Meta:
        db_table = "ledger_lot_suspension"
        indexes = [models.Index(fields=["act"], name="ledger_lot_suspension_act")]


class LotMark(models.Model):
    """An act gives a lot another accreditation than it was made with; the last mark holds."""

    id = models.BigAutoField(primary_key=True)
    lot = models.UUIDField()
    act = models.UUIDField()
    accreditation = models.TextField()

    class Meta:
        db_table = "ledger_lot_mark"
        indexes = [models.Index(fields=["lot", "id"], name="ledger_lot_mark_lot")]
        constraints = [
            models.UniqueConstraint(fields=["act", "lot"], name="ledger_lot_mark_once"),
            models.CheckConstraint(condition=Q(accreditation__in=ACCREDITATIONS), name="ledger_lot_mark_accreditation"),
        ]


class SuspensionLift(models.Model):
    """The movement that closes one act of suspension, and only that act."""

    act = models.UUIDField(primary_key=True)
    movement = models.UUIDField()

    class Meta:
        db_table = "ledger_suspension_lift"
