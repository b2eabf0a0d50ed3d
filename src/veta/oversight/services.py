"""Writes of oversight: a validation case from whoever asks for it to its outcome. Nothing is edited (ADR 0095)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from veta.bonds.queries import bonds, find_quotation
from veta.kernel.codes import new_code
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import Document, document, title_code
from veta.oversight import models
from veta.oversight.domain.validation import NORM, Kind, Opener, Outcome, ValidationCase
from veta.oversight.queries import Records, cases, records_of
from veta.registry.domain import Act
from veta.registry.queries import actors_of
from veta.registry.services.plans import require_heading_types

LONGEST_REASON = 1000


class ValidationRefused(DomainError):
    """A step of a validation that is refused; its findings say why."""

    code = "VAL-000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Who asks for a title's validation, and why.

    A holder shows the document under which the registry knows it; an insurer its NIT, or the code of a calculation of
    that title; an officer asks by the account `by`. `operator`: the code of the operator that asks in a holder's name,
    whose mandate was checked.
    """

    title: str
    opener: Opener
    reason: str
    document: Document | None = None
    quotation: str = ""
    by: str = ""
    operator: str = ""


@transaction.atomic
def open_case(opening: Opening, *, on: date) -> ValidationCase:
    """Open the validation of a title, or join the one that is open: a title has one at a time.

    What every record says that day is kept with the step. Raises ValidationRefused: VAL-001 unknown title, VAL-002 who
    asks is neither its holder nor its insurer, VAL-004 no reason, VAL-008 no author.
    """
    code = title_code(opening.title)
    records = records_of(code, on=on)
    if records is None:
        raise _refused("VAL-001", "title", f"El registro no tiene el título {code}. Revise la placa.")
    reason = _reason(opening.reason)
    actor, quotation = _right(opening, records)
    _one_at_a_time(code)
    given = {
        "opener": opening.opener, "actor": actor, "quotation": quotation, "reason": reason,
        "snapshot": _snapshot(records),
    }  # fmt: skip
    current = next((case for case in cases(title_code=code) if case.admits("joined")), None)
    if current is not None:
        return _append(current.id, "joined", by=_author(opening), on=on, **given)
    row = models.Validation.objects.create(code=new_code(), title_code=code)
    return _append(row.id, "opened", by=_author(opening), on=on, **given)


@transaction.atomic
def decide(case: UUID, outcome: Outcome, *, reason: str, by: str, on: date, act: str = "") -> ValidationCase:
    """Give the outcome, with what every record said that day. A requirement is proposed instead: it takes two persons.

    Raises ValidationRefused: VAL-003 out of its turn, VAL-004 no reason, VAL-008.
    """
    found = _locked(case)
    if outcome == "requirement" or not found.admits("decided"):
        raise _refused("VAL-003", "outcome", "Ese paso no corresponde ahora. Vea en qué está el caso.")
    records = _records(found, on)
    return _append(
        found.id, "decided", by=_person(by), on=on, outcome=outcome, act=act.strip()[:150], reason=_reason(reason),
        snapshot=_snapshot(records),
    )  # fmt: skip


@transaction.atomic
def propose_requirement(case: UUID, *, required_from: date, act: str, reason: str, by: str, on: date) -> ValidationCase:
    """Propose to require that the holder name the types behind the plan's heading, from a date.

    It has no effect until another person approves it. Raises ValidationRefused: VAL-003, VAL-004, VAL-005 without its
    act or from a day already past, VAL-007 where the plan of that day names no untyped heading, VAL-008.
    """
    found = _locked(case)
    if not found.admits("proposed"):
        raise _refused("VAL-003", "outcome", "Ese paso no corresponde ahora. Vea en qué está el caso.")
    if not act.strip() or required_from < on:
        message = "Escriba el acto que requiere, y una fecha de hoy en adelante: no se requiere hacia atrás."
        raise _refused("VAL-005", "required_from", message)
    records = _records(found, required_from)
    if records.plan is None or not records.headings:
        message = "El plan nombra el tipo de cada mineral: no hay qué requerir. Use modificar, corregir o actualizar."
        raise _refused("VAL-007", "outcome", message)
    return _append(
        found.id, "proposed", by=_person(by), on=on, outcome="requirement", act=act.strip()[:150],
        required_from=required_from, reason=_reason(reason), snapshot=_snapshot(_records(found, on)),
    )  # fmt: skip


