"""Capacity and title status take two persons (ADR 0042): one proposes; it counts once another approves."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from veta.kernel.identity import title_code
from veta.kernel.ids import uuid7
from veta.registry.domain import Act, PlanChange, PlanLine
from veta.registry.refusals import act_findings, finding, refuse, refuse_if_any
from veta.registry.services.plans import PlanRecord, record_plan
from veta.registry.services.titles import TitleRecord, record_title_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What an approval recorded: the version's id and, of a plan, what changed (post its `grant` differences)."""

    version: UUID
    change: PlanChange | None


def propose_title_version(record: TitleRecord, act: Act) -> UUID:
    """Keep a proposed version of a title; returns the proposal's id. It has no effect until another person approves."""
    return _propose("title_version", record.code, asdict(record), act)


def propose_plan(record: PlanRecord, act: Act) -> UUID:
    """Keep a proposed works plan; returns the proposal's id. It has no effect until another person approves."""
    return _propose("works_plan", record.title_code, asdict(record), act)


@transaction.atomic
def approve(proposal: UUID, *, by: str) -> Approved:
    """Approve a proposal and record what it says, all or nothing.

    What is recorded is validated now, against the registry as it stands at approval. Raises RegistryRefused: REG-004
    unknown, REG-005 decided already, REG-003 by its own author; and what the recording itself refuses.
    """
    with connection.cursor() as cursor:
        kind, payload, author = _open_proposal(cursor, proposal, by)
        act = Act(**payload["act"], approved_by=by)
        approved = _RECORDERS[kind](payload["record"], act)
        _decide(cursor, proposal, author, by=by, decision="approved", reason="", version=approved.version)
    return approved


@transaction.atomic
def refuse_proposal(proposal: UUID, *, by: str, reason: str) -> None:
    """Refuse a proposal for a reason: it stays on record without effect. Raises RegistryRefused as `approve`."""
    if not reason.strip():
        raise refuse(finding("REG-006", "reason", "Falta por qué se rechaza. Escríbalo."))
    with connection.cursor() as cursor:
        _, _, author = _open_proposal(cursor, proposal, by)
        _decide(cursor, proposal, author, by=by, decision="refused", reason=reason, version=None)


def _propose(kind: str, code: str, record: Mapping[str, Any], act: Act) -> UUID:
    refuse_if_any(act_findings(act, two_persons=False))
    id = uuid7()
    author = {"reference": act.reference, "source": act.source, "recorded_by": act.recorded_by}
    payload = orjson.dumps({"record": _plain(record), "act": author}).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_actproposal (id, kind, title_code, payload, proposed_by)"
            " VALUES (%s, %s, %s, %s::jsonb, %s)",
            [id, kind, title_code(code), payload, act.recorded_by],
        )
    return id


def _open_proposal(cursor: CursorWrapper, proposal: UUID, by: str) -> tuple[str, Mapping[str, Any], str]:
    """Lock a proposal nobody decided yet: its kind, payload and author."""
    cursor.execute("SELECT kind, payload, proposed_by FROM registry_actproposal WHERE id = %s FOR UPDATE", [proposal])
    row = cursor.fetchone()
    if row is None:
        raise refuse(finding("REG-004", "proposal", "Esa propuesta no existe. Revise su número."))
    cursor.execute("SELECT FROM registry_actdecision WHERE proposal_id = %s", [proposal])
    if cursor.fetchone() is not None:
        raise refuse(finding("REG-005", "proposal", "Esa propuesta ya se decidió. Presente otra si hace falta."))
    if row[2].strip().lower() == by.strip().lower() or not by.strip():
        raise refuse(finding("REG-003", "approved_by", "Quien decide debe ser otra persona que quien propuso."))
    return row[0], orjson.loads(row[1]), row[2]


def _decide(
    cursor: CursorWrapper, proposal: UUID, author: str, *, by: str, decision: str, reason: str, version: UUID | None
) -> None:
    cursor.execute(
        "INSERT INTO registry_actdecision (proposal_id, proposed_by, decided_by, decision, reason, version)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [proposal, author, by, decision, reason, version],
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


def _dates(record: Mapping[str, Any]) -> dict[str, Any]:
    named = {"valid_from", "valid_to", "approved_on", "contract_date", "inscription_date", "end_date"}
    return {key: date.fromisoformat(v) if key in named and v is not None else v for key, v in record.items()}


def _record_title(record: Mapping[str, Any], act: Act) -> Approved:
    values = _dates(record)
    values |= {name: frozenset(values[name]) for name in ("minerals", "associated", "municipalities")}
    holders = tuple((UUID(actor), share) for actor, share in values.pop("holders"))
    return Approved(version=record_title_version(TitleRecord(holders=holders, **values), act), change=None)


def _record_plan(record: Mapping[str, Any], act: Act) -> Approved:
    values = _dates(record)
    lines = tuple(PlanLine(line["mineral"], line["volumes"]) for line in values.pop("lines"))
    change = record_plan(PlanRecord(lines=lines, **values), act)
    return Approved(version=change.after.id, change=change)


_RECORDERS: Mapping[str, Callable[[Mapping[str, Any], Act], Approved]] = {
    "title_version": _record_title,
    "works_plan": _record_plan,
}
