"""Cards, consents and their checks and uses. What limits attempts and uses is a unique key, never a count just read."""

from typing import Final

from django.db import models
from django.db.models import Q

from veta.registry.domain import ConsentMethod, ConsentPurpose
from veta.registry.models.actors import Actor
from veta.registry.models.fields import key, latch, latch_is_zero, one_of, recorded_at

WITHOUT_CODE: Final = ("card_pin",)
WITH_CODE: Final = ("code", "voice", "card_pin+code", "card_pin+voice")


class Card(models.Model):
    """A card handed to a person: its token is kept only as HMAC, its PIN only as scrypt hash."""

    id = key()
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="cards")
    token_hmac = models.BinaryField(max_length=32, unique=True)
    pin_salt = models.BinaryField(max_length=16)
    pin_hash = models.BinaryField(max_length=32)
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)
    latch = latch()

    class Meta:
        constraints = [latch_is_zero("card")]


class CardRevocation(models.Model):
    """The end of a card, with who ended it and why."""

    card = models.OneToOneField(Card, models.PROTECT, primary_key=True, related_name="revocation")
    reason = models.CharField(max_length=200)
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)


class CardAttempt(models.Model):
    """One presentation of a card's PIN, numbered under the card's lock."""

    id = key()
    card = models.ForeignKey(Card, models.PROTECT, related_name="attempts")
    ordinal = models.PositiveIntegerField()
    succeeded = models.BooleanField()
    recorded_at = recorded_at()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "ordinal"], name="card_attempt_once")]


class ConsentRequest(models.Model):
    """A consent the hub asked a person for: to whom, for what, at most how much, until when.

    `counterparty` is an actor or an operator, so it is no foreign key; `method` names all the methods asked for, joined
    by «+»; `code_hmac` is null where no code was told.
    """

    id = key()
    purpose = models.CharField(max_length=8)
    party = models.ForeignKey(Actor, models.PROTECT, related_name="consents")
    counterparty = models.UUIDField(null=True)
    operator = models.UUIDField()
    mineral = models.CharField(max_length=40, null=True)
    amount = models.BigIntegerField(null=True)
    price_cop = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    method = models.CharField(max_length=16)
    code_hmac = models.BinaryField(max_length=32, null=True)
    recorded_at = recorded_at()
    expires_at = models.DateTimeField()
    latch = latch()

    class Meta:
        constraints = [
            one_of("purpose", ConsentPurpose, "consent_purpose"),
            models.CheckConstraint(
                condition=Q(method__in=WITH_CODE, code_hmac__isnull=False)
                | Q(method__in=WITHOUT_CODE, code_hmac__isnull=True),
                name="consent_code_is_hashed",
            ),
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gt=0), name="consent_amount"),
            latch_is_zero("consent"),
        ]
        indexes = [models.Index(fields=["party", "recorded_at"], name="consent_party_time")]


class ConsentCheck(models.Model):
    """One presentation of a code, or the check of the card and PIN, numbered under the consent's lock.

    `method` is what was presented; null in older rows, whose consent has one method.
    """

    id = key()
    consent = models.ForeignKey(ConsentRequest, models.PROTECT, related_name="checks")
    ordinal = models.PositiveSmallIntegerField()
    succeeded = models.BooleanField()
    method = models.CharField(max_length=8, null=True)
    recorded_at = recorded_at()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "ordinal"], name="consent_check_once"),
            one_of("method", ConsentMethod, "consent_check_method"),
        ]


class ConsentUse(models.Model):
    """What a consent served for. Its primary key is the consent: it serves once."""

    consent = models.OneToOneField(ConsentRequest, models.PROTECT, primary_key=True, related_name="use")
    used_by = models.UUIDField()
    recorded_at = recorded_at()

    class Meta:
        # What a movement rested on, when its rows are digested for the log.
        indexes = [models.Index(fields=["used_by"], name="consent_used_by")]


class AssertedConsent(models.Model):
    """A movement reported on the operator's word alone: counted per buyer, and told to the person."""

    movement = models.UUIDField(primary_key=True)
    party = models.ForeignKey(Actor, models.PROTECT, related_name="asserted_consents")
    counterparty = models.UUIDField()
    operator = models.UUIDField()
    recorded_at = recorded_at()

    class Meta:
        indexes = [models.Index(fields=["counterparty", "recorded_at"], name="asserted_consent_buyer")]
