"""Documents that were asked of the hub over a client's lots, and issued, as it answered: their state is its to say."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from veta.node.domain.asking import Asking
from veta.node.models.clients import Client
from veta.site.models import User
from veta.storage.sealed_field import SealedJson


class IssuedDocument(models.Model):
    """A certificate or document over a lot, under the id that this node gave it; `body` is the hub's answer."""

    id = models.UUIDField(primary_key=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="issued_documents")
    kind = models.CharField(max_length=30)
    number = models.CharField(max_length=40)
    lot = models.UUIDField()
    body = SealedJson()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["client", "-id"], name="node_document_latest")]


class DocumentEnding(models.Model):
    """The hub withdrew a document at the client's word, with the reason that stands on its public page."""

    document = models.OneToOneField(IssuedDocument, on_delete=models.PROTECT, primary_key=True, related_name="ending")
    reason = SealedJson()
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(db_default=Now(), editable=False)


class DocumentRequest(models.Model):
    """A document that is asked of the hub, written before it is: under its id the question may be asked again.

    `asked`: the quantity and the sale that it is for, as the hub takes them. `cause`: why there is no answer, or a no.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="document_requests")
    kind = models.CharField(max_length=30)
    lot = models.UUIDField()
    asked = SealedJson()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    state = models.CharField(max_length=10, default=Asking.ASKED.value)
    cause = models.CharField(max_length=500, blank=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["client", "-id"], name="node_document_asked"),
            models.Index(fields=["asked_at"], name="node_document_open", condition=Q(state=Asking.ASKED.value)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[each.value for each in Asking]), name="node_document_state")
        ]
