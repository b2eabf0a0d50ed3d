"""The columns of each kind of movement's workbook: their names, how their cells are read, where they go."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from veta.kernel.identity import IdentityError, document, title_code
from veta.node.domain.sheets import dates, words
from veta.node.domain.sheets.cells import Cell, Group, Mending, figure, text
from veta.node.domain.sheets.marks import CellFault
from veta.node.domain.sheets.places import Places
from veta.norms.catalogue import catalogue

Read = Callable[[Cell, Mending, Places], Any]
"""From a cell to its value; None or empty where the cell is. Raises CellFault."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `paths`: the fields of the hub's item that it fills, for what its rules find. `words`: its drop-down,
    a list's name or the words themselves."""

    key: str
    title: str
    read: Read
    paths: tuple[str, ...]
    help: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    words: str | tuple[str, ...] = ()


def _text(longest: int) -> Read:
    return lambda cell, mending, places: text(cell, mending, longest=longest)


def _figure(group: Group, decimals: int = 6, units: Collection[str] = ()) -> Read:
    return lambda cell, mending, places: figure(cell, mending, group=group, decimals=decimals, units=units)


def _word(vocabulary: words.Vocabulary) -> Read:
    def read(cell: Cell, mending: Mending, places: Places) -> str:
        said = text(cell, mending, longest=120)
        if not said:
            return ""
        found = vocabulary.find(said)
        if found is None:
            labels = ", ".join(vocabulary.labels.values())
            raise CellFault("SHE-016", "Esa palabra no está en la lista.", f"Escoja una: {labels}.")
        if not found[1]:
            mending.say(f"se lee como «{vocabulary.labels[found[0]]}»")
        return found[0]

    return read


def _labels(vocabulary: words.Vocabulary) -> tuple[str, ...]:
    return tuple(vocabulary.labels.values())


def _mineral(cell: Cell, mending: Mending, places: Places) -> str:
    said = text(cell, mending, longest=120)
    if not said:
        return ""
    known = catalogue()
    code = said if known.mineral(said) else known.match(said)
    if code is None:
        cause = known.reason(said) or "Ese mineral no está en el catálogo."
        raise CellFault("SHE-016", cause, "Escójalo de la lista de la plantilla.")
    found = known.mineral(code)
    if found is not None and words.folded(said) not in (words.folded(found.name), words.folded(code)):
        mending.say(f"se lee como «{found.name}»")
    return code


def _place(cell: Cell, mending: Mending, places: Places) -> str:
    return places.read(text(cell, mending, longest=120), mending)


def _number(cell: Cell, mending: Mending, places: Places) -> str:
    """A document's number. A figure is taken as it is; letters, fewer or more digits are refused with its type."""
    said = text(cell, mending, longest=30)
    if isinstance(cell, float) and not cell.is_integer():
        raise CellFault("SHE-012", "El número de documento lleva decimales.", "Escríbalo sin puntos ni comas.")
    return said


def check_document(kind: str, number: str) -> None:
    """CellFault where the number cannot be of that type; a wrong check digit is left to the hub's own rule."""
    try:
        document(kind, number)
    except IdentityError as cause:
        if cause.code != "IDE-002":
            raise CellFault("SHE-012", cause.message, "Revise el tipo y el número del documento.") from None


def _title(cell: Cell, mending: Mending, places: Places) -> str:
    said = text(cell, mending, longest=60)
    if not said:
        return ""
    try:
        return title_code(said)
    except IdentityError as cause:
        raise CellFault("SHE-011", cause.message, "Escriba la placa como está en el título.") from None


def _lot(cell: Cell, mending: Mending, places: Places) -> str:
    return text(cell, mending, longest=60).lower()


def _country(cell: Cell, mending: Mending, places: Places) -> str:
    said = text(cell, mending, longest=20)
    if said and (len(said) != 2 or not said.isascii() or not said.isalpha()):
        raise CellFault("SHE-016", "El país va con dos letras.", "Escriba el código ISO 3166, como US.")
    if said != said.upper():
        mending.say(f"se lee como «{said.upper()}»")
    return said.upper()


def _fineness(cell: Cell, mending: Mending, places: Places) -> str:
    """Thousandths; a fraction or carats are refused, never guessed."""
    found = figure(cell, mending, group="thousandths", decimals=3)
    if found and 0 < Decimal(found) <= 1:
        raise CellFault("SHE-012", "La ley parece una fracción.", "Escríbala en milésimas: 920 y no 0,92.")
    return found


