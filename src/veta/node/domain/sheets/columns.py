"""The columns of each kind of movement's workbook: their names, how their cells are read, where they go."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from veta.kernel.identity import IdentityError, document, title_code
from veta.node.domain.sheets import dates, words
from veta.node.domain.sheets.cells import Cell, Group, Mending, figure, text
from veta.node.domain.sheets.marks import CellFault
from veta.node.domain.sheets.places import Places
from veta.norms import norms
from veta.norms.catalogue import catalogue

Read = Callable[[Cell, Mending, Places], Any]
"""From a cell to its value; None or empty where the cell is. Raises CellFault."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `paths`: the fields of the hub's item that it fills, for what its rules find; of a `line`, those of
    its part of it. `words`: its drop-down, a list's name or the words themselves.

    `line`: each row of a movement of several says its own; what is not is said in the first, and may be repeated below.
    `once`: not even repeated, for one could not tell a total from a part. `adds`: another row may bring one more."""

    key: str
    title: str
    read: Read
    paths: tuple[str, ...]
    help: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    words: str | tuple[str, ...] = ()
    line: bool = False
    once: bool = False
    adds: bool = False


def words_of(longest: int) -> Read:
    return lambda cell, mending, places: text(cell, mending, longest=longest)


def figure_of(group: Group, decimals: int = 6, units: Collection[str] = ()) -> Read:
    return lambda cell, mending, places: figure(cell, mending, group=group, decimals=decimals, units=units)


def word_of(vocabulary: words.Vocabulary) -> Read:
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


def labels(vocabulary: words.Vocabulary) -> tuple[str, ...]:
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


def read_number(cell: Cell, mending: Mending, places: Places) -> str:
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


def read_title(cell: Cell, mending: Mending, places: Places) -> str:
    said = text(cell, mending, longest=60)
    if not said:
        return ""
    try:
        return title_code(said)
    except IdentityError as cause:
        raise CellFault("SHE-011", cause.message, "Escriba la placa como está en el título.") from None


def read_id(cell: Cell, mending: Mending, places: Places) -> str:
    """An identifier, alone or as the template's list has it: before a middle dot and what helps to know it."""
    return text(cell, mending, longest=120).partition("·")[0].strip().lower()


def read_recipe(cell: Cell, mending: Mending, places: Places) -> str:
    return str(word_of(recipes())(cell, mending, places))


@lru_cache(maxsize=1)
def recipes() -> words.Vocabulary:
    """The processes that the norms know on any day; whether one was in force on a movement's, its rule says."""
    found = (each for each in norms() if each.id.startswith("recipe."))
    return words.Vocabulary(*((each.id.removeprefix("recipe."), each.values[-1].value["name"], "") for each in found))


