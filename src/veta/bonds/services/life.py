"""Writes on the life of a bond: each step recorded with who, when and on what act; nothing is edited."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from veta.bonds import models
from veta.bonds.domain.life import ART_280, COVERS, Kind, Life, Policy, policy_findings
from veta.bonds.from_title import STAGES, modality_of
from veta.bonds.queries import BondEntry, bonds
from veta.bonds.services.quotes import save_quotation
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import document, title_code
from veta.kernel.period import Period, contract_year_of
from veta.prices.domain.fields import Fields
from veta.registry.domain import version_on
from veta.registry.queries import actors_of, kinds_of, titles_by_code, titles_in_force

_TEXTS = ("insurer", "insurer_nit", "number", "annex", "beneficiary")


class BondRefused(DomainError):
    """A step in a bond's life that is refused; its findings say why."""

    code = "BON-030"


@transaction.atomic
def require(title: str, *, starts_on: date, by: str, case: dict[str, Any] | None = None) -> BondEntry:
    """Require the bond of the annuity that a day falls in, at the value that plan and prices give.

    Again, later, it requires the value of then: under a changed plan or corrected price. `case` adds what the registry
    does not hold (the year's investment). Raises CaseRefused; BondRefused BON-031 unknown title or without contract
    date, BON-032 no value to require.
    """
    code = title_code(title)
    versions = titles_by_code([code]).get(code, [])
    version = version_on(versions, starts_on)
    if version is None or version.contract_date is None:
        raise _refused("BON-031", "title", f"El registro no tiene el título {code} con fecha de contrato ese día.")
    annuity = contract_year_of(starts_on, anniversary=version.contract_date)
    kept = save_quotation({**(case or {}), "title": code, "starts_on": annuity.start.isoformat()})
    value = kept.answer["insured_value_cop"]
    if value is None:
        why = " ".join(f["message"] for f in kept.answer["findings"] if f["severity"] == "blocking")
        raise _refused("BON-032", "value", f"No hay valor que exigir. {why}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"bonds.{code}"])
    row, _ = models.Bond.objects.get_or_create(
        title_code=code, annuity_start=annuity.start, defaults={"annuity_end": annuity.end}
    )
    return _append(row, "required", by=by, on=starts_on, value_pesos=int(value), quotation_id=kept.code)


def unrequired(on: date) -> list[tuple[str, Period]]:
    """The concessions in force whose annuity of that day has no bond required yet, with the annuity, by code."""
    annuities = {
        title.code: contract_year_of(on, anniversary=title.contract_date)
        for title in titles_in_force(on)
        if title.contract_date is not None
        and title.contract_date <= on
        and title.stage in STAGES
        and modality_of(title.modality) == "contrato_concesion"
    }
    known = models.Bond.objects.filter(annuity_end__gte=on, annuity_start__lte=on)
    required = set(known.values_list("title_code", flat=True))
    return [(code, annuity) for code, annuity in annuities.items() if code not in required]


@transaction.atomic
def present(bond: UUID, policy: Policy, *, on: date, by: str) -> BondEntry:
    """Record the policy that the holder presents, with what it lacks: the authority decides on it.

    Raises BondRefused: BON-033 out of its turn, BON-034 a policy that cannot be (insurer's NIT, unknown policyholder or
    cover, no value).
    """
    row, life = _locked(bond)
    return _with_policy(row, life, "presented", policy, on=on, by=by)


@transaction.atomic
def restore(bond: UUID, policy: Policy, *, on: date, by: str) -> BondEntry:
    """Record the policy that restores one that was drawn; it waits for approval like any other. Raises BondRefused."""
    row, life = _locked(bond)
    return _with_policy(row, life, "restored", policy, on=on, by=by)


@transaction.atomic
def decide(bond: UUID, *, approved: bool, act: str, on: date, by: str, reason: str = "") -> BondEntry:
    """Approve or object what was presented, by the authority's act.

    Raises BondRefused: BON-033, BON-035 without act or an objection without reason, BON-036 by who presented it.
    """
    row, life = _locked(bond)
    kind: Kind = "approved" if approved else "objected"
    _require_turn(life, kind)
    if not act.strip() or not (approved or reason.strip()):
        raise _refused("BON-035", "act", "Falta el acto de la autoridad o, si objeta, el motivo. Escríbalos.")
    if life.events[-1].by.strip().lower() == by.strip().lower():
        raise _refused("BON-036", "by", "Quien aprueba debe ser otra persona que quien registró la póliza.")
    return _append(row, kind, by=by, on=on, act=act.strip(), reason=reason.strip())


@transaction.atomic
def draw(bond: UUID, *, pesos: int, act: str, on: date, by: str, reason: str = "") -> BondEntry:
    """Record that the policy was made effective for an amount, by an act; the duty to restore it begins.

    Raises BondRefused: BON-033, BON-035, BON-037 for more than it insures or nothing.
    """
    row, life = _locked(bond)
    _require_turn(life, "drawn")
    if not act.strip():
        raise _refused("BON-035", "act", "Falta el acto que la hace efectiva. Escríbalo.")
    insured = life.approved_policy.insured if life.approved_policy else 0
    if not 0 < pesos <= insured:
        raise _refused("BON-037", "value", f"Se puede hacer efectiva por más de cero y hasta {insured} pesos.")
    return _append(row, "drawn", by=by, on=on, value_pesos=pesos, act=act.strip(), reason=reason.strip())


def read_policy(value: object) -> Policy:
    """The policy that a JSON object states. Raises BondRefused BON-034 with every finding.

    `policyholder` is the document of somebody in the registry, `{"type", "number"}`; `insured_cop` is in whole pesos.
    """
    found: list[Finding] = []
    fields = Fields(value, "policy", found)
    texts = {name: fields.take(name, fields.text, required=name != "annex") or "" for name in _TEXTS}
    start, end = (fields.take(name, fields.day, required=True) for name in ("valid_from", "valid_to"))
    insured = fields.take("insured_cop", fields.micros, required=True)
    covers = fields.take("covers", lambda _, item: frozenset(map(str, item)) if isinstance(item, list) else frozenset())
    holder = fields.take("policyholder", lambda name, item: _actor_of(fields, name, item), required=True)
    fields.close((*_TEXTS, "valid_from", "valid_to", "insured_cop", "covers", "policyholder"))
    if start and end and end < start:
        fields.refuse("valid_to", end.isoformat(), "La vigencia termina antes de empezar. Corrija una fecha.")
    if insured is not None and insured % 10**6:
        fields.refuse("insured_cop", str(insured), "El valor asegurado va en pesos enteros.")
    if found or start is None or end is None or insured is None or holder is None:
        raise BondRefused(" ".join(finding.message for finding in found), code="BON-034", findings=found)
    return Policy(
        **texts,
        policyholder=holder,
        covers=covers or frozenset(),
        validity=Period(start, end),
        insured=insured // 10**6,
    )


def _actor_of(fields: Fields, name: str, value: Any) -> UUID | None:
    try:
        named = document(value["type"], value["number"])
    except (DomainError, KeyError, TypeError):
        fields.refuse(name, "", 'No es un documento. Escríbalo como {"type": "NIT", "number": "900500018"}.')
        return None
    return actors_of([named]).get(named) or UUID(int=0)


def _with_policy(row: models.Bond, life: Life, kind: Kind, policy: Policy, *, on: date, by: str) -> BondEntry:
    _require_turn(life, kind)
    if faults := list(_faults(policy)):
        message = " ".join(fault.message for fault in faults)
        raise BondRefused(message, code="BON-034", findings=faults)
    lacking = [finding.as_json() for finding in policy_findings(policy, life)]
    return _append(row, kind, by=by, on=on, value_pesos=policy.insured, policy=_plain(policy), findings=lacking)


def _faults(policy: Policy) -> Sequence[Finding]:
    found = []
    try:
        document("NIT", policy.insurer_nit)
    except DomainError as refused:
        found.append(_finding("BON-034", "insurer_nit", refused.message))
    if policy.policyholder not in kinds_of([policy.policyholder]):
        found.append(_finding("BON-034", "policyholder", "El tomador no está en el registro. Regístrelo primero."))
    if unknown := sorted(policy.covers - COVERS.keys()):
        known = ", ".join(COVERS)
        found.append(_finding("BON-034", "covers", f"No se conocen los amparos {', '.join(unknown)}. Use: {known}."))
    if policy.insured <= 0 or not policy.number.strip() or not policy.insurer.strip():
        found.append(_finding("BON-034", "policy", "Faltan aseguradora, número o valor asegurado. Complételos."))
    return found


def _plain(policy: Policy) -> dict[str, Any]:
    plain = asdict(policy) | {
        "policyholder": str(policy.policyholder),
        "covers": sorted(policy.covers),
        "validity": [policy.validity.start.isoformat(), policy.validity.end.isoformat()],
    }
    return plain


def _locked(bond: UUID) -> tuple[models.Bond, Life]:
    row = models.Bond.objects.filter(pk=bond).first()
    if row is None:
        raise _refused("BON-031", "bond", "Esa póliza no existe. Revise el título y la anualidad.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"bonds.{row.title_code}"])
    [entry] = bonds(id=bond)
    return row, entry.life


def _require_turn(life: Life, kind: Kind) -> None:
    if not life.admits(kind):
        raise _refused("BON-033", "state", "Ese paso no corresponde ahora. Vea en qué estado está la póliza.")


def _append(row: models.Bond, kind: Kind, *, by: str, on: date, **given: Any) -> BondEntry:
    if not by.strip():
        raise _refused("BON-038", "by", "Falta quién lo registra.")
    [*known] = bonds(id=row.id)
    if known and not known[0].life.admits(kind):
        raise _refused("BON-033", "state", "Ese paso no corresponde ahora. Vea en qué estado está la póliza.")
    models.BondEvent.objects.create(
        bond=row, place=row.events.count() + 1, kind=kind, occurred_on=on, recorded_by=by.strip(), **given
    )
    [entry] = bonds(id=row.id)
    return entry


def _finding(code: str, field: str, message: str) -> Finding:
    return Finding(code, "blocking", field, ART_280, message)


def _refused(code: str, field: str, message: str) -> BondRefused:
    return BondRefused(message, code=code, findings=[_finding(code, field, message)])
