"""Documents over a client's lots: asked of the hub once it is written that they are, and kept here as it answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.errors import DomainError
from veta.node.domain.asking import Asking, due
from veta.node.models import Client, DocumentEnding, DocumentRequest, IssuedDocument
from veta.node.port import HubPort
from veta.node.services.identities import require_same_keys
from veta.node.transport import HubRefused, HubUnreachable
from veta.site.models import User

log = logging.getLogger(__name__)
# What the hub refuses the withdrawal of a document with that ended already.
ENDED_BEFORE = "CER-011"


class DocumentRefused(DomainError):
    """A document's id that asked for something else before."""

    code = "NOD-022"


def issue(
    client: Client, hub: HubPort, *, id: UUID, kind: str, lot: UUID, by: User, now: datetime, quantity: str = "",
    sale: Mapping[str, Any] | None = None,
) -> IssuedDocument:  # fmt: skip
    """Have the hub issue a document and keep it. The same id again is the same document.

    The caller has seen to it that the lot is the client's. Raises DocumentRefused; HubRefused, which ends it unless it
    is a no for now; HubUnreachable, after which `finish_open` goes on. Effects: what is asked is committed before.
    """
    require_same_keys()
    asked = {"quantity": quantity, "sale": dict(sale or {})}
    request, _made = DocumentRequest.objects.get_or_create(
        pk=id, defaults={"client": client, "kind": kind, "lot": lot, "asked": asked, "asked_by": by}
    )
    if (request.client_id, request.kind, request.lot, request.asked) != (client.id, kind, lot, asked):
        raise DocumentRefused(gettext("Esa página ya pidió otro documento. Ábrala de nuevo y pídalo otra vez."))
    return finish(request, hub, now=now)


def finish(request: DocumentRequest, hub: HubPort, *, now: datetime) -> IssuedDocument:
    """Ask for a document, again if need be, and keep the answer. Raises as `issue`, with the cause kept."""
    try:
        body = hub.issue_certificate(
            id=str(request.id), kind=request.kind, lot=str(request.lot), quantity=request.asked["quantity"],
            sale=request.asked["sale"],
        )  # fmt: skip
    except (HubRefused, HubUnreachable) as no:
        ended = isinstance(no, HubRefused) and not no.for_now
        _note(request, Asking.REFUSED if ended else Asking.ASKED, cause=_cause(no), now=now)
        raise
    with transaction.atomic():
        kept, _made = IssuedDocument.objects.get_or_create(
            pk=request.id,
            defaults={
                "client": request.client, "kind": request.kind, "number": str(body["number"]), "lot": request.lot,
                "body": dict(body), "asked_by": request.asked_by,
            },
        )  # fmt: skip
        _note(request, Asking.ISSUED, cause="", now=now)
    return kept


def withdraw(document: IssuedDocument, hub: HubPort, *, reason: str, by: User) -> DocumentEnding:
    """Have the hub withdraw a document that nobody used; one that it withdrew before is noted so.

    Raises HubRefused (it was used: it stays), HubUnreachable: then it stands, and asking again is harmless.
    """
    require_same_keys()
    try:
        hub.withdraw_certificate(str(document.pk), reason=reason.strip())
    except HubRefused as no:
        if ENDED_BEFORE not in no.finding_codes:
            raise
    ended, _made = DocumentEnding.objects.get_or_create(
        document=document, defaults={"reason": reason.strip(), "ended_by": by}
    )
    return ended


def finish_open(hub: HubPort, *, now: datetime) -> int:
    """Ask again for what was asked and has no answer, the oldest first, up to one that gets none; how many ended.

    One that cannot be finished for any other cause says it, is logged, waits its turn again, and keeps no other back.
    """
    require_same_keys()
    ended = 0
    waiting = DocumentRequest.objects.filter(state=Asking.ASKED.value).select_related("client", "asked_by")
    for request in [each for each in waiting.order_by("asked_at") if due(each.asked_at, each.tried_at, now=now)]:
        try:
            finish(request, hub, now=now)
        except HubUnreachable:
            break
        except HubRefused as no:
            ended += not no.for_now
        except Exception as trouble:
            log.exception("document %s could not be finished", request.pk)
            _note(request, Asking.ASKED, cause=_trouble(trouble), now=now)
        else:
            ended += 1
    return ended


def _note(request: DocumentRequest, state: Asking, *, cause: str, now: datetime) -> None:
    """How it stands now; what was issued stays so."""
    open_or_refused = DocumentRequest.objects.filter(pk=request.pk).exclude(state=Asking.ISSUED.value)
    open_or_refused.update(state=state.value, cause=cause[:500], tried_at=now)


def _trouble(trouble: Exception) -> str:
    """What the page says of a fault that nobody foresaw: its kind, for what it names may be a person."""
    if isinstance(trouble, DomainError):
        return trouble.message
    said = gettext("No se pudo terminar (%(kind)s). Se intentará de nuevo; si sigue así, avise a quien lleva el nodo.")
    return said % {"kind": type(trouble).__name__}


def _cause(no: HubRefused | HubUnreachable) -> str:
    findings = (no.problem.get("findings") or ()) if isinstance(no, HubRefused) else ()
    return " ".join([no.message, *(f"{each['code']}: {each['message']}" for each in findings)])
