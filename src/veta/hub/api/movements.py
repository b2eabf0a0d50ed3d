"""Movements: report, check, answer, withdraw, look up."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from veta.hub.api.body import answer_body, result_body, state_body
from veta.hub.api.operation import JSON, READ, operation
from veta.hub.api.problem import problem
from veta.hub.api.signed import operator_of, refuse_replayed, signed_of, signed_read, signed_write
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.kernel.quantity import text_of
from veta.kernel.strict_json import frame_of, parse, parse_batch
from veta.ledger.queries import lots
from veta.movements import services
from veta.movements.domain.facts import PendingLineFacts
from veta.movements.domain.shape import DECISIONS
from veta.movements.domain.submission import Submission, receive
from veta.movements.queries import pending
from veta.movements.queries.words import price_said
from veta.norms.catalogue import catalogue
from veta.storage.connection import plain_cursor

router = Router(tags=["movements"])


BATCH: Final = {"$ref": "#/components/schemas/Batch"}
REPORTED: Final = {
    "movements": [
        {
            "id": "0193a1b2-0000-7000-8000-000000000001", "kind": "production",
            "occurred_at": "2026-11-10T09:00:00-05:00", "holder": {"type": "NIT", "number": "900100002"},
            "origin": {"kind": "title", "code": "DEMO-001"}, "mineral": "carbon_termico", "quantity": "100.000",
            "unit": "t",
        }
    ]
}  # fmt: skip
SHOWN_BY: Final = {
    "movement": {"operationId": "show", "parameters": {"movement": "$response.body#/results/0/verdict/movement"}}
}


@router.post("/movements", **operation(
    signed_write("movements"), answer="Results", body=BATCH, refusals=(503,), example=REPORTED, links=SHOWN_BY,
))  # fmt: skip
def report(request: HttpRequest) -> HttpResponse:
    """Report movements: each is atomic by itself, decided in order; one result for each, in order."""
    submission = _submission(request)
    services.submit(submission)
    return _answered(request, submission)


@router.post("/movements/check", **operation(
    signed_read("check"), answer="Results", body=BATCH, refusals=(503,), example=REPORTED,
))  # fmt: skip
def check(request: HttpRequest) -> HttpResponse:
    """Decide the same without writing anything. Of the cap of a person whose use the operator may not see, only whether
    it is used up, or whether the quantity is more than all of it."""
    submission = _submission(request)
    submission.signed = None  # its nonce is stored already, and nothing else of it is kept
    services.check(submission, clock=SystemClock())
    return _answered(request, submission)


def _submission(request: HttpRequest) -> Submission:
    items, raw = parse_batch(request.body, "movements")
    signed = signed_of(request, frame=frame_of(request.body, raw))
    return Submission(
        operator_of(request),
        [receive(value, words) for value, words in zip(items, raw, strict=True)],
        signed,
    )


def _answered(request: HttpRequest, submission: Submission) -> HttpResponse:
    if submission.replayed:
        refuse_replayed(request)
    return HttpResponse(answer_body(submission.results), content_type=JSON)


@router.api_operation(READ, "/movements/{uuid:movement}", **operation(
    signed_read("read"), answer="MovementState", refusals=(404,),
))  # fmt: skip
def show(request: HttpRequest, movement: UUID) -> HttpResponse:
    """A movement's verdict, state and events, to the operators of its parties."""
    found = services.seen_by(operator_of(request), movement, on=bogota_date(SystemClock().now()))
    if found is None:
        return problem(404, services.NOT_FOUND)
    offer = _offer(movement) if found.kind == "sale" else None
    return HttpResponse(state_body(movement, found, offer=offer), content_type=JSON)


def _offer(movement: UUID) -> dict[str, Any] | None:
    """What a sale that waits, or waited, for its buyer offers: each line, the lot that confirming makes of it, and the
    price that its seller stated."""
    waiting = pending(plain_cursor(), [movement]).get(movement)
    if waiting is None:
        return None
    rows = lots(plain_cursor(), [line.lot for line in waiting.lines])
    confirm_by = waiting.confirm_by.isoformat() if waiting.confirm_by is not None else None
    lines = [_line(line, rows[line.lot].commodity) for line in waiting.lines]
    return {"confirm_by": confirm_by, "price_cop": price_said(plain_cursor(), movement), "lines": lines}


def _line(line: PendingLineFacts, commodity: str) -> dict[str, str]:
    mineral = catalogue().mineral(commodity)
    factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
    return {
        "lot": str(line.lot), "mineral": commodity, "quantity": text_of(line.amount, factor=factor), "unit": unit,
        "new_lot": str(line.new_lot),
    }  # fmt: skip


@router.post("/movements/{uuid:movement}/confirmation", **operation(
    signed_write("movements"), answer="Result", body=DECISIONS["confirmation"], refusals=(404, 503),
))  # fmt: skip
def confirm(request: HttpRequest, movement: UUID) -> HttpResponse:
    """Confirm or refuse what waits for a client of the operator."""
    return _step(request, movement, "confirmation")


@router.post("/movements/{uuid:movement}/withdrawal", **operation(
    signed_write("movements"), answer="Result", body=DECISIONS["withdrawal"], refusals=(404, 503),
))  # fmt: skip
def withdraw(request: HttpRequest, movement: UUID) -> HttpResponse:
    """Withdraw what a client of the operator offered and nobody answered yet."""
    return _step(request, movement, "withdrawal")


def _step(request: HttpRequest, movement: UUID, kind: str) -> HttpResponse:
    value = parse(request.body)
    received = services.receive_step(value, request.body, kind=kind, movement=movement, clock=SystemClock())
    if received.item is None:
        return problem(422, services.UNREADABLE, findings=received.findings)
    submission = Submission(operator_of(request), [received], signed_of(request, frame=b"\x00"))
    services.submit(submission)
    if submission.replayed:
        refuse_replayed(request)
    if submission.unseen:
        return problem(404, services.NOT_FOUND)
    return HttpResponse(result_body(submission.results[0]), content_type=JSON)
