"""What this node knows of a client already, so that a form does not ask it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from veta.kernel.period import BOGOTA
from veta.kernel.quantity import text_of
from veta.node.domain.local import KnownLot
from veta.node.domain.lots import of_payload
from veta.node.domain.records import State
from veta.node.domain.scales import Instrument
from veta.node.domain.spoken import figure
from veta.node.models import Branch, BusinessRecord, Client, ClientPaper, OutboxItem, Scale
from veta.node.queries.branches import facilities, open_branches
from veta.node.queries.lots import lots_of
from veta.node.queries.named import town_name
from veta.node.queries.scales import instruments
from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral

LOOKED_AT = 300
OFFERED = 12
LOTS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Pick:
    """A lot to take from: what is left of it, in its mineral's unit."""

    lot: KnownLot
    mineral: Mineral
    left: str

    @property
    def key(self) -> str:
        return self.lot.id.hex

    @property
    def short(self) -> str:
        """The end of its id: what tells two lots of a day apart."""
        return self.lot.id.hex[-6:]

    @property
    def shown(self) -> str:
        """What is left, with a decimal comma."""
        return figure(self.left)

    @property
    def since(self) -> date:
        return self.lot.occurred_at.astimezone(BOGOTA).date()


@dataclass(frozen=True)
class Known:
    """A client's lots with something left (the latest first), its open places, and what it wrote before."""

    client: Client
    lots: dict[UUID, KnownLot]
    picks: Sequence[Pick]
    more: int
    branches: Sequence[Branch]
    scales: Sequence[Scale]
    instruments: dict[UUID, Instrument]
    facilities: dict[UUID, str]

    def titles(self) -> list[str]:
        """Codes of titles and areas: of its papers, then of what it reported."""
        papers = [paper.number for paper in ClientPaper.objects.filter(client=self.client, code="title")]
        said = (each.get("code") for each in self._written("production", "origin") if isinstance(each, dict))
        return _first((*papers, *said))

    @cached_property
    def minerals(self) -> frozenset[str]:
        """Codes of the minerals that it reported lately."""
        return frozenset(_first((*self._written("", "mineral"), *(pick.mineral.code for pick in self.picks))))

    def parties(self, kind: str, role: str) -> list[tuple[str, str]]:
        """Whom it named in that role before, itself apart: the number, and how it is shown."""
        own = self.client.document_number
        named = (each for each in self._written(kind, role) if isinstance(each, dict))
        said = ((each.get("type"), each.get("number")) for each in named)
        found = ((n, f"{t} {n}") for t, n in said if isinstance(t, str) and isinstance(n, str) and n != own)
        return list(dict.fromkeys(found))[:OFFERED]

    def vehicles(self) -> list[str]:
        return _first(self._written("dispatch", "vehicle"))

    def _written(self, kind: str, key: str) -> list[Any]:
        """What it wrote there, of any shape: a phone's record is kept as it comes."""
        found = BusinessRecord.objects.filter(client=self.client).order_by("-occurred_at")
        latest = (found.filter(kind=kind) if kind else found).only("payload")[:LOOKED_AT]
        return [record.payload[key] for record in latest if record.payload.get(key)]


class _Nothing(Known):
    """Of nobody: its questions are answered without looking."""

    def titles(self) -> list[str]:
        return []

    def _written(self, kind: str, key: str) -> list[Any]:
        return []


def nothing_known() -> Known:
    """Nobody's past and places: enough to say what a form's fields are called."""
    return _Nothing(Client(), {}, (), 0, (), (), {}, {})


def known_of(client: Client, *, mineral: str = "", search: str = "") -> Known:
    """What is known of a client. `mineral` and `search` (the end of a lot's id) narrow the lots that are shown."""
    lots = lots_of(client.id)
    picks = [pick for pick in picks_of(lots) if _wanted(pick, mineral, search)]
    branches = list(open_branches(client.id))
    scales = list(Scale.objects.filter(branch__in=branches).select_related("branch").order_by("branch__name", "serial"))
    return Known(
        client, lots, picks[:LOTS_SHOWN], max(0, len(picks) - LOTS_SHOWN), branches, scales, instruments(scales),
        facilities(branches),
    )  # fmt: skip


def picks_of(lots: Mapping[UUID, KnownLot]) -> list[Pick]:
    """Those of some lots that can be taken from, the latest first."""
    picks = [pick for pick in map(_pick, lots.values()) if pick is not None]
    return sorted(picks, key=lambda pick: (pick.lot.occurred_at, pick.lot.id), reverse=True)


def _pick(lot: KnownLot) -> Pick | None:
    mineral, left = catalogue().mineral(lot.mineral), lot.amount - lot.used
    if mineral is None or left <= 0 or lot.unproven:
        return None
    return Pick(lot, mineral, _plain(text_of(left, factor=mineral.factor)))


def _plain(text: str) -> str:
    return format(Decimal(text).normalize(), "f")


def _wanted(pick: Pick, mineral: str, search: str) -> bool:
    return (not mineral or pick.mineral.code == mineral) and (not search or search.lower() in str(pick.lot.id))


def _first(values: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))[:OFFERED]


@dataclass(frozen=True, slots=True)
class OnTheRoad:
    """A dispatch that nobody received yet: its lines as they left."""

    id: UUID
    at: datetime
    to: str
    lines: Sequence[tuple[UUID, str]]


def on_the_road(client: Client) -> list[OnTheRoad]:
    """The client's dispatches that wait for their receipt, the oldest first."""
    waiting = OutboxItem.objects.filter(client=client, record__kind="dispatch", state=State.PENDING.value)
    received = set(
        BusinessRecord.objects.filter(client=client, kind="receipt")
        .exclude(outbox__state__in=[State.REJECTED.value, State.DEAD.value])
        .values_list("about", flat=True)
    )
    return [
        _on_the_road(item.record) for item in waiting.select_related("record").order_by("number")
        if item.record_id not in received
    ]  # fmt: skip


def _on_the_road(record: BusinessRecord) -> OnTheRoad:
    said = record.payload
    to = said["to"] if isinstance(said.get("to"), Mapping) else {}
    town = town_name(str(to["municipality"])) if to.get("municipality") else ""
    lines = [(line.lot, line.quantity) for line in of_payload(record.kind, said)]
    return OnTheRoad(
        record.id, record.occurred_at, ", ".join(filter(None, (str(to.get("facility") or ""), town))), lines,
    )  # fmt: skip