def _day(cell: Cell, mending: Mending, places: Places) -> Any:
    return dates.day(cell, mending)


def _only_day(cell: Cell, mending: Mending, places: Places) -> str:
    found = dates.day(cell, mending)
    return found[0].isoformat() if found else ""


def _hour(cell: Cell, mending: Mending, places: Places) -> Any:
    return dates.hour(cell, mending)


DATE: Final = Column(
    "date", "Fecha", _day, ("occurred_at",), "El día en que ocurrió: día/mes/año.", True,
    ("fecha de compra", "fecha movimiento", "fecha del movimiento", "fecha de producción", "día"),
)  # fmt: skip
HOUR: Final = Column(
    "hour", "Hora", _hour, (), "Si la sabe, de 0 a 23: 14:05.", aliases=("hora de compra", "hora movimiento")
)
LATE: Final = Column(
    "late", "Motivo de la tardanza", _text(500), ("late",), "Si se registra después del plazo, por qué.",
    aliases=("motivo tardanza", "tardanza", "motivo"),
)  # fmt: skip
REFERENCE: Final = Column(
    "reference", "Referencia", _text(60), (), "Su número de recibo: distingue dos filas que dirían lo mismo.",
    aliases=("ref", "recibo", "no recibo", "número de recibo", "consecutivo"),
)  # fmt: skip
NOTE: Final = Column("note", "Nota", _text(300), ("note",), "Lo que quiera añadir.", aliases=("observaciones", "obs"))
PAPER: Final = (
    Column("paper_type", "Documento soporte: tipo", _word(words.EVIDENCE), ("evidence",), "Qué documento lo prueba.",
           aliases=("tipo de soporte", "soporte tipo", "tipo documento soporte", "documento soporte tipo"),
           words=_labels(words.EVIDENCE)),
    Column("paper_number", "Documento soporte: número", _text(120), ("evidence[0].number",), "Su número.",
           aliases=("número de soporte", "soporte número", "documento soporte numero", "no soporte")),
    Column("paper_day", "Documento soporte: fecha", _only_day, ("evidence[0].issued_on",), "Cuándo se expidió.",
           aliases=("fecha de soporte", "soporte fecha", "documento soporte fecha")),
)  # fmt: skip
MINERAL: Final = Column(
    "mineral", "Mineral", _mineral, ("mineral",), "Escoja el tipo, no el rubro.", True, ("producto", "material"),
    "minerals",
)  # fmt: skip
QUANTITY: Final = Column(
    "quantity", "Cantidad", _figure("measure", units=words.UNITS.spellings), ("quantity", "items[0].quantity"),
    "Peso bruto o volumen, con coma decimal.", True, ("peso", "peso bruto", "gramos brutos", "volumen", "cant"),
)  # fmt: skip
UNIT: Final = Column(
    "unit", "Unidad", _word(words.UNITS), ("unit",), "La propia del mineral; vacía se toma esa.",
    aliases=("und", "unidad de medida", "u m"), words=_labels(words.UNITS),
)  # fmt: skip
FINENESS: Final = Column(
    "fineness", "Ley (‰)", _fineness, ("fineness",), "De metales preciosos, en milésimas: 920.",
    aliases=("ley", "milésimas", "fineza"),
)  # fmt: skip
ASSAY: Final = Column(
    "assay", "Ensaye", _word(words.ASSAYS), ("assay",), "Si la ley se declaró o la dio un laboratorio.",
    aliases=("tipo de ensaye", "ensayo"), words=_labels(words.ASSAYS),
)  # fmt: skip
GRADE: Final = Column(
    "grade", "Tenor", _figure("measure"), ("grade",), "De menas y concentrados, en la unidad del catálogo.",
    aliases=("tenor del mineral",),
)  # fmt: skip
PRICE: Final = Column(
    "price", "Precio (COP)", _figure("money", 2), ("price_cop",), "El total pagado, en pesos.",
    aliases=("precio", "valor", "valor pagado", "precio cop", "valor total"),
)  # fmt: skip
LOT: Final = Column(
    "lot", "Lote", _lot, ("items[0].lot", "items"), "El identificador del lote: está en Saldos por lote.", True,
    ("id lote", "identificador del lote"),
)  # fmt: skip
TAKEN: Final = Column(
    "quantity", "Cantidad", _figure("measure", units=words.UNITS.spellings), ("items[0].quantity",),
    "En la unidad del mineral; de metales preciosos, gramos finos.", True, ("peso", "cant", "gramos finos"),
)  # fmt: skip


