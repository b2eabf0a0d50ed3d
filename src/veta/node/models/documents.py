"""Documents that the hub issued over a client's lots, as it answered: their state is the hub's to say."""

from django.db import models
from django.db.models.functions import Now

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
