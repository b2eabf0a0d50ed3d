"""Versions of registrations, titles, plans and mandates, for any number of entities in one statement each.

All are given newest recorded first, as `domain.version_on` takes them. `known_at` limits them to what was recorded by
that instant; without it, everything known now.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from veta.registry.domain import MandateVersion, PlanLine, PlanVersion, RegistrationVersion, TitleVersion
from veta.registry.queries.reading import read_rows
from veta.storage.arrays import uuids

K = TypeVar("K")
T = TypeVar("T")

_REGISTRATION = """
SELECT v.id, v.registration_id, r.actor_id, r.role, v.producer_class, v.minerals, v.municipalities, v.status,
       v.valid_from, v.valid_to, v.plant_published, v.title_code, v.rucom_number
FROM registry_registrationversion v JOIN registry_registration r ON r.id = v.registration_id
WHERE {where} AND v.recorded_at <= coalesce(%s, 'infinity'::timestamptz)
ORDER BY v.seq DESC"""

_TITLE = """
SELECT v.id, v.title_id, t.code, t.kind, v.modality, v.stage, v.status, h.actors, h.shares, v.minerals, v.associated,
       v.municipalities, v.contract_date, v.inscription_date, v.end_date, v.environmental_instrument, v.scale,
       v.valid_from, v.valid_to, v.scale_act
FROM registry_titleversion v JOIN registry_title t ON t.id = v.title_id
LEFT JOIN LATERAL (
    SELECT array_agg(h.actor_id ORDER BY h.position) AS actors, array_agg(h.share ORDER BY h.position) AS shares
    FROM registry_titleholder h WHERE h.version_id = v.id
) h ON true
WHERE {where} AND v.recorded_at <= coalesce(%s, 'infinity'::timestamptz)
ORDER BY v.seq DESC"""

_PLAN = """
SELECT v.id, v.title_id, v.kind, v.act, v.approved_on, v.valid_from, v.valid_to, l.minerals, l.starts, l.amounts,
       v.heading_required_from, v.scale, v.duration_years, v.characteristics
FROM registry_worksplanversion v
LEFT JOIN LATERAL (
    SELECT array_agg(l.mineral ORDER BY l.mineral, l.year_start) AS minerals,
           array_agg(l.year_start::text ORDER BY l.mineral, l.year_start) AS starts,
           array_agg(l.amount ORDER BY l.mineral, l.year_start) AS amounts
    FROM registry_worksplanline l WHERE l.version_id = v.id
) l ON true
WHERE {where} AND v.recorded_at <= coalesce(%s, 'infinity'::timestamptz)
ORDER BY v.seq DESC"""

_MANDATE = """
SELECT v.id, m.actor_id, m.operator, v.status, v.valid_from, v.valid_to
FROM registry_mandateversion v JOIN registry_mandate m ON m.id = v.mandate_id
WHERE {where} AND v.recorded_at <= coalesce(%s, 'infinity'::timestamptz)
ORDER BY v.seq DESC"""


def registrations_of(
    actors: Collection[UUID], known_at: datetime | None = None
) -> dict[UUID, list[RegistrationVersion]]:
    """Every version of every registration of each actor; an actor with none has no key."""
    found = _rows(_REGISTRATION.format(where="r.actor_id = ANY(%s::uuid[])"), [uuids(actors), known_at])
    return _grouped((version.actor, version) for version in map(_registration, found))


def registrations_for_title(codes: Collection[str]) -> dict[str, list[RegistrationVersion]]:
    """Every version of every registration made for each title's code."""
    found = _rows(_REGISTRATION.format(where="v.title_code = ANY(%s)"), [list(codes), None])
    return _grouped((str(version.title_code), version) for version in map(_registration, found))


def registration_history(registration: UUID) -> list[RegistrationVersion]:
    """Every version of one registration, the one recorded last first; none where there is no such registration."""
    return [_registration(row) for row in _rows(_REGISTRATION.format(where="r.id = %s"), [registration, None])]


def titles_by_code(codes: Collection[str], known_at: datetime | None = None) -> dict[str, list[TitleVersion]]:
    """Every version of each title by its code, as normalised; a code nobody recorded has no key."""
    found = _rows(_TITLE.format(where="t.code = ANY(%s)"), [list(codes), known_at])
    return _grouped((version.code, version) for version in map(_title, found))


def titles_in_force(on: date) -> list[TitleVersion]:
    """The version that holds on a day of every title in force that day, by code."""
    last = (
        "v.seq = (SELECT max(x.seq) FROM registry_titleversion x WHERE x.title_id = v.title_id AND x.valid_from <= %s"
        " AND coalesce(x.valid_to, 'infinity') >= %s) AND v.status = 'in_force'"
    )
    return sorted(map(_title, read_rows(_TITLE.format(where=last), [on, on, None])), key=lambda title: title.code)


def plans_of(titles: Collection[UUID], known_at: datetime | None = None) -> dict[UUID, list[PlanVersion]]:
    """Every version of the works plan of each title; a title with none has no key."""
    found = _rows(_PLAN.format(where="v.title_id = ANY(%s::uuid[])"), [uuids(titles), known_at])
    return _grouped((version.title, version) for version in map(_plan, found))


