"""The draft of the petition of a validation: what the records do not agree on, and what is asked about it."""

from collections.abc import Sequence

from veta.kernel.finding import Finding

OFFICE = "Vicepresidencia de Seguimiento, Control y Seguridad Minera"


def petition(title: str, *, plan: str, findings: Sequence[Finding]) -> str | None:
    """The letter as text with blanks to fill in, each difference in its own line; None where there is no difference.

    `plan`: how the plan in force is named, empty where there is none.
    """
    if not findings:
        return None
    differences = [f"   {number}. {finding.message} [{finding.code}]" for number, finding in enumerate(findings, 1)]
    return "\n".join(
        (
            "Señores",
            "Agencia Nacional de Minería",
            OFFICE,
            "",
            f"Asunto: validación del título {title}: plan, regalías, movimientos, certificados y póliza.",
            "",
            f"[Nombre], con [documento], [titular o aseguradora] del título {title}, pido:",
            "",
            f"1. Que se validen, con la placa del título y {plan or 'a falta de plan registrado'}, estas diferencias:",
            *differences,
            "2. Que se establezca con claridad el mineral o minerales objeto de explotación.",
            "3. Que se indique si el plan debe modificarse, corregirse o actualizarse, y conforme a qué norma"
            " (Resolución ANM 100 de 2020).",
            "4. Que se den las claridades del caso para el cálculo de la póliza minero-ambiental.",
            "",
            "Fundamento: Ley 685 de 2001, artículos 84 (numerales 8 y 9) y 280; concepto de la Oficina Asesora Jurídica"
            " de la ANM del 6 de agosto de 2025, según el cual los casos concretos se validan por esa"
            " Vicepresidencia con la placa del título.",
            "",
            "[Firma, correo y teléfono]",
        )
    )
