"""The hub that this node speaks to, as its settings say."""

from functools import lru_cache

import httpx
from django.conf import settings

from veta.kernel.clock import Clock
from veta.node.client import HubClient
from veta.node.credentials import Credentials, load, path_of
from veta.node.port import HubPort
from veta.node.recording import RecordingHub
from veta.node.services.requests import keep
from veta.node.transport import new_http

SANDBOX = "sandbox:"


def open_hub(*, deadline: float = 8.0, clock: Clock | None = None) -> HubPort:
    """The hub of the settings: our signed client, or the recording one where VETA_HUB_URL is `sandbox:`.

    deadline: seconds that a call is insisted on; clock: whose hour the signatures say, else the system's.
    Raises CredentialsRefused where the operator's key is not there.
    """
    if settings.NODE_HUB_URL == SANDBOX:
        return RecordingHub(settings.NODE_HOME / "sandbox.jsonl")
    return HubClient(
        settings.NODE_HUB_URL,
        credentials(),
        origin=settings.NODE_HUB_ORIGIN or None,
        deadline=deadline,
        timeout=deadline,
        before=keep,
        clock=clock,
        http=_wire(),
    )


@lru_cache(maxsize=1)
def _wire() -> httpx.Client:
    """One pool of connections for all of a process: to make one reads the machine's certificates (25 ms, measured)."""
    return new_http()


def credentials() -> Credentials:
    """The operator's own key, in the node's home."""
    return load(settings.NODE_OPERATOR, path_of(settings.NODE_HOME, settings.NODE_OPERATOR))
