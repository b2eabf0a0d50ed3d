"""A call is its history: one chain of events, the documents that they name, receipts, and who stands for a firm.

Rows are only added. What a call is at any moment is folded from its events (`domain.fold`), so nothing here can say
otherwise than the history does.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from veta.calls.domain.document import LARGEST
from veta.kernel.ids import uuid7

# Acts over one firm.
OVER_ONE = ("excluded", "suspended", "lifted", "revoked", "expired", "operator_made", "appeal_decided")
# Events that take two persons; the CHECK asks for both.
TWO_PERSONS = (
    "act_published", "verdict_confirmed", "attempt_confirmed", "excluded", "suspended", "lifted", "revoked", "expired",
    "operator_made", "appeal_decided", "act_declined",
)  # fmt: skip
# Lines of a run that people write; the machine writes the others.
BY_PEOPLE = ("answered", "affirmed")


class OperatorCall(models.Model):
    """A call for operators; the row that its events hang from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=32, unique=True)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class CallEvent(models.Model):
    """One event: who, when, what, and the hash of the one before. No two follow the same one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    call = models.ForeignKey(OperatorCall, models.PROTECT, related_name="events")
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=24)
    application = models.UUIDField(null=True)
    by = models.CharField(max_length=150)
    proposed_by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    data = models.JSONField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "place"], name="call_event_place"),
            models.UniqueConstraint(fields=["call", "previous"], name="call_event_no_fork"),
            models.CheckConstraint(condition=Q(place__gte=1) & ~Q(by=""), name="call_event_author"),
            models.CheckConstraint(
                condition=~Q(kind__in=TWO_PERSONS) | (~Q(proposed_by="") & ~Q(proposed_by=Lower(F("by")))),
                name="call_event_two_persons",
            ),
            models.CheckConstraint(condition=Q(proposed_by=Lower(F("proposed_by"))), name="call_event_case"),
        ]
        indexes = [models.Index(fields=["application"], name="call_event_application")]


class CallDocument(models.Model):
    """The bytes of a document, once, under their SHA-256: the database itself checks that they are those."""

    digest = models.CharField(primary_key=True, max_length=64)
    type = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=1, size__lte=LARGEST), name="call_document_size"),
        ]


class CallQuestion(models.Model):
    """A question of anybody until it is answered, and enters the history, or is dropped: a stranger's words are not
    kept for ever before somebody of the authority read them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    call = models.ForeignKey(OperatorCall, models.PROTECT)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()


class CallCredential(models.Model):
    """The sandbox's credentials of a firm, sealed, until it opens them: once."""

    application = models.UUIDField(primary_key=True)
    sealed = models.BinaryField()


class CallRunLine(models.Model):
    """A line of a run of the test format while it goes, with the hash of the one before; the last one's is in an event
    of the call once the run has ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.UUIDField()
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    by = models.CharField(max_length=150, blank=True)
    at = models.DateTimeField()
    data = models.JSONField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "place"], name="call_run_line_place"),
            models.UniqueConstraint(fields=["run", "previous"], name="call_run_line_no_fork"),
            models.CheckConstraint(
                condition=(Q(kind__in=BY_PEOPLE) & ~Q(by="")) | (~Q(kind__in=BY_PEOPLE) & Q(by="")),
                name="call_run_line_author",
            ),
        ]


class CallReceipt(models.Model):
    """The hub's signature of an event that its author was promised a receipt for."""

    event = models.OneToOneField(CallEvent, models.PROTECT, primary_key=True, related_name="receipt")
    key_id = models.CharField(max_length=64)
    signature = models.BinaryField(max_length=64)


class CallPerson(models.Model):
    """Who represents a firm, and where it is reached: sealed, in no event and on no list."""

    application = models.UUIDField(primary_key=True)
    sealed = models.BinaryField()


class CallContacts(models.Model):
    """The contacts of a firm, each time it gave them: sealed; the history names the row and its hash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.UUIDField(db_index=True)
    sealed = models.BinaryField()


class SimulatedDatabase(models.Model):
    """That this database is a demonstration's or a test's. Only the owner of the tables can say so, and only of a
    database without calls (a trigger of the migration)."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    reason = models.CharField(max_length=200)
    marked_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="simulated_database_one")]


class ClockSetting(models.Model):
    """The hour that the calls of a simulated database were set to, and when; the clock runs on from there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    simulation = models.ForeignKey(SimulatedDatabase, models.PROTECT)
    shows = models.DateTimeField(null=True)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150)
