"""Reads of oversight: validation cases, what every record says of a title, who is bound and linked to nobody."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from veta.bonds.domain.case import CaseRefused
from veta.bonds.domain.coherence import Coherence
from veta.bonds.domain.life import alerts
from veta.bonds.queries import BondEntry, bonds
from veta.bonds.services import answer_to, coherence_of, needed_now
from veta.bonds.services.coherence import NoYear
from veta.certificates.queries import certified
from veta.kernel.codes import read_code
from veta.kernel.finding import Finding
from veta.kernel.period import Period, contract_year_of
from veta.norms import norms
from veta.norms.catalogue import catalogue
from veta.oversight.domain.petition import petition
from veta.oversight.domain.validation import Event, ValidationCase
from veta.registry.domain import PlanVersion, TitleVersion, version_on
from veta.registry.queries import mandates_with_anyone, plans_of, titles_by_code, titles_in_force
from veta.royalties.queries import SettlementEntry, settlements
from veta.storage.connection import plain_cursor

BOUND_BY = "Resolución ANM 759 de 2024, artículo 26 (Resolución 3824 de 2025, artículo 1)"
_CASES = """
SELECT v.id, v.code, v.title_code, e.kind, e.occurred_on, e.recorded_by, e.recorded_at, e.opener, e.actor, e.reason,
       e.outcome, e.act, e.required_from, e.quotation, e.snapshot
FROM oversight_validation v JOIN oversight_validationevent e ON e.validation_id = v.id
WHERE (%(id)s::uuid IS NULL OR v.id = %(id)s) AND (%(code)s::text IS NULL OR v.code = %(code)s)
  AND (%(title)s::text IS NULL OR v.title_code = %(title)s)
  AND (%(ids)s::uuid[] IS NULL OR v.id = ANY (%(ids)s::uuid[]))
ORDER BY v.recorded_at DESC, v.id, e.place"""
# Whoever joins a case changes nothing of where it stands.
_LAST = """
WITH last AS (
    SELECT DISTINCT ON (validation_id) validation_id, kind FROM oversight_validationevent WHERE kind <> 'joined'
    ORDER BY validation_id, place DESC
)
SELECT v.id FROM oversight_validation AS v JOIN last ON last.validation_id = v.id {rest} OFFSET %(skip)s LIMIT %(limit)s
"""
_OPEN, _PROPOSED = "last.kind IN ('opened', 'declined')", "last.kind = 'proposed'"
Which = Literal["all", "open", "proposed"]
_STANDING: Mapping[Which, str] = {
    "all": _LAST.format(rest=f"ORDER BY NOT ({_OPEN} OR {_PROPOSED}), v.recorded_at DESC, v.id"),
    "open": _LAST.format(rest=f"WHERE {_OPEN} ORDER BY v.recorded_at, v.id"),
    "proposed": _LAST.format(rest=f"WHERE {_PROPOSED} ORDER BY v.recorded_at, v.id"),
}


def cases_standing(*, limit: int, which: Which = "all", skip: int = 0) -> list[ValidationCase]:
    """A page of the cases: those that wait first, the last opened first; of `which` alone, the first opened first."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING[which], {"skip": skip, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    found = {case.id: case for case in cases(ids=ids)}
    return [found[id] for id in ids]


def cases(
    *,
    id: UUID | None = None,
    code: str | None = None,
    title_code: str | None = None,
    ids: Collection[UUID] | None = None,
) -> list[ValidationCase]:
    """Validation cases with every step, the last opened first."""
    found: dict[UUID, list[tuple[Any, ...]]] = {}
    with connection.cursor() as cursor:
        given = {"id": id, "code": code, "title": title_code, "ids": None if ids is None else list(ids)}
        cursor.execute(_CASES, given)
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(row)
    return [ValidationCase(rows[0][0], rows[0][1], rows[0][2], tuple(map(_event, rows))) for rows in found.values()]


def find_case(typed: str) -> ValidationCase | None:
    """The case of a code as someone typed it; None where no case has it."""
    return next(iter(cases(code=read_code(typed))), None)


def plan_history(title_code: str) -> list[PlanVersion]:
    """Every version of a title's plan, the last recorded first."""
    return plan_histories([title_code])[title_code]


