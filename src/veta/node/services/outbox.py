"""The outbox's steps: what is due, what left, what came back, what waits longer, what needs a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from veta.kernel.errors import DomainError
from veta.node.domain.clients import MandateState
from veta.node.domain.lots import of_verdict
from veta.node.domain.records import OPEN, Operation, State
from veta.node.models import BusinessRecord, Client, LotLine, OutboxItem, Verdict
from veta.node.queries.mandates import last_steps
from veta.node.services.capture import SEND, lock, wake
from veta.node.services.mandates import record_step

EACH_CLIENT, AT_ONCE = 200, 500
_OPEN = [state.value for state in OPEN]


class OutboxRefused(DomainError):
    """What is asked of a queued record is not possible as it stands."""

    code = "NOD-011"


# Of each client whose head is due, its first items; every client's first before any client's second.
DUE = """
    SELECT run.number
    FROM node_client AS client
    CROSS JOIN LATERAL (
        SELECT next_at, sent_at FROM node_outboxitem
        WHERE client_id = client.id AND state IN (%(queued)s, %(sent)s) ORDER BY number LIMIT 1
    ) AS head
    CROSS JOIN LATERAL (
        SELECT number, row_number() OVER (ORDER BY number) AS place FROM (
            SELECT number FROM node_outboxitem
            WHERE client_id = client.id AND state IN (%(queued)s, %(sent)s) ORDER BY number LIMIT %(each)s
        ) AS first
    ) AS run
    WHERE head.next_at <= %(now)s OR head.sent_at > %(now)s
    ORDER BY run.place, head.next_at, run.number
    LIMIT %(most)s
"""


def due(now: datetime) -> list[OutboxItem]:
    """What may leave now, in order of capture: of each client the run at the head of its queue; an answer goes alone.

    A client whose head waits for later waits whole, so that nothing overtakes it. Where not all fits, each client has
    an equal part, and the one that has waited longest comes first. Two queries, however many clients wait.
    """
    given: dict[str, str | int | datetime] = {
        "queued": State.QUEUED.value,
        "sent": State.SENT.value,
        "now": now,
        "each": EACH_CLIENT,
        "most": AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(DUE, given)
        numbers = [number for (number,) in cursor.fetchall()]
    heads: dict[UUID, list[OutboxItem]] = defaultdict(list)
    for item in OutboxItem.objects.filter(pk__in=numbers).select_related("record").order_by("number"):
        heads[item.client_id].append(item)
    return sorted((item for head in heads.values() for item in _run(head, now)), key=lambda item: item.number)


def _run(head: Sequence[OutboxItem], now: datetime) -> list[OutboxItem]:
    if head[0].record.operation != Operation.SUBMIT.value:
        return [head[0]]
    run: list[OutboxItem] = []
    for item in head:
        if item.record.operation != Operation.SUBMIT.value or _waits(item, now):
            break
        run.append(item)
    return run


def _waits(item: OutboxItem, now: datetime) -> bool:
    """Whether it was put off to later. What was sent after now was put off by a clock that has been set back since."""
    return item.next_at > now and not (item.sent_at is not None and item.sent_at > now)


def mark_sent(items: Sequence[OutboxItem], *, now: datetime) -> list[OutboxItem]:
    """Note, before they leave, that these may have arrived; returns those that are still to be sent."""
    wanted = OutboxItem.objects.filter(pk__in=[item.pk for item in items], state__in=_OPEN)
    with transaction.atomic():
        left = set(wanted.select_for_update().values_list("pk", flat=True))
        OutboxItem.objects.filter(pk__in=left).update(state=State.SENT.value, sent_at=now, attempts=F("attempts") + 1)
    return [item for item in items if item.pk in left]


def take(results: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Keep what the hub answered: each verdict once, as it came, and where each record stands by it.

    What the feed has settled meanwhile stands: it may have ended since.
    """
    unmandated = [_id(each["verdict"]) for each in results if _wants_mandate(each["verdict"])]
    with transaction.atomic():
        for client in Client.objects.filter(records__in=unmandated).order_by("id").distinct():
            lock(client)  # before its items, as everybody does
        _take_together([each for each in results if _is_plain(each["verdict"])], now)
        for result in results:
            if not _is_plain(result["verdict"]):
                _take(result, now)


def _is_plain(verdict: Mapping[str, Any]) -> bool:
    """Whether it is accepted, or waits for another party, and nothing follows from it, as nearly always."""
    return verdict["status"] in (State.ACCEPTED, State.PENDING) and not verdict.get("outcome")


