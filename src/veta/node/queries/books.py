"""The books of a client, filled from what was captured: each a list of rows under named columns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from veta.kernel.period import BOGOTA
from veta.kernel.quantity import text_of
from veta.node.domain.records import State
from veta.node.queries.book_lines import CONFIRMED, Line, lines, unit_of
from veta.node.queries.lots import lots_of
from veta.node.queries.named import mineral_name
from veta.node.queries.outbox import KINDS, STATES
from veta.node.queries.own_production import own_production
from veta.node.queries.withholdings import PURCHASE, totals, withholdings
from veta.norms.catalogue import catalogue

Kind = Literal["text", "day", "figure"]
UNREAD: Final = _(
    "No verificado: no se leyó el texto de la Resolución ANM 371 de 2024 (modificada por la 3749 de 2025) ni sus "
    "formatos. Estas columnas son las de lo capturado, para copiarlas al formato que le pidan."
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a book: its name in files, its heading, and what it holds."""

    name: str
    label: Promise
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Book:
    """A book: `rows` for a client and the days from the first to the last. `status`: what was not read of its form.

    `balance`: of one day, the last of those, and not of them all. `accepted`: it tells only what the hub accepted.
    """

    name: str
    title: Promise
    columns: tuple[Column, ...]
    rows: Callable[[UUID, date, date], Iterator[tuple[Any, ...]]]
    status: Promise | str = ""
    balance: bool = False
    accepted: bool = False


