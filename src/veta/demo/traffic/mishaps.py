"""What goes wrong in an honest month: offers refused, withdrawn or left waiting, mistakes undone, gold of nobody."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from veta.demo.people import Actor
from veta.demo.traffic.chains import buyers
from veta.demo.traffic.pen import Pen, Stock, mineral_of, refined
from veta.demo.world import Title
from veta.kernel.ids import uuid7

REASON = "Cantidad digitada por error (demostración)."


def write(pen: Pen) -> None:
    """Offers that end otherwise, a few mistakes and how each is undone, and two notices of retention."""
    gold = [title for title in pen.world.titles if title.chain == "alluvial" and title.produces == ("oro",)]
    for place, decision in enumerate(("refuse", "withdraw", None) * pen.times(3)):
        stock = _lot(pen, gold[place % len(gold)])
        if stock is not None:
            trader = pen.rng.choice(buyers(pen.world.traders, "oro"))
            pen.sale([stock], trader, pen.month.after(stock.at), round=0, decision=decision)  # type: ignore[arg-type]
    for title in gold[: pen.times(4)]:
        _undone(pen, title)
    _undone_by_both(pen, gold[0])
    for trader in buyers(pen.world.traders, "oro")[:2]:
        retention(pen, trader, round=0)


def _lot(pen: Pen, title: Title) -> Stock | None:
    return pen.production(title, "oro", 40_000 + pen.rng.randrange(60_000), pen.month.at(pen.rng.randrange(20)))


def _undone(pen: Pen, title: Title) -> None:
    """A production reported by mistake, reversed by its own party."""
    stock = _lot(pen, title)
    if stock is not None:
        _reversal(pen, pen.book.rounds[0].sent[title.holder.operator][-1].body["id"], title.holder, stock, round=1)


def _undone_by_both(pen: Pen, title: Title) -> None:
    """A confirmed sale undone: the seller asks, and the buyer agrees."""
    stock = _lot(pen, title)
    if stock is None:
        return
    trader = buyers(pen.world.traders, "oro", title.municipality[:2])[0]
    pen.sale([stock], trader, pen.month.after(stock.at), round=0)
    sale = pen.book.rounds[0].sent[title.holder.operator][-1].body["id"]
    reversal = _reversal(pen, sale, title.holder, stock, round=1, waits=True)
    pen.book.answer(1, trader.operator, reversal, "confirm")


def _reversal(pen: Pen, movement: str, author: Actor, stock: Stock, *, round: int, waits: bool = False) -> UUID:
    at = stock.at + timedelta(days=2)
    id = uuid7()
    body = {"id": str(id), "kind": "reversal", "occurred_at": at.isoformat(), "movement": movement, "reason": REASON}
    late = {"late": {"reason": REASON}} if pen.month.is_late(at) else {}
    pen.book.add(round, author.operator, body | late, waits=waits)
    return id


def retention(pen: Pen, holder: Actor, *, round: int) -> Stock:
    """A notice that mineral of unproven origin is kept: it makes a lot that may go nowhere."""
    gold, lot, at = mineral_of("oro"), uuid7(), pen.month.at(18)
    measure, amount = refined(gold, 20_000 + pen.rng.randrange(30_000), pen.rng)
    body = pen.common("retention", at, holder.municipality)
    body |= {"holder": holder.party, "mineral": "oro", **measure, "lot": str(lot)}
    body["circumstances"] = "Vendedor que no acreditó el origen; se retiene y se avisa (demostración)."
    pen.book.add(round, holder.operator, body)
    return Stock(lot, gold, amount, holder, at)
