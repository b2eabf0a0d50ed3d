"""The file of royalties declared by municipality and quarter before this system: read, previewed, kept row by row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

from django.db import connection, transaction

from veta.norms.catalogue import catalogue
from veta.registry.importers.cells import CellFault, aligned, municipality_code
from veta.registry.importers.reading import open_source
from veta.registry.importers.rows import Applied, Preview, PreviewedRow, Rejection, Repair, SourceRow
from veta.royalties import models

COLUMNS = (
    "codigo dane", "municipio productor", "departamento", "recurso natural", "nombre del proyecto", "año produccion",
    "trimestre", "unidad medida", "tipo contraprestacion", "valor contraprestacion", "cantidad producción",
)  # fmt: skip
SOURCE = "royalties.reported"
UNITS = {
    "GRAMOS": "g", "METROS CUBICOS": "m3", "TONELADAS": "t", "QUILATES": "ct", "LIBRAS": "lb", "KILOGRAMOS": "kg",
}  # fmt: skip
KINDS = ("REGALIA", "COMPENSACION")
_QUARTER = re.compile(r"Trimestre ([1-4])").fullmatch
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}").fullmatch
_COPY = """
COPY royalties_reported (hash, run_id, line, municipality, resource, mineral, project, quarter_start, unit, kind,
    value_pesos, quantity) FROM STDIN"""


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """What a row says; `mineral` None where its spelling names none of the catalogue."""

    municipality: str
    resource: str
    mineral: str | None
    project: str
    quarter_start: date
    unit: str
    kind: str
    value_pesos: int
    quantity: int


def preview_history(path: Path, *, advance: Callable[[int], None] = lambda _: None) -> Preview[ReportedRow]:
    """What keeping the file would do, row by row. Raises ImportRefused where it is no such table.

    Rejected: a cell that cannot be, and a row equal to an earlier one. Mended and said: a lost zero of the
    municipality, a resource that names no mineral (kept under its own spelling).
    """
    with open_source(path, COLUMNS) as source:
        rows: list[PreviewedRow[ReportedRow]] = []
        seen: dict[bytes, int] = {}
        for row in source.rows:
            rows.append(_previewed(row, seen))
            if len(rows) % 1000 == 0:
                advance(1000)
        return Preview(SOURCE, path.name, source.digest, source.encoding, rows)


@transaction.atomic
def keep_history(preview: Preview[ReportedRow], *, by: str, advance: Callable[[int], None] = lambda _: None) -> Applied:
    """Keep the accepted rows; those kept before stay as they are, so the same file again keeps none."""
    hashes = {row.digest(SOURCE): (row.line, record) for row, record in preview.accepted()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SOURCE])
        cursor.execute("SELECT hash FROM royalties_reported WHERE hash = ANY(%s::bytea[])", [list(hashes)])
        known = {bytes(found) for (found,) in cursor.fetchall()}
    new = {found: value for found, value in hashes.items() if found not in known}
    if not new:
        return Applied(0, {"reported": 0})
    run = models.ReportedRun.objects.create(
        file_name=preview.file_name[:200], file_digest=preview.file_digest,
        counts={**preview.counts(), "new": len(new)}, recorded_by=by,
    )  # fmt: skip
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for number, (found, (line, record)) in enumerate(new.items(), start=1):
            copy.write_row((found, run.id, line, *astuple(record)))
            if number % 1000 == 0:
                advance(1000)
    return Applied(len(new), {"reported": len(new)})


def _previewed(row: SourceRow, seen: dict[bytes, int]) -> PreviewedRow[ReportedRow]:
    repairs: list[Repair] = []
    earlier = seen.setdefault(row.digest(SOURCE), row.line)
    if earlier != row.line:
        rejection = Rejection(
            "", "", f"La fila es idéntica a la {earlier}.", "Si son dos pagos, distíngalos en la fuente."
        )
        return PreviewedRow(row, None, (), rejection)
    try:
        record = _record(aligned(row.cells), repairs)
    except CellFault as fault:
        return PreviewedRow(row, None, tuple(repairs), fault.rejection)
    return PreviewedRow(row, record, tuple(repairs))


def _record(cells: Mapping[str, str], repairs: list[Repair]) -> ReportedRow:
    municipality = municipality_code(cells["codigo dane"], "codigo dane", repairs)
    resource = cells["recurso natural"]
    mineral = catalogue().match(resource)
    if mineral is None:
        why = catalogue().reason(resource) or "No está en el catálogo."
        repairs.append(Repair("recurso sin mineral", "recurso natural", resource, f"{why} Se guarda con su nombre."))
    quarter = _QUARTER(cells["trimestre"])
    year = cells["año produccion"]
    if quarter is None or not (year.isascii() and year.isdigit() and 1990 <= int(year) <= 2100):
        raise CellFault(
            "trimestre", f"{year} {cells['trimestre']}", "No es un trimestre.", "Escriba «Trimestre 1» a «Trimestre 4»."
        )
    unit = UNITS.get(cells["unidad medida"])
    if unit is None:
        raise CellFault("unidad medida", cells["unidad medida"], "No se conoce la unidad.", f"Use: {', '.join(UNITS)}.")
    if cells["tipo contraprestacion"] not in KINDS:
        value = cells["tipo contraprestacion"]
        raise CellFault("tipo contraprestacion", value, "No se conoce.", f"Use: {', '.join(KINDS)}.")
    return ReportedRow(
        municipality, resource[:200], mineral, cells["nombre del proyecto"][:120],
        date(int(year), int(quarter[1]) * 3 - 2, 1), unit, cells["tipo contraprestacion"],
        _whole(cells, "valor contraprestacion"), _whole(cells, "cantidad producción"),
    )  # fmt: skip


def _whole(cells: Mapping[str, str], column: str) -> int:
    if _WHOLE(cells[column]) is None:
        raise CellFault(column, cells[column], "No es un entero sin signo ni separadores.", "Escríbalo como 614258.")
    return int(cells[column])