def plan_histories(title_codes: Collection[str]) -> dict[str, list[PlanVersion]]:
    """The same of any number of titles, in two statements."""
    titles = {code: versions[0].title for code, versions in titles_by_code(title_codes).items()}
    plans = plans_of(titles.values())
    return {code: plans.get(titles[code], []) if code in titles else [] for code in title_codes}


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What each record says of a title on a day. What does not exist is None or empty, never guessed.

    `answer`: the bond's quote for the annuity, None where the registry does not say enough to ask for one.
    """

    title: TitleVersion
    on: date
    year: Period | None
    plan: PlanVersion | None
    plans: Sequence[PlanVersion]
    coherence: Coherence | None
    quarters: Sequence[SettlementEntry]
    bond: BondEntry | None
    alerts: Sequence[Finding]
    answer: dict[str, Any] | None
    petition: str | None

    @property
    def headings(self) -> list[str]:
        """The untyped headings that the plan in force names."""
        minerals = (catalogue().mineral(line.mineral) for line in (self.plan.lines if self.plan else ()))
        return sorted({mineral.code for mineral in minerals if mineral is not None and mineral.is_heading})


def records_of(title_code: str, *, on: date) -> Records | None:
    """Every record of a title on a day, side by side; None where the registry has no such title then."""
    title = version_on(titles_by_code([title_code]).get(title_code, []), on)
    if title is None:
        return None
    year = contract_year_of(on, anniversary=title.contract_date) if title.contract_date else None
    plans = plans_of([title.title]).get(title.title, [])
    plan = version_on(plans, on)
    coherence = _coherence(title_code, on)
    bond = next((entry for entry in bonds(title_code=title_code) if entry.life.annuity == year), None)
    answer = _answer(title_code, year, bond)
    drafted = answer["petition"] if answer else None
    return Records(
        title=title, on=on, year=year, plan=plan, plans=plans, coherence=coherence,
        quarters=settlements(title_code=title_code, within=year) if year else (), bond=bond,
        alerts=tuple(alerts(bond.life, on=on, needed=needed_now(bond))) if bond else (), answer=answer,
        petition=drafted or petition(title_code, plan=_named(plan), findings=coherence.findings if coherence else ()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A holder bound to report since a date, and linked to no operator on the day asked."""

    title_code: str
    actor: UUID
    scale: str
    since: date

    @property
    def finding(self) -> Finding:
        """OBL-002: a warning, which blocks nothing."""
        message = (
            f"El titular de {self.title_code} está obligado desde el {self.since} y no tiene mandato con ningún"
            " operador. Que escoja uno habilitado y le confirme el mandato."
        )
        params = {"title": self.title_code, "scale": self.scale, "since": self.since.isoformat()}
        return Finding("OBL-002", "warning", "holder", BOUND_BY, message, params)


def unlinked(on: date) -> list[Unlinked]:
    """Who is bound on a day and has no mandate in force with any operator, by title. Nothing of theirs is blocked."""
    since = norms().value("obligation.start", on).value
    bound = [
        Unlinked(title.code, actor, title.scale, date.fromisoformat(since[title.scale]))
        for title in titles_in_force(on)
        if title.stage == "exploitation" and title.scale and since.get(title.scale, "9") <= on.isoformat()
        for actor, _share in title.holders
    ]
    linked = _linked({found.actor for found in bound}, on)
    return [found for found in bound if found.actor not in linked]


def _linked(actors: set[UUID], on: date) -> set[UUID]:
    holding = ((actor, version_on(found, on)) for (actor, _), found in mandates_with_anyone(actors).items())
    return {actor for actor, version in holding if version is not None and version.status == "active"}


def year_of(title_code: str, *, on: date) -> Coherence:
    """A title's contract year side by side, its live certificates too. Raises NoYear as `coherence_of`."""
    return coherence_of(title_code, on=on, certified=_certified)


def _coherence(title_code: str, on: date) -> Coherence | None:
    try:
        return year_of(title_code, on=on)
    except NoYear:
        return None


def _certified(kind: str, code: str, period: Period) -> dict[str, int]:
    """What live certificates of origin say that came of an origin, by mineral."""
    sums: dict[str, int] = {}
    for row in certified(plain_cursor(), kind=kind, code=code, start=period.start, end=period.end):
        sums[row.mineral] = sums.get(row.mineral, 0) + row.amount
    return sums


def _answer(title_code: str, year: Period | None, bond: BondEntry | None) -> dict[str, Any] | None:
    """The quote for the annuity; what was said when its bond was required (market, investment) is said again."""
    if year is None:
        return None
    said = {name: value for name, value in ((bond and bond.case) or {}).items() if name != "production"}
    try:
        return answer_to({**said, "title": title_code, "starts_on": year.start.isoformat()})
    except CaseRefused:
        return None


def _named(plan: PlanVersion | None) -> str:
    return f"el {plan.kind} aprobado por {plan.act} el {plan.approved_on}" if plan else ""


def _event(row: Iterable[Any]) -> Event:
    (_, _, _, kind, on, by, at, opener, actor, reason, outcome, act, required_from, quotation, snapshot) = row
    return Event(
        kind=kind, occurred_on=on, by=by, recorded_at=at, opener=opener or None, actor=actor, reason=reason,
        outcome=outcome or None, act=act, required_from=required_from, quotation=quotation,
        snapshot=json.loads(snapshot) if isinstance(snapshot, str) else snapshot,
    )  # fmt: skip
