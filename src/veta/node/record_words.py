"""What a record says, whatever its kind, in the words of its readers: names for codes, figures with a decimal comma,
hours of Colombia. Nothing is worked out here that the record or the hub's verdict does not say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.node.domain.local import KnownLot
from veta.node.domain.sheets import words
from veta.node.domain.spoken import figure, moment
from veta.node.models import BusinessRecord, Client
from veta.node.pages.capture.fields import Figure
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.known import nothing_known
from veta.node.queries.lots import lots_of
from veta.node.queries.named import mineral_name, town_name
from veta.norms.catalogue import catalogue

PARTIES: Final[Mapping[str, Promise]] = {
    "seller": gettext_lazy("Vende"), "buyer": gettext_lazy("Compra"), "holder": gettext_lazy("Tenedor"),
    "plant": gettext_lazy("Planta"), "carrier": gettext_lazy("Transporta"),
}  # fmt: skip
ANSWERS: Final[Mapping[str, Promise]] = {
    "movement": gettext_lazy("Movimiento que responde"), "reason": gettext_lazy("Motivo"),
}  # fmt: skip
# What a record lists: the title, and of each column its name, its title and its share of the width.
Column = tuple[str, Promise, float]
_LOT: Final[Column] = ("lot", gettext_lazy("Lote"), 3.2)
_MINERAL: Final[Column] = ("mineral", gettext_lazy("Mineral"), 1.8)
_QUANTITY: Final[Column] = ("quantity", gettext_lazy("Cantidad"), 1.6)
_MEASURED: Final[tuple[Column, ...]] = (
    _MINERAL, _QUANTITY, ("fineness", gettext_lazy("Ley (‰)"), 1), ("grade", gettext_lazy("Tenor"), 1), _LOT,
)  # fmt: skip
LISTS: Final[Mapping[str, tuple[Promise, tuple[Column, ...]]]] = {
    "items": (
        gettext_lazy("Lotes"),
        (_MINERAL, _QUANTITY, ("lost", gettext_lazy("Perdido en el camino"), 1.6), _LOT),
    ),
    "inputs": (gettext_lazy("Qué entró"), (_MINERAL, _QUANTITY, _LOT)),
    "outputs": (gettext_lazy("Qué salió"), _MEASURED),
    "losses": (gettext_lazy("Lo que se perdió en el proceso"), _MEASURED),
    "evidence": (
        gettext_lazy("Documentos"),
        (
            ("type", gettext_lazy("Documento"), 2.4),
            ("number", gettext_lazy("Número"), 2.4),
            ("issued_on", gettext_lazy("Fecha"), 1),
        ),
    ),
}


def facts_of(record: BusinessRecord, client: Client) -> Iterator[list[str]]:
    """Parties, instant, and each thing that its kind asks, in the order in which it asks them."""
    said = record.payload
    yield [_("Registra"), f"{client.name} ({_document(client.party())})"]
    for role, label in PARTIES.items():
        if isinstance(said.get(role), Mapping):
            yield [str(label), _party(said[role], client)]
    if said.get("buyer_kind") == "final_consumer":
        yield [str(PARTIES["buyer"]), _("Un consumidor final: no se identifica")]
    yield [_("Cuándo ocurrió"), moment(record.occurred_at)]
    yield from _asked(record)


def _asked(record: BusinessRecord) -> Iterator[list[str]]:
    kind, said = KINDS.get(record.kind), record.item()
    if kind is None:
        yield from ([str(label), str(said[name])] for name, label in ANSWERS.items() if said.get(name))
        return
    known = nothing_known()
    for each in kind.asked:
        first = each.path.partition(".")[0]
        if "[" in each.path or first in PARTIES or each.path in ("occurred_at", "buyer_kind", "place.municipality"):
            continue
        value = _at(said, each.path)
        if value in (None, "", [], {}):
            continue
        field = each.make(known)
        yield [str(each.on_paper or field.label), _shown(each.path, value, field, said)]


def _at(said: Mapping[str, Any], path: str) -> Any:
    value: Any = said
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _shown(path: str, value: Any, field: forms.Field, said: Mapping[str, Any]) -> str:
    """A value as people read it: figures with their unit, towns and codes by their names."""
    if path == "place":
        return _place(value)
    last = path.rpartition(".")[2]
    if last == "municipality":
        return town_name(str(value))
    if last == "mineral":
        return mineral_name(str(value))
    if isinstance(field, Figure):
        return f"{figure(value)} {said.get('unit', '')}".strip() if path == "quantity" else figure(value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(str(value), value))  # type: ignore[arg-type]
    return str(value)


def tables_of(record: BusinessRecord, client: Client) -> Iterator[dict[str, Any]]:
    said = record.payload
    named = any(said.get(name) for name in ("items", "inputs"))
    lots = lots_of(client.id) if named else {}
    for name, (title, columns) in LISTS.items():
        rows = [each for each in said.get(name, ()) if isinstance(each, Mapping)] if _lists(said, name) else []
        if name in ("items", "inputs", "outputs"):
            rows = [_of_its_lot(each, lots) for each in rows]
        if rows:
            yield _table(title, columns, rows)


def _lists(said: Mapping[str, Any], name: str) -> bool:
    return isinstance(said.get(name), list)


def _of_its_lot(row: Mapping[str, Any], lots: Mapping[UUID, KnownLot]) -> Mapping[str, Any]:
    """A line with the mineral and unit of the lot that it takes from, where that is known here."""
    try:
        lot = lots.get(UUID(str(row.get("lot"))))
    except ValueError:
        lot = None
    mineral = catalogue().mineral(lot.mineral) if lot is not None else None
    return {"mineral": mineral.code, "unit": mineral.unit} | dict(row) if mineral is not None else row


def counted_in(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The table of the lots that a verdict gave; none where it gave none."""
    rows = list(body.get("lots", ()))
    if rows:
        yield _table(gettext_lazy("Lo que contó la PTM"), (_MINERAL, _QUANTITY, _LOT), rows)


def _table(title: Promise, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Only the columns of which some row says anything."""
    shown = [each for each in columns if any(row.get(each[0]) for row in rows)]
    return {
        "title": str(title), "head": [str(label) for _name, label, _width in shown],
        "widths": [width for _name, _label, width in shown],
        "rows": [[_cell(name, row) for name, _label, _width in shown] for row in rows],
    }  # fmt: skip


def _cell(name: str, row: Mapping[str, Any]) -> str:
    value = row.get(name)
    if not value:
        return ""
    match name:
        case "mineral":
            return mineral_name(str(value))
        case "quantity" | "lost":
            return f"{figure(value)} {row.get('unit', '')}".strip()
        case "fineness" | "grade":
            return figure(value)
        case "type":
            return words.EVIDENCE.labels.get(str(value), str(value))
    return str(value)


def _party(party: Mapping[str, Any], client: Client) -> str:
    document, own = _document(party), client.party()
    return f"{client.name} ({document})" if document == _document(own) else document


def _document(party: Mapping[str, Any]) -> str:
    return f"{party.get('type', '')} {party.get('number', '')}".strip()


def _place(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    town = town_name(str(value["municipality"])) if value.get("municipality") else ""
    return ", ".join(filter(None, (str(value.get("facility") or ""), town)))
