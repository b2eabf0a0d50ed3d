"""Acts over one application by two persons; of who is enabled they make, suspend or end the operator of the hub."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from veta.calls.domain.call import Call
from veta.calls.domain.commands.authority import lapsed, settle_act
from veta.calls.domain.history import Drafted, Event
from veta.calls.history_rows import state_of
from veta.calls.services.book import SYSTEM, lock, perform, perform_all
from veta.operators.queries import operators_now
from veta.operators.services.enrolment import enrol, record_status

# What an act over the enablement makes of the operator.
STATUS = {"suspended": "suspended", "lifted": "active", "revoked": "ended", "expired": "ended"}


@transaction.atomic
def settle(
    call: UUID,
    application: UUID,
    *,
    approved: bool,
    reason: str = "",
    signer: Mapping[str, Any] | None = None,
    seen: int,
    by: str,
    now: datetime,
) -> Event:
    """Decide, as the second person, the act that another proposed; `signer` and `seen` as `settle_act`.

    Effects, in the same transaction: an enablement records the operator, whose keys then take their own proof and two
    approvals; a suspension, a revocation or an end reaches the operator's keys within seconds. Raises as the command;
    OperatorRefused OPE-001 where the operator's code is taken.
    """
    event = perform(
        call,
        lambda state: settle_act(
            state, application, approved=approved, reason=reason, signer=signer, seen=seen, by=by.lower(), at=now
        ),
        by=by,
        now=now,
    )
    if event.kind == "operator_made":
        found = state_of(call)[0].application(application)
        enrol(
            code=str(event.data["code"]), name=found.firm, enabled_on=date.fromisoformat(str(event.data["since"])),
            act=str(event.data["number"]), officer=by,
        )  # fmt: skip
    elif event.kind in STATUS:
        _follow(state_of(call)[0], application, event, status=STATUS[event.kind], by=by)
    elif event.kind == "appeal_decided" and event.data["upheld"]:
        state = state_of(call)[0]
        status = {"habilitado": "active", "suspendido": "suspended"}.get(state.application(application).state, "")
        if status:
            _follow(state, application, event, status=status, by=by)
    return event


def _follow(state: Call, application: UUID, event: Event, *, status: str, by: str) -> None:
    enablement = state.application(application).enablement
    code = str(enablement.get("code", ""))
    operator = next((each.id for each in operators_now() if each.code == code), None)
    if operator is not None:
        record_status(
            operator=operator, status=status, enabled_on=date.fromisoformat(str(enablement["since"])),
            act=str(event.data["number"]), officer=by,
        )  # fmt: skip


@transaction.atomic
def lapse_drafts(call: UUID, *, now: datetime) -> int:
    """Close what was begun and never handed in, once registration has closed; returns how many."""
    lock(call)
    drafted = lapsed(state_of(call)[0], at=now)
    perform_all(call, ((partial(_as_drafted, each), SYSTEM) for each in drafted), now=now)
    return len(drafted)


def _as_drafted(drafted: Drafted, _state: Call) -> Drafted:
    return drafted
