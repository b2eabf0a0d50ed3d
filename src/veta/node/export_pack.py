"""The pack of an export: its words, the hub's verdict and receipt, where its lots come from, and its documents."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson

from veta.node.book_files import plain
from veta.node.domain.lots import of_payload
from veta.node.domain.spoken import comma
from veta.node.export_paper import export_paper, papers_of
from veta.node.models import BusinessRecord, Client, IssuedDocument, Verdict
from veta.node.port import HubPort
from veta.node.transport import HubRefused, HubUnreachable

ORIGINS = ("lote", "mineral", "cantidad", "unidad", "clase de origen", "codigo", "municipio", "peso", "de")
PAPERS = ("tipo", "numero", "fecha")
MOST_PAGES = 40


def pack_of(record: BusinessRecord, hub: HubPort, *, client: Client, now: datetime) -> bytes:
    """The ZIP of an export's record: a sheet to read (`exportacion.pdf`), and what it says as data.

    A lot whose origins the hub does not tell now says why, in `origenes.csv` and on the sheet.
    """
    verdict = Verdict.objects.filter(movement=record.pk).first()
    lots = [str(line.lot) for line in of_payload(record.kind, record.payload)]
    origins = [row for lot in lots for row in _origins(lot, hub)]
    issued = IssuedDocument.objects.filter(client=client, lot__in=lots).select_related("ending").order_by("id")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("exportacion.pdf", export_paper(record, client, origins, list(issued), now=now))
        made.writestr("movimiento.json", _json(record.payload))
        if verdict is not None:
            made.writestr("veredicto.json", _json({"verdict": verdict.body, "receipt": verdict.receipt}))
        made.writestr("origenes.csv", _table(ORIGINS, origins))
        made.writestr(
            "documentos.csv",
            _table(
                PAPERS, ([str(p.get(each, "")) for each in ("type", "number", "issued_on")] for p in papers_of(record))
            ),
        )
        for each in issued:
            made.writestr(f"certificados/{each.number}.json", _json(each.body))
    return out.getvalue()


def _origins(lot: str, hub: HubPort) -> Iterator[list[str]]:
    cursor = ""
    for _page in range(MOST_PAGES):
        try:
            told = hub.origins(lot, cursor=cursor)
        except (HubRefused, HubUnreachable) as failure:
            yield [lot, failure.message]
            return
        for each in told["items"]:
            yield [
                lot, told["mineral"], comma(told["quantity"]), told["unit"], each["kind"], each["code"] or "",
                each["municipality"] or "", str(each["weight"]), str(told["total"]),
            ]  # fmt: skip
        cursor = told["cursor"] or ""
        if not cursor:
            return


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """CSV for a spreadsheet: UTF-8 with its mark, semicolons; a cell that would be a formula is text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(head)
    writer.writerows([plain(cell) for cell in row] for row in rows)
    return f"\ufeff{out.getvalue()}"
