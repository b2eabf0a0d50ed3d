"""The lots over which a document may be asked, those that nothing is left of too: a document is of what was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from veta.kernel.period import BOGOTA
from veta.kernel.quantity import text_of
from veta.node.domain.local import KnownLot
from veta.node.domain.lots import OWN, Said
from veta.node.domain.sheets.words import folded
from veta.node.domain.spoken import figure
from veta.node.models import BusinessRecord, Client, HubEvent, LotLine
from veta.norms.catalogue import catalogue

# Whose name or number is looked for in so many records at most: each one is opened.
OPENED = 5_000


@dataclass(frozen=True, slots=True)
class Certifiable:
    """A lot with what it was made by, and of whom it was bought."""

    lot: KnownLot
    kind: str
    supplier: str

    @property
    def amounts(self) -> tuple[str, str, str]:
        """What is left, what it was made with, and the unit of both; with decimal commas."""
        mineral = catalogue().mineral(self.lot.mineral)
        factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
        left, made = (text_of(amount, factor=factor) for amount in (self.lot.amount - self.lot.used, self.lot.amount))
        return figure(left), figure(made), unit

    @property
    def day(self) -> date:
        return self.lot.occurred_at.astimezone(BOGOTA).date()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: the end of a lot's id, or a supplier's number or name; and the days when it was made."""

    words: str = ""
    since: date | None = None
    until: date | None = None


def certifiable(client: Client, lots: Mapping[UUID, KnownLot], asked: Asked) -> list[UUID]:
    """The ids of a client's lots that are looked for, the latest first. A retention's is none: its origin is unproven.

    By a supplier, the latest 5,000 of these days are looked at.
    """
    wanted_days = [lot for lot in lots.values() if not lot.unproven and _within(lot, asked)]
    wanted_days.sort(key=lambda lot: (lot.occurred_at, lot.id), reverse=True)
    ids = [lot.id for lot in wanted_days]
    if not asked.words:
        return ids
    wanted = asked.words.lower().lstrip("…")
    found = {id for id in ids if str(id).endswith(wanted) or id.hex.endswith(wanted.replace("-", ""))}
    if not found:
        sought = folded(asked.words)
        found = {each.lot.id for each in described(client, lots, ids[:OPENED]) if sought in folded(each.supplier)}
    return [id for id in ids if id in found]


def described(client: Client, lots: Mapping[UUID, KnownLot], ids: Iterable[UUID]) -> Iterator[Certifiable]:
    """These lots of the client's, in this order, each with its movement and supplier; others' are passed over."""
    wanted = list(ids)
    lines = LotLine.objects.filter(record__client=client, record__kind__in=OWN, said=Said.GIVEN.value, lot__in=wanted)
    made = {line.lot: line.record for line in lines.select_related("record")}
    sales = [record.about for record in made.values() if record.kind == "confirm"]
    events = HubEvent.objects.filter(movement__in=[each for each in sales if each], subject=None)
    sellers = {event.movement: str((event.body.get("author") or {}).get("name") or "") for event in events}
    for id in wanted:
        if id in made and id in lots:
            yield Certifiable(lots[id], made[id].kind, _supplier(made[id], sellers))


def _within(lot: KnownLot, asked: Asked) -> bool:
    since = asked.since is None or lot.occurred_at >= datetime.combine(asked.since, time.min, BOGOTA)
    return since and (asked.until is None or lot.occurred_at <= datetime.combine(asked.until, time.max, BOGOTA))


def _supplier(record: BusinessRecord, sellers: Mapping[UUID, str]) -> str:
    if record.kind == "confirm":
        return sellers.get(record.about, "") if record.about else ""
    party = record.payload.get("seller") if record.kind == "subsistence_purchase" else None
    return f"{party.get('type', '')} {party.get('number', '')}".strip() if isinstance(party, Mapping) else ""
