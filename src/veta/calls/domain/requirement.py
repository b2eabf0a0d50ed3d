"""What an applicant must show: legal, financial and technical requirements, editable until the call opens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from veta.calls.domain.refusals import refused

COMPONENTS: Mapping[str, str] = {"juridico": "Jurídico", "financiero": "Financiero", "tecnico": "Técnico"}
PROOFS: Mapping[str, str] = {"document": "Documento", "figures": "Cifras de los estados financieros"}
STATUSES = ("verified", "secondary", "inference", "unverified")
_CODE = re.compile(r"[JFT]-[0-9]{2}").fullmatch
_LETTER = {"juridico": "J", "financiero": "F", "tecnico": "T"}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of them. `proof`: a document, or the figures from which the indicators are computed."""

    code: str
    component: str
    text: str
    norm: str
    proof: str
    status: str
    curable: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "component": self.component, "text": self.text, "norm": self.norm, "proof": self.proof,
            "status": self.status, "curable": self.curable,
        }  # fmt: skip


def requirement_of(given: Mapping[str, Any]) -> Requirement:
    """A requirement as it was typed or loaded. Raises CAL-022 with what is wrong in it."""
    known = {"code", "component", "text", "norm", "proof", "status", "curable"}
    if given.keys() - known or (known - {"curable"}) - given.keys():
        raise refused("CAL-022", "El requisito lleva código, componente, texto, norma, prueba y estado, y nada más.")
    made = Requirement(**given)
    fits = (
        _CODE(made.code) is not None
        and made.component in COMPONENTS
        and made.code[0] == _LETTER[made.component]
        and made.proof in PROOFS
        and made.status in STATUSES
    )
    if not fits or not (made.text.strip() and made.norm.strip()):
        message = (
            f"El requisito «{made.code}» no es válido: el código va como J-01, F-01 o T-01 según su componente, con"
            " texto, norma, prueba y estado conocidos."
        )
        raise refused("CAL-022", message)
    return made
