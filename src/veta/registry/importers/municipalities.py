"""DIVIPOLA (DANE, datos.gov.co `gdxc-w37w`): the country's 1,122 units, coordinates with a decimal comma."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from veta.registry.importers.cells import CellFault, aligned, municipality_code, printable
from veta.registry.importers.reading import open_source
from veta.registry.importers.rows import Applied, Preview, PreviewedRow, Rejection, Repair, SourceRow
from veta.registry.importers.runs import record_run
from veta.registry.queries.places import MunicipalityRecord
from veta.registry.services.places import record_municipalities

SOURCE = "divipola"
COLUMNS = ("cod_mpio", "nom_mpio", "cod_dpto", "dpto", "tipo_municipio", "latitud", "longitud")
_COORDINATE = re.compile(r"-?[0-9]{1,3}([.,][0-9]{1,6})?").fullmatch
# Continental and island territory, with room: a swapped pair or a lost comma falls outside.
_LATITUDE, _LONGITUDE = (Decimal(-5), Decimal(17)), (Decimal(-85), Decimal(-66))


def preview_municipalities(
    path: Path, *, advance: Callable[[int], None] = lambda _: None
) -> Preview[MunicipalityRecord]:
    """Read the file and say what becomes of each row; writes nothing. Raises ImportRefused for the file as a whole."""
    with open_source(path, COLUMNS) as file:
        rows = list(_previewed(file.rows, advance))
        return Preview(SOURCE, path.name, file.digest, file.encoding, rows)


@transaction.atomic
def apply_municipalities(preview: Preview[MunicipalityRecord], *, by: str, approved_by: str) -> Applied:
    """Record the units that are new or differ; running it again records nothing. Effects: one run, its rows' hashes."""
    accepted = preview.accepted()
    written = record_municipalities([record for _, record in accepted], source=f"DANE DIVIPOLA, {preview.file_name}")
    rows = record_run(preview, by=by, approved_by=approved_by, cut_date=None, changed=written > 0)
    return Applied(rows, {"municipalities": written})


def _previewed(rows: Iterator[SourceRow], advance: Callable[[int], None]) -> Iterator[PreviewedRow[MunicipalityRecord]]:
    seen: dict[str, int] = {}
    for row in rows:
        advance(1)
        repairs: list[Repair] = []
        try:
            record = _record(row, repairs)
        except CellFault as fault:
            yield PreviewedRow(row, None, rejection=fault.rejection)
            continue
        earlier = seen.setdefault(record.code, row.line)
        if earlier != row.line:
            cause = f"El municipio {record.code} ya vino en la fila {earlier}."
            twice = Rejection("cod_mpio", record.code, cause, "Deje una sola fila por código.")
            yield PreviewedRow(row, None, rejection=twice)
            continue
        yield PreviewedRow(row, record, tuple(repairs))


def _record(row: SourceRow, repairs: list[Repair]) -> MunicipalityRecord:
    cells = aligned(row.cells)
    code = municipality_code(cells["cod_mpio"], "cod_mpio", repairs)
    department = cells["cod_dpto"].zfill(2)
    if code[:2] != department:
        cause = f"El código {code} no es del departamento {department}."
        raise CellFault("cod_dpto", cells["cod_dpto"], cause, "Revise los dos códigos con DIVIPOLA.")
    return MunicipalityRecord(
        code,
        printable(cells["nom_mpio"], "nom_mpio", repairs, longest=100),
        printable(cells["dpto"], "dpto", repairs, longest=100),
        printable(cells["tipo_municipio"], "tipo_municipio", repairs, longest=40),
        _coordinate(cells["latitud"], "latitud", _LATITUDE),
        _coordinate(cells["longitud"], "longitud", _LONGITUDE),
    )


def _coordinate(value: str, column: str, bounds: tuple[Decimal, Decimal]) -> Decimal:
    coordinate = Decimal(value.replace(",", ".")) if _COORDINATE(value) else None
    if coordinate is None or not bounds[0] <= coordinate <= bounds[1]:
        cause = f"La coordenada no es un número entre {bounds[0]} y {bounds[1]}."
        raise CellFault(column, value, cause, "Escríbala en grados con coma decimal, como «-75,581775».")
    return coordinate.quantize(Decimal("0.000001"))
