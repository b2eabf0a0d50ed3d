"""The lots that a client has through its own records: what the hub said that came, less what its records use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from veta.kernel.quantity import QuantityError, amount_of
from veta.node.domain.local import KnownLot
from veta.node.domain.lots import OWN, TAKING, Said
from veta.node.domain.records import GONE, State
from veta.node.models import HubEvent, LotGrade, LotLine
from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral

Given = tuple[UUID, Mineral, int, UUID, str, datetime, UUID | None]


def lots_of(client: UUID, *, until: datetime | None = None) -> dict[UUID, KnownLot]:
    """Every lot that the hub's accepted verdicts gave this client, with what its records take of each.

    `until`: as they stood at that instant, by what had happened then and is accepted now; what only waits takes
    nothing. Without it, what waits takes already: nobody is offered it again.
    Three queries over what is in clear, and one more of grades and of confirmed sales where there are any.
    """
    lines = LotLine.objects.filter(record__client=client)
    if until is not None:  # an answer is of its sale's moment, which is looked at below
        lines = lines.filter(Q(record__occurred_at__lte=until) | Q(record__kind="confirm"))
    made = lines.filter(record__kind__in=OWN, record__outbox__state=State.ACCEPTED.value)
    given = {each[0]: each for each in _given(made)}
    used = _used(lines, {id: each[1] for id, each in given.items()}, waiting=until is None)
    stated = dict(made.filter(said=Said.STATED.value).values_list("lot", "grade"))
    bare = [id for id, each in given.items() if each[1].graded and id not in stated]
    told = dict(LotGrade.objects.filter(pk__in=bare).values_list("lot", "grade")) if bare else {}
    sold = _sold([each[6] for each in given.values() if each[4] == "confirm" and each[6] is not None])
    found = {
        id: KnownLot(
            id=id, mineral=mineral.code, amount=amount, used=used[id], grade=stated.get(id) or told.get(id),
            occurred_at=sold.get(about, at) if kind == "confirm" and about else at, unproven=kind == "retention",
        )
        for id, mineral, amount, _record, kind, at, about in given.values()
    }  # fmt: skip
    return found if until is None else {id: lot for id, lot in found.items() if lot.occurred_at <= until}


def _given(made: QuerySet[LotLine]) -> Iterator[Given]:
    columns = ("lot", "mineral", "quantity", "record_id", "record__kind", "record__occurred_at", "record__about")
    for lot, code, quantity, *rest in made.filter(said=Said.GIVEN.value).values_list(*columns):
        mineral = catalogue().mineral(code)
        if mineral is not None:
            record, kind, at, about = rest
            yield lot, mineral, amount_of(quantity, factor=mineral.factor), record, kind, at, about


def _sold(sales: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each confirmed sale was: its lots are of that moment, not of the answer's."""
    if not sales:
        return {}
    return dict(HubEvent.objects.filter(movement__in=sales, subject=None).values_list("movement", "occurred_at"))


def _used(lines: QuerySet[LotLine], minerals: Mapping[UUID, Mineral], *, waiting: bool) -> dict[UUID, int]:
    """What records take of each known lot. One that cannot be read takes nothing: the hub will refuse it whole."""
    counts = [state.value for state in State if state not in GONE] if waiting else [State.ACCEPTED.value]
    taking = lines.filter(said=Said.TAKEN.value, record__kind__in=TAKING, record__outbox__state__in=counts)
    by_record: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for record, lot, quantity in taking.values_list("record_id", "lot", "quantity"):
        by_record[record].append((lot, quantity))
    used: dict[UUID, int] = defaultdict(int)
    for parts in by_record.values():
        for lot, amount in _amounts(parts, minerals):
            used[lot] += amount
    return used


def _amounts(parts: Sequence[tuple[UUID, str]], minerals: Mapping[UUID, Mineral]) -> list[tuple[UUID, int]]:
    try:
        return [(lot, amount_of(said, factor=minerals[lot].factor)) for lot, said in parts if lot in minerals]
    except QuantityError:
        return []
