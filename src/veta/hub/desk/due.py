"""What falls due for whoever asks: royalties by the earliest reading, bonds that end, validations that wait."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from veta.bonds.domain.life import alerts
from veta.bonds.queries import bonds_standing
from veta.hub.desk.allowed import may
from veta.hub.desk.days import today
from veta.hub.desk.tables import Text
from veta.hub.settlements import NOTICE_DAYS, due_of
from veta.norms import norms
from veta.oversight.queries import cases_standing
from veta.royalties.queries import settlements_standing

MOST = 8
# A bond's warnings that a day brings by itself: past its term, near it, drawn and not restored.
BY_THE_DAY = frozenset({"BON-024", "BON-025", "BON-027"})


@dataclass(frozen=True, slots=True)
class Due:
    """Something that falls due, or `waits` since a day, with its page; the earliest stands first."""

    on: date
    what: Text
    about: str
    url: str
    waits: bool = False

    @property
    def past(self) -> bool:
        """Whether its term went by."""
        return not self.waits and self.on < today()


def due_for(request: HttpRequest) -> list[Due]:
    """The first that fall due, of what the person may see."""
    found: list[Due] = []
    if may(request, "settlement"):
        found += _royalties()
    if may(request, "bond_life"):
        found += _bonds()
    if may(request, "validation_case"):
        found += _validations()
    return sorted(found, key=lambda each: each.on)[:MOST]


def _royalties() -> Iterator[Due]:
    for entry in settlements_standing(limit=MOST, due_by=today() + timedelta(days=NOTICE_DAYS)):
        due = due_of(entry, today())
        if due["near"]:
            url = reverse("settlement", args=[entry.id])
            yield Due(due["due"], _("Regalías"), f"{entry.title_code} · {entry.quarter_name}", url)


def _bonds() -> Iterator[Due]:
    notice = max(norms().value("bond.alerts", today()).value)
    for entry in bonds_standing(on=today(), limit=MOST, which="due", until=today() + timedelta(days=notice)):
        policy = entry.life.approved_policy
        if policy and BY_THE_DAY & {alert.code for alert in alerts(entry.life, on=today())}:
            yield Due(policy.validity.end, _("Póliza"), entry.title_code, reverse("bond_life", args=[entry.id]))


def _validations() -> Iterator[Due]:
    for case in cases_standing(limit=MOST, which="open"):
        asked = case.events[0].occurred_on
        url = reverse("validation_case", args=[case.id])
        yield Due(asked, _("Validación pedida"), case.title_code, url, waits=True)
