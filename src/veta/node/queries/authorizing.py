"""Which authorization text holds, who accepted which one, and who signed an older one."""

from __future__ import annotations

from collections import Counter
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from veta.node.domain.authorizing import FIRST, Wording, in_force
from veta.node.models import AuthorizationText, DataAuthorization


def texts() -> QuerySet[AuthorizationText]:
    """The operator's own versions, the latest first."""
    return AuthorizationText.objects.select_related("recorded_by").order_by("-since", "-id")


def wording_on(day: date) -> Wording:
    """The text that a client who authorizes on a day is given."""
    return in_force((Wording(each.version, each.text, each.since) for each in texts()), day)


def is_version(version: str) -> bool:
    """Whether a version is called so already."""
    return version == FIRST.version or AuthorizationText.objects.filter(version=version).exists()


def acceptances(client: UUID) -> QuerySet[DataAuthorization]:
    """What a client accepted, the latest first."""
    return DataAuthorization.objects.filter(client=client).select_related("recorded_by").order_by("-given_on", "-id")


def outdated(client: UUID, on: date) -> Wording | None:
    """The text that holds, where it is not the one that the client accepted last; None where it is."""
    holds, last = wording_on(on), acceptances(client).first()
    return None if last is not None and last.version == holds.version else holds


def holders() -> Counter[str]:
    """How many clients stand by each version: the last that each accepted."""
    last = DataAuthorization.objects.order_by("client", "-given_on", "-id").distinct("client")
    return Counter(last.values_list("version", flat=True))
