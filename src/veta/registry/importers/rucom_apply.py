"""RUCOM, applied: a version of each title that the file changes, and nothing else.

The file is a cut of the register: of each title it names, its rows are the whole. What an officer recorded of a title
beyond holders, minerals and municipalities (contract, stage, status) stays as it is.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from django.db import transaction

from veta.registry.domain import Act, TitleVersion, version_on
from veta.registry.identity import hmac_of_source_name
from veta.registry.importers.rows import Applied, ImportRefused, Preview
from veta.registry.importers.rucom import SOURCE, RucomRow
from veta.registry.importers.rucom_holders import Holder, Titles, record_holders, until
from veta.registry.importers.runs import import_act, lock_source, record_run
from veta.registry.queries.actors import actors_by_source_key, actors_of_source
from veta.registry.queries.versions import titles_by_code
from veta.registry.recording import insert
from veta.registry.services.actors import NewActor, register_actors
from veta.registry.services.titles import TitleRecord, record_title_versions

_BATCH = 500
_KEPT = (
    "kind",
    "modality",
    "stage",
    "status",
    "associated",
    "contract_date",
    "inscription_date",
    "end_date",
    "environmental_instrument",
    "scale",
    "scale_act",
)


@transaction.atomic
def apply_rucom(
    preview: Preview[RucomRow],
    *,
    by: str,
    approved_by: str,
    cut_date: date,
    advance: Callable[[int], None] = lambda _: None,
) -> Applied:
    """Record what the accepted rows say, in one transaction; the same file again records nothing.

    A title whose holders an officer recorded with documents keeps them, and its registrations too. A registration of
    this source that the file no longer names is cancelled from the cut, unless some row of its title was rejected. One
    that is suspended or cancelled stays so. A holder with no identified mineral gets no registration.

    Args:
        preview: what `preview_rucom` gave; rejected rows are left out.
        by, approved_by: the registry officer who brings the file, and another one who approves it (ADR 0042).
        cut_date: the date of the file; new versions hold from it, until the next version already on record.
        advance: told how many titles are done.

    Raises RegistryRefused REG-002/003, and what recording titles and registrations refuses.
    """
    act = import_act(preview, by=by, approved_by=approved_by)
    lock_source(SOURCE)
    rows = [record for _, record in preview.accepted()]
    actors, new_actors = _actors(rows, by)
    titles = _titles(rows, actors)
    incomplete = frozenset(row.row.cells["codigo_expediente"].upper() for row in preview.rejected())
    ours = actors_of_source(SOURCE)
    written = Counter(actors=new_actors, titles=0, registrations=0)
    for batch in _batches(titles):
        known = titles_by_code(list(batch))
        kept = {code for code in batch if not _holders_on(known.get(code, ()), cut_date) <= ours}
        written["titles"] += _record_titles(batch, kept, known, act=act, cut=cut_date)
        free = {code: holders for code, holders in batch.items() if code not in kept}
        written["registrations"] += record_holders(free, incomplete, ours, act=act, cut=cut_date)
        advance(len(batch))
    new_rows = record_run(preview, by=by, approved_by=approved_by, cut_date=cut_date, changed=any(written.values()))
    return Applied(new_rows, dict(written))


def _batches(titles: Titles) -> Iterable[Titles]:
    codes = sorted(titles)
    for start in range(0, len(codes), _BATCH):
        yield {code: titles[code] for code in codes[start : start + _BATCH]}


def _actors(rows: Iterable[RucomRow], by: str) -> tuple[dict[str, UUID], int]:
    """The actor of each holder's name, registering those that the source names for the first time."""
    kinds: dict[str, Literal["person", "firm"]] = {row.holder: row.kind for row in rows}
    keys = {name: hmac_of_source_name(SOURCE, name) for name in kinds}
    known = actors_by_source_key(list(keys.values()))
    new = {key: NewActor(kind=kinds[name], name=name) for name, key in keys.items() if key not in known}
    register_actors(list(new.values()), by=by, source=SOURCE)
    sources = [{"hmac": key, "actor_id": actor.id, "source": SOURCE} for key, actor in new.items()]
    insert("registry_actorsourcekey", sources)
    ids = known | {key: actor.id for key, actor in new.items()}
    return {name: ids[key] for name, key in keys.items()}, len(new)


def _titles(rows: Iterable[RucomRow], actors: Mapping[str, UUID]) -> Titles:
    titles: defaultdict[str, defaultdict[UUID, Holder]] = defaultdict(lambda: defaultdict(Holder))
    for row in rows:
        holder = titles[row.code][actors[row.holder]]
        holder.municipalities.add(row.municipality)
        holder.plant = holder.plant or row.plant
        if row.mineral is not None:
            holder.minerals.add(row.mineral)
    return titles


def _holders_on(versions: Sequence[TitleVersion], cut: date) -> set[UUID]:
    held = version_on(versions, cut)
    return {actor for actor, _ in held.holders} if held else set()


def _record_titles(
    titles: Titles, kept: set[str], known: Mapping[str, Sequence[TitleVersion]], *, act: Act, cut: date
) -> int:
    """Record the titles that the file changes; of those in `kept` the holders stay as they are."""
    changed = []
    for code, holders in titles.items():
        versions = known.get(code, ())
        if versions and versions[0].kind != "title":
            raise ImportRefused(f"El código {code} es de otra clase de origen ({versions[0].kind}). Quite sus filas.")
        base = version_on(versions, cut)
        record = _title_record(code, holders, base, keep_holders=code in kept, cut=cut, end=until(versions, cut))
        if base is None or not _same(base, record):
            changed.append(record)
    record_title_versions(changed, act, new=True)
    return len(changed)


def _title_record(
    code: str,
    holders: Mapping[UUID, Holder],
    base: TitleVersion | None,
    *,
    keep_holders: bool,
    cut: date,
    end: date | None,
) -> TitleRecord:
    """The title as the file has it; shares stay where the holders are the same, and are unknown where they are not."""
    held = base.holders if base else ()
    same = keep_holders or {actor for actor, _ in held} == set(holders)
    kept = {name: getattr(base, name) for name in _KEPT} if base else {}
    return TitleRecord(
        code=code,
        holders=held if same else tuple((actor, "") for actor in sorted(holders)),
        minerals=frozenset(mineral for holder in holders.values() for mineral in holder.minerals),
        municipalities=frozenset(place for holder in holders.values() for place in holder.municipalities),
        valid_from=cut,
        valid_to=end,
        **kept,
    )


def _same(base: TitleVersion, record: TitleRecord) -> bool:
    names = ("minerals", "municipalities")
    return set(base.holders) == set(record.holders) and all(getattr(base, n) == getattr(record, n) for n in names)