def _daily(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    for each in lines(client, first, last):
        yield (
            each.day, str(_KINDS.get(each.kind, each.kind)), str(_WAYS[each.way]), _name(each.mineral), each.quantity,
            unit_of(each.mineral), each.fineness, each.counted, each.lot, each.other, each.municipality, each.price,
            _state(each), str(each.record),
        )  # fmt: skip


def _withheld(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    for each, by_norm in withholdings(client, first, last):
        yield (
            each.day, each.other, each.municipality, _name(each.mineral), each.quantity, each.fineness, each.counted,
            unit_of(each.mineral), by_norm.base, by_norm.resolution, by_norm.value, by_norm.percent, by_norm.owed,
            each.withheld, each.price, _state(each), str(each.record),
        )  # fmt: skip


def _withheld_totals(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    """By municipality and mineral: what the hub accepted, then what waits for its word."""
    found = totals(client, first, last)
    for town, mineral, accepted in sorted(found, key=lambda each: (*each[:2], not each[2])):
        of = found[town, mineral, accepted]
        yield (
            town, _name(mineral), unit_of(mineral), str(_STANDS[accepted]), of.purchases, of.counted, of.value,
            of.owed, of.withheld, of.unpriced,
        )  # fmt: skip


def _summed(found: Iterable[Line], key: Callable[[Line], tuple[str, ...] | None]) -> Iterator[tuple[Any, ...]]:
    """Of what the hub accepted, by key: how many, counted quantity, price, withheld. What nobody said adds nothing."""
    sums: dict[tuple[str, ...], list[Any]] = defaultdict(lambda: [set(), Decimal(), None, None])
    for line in found:
        name = key(line) if line.state is State.ACCEPTED else None
        if name is None:
            continue
        into = sums[name]
        into[0].add(line.record)
        for n, value in enumerate((line.counted, line.price, line.withheld), start=1):
            into[n] = into[n] if value is None else (into[n] or 0) + value
    for name, (records, *figures) in sorted(sums.items()):
        yield (*name, len(records), *figures)


def _suppliers(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    found = lines(client, first, last, kinds=(PURCHASE, CONFIRMED))
    return _summed(found, lambda each: (each.other, _name(each.mineral), unit_of(each.mineral)))


def _royalties(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    """What was withheld of miners; then the own production that was sold, with the payments that its papers name."""
    bought = _summed(
        lines(client, first, last, kinds=(PURCHASE,)),
        lambda each: (str(_WITHHELD_OF), each.municipality, _name(each.mineral), unit_of(each.mineral)),
    )
    yield from ((*row, "") for row in bought)
    own, papers = own_production(client), defaultdict[tuple[str, ...], set[str]](set)
    sold = list(lines(client, first, last, kinds=SOLD))
    parts = Counter(line.record for line in sold)

    def key(each: Line) -> tuple[str, ...] | None:
        town = own.municipality(UUID(each.lot)) if each.mineral else None  # a lot of the client's has its mineral
        if town is None:
            return None
        name = (str(_OF_ITS_OWN), town, _name(each.mineral), unit_of(each.mineral))
        papers[name].update(each.papers)
        return name

    # The price of several lots is of all of them: no lot's own share of it was captured.
    priced = (line if parts[line.record] == 1 else replace(line, price=None) for line in sold)
    yield from ((*row, ", ".join(sorted(papers[row[:4]]))) for row in _summed(priced, key))


def _production(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    def key(each: Line) -> tuple[str, ...]:
        return f"{each.day:%Y-%m}", each.origin, each.municipality, _name(each.mineral), unit_of(each.mineral)

    for row in _summed(lines(client, first, last, kinds=(PRODUCTION,)), key):
        yield row[:7]


def _lots(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    found = lots_of(client, until=datetime.combine(last, time.max, BOGOTA))
    for lot in sorted(found.values(), key=lambda each: (each.occurred_at, each.id)):
        mineral = catalogue().mineral(lot.mineral)
        assert mineral is not None, "a lot is of the catalogue"
        came, used, left = (
            Decimal(text_of(amount, factor=mineral.factor)) for amount in (lot.amount, lot.used, lot.amount - lot.used)
        )
        since = lot.occurred_at.astimezone(BOGOTA).date()
        yield str(lot.id), since, _name(mineral.code), came, used, left, mineral.unit, last


def _inventory(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    left: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    lots: dict[tuple[str, str], int] = defaultdict(int)
    for _id, _since, name, _came, _used, rest, unit, _day in _lots(client, first, last):
        left[name, unit] += rest
        lots[name, unit] += 1 if rest > 0 else 0
    for name, unit in sorted(left):
        yield name, lots[name, unit], left[name, unit], unit, last


def _name(code: str) -> str:
    return mineral_name(code) if code else ""


def _state(line: Line) -> str:
    return str(STATES[line.state][0])


_DAY, _MINERAL, _UNIT = (
    Column("fecha", _("Fecha"), "day"),
    Column("mineral", _("Mineral")),
    Column("unidad", _("Unidad")),
)
_MUNICIPALITY, _STATE = Column("municipio", _("Municipio (DIVIPOLA)")), Column("estado", _("Estado"))
_ID, _SELLER = Column("movimiento", _("Movimiento")), Column("vendedor", _("Vendedor"))
_GROSS, _FINENESS = Column("cantidad", _("Cantidad"), "figure"), Column("ley", _("Ley (‰)"), "figure")
_COUNTED = Column("contada", _("Cantidad que cuenta (fina)"), "figure")
_PRICE = Column("precio_cop", _("Precio (COP)"), "figure")
_WITHHELD = Column("retenida_cop", _("Regalía retenida (COP)"), "figure")
_VALUE = Column("valor_base_cop", _("Valor a precio base (COP)"), "figure")
_OWED = Column("regalia_cop", _("Regalía según la tarifa (COP)"), "figure")
_COUNT, _LOT = Column("movimientos", _("Movimientos"), "figure"), Column("lote", _("Lote"))
_AS_OF = Column("corte", _("Corte"), "day")
PRODUCTION: Final = "production"
SOLD: Final = ("sale", "export")
_KINDS: Final[Mapping[str, Promise]] = {**KINDS, CONFIRMED: _("Compra confirmada")}
_WAYS: Final[Mapping[str, Promise | str]] = {"in": _("Entra"), "out": _("Sale"), "": ""}
_STANDS: Final[Mapping[bool, Promise]] = {True: STATES[State.ACCEPTED][0], False: _("En espera de la PTM")}
_WITHHELD_OF, _OF_ITS_OWN = _("Retenida a mineros de subsistencia"), _("De producción propia vendida")
_NOT_OWED: Final = _(
    "De la producción propia se dice lo vendido y los pagos que sus soportes nombran; cuánto se debe no se capturó. No "
    "suma lotes que llevan algo comprado."
)

BOOKS: Final[Mapping[str, Book]] = {
    book.name: book
    for book in (
        Book("diario", _("Libro diario"),
             (_DAY, Column("clase", _("Clase")), Column("sentido", _("Entra o sale")), _MINERAL, _GROSS, _UNIT,
              _FINENESS, _COUNTED, _LOT, Column("contraparte", _("Contraparte")), _MUNICIPALITY, _PRICE, _STATE, _ID),
             _daily),
        Book("retenciones", _("Libro de retenciones de regalías"),
             (_DAY, _SELLER, _MUNICIPALITY, _MINERAL, _GROSS, _FINENESS, _COUNTED, _UNIT,
              Column("base_cop", _("Precio base (COP por unidad)"), "figure"),
              Column("resolucion", _("Resolución del precio base")), _VALUE,
              Column("tarifa", _("Tarifa de regalía (%)"), "figure"), _OWED, _WITHHELD, _PRICE, _STATE, _ID),
             _withheld),
        Book("retenciones-totales", _("Retenciones: totales del mes"),
             (_MUNICIPALITY, _MINERAL, _UNIT, _STATE, _COUNT, _COUNTED, _VALUE, _OWED, _WITHHELD,
              Column("sin_base", _("Movimientos sin precio base"), "figure")), _withheld_totals),
        Book("proveedores", _("Compras por proveedor"),
             (_SELLER, _MINERAL, _UNIT, _COUNT, _COUNTED, _PRICE, _WITHHELD), _suppliers, accepted=True),
        Book("lotes", _("Saldos por lote"),
             (_LOT, _DAY, _MINERAL, Column("entro", _("Entró"), "figure"), Column("salio", _("Salió"), "figure"),
              Column("queda", _("Queda"), "figure"), _UNIT, _AS_OF), _lots, balance=True, accepted=True),
        Book("anm-produccion", _("Formato ANM: producción"),
             (Column("mes", _("Mes")), Column("titulo", _("Título o código")), _MUNICIPALITY, _MINERAL, _UNIT, _COUNT,
              _COUNTED), _production, UNREAD, accepted=True),
        Book("anm-inventarios", _("Formato ANM: inventarios"),
             (_MINERAL, Column("lotes", _("Lotes con saldo"), "figure"), Column("queda", _("Queda"), "figure"), _UNIT,
              _AS_OF), _inventory, UNREAD, balance=True, accepted=True),
        Book("anm-regalias", _("Formato ANM: regalías"),
             (Column("concepto", _("Concepto")), _MUNICIPALITY, _MINERAL, _UNIT, _COUNT, _COUNTED, _PRICE, _WITHHELD,
              Column("pagos", _("Pagos de regalías"))), _royalties, format_lazy("{} {}", UNREAD, _NOT_OWED),
             accepted=True),
    )
}  # fmt: skip
"""By name. What was rejected, refused or withdrawn stands in the daily book alone, with its state."""
