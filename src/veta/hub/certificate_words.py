"""What codes of a certificate are called, in Spanish and in English: papers in one language, pages in the visitor's."""

from collections.abc import Mapping
from typing import Final

ORIGIN: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Título minero", "Mining title"),
    "special_reserve": ("Área de reserva especial", "Special reserve area"),
    "formalization": ("Formalización", "Formalization"),
    "subcontract": ("Subcontrato de formalización", "Formalization subcontract"),
    "legalization": ("Legalización", "Legalization"),
    "private_subsoil": ("Propiedad privada del subsuelo", "Private subsoil"),
    "collective_territory": ("Territorio colectivo", "Collective territory"),
    "tailings": ("Aprovechamiento de colas", "Tailings"),
    "subsistence": ("Minería de subsistencia", "Subsistence mining"),
    "disused": ("Metal en desuso", "Disused metal"),
    "import": ("Importación", "Import"),
    "opening_stock": ("Existencia inicial", "Opening stock"),
    "unproven": ("Origen no acreditado", "Unproven origin"),
}
ACCREDITATION: Final[Mapping[str, tuple[str, str]]] = {
    "accredited": ("Acreditado", "Accredited"), "documented": ("Documentado", "Documented"),
    "mixed": ("Mezcla", "Mixed"), "disused": ("En desuso", "Disused"),
}  # fmt: skip
QUOTA: Final[Mapping[str, tuple[str, str]]] = {
    "title_year": ("Año del título", "Year of the title"),
    "title_quarter": ("Trimestre de ventas del título", "Quarter of the title's sales"),
    "person_month": ("Mes del minero", "Month of the miner"), "person_year": ("Año del minero", "Year of the miner"),
}  # fmt: skip
MADE_BY: Final[Mapping[str, tuple[str, str]]] = {
    "production": ("Extraído el", "Extracted on"), "transformation": ("Beneficiado el", "Processed on"),
    "subsistence_purchase": ("Comprado el", "Bought on"), "sale": ("Comprado el", "Bought on"),
}  # fmt: skip


def said(table: Mapping[str, tuple[str, str]], code: str, *, english: bool) -> str:
    """The name of a code; the code itself where it has none."""
    return table.get(code, (code, code))[1 if english else 0]
