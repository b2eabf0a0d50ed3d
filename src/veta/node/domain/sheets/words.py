"""Words that people write in place of the hub's codes."""

import unicodedata
from typing import Final


def folded(text: str) -> str:
    """Small letters without accents or punctuation, single blanks: how words are compared."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join("".join(char if char.isalnum() else " " for char in bare.lower()).split())


class Vocabulary:
    """A list of words: each code with what the drop-down says, and the other spellings that people use for it."""

    def __init__(self, *entries: tuple[str, str, str]) -> None:
        self.labels = {code: label for code, label, _ in entries}
        self._found: dict[str, tuple[str, bool]] = {}
        for code, label, others in entries:
            for n, each in enumerate((code, label, *others.split(","))):
                self._found.setdefault(folded(each), (code, n < 2))

    def find(self, said: str) -> tuple[str, bool] | None:
        """The code that a word names, and whether it was written as the list has it; None where it names none."""
        return self._found.get(folded(said))

    @property
    def spellings(self) -> frozenset[str]:
        """Every spelling, folded."""
        return frozenset(self._found)


_DOCUMENTS: Final = (
    ("CC", "CC", "cédula,cedula de ciudadanía,c.c.,ced"),
    ("NIT", "NIT", "n.i.t.,rut"),
    ("CE", "CE", "cédula de extranjería,c.e."),
    ("PPT", "PPT", "permiso de protección temporal,permiso por protección temporal"),
    ("PA", "PA", "pasaporte"),
)
DOCUMENTS: Final = Vocabulary(*_DOCUMENTS)
FINAL_CONSUMER: Final = "final_consumer"
BUYERS: Final = Vocabulary(*_DOCUMENTS, (FINAL_CONSUMER, "Consumidor final", "consumidor,al detal"))
UNITS: Final = Vocabulary(
    ("g", "g", "gr,grs,gramo,gramos,gms"),
    ("kg", "kg", "kgs,kilo,kilos,kilogramo,kilogramos"),
    ("t", "t", "tn,ton,tons,tonelada,toneladas,tm"),
    ("m3", "m3", "m³,mts3,mt3,metro cúbico,metros cúbicos,metros3"),
    ("ct", "ct", "cts,quilate,quilates,kilates"),
)
ASSAYS: Final = Vocabulary(
    ("declared", "declarada", "declarado,declarada por el vendedor,estimada"),
    ("laboratory", "laboratorio", "lab,ensaye,ensayo,de laboratorio"),
)
EVIDENCE: Final = Vocabulary(
    ("production_declaration", "Declaración de producción", "declaracion"),
    ("origin_certificate", "Certificado de origen", "certificado"),
    ("invoice", "Factura", "factura electrónica,factura de venta"),
    ("support_document", "Documento soporte", "soporte,documento equivalente"),
    ("weighbridge", "Tiquete de báscula", "báscula,tiquete,bascula camionera"),
    ("assay", "Ensaye", "informe de ensaye,ensayo,análisis de laboratorio"),
    ("royalty_payment", "Pago de regalías", "regalías,soporte de regalías"),
    ("inspection", "Inspección", "certificado de inspección"),
    ("export_declaration", "Declaración de exportación", "dex"),
    ("act", "Acto administrativo", "resolución,acto"),
    ("other", "Otro", "otro documento"),
)
ORIGINS: Final = Vocabulary(
    ("title", "Título minero", "título,titulo,placa"),
    ("special_reserve", "Área de reserva especial", "are,reserva especial"),
    ("formalization", "Formalización", "solicitud de formalización,legalización"),
    ("subcontract", "Subcontrato de formalización", "subcontrato"),
    ("private_subsoil", "Subsuelo privado", "rpp,reconocimiento de propiedad privada,propiedad privada"),
    ("collective_territory", "Territorio colectivo", "zona minera étnica"),
    ("tailings", "Relaves", "relave,colas"),
)
ANY_ORIGIN: Final = Vocabulary(
    *((code, label, "") for code, label in ORIGINS.labels.items()),
    ("subsistence", "Minero de subsistencia", "subsistencia,barequero"),
    ("import", "Importado", "importación"),
    ("disused", "Metal en desuso", "desuso,joyas"),
)
BASES: Final = Vocabulary(
    ("paper_certificate", "Certificado o declaración en papel", "certificado,papel,certificado en papel"),
    ("opening_stock", "Lo tenía antes de la obligación", "inventario inicial,saldo inicial"),
    ("import", "Importado", "importación"),
    ("disused", "Joyas y metal en desuso", "desuso,joyas"),
)
_IN_AND_OUT: Final = (("input", "Entra", "entrada,insumo"), ("output", "Sale", "salida,producto"))
TWO_SIDES: Final = Vocabulary(*_IN_AND_OUT)
SIDES: Final = Vocabulary(*_IN_AND_OUT, ("loss", "Se pierde", "pérdida,merma,relave"))
