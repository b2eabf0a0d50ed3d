"""RUCOM's other lists, applied: a registration of each person that a file names, where it changes anything.

Nothing is ended by a file: the columns are unverified, and a right is not lost on a reading that nobody checked. What
the registry has and the file no longer names is counted, for an officer to look at.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from veta.registry.domain import Act, ProducerClass, RegistrationVersion, version_on
from veta.registry.identity import hmac_of_source_name
from veta.registry.importers.rows import Applied, ImportRefused, Preview
from veta.registry.importers.rucom_holders import until
from veta.registry.importers.rucom_lists import ListOf, ListRow
from veta.registry.importers.runs import import_act, lock_source, record_run
from veta.registry.queries.actors import actors_by_source_key, actors_of, kinds_of
from veta.registry.queries.versions import registrations_of, titles_by_code
from veta.registry.recording import insert
from veta.registry.services.actors import NewActor, register_actors
from veta.registry.services.registrations import RegistrationRecord, record_registration_versions, register_all
from veta.registry.services.titles import TitleRecord, record_title_versions

Key = tuple[UUID, ProducerClass | None, str | None]


@dataclass(slots=True)
class Named:
    """A person as registered, from its rows."""

    minerals: set[str] = field(default_factory=set)
    municipalities: set[str] = field(default_factory=set)
    rucom_number: str | None = None


@transaction.atomic
def apply_list(kind: ListOf, preview: Preview[ListRow], *, by: str, approved_by: str, cut_date: date) -> Applied:
    """Record what the accepted rows say, in one transaction; the same file again records nothing.

    A registration that an officer suspended or cancelled stays so. A person of whom no mineral was recognised gets no
    registration: without minerals it would be for every one of them.
    Args: `by`, `approved_by`, two persons (ADR 0042); `cut_date`, from which new versions hold.
    Raises RegistryRefused REG-002/003 and what recording refuses; ImportRefused where a code is another kind of origin.
    """
    act = import_act(preview, by=by, approved_by=approved_by)
    lock_source(kind.source)
    rows = [record for _, record in preview.accepted()]
    actors, new_actors = _actors(kind, rows, by)
    named = _named(kind, rows, actors)
    written = Counter(actors=new_actors, titles=_origins(kind, rows, actors, act, cut_date), registrations=0)
    written["registrations"] = _registrations(kind, named, act, cut_date)
    new = record_run(preview, by=by, approved_by=approved_by, cut_date=cut_date, changed=any(written.values()))
    return Applied(new, dict(written))


def _actors(kind: ListOf, rows: Sequence[ListRow], by: str) -> tuple[dict[ListRow, UUID], int]:
    """The actor of each row: by its document, else by how this source names it; new ones are registered."""
    known = actors_of({row.document for row in rows if row.document is not None})
    wrong = kinds_of(set(known.values()))
    for row in rows:
        if row.document in known and wrong[known[row.document]] != row.kind:
            raise ImportRefused(f"El documento de «{row.name}» es de otra clase de actor. Corrija la fila.")
    keys = {row.name: hmac_of_source_name(kind.source, row.name) for row in rows if row.document is None}
    by_name = actors_by_source_key(list(keys.values()))
    new: dict[object, NewActor] = {}
    for row in rows:
        if row.document is not None and row.document not in known:
            new.setdefault(row.document, NewActor(kind=row.kind, name=row.name, documents=(row.document,)))
        elif row.document is None and keys[row.name] not in by_name:
            new.setdefault(keys[row.name], NewActor(kind=row.kind, name=row.name))
    register_actors(list(new.values()), by=by, source=kind.source)
    named = {key: actor.id for key, actor in new.items() if isinstance(key, bytes)}
    insert("registry_actorsourcekey", [{"hmac": k, "actor_id": a, "source": kind.source} for k, a in named.items()])
    ids: dict[object, UUID] = {key: actor.id for key, actor in new.items()}
    ids.update(known.items())
    ids.update(by_name.items())
    return {row: ids[row.document if row.document is not None else keys[row.name]] for row in rows}, len(new)


def _named(kind: ListOf, rows: Iterable[ListRow], actors: Mapping[ListRow, UUID]) -> dict[Key, Named]:
    named: defaultdict[Key, Named] = defaultdict(Named)
    for row in rows:
        found = named[actors[row], row.producer_class, row.code]
        if not kind.everywhere:
            found.municipalities.add(row.municipality)
        if row.mineral is not None:
            found.minerals.add(row.mineral)
        found.rucom_number = found.rucom_number or row.rucom_number
    return {key: found for key, found in named.items() if found.minerals}


def _origins(kind: ListOf, rows: Sequence[ListRow], actors: Mapping[ListRow, UUID], act: Act, cut: date) -> int:
    """Put on record the origins that the file names and the registry does not have; those it has stay as they are."""
    if kind.origin is None:
        return 0
    codes = sorted({row.code for row in rows if row.code})
    known = titles_by_code(codes)
    wrong = [code for code, versions in known.items() if versions[0].kind != kind.origin]
    if wrong:
        raise ImportRefused(f"El código {wrong[0]} es de otra clase de origen. Quite sus filas.")
    new = [code for code in codes if code not in known]
    records = [_origin(kind, code, [row for row in rows if row.code == code], actors, cut) for code in new]
    record_title_versions(records, act, new=True)
    return len(records)


def _origin(kind: ListOf, code: str, rows: Sequence[ListRow], actors: Mapping[ListRow, UUID], cut: date) -> TitleRecord:
    assert kind.origin is not None
    return TitleRecord(
        code=code, kind=kind.origin, holders=tuple((actor, "") for actor in sorted({actors[row] for row in rows})),
        minerals=frozenset(row.mineral for row in rows if row.mineral is not None),
        municipalities=frozenset(row.municipality for row in rows), valid_from=cut,
    )  # fmt: skip


def _registrations(kind: ListOf, named: Mapping[Key, Named], act: Act, cut: date) -> int:
    known = _known(kind, named)
    new = [_record(kind, key, found, (), cut) for key, found in named.items() if key not in known]
    register_all(new, act)
    changed = [
        (known[key][0].entity, _record(kind, key, found, known[key], cut))
        for key, found in named.items()
        if key in known and not _same(version_on(known[key], cut), _record(kind, key, found, known[key], cut))
    ]
    record_registration_versions(changed, act)
    return len(new) + len(changed)


def _known(kind: ListOf, named: Mapping[Key, Named]) -> dict[Key, list[RegistrationVersion]]:
    """Every version of the registration recorded last for each key."""
    found: dict[Key, list[RegistrationVersion]] = {}
    for actor, versions in registrations_of({actor for actor, _, _ in named}).items():
        for version in versions:
            group = found.setdefault((actor, version.producer_class, version.title_code), [])
            if version.role == kind.role and (not group or group[0].entity == version.entity):
                group.append(version)
    return {key: versions for key, versions in found.items() if versions}


def _record(
    kind: ListOf, key: Key, found: Named, versions: Sequence[RegistrationVersion], cut: date
) -> RegistrationRecord:
    actor, producer_class, code = key
    base = version_on(versions, cut)
    return RegistrationRecord(
        actor=actor, role=kind.role, producer_class=producer_class, title_code=code,
        minerals=frozenset(found.minerals), municipalities=frozenset(found.municipalities),
        status=base.status if base else "active", plant_published=kind.published, valid_from=cut,
        valid_to=until(versions, cut), rucom_number=found.rucom_number or (base.rucom_number if base else None),
    )  # fmt: skip


def _same(base: RegistrationVersion | None, record: RegistrationRecord) -> bool:
    names = ("minerals", "municipalities", "plant_published", "status", "rucom_number")
    return base is not None and all(getattr(base, name) == getattr(record, name) for name in names)
