"""How a client joined: the papers it brought, the authorization it gave for its data, in its very words; and what of
it was corrected since."""

from django.db import models
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.node.models.clients import Client
from veta.site.models import User
from veta.storage.sealed_field import SealedJson


class ClientPaper(models.Model):
    """A paper that a client brought: its number, as written on it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="papers")
    code = models.CharField(max_length=24)
    number = SealedJson()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class AuthorizationText(models.Model):
    """A version of the operator's authorization text, and the first day on which clients are given it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.CharField(max_length=60, unique=True)
    text = models.TextField()
    since = models.DateField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class DataAuthorization(models.Model):
    """The client authorized the treatment of its data (Ley 1581 de 2012): which text and version, when, and how."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="authorizations")
    version = models.CharField(max_length=60)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    how = models.CharField(max_length=10)
    given_on = models.DateField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)


class ClientChange(models.Model):
    """What a client was called, and how and where it was reached, until somebody corrected it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="changes")
    # Its name, contact and municipality before.
    before = SealedJson()
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["client", "-id"], name="node_clientchange_latest")]
