"""The acts over one firm: what they are called, which there are to notify, and what a mail or a paper says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from veta.calls.domain.application import Application
from veta.calls.domain.call import Call
from veta.calls.domain.lists import KINDS
from veta.kernel.period import bogota_date

NAMES: Mapping[str, str] = {
    "exclude": "Exclusión de la solicitud",
    "suspend": "Suspensión de la habilitación",
    "lift": "Levantamiento de la suspensión",
    "revoke": "Revocatoria de la habilitación",
    "expire": "Terminación de la habilitación por vencimiento",
    "operator": "Registro como operador",
    "appeal": "Decisión del recurso",
}


@dataclass(frozen=True, slots=True)
class Notifiable:
    """An act that may be notified to a firm: of a list that was published, or over the firm alone."""

    place: int
    kind: str
    number: str
    day: date


def notifiable(call: Call, found: Application) -> list[Notifiable]:
    """The acts that concern a firm, in the order in which they were made."""
    lists = [Notifiable(act.place, act.kind, act.number, bogota_date(act.at)) for act in call.published]
    own = [
        Notifiable(each["place"], each["act"], each["number"], bogota_date(datetime.fromisoformat(each["at"])))
        for each in found.acts
    ]
    return sorted([*lists, *own], key=lambda each: each.place)


def name_of(kind: str) -> str:
    """The name of a published act, or of one over a firm."""
    return KINDS.get(kind) or NAMES.get(kind, kind)
