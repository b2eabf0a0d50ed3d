"""The books of a client, filled from what was captured: each a list of rows under named columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.kernel.period import BOGOTA
from veta.kernel.quantity import Fineness, QuantityError, amount_of, text_of
from veta.node.domain.records import GONE, Operation, State
from veta.node.models import BusinessRecord
from veta.node.queries.lots import lots_of
from veta.node.queries.outbox import KINDS, STATES
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
    """A book: `rows` for a client and the days from the first to the last. `status`: what was not read of its form."""

    name: str
    title: Promise
    columns: tuple[Column, ...]
    rows: Callable[[UUID, date, date], Iterator[tuple[Any, ...]]]
    status: Promise | str = ""
    of_today: bool = False


def _records(client: UUID, first: date, last: date) -> QuerySet[BusinessRecord]:
    """What was reported and still counts, or may, from the first to the last day, in order."""
    start, end = (datetime.combine(day, at, BOGOTA) for day, at in ((first, time.min), (last, time.max)))
    found = BusinessRecord.objects.filter(client=client, operation=Operation.SUBMIT.value)
    return (
        found.filter(occurred_at__range=(start, end)).select_related("outbox").order_by("occurred_at", "outbox__number")
    )


def _standing(client: UUID, first: date, last: date, kind: str) -> Iterator[BusinessRecord]:
    gone = [state.value for state in GONE]
    yield from _records(client, first, last).filter(kind=kind).exclude(outbox__state__in=gone).iterator(2_000)


def _day(record: BusinessRecord) -> date:
    return record.occurred_at.astimezone(BOGOTA).date()


def _person(payload: Mapping[str, Any], key: str) -> str:
    party = payload.get(key) or {}
    return f"{party['type']} {party['number']}" if party else ""


def _figure(payload: Mapping[str, Any], key: str) -> Decimal | None:
    return Decimal(payload[key]) if payload.get(key) else None


def _counted(payload: Mapping[str, Any]) -> Decimal | None:
    """What the ledger counts of a measure: fine grams of precious metals, rounded down to the milligram."""
    mineral = catalogue().mineral(payload.get("mineral", ""))
    try:
        amount = amount_of(payload["quantity"], factor=mineral.factor) if mineral else None
        if mineral is None or amount is None:
            return None
        if mineral.precious:
            amount = Fineness.parse(payload["fineness"]).fine(amount)
    except (QuantityError, KeyError):  # the hub says it
        return None
    return Decimal(text_of(amount, factor=mineral.factor))


def _name(code: str) -> str:
    mineral = catalogue().mineral(code)
    return mineral.name if mineral is not None else code


def _municipality(payload: Mapping[str, Any]) -> str:
    return str(
        (payload.get("origin") or {}).get("municipality") or (payload.get("place") or {}).get("municipality", "")
    )


def _daily(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    for record in _records(client, first, last).iterator(2_000):
        said = record.payload
        items = said.get("items") or [said]
        other = _person(said, "seller" if record.kind == "subsistence_purchase" else "buyer")
        for item in items:
            yield (
                _day(record), str(KINDS.get(record.kind, record.kind)), _name(said.get("mineral", "")),
                _figure(item, "quantity"), said.get("unit", ""), _figure(said, "fineness"), item.get("lot", ""), other,
                _municipality(said), _figure(said, "price_cop"), str(STATES[State(record.outbox.state)][0]),
                str(record.id),
            )  # fmt: skip


def _withheld(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    for record in _standing(client, first, last, "subsistence_purchase"):
        said = record.payload
        yield (
            _day(record), _person(said, "seller"), _municipality(said), _name(said["mineral"]),
            _figure(said, "quantity"), _figure(said, "fineness"), _counted(said), _figure(said, "price_cop"),
            _figure(said, "royalty_withheld_cop"), str(STATES[State(record.outbox.state)][0]), str(record.id),
        )  # fmt: skip


def _summed(
    client: UUID, first: date, last: date, kind: str, key: Callable[[BusinessRecord], tuple[str, ...]]
) -> Iterator[tuple[Any, ...]]:
    """By key: how many, counted quantity, price, withheld; a figure that nobody gave counts as none."""
    sums: dict[tuple[str, ...], list[Any]] = defaultdict(lambda: [0, Decimal(), Decimal(), Decimal()])
    for record in _standing(client, first, last, kind):
        said = record.payload
        into = sums[key(record)]
        into[0] += 1
        for n, value in enumerate(
            (_counted(said), _figure(said, "price_cop"), _figure(said, "royalty_withheld_cop")), start=1
        ):
            into[n] += value or 0
    for name, values in sorted(sums.items()):
        yield (*name, *values)


def _unit(code: str) -> str:
    mineral = catalogue().mineral(code)
    return mineral.unit if mineral is not None else ""


def _suppliers(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    def key(record: BusinessRecord) -> tuple[str, ...]:
        said = record.payload
        return _person(said, "seller"), _name(said["mineral"]), _unit(said["mineral"])

    return _summed(client, first, last, "subsistence_purchase", key)


def _royalties(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    def key(record: BusinessRecord) -> tuple[str, ...]:
        said = record.payload
        return _municipality(said), _name(said["mineral"]), _unit(said["mineral"])

    return _summed(client, first, last, "subsistence_purchase", key)


def _production(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    def key(record: BusinessRecord) -> tuple[str, ...]:
        said = record.payload
        month = f"{_day(record):%Y-%m}"
        return month, said["origin"]["code"], _municipality(said), _name(said["mineral"]), _unit(said["mineral"])

    for row in _summed(client, first, last, "production", key):
        yield row[:7]


def _lots(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    for lot in sorted(lots_of(client).values(), key=lambda each: (each.occurred_at, each.id)):
        mineral = catalogue().mineral(lot.mineral)
        assert mineral is not None, "a lot is of the catalogue"
        came, used, left = (
            Decimal(text_of(amount, factor=mineral.factor)) for amount in (lot.amount, lot.used, lot.amount - lot.used)
        )
        yield str(lot.id), lot.occurred_at.astimezone(BOGOTA).date(), mineral.name, came, used, left, mineral.unit


def _inventory(client: UUID, first: date, last: date) -> Iterator[tuple[Any, ...]]:
    left: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    lots: dict[tuple[str, str], int] = defaultdict(int)
    for _id, _since, name, _came, _used, rest, unit in _lots(client, first, last):
        left[name, unit] += rest
        lots[name, unit] += 1 if rest > 0 else 0
    for name, unit in sorted(left):
        yield name, lots[name, unit], left[name, unit], unit


_DAY, _MINERAL, _UNIT = (
    Column("fecha", _("Fecha"), "day"),
    Column("mineral", _("Mineral")),
    Column("unidad", _("Unidad")),
)
_MUNICIPALITY, _STATE = Column("municipio", _("Municipio")), Column("estado", _("Estado"))
_ID, _SELLER = Column("movimiento", _("Movimiento")), Column("vendedor", _("Vendedor"))
_GROSS, _FINENESS = Column("cantidad", _("Cantidad"), "figure"), Column("ley", _("Ley (‰)"), "figure")
_COUNTED = Column("contada", _("Cantidad que cuenta (fina)"), "figure")
_PRICE = Column("precio_cop", _("Precio (COP)"), "figure")
_WITHHELD = Column("retenida_cop", _("Regalía retenida (COP)"), "figure")
_COUNT, _LOT = Column("movimientos", _("Movimientos"), "figure"), Column("lote", _("Lote"))

BOOKS: Final[Mapping[str, Book]] = {
    book.name: book
    for book in (
        Book("diario", _("Libro diario"),
             (_DAY, Column("clase", _("Clase")), _MINERAL, _GROSS, _UNIT, _FINENESS, _LOT,
              Column("contraparte", _("Contraparte")), _MUNICIPALITY, _PRICE, _STATE, _ID), _daily),
        Book("retenciones", _("Libro de retenciones de regalías"),
             (_DAY, _SELLER, _MUNICIPALITY, _MINERAL, _GROSS, _FINENESS, _COUNTED, _PRICE, _WITHHELD, _STATE, _ID),
             _withheld),
        Book("proveedores", _("Compras por proveedor"),
             (_SELLER, _MINERAL, _UNIT, _COUNT, _COUNTED, _PRICE, _WITHHELD), _suppliers),
        Book("lotes", _("Saldos por lote"),
             (_LOT, _DAY, _MINERAL, Column("entro", _("Entró"), "figure"), Column("salio", _("Salió"), "figure"),
              Column("queda", _("Queda"), "figure"), _UNIT), _lots, of_today=True),
        Book("anm-produccion", _("Formato ANM: producción"),
             (Column("mes", _("Mes")), Column("titulo", _("Título o código")), _MUNICIPALITY, _MINERAL, _UNIT, _COUNT,
              _COUNTED), _production, UNREAD),
        Book("anm-inventarios", _("Formato ANM: inventarios"),
             (_MINERAL, Column("lotes", _("Lotes con saldo"), "figure"), Column("queda", _("Queda"), "figure"), _UNIT),
             _inventory, UNREAD, of_today=True),
        Book("anm-regalias", _("Formato ANM: regalías retenidas"),
             (_MUNICIPALITY, _MINERAL, _UNIT, _COUNT, _COUNTED, _PRICE, _WITHHELD), _royalties, UNREAD),
    )
}  # fmt: skip
"""By name. What was rejected, refused or withdrawn stands in the daily book alone, with its state."""
