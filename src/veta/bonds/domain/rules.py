"""What surrounds a bond's value: BON-001 to BON-014, each with its norm, its basis and what to do."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from veta.bonds.domain.case import STAGE_ES, Case
from veta.bonds.domain.value import SUBTOTAL_DECIMALS, Heading, Line, Valued, pesos_up
from veta.kernel.finding import Finding
from veta.norms import norms
from veta.norms.catalogue import catalogue
from veta.prices.domain.book import NoPrice
from veta.prices.domain.figures import exact_text, in_spanish

if TYPE_CHECKING:
    from veta.bonds.domain.quote import Alternative

ART_280 = "Ley 685 de 2001, artículo 280"
ART_84 = "Ley 685 de 2001, artículo 84, numerales 8 y 9"
ART_71 = "Decreto 2655 de 1988, artículo 71"
CONCEPT = "Concepto ANM del 6 de agosto de 2025 (radicado 20251003957702)"
HEADNOTE = "Consejo de Estado, 7 de febrero de 2025, exp. 69970"
OFFICE = "Vicepresidencia de Seguimiento, Control y Seguridad Minera de la ANM"


def impossible(case: Case) -> Iterator[Finding]:
    """What leaves a bond without value before anything is multiplied: BON-003, BON-011, BON-012."""
    if case.terminated_on is not None and case.starts_on > case.terminated_on:
        years = norms().value("bond.tail", case.starts_on).value if case.regime == "ley_685" else 3
        yield Finding(
            "BON-011", "blocking", "terminated_on", ART_280,
            f"El título terminó el {case.terminated_on}. La póliza sigue siendo exigible {years} años más, pero ninguna"
            f" norma leída fija su valor en ese tiempo. Pídalo a la {OFFICE}, con la placa.",
            {"terminated_on": case.terminated_on.isoformat(), "years": str(years)},
        )  # fmt: skip
    treatment = norms().value("bond.modalities", case.starts_on).value[case.modality]
    if treatment == "clause":
        yield Finding(
            "BON-012", "blocking", "modality", f"{ART_280}; {ART_71}",
            "El artículo 280 habla del contrato de concesión. En esta modalidad manda la cláusula de garantía del"
            " contrato o del acto: léala y aplique lo que diga.",
            {"modality": case.modality},
        )  # fmt: skip
    for path, base in (("", case.base), ("stage_change.", case.change)):
        if base is None:
            continue
        if treatment == "statute" and case.regime == "decreto_2655" and base.stage == "exploracion":
            yield Finding(
                "BON-012", "blocking", f"{path}stage", ART_71,
                "El artículo 71 del Decreto 2655 fija la garantía del contrato de concesión, no la de la exploración."
                " Lea la cláusula o la resolución de la licencia.",
                {"regime": case.regime, "stage": base.stage},
            )  # fmt: skip
        if base.stage == "explotacion" and not base.plan_approved:
            yield Finding(
                "BON-003", "blocking", f"{path}plan_approved", f"{ART_84}; {CONCEPT}",
                "No hay plan de trabajos aprobado. En explotación la base es el volumen aprobado en el plan: sin él no"
                " hay valor. Presente el plan y espere su aprobación, o calcule la etapa en que está.",
                {"stage": base.stage},
            )  # fmt: skip


def findings(case: Case, first: Valued, alternatives: Iterable["Alternative"], shown: Valued) -> Iterator[Finding]:
    """What is said beside a value: headings, change of stage, anniversary, declared types, demo prices."""
    valueds = [first, *(alternative.valued for alternative in alternatives if alternative.kind == "stage_change")]
    for valued in valueds:
        for heading in valued.headings:
            yield _untyped(valued, heading)
            if not heading.options:
                field = _field(valued, heading)
                yield NoPrice(
                    "PRI-001",
                    f"Ningún tipo de «{heading.mineral.name}» tiene precio base en vigor el {valued.on}. No se usa uno"
                    " anterior: cargue la resolución de ese periodo.",
                    {"mineral": heading.mineral.code, "date": str(valued.on)},
                ).finding(field)
    yield from _declared(case, first)
    for alternative in alternatives:
        if alternative.kind == "stage_change":
            yield _straddles(case, first, alternative.valued, shown)
        else:
            yield _not_anniversary(case, first, alternative.valued)
    if case.terminated_on is not None:
        yield _tail(case)
    if first.years > 1 and any(line.production.second_year is None for line in first.lines):
        yield Finding(
            "BON-014", "warning", "production", ART_71,
            "El decreto pide la producción de los dos primeros años y solo se dio la de uno: se tomó igual en ambos."
            " Escriba la del segundo año según el programa aprobado.",
        )  # fmt: skip
    yield from _demo(valueds)


def _untyped(valued: Valued, heading: Heading) -> Finding:
    types = sorted({line.mineral.name for line in heading.options})
    known = f"La base iría de {_pesos(heading.options[0])} a {_pesos(heading.options[-1])}." if types else (
        "Ningún tipo tiene precio en vigor en ese periodo, así que tampoco hay rango."
    )  # fmt: skip
    return Finding(
        "BON-001", "blocking", _field(valued, heading), f"{CONCEPT}; {ART_84}",
        f"El plan dice «{heading.mineral.name}» y no el tipo: no se escoge precio y no hay valor. {known} Pida a la"
        f" {OFFICE}, con la placa del título, que valide el mineral, y ajuste después el plan.",
        {
            "mineral": heading.mineral.code, "types": "; ".join(types),
            "without_price": "; ".join(heading.unpriced), "ask": OFFICE,
        },
    )  # fmt: skip


def _field(valued: Valued, heading: Heading) -> str:
    return f"production[{valued.base.production.index(heading.production)}].mineral"


def _declared(case: Case, first: Valued) -> Iterator[Finding]:
    named = {production.mineral for production in first.base.production}
    for code in sorted(case.declared - named):
        if case.base.stage != "explotacion":
            continue
        mineral = catalogue().mineral(code)
        yield Finding(
            "BON-010", "warning", "royalties_declared", CONCEPT,
            f"Se declaran regalías de {mineral.name if mineral else code}, que el plan no nombra. La regalía sigue lo"
            " extraído y la póliza lo aprobado: pida precisar o actualizar el plan.",
            {"mineral": code, "plan": "; ".join(sorted(named))},
        )  # fmt: skip


def _straddles(case: Case, first: Valued, other: Valued, shown: Valued) -> Finding:
    return Finding(
        "BON-002", "warning", "stage_change.on", f"{ART_280} (inferencia)",
        f"La vigencia cubre un cambio de etapa el {case.changes_on}. Valor en {STAGE_ES[first.base.stage]}:"
        f" {_value(first)}; en {STAGE_ES[other.base.stage]}: {_value(other)}. Se muestra el mayor"
        f" ({STAGE_ES[shown.base.stage]}); ninguna norma leída resuelve el caso.",
        {"on": str(case.changes_on), "before": _value(first), "after": _value(other)},
    )  # fmt: skip


def _not_anniversary(case: Case, first: Valued, other: Valued) -> Finding:
    return Finding(
        "BON-013", "warning", "starts_on", CONCEPT,
        f"La vigencia empieza el {case.starts_on} y la anualidad el {other.on}. Valor con los precios del inicio:"
        f" {_value(first)}; con los de la anualidad: {_value(other)}. El concepto mira el inicio de la vigencia.",
        {"starts_on": str(case.starts_on), "anniversary": str(other.on), "value": _value(first),
         "value_at_anniversary": _value(other)},
    )  # fmt: skip


def _tail(case: Case) -> Finding:
    return Finding(
        "BON-011", "info", "terminated_on", ART_280,
        f"El título termina el {case.terminated_on}: la póliza se exige tres años más y su valor en ese tiempo no está"
        " fijado en ninguna norma leída.",
        {"terminated_on": str(case.terminated_on)},
    )  # fmt: skip


def _demo(valueds: Iterable[Valued]) -> Iterator[Finding]:
    lines: list[Line] = []
    for valued in valueds:
        lines += [*valued.lines, *(line for heading in valued.headings for line in heading.options)]
    demo = sorted({line.price.resolution.name for line in lines if line.price.resolution.demo})
    if demo:
        yield Finding(
            "PRI-010", "warning", "production", "Conjunto de demostración",
            f"Precio de demostración, inventado: {'; '.join(demo)}. El resultado no sirve para constituir una póliza.",
            {"resolutions": "; ".join(demo)},
        )  # fmt: skip


def _value(valued: Valued) -> str:
    if valued.exact is not None:
        return f"{in_spanish(str(pesos_up(valued.exact)))} COP"
    if valued.range:
        return f"entre {in_spanish(str(pesos_up(valued.range[0])))} y {in_spanish(str(pesos_up(valued.range[1])))} COP"
    return "sin valor (falta precio)"


def _pesos(line: Line) -> str:
    return f"{in_spanish(exact_text(line.subtotal, decimals=SUBTOTAL_DECIMALS))} COP ({line.mineral.name})"