def _take_together(results: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Those that nothing follows from, in one statement for each table and state."""
    _keep({_id(each["verdict"]): each for each in reversed(results)})
    ids: dict[State, list[UUID]] = defaultdict(list)
    for each in results:
        ids[_state(each["verdict"])].append(_id(each["verdict"]))
    for state, records in ids.items():
        waiting = OutboxItem.objects.filter(record__in=records, answered_at__isnull=True)
        # In the order of capture, nearly that of the feed, whose reader settles them one by one.
        held = list(waiting.order_by("number").select_for_update().values_list("pk", flat=True))
        OutboxItem.objects.filter(pk__in=held).update(state=state.value, answered_at=now, cause="", fix="")


def _keep(told: Mapping[UUID, Mapping[str, Any]]) -> None:
    """The verdicts by record, and of ours the lots that they gave; the first that came of each stays."""
    Verdict.objects.bulk_create([_verdict(id, each) for id, each in told.items()], ignore_conflicts=True)
    gave = [id for id, each in told.items() if each["verdict"].get("lots")]
    ours = set(BusinessRecord.objects.filter(pk__in=gave).values_list("pk", flat=True)) if gave else ()
    rows = [row for id in ours for row in LotLine.of(id, of_verdict(told[id]["verdict"]))]
    LotLine.objects.bulk_create(rows, ignore_conflicts=True)


def _verdict(id: UUID, result: Mapping[str, Any]) -> Verdict:
    """What is kept of a result under a record's id, where none is yet: the first that came stays."""
    verdict, repeated = result["verdict"], bool(result.get("repeated"))
    return Verdict(
        movement=id, status=verdict["status"], body=dict(verdict), receipt=result.get("receipt"), repeated=repeated
    )


def _take(result: Mapping[str, Any], now: datetime) -> None:
    verdict = result["verdict"]
    id = _id(verdict)
    item = OutboxItem.objects.filter(record=id, answered_at__isnull=True)
    findings = verdict.get("findings", [])
    if verdict["status"] == "rejected" and result.get("receipt") is None and _is_shape(findings):
        cause, fix = _said(findings)
        item.update(state=State.DEAD.value, answered_at=now, cause=cause, fix=fix)
        return
    _keep({id: result})
    cause, _fix = _said([each for each in findings if each["severity"] == "blocking"])
    item.update(state=_state(verdict).value, answered_at=now, cause=cause, fix="")
    if verdict["status"] != "rejected" and verdict.get("outcome"):
        ended(UUID(verdict["movement"]), str(verdict["outcome"]))
    if _wants_mandate(verdict):
        _mandate_is_gone(id)


def _id(verdict: Mapping[str, Any]) -> UUID:
    """The record's, whose verdict it is: an answer's where it is to an answer."""
    return UUID(verdict.get("step") or verdict["movement"])


def _wants_mandate(verdict: Mapping[str, Any]) -> bool:
    return any(each["code"] in NO_MANDATE for each in verdict.get("findings", []) if each["severity"] == "blocking")


def ended(movement: UUID, outcome: str) -> None:
    """What waited for another party has ended so: accepted, refused, withdrawn or lapsed."""
    OutboxItem.objects.filter(record=movement, state=State.PENDING.value).update(state=State(outcome).value)


def undone(movement: UUID) -> None:
    """What was accepted was reversed at the hub: what it made is gone, what it took is back; its confirmation too."""
    items = OutboxItem.objects.filter(state=State.ACCEPTED.value)
    items.filter(Q(record=movement) | Q(record__about=movement, record__operation=Operation.CONFIRM.value)).update(
        state=State.REVERSED.value
    )


def settle(id: UUID, verdict: Mapping[str, Any], *, now: datetime) -> None:
    """A verdict read in the feed: it also ends the doubt about what was sent and never answered."""
    _keep({id: {"verdict": verdict}})
    waiting = OutboxItem.objects.filter(record=id, answered_at__isnull=True)
    cause, _fix = _said([each for each in verdict.get("findings", []) if each["severity"] == "blocking"])
    waiting.update(state=_state(verdict).value, answered_at=now, cause=cause, fix="")
    if verdict.get("outcome") and verdict["status"] != "rejected":
        ended(UUID(verdict["movement"]), str(verdict["outcome"]))


def put_off(items: Sequence[OutboxItem], *, now: datetime, seconds: float, cause: str) -> None:
    """Try these again later, the same records under the same ids."""
    later = now + timedelta(seconds=seconds)
    OutboxItem.objects.filter(pk__in=[item.pk for item in items], state__in=_OPEN).update(
        next_at=later, cause=cause[:500]
    )


def bury(item: OutboxItem, *, now: datetime, cause: str, fix: str) -> None:
    """This one needs a person: no repetition would change the answer. What was answered meanwhile stands."""
    OutboxItem.objects.filter(pk=item.pk, answered_at__isnull=True).update(
        state=State.DEAD.value, answered_at=now, cause=cause[:500], fix=fix[:500]
    )


def try_again(item: OutboxItem, *, now: datetime) -> None:
    """A person asks that what died be sent once more, as it is. Raises OutboxRefused for what is not dead."""
    with transaction.atomic():
        revived = OutboxItem.objects.filter(pk=item.pk, state=State.DEAD.value).update(
            state=State.QUEUED.value, next_at=now, cause="", fix="", answered_at=None
        )
        if not revived:
            raise OutboxRefused(gettext("Ese envío no está detenido. Recargue la página para ver cómo va."))
        wake(SEND)


def _mandate_is_gone(id: UUID) -> None:
    """What was held to be in force is not; a proposal stands as it did."""
    client = Client.objects.get(records=id)
    step = last_steps([client.id]).get(client.id)
    if step is not None and step.state == MandateState.IN_FORCE.value:
        record_step(client, MandateState.ENDED, mandate=step.mandate, cause="hub: MAN-001")


def _state(verdict: Mapping[str, Any]) -> State:
    return State(verdict["status"])


def _is_shape(findings: Sequence[Mapping[str, Any]]) -> bool:
    return any(str(each["code"]).startswith("SCH-") for each in findings)


def _said(findings: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """What the first finding says, with its code, and what to do about a record that the hub could not read."""
    if not findings:
        return "", ""
    first = findings[0]
    return f"{first['code']}: {first['message']}"[:500], str(CORRECT)


NO_MANDATE = frozenset({"MAN-001"})
CORRECT = _("Corrija el dato y captúrelo de nuevo: la PTM no guardó nada de este.")
