"""What a client's books are filled from: a line for each lot or measure of each record, in order of what happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from heapq import merge
from typing import Any, Final, Literal
from uuid import UUID

from veta.kernel.period import BOGOTA
from veta.kernel.quantity import Fineness, QuantityError, amount_of, text_of
from veta.node.domain.lots import Said
from veta.node.domain.records import Operation, State
from veta.node.models import BusinessRecord, HubEvent, LotLine, OfferPrice
from veta.norms.catalogue import catalogue

Way = Literal["in", "out", ""]
CONFIRMED: Final = "confirm"
# Of what takes from lots, where the lots stand in its words.
_TAKEN: Final = ("items", "inputs")
_BRINGS: Final = frozenset({"production", "subsistence_purchase", "documented_intake", "retention", "receipt"})
_BATCH: Final = 2_000
_FIGURES: Final = 30  # «1E999999» is a number too, of a MB as text


@dataclass(frozen=True, slots=True)
class Line:
    """One lot or measure of a record: what came to the client (`in`), or went from it (`out`).

    `quantity` as it was written; `counted` what the ledger counts of it: fine grams of precious metals, rounded down.
    `price` and `withheld` are the record's own, on its first line alone, so that a column of them can be summed.
    """

    record: UUID
    kind: str
    at: datetime
    number: int
    state: State
    way: Way = ""
    mineral: str = ""
    quantity: Decimal | None = None
    counted: Decimal | None = None
    fineness: Decimal | None = None
    lot: str = ""
    other: str = ""
    municipality: str = ""
    origin: str = ""
    price: Decimal | None = None
    withheld: Decimal | None = None
    papers: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        return self.at.astimezone(BOGOTA).date()


def lines(client: UUID, first: date, last: date, *, kinds: Collection[str] = ()) -> Iterator[Line]:
    """The lines of what happened from the first to the last day, Bogotá's, of these kinds or of all; in order."""
    start, end = (datetime.combine(day, at, BOGOTA) for day, at in ((first, time.min), (last, time.max)))
    minerals = minerals_of_lots(client)
    bought = _bought(client, start, end) if not kinds or CONFIRMED in kinds else []
    yield from merge(_own(client, start, end, kinds, minerals), bought, key=lambda line: (line.at, line.number))


def minerals_of_lots(client: UUID) -> dict[UUID, str]:
    """The mineral of every lot that the hub gave the client; what was told of others' lots is not known here."""
    given = LotLine.objects.filter(record__client=client, said=Said.GIVEN.value)
    return dict(given.values_list("lot", "mineral"))


def unit_of(mineral: str) -> str:
    """A mineral's only unit; empty for what is none."""
    found = catalogue().mineral(mineral)
    return found.unit if found is not None else ""


def _own(
    client: UUID, start: datetime, end: datetime, kinds: Collection[str], minerals: Mapping[UUID, str]
) -> Iterator[Line]:
    found = BusinessRecord.objects.filter(
        client=client, operation=Operation.SUBMIT.value, occurred_at__range=(start, end)
    )
    if kinds:
        found = found.filter(kind__in=kinds)
    ordered = found.select_related("outbox").order_by("occurred_at", "outbox__number")
    for record in ordered.iterator(_BATCH):
        for place, line in enumerate(_lines(record, minerals)):
            yield replace(line, price=None, withheld=None) if place else line


def _lines(record: BusinessRecord, minerals: Mapping[UUID, str]) -> Iterator[Line]:
    said = record.payload
    whole = Line(
        record.pk, record.kind, record.occurred_at, record.outbox.number, State(record.outbox.state),
        other=_person(said, "seller" if record.kind == "subsistence_purchase" else "buyer"),
        municipality=municipality_of(said), origin=_text(said.get("origin"), "code"),
        price=figure_of(said, "price_cop"), withheld=figure_of(said, "royalty_withheld_cop"),
        papers=tuple(_papers(said)),
    )  # fmt: skip
    made = list(_parts(record.kind, said, minerals))
    yield from (replace(whole, **part) for part in made or [{}])


