"""The paper of a quotation, for the insurer: the same figures as the page, with their reasons and the code to check."""

from typing import Any

from veta.bonds.domain.case import REGIME_ES, STAGE_ES
from veta.bonds.queries import Quotation
from veta.hub.paper import paper
from veta.hub.templatetags.figures import figure, long_day, market_name, mineral_name, percent

STATUS_ES = {
    "final": "Valor definido", "indicative": "Rango indicativo: no hay valor todavía",
    "pending": "Pendiente: falta un dato o un precio", "impossible": "Sin valor",
}  # fmt: skip


def bond_paper(kept: Quotation, *, check: str) -> bytes:
    """The PDF of a kept quotation; `check` is the address where its code is checked."""
    answer = kept.answer
    return paper(
        "bond.typ",
        {
            "heading": "Póliza minero-ambiental: valor asegurado",
            "foot": answer["notice"],
            "demo": answer["demo"],
            "facts": _facts(kept),
            "lines": [_line(line) for line in answer["lines"]],
            "options": [_option(o) for heading in answer.get("headings", []) for o in heading["options"]],
            "findings": answer["findings"],
            "trace": answer["trace"],
            "check": f"Código {kept.code}, placa {answer['title'] or 'sin placa'}. Compruébelo en {check}",
        },
    )


def _facts(kept: Quotation) -> list[list[str]]:
    answer = kept.answer
    facts = [["Estado", STATUS_ES[answer["status"]]]]
    if answer["insured_value_cop"]:
        facts += [["Valor asegurado", f"{figure(answer['insured_value_cop'])} COP"]]
        facts += [["Exacto", f"{figure(answer['exact_cop'])} COP"]]
    if answer["range_cop"]:
        low, high = answer["range_cop"]
        facts += [["Entre", f"{figure(low)} y {figure(high)} COP"]]
    facts += [
        ["Título", answer["title"] or "sin placa"],
        ["Régimen", REGIME_ES[answer["regime"]]],
        ["Etapa", STAGE_ES[answer["stage"]]],
        ["Vigencia", f"del {long_day(answer['validity'][0])} al {long_day(answer['validity'][1])}"],
    ]
    if answer["percent"]:
        facts += [["Porcentaje", percent(answer["percent"])], ["Base", f"{figure(answer['base_cop'])} COP"]]
    return [*facts, ["Código", kept.code], ["Calculado", long_day(kept.recorded_at.date())]]


def _line(line: dict[str, Any]) -> list[str]:
    market = f" ({market_name(line['market'])})" if line["market"] else ""
    return [
        f"{mineral_name(line['mineral'])}{market}",
        f"{figure(line['volume'])} {line['unit']}",
        figure(line["price_cop"]),
        f"{line['resolution']}, {line['period'][0]} a {line['period'][1]}",
        figure(line["subtotal_cop"]),
    ]


def _option(line: dict[str, Any]) -> list[str]:
    market = f" ({market_name(line['market'])})" if line["market"] else ""
    name = f"{mineral_name(line['mineral'])}{market}"
    return [name, figure(line["price_cop"]), line["resolution"], figure(line["insured_cop"])]