@transaction.atomic
def settle_requirement(case: UUID, *, approved: bool, reason: str, by: str, on: date) -> ValidationCase:
    """Approve a proposed requirement, which sets the date in the registry (PLA-003 blocks from it), or decline it.

    Raises ValidationRefused: VAL-003, VAL-004 declined without a reason, VAL-005 its date passed while it waited,
    VAL-006 by who proposed it, VAL-008; and what the registry refuses.
    """
    found = _locked(case)
    waiting = found.proposed
    if waiting is None or waiting.required_from is None:
        raise _refused("VAL-003", "outcome", "No hay requerimiento por aprobar. Vea en qué está el caso.")
    by = _person(by)
    if waiting.by.strip().lower() == by.lower():
        raise _refused("VAL-006", "by", f"Lo propuso {waiting.by}: lo decide otra persona.")
    if not approved:
        return _append(found.id, "declined", by=by, on=on, reason=_reason(reason), proposed_by=waiting.by)
    if waiting.required_from < on:
        message = "La fecha del requerimiento ya pasó. Recháselo y proponga otra."
        raise _refused("VAL-005", "required_from", message)
    act = Act(reference=waiting.act, source=f"caso de validación {found.code}", recorded_by=waiting.by, approved_by=by)
    require_heading_types(found.title_code, required_from=waiting.required_from, act=act)
    return _append(
        found.id, "approved", by=by, on=on, outcome="requirement", act=waiting.act,
        required_from=waiting.required_from, reason=waiting.reason, proposed_by=waiting.by,
        snapshot=_snapshot(_records(found, on)),
    )  # fmt: skip


def _right(opening: Opening, records: Records) -> tuple[UUID | None, str]:
    """Who asks, as the registry knows it, and the calculation shown. Raises VAL-002 for who may not ask."""
    named = opening.document
    if opening.opener == "officer":
        return None, ""
    if opening.opener == "holder":
        actor = actors_of([named]).get(named) if named else None
        if actor in {holder for holder, _share in records.title.holders}:
            return actor, _shown(opening, records)
        message = "Ese documento no es de un titular del título, según el registro. Revíselo."
        raise _refused("VAL-002", "document", message)
    quotation = _shown(opening, records)
    policies = [event.policy for entry in bonds(title_code=records.title.code) for event in entry.life.events]
    insurers = {document("NIT", policy.insurer_nit) for policy in policies if policy}
    if quotation or named in insurers:
        return None, quotation
    message = (
        "Escriba el código de un cálculo de ese título, o el NIT de la aseguradora de una póliza registrada del título."
    )
    raise _refused("VAL-002", "document", message)


def _shown(opening: Opening, records: Records) -> str:
    """The code of a kept calculation of that title, empty where none was shown or it is another's."""
    kept = find_quotation(opening.quotation, records.title.code) if opening.quotation else None
    return kept.code if kept else ""


def _author(opening: Opening) -> str:
    """An officer's account; of who has none, what it is and its operator: no name or document is written here."""
    if opening.opener == "officer":
        return _person(opening.by)
    if opening.opener == "insurer":
        return "aseguradora"
    return f"titular, por {opening.operator}" if opening.operator else "titular"


def _snapshot(records: Records) -> dict[str, Any]:
    plan = records.plan
    return {
        "on": records.on.isoformat(),
        "plan": {"version": str(plan.id), "kind": plan.kind, "act": plan.act} if plan else None,
        "coherence": records.coherence.as_json() if records.coherence else None,
        "bond": records.answer["status"] if records.answer else None,
        "norms": records.answer["norms"] if records.answer else None,
    }


def _records(case: ValidationCase, on: date) -> Records:
    records = records_of(case.title_code, on=on)
    if records is None:
        raise _refused("VAL-001", "title", f"El registro no tiene el título {case.title_code} en esa fecha.")
    return records


def _locked(case: UUID) -> ValidationCase:
    found = cases(id=case)
    if not found:
        raise _refused("VAL-003", "case", "Ese caso no existe. Revise su código.")
    _one_at_a_time(found[0].title_code)
    return cases(id=case)[0]


def _one_at_a_time(code: str) -> None:
    """Steps on a title's validation take turns until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"oversight.{code}"])


def _append(case: UUID, kind: Kind, *, by: str, on: date, **given: Any) -> ValidationCase:
    place = models.ValidationEvent.objects.filter(validation_id=case).count() + 1
    models.ValidationEvent.objects.create(
        validation_id=case, place=place, kind=kind, occurred_on=on, recorded_by=by, **given
    )
    [found] = cases(id=case)
    return found


def _reason(text: str) -> str:
    if not text.strip():
        raise _refused("VAL-004", "reason", "Falta el motivo. Escríbalo: queda en el caso.")
    return text.strip()[:LONGEST_REASON]


def _person(by: str) -> str:
    if not by.strip():
        raise _refused("VAL-008", "by", "Falta quién lo hace. Escriba la cuenta.")
    return by.strip()[:150]


def _refused(code: str, field: str, message: str) -> ValidationRefused:
    return ValidationRefused(message, code=code, findings=[Finding(code, "blocking", field, NORM, message)])
