"""What every chain of supply shares: lots out of a title, who buys nearby, lots in handfuls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from veta.demo.people import Actor
from veta.demo.traffic.pen import Pen, Stock, mineral_of
from veta.demo.world import Title
from veta.kernel.period import contract_year_of

# Production falls on the first days of the month; what is made of it, later; what leaves the country, last.
PRODUCED_UNTIL, GATHERED, PROCESSED, RESOLD, SHIPPED = 20, 23, 25, 26, 28


def produce(pen: Pen, title: Title) -> Iterator[Stock]:
    """A month's lots of a title: together from 55 to 90 % of a twelfth of what its plan approves for the year."""
    rng = pen.rng
    for code in title.produces:
        line = code if code in title.volumes else next(iter(title.volumes))
        year = contract_year_of(pen.month.first, anniversary=title.contract_date)
        count = pen.times(title.lots // len(title.produces))
        minerals = len(title.produces) if line != code else 1
        share = title.volumes[line][year.start.isoformat()] // 12 // count // minerals
        for number in range(count):
            at = pen.month.at(number * PRODUCED_UNTIL // count)
            amount = _round(mineral_of(code).factor, share * rng.randint(55, 90) // 100)
            stock = pen.production(title, code, amount, at)
            if stock is not None:
                yield stock


def _round(factor: int, amount: int) -> int:
    """A weight as a scale gives it: whole units of what is bulky, tenths of them else."""
    step = max(1, factor if amount > 100 * factor else factor // 10)
    return max(amount // step, 1) * step


def buyers(actors: Sequence[Actor], mineral: str, department: str | None = None) -> list[Actor]:
    """Those in force that deal in a mineral, and in a department where one is given."""
    return [
        actor
        for actor in actors
        if not actor.lapsed
        and (not actor.minerals or mineral in actor.minerals)
        and (department is None or not actor.departments or department in actor.departments)
    ]


def buyer(pen: Pen, actors: Sequence[Actor], mineral: str, department: str | None = None) -> Actor:
    """One of them by lot; wherever it is where nobody deals in that department."""
    near = buyers(actors, mineral, department) or buyers(actors, mineral)
    return pen.rng.choice(near)


def plants(pen: Pen, recipe: str, *, published: bool = True) -> list[Actor]:
    return [plant for plant in pen.world.plants if plant.recipe == recipe and plant.published is published]


def handfuls(stocks: Sequence[Stock], size: int) -> Iterator[Sequence[Stock]]:
    """The lots of each holder and mineral, `size` at a time (the last handful may be smaller)."""
    groups: dict[tuple[str, str], list[Stock]] = {}
    for stock in stocks:
        groups.setdefault((stock.holder.document.number, stock.mineral.code), []).append(stock)
    for group in groups.values():
        for start in range(0, len(group), size):
            yield group[start : start + size]


def sell_each(pen: Pen, stocks: Sequence[Stock], to: Sequence[Actor], *, round: int) -> list[Stock]:
    """Each lot offered to somebody of `to` a little after it was made, and confirmed; what the buyers get."""
    got = []
    for stock in stocks:
        got += pen.sale([stock], pen.rng.choice(list(to)), stock.at + timedelta(minutes=40), round=round)
    return got
