"""The workbook of each kind of movement: its columns, and which of them binds several rows into one movement.

A movement of one lot is one row. One of several is written as bookkeepers write a voucher of several lines: consecutive
rows that repeat its number, each with its own lot and quantity in cells of their own. So every lot keeps its drop-down,
its number format and its own mark, and there may be as many as the hub takes; columns «Lote 2», «Lote 3» would end
somewhere, and `lote=cantidad` in one cell has neither list nor figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from veta.node.domain.sheets import columns as c
from veta.node.domain.sheets import words
from veta.node.domain.sheets.columns import (
    DATE,
    GRADE,
    HOUR,
    LOT,
    MEASURED,
    MOVEMENT,
    PRICE,
    TAIL,
    TAKEN,
    TICKET,
    Column,
)

_SHORT: Final = (DATE, HOUR, MOVEMENT)
_LOTS: Final = (LOT, TAKEN)
_BOUND: Final = (DATE, HOUR, replace(MOVEMENT, required=True, help="El número que repiten todas sus filas."))


def _side(vocabulary: words.Vocabulary, told: str) -> Column:
    return Column(
        "side", "Entra o sale", c.word_of(vocabulary), ("inputs", "outputs", "losses"), told, True,
        ("lado", "entrada o salida"), c.labels(vocabulary), line=True,
    )  # fmt: skip


def _on_its_side(column: Column, help: str) -> Column:
    """A column that only some of the rows fill."""
    return replace(column, required=False, line=True, help=help)


_OF_WHAT_ENTERS: Final = _on_its_side(LOT, "De lo que entra: el identificador del lote. Lo que sale recibe el suyo.")
_HOW_MUCH: Final = replace(
    TAKEN, help="De lo que entra, en la unidad del lote (gramos finos); de lo que sale, el peso bruto."
)
_BUYER_TYPE, _BUYER_NUMBER = c.party_columns("buyer", "Comprador", required=True, types=words.BUYERS)
_OUT: Final = "De lo que sale o se pierde: "
_PLACE: Final = c.place_column(
    "municipality", "Municipio", "place.municipality", required=False, aliases=("municipio de origen",)
)
KINDS: Final[Mapping[str, Sequence[Column]]] = {
    "subsistence_purchase": (
        DATE, HOUR, *c.party_columns("seller", "Vendedor", required=True),
        c.place_column("municipality", "Municipio de origen", "origin.municipality", required=True,
                       aliases=("municipio", "municipio origen", "origen")),
        *MEASURED, PRICE,
        Column("withheld", "Regalía retenida (COP)", c.figure_of("money", 2), ("royalty_withheld_cop",),
               "Lo que retuvo por regalías.", aliases=("regalía retenida", "regalías", "retención", "regalía")),
        *TAIL,
    ),
    "production": (
        DATE, HOUR,
        Column("origin_kind", "Clase de origen", c.word_of(words.ORIGINS), ("origin.kind",), "Vacía se toma título.",
               aliases=("tipo de origen",), words=c.labels(words.ORIGINS)),
        Column("origin_code", "Título o código", c.read_title, ("origin.code", "origin"),
               "La placa o el código del origen.", True, ("título", "placa", "expediente", "título minero", "código")),
        _PLACE, *MEASURED, GRADE, *TAIL,
    ),
    "sale": (
        *_SHORT, _BUYER_TYPE,
        replace(_BUYER_NUMBER, help="Sin puntos; el NIT, con su dígito. De un consumidor final, vacía."),
        *_LOTS, PRICE, *TAIL,
    ),
    "dispatch": (
        *_SHORT, *_LOTS,
        c.place_column("to", "Municipio de destino", "to.municipality", required=True, aliases=("destino",)),
        Column("to_facility", "Sede de destino", c.words_of(120), ("to.facility",), "La planta o bodega.",
               aliases=("planta", "bodega", "instalación")),
        TICKET, *c.party_columns("carrier", "Transportador", required=False),
        Column("vehicle", "Placa del vehículo", c.words_of(20), ("vehicle",), "Como está en la tarjeta.",
               aliases=("vehículo", "placa vehículo")),
        *TAIL,
    ),
    "receipt": (
        DATE, HOUR,
        Column("dispatch", "Despacho", c.read_id, ("dispatch",),
               "El identificador del despacho que llegó. Si trajo varios lotes, repítalo en una fila por lote.", True,
               ("id despacho", "identificador del despacho"), "road", line=True),
        replace(LOT, help="El identificador de cada lote que venía."),
        replace(TAKEN, help="Lo que pesó aquí, en la unidad del mineral; de metales preciosos, gramos finos."),
        Column("lost", "Perdido en el camino", c.figure_of("measure", units=words.UNITS.spellings), ("lost",),
               "Lo que se perdió en el viaje, si se sabe.", aliases=("pérdida", "merma", "faltante"), line=True),
        TICKET, _PLACE, *TAIL,
    ),
    "documented_intake": (
        DATE, HOUR,
        Column("basis", "Por qué es lícito", c.word_of(words.BASES), ("basis",), "Qué prueba que es lícito.", True,
               ("base", "clase de ingreso"), c.labels(words.BASES)),
        Column("origin_kind", "Clase de origen", c.word_of(words.ANY_ORIGIN), ("origin.kind", "origin"),
               "Vacía se toma título.", aliases=("tipo de origen",), words=c.labels(words.ANY_ORIGIN)),
        Column("origin_code", "Título, código o país", c.read_title, ("origin.code",),
               "La placa o el código del origen; de lo importado, el país en dos letras.",
               aliases=("título", "placa", "título o código", "país", "código")),
        c.place_column("municipality", "Municipio de origen", "origin.municipality", required=False,
                       aliases=("municipio", "origen")),
        *c.party_columns("seller", "Minero", required=False), *MEASURED, GRADE, *TAIL,
    ),
    "transformation": (
        *_BOUND,
        Column("recipe", "Proceso", c.read_recipe, ("recipe",), "Escójalo de la lista.", True, ("receta", "beneficio"),
               "recipes"),
        *c.party_columns("plant", "Planta", required=False),
        _side(words.SIDES, "Qué es esta fila: lo que entra al proceso, lo que sale o lo que se pierde."),
        _OF_WHAT_ENTERS, _on_its_side(c.MINERAL, _OUT + "el producto."), _HOW_MUCH,
        _on_its_side(c.UNIT, _OUT + "la propia del mineral; vacía se toma esa."),
        _on_its_side(c.FINENESS, _OUT + "de metales preciosos, en milésimas."),
        _on_its_side(c.ASSAY, _OUT + "si la ley se declaró o la dio un laboratorio."),
        _on_its_side(GRADE, _OUT + "de menas y concentrados, en la unidad del catálogo."), *TAIL,
    ),
    "regroup": (
        *_BOUND, _side(words.TWO_SIDES, "Qué es esta fila. Si ninguna sale, todo lo que entra queda en un lote."),
        _OF_WHAT_ENTERS, replace(TAKEN, help="En la unidad del mineral; de metales preciosos, gramos finos."),
        _on_its_side(c.UNIT, "De lo que sale: la del mineral. Vacía, la de los lotes que entran."), *TAIL,
    ),
    "export": (
        *_SHORT, *_LOTS,
        Column("country", "País de destino", c.read_country, ("country",), "Dos letras: US, CH, AE.", True,
               ("país", "destino")),
        *c.PAPER, *c.SECOND_PAPER, *TAIL[len(c.PAPER) :],
    ),
    "consumption": (
        *_SHORT, *_LOTS,
        Column("use", "Uso", c.words_of(500), ("use",), "Para qué se usó.", True, ("destinación", "consumo")), *TAIL,
    ),
    "loss": (
        *_SHORT, *_LOTS,
        Column("reason", "Causa", c.words_of(500), ("reason",), "Por qué se perdió.", True, ("motivo de la pérdida",)),
        *TAIL,
    ),
    "retention": (
        DATE, HOUR, *MEASURED,
        Column("circumstances", "Circunstancias", c.words_of(1000), ("circumstances",), "Qué pasó y qué se retuvo.",
               True),
        *TAIL,
    ),
}  # fmt: skip
"""By kind, in the order of its template."""
BINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("sale", "dispatch", "export", "consumption", "loss", "transformation", "regroup"), "movement"),
    "receipt": "dispatch",
}
"""Of the kinds that may have several rows for one movement, the column that they share."""
