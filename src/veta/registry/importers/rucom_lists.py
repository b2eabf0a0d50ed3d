"""RUCOM's other lists: traders, plants, subsistence miners, special reserves (ARE), formalisation subcontracts.

No published file of these lists was at hand: the columns are those of the titles' list (`rucom`), with the document
that an actor needs to be anybody's party, and a code where the right hangs from an origin. Their status is
`unverified`, and whoever previews a file is told so. A row is person × municipality × mineral.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from veta.kernel.identity import Document, IdentityError, document, title_code
from veta.norms.catalogue import catalogue
from veta.registry.domain import ProducerClass, Role, TitleKind
from veta.registry.importers.cells import CellFault, aligned, municipality_code, printable, unknown_place
from veta.registry.importers.reading import open_source
from veta.registry.importers.rows import ImportRefused, Preview, PreviewedRow, Repair, SourceRow
from veta.registry.queries.places import MunicipalityRecord, municipalities

UNVERIFIED: Final = (
    "No hubo un archivo publicado de esta lista: sus columnas son las que supone esta versión (sin verificar). Compare"
    " la vista previa con el archivo antes de aplicarla."
)
NUMBER: Final = "numero_rucom"  # taken where a file has it
COMMON: Final = ("nombre_persona", "tipo_persona", "tipo_documento", "numero_documento", "codigo_dane", "mineral")
REPEATED: Final = "fila repetida"
NO_DOCUMENT: Final = "sin documento"
NO_MINERAL: Final = "mineral sin correspondencia en el catálogo"
_KINDS: Mapping[str, Literal["person", "firm"]] = {"JURIDICA": "firm", "NATURAL": "person", "NATURAL_U_OTRA": "person"}
_CLASSES: Mapping[str, ProducerClass] = {
    "BAREQUERO": "barequero",
    "CHATARRERO": "chatarrero",
    "SUBSISTENCIA": "subsistence",
}


@dataclass(frozen=True, slots=True)
class ListOf:
    """One of the lists.

    `origin`: what kind of origin its codes name, None where it has none; `class_column`: whether each row names its
    class; `everywhere`: the municipality is where the firm is, and limits nothing.
    """

    source: str
    role: Role
    producer_class: ProducerClass | None = None
    origin: TitleKind | None = None
    class_column: bool = False
    published: bool = False
    everywhere: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its file must have."""
        code = ("codigo_expediente",) if self.origin else ()
        return (*COMMON, *code, *(("clase",) if self.class_column else ()))


LISTS: Final[Mapping[str, ListOf]] = {
    "traders": ListOf("rucom-comercializadores", "trader", everywhere=True),
    "plants": ListOf("rucom-plantas", "plant", published=True),
    "subsistence": ListOf("rucom-subsistencia", "producer", "subsistence", class_column=True),
    "reserves": ListOf("rucom-are", "producer", "special_reserve", origin="special_reserve"),
    "subcontracts": ListOf("rucom-subcontratos", "producer", "subcontract", origin="subcontract"),
}


@dataclass(frozen=True, slots=True)
class ListRow:
    """What a row says. `document` None where the file gives none: such an actor can be nobody's party yet.

    `mineral` None where its spelling names none: the person is taken, the mineral is not.
    """

    name: str
    kind: Literal["person", "firm"]
    document: Document | None
    municipality: str
    mineral: str | None
    spelling: str
    code: str | None
    producer_class: ProducerClass | None
    rucom_number: str | None


def preview_list(kind: ListOf, path: Path, *, advance: Callable[[int], None] = lambda _: None) -> Preview[ListRow]:
    """Read a file of that list and say what becomes of each row; writes nothing.

    Raises ImportRefused for the file as a whole, and where no municipality is on record yet.
    """
    places = municipalities()
    if not places:
        raise ImportRefused(
            "Aún no hay municipios en el registro. Corra primero «veta registry import municipalities ARCHIVO --apply»."
        )
    with open_source(path, kind.columns) as file:
        rows = list(_previewed(kind, file.rows, places, advance))
        return Preview(kind.source, path.name, file.digest, file.encoding, rows)