def _parts(kind: str, said: Mapping[str, Any], minerals: Mapping[UUID, str]) -> Iterator[dict[str, Any]]:
    """Each lot that is taken, then each measure that is stated."""
    for name in _TAKEN:
        for part in _list(said, name):
            mineral = minerals.get(_uuid(part.get("lot")) or UUID(int=0), "")
            taken = figure_of(part, "quantity")
            yield {
                "way": "in" if kind == "receipt" else "out", "mineral": mineral, "quantity": taken, "counted": taken,
                "lot": str(part.get("lot", "")),
            }  # fmt: skip
    stated = _list(said, "outputs") or ([said] if said.get("mineral") else [])
    for part in stated:
        blended = kind == "regroup"  # one mineral, already counted: what goes in comes out
        mineral = str(part.get("mineral", "")) or (_only(said, minerals) if blended else "")
        quantity = figure_of(part, "quantity")
        yield {
            "way": "in" if part is not said or kind in _BRINGS else "", "mineral": mineral, "quantity": quantity,
            "counted": quantity if blended else counted({**part, "mineral": mineral}),
            "fineness": figure_of(part, "fineness"), "lot": str(part.get("lot", "")),
        }  # fmt: skip


def _only(said: Mapping[str, Any], minerals: Mapping[UUID, str]) -> str:
    found = {minerals.get(_uuid(part.get("lot")) or UUID(int=0), "") for part in _list(said, "inputs")}
    return found.pop() if len(found) == 1 else ""


def _bought(client: UUID, start: datetime, end: datetime) -> list[Line]:
    """What others offered and the client confirmed: of the sale's moment, with the lots that the verdict gave."""
    answers = BusinessRecord.objects.filter(client=client, operation=Operation.CONFIRM.value, about__isnull=False)
    told = answers.order_by("sequence").values_list("about", "id", "outbox__number", "outbox__state")
    kept = {str(about): (record, number, State(state)) for about, record, number, state in told}
    found = HubEvent.objects.filter(movement__in=list(kept), kind="sale", subject=None)
    sales = list(found.filter(occurred_at__range=(start, end)).order_by("occurred_at", "number"))
    gave = defaultdict[UUID, list[LotLine]](list)
    confirmed = [kept[str(each.movement)][0] for each in sales]
    for lot in LotLine.objects.filter(record__in=confirmed, said=Said.GIVEN.value).order_by("record", "place"):
        gave[lot.record_id].append(lot)
    prices = dict(OfferPrice.objects.filter(pk__in=[each.movement for each in sales]).values_list("pk", "price_cop"))
    return [
        line for sale in sales
        for line in _of_a_sale(sale, *kept[str(sale.movement)], gave, prices.get(sale.movement))
    ]  # fmt: skip


def _of_a_sale(
    sale: HubEvent, record: UUID, number: int, state: State, gave: Mapping[UUID, Sequence[LotLine]], price: str | None
) -> Iterator[Line]:
    seller = str((sale.body.get("author") or {}).get("name") or "")
    whole = Line(record, CONFIRMED, sale.occurred_at, number, state, way="in", other=seller)
    first = replace(whole, price=figure_of({"price": price}, "price"))
    for place, lot in enumerate(gave.get(record, ())):
        amount = Decimal(lot.quantity)
        line = whole if place else first
        yield replace(line, mineral=lot.mineral, quantity=amount, counted=amount, lot=str(lot.lot))
    if record not in gave:
        yield first


def counted(said: Mapping[str, Any]) -> Decimal | None:
    """What the ledger counts of a measure: fine grams of precious metals, rounded down to the milligram."""
    mineral = catalogue().mineral(str(said.get("mineral", "")))
    try:
        amount = amount_of(said["quantity"], factor=mineral.factor) if mineral else None
        if mineral is None or amount is None:
            return None
        if mineral.precious:
            amount = Fineness.parse(said["fineness"]).fine(amount)
    except (QuantityError, KeyError):  # the hub says it
        return None
    return Decimal(text_of(amount, factor=mineral.factor))


def figure_of(said: Mapping[str, Any], key: str) -> Decimal | None:
    """A figure as it was written; None where nothing was, or no figure: the hub says it."""
    try:
        found = Decimal(said[key]) if isinstance(said.get(key), str) and said[key] else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() and abs(found.adjusted()) < _FIGURES else None


def _person(said: Mapping[str, Any], key: str) -> str:
    party = said.get(key)
    return f"{_text(party, 'type')} {_text(party, 'number')}".strip()


def municipality_of(said: Mapping[str, Any]) -> str:
    """Where it was mined, as its origin says; else where it happened."""
    return _text(said.get("origin"), "municipality") or _text(said.get("place"), "municipality")


def _papers(said: Mapping[str, Any]) -> Iterator[str]:
    """The numbers of the royalty payments that it brings."""
    for paper in _list(said, "evidence"):
        if paper.get("type") == "royalty_payment":
            yield str(paper.get("number", ""))


def _text(said: Any, key: str) -> str:
    return str(said.get(key) or "") if isinstance(said, Mapping) else ""


def _list(said: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = said.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
