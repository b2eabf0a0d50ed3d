"""Persons and firms: random ids outside, encrypted identity inside, found again by a keyed hash. Municipalities."""

from typing import Literal

from django.db import models

from veta.kernel.identity import DocumentType
from veta.registry.models.fields import key, latch, latch_is_zero, one_of, recorded_at


class Actor(models.Model):
    """One person or firm, however many documents it has. The id is random and says nothing of it."""

    id = key()
    kind = models.CharField(max_length=8)
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)
    latch = latch()

    class Meta:
        constraints = [one_of("kind", Literal["person", "firm"], "actor_kind"), latch_is_zero("actor")]


class ActorDocument(models.Model):
    """A document of an actor. Its primary key is the HMAC of type and number: it has one owner, by constraint."""

    hmac = models.BinaryField(primary_key=True, max_length=32)
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="documents")
    type = models.CharField(max_length=3)
    number_encrypted = models.BinaryField()
    source = models.CharField(max_length=200)
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [one_of("type", DocumentType, "actor_document_type")]


class ActorName(models.Model):
    """A name of an actor; the last recorded is the current one."""

    id = key()
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="names")
    name_encrypted = models.BinaryField()
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)


class ActorContact(models.Model):
    """Where the hub reaches an actor by itself, never through a buyer; the last recorded is the current one."""

    id = key()
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="contacts")
    channel = models.CharField(max_length=8)
    value_encrypted = models.BinaryField()
    source = models.CharField(max_length=200)
    recorded_at = recorded_at()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [one_of("channel", Literal["sms", "voice", "email"], "actor_contact_channel")]


class ActorSourceKey(models.Model):
    """How a source without documents names an actor: HMAC of (source, name). Not an identity: it opens no right."""

    hmac = models.BinaryField(primary_key=True, max_length=32)
    actor = models.ForeignKey(Actor, models.PROTECT, related_name="source_keys")
    source = models.CharField(max_length=100)
    recorded_at = recorded_at()


class IdentityKey(models.Model):
    """Fingerprint of each key this database was written with: a lost key is refused, never replaced in silence."""

    purpose = models.CharField(max_length=16, primary_key=True)
    fingerprint = models.BinaryField(max_length=32)
    recorded_at = recorded_at()


class Municipality(models.Model):
    """A DIVIPOLA unit by its code: text of five digits."""

    code = models.CharField(max_length=5, primary_key=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(code__regex=r"^[0-9]{5}$"), name="municipality_code")]


class MunicipalityVersion(models.Model):
    """Name, department and place of a unit as a source gave them; the last recorded is the current one."""

    id = key()
    municipality = models.ForeignKey(Municipality, models.PROTECT, related_name="versions")
    name = models.CharField(max_length=100)
    department = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    source = models.CharField(max_length=200)
    recorded_at = recorded_at()
