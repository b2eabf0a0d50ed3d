"""«Fui yo» and «No fui yo»: kept alike, in the same time; read by one role, one at a time, for a purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from veta.hub.miner.models import Answer, FollowUp
from veta.hub.miner.sealed import seal, unseal
from veta.kernel.period import bogota_date

Said = Literal["si", "no"]
READ_BACK = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Report:
    """A «No fui yo»: which sale, whose name, when it was said."""

    id: UUID
    movement: UUID
    actor: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about a report: the text of the objective check that held, by whom, when."""

    text: str
    by: str
    at: datetime


def keep(*, actor: UUID, movement: UUID, said: Said, now: datetime) -> None:
    """Keep what a person said of a sale in their name. Whatever was said, the same work and a row of the same size."""
    words = {"actor": str(actor), "movement": str(movement), "said": said, "at": now.isoformat()}
    Answer.objects.create(sealed=seal(words, table="answer"), day=bogota_date(now))


def reports(*, today: date) -> list[Report]:
    """What was denied in the last 180 days, newest first: of each sale the last thing that its person said."""
    last: dict[tuple[str, str], tuple[UUID, dict[str, str]]] = {}
    rows = Answer.objects.filter(day__gte=today - READ_BACK).values_list("id", "sealed")
    opened = ((id, unseal(sealed, table="answer")) for id, sealed in rows)
    for id, words in sorted(opened, key=lambda pair: pair[1]["at"]):
        last[words["actor"], words["movement"]] = (id, words)
    found = [_report(id, words) for id, words in last.values() if words["said"] == "no"]
    return sorted(found, key=lambda report: report.at, reverse=True)


def report_of(id: UUID, *, today: date) -> Report | None:
    """One report by its id; None where it is none, or was taken back."""
    return next((report for report in reports(today=today) if report.id == id), None)


def note(report: Report, *, text: str, by: str, now: datetime) -> None:
    """Keep what was done about a report."""
    words = {"movement": str(report.movement), "text": text, "by": by, "at": now.isoformat()}
    FollowUp.objects.create(sealed=seal(words, table="follow-up"), day=bogota_date(now))


def done_about(report: Report, *, today: date) -> list[Done]:
    """What was done about a report, oldest first."""
    rows = FollowUp.objects.filter(day__gte=today - READ_BACK).values_list("sealed", flat=True)
    opened = (unseal(sealed, table="follow-up") for sealed in rows)
    found = [words for words in opened if words["movement"] == str(report.movement)]
    told = [Done(words["text"], words["by"], datetime.fromisoformat(words["at"])) for words in found]
    return sorted(told, key=lambda each: each.at)


def _report(id: UUID, words: dict[str, str]) -> Report:
    return Report(id, UUID(words["movement"]), UUID(words["actor"]), datetime.fromisoformat(words["at"]))
