"""The draft of the petition that an untyped heading calls for: what is asked, of whom, on which facts."""

from veta.bonds.domain.quote import Quote
from veta.bonds.domain.rules import OFFICE

TYPELESS = "BON-001"


def petition(quote: Quote) -> str | None:
    """The letter as text with blanks to fill in, where the plan names only a heading; None otherwise."""
    headings = [heading for valued in ([quote.first] if quote.first else []) for heading in valued.headings]
    if not headings:
        return None
    named = ", ".join(sorted({f"«{heading.mineral.name}»" for heading in headings}))
    types = ", ".join(sorted({line.mineral.name for heading in headings for line in heading.options})) or "sus tipos"
    title = quote.case.title or "[placa]"
    return "\n".join(
        (
            "Señores",
            "Agencia Nacional de Minería",
            OFFICE.removesuffix(" de la ANM"),
            "",
            f"Asunto: precisión del mineral aprobado en el plan de trabajos del título {title}, para calcular la póliza"
            " minero-ambiental.",
            "",
            f"[Nombre], con [documento], titular del título {title}, en etapa de explotación, pido:",
            "",
            f"1. Que se valide qué mineral o minerales comprende {named}, que es como lo nombra el plan aprobado"
            " mediante [acto y fecha], sin indicar el tipo ni el volumen de cada uno.",
            f"2. Que se diga si el volumen aprobado corresponde a {types}, y en qué cantidad anual cada uno.",
            "3. Que se indique si el plan debe modificarse, corregirse o actualizarse, y conforme a qué norma"
            " (Resolución ANM 100 de 2020).",
            "4. Que, mientras se resuelve, se informe por qué valor debe constituirse la póliza cuya vigencia"
            f" empieza el {quote.case.starts_on}.",
            "",
            "Fundamento: Ley 685 de 2001, artículos 84 (numerales 8 y 9) y 280; concepto de la Oficina Asesora Jurídica"
            " de la ANM del 6 de agosto de 2025, según el cual los casos concretos se validan por esa"
            " Vicepresidencia con la placa del título.",
            "",
            "Anexos: plan aprobado y su acto; declaraciones de regalías del último año.",
            "",
            "[Firma, correo y teléfono]",
        )
    )
