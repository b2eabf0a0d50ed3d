"""Groups of leaves as they are committed, and the numbers that the sequencer gives them; rows are only ever added."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class TransactionIdField(models.BigIntegerField):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id (`xid8`)."""

    def db_type(self, connection: object) -> str:
        return "xid8"


class Group(models.Model):
    """The leaves of one transaction, in order, with their root and the hub's signature: one receipt for all.

    `id` comes from `transparency_group_seq`, drawn after the transaction took its locks. `xid` is its transaction's.
    """

    id = models.BigIntegerField(primary_key=True)
    xid = TransactionIdField()
    received_at = models.DateTimeField()
    size = models.IntegerField()
    leaves = models.BinaryField()
    root = models.BinaryField()
    signature = models.BinaryField()
    key_id = models.TextField()

    class Meta:
        db_table = "transparency_group"
        indexes = [models.Index(fields=["xid"], name="transparency_group_xid")]
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="transparency_group_size")]


class LogGroup(models.Model):
    """Where a group's leaves stand in the log: from `first_index` to just before `end_index`.

    Each group but the first begins where another ends, and no two begin or end alike: the numbering can have neither
    gap nor overlap nor fork, whoever writes it.
    """

    group = models.OneToOneField(Group, on_delete=models.PROTECT, primary_key=True)
    first_index = models.BigIntegerField(unique=True)
    size = models.IntegerField()
    end_index = models.GeneratedField(
        expression=F("first_index") + F("size"), output_field=models.BigIntegerField(), db_persist=True, unique=True
    )
    numbered_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "transparency_log_group"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, first_index__gte=0), name="transparency_log_group_forward")
        ]


class LogKey(models.Model):
    """A key of the log, kept for ever. The first one's name is the log's origin, and every other's the same."""

    number = models.SmallIntegerField(primary_key=True)
    vkey = models.TextField(unique=True)
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "transparency_log_key"


class LogKeyRetired(models.Model):
    """The log signs no more with this key; what it signed stays verifiable."""

    key = models.OneToOneField(LogKey, models.PROTECT, primary_key=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "transparency_log_key_retired"


class Head(models.Model):
    """The one row that says how far the tree goes. It moves by compare-and-swap and never back (ADR 0067).

    `published`: the size of the checkpoint that is served; it follows `size` once the witnesses were asked.
    """

    id = models.SmallIntegerField(primary_key=True)
    size = models.BigIntegerField()
    root = models.BinaryField()
    published = models.BigIntegerField()

    class Meta:
        db_table = "transparency_head"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="transparency_head_one"),
            models.CheckConstraint(condition=Q(published__lte=F("size")), name="transparency_head_published"),
        ]


class Checkpoint(models.Model):
    """A head of the tree and the note that the log signed for it: one for each size, each after another, in one row."""

    size = models.BigIntegerField(primary_key=True)
    previous = models.OneToOneField("self", models.PROTECT, null=True, db_column="previous", related_name="next")
    root = models.BinaryField()
    note = models.TextField()
    signed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "transparency_checkpoint"


class Cosignature(models.Model):
    """A witness's signature line on a checkpoint."""

    pk = models.CompositePrimaryKey("checkpoint_id", "witness")
    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    witness = models.TextField()
    line = models.TextField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "transparency_cosignature"


class LeafIndex(models.Model):
    """Where an entry stands, by the first eight bytes of it: so that a proof is found by its leaf alone."""

    pk = models.CompositePrimaryKey("prefix", "index")
    prefix = models.BigIntegerField()
    index = models.BigIntegerField()

    class Meta:
        db_table = "transparency_leaf_index"


class Act(models.Model):
    """A row that entered a table of the registry, noted by the database in the same transaction (`storage.logged`)."""

    id = models.BigAutoField(primary_key=True)
    relation = models.TextField()
    key = models.TextField()
    xid = TransactionIdField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "transparency_act"
        indexes = [models.Index(fields=["xid"], name="transparency_act_xid")]


class SealedGroup(models.Model):
    """A group whose leaves are acts and digests of rows, and no verdicts."""

    group = models.OneToOneField(Group, on_delete=models.PROTECT, primary_key=True)

    class Meta:
        db_table = "transparency_sealed_group"


class SealedAct(models.Model):
    """The leaf of an act: its place in a group."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, primary_key=True)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField()

    class Meta:
        db_table = "transparency_sealed_act"


class ActSalt(models.Model):
    """The salt of an act's leaf. Erasing who a person is destroys it with the row."""

    act = models.OneToOneField(Act, on_delete=models.PROTECT, primary_key=True)
    salt = models.BinaryField()

    class Meta:
        db_table = "transparency_act_salt"


class SealedRows(models.Model):
    """The digests of what a group of movements wrote, a movement after the other, and their leaf's place in a group."""

    of = models.OneToOneField(Group, on_delete=models.PROTECT, primary_key=True, related_name="+")
    form = models.SmallIntegerField(default=1)  # 1: what was sealed before digests covered accounts and papers
    digests = models.BinaryField()
    salt = models.BinaryField()
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField()

    class Meta:
        db_table = "transparency_sealed_rows"
