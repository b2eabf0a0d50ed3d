"""Documents over a client's lots: issued by the hub, kept here as it answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from veta.node.models import Client, IssuedDocument
from veta.node.port import HubPort
from veta.site.models import User


def issue(
    client: Client, hub: HubPort, *, id: UUID, kind: str, lot: UUID, by: User, quantity: str = "",
    sale: Mapping[str, Any] | None = None,
) -> IssuedDocument:  # fmt: skip
    """Have the hub issue a document and keep it. The same id again is the same document.

    The caller has seen to it that the lot is the client's. Raises what the hub refuses with.
    """
    body = hub.issue_certificate(id=str(id), kind=kind, lot=str(lot), quantity=quantity, sale=sale)
    kept, _made = IssuedDocument.objects.get_or_create(
        pk=id,
        defaults={
            "client": client, "kind": kind, "number": str(body["number"]), "lot": lot, "body": dict(body),
            "asked_by": by,
        },
    )  # fmt: skip
    return kept
