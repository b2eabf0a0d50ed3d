"""One record: what was captured, what this node saw, what the hub said, and what its person can do about it now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.node.domain.records import REVERSAL, Operation, State
from veta.node.models import BusinessRecord, Client, OutboxItem, Verdict
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.members import client_for
from veta.node.queries.mending import chain_of, mends, settled
from veta.node.queries.outbox import Line
from veta.node.queries.remedies import message_of
from veta.node.queries.undoing import can_be_undone, reversals_of, under_way
from veta.node.record_words import facts_of, tables_of
from veta.node.roles import NodeRole
from veta.node.services import outbox
from veta.node.services.capture import Given, answer_payload, capture
from veta.node.services.mending import MENDABLE
from veta.site.caller import caller_of, person_of

WRITES = (NodeRole.OWNER, NodeRole.COUNTER)
TONES = {"blocking": "stop", "warning": "wait"}


def record(request: HttpRequest, client: UUID, record: UUID) -> HttpResponse:
    """Show the record; POST sends again what is stopped, or takes an offer back."""
    found = client_for(person_of(request).id, client)
    item = get_object_or_404(OutboxItem.objects.select_related("record__device"), record=record, client=found)
    if request.method == "POST":
        client_for(person_of(request).id, client, *WRITES)
        _act(request, item)
        return redirect("node_record", client=found.id, record=record)
    verdict = Verdict.objects.filter(movement=record).first()
    writes = bool({*WRITES, NodeRole.DESK} & caller_of(request).roles)
    resolution = settled(item.record)
    unsettled = resolution is None and item.state in {state.value for state in MENDABLE}
    context = {
        "chain": chain_of(item.record), "resolution": resolution, "mends": mends(item.record),
        "correct": writes and unsettled and item.record.kind in KINDS,
        "undoes": item.record.about if item.record.kind == REVERSAL else None, **_undoing(item, writes=writes),
        "dismiss": unsettled and bool({NodeRole.OWNER, NodeRole.DESK} & caller_of(request).roles),
        "client": found, "line": Line(item), "record": item.record, "verdict": verdict,
        "facts": list(_facts(item.record, found)), "tables": list(_tables(item.record, found)),
        "findings": _shown(verdict.body["findings"] if verdict else ()),
        "local": _shown(item.record.local_findings), "retry": writes and item.state == State.DEAD.value,
        "withdraw": writes and item.state == State.PENDING.value and item.record.operation == Operation.SUBMIT.value,
    }  # fmt: skip
    return render(request, "node/record.html", context)


def _undoing(item: OutboxItem, *, writes: bool) -> dict[str, Any]:
    """The reversal that was asked for of the record, and whether one may be asked for now."""
    last = reversals_of(item.record).first()
    able = writes and can_be_undone(item) and under_way(item.record) is None
    return {"reversal": Line(last.outbox) if last is not None else None, "undo": able}


def _act(request: HttpRequest, item: OutboxItem) -> None:
    """What the button asks; the refusal is told where it cannot be."""
    now, person = SystemClock().now(), person_of(request)
    try:
        match request.POST.get("acto"):
            case "reintentar":
                outbox.try_again(item, now=now)
                messages.success(request, _("Vuelve a la cola con el mismo identificador."))
            case "retirar" if item.state == State.PENDING.value:
                answer = Given(answer_payload(item.record_id), Operation.WITHDRAW)
                capture(item.client, [answer], now=now, by=person)
                messages.success(request, _("El retiro quedó en la cola. Vale cuando la PTM lo acepte."))
            case _:
                messages.error(request, _("Eso ya no se puede. Revise cómo va el registro."))
    except DomainError as refused:
        messages.error(request, refused.message)


def _facts(record: BusinessRecord, client: Client) -> Iterator[list[str]]:
    yield from facts_of(record, client)
    if isinstance(record.payload.get("lot"), str):
        yield [_("Lote"), record.payload["lot"]]


def _tables(record: BusinessRecord, client: Client) -> Iterator[dict[str, Any]]:
    """Each table with its lines, every cell beside what its column is called: a phone shows them one below another."""
    for each in tables_of(record, client):
        yield {**each, "lines": [list(zip(each["head"], row, strict=True)) for row in each["rows"]]}


def _shown(findings: Any) -> list[dict[str, Any]]:
    return [{**each, "message": message_of(each), "tone": TONES.get(each["severity"], "")} for each in findings]
