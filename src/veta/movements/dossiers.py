"""The quarter's file of excess and the dossier of each who exceeded: what ANM studies and reports (Ley 2250 art. 14).

The file is in the manner of a report to the UIAF (one line an operation, numbered, documents and dates in their own
columns); its own format was not read. Nothing here decides a sanction.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import psycopg

from veta.kernel.canonical_json import canonical
from veta.kernel.identity import Document
from veta.kernel.period import Period
from veta.kernel.quantity import text_of
from veta.movements.answer import receipts_of
from veta.movements.queries import stored
from veta.movements.queries.excess import Excess, excess
from veta.registry.queries import documents_of, names_of

Cursor = psycopg.Cursor[Any]
BOGOTA: Final = ZoneInfo("America/Bogota")
COLUMNS: Final = (
    "consecutivo", "fecha", "hora", "tipo_documento", "numero_documento", "nombre", "tipo_documento_contraparte",
    "numero_documento_contraparte", "nombre_contraparte", "operacion", "estado", "tope", "periodo", "limite", "exceso",
    "unidad", "movimiento", "numero_registro_publico",
)  # fmt: skip
STATES: Final = {"accepted": "registrado", "attempted": "intentado"}
CAPS: Final = {
    "title_year": "volumen aprobado del título",
    "title_quarter": "ventas del trimestre del título",
    "person_month": "mes del minero de subsistencia",
    "person_year": "año del minero de subsistencia",
}


def quarter_files(cursor: Cursor, quarter: Period) -> dict[str, bytes]:
    """The files of a quarter by name: the list in CSV (UTF-8, semicolons), and a dossier in JSON for each party.

    Names and numbers are in clear: the caller answers for who reads them.
    """
    found = excess(cursor, quarter)
    actors = {actor for each in found for actor in (each.party, each.author, each.counterparty) if actor is not None}
    names, documents = names_of(actors), documents_of(actors)
    label = f"{quarter.start.year}-T{quarter.end.month // 3}"
    files = {f"excesos-{label}.csv": _list(found, names, documents)}
    for number, party in enumerate(dict.fromkeys(each.party for each in found), start=1):
        own = [each for each in found if each.party == party]
        files[f"expediente-{label}-{number:04}.json"] = _dossier(cursor, own, names, documents)
    return files


def dossier_of(cursor: Cursor, quarter: Period, party: UUID) -> bytes | None:
    """The dossier of one party in a quarter, as JSON with its name and number in clear; None where it has none."""
    own = [each for each in excess(cursor, quarter) if each.party == party]
    return _dossier(cursor, own, names_of({party}), documents_of({party})) if own else None


def _list(found: Sequence[Excess], names: dict[UUID, str], documents: dict[UUID, tuple[Document, ...]]) -> bytes:
    written = io.StringIO()
    lines = csv.writer(written, delimiter=";", lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for number, each in enumerate(found, start=1):
        other = each.author if each.author != each.party else each.counterparty
        at = each.occurred_at.astimezone(BOGOTA)
        lines.writerow([
            number, f"{at:%Y%m%d}", f"{at:%H%M%S}", *_who(each.party, names, documents),
            *_who(other, names, documents), each.kind, STATES[each.state], CAPS[each.basis], each.period, each.limit,
            _over(each), each.unit, each.movement, "" if each.number is None else each.number,
        ])  # fmt: skip
    return written.getvalue().encode()


def _who(
    actor: UUID | None, names: dict[UUID, str], documents: dict[UUID, tuple[Document, ...]]
) -> tuple[str, str, str]:
    """Type and number of the first document, and the name; written so that no spreadsheet takes a name as a formula."""
    if actor is None:
        return "", "", ""
    own = documents.get(actor, ())
    kind, number = (own[0].type, own[0].number) if own else ("", "")
    return kind, number, names.get(actor, "").lstrip("=+-@\t")


def _over(each: Excess) -> str:
    return "" if each.amount is None else text_of(each.amount, factor=each.factor)


def _dossier(
    cursor: Cursor, own: Sequence[Excess], names: dict[UUID, str], documents: dict[UUID, tuple[Document, ...]]
) -> bytes:
    """Each movement with its verdict's own words and the receipt that ties it to the log."""
    kept = stored(cursor, [each.movement for each in own])
    receipts = receipts_of(cursor, kept.values())
    kind, number, name = _who(own[0].party, names, documents)
    movements = [
        {
            "movement": str(each.movement), "kind": each.kind, "state": each.state, "cap": each.basis,
            "occurred_at": each.occurred_at.astimezone(BOGOTA).isoformat(), "period": each.period,
            "excess": _over(each), "unit": each.unit, "log_number": each.number,
            "verdict": orjson.loads(kept[each.movement].body),
            "receipt": receipt.as_json() if (receipt := receipts.get(each.movement)) is not None else None,
        }
        for each in own
    ]  # fmt: skip
    party = {"document_type": kind, "document_number": number, "name": name}
    said = "Reúne hechos para estudio de la autoridad; no decide sanción alguna."
    return canonical({"party": party, "norm": "Ley 2250 de 2022 art. 14", "note": said, "movements": movements})
