"""A verdict in plain words: each finding with its family, what it does, its figures and how far its norm was read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.hub.desk import words
from veta.hub.desk.tables import Cell, Text
from veta.hub.templatetags.figures import figure, mineral_name
from veta.movements.domain.rule import RULES

READ: Mapping[str, Promise] = {
    "verified": _("leída en su texto"),
    "secondary": _("leída en otra fuente"),
    "inference": _("inferencia: ninguna norma lo dice así"),
    "unverified": _("sin verificar"),
}
FIGURES: Mapping[str, Promise] = {
    "limit": _("Tope"),
    "used": _("Ya usado"),
    "left": _("Queda"),
    "required": _("Se exige"),
    "quantity": _("Cantidad"),
    "unit": _("Unidad"),
    "period": _("Periodo"),
    "mineral": _("Mineral"),
    "minerals": _("Minerales"),
    "heading": _("Rubro del plan"),
    "title": _("Título"),
    "lot": _("Lote"),
    "code": _("Código"),
    "role": _("Papel"),
    "stage": _("Etapa"),
    "status": _("Estado"),
    "outcome": _("Cómo terminó"),
    "reason": _("Motivo"),
    "on": _("En la fecha"),
    "year": _("Año"),
    "days": _("Días"),
    "hours": _("Horas"),
    "municipality": _("Municipio"),
    "recipe": _("Proceso"),
    "yield": _("Rendimiento, en %"),
    "least": _("Mínimo"),
    "most": _("Máximo"),
    "inputs": _("Entra"),
    "outputs": _("Sale"),
    "out": _("Sale"),
    "short": _("Falta"),
    "scale": _("Escala"),
    "factor": _("Factor"),
    "descendants": _("Lotes hechos de él"),
    "seller": _("Quien vende"),
    "buyer": _("Quien compra"),
}


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding as a page says it."""

    code: str
    family: Text
    effect: Cell
    message: str
    norm: str
    read: Text
    field: str
    figures: tuple[tuple[Text, str], ...]


def explained(findings: Iterable[Mapping[str, Any]]) -> list[Explained]:
    """The findings of a verdict's bytes, those that impede first."""
    order = {severity: n for n, severity in enumerate(words.SEVERITIES)}
    return [_explained(each) for each in sorted(findings, key=lambda each: order.get(each["severity"], 9))]


def _explained(finding: Mapping[str, Any]) -> Explained:
    rule = RULES.get(finding["code"])
    return Explained(
        code=finding["code"],
        family=words.FAMILIES.get(finding["code"][:3], finding["code"][:3]),
        effect=words.badge(words.SEVERITIES, finding["severity"]),
        message=finding["message"],
        norm=finding["norm"],
        read=READ.get(rule.status, "") if rule else "",
        field=finding["field"],
        figures=tuple((FIGURES.get(name, name), _shown(name, value)) for name, value in finding["params"].items()),
    )


def _shown(name: str, value: str) -> str:
    if name in {"mineral", "heading"}:
        return mineral_name(value)
    return figure(value) if value.replace(".", "", 1).isdigit() and name != "year" else value
