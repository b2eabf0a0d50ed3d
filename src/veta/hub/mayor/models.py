"""For which municipality an account with the mayor's role acts: asked by one person, given by another, ended by any."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from veta.kernel.ids import uuid7
from veta.site.models import User


class Seat(models.Model):
    """Somebody of the registry asks that an account act for a municipality, by an act (credential, election, power)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    municipality = models.CharField(max_length=5)
    act = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(municipality__regex=r"^[0-9]{5}$"), name="seat_municipality")]


class SeatDecision(models.Model):
    """Another person gives it, or anybody entitled refuses it. Who asked is repeated, so that the CHECK is whole."""

    seat = models.OneToOneField(Seat, models.PROTECT, primary_key=True, related_name="decision")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    granted = models.BooleanField()
    decided_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(granted=False) | (~Q(decided_by=F("proposed_by")) & ~Q(decided_by=F("user"))),
                name="seat_given_by_two",
            )
        ]


class SeatEnd(models.Model):
    """The account acts for the municipality no more: the term ended, or another came."""

    seat = models.OneToOneField(Seat, models.PROTECT, primary_key=True, related_name="end")
    ended_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(db_default=Now(), editable=False)
