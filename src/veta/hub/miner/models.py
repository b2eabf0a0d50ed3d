"""What the miner's page keeps: links that soon lapse, and sealed words of one size."""

from uuid import uuid4

from django.db import models


class Link(models.Model):
    """A link sent to a person: only the HMAC of its token. It is swept once it has lapsed."""

    token = models.BinaryField(primary_key=True, max_length=32)
    actor = models.UUIDField()
    lapses_at = models.DateTimeField()


class Answer(models.Model):
    """What a person said of a sale in their name, sealed; «sí» and «no» are rows alike.

    The id is random and only the day is kept, so that neither order nor instant tells one row from another.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sealed = models.BinaryField()
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="miner_answer_day")]


class FollowUp(models.Model):
    """What the one role that reads answers did about one, sealed like them."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sealed = models.BinaryField()
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="miner_follow_up_day")]
