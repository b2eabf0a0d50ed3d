"""The readable sheet of an export: what left, of which origins, with which documents, and where each is verified."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from veta.kernel.period import bogota_date
from veta.movements.domain.yielded import percent
from veta.node.document_words import KINDS
from veta.node.domain.spoken import comma, figure
from veta.node.models import BusinessRecord, Client, IssuedDocument, OutboxItem
from veta.node.pages.capture.kinds import ORIGIN_KINDS
from veta.node.queries.named import mineral_name, town_name
from veta.node.receipt_paper import TEMPLATE, receipt_words
from veta.norms import NormNotInForce, norms
from veta.site.paper import paper

# So many rows are read on paper; the table beside it has them all.
SHOWN: Final = 400


def export_paper(
    record: BusinessRecord, client: Client, origins: Sequence[Sequence[str]], documents: Sequence[IssuedDocument], *,
    now: datetime,
) -> bytes:  # fmt: skip
    """The PDF of an export's pack. `origins`: the rows of its table; one that says why a lot's are not told has two."""
    item = OutboxItem.objects.select_related("record__device").get(record=record)
    return paper(TEMPLATE, export_words(item, client, origins, documents, now=now))


def export_words(
    item: OutboxItem, client: Client, origins: Sequence[Sequence[str]], documents: Sequence[IssuedDocument], *,
    now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """What the paper says, in the language of the moment: the record's own paper, and what an export has besides."""
    said = receipt_words(item, client, now=now)
    said["heading"] = _("Paquete de exportación")
    said["facts"] = [*said["facts"], [_("Pago de regalías"), _royalties(item.record)], *_left_out(origins)]
    said["tables"] = [*said["tables"], *_origins(origins), *_documents(documents)]
    return said


def papers_of(record: BusinessRecord) -> list[Mapping[str, Any]]:
    """The documents that a record names."""
    found = record.payload.get("evidence")
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _royalties(record: BusinessRecord) -> str:
    """The documents that prove that royalties were paid, as the law in force asks; or that there is none."""
    try:
        asked = norms().value("export.royalty_proof", bogota_date(record.occurred_at))
    except NormNotInForce:
        return "—"
    papers = [each for each in papers_of(record) if each.get("type") in asked.value["documents"]]
    proofs = [f"{each.get('number', '')} ({each.get('issued_on', '')})" for each in papers]
    return "; ".join(proofs) or _("No hay entre los documentos. Se prueba antes de exportar: %(norm)s.") % {
        "norm": asked.norm
    }


def _left_out(rows: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """How many origins the paper leaves to the table beside it."""
    more = sum(len(each) > 2 for each in rows) - SHOWN
    if more > 0:
        yield [_("De dónde viene"), _("Aquí van los primeros; los otros %(n)s están en origenes.csv.") % {"n": more}]


def _origins(rows: Sequence[Sequence[str]]) -> Iterator[dict[str, Any]]:
    """Of each lot, the part that each origin has in it; then the lots of which the hub told none."""
    told = [each for each in rows if len(each) > 2]
    if told:
        yield {
            "title": _("De dónde viene"), "widths": [1.2, 1.6, 2.2, 2.2, 1],
            "head": [_("Lote"), _("Mineral"), _("Clase de origen"), _("Código o municipio"), _("Parte")],
            "rows": [_origin(each) for each in told[:SHOWN]],
        }  # fmt: skip
    untold = [each for each in rows if len(each) == 2]
    if untold:
        yield {
            "title": _("Lotes sin origen consultado"), "widths": [3, 5], "head": [_("Lote"), _("Causa")],
            "rows": [list(each) for each in untold],
        }  # fmt: skip


def _origin(row: Sequence[str]) -> list[str]:
    lot, mineral, _quantity, _unit, kind, code, town, weight, total = row
    share = comma(percent(int(weight), int(total))) if int(total) else "—"
    where = ", ".join(filter(None, (code, town_name(town) if town else "")))
    return [f"…{lot[-6:]}", mineral_name(mineral), str(ORIGIN_KINDS.get(kind, kind)), where, f"{share} %"]


def _documents(documents: Sequence[IssuedDocument]) -> Iterator[dict[str, Any]]:
    """The documents of the hub over its lots, with the page where anybody verifies each."""
    if documents:
        yield {
            "title": _("Certificados y documentos de la PTM"), "widths": [2, 1.6, 1.2, 3.6],
            "head": [_("Documento"), _("Número"), _("Cantidad"), _("Se verifica en")],
            "rows": [_document(each) for each in documents],
        }  # fmt: skip


def _document(each: IssuedDocument) -> list[str]:
    body = each.body
    withdrawn = f" ({_('retirado')})" if hasattr(each, "ending") else ""
    return [
        f"{KINDS[each.kind]}{withdrawn}", each.number, f"{figure(body['quantity'])} {body['unit']}", str(body["page"])
    ]  # fmt: skip
