"""The authority's acts over lots: one officer proposes, another approves, and the act is a movement like any other.

Suspension, lift, seizure, accreditation, and the reversal of what no party may undo, have an id, a verdict and a leaf
(ADR 0074); what is approved is decided at that moment, against the lots as they then stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from django.db import connection, transaction

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.ids import uuid7
from veta.movements import group
from veta.movements.domain.item import Item
from veta.movements.domain.reader import Unreadable
from veta.movements.domain.shape import read_act, read_item
from veta.movements.domain.submission import Received, Result, Submission
from veta.movements.domain.verdict import instant_text
from veta.movements.models import ActProposal
from veta.operators.services.hub_keys import HubSigner
from veta.storage.connection import plain_cursor

ATTEMPTS: Final = 3


class ActRefused(DomainError):
    """A proposal or decision that is not recorded; `findings` say which fields are wrong."""

    code = "MOV-001"


def propose_act(kind: str, words: Mapping[str, Any], *, by: str, clock: Clock) -> UUID:
    """Keep a proposed `suspension`, `lift`, `seizure`, `accredit` or `reversal`; it has no effect until another person
    approves.

    Args:
        words: the act's fields as in the API, without `id`, `kind` and `occurred_at`: authority, act (its number),
            issued_on, reason, place, evidence, and `lots` (suspension), `suspension` (lift), `items` of lot and
            quantity, or `found` without a lot (seizure), `lot`, `accreditation` and `origin` (accredit), or `movement`
            (reversal).
    Returns: the proposal's id, which is the movement's too. Raises ActRefused with SCH findings, or MOV-005 where
    nobody proposes.
    """
    if not by.strip():
        raise ActRefused("Falta quién propone. Ingrese con su cuenta.", code="MOV-005")
    id = uuid7()
    try:
        _read(_value(id, kind, words, clock.now()))
    except Unreadable as cause:
        raise _unreadable(cause.findings) from None
    ActProposal.objects.create(id=id, kind=kind, words=dict(words), proposed_by=by)
    return id


def approve_act(proposal: UUID, *, by: str, clock: Clock, signer: HubSigner) -> Result:
    """Approve a proposal, and have it decided as a movement now, in the same transaction.

    Returns the verdict, which may be a rejection: the approval then stands beside it. Raises ActRefused: MOV-002
    unknown, MOV-003 decided already, MOV-004 by its own author.
    Effects: of a suspension, and of taint found later, locks the lots named and all their descendants; tried again
    where that crossed another transaction.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                found = _decide(proposal, by=by, decision="approved", reason="")
                return _run(found, clock=clock, signer=signer)
        except (psycopg.OperationalError, psycopg.IntegrityError):
            if attempt == ATTEMPTS or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def refuse_act(proposal: UUID, *, by: str, reason: str) -> None:
    """Refuse a proposal for a reason: it stays on record without effect. Raises ActRefused as `approve_act`, and
    MOV-006 without a reason."""
    if not reason.strip():
        raise ActRefused("Falta por qué se rechaza. Escríbalo.", code="MOV-006")
    _decide(proposal, by=by, decision="refused", reason=reason)


def _decide(proposal: UUID, *, by: str, decision: str, reason: str) -> ActProposal:
    """Record the one decision; whoever decides at the same time waits here, and finds it decided."""
    found = ActProposal.objects.filter(id=proposal).first()
    if found is None:
        raise ActRefused("Esa propuesta no existe. Revise su número.", code="MOV-002")
    if not by.strip() or by.strip().lower() == found.proposed_by.strip().lower():
        raise ActRefused("Quien decide debe ser otra persona que quien propuso.", code="MOV-004")
    inserted = plain_cursor().execute(
        "INSERT INTO movements_actdecision (proposal, proposed_by, decided_by, decision, reason)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (proposal) DO NOTHING",
        (proposal, found.proposed_by, by, decision, reason),
    )
    if not inserted.rowcount:
        raise ActRefused("Esa propuesta ya se decidió. Presente otra si hace falta.", code="MOV-003")
    return found


def _run(proposal: ActProposal, *, clock: Clock, signer: HubSigner) -> Result:
    value = _value(proposal.id, proposal.kind, proposal.words, clock.now())
    words = canonical(value)
    submission = Submission(group.HUB, [Received(words, words, _read(value), str(proposal.id))])
    group.run([submission], clock=clock, signer=signer)
    return submission.results[0]


def _value(id: UUID, kind: str, words: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    said = orjson.loads(canonical(dict(words)))
    if kind == "reversal":  # in the words of the API, which has no fields for who ordered it
        why = f"{said.get('reason', '')} ({said.get('authority', '')}, {said.get('act', '')})"
        said = {"movement": said.get("movement"), "reason": why}
    return {**said, "id": str(id), "kind": kind, "occurred_at": instant_text(at)}


def _read(value: dict[str, Any]) -> Item:
    return read_item(value) if value["kind"] == "reversal" else read_act(value)


def _unreadable(findings: tuple[Finding, ...]) -> ActRefused:
    said = " ".join(f"{found.field}: {found.message}" for found in findings)
    return ActRefused(said, code=findings[0].code, findings=findings)
