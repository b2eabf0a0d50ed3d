"""The status lists as anybody fetches them: signed, with the instant they are true of."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from veta.certificates.domain.credential import PURPOSES, status_credential
from veta.certificates.domain.integrity import secured
from veta.certificates.domain.status_list import encode
from veta.certificates.queries import states
from veta.kernel.clock import Clock
from veta.operators.services.hub_keys import HubSigner


def status_lists(*, clock: Clock, signer: HubSigner) -> dict[str, dict[str, Any]]:
    """Both lists by purpose, each a credential that the hub signed now."""
    now = clock.now()
    public = signer.private.public_key().public_bytes_raw()
    values = dict(zip(PURPOSES, states(), strict=True))
    made = {}
    for purpose, bits in PURPOSES.items():
        encoded = encode(values[purpose], bits=bits)
        bare = status_credential(encoded, site=settings.PUBLIC_ORIGIN, purpose=purpose, public_key=public, at=now)
        made[purpose] = secured(bare, private=signer.private, created=now)
    return made
