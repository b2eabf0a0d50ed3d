"""The four documents, their states, and what each is called on paper."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

Kind = Literal["origin_certificate", "production_declaration", "support_document", "quota_certificate"]
State = Literal["valid", "used", "replaced", "withdrawn"]
Ending = Literal["replaced", "withdrawn"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
STATES: Final[tuple[State, ...]] = get_args(State)
# The official layouts were not read: these forms carry the fields that the norms and secondary sources name.
LAYOUT_STATUS: Final = "secondary"


@dataclass(frozen=True, slots=True)
class Form:
    """`code`: in the QR; `prefix`: of the consecutive; `type`: of the credential; `norm`: what it rests on."""

    code: int
    prefix: str
    type: str
    es: str
    en: str
    norm: str


FORMS: Final[Mapping[Kind, Form]] = MappingProxyType(
    {
        "origin_certificate": Form(
            1, "CO", "OriginCertificate", "Certificado de origen", "Certificate of origin",
            "DUR 1073 de 2015 arts. 2.2.5.6.1.1.1 y 2.2.5.6.1.1.4",
        ),
        "production_declaration": Form(
            2, "DP", "ProductionDeclaration", "Declaración de producción", "Declaration of production",
            "DUR 1073 de 2015 art. 2.2.5.6.1.1.4",
        ),
        "support_document": Form(
            3, "DS", "SupportDocument", "Documento soporte de compra a no obligado a facturar",
            "Support document of a purchase from a seller not obliged to invoice", "Estatuto Tributario art. 771-2",
        ),
        "quota_certificate": Form(
            4, "CC", "QuotaCertificate", "Constancia de compra dentro de cupo",
            "Statement of a purchase within the quota", "Ley 2250 de 2022 art. 15 par. 1 num. 2",
        ),
    }
)  # fmt: skip
KIND_OF_CODE: Final[Mapping[int, Kind]] = {form.code: kind for kind, form in FORMS.items()}
ORIGIN_KINDS: Final[tuple[str, ...]] = (
    "title", "special_reserve", "formalization", "subcontract", "private_subsoil", "collective_territory", "tailings",
    "subsistence", "legalization", "disused", "import", "opening_stock", "unproven",
)  # fmt: skip
ACCREDITATIONS: Final[tuple[str, ...]] = ("accredited", "documented", "mixed", "disused")
STATE_ES: Final[Mapping[str, str]] = {
    "valid": "Válido", "used": "Usado", "replaced": "Reemplazado", "withdrawn": "Retirado",
}  # fmt: skip
STATE_EN: Final[Mapping[str, str]] = {
    "valid": "Valid", "used": "Used", "replaced": "Replaced", "withdrawn": "Withdrawn",
}  # fmt: skip


def number_text(kind: Kind, number: int) -> str:
    """The consecutive of an issuer as it is printed: «CO-000017»."""
    return f"{FORMS[kind].prefix}-{number:06d}"


def state_of(*, ending: Ending | None, used: int, amount: int) -> State:
    """The state of a certificate: how it ended; else `used` once nothing is left of its `amount`; else valid."""
    if ending is not None:
        return ending
    return "used" if used >= amount else "valid"
