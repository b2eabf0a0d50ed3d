"""RUCOM, «Explotador Minero Autorizado - Título Minero» (ANM, datos.gov.co `42ha-fhvj`): read and preview.

One row is title × holder × mineral × municipality. The file gives no document, so a holder is keyed by its name as the
source writes it; such an actor can be nobody's party until an officer attaches a document.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from veta.kernel.identity import IdentityError, title_code
from veta.norms.catalogue import catalogue
from veta.registry.importers.cells import CellFault, aligned, folded, municipality_code, printable, unknown_place
from veta.registry.importers.reading import open_source
from veta.registry.importers.rows import ImportRefused, Preview, PreviewedRow, Repair, SourceRow
from veta.registry.queries.places import MunicipalityRecord, municipalities

SOURCE = "rucom"
COLUMNS = (
    "departamento",
    "nombre_persona",
    "codigo_dane",
    "codigo_expediente",
    "planta_beneficio",
    "municipio",
    "mineral",
    "tipo_persona",
)
SHORT_NAME = "departamento en forma corta"
NO_MINERAL = "mineral sin correspondencia en el catálogo"
REPEATED = "fila repetida"
CODE_SPELLING = "código del título normalizado"

_SHORT = {
    "NORTE SANTANDER": "NORTE DE SANTANDER",
    "GUAJIRA": "LA GUAJIRA",
    "VALLE": "VALLE DEL CAUCA",
    "BOGOTA": "BOGOTA D C",
    "SAN ANDRES": "ARCHIPIELAGO DE SAN ANDRES PROVIDENCIA Y SANTA CATALINA",
}
_PLANT = {"SI": True, "NO": False, "POR CONFIRMAR": False}
_KINDS: Mapping[str, Literal["person", "firm"]] = {"JURIDICA": "firm", "NATURAL_U_OTRA": "person"}


@dataclass(frozen=True, slots=True)
class RucomRow:
    """What a row says. `mineral` None where its spelling names none: title and holder are taken, the mineral is not."""

    code: str
    holder: str
    kind: Literal["person", "firm"]
    municipality: str
    mineral: str | None
    spelling: str
    plant: bool


def preview_rucom(path: Path, *, advance: Callable[[int], None] = lambda _: None) -> Preview[RucomRow]:
    """Read the file and say what becomes of each row; writes nothing.

    Raises ImportRefused for the file as a whole, and where no municipality is on record yet.
    """
    places = municipalities()
    if not places:
        raise ImportRefused(
            "Aún no hay municipios en el registro. Corra primero «veta registry import municipalities ARCHIVO --apply»."
        )
    with open_source(path, COLUMNS) as file:
        rows = list(_previewed(file.rows, places, advance))
        return Preview(SOURCE, path.name, file.digest, file.encoding, rows)


def _previewed(
    rows: Iterator[SourceRow], places: Mapping[str, MunicipalityRecord], advance: Callable[[int], None]
) -> Iterator[PreviewedRow[RucomRow]]:
    seen: dict[bytes, int] = {}
    for row in rows:
        advance(1)
        repairs: list[Repair] = []
        try:
            record = _record(row.cells, places, repairs)
        except CellFault as fault:
            yield PreviewedRow(row, None, rejection=fault.rejection)
            continue
        earlier = seen.setdefault(row.digest(SOURCE), row.line)
        if earlier != row.line:
            repairs.append(Repair(REPEATED, "", "", f"Es igual a la fila {earlier}: se cuenta una vez."))
        yield PreviewedRow(row, record, tuple(repairs))


def _record(cells: Mapping[str, str], places: Mapping[str, MunicipalityRecord], repairs: list[Repair]) -> RucomRow:
    cells = aligned(cells)
    return RucomRow(
        code=_code(cells["codigo_expediente"], repairs),
        holder=printable(cells["nombre_persona"], "nombre_persona", repairs, longest=200),
        kind=_kind(cells["tipo_persona"]),
        municipality=_municipality(cells, places, repairs),
        mineral=_mineral(cells["mineral"], repairs),
        spelling=cells["mineral"],
        plant=_plant(cells["planta_beneficio"]),
    )


def _code(value: str, repairs: list[Repair]) -> str:
    column = "codigo_expediente"
    try:
        code = title_code(value)
    except IdentityError as error:
        raise CellFault(column, value, "No es un código de título.", error.message) from None
    if code != value:
        repairs.append(Repair(CODE_SPELLING, column, value, f"«{value}» se lee «{code}»."))
    return code


def _municipality(cells: Mapping[str, str], places: Mapping[str, MunicipalityRecord], repairs: list[Repair]) -> str:
    value = cells["codigo_dane"]
    mended: list[Repair] = []
    code = municipality_code(value, "codigo_dane", mended)
    place = places.get(code)
    if place is None:
        raise unknown_place(code, "codigo_dane", value=value, named=cells["municipio"])
    written, known = folded(cells["departamento"]), folded(place.department)
    if written != known and _SHORT.get(written) != known:
        cause = f"El código {code} es de {place.department} y la fila dice «{cells['departamento']}»."
        raise CellFault("departamento", cells["departamento"], cause, "Corrija el código o el departamento.")
    if written != known:
        reason = f"«{cells['departamento']}» es {place.department}, y el código lo confirma."
        mended.append(Repair(SHORT_NAME, "departamento", cells["departamento"], reason))
    repairs.extend(mended)
    return code


def _mineral(value: str, repairs: list[Repair]) -> str | None:
    if not value:
        raise CellFault("mineral", value, "Falta el mineral.", "Escriba el mineral del título.")
    code = catalogue().match(value)
    if code is None:
        why = catalogue().reason(value) or "No está en el catálogo."
        repairs.append(Repair(NO_MINERAL, "mineral", value, f"«{value}»: {why} Se toman el título y su titular."))
    return code


def _plant(value: str) -> bool:
    if value.upper() not in _PLANT:
        raise CellFault("planta_beneficio", value, "No dice SI, NO ni POR CONFIRMAR.", "Escriba uno de los tres.")
    return _PLANT[value.upper()]


def _kind(value: str) -> Literal["person", "firm"]:
    if value not in _KINDS:
        cause = "No dice JURIDICA ni NATURAL_U_OTRA."
        raise CellFault("tipo_persona", value, cause, "Escriba uno de los dos.")
    return _KINDS[value]