def _previewed(
    kind: ListOf, rows: Iterator[SourceRow], places: Mapping[str, MunicipalityRecord], advance: Callable[[int], None]
) -> Iterator[PreviewedRow[ListRow]]:
    seen: dict[bytes, int] = {}
    for row in rows:
        advance(1)
        repairs: list[Repair] = []
        try:
            record = _record(kind, aligned(row.cells), places, repairs)
        except CellFault as fault:
            yield PreviewedRow(row, None, rejection=fault.rejection)
            continue
        earlier = seen.setdefault(row.digest(kind.source), row.line)
        if earlier != row.line:
            repairs.append(Repair(REPEATED, "", "", f"Es igual a la fila {earlier}: se cuenta una vez."))
        yield PreviewedRow(row, record, tuple(repairs))


def _record(
    kind: ListOf, cells: Mapping[str, str], places: Mapping[str, MunicipalityRecord], repairs: list[Repair]
) -> ListRow:
    person = _kind(cells["tipo_persona"])
    return ListRow(
        name=printable(cells["nombre_persona"], "nombre_persona", repairs, longest=200),
        kind=person,
        document=_document(cells, person, repairs),
        municipality=_municipality(cells["codigo_dane"], places, repairs),
        mineral=_mineral(cells["mineral"], repairs),
        spelling=cells["mineral"],
        code=_code(cells["codigo_expediente"]) if kind.origin else None,
        producer_class=_class(kind, cells),
        rucom_number=printable(cells[NUMBER], NUMBER, repairs, longest=40) if cells.get(NUMBER) else None,
    )


def _kind(value: str) -> Literal["person", "firm"]:
    if value.upper() not in _KINDS:
        raise CellFault("tipo_persona", value, "No dice JURIDICA ni NATURAL.", "Escriba uno de los dos.")
    return _KINDS[value.upper()]


def _class(kind: ListOf, cells: Mapping[str, str]) -> ProducerClass | None:
    if not kind.class_column:
        return kind.producer_class
    value = cells["clase"]
    if value.upper() not in _CLASSES:
        remedy = "Escriba BAREQUERO, CHATARRERO o SUBSISTENCIA."
        raise CellFault("clase", value, "No es una clase de minero de subsistencia.", remedy)
    return _CLASSES[value.upper()]


def _document(cells: Mapping[str, str], person: str, repairs: list[Repair]) -> Document | None:
    type_, number = cells["tipo_documento"].upper(), cells["numero_documento"]
    if not number:
        why = "No se puede inscribir en un mandato ni reportar hasta que se le adjunte."
        repairs.append(Repair(NO_DOCUMENT, "numero_documento", "", f"La fila no trae documento. {why}"))
        return None
    try:
        found = document(type_, number)
    except IdentityError as error:
        raise CellFault("numero_documento", number, "No es un documento de ese tipo.", error.message) from None
    if person == "firm" and found.type != "NIT":
        raise CellFault("tipo_documento", type_, "Una empresa se identifica con NIT.", "Corrija el tipo o la persona.")
    return found


def _municipality(value: str, places: Mapping[str, MunicipalityRecord], repairs: list[Repair]) -> str:
    code = municipality_code(value, "codigo_dane", repairs)
    if code not in places:
        raise unknown_place(code, "codigo_dane", value=value)
    return code


def _mineral(value: str, repairs: list[Repair]) -> str | None:
    if not value:
        raise CellFault("mineral", value, "Falta el mineral.", "Escriba el mineral de la inscripción.")
    found = catalogue().match(value)
    if found is None:
        why = catalogue().reason(value) or "No está en el catálogo."
        repairs.append(Repair(NO_MINERAL, "mineral", value, f"«{value}»: {why} Se toma la persona."))
    return found


def _code(value: str) -> str:
    try:
        return title_code(value)
    except IdentityError as error:
        raise CellFault("codigo_expediente", value, "No es un código de expediente.", error.message) from None