def read_country(cell: Cell, mending: Mending, places: Places) -> str:
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
    "late", "Motivo de la tardanza", words_of(500), ("late",), "Si se registra después del plazo, por qué.",
    aliases=("motivo tardanza", "tardanza", "motivo"),
)  # fmt: skip
REFERENCE: Final = Column(
    "reference", "Referencia", words_of(60), (), "Su número de recibo: distingue dos filas que dirían lo mismo.",
    aliases=("ref", "recibo", "no recibo", "número de recibo", "consecutivo"),
)  # fmt: skip
NOTE: Final = Column(
    "note", "Nota", words_of(300), ("note",), "Lo que quiera añadir.", aliases=("observaciones", "obs")
)
PAPER: Final = (
    Column("paper_type", "Documento soporte: tipo", word_of(words.EVIDENCE), ("evidence",), "Qué documento lo prueba.",
           aliases=("tipo de soporte", "soporte tipo", "tipo documento soporte", "documento soporte tipo"),
           words=labels(words.EVIDENCE), adds=True),
    Column("paper_number", "Documento soporte: número", words_of(120), ("evidence[0].number",), "Su número.",
           aliases=("número de soporte", "soporte número", "documento soporte numero", "no soporte"), adds=True),
    Column("paper_day", "Documento soporte: fecha", _only_day, ("evidence[0].issued_on",), "Cuándo se expidió.",
           aliases=("fecha de soporte", "soporte fecha", "documento soporte fecha"), adds=True),
)  # fmt: skip
SECOND_PAPER: Final = tuple(
    replace(
        each, key=f"second_{each.key}", title=each.title.replace("Documento", "Segundo documento"), paths=(), aliases=()
    )
    for each in PAPER
)
MINERAL: Final = Column(
    "mineral", "Mineral", _mineral, ("mineral",), "Escoja el tipo, no el rubro.", True, ("producto", "material"),
    "minerals",
)  # fmt: skip
QUANTITY: Final = Column(
    "quantity", "Cantidad", figure_of("measure", units=words.UNITS.spellings), ("quantity", "items[0].quantity"),
    "Peso bruto o volumen, con coma decimal.", True, ("peso", "peso bruto", "gramos brutos", "volumen", "cant"),
)  # fmt: skip
UNIT: Final = Column(
    "unit", "Unidad", word_of(words.UNITS), ("unit",), "La propia del mineral; vacía se toma esa.",
    aliases=("und", "unidad de medida", "u m"), words=labels(words.UNITS),
)  # fmt: skip
FINENESS: Final = Column(
    "fineness", "Ley (‰)", _fineness, ("fineness",), "De metales preciosos, en milésimas: 920.",
    aliases=("ley", "milésimas", "fineza"),
)  # fmt: skip
ASSAY: Final = Column(
    "assay", "Ensaye", word_of(words.ASSAYS), ("assay",), "Si la ley se declaró o la dio un laboratorio.",
    aliases=("tipo de ensaye", "ensayo"), words=labels(words.ASSAYS),
)  # fmt: skip
GRADE: Final = Column(
    "grade", "Tenor", figure_of("measure"), ("grade",), "De menas y concentrados, en la unidad del catálogo.",
    aliases=("tenor del mineral",),
)  # fmt: skip
PRICE: Final = Column(
    "price", "Precio (COP)", figure_of("money", 2), ("price_cop",), "El total pagado, en pesos.",
    aliases=("precio", "valor", "valor pagado", "precio cop", "valor total"), once=True,
)  # fmt: skip
LOT: Final = Column(
    "lot", "Lote", read_id, ("lot", "", "items"), "El identificador del lote: está en Saldos por lote.", True,
    ("id lote", "identificador del lote"), "lots", line=True,
)  # fmt: skip
TAKEN: Final = Column(
    "quantity", "Cantidad", figure_of("measure", units=words.UNITS.spellings), ("quantity",),
    "En la unidad del mineral; de metales preciosos, gramos finos.", True, ("peso", "cant", "gramos finos"), line=True,
)  # fmt: skip


def place_column(key: str, title: str, path: str, *, required: bool, aliases: tuple[str, ...]) -> Column:
    text = "Código DIVIPOLA de cinco cifras, o el nombre y su departamento."
    return Column(key, title, _place, (path,), text, required, aliases, "places")


def party_columns(
    key: str, who: str, *, required: bool, types: words.Vocabulary = words.DOCUMENTS
) -> tuple[Column, Column]:
    low = who.lower()
    return (
        Column(f"{key}_type", f"{who}: tipo de documento", word_of(types), (f"{key}.type", f"{key}_kind"),
               f"Documento del {low}.", False, (f"{low} tipo", f"tipo documento {low}", f"tipo de documento {low}"),
               labels(types)),
        Column(f"{key}_number", f"{who}: número", read_number, (f"{key}.number", f"{key}.check", key),
               "Sin puntos; el NIT, con su dígito después de un guion.", required,
               (f"{low} número", f"número documento {low}", f"documento {low}", f"cédula {low}", f"nit {low}",
                f"{low} número de documento")),
    )  # fmt: skip


MOVEMENT: Final = Column(
    "movement", "Movimiento", words_of(60), (),
    "Su número de comprobante: las filas seguidas que lo repiten son un solo movimiento. Vacío, la fila es uno.",
    aliases=("comprobante", "no comprobante", "número de comprobante", "número de movimiento"), line=True,
)  # fmt: skip
TICKET: Final = Column(
    "ticket", "Tiquete de báscula", words_of(120), ("evidence[0]",), "El número del de la báscula camionera.",
    aliases=("tiquete", "número de tiquete", "tiquete báscula", "tiquete de bascula camionera"),
)  # fmt: skip
TAIL: Final = (*PAPER, NOTE, LATE, REFERENCE)
MEASURED: Final = (MINERAL, QUANTITY, UNIT, FINENESS, ASSAY)