def mandates_of(
    actors: Collection[UUID], operator: UUID, known_at: datetime | None = None
) -> dict[UUID, list[MandateVersion]]:
    """Every version of the mandate of each actor with one operator."""
    where = "m.actor_id = ANY(%s::uuid[]) AND m.operator = %s"
    found = _rows(_MANDATE.format(where=where), [uuids(actors), operator, known_at])
    return _grouped((version.actor, version) for version in map(_mandate, found))


def mandates_among(
    actors: Collection[UUID], operators: Collection[UUID]
) -> dict[tuple[UUID, UUID], list[MandateVersion]]:
    """Every version of the mandates of some actors with some operators, by (actor, operator)."""
    where = "m.actor_id = ANY(%s::uuid[]) AND m.operator = ANY(%s::uuid[])"
    found = _rows(_MANDATE.format(where=where), [uuids(actors), uuids(operators), None])
    return _grouped(((version.actor, version.operator), version) for version in map(_mandate, found))


def mandates_with_anyone(actors: Collection[UUID]) -> dict[tuple[UUID, UUID], list[MandateVersion]]:
    """Every version of every mandate of some actors, by (actor, operator)."""
    found = _rows(_MANDATE.format(where="m.actor_id = ANY(%s::uuid[])"), [uuids(actors), None])
    return _grouped(((version.actor, version.operator), version) for version in map(_mandate, found))


def registration_versions(ids: Collection[UUID]) -> dict[UUID, RegistrationVersion]:
    """Versions by their own ids, for replay."""
    found = _rows(_REGISTRATION.format(where="v.id = ANY(%s::uuid[])"), [uuids(ids), None])
    return {version.id: version for version in map(_registration, found)}


def title_versions(ids: Collection[UUID]) -> dict[UUID, TitleVersion]:
    """Versions by their own ids, for replay."""
    found = _rows(_TITLE.format(where="v.id = ANY(%s::uuid[])"), [uuids(ids), None])
    return {version.id: version for version in map(_title, found)}


def plan_versions(ids: Collection[UUID]) -> dict[UUID, PlanVersion]:
    """Versions by their own ids, for replay."""
    found = _rows(_PLAN.format(where="v.id = ANY(%s::uuid[])"), [uuids(ids), None])
    return {version.id: version for version in map(_plan, found)}


def mandate_versions(ids: Collection[UUID]) -> dict[UUID, MandateVersion]:
    """Versions by their own ids, for replay."""
    found = _rows(_MANDATE.format(where="v.id = ANY(%s::uuid[])"), [uuids(ids), None])
    return {version.id: version for version in map(_mandate, found)}


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    if parameters[0] in ("{}", []):
        return []
    return read_rows(statement, parameters)


def _grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, list[T]]:
    groups: defaultdict[K, list[T]] = defaultdict(list)
    for group, value in pairs:
        groups[group].append(value)
    return dict(groups)


def _registration(row: tuple[Any, ...]) -> RegistrationVersion:
    return RegistrationVersion(
        id=row[0],
        entity=row[1],
        actor=row[2],
        role=row[3],
        producer_class=row[4],
        minerals=frozenset(row[5]),
        municipalities=frozenset(row[6]),
        status=row[7],
        valid_from=row[8],
        valid_to=row[9],
        plant_published=row[10],
        title_code=row[11],
        rucom_number=row[12],
    )


def _title(row: tuple[Any, ...]) -> TitleVersion:
    return TitleVersion(
        id=row[0],
        title=row[1],
        code=row[2],
        kind=row[3],
        modality=row[4],
        stage=row[5],
        status=row[6],
        holders=tuple(zip(row[7] or (), row[8] or (), strict=True)),
        minerals=frozenset(row[9]),
        associated=frozenset(row[10]),
        municipalities=frozenset(row[11]),
        contract_date=row[12],
        inscription_date=row[13],
        end_date=row[14],
        environmental_instrument=row[15],
        scale=row[16],
        valid_from=row[17],
        valid_to=row[18],
        scale_act=row[19],
    )


def _plan(row: tuple[Any, ...]) -> PlanVersion:
    volumes: dict[str, dict[str, int]] = {}
    for mineral, start, amount in zip(row[7] or (), row[8] or (), row[9] or (), strict=True):
        volumes.setdefault(mineral, {})[start] = amount
    return PlanVersion(
        id=row[0],
        title=row[1],
        kind=row[2],
        act=row[3],
        approved_on=row[4],
        valid_from=row[5],
        valid_to=row[6],
        lines=tuple(PlanLine(mineral, years) for mineral, years in volumes.items()),
        heading_required_from=row[10],
        scale=row[11],
        duration_years=row[12],
        characteristics=row[13],
    )


def _mandate(row: tuple[Any, ...]) -> MandateVersion:
    return MandateVersion(id=row[0], actor=row[1], operator=row[2], status=row[3], valid_from=row[4], valid_to=row[5])
