"""Links that open a person's page for three days: unguessable, kept only as HMAC, with nobody's identity in them."""

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from veta.hub.miner.models import Link
from veta.kernel.clock import SystemClock
from veta.storage.keys import key_of

LASTS = timedelta(days=3)


def new_link(actor: UUID) -> str:
    """A link to the person's page, for a message of the hub. Effects: a row that lapses in three days."""
    token = secrets.token_urlsafe(16)
    Link.objects.create(token=_hmac(token), actor=actor, lapses_at=SystemClock().now() + LASTS)
    return f"{settings.PUBLIC_ORIGIN}{reverse('miner_link', args=[token])}"


def actor_of(token: str, *, now: datetime) -> UUID | None:
    """Whose page a link opens; None for one that lapsed or never was."""
    return Link.objects.filter(token=_hmac(token), lapses_at__gt=now).values_list("actor", flat=True).first()


def sweep(now: datetime) -> int:
    """Forget links that lapsed; returns how many."""
    return Link.objects.filter(lapses_at__lt=now).delete()[0]


def _hmac(token: str) -> bytes:
    return hmac.digest(key_of("consent"), b"veta-miner-link-v1\x1f" + token.encode(), "sha256")
