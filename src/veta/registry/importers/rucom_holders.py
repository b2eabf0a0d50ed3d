"""RUCOM's holders as registrations: producers of a title, each with the minerals and municipalities of its rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from veta.registry.domain import Act, RegistrationStatus, RegistrationVersion, version_on
from veta.registry.queries.versions import registrations_for_title
from veta.registry.services.registrations import RegistrationRecord, record_registration_versions, register_all


@dataclass(slots=True)
class Holder:
    """A holder of one title, from its rows."""

    minerals: set[str] = field(default_factory=set)
    municipalities: set[str] = field(default_factory=set)
    plant: bool = False


Titles = Mapping[str, Mapping[UUID, Holder]]
Known = Mapping[tuple[str, UUID], Sequence[RegistrationVersion]]


def until(versions: Sequence[Any], cut: date) -> date | None:
    """Until when a version that starts at the cut may hold, so that nothing recorded from a later date is covered."""
    later = [version.valid_from - timedelta(days=1) for version in versions if version.valid_from > cut]
    base = version_on(versions, cut)
    ends = later + ([base.valid_to] if base and base.valid_to else [])
    return min(ends, default=None)


def record_holders(titles: Titles, incomplete: frozenset[str], ours: frozenset[UUID], *, act: Act, cut: date) -> int:
    """Register holders, add versions where the file says otherwise, cancel whom it no longer names; returns how many.

    Args:
        titles: holders by title and actor, of titles whose holders are this source's.
        incomplete: titles with some rejected row: nobody is cancelled for not being in the others.
        ours: the actors this source named, now or before; registrations of any other are an officer's.
    """
    known = _known(titles)
    new, changed = [], []
    for code, holders in titles.items():
        for actor, holder in holders.items():
            versions = known.get((code, actor), ())
            record = _record(code, actor, holder, versions, cut)
            if holder.minerals and not versions:
                new.append(record)
            elif holder.minerals and not _same(version_on(versions, cut), record):
                changed.append((versions[0].entity, record))
    changed.extend(_cancelled(titles, known, incomplete, ours, cut))
    register_all(new, act)
    record_registration_versions(changed, act)
    return len(new) + len(changed)


def _known(titles: Titles) -> Known:
    """Versions of the first registration of each (title, actor) as producer by title, newest recorded first."""
    groups: dict[tuple[str, UUID], list[RegistrationVersion]] = {}
    for code, versions in registrations_for_title(list(titles)).items():
        for version in versions:
            if version.role == "producer" and version.producer_class == "title":
                group = groups.setdefault((code, version.actor), [])
                if not group or group[0].entity == version.entity:
                    group.append(version)
    return groups


def _record(
    code: str, actor: UUID, holder: Holder, versions: Sequence[RegistrationVersion], cut: date
) -> RegistrationRecord:
    base = version_on(versions, cut)
    status: RegistrationStatus = base.status if base else "active"
    return RegistrationRecord(
        actor=actor,
        role="producer",
        producer_class="title",
        title_code=code,
        minerals=frozenset(holder.minerals),
        municipalities=frozenset(holder.municipalities),
        status=status,
        plant_published=holder.plant,
        valid_from=cut,
        valid_to=until(versions, cut),
        rucom_number=base.rucom_number if base else None,
    )


def _same(base: RegistrationVersion | None, record: RegistrationRecord) -> bool:
    names = ("minerals", "municipalities", "plant_published", "status")
    return base is not None and all(getattr(base, name) == getattr(record, name) for name in names)


def _cancelled(
    titles: Titles, known: Known, incomplete: frozenset[str], ours: frozenset[UUID], cut: date
) -> Iterable[tuple[UUID, RegistrationRecord]]:
    for (code, actor), versions in known.items():
        base = version_on(versions, cut)
        named = actor in titles[code] or code in incomplete or actor not in ours
        if named or base is None or base.status != "active":
            continue
        yield (
            base.entity,
            RegistrationRecord(
                actor=actor,
                role="producer",
                producer_class="title",
                title_code=code,
                minerals=base.minerals,
                municipalities=base.municipalities,
                status="cancelled",
                plant_published=base.plant_published,
                valid_from=cut,
                valid_to=until(versions, cut),
            ),
        )
