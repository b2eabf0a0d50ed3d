"""Titles, and other origins with a code, as the issue and the register have them. Their status takes two persons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db import connection, transaction

from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.ids import uuid7
from veta.registry.coherence import actor_findings, mineral_findings, municipality_findings, validity_findings
from veta.registry.domain import Act, Stage, TitleKind, TitleStatus
from veta.registry.recording import insert
from veta.registry.refusals import act_findings, finding, refuse, refuse_if_any


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRecord:
    """What an act says of a title. Shares are per cent as decimal text, or "" where the source does not say.

    Of an origin that is no contract (a special reserve, a formalisation…), `contract_date` is the date of the act from
    which its years count.
    """

    code: str
    kind: TitleKind = "title"
    modality: str = ""
    stage: Stage | None = None
    status: TitleStatus = "in_force"
    holders: tuple[tuple[UUID, str], ...] = ()
    minerals: frozenset[str] = frozenset()
    associated: frozenset[str] = frozenset()
    municipalities: frozenset[str] = frozenset()
    contract_date: date | None = None
    inscription_date: date | None = None
    end_date: date | None = None
    environmental_instrument: str | None = None
    scale: str | None = None
    scale_act: str | None = None
    valid_from: date
    valid_to: date | None = None


@transaction.atomic
def register_title(record: TitleRecord, act: Act) -> UUID:
    """Register a title that was not on record, with its first version; returns the title's id.

    Raises RegistryRefused: TIT-007 where the code is on record already (record a version of it), and what
    `record_title_versions` raises.
    """
    code = title_code(record.code)
    if title_ids([code]):
        raise refuse(
            finding("TIT-007", "code", f"El título {code} ya está en el registro. Registre una versión nueva.")
        )
    record_title_versions([record], act, new=True)
    return title_ids([code])[code]


def record_title_version(record: TitleRecord, act: Act) -> UUID:
    """Add a version to a title on record; returns the version's id. Refusals as `record_title_versions`."""
    return record_title_versions([record], act)[0]


@transaction.atomic
def record_title_versions(records: Sequence[TitleRecord], act: Act, *, new: bool = False) -> list[UUID]:
    """Add a version to each of any number of titles, all or none; returns the versions' ids in order.

    Args:
        records: one for each title; codes are normalised here.
        act: proposed by one person and approved by another (ADR 0042).
        new: create the titles that are not on record, instead of refusing them.

    Raises RegistryRefused with all findings at once: REG-001/002/003 (act and its two persons), TIT-001 unknown title,
    TIT-008 another kind than the title's, TIT-009 shares, TIT-010 dates, MIN-001, PLC-001, IDE-001, REG-007.
    """
    codes = [title_code(record.code) for record in records]
    refuse_if_any([*act_findings(act, two_persons=True), *_findings(records)])
    if new:
        rows = [{"id": uuid7(), "code": c, "kind": r.kind} for c, r in zip(codes, records, strict=True)]
        insert("registry_title", rows, ignore_existing=True)
    kinds = lock_titles(codes)
    refuse_if_any(_against_record(codes, records, kinds))
    ids = [uuid7() for _ in records]
    pairs = list(zip(ids, codes, records, strict=True))
    insert("registry_titleversion", [_version_row(i, kinds[c][0], r, act) for i, c, r in pairs])
    insert("registry_titleholder", [row for i, _, record in pairs for row in _holder_rows(i, record)])
    return ids


def title_ids(codes: Sequence[str]) -> dict[str, UUID]:
    """The id of each title on record, by code as normalised."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id FROM registry_title WHERE code = ANY(%s)", [list(codes)])
        return dict(cursor.fetchall())


def lock_titles(codes: Sequence[str]) -> dict[str, tuple[UUID, str]]:
    """Lock titles FOR UPDATE in id order; returns id and kind by code.

    Whoever reads a title's volumes to open a quota row holds the same row FOR SHARE: so neither a plan changes between
    that reading and its grant, nor does a grant stand on a plan that has just been replaced.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, id, kind FROM registry_title WHERE code = ANY(%s) ORDER BY id FOR UPDATE", [list(codes)]
        )
        return {code: (title, kind) for code, title, kind in cursor.fetchall()}


def lock_titles_shared(titles: Sequence[UUID]) -> None:
    """Lock titles FOR SHARE in id order: until the caller's transaction ends, none of their plans changes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_title WHERE id = ANY(%s::uuid[]) ORDER BY id FOR SHARE", [list(titles)])


def _findings(records: Sequence[TitleRecord]) -> Iterable[Finding]:
    yield from mineral_findings({m for r in records for m in r.minerals | r.associated}, "minerals")
    yield from municipality_findings({m for r in records for m in r.municipalities}, "municipalities")
    yield from actor_findings({actor for r in records for actor, _ in r.holders}, "holders")
    for record in records:
        yield from validity_findings(record.valid_from, record.valid_to)
        yield from _date_findings(record)
        yield from _share_findings(record)


def _date_findings(record: TitleRecord) -> Iterable[Finding]:
    if record.end_date and record.contract_date and record.end_date < record.contract_date:
        message = f"El título {record.code} termina antes de la fecha de su contrato. Corrija las fechas."
        yield finding("TIT-010", "end_date", message)


def _share_findings(record: TitleRecord) -> Iterable[Finding]:
    message = (
        f"Las participaciones del título {record.code} van en porcentaje («33.33»), cada una mayor que 0, sin repetir"
        " titular y sin pasar de 100 en total. Corríjalas o déjelas vacías si no se conocen."
    )
    try:
        shares = [Decimal(share) for _, share in record.holders if share]
    except InvalidOperation:
        shares = [Decimal(0)]
    finite = all(share.is_finite() and share > 0 for share in shares)
    once = len({actor for actor, _ in record.holders}) == len(record.holders)
    if not once or not finite or sum(shares) > 100:
        yield finding("TIT-009", "holders", message)


def _against_record(
    codes: Sequence[str], records: Sequence[TitleRecord], kinds: dict[str, tuple[UUID, str]]
) -> Iterable[Finding]:
    for code, record in zip(codes, records, strict=True):
        if code not in kinds:
            yield finding("TIT-001", "code", f"El título {code} no está en el registro. Regístrelo primero.")
        elif kinds[code][1] != record.kind:
            message = f"El código {code} es de otra clase de origen ({kinds[code][1]}). Revise el código."
            yield finding("TIT-008", "kind", message)


def _version_row(id: UUID, title: UUID, record: TitleRecord, act: Act) -> dict[str, object]:
    return {
        "id": id,
        "title_id": title,
        "modality": record.modality,
        "stage": record.stage,
        "status": record.status,
        "minerals": record.minerals,
        "associated": record.associated,
        "municipalities": record.municipalities,
        "contract_date": record.contract_date,
        "inscription_date": record.inscription_date,
        "end_date": record.end_date,
        "environmental_instrument": record.environmental_instrument,
        "scale": record.scale,
        "scale_act": record.scale_act,
        **version_columns(record.valid_from, record.valid_to, act),
        "approved_by": act.approved_by,
    }


def version_columns(valid_from: date, valid_to: date | None, act: Act) -> dict[str, object]:
    """The columns that every version has, but its id."""
    return {
        "valid_from": valid_from,
        "valid_to": valid_to,
        "recorded_by": act.recorded_by,
        "act": act.reference,
        "source": act.source,
    }


def _holder_rows(version: UUID, record: TitleRecord) -> Iterable[dict[str, object]]:
    for position, (actor, share) in enumerate(record.holders):
        yield {"id": uuid7(), "version_id": version, "position": position, "actor_id": actor, "share": share}