def _place_column(key: str, title: str, path: str, *, required: bool, aliases: tuple[str, ...]) -> Column:
    text = "Código DIVIPOLA de cinco cifras, o el nombre y su departamento."
    return Column(key, title, _place, (path,), text, required, aliases, "places")


def _party(key: str, who: str, *, required: bool) -> tuple[Column, Column]:
    low = who.lower()
    return (
        Column(f"{key}_type", f"{who}: tipo de documento", _word(words.DOCUMENTS), (f"{key}.type",),
               f"Documento del {low}.", False, (f"{low} tipo", f"tipo documento {low}", f"tipo de documento {low}"),
               _labels(words.DOCUMENTS)),
        Column(f"{key}_number", f"{who}: número", _number, (f"{key}.number", f"{key}.check", key),
               "Sin puntos; el NIT, con su dígito después de un guion.", required,
               (f"{low} número", f"número documento {low}", f"documento {low}", f"cédula {low}", f"nit {low}",
                f"{low} número de documento")),
    )  # fmt: skip


_TAIL: Final = (*PAPER, NOTE, LATE, REFERENCE)
_MEASURED: Final = (MINERAL, QUANTITY, UNIT, FINENESS, ASSAY)
KINDS: Final[Mapping[str, Sequence[Column]]] = {
    "subsistence_purchase": (
        DATE, HOUR, *_party("seller", "Vendedor", required=True),
        _place_column("municipality", "Municipio de origen", "origin.municipality", required=True,
                      aliases=("municipio", "municipio origen", "origen")),
        *_MEASURED, PRICE,
        Column("withheld", "Regalía retenida (COP)", _figure("money", 2), ("royalty_withheld_cop",),
               "Lo que retuvo por regalías.", aliases=("regalía retenida", "regalías", "retención", "regalía")),
        *_TAIL,
    ),
    "production": (
        DATE, HOUR,
        Column("origin_kind", "Clase de origen", _word(words.ORIGINS), ("origin.kind",), "Vacía se toma título.",
               aliases=("tipo de origen",), words=_labels(words.ORIGINS)),
        Column("origin_code", "Título o código", _title, ("origin.code", "origin"), "La placa o el código del origen.",
               True, ("título", "placa", "expediente", "título minero", "código")),
        _place_column("municipality", "Municipio", "place.municipality", required=False,
                      aliases=("municipio de origen",)),
        *_MEASURED, GRADE, *_TAIL,
    ),
    "sale": (DATE, HOUR, *_party("buyer", "Comprador", required=True), LOT, TAKEN, PRICE, *_TAIL),
    "dispatch": (
        DATE, HOUR, LOT, TAKEN,
        _place_column("to", "Municipio de destino", "to.municipality", required=True, aliases=("destino",)),
        Column("to_facility", "Sede de destino", _text(120), ("to.facility",), "La planta o bodega.",
               aliases=("planta", "bodega", "instalación")),
        *_party("carrier", "Transportador", required=False),
        Column("vehicle", "Placa del vehículo", _text(20), ("vehicle",), "Como está en la tarjeta.",
               aliases=("vehículo", "placa vehículo")),
        *_TAIL,
    ),
    "export": (
        DATE, HOUR, LOT, TAKEN,
        Column("country", "País de destino", _country, ("country",), "Dos letras: US, CH, AE.", True,
               ("país", "destino")),
        *_TAIL,
    ),
    "consumption": (
        DATE, HOUR, LOT, TAKEN,
        Column("use", "Uso", _text(500), ("use",), "Para qué se usó.", True, ("destinación", "consumo")), *_TAIL,
    ),
    "loss": (
        DATE, HOUR, LOT, TAKEN,
        Column("reason", "Causa", _text(500), ("reason",), "Por qué se perdió.", True, ("motivo de la pérdida",)),
        *_TAIL,
    ),
    "retention": (
        DATE, HOUR, *_MEASURED,
        Column("circumstances", "Circunstancias", _text(1000), ("circumstances",), "Qué pasó y qué se retuvo.", True),
        *_TAIL,
    ),
}  # fmt: skip
"""By kind; one row is one movement. A blend or a transformation has several lots on each side: the page captures it."""
