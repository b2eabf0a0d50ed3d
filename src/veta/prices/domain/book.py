"""Prices by subject, and the one that is in force: exactly one, or a finding that says why not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from veta.kernel.finding import Finding
from veta.norms.catalogue import catalogue
from veta.prices.domain.base_price import BasePrice, period_name, periodicity_of, subjects_of
from veta.prices.domain.figures import in_spanish

NORM = "Concepto ANM del 6 de agosto de 2025; Decreto-ley 4130 de 2011"
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Ask:
    """The price looked for. An empty market, zone or class means that nobody chose one."""

    mineral: str
    on: date
    market: str = ""
    zone: str = ""
    producer_class: str = ""


@dataclass(frozen=True, slots=True)
class NoPrice:
    """Why there is no single price: PRI-001 none in force, PRI-002 several; with the prices to choose among."""

    code: str
    message: str
    params: Mapping[str, str]
    options: tuple[BasePrice, ...] = ()

    def finding(self, field: str) -> Finding:
        """The finding, on a field of the case."""
        return Finding(self.code, "blocking", field, NORM, self.message, self.params)


class PriceBook:
    """Approved prices in memory; immutable, and cheap to ask again for the same thing."""

    def __init__(self, prices: Iterable[BasePrice]) -> None:
        self._by_subject: dict[str, list[BasePrice]] = {}
        for price in prices:
            self._by_subject.setdefault(price.subject, []).append(price)
        self._known: dict[Ask, BasePrice | NoPrice] = {}

    def choose(self, ask: Ask) -> BasePrice | NoPrice:
        """The one price in force on the day, or why there is none.

        A price of the mineral itself goes before its group's; one that was made up for demonstrations counts only where
        no real one reaches the day. Where the act tells markets, zones or classes apart and the case does not, the
        options are listed and none is taken. Never an older price: PRI-001.
        """
        known = self._known.get(ask)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = self._known[ask] = self._find(ask)
        return known

    def in_force(self, mineral: str, on: date) -> list[BasePrice]:
        """Every price that reaches the mineral on a day, of any market, zone or class; demo ones only if alone."""
        subjects = subjects_of(mineral, on)
        reaching = [price for s in subjects for price in self._by_subject.get(s, ()) if price.covers(on)]
        pool = [price for price in reaching if not price.resolution.demo] or reaching
        return [price for price in pool if price.subject == mineral] or pool

    def _find(self, ask: Ask) -> BasePrice | NoPrice:
        everything = self.in_force(ask.mineral, ask.on)
        left: Sequence[BasePrice] = everything
        for name, wanted in (("market", ask.market), ("zone", ask.zone), ("producer_class", ask.producer_class)):
            left = _narrowed(left, name, wanted)
        if len(left) == 1:
            return left[0]
        return _none(ask, everything) if not left else _several(ask, left)


def _narrowed(prices: Sequence[BasePrice], name: str, wanted: str) -> Sequence[BasePrice]:
    """Those of the wanted market, zone or class; where none is that, those whose act does not tell them apart."""
    if not wanted:
        return prices
    exact = [price for price in prices if getattr(price, name) == wanted]
    return exact or [price for price in prices if not getattr(price, name)]


def _none(ask: Ask, others: Sequence[BasePrice]) -> NoPrice:
    mineral = catalogue().mineral(ask.mineral)
    name = mineral.name if mineral else ask.mineral
    periodicity = periodicity_of(mineral, ask.on) if mineral else None
    period = period_name(periodicity, ask.on) if periodicity else str(ask.on)
    params = {"mineral": ask.mineral, "date": ask.on.isoformat(), "period": period}
    if others:
        return NoPrice(
            "PRI-001",
            f"No hay precio base de {name} el {ask.on} para ese mercado, zona o clase. Rigen: {_listed(others)}.",
            {**params, "options": _listed(others)},
            tuple(others),
        )
    return NoPrice(
        "PRI-001",
        f"No hay precio base de {name} en vigor el {ask.on} ({period}). No se usa uno anterior: cargue la resolución"
        " de la UPME de ese periodo y hágala aprobar, o espere su publicación.",
        params,
    )


def _several(ask: Ask, left: Sequence[BasePrice]) -> NoPrice:
    differing = [
        label
        for name, label in (("market", "mercado"), ("zone", "zona"), ("producer_class", "clase de productor"))
        if len({getattr(price, name) for price in left}) > 1
    ]
    what = " y ".join(differing) or "resolución"
    return NoPrice(
        "PRI-002",
        f"Hay {len(left)} precios base en vigor el {ask.on}. Elija {what}: {_listed(left)}.",
        {"mineral": ask.mineral, "date": ask.on.isoformat(), "choose": what, "options": _listed(left)},
        tuple(left),
    )


def _listed(prices: Sequence[BasePrice]) -> str:
    parts = []
    for price in prices:
        told = ", ".join(text for text in (price.market, price.zone, price.producer_class) if text) or "sin distinguir"
        parts.append(f"{told}: {in_spanish(price.price_text)} COP/{price.unit}")
    return "; ".join(parts)
