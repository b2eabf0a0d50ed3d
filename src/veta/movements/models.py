"""What the hub keeps of each movement: the claim of its id, its verdict, its raw words, and what waits for an answer.

Append-only: a movement's state is read from the verdicts that name it, never written over.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now, Trim
from django.db.models.lookups import Exact


class Movement(models.Model):
    """An id claimed for ever, by whom, and for which words.

    `digest`: SHA-256 of "veta-claim-v1", the salt of their leaf, and the SHA-256 of the item's RFC 8785 form, which is
    all that a row of before has.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    operator = models.UUIDField()
    subject = models.UUIDField(null=True)  # the movement that a step ends, or a reversal undoes
    author = models.UUIDField(null=True)
    counterparty = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    digest = models.BinaryField()
    request = models.UUIDField(null=True)
    place_in_request = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["subject"], name="movement_subject", condition=models.Q(subject__isnull=False)),
            # The desk's lists, from the newest: of a time, and of either party. With 10⁶ movements a page of an actor's
            # took 0.4 to 1.4 s without them.
            models.Index(fields=["received_at", "id"], name="movement_received"),
            models.Index(
                fields=["author", "received_at", "id"], name="movement_author",
                condition=models.Q(author__isnull=False),
            ),
            models.Index(
                fields=["counterparty", "received_at", "id"], name="movement_counterparty",
                condition=models.Q(counterparty__isnull=False),
            ),
        ]  # fmt: skip


class Verdict(models.Model):
    """What was decided, as the bytes that were answered, with the facts that it rested on (for replay)."""

    movement = models.OneToOneField(Movement, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False)
    status = models.TextField()
    body = models.BinaryField()
    facts = models.BinaryField()
    group = models.BigIntegerField()
    position = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["group", "position"], name="verdict_group")]


class RawItem(models.Model):
    """An item's own bytes under a key of their own, and its leaf's salt: destroying this row erases the words."""

    movement = models.OneToOneField(Movement, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False)
    key_seed = models.BinaryField()
    salt = models.BinaryField()
    ciphertext = models.BinaryField()


class Pending(models.Model):
    """A movement that waits for another party: an offered sale, or the reversal of a confirmed one."""

    movement = models.OneToOneField(Movement, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False)
    kind = models.TextField()
    author = models.UUIDField()
    counterparty = models.UUIDField()
    occurred_at = models.DateTimeField()
    confirm_by = models.DateTimeField(null=True)
    municipality = models.TextField(null=True)
    undoes = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["confirm_by"], name="pending_confirm_by")]


class PendingLine(models.Model):
    """So much of a lot held for a pending movement, and the id of the lot that confirmation makes of it."""

    pk = models.CompositePrimaryKey("movement", "position")
    movement = models.UUIDField()
    position = models.SmallIntegerField()
    lot = models.UUIDField()
    amount = models.BigIntegerField()
    new_lot = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["lot"], name="pending_line_lot")]


class PendingEnd(models.Model):
    """How a pending movement ended, once: the primary key admits one ending."""

    movement = models.OneToOneField(Movement, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False)
    step = models.UUIDField()
    outcome = models.TextField()


class PaperNumber(models.Model):
    """A document outside the system that proved mineral of an origin: its number counts once, for ever."""

    pk = models.CompositePrimaryKey("origin", "type", "number")
    origin = models.UUIDField()
    type = models.TextField()
    number = models.TextField()
    movement = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["movement"], name="movement_paper_number_of")]


class ActProposal(models.Model):
    """An act of the authority over lots, in the words that one officer proposed; without effect by itself (ADR 0042).

    Its id is that of the movement that it becomes once another person approves it.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    words = models.JSONField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("suspension", "lift", "seizure", "accredit", "reversal")),
                name="movement_act_kind",
            ),
            models.UniqueConstraint(fields=["id", "proposed_by"], name="movement_act_author"),
        ]


class ActDecision(models.Model):
    """The one decision on a proposed act, by another person. The migration ties `proposed_by` to the proposal's own."""

    proposal = models.UUIDField(primary_key=True)
    proposed_by = models.TextField()
    decided_by = models.TextField()
    decision = models.TextField()
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(decision__in=("approved", "refused")), name="movement_act_decision"),
            models.CheckConstraint(
                condition=~Exact(Lower(Trim(F("decided_by"))), Lower(Trim(F("proposed_by")))),
                name="movement_act_two_persons",
            ),
        ]


class Noticed(models.Model):
    """Up to which number of the log, exclusive, those concerned have been told of what was reported in their name."""

    until = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_default=Now())


class Tallied(models.Model):
    """The one row that says up to which number of the log, exclusive, the tally counts (ADR 0114).

    `since`: nothing that it does not count was received before, but for what commits late, which it soon counts.
    """

    id = models.SmallIntegerField(primary_key=True)
    until = models.BigIntegerField()
    since = models.DateTimeField()
    at = models.DateTimeField(db_default=Now())


class Tally(models.Model):
    """So many of one thing in what was received on a Bogotá day; of the log's own rows, so that it can be made again.

    `what`: `state` (name: kind, detail: state), `found` (code, severity), `place` (municipality, mineral; `amount` of
    it in its smallest unit). What ended of a day's movements later changes that day's states.
    """

    pk = models.CompositePrimaryKey("what", "day", "name", "detail")
    what = models.TextField()
    day = models.DateField()
    name = models.TextField()
    detail = models.TextField()
    number = models.BigIntegerField()
    amount = models.BigIntegerField()


class Label(models.Model):
    """What few movements have in common and people look for: a finding's code, or an end that is not acceptance."""

    pk = models.CompositePrimaryKey("label", "received_at", "movement")
    label = models.TextField()
    received_at = models.DateTimeField()
    movement = models.UUIDField()


class Erasure(models.Model):
    """A proposal to destroy, after the legal term, words of movements and who an actor is. It does nothing alone."""

    id = models.UUIDField(primary_key=True)
    actor = models.UUIDField(null=True)
    act = models.TextField()
    reason = models.TextField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["id", "proposed_by"], name="movement_erasure_author")]


class ErasureItem(models.Model):
    """A row that an erasure destroys: the table, and its key as text."""

    id = models.UUIDField(primary_key=True)
    erasure = models.UUIDField()
    relation = models.TextField()
    key = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["erasure", "relation", "key"], name="movement_erasure_item_once"),
            models.CheckConstraint(
                condition=models.Q(
                    relation__in=(
                        "movements_rawitem", "registry_actordocument", "registry_actorname", "registry_actorcontact",
                        "registry_actorsourcekey",
                    )
                ),
                name="movement_erasure_relation",
            ),
        ]  # fmt: skip


class ErasureDecision(models.Model):
    """The one decision on an erasure, by another person; the database destroys nothing without it."""

    erasure = models.UUIDField(primary_key=True)
    proposed_by = models.TextField()
    decided_by = models.TextField()
    decision = models.TextField()
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision__in=("approved", "refused")), name="movement_erasure_decision"
            ),
            models.CheckConstraint(
                condition=~Exact(Lower(Trim(models.F("decided_by"))), Lower(Trim(models.F("proposed_by")))),
                name="movement_erasure_two_persons",
            ),
        ]
