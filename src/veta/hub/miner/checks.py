"""Objective checks of a buyer: what its own record shows, with or without anybody's report.

A measure cites one of these and nothing else. Each is counted anew when it is cited, from movements alone; one whose
count is nought is not offered, so that no measure can state what is not so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from veta.kernel.period import bogota_date
from veta.movements.domain import law
from veta.movements.queries.purchases import Purchase, purchases_by
from veta.storage.connection import plain_cursor

SINCE = timedelta(days=90)
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Check:
    """A check that holds: its code, and its words in Spanish, as a measure may cite them."""

    code: str
    text: str


def checks_of(buyer: UUID, *, now: datetime) -> list[Check]:
    """The checks that hold of a buyer's purchases of the last 90 days; none where there is nothing to cite."""
    return list(_checks(purchases_by(plain_cursor(), buyer, since=now - SINCE)))


def _checks(found: Sequence[Purchase]) -> Iterator[Check]:
    asserted = sum(purchase.asserted for purchase in found)
    if asserted:
        text = (
            f"De {len(found)} compras de los últimos 90 días, {asserted} se reportaron sin consentimiento comprobado."
        )
        yield Check("asserted", text)
    late = sum(_late(purchase) for purchase in found)
    if late:
        text = f"De {len(found)} compras de los últimos 90 días, {late} se reportaron pasado el plazo de reporte."
        yield Check("late", text)
    quantity, times = _most_repeated(found)
    if times >= SEVERAL:
        text = f"En los últimos 90 días, {times} vendedores distintos figuran con la misma cantidad exacta."
        yield Check(f"repeated-{quantity}", text)
    day, sellers = _busiest(found)
    if sellers >= SEVERAL:
        text = f"El {day} se reportaron compras a {sellers} vendedores distintos en un solo día."
        yield Check(f"busiest-{day}", text)


def _late(purchase: Purchase) -> bool:
    """Whether it was reported after the window of its day: what a permission got later could be made to cover."""
    received = purchase.received_at
    window = law.reporting_window(bogota_date(purchase.occurred_at))
    return received is not None and received - purchase.occurred_at > window


def _most_repeated(found: Sequence[Purchase]) -> tuple[int, int]:
    """The exact amount that most different sellers have, and how many they are."""
    sellers: defaultdict[int, set[UUID]] = defaultdict(set)
    for purchase in found:
        sellers[purchase.amount].add(purchase.seller)
    counted = Counter({amount: len(of) for amount, of in sellers.items()})
    return counted.most_common(1)[0] if counted else (0, 0)


def _busiest(found: Sequence[Purchase]) -> tuple[str, int]:
    """The day with most different sellers, and how many they are."""
    sellers: defaultdict[str, set[UUID]] = defaultdict(set)
    for purchase in found:
        sellers[bogota_date(purchase.occurred_at).isoformat()].add(purchase.seller)
    counted = Counter({day: len(of) for day, of in sellers.items()})
    return counted.most_common(1)[0] if counted else ("", 0)
