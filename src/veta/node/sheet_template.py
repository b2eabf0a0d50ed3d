"""The workbook to fill in, one for each kind of movement: its columns, drop-downs and instructions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from veta.node.domain.sheets.columns import Column, recipes
from veta.node.domain.sheets.examples import EXAMPLES
from veta.node.domain.sheets.kinds import BINDS, KINDS
from veta.norms.catalogue import catalogue

FILLED_IN: Final = 5_000
_DAYS: Final = frozenset({"date", "paper_day", "second_paper_day"})
_FIGURES: Final = frozenset({"quantity", "fineness", "grade", "price", "withheld", "lost"})
# Lists of what this node knows by now: there may be more, so another word is asked about and not refused.
_OPEN: Final = frozenset({"places", "lots", "road"})


def template(kind: str, *, title: str, known: Mapping[str, Sequence[str]]) -> bytes:
    """The workbook of a kind of movement. `known`: the words of the lists that this node has of its own: `places`,
    where the hub told them, the client's `lots` and what it has on the `road`."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page, told = book.add_worksheet(_("Movimientos")), book.add_worksheet(_("Instrucciones"))
        shown, lists = book.add_worksheet(_("Ejemplo")), book.add_worksheet("Listas")
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#DDE8E4", "border": 1, "text_wrap": True}),
            "due": book.add_format({"bold": True, "bg_color": "#B7D3C8", "border": 1, "text_wrap": True}),
            "text": book.add_format({"num_format": "@"}),
            "day": book.add_format({"num_format": "dd/mm/yyyy"}),
            "hour": book.add_format({"num_format": "hh:mm"}),
            "figure": book.add_format({"num_format": "#,##0.######"}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        for n, column in enumerate(KINDS[kind]):
            _head(page, n, column, formats)
            _head(shown, n, column, formats)
            _drop_down(page, lists, n, _words(column, kind, known), strict=column.words not in _OPEN)
        for row, example in enumerate(EXAMPLES[kind], start=1):
            for n, column in enumerate(KINDS[kind]):
                shown.write_string(row, n, example.get(column.key, ""), formats["text"])
        page.freeze_panes(1, 0)
        lists.hide()
        _instructions(told, kind, title, formats)
    return out.getvalue()


def _head(page: Worksheet, n: int, column: Column, formats: dict[str, Any]) -> None:
    page.write_string(0, n, column.title, formats["due" if column.required else "head"])
    page.write_comment(0, n, column.help, {"author": "Veta"})
    page.set_column(n, n, max(14, len(column.title) + 2), formats[_format_of(column)])


def _format_of(column: Column) -> str:
    if column.key in _DAYS:
        return "day"
    if column.key == "hour":
        return "hour"
    return "figure" if column.key in _FIGURES else "text"


def _words(column: Column, kind: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    if column.words in _OPEN:
        return list(known.get(str(column.words), ()))
    if column.words == "recipes":
        return sorted(recipes().labels.values())
    if column.words == "minerals":
        named = [each for each in catalogue() if not each.is_heading]
        if kind == "subsistence_purchase":
            named = [each for each in named if each.quota_group is not None]
        return sorted(each.name for each in named)
    return list(column.words)


def _drop_down(page: Worksheet, lists: Worksheet, n: int, words: list[str], *, strict: bool) -> None:
    if not words:
        return
    for row, word in enumerate(words):
        lists.write_string(row, n, word)
    letter = xl_col_to_name(n)
    rule: dict[str, Any] = {
        "validate": "list", "source": f"=Listas!${letter}$1:${letter}${len(words)}",
        "error_title": _("No está en la lista"), "error_message": _("Escoja una de las palabras de la lista."),
        "error_type": "stop" if strict else "warning",
    }  # fmt: skip
    page.data_validation(1, n, FILLED_IN, n, rule)


def _several(kind: str) -> str:
    """What one movement is in this workbook."""
    if kind == "receipt":
        return _(
            "Una fila es un lote que llegó. Si un despacho trajo varios, sus filas van seguidas y lo repiten. "
            "Cada fila puede traer un documento soporte."
        )
    if kind in ("transformation", "regroup"):
        return _(
            "Cada fila es un lote que entra o que sale. Las filas de un movimiento van seguidas y repiten su número en "
            "Movimiento; la fecha y el proceso se escriben solo en la primera, y cada fila puede traer un soporte."
        )
    if kind in BINDS:
        return _(
            "Una fila es un movimiento. Si lleva varios lotes, use una fila por lote, seguidas y con el mismo número "
            "en Movimiento; lo demás se escribe solo en la primera, y cada fila puede traer otro documento soporte."
        )
    return _("Una fila es un movimiento.")


def _instructions(told: Worksheet, kind: str, title: str, formats: dict[str, Any]) -> None:
    told.set_column(0, 0, 32, formats["wrap"])
    told.set_column(1, 1, 12, formats["wrap"])
    told.set_column(2, 2, 80, formats["wrap"])
    told.write_string(0, 0, title, formats["head"])
    steps = (
        _several(kind),
        _("No cambie los encabezados; las columnas más oscuras son necesarias. En «Ejemplo» hay filas llenas."),
        _("Escriba las cantidades con coma decimal y sin unidad: la unidad tiene su propia columna."),
        _("Dé formato Texto a placas, documentos y códigos: así la hoja de cálculo no los vuelve números ni fechas."),
        _("Suba la hoja, vea qué pasa con cada fila y aplíquela. Nada se envía antes de aplicarla."),
        _("Puede corregirla y subirla otra vez entera: lo que ya se capturó no se captura dos veces."),
        _("Si dos movimientos distintos dicen lo mismo, escriba en Referencia un número distinto en cada uno."),
    )
    for n, step in enumerate(steps, start=1):
        told.merge_range(n, 0, n, 2, step, formats["wrap"])
    start = len(steps) + 2
    for n, head in enumerate((_("Columna"), _("Necesaria"), _("Qué se escribe"))):
        told.write_string(start, n, head, formats["head"])
    for n, column in enumerate(KINDS[kind], start=start + 1):
        told.write_string(n, 0, column.title)
        told.write_string(n, 1, _("sí") if column.required else "")
        told.write_string(n, 2, column.help)
