"""Registrations: the role an actor may act in, for which minerals and municipalities, since when and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.ids import uuid7
from veta.registry.coherence import actor_findings, mineral_findings, municipality_findings, validity_findings
from veta.registry.domain import Act, ProducerClass, RegistrationStatus, RegistrationVersion, Role
from veta.registry.recording import insert
from veta.registry.refusals import act_findings, finding, refuse, refuse_if_any
from veta.registry.services.titles import title_ids, version_columns

_BY_MUNICIPALITY = frozenset({"subsistence", "barequero", "chatarrero"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRecord:
    """What a registration says. Empty `minerals` or `municipalities` = every one; `valid_to` None = no known end;
    `rucom_number` None = not said."""

    actor: UUID
    role: Role
    producer_class: ProducerClass | None = None
    title_code: str | None = None
    minerals: frozenset[str] = frozenset()
    municipalities: frozenset[str] = frozenset()
    status: RegistrationStatus = "active"
    plant_published: bool = False
    rucom_number: str | None = None
    valid_from: date
    valid_to: date | None = None


def register(record: RegistrationRecord, act: Act) -> UUID:
    """Register one actor for a role; returns the registration's id. Refusals as `register_all`."""
    return register_all([record], act)[0]


@transaction.atomic
def register_all(records: Sequence[RegistrationRecord], act: Act) -> list[UUID]:
    """Register any number of actors for roles, all or none; returns the registrations' ids in order.

    A producer has a class; one of subsistence (DUR 2.2.5.6.1.1.1) is enrolled in a municipality, any other in an origin
    with a code. Raises RegistryRefused with all findings at once: REG-001/002, IDE-001, ROL-005 (class and role),
    ROL-006 (no municipality), ROL-007 (no origin), TIT-001, MIN-001, PLC-001, REG-007.
    """
    refuse_if_any([*act_findings(act, two_persons=False), *_findings(records)])
    ids = [uuid7() for _ in records]
    pairs = list(zip(ids, records, strict=True))
    insert("registry_registration", [{"id": i, "actor_id": r.actor, "role": r.role} for i, r in pairs])
    insert("registry_registrationversion", [_row(uuid7(), i, r, act) for i, r in pairs])
    return ids


def record_registration_version(registration: UUID, record: RegistrationRecord, act: Act) -> UUID:
    """Add a version to a registration (renewal, suspension, other minerals); returns the version's id.

    Raises RegistryRefused as `record_registration_versions`.
    """
    return record_registration_versions([(registration, record)], act)[0]


def renew_registration(version: RegistrationVersion, act: Act, *, on: date, until: date | None = None) -> UUID:
    """Renew a registration as it stands, from a day on (DUR 2.2.5.6.1.4.1); returns the new version's id.

    Args: `until`, the last day, None = no known end. Raises RegistryRefused as `record_registration_versions`.
    """
    return record_registration_version(version.entity, _as_it_stands(version, "active", on, until), act)


def end_registration(version: RegistrationVersion, act: Act, *, on: date) -> UUID:
    """End a registration from a day on, by the act that says so: none ends by itself for want of a renewal.

    Returns the new version's id. Raises RegistryRefused as `record_registration_versions`.
    """
    return record_registration_version(version.entity, _as_it_stands(version, "cancelled", on, None), act)


def _as_it_stands(
    version: RegistrationVersion, status: RegistrationStatus, on: date, until: date | None
) -> RegistrationRecord:
    return RegistrationRecord(
        actor=version.actor, role=version.role, producer_class=version.producer_class, title_code=version.title_code,
        minerals=version.minerals, municipalities=version.municipalities, status=status,
        plant_published=version.plant_published, rucom_number=version.rucom_number, valid_from=on, valid_to=until,
    )  # fmt: skip


@transaction.atomic
def record_registration_versions(versions: Sequence[tuple[UUID, RegistrationRecord]], act: Act) -> list[UUID]:
    """Add a version to each of any number of registrations, all or none; returns the versions' ids in order.

    Raises RegistryRefused as `register_all`, and ROL-008 where a registration is unknown, or another actor's or role's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, actor_id, role FROM registry_registration WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE",
            [[registration for registration, _ in versions]],
        )
        found = {id: (actor, role) for id, actor, role in cursor.fetchall()}
    if any(found.get(registration) != (record.actor, record.role) for registration, record in versions):
        message = "Esa inscripción no existe o es de otro actor o de otro rol. Búsquela de nuevo."
        raise refuse(finding("ROL-008", "registration", message))
    refuse_if_any([*act_findings(act, two_persons=False), *_findings([record for _, record in versions])])
    ids = [uuid7() for _ in versions]
    pairs = zip(ids, versions, strict=True)
    insert("registry_registrationversion", [_row(id, entity, record, act) for id, (entity, record) in pairs])
    return ids


def _findings(records: Sequence[RegistrationRecord]) -> Iterable[Finding]:
    yield from actor_findings({r.actor for r in records}, "actor")
    yield from mineral_findings({m for r in records for m in r.minerals}, "minerals")
    yield from municipality_findings({m for r in records for m in r.municipalities}, "municipalities")
    codes = {title_code(r.title_code) for r in records if r.title_code}
    for code in sorted(codes - title_ids(sorted(codes)).keys()):
        yield finding("TIT-001", "title_code", f"El título {code} no está en el registro. Regístrelo primero.")
    for record in records:
        yield from validity_findings(record.valid_from, record.valid_to)
        yield from _class_findings(record)


def _class_findings(record: RegistrationRecord) -> Iterable[Finding]:
    norm = "DUR 2.2.5.6.1.1.1"
    if (record.role == "producer") != (record.producer_class is not None):
        message = "El productor (y solo él) lleva la clase de explotador autorizado. Corrija rol o clase."
        yield finding("ROL-005", "producer_class", message, norm=norm)
    elif record.producer_class in _BY_MUNICIPALITY:
        if not record.municipalities:
            message = "El minero de subsistencia se inscribe en su municipio. Indíquelo."
            yield finding("ROL-006", "municipalities", message, norm=norm)
    elif record.producer_class is not None and not record.title_code:
        message = "Esta clase de productor extrae de un título u origen con código. Indíquelo."
        yield finding("ROL-007", "title_code", message, norm=norm)


def _row(id: UUID, registration: UUID, record: RegistrationRecord, act: Act) -> dict[str, object]:
    return {
        "id": id,
        "registration_id": registration,
        "producer_class": record.producer_class,
        "title_code": title_code(record.title_code) if record.title_code else None,
        "minerals": record.minerals,
        "municipalities": record.municipalities,
        "status": record.status,
        "plant_published": record.plant_published,
        "rucom_number": record.rucom_number,
        **version_columns(record.valid_from, record.valid_to, act),
    }
