"""Acts of the authority that take two persons: what one proposed, and what another decided."""

from typing import Literal

from django.db import models
from django.db.models import F, Q

from veta.registry.models.fields import key, latch, latch_is_zero, one_of, recorded_at


class ActProposal(models.Model):
    """A change of capacity or of a title's status as one officer proposed it. It has no effect by itself."""

    id = key()
    kind = models.CharField(max_length=16)
    title_code = models.CharField(max_length=40)
    payload = models.JSONField()
    proposed_by = models.CharField(max_length=150)
    recorded_at = recorded_at()
    latch = latch()

    class Meta:
        constraints = [
            one_of("kind", Literal["title_version", "works_plan"], "act_proposal_kind"),
            models.UniqueConstraint(fields=["id", "proposed_by"], name="act_proposal_author"),
            latch_is_zero("act_proposal"),
        ]


class ActDecision(models.Model):
    """The one decision on a proposal, by another person. The migration ties `proposed_by` to the proposal's own."""

    proposal = models.OneToOneField(ActProposal, models.PROTECT, primary_key=True, related_name="decision")
    proposed_by = models.CharField(max_length=150)
    decided_by = models.CharField(max_length=150)
    decision = models.CharField(max_length=8)
    reason = models.CharField(max_length=400, blank=True)
    version = models.UUIDField(null=True)
    recorded_at = recorded_at()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("proposed_by")), name="act_decision_two_persons"),
            one_of("decision", Literal["approved", "refused"], "act_decision_kind"),
            models.CheckConstraint(
                condition=Q(decision="approved", version__isnull=False) | Q(decision="refused", version__isnull=True),
                name="act_decision_version",
            ),
        ]
