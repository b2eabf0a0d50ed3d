"""How the registry refuses: one error with all its findings, each naming field, value and remedy."""

from collections.abc import Iterable

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.registry.domain import Act


class RegistryRefused(DomainError):
    """Something the registry does not record; `code` is the first finding's."""

    code = "REG-000"


def finding(code: str, field: str, message: str, *, norm: str = "", **params: str) -> Finding:
    """A blocking finding of the registry; `norm` is empty where the reason is the record's own coherence."""
    return Finding(code, "blocking", field, norm, message, params)


def refuse(*findings: Finding) -> RegistryRefused:
    """The error for some findings: its message is theirs, one after another."""
    return RegistryRefused(" ".join(f.message for f in findings), code=findings[0].code, findings=findings)


def refuse_if_any(findings: Iterable[Finding]) -> None:
    """Raise RegistryRefused with all of them, or do nothing where there is none."""
    found = tuple(findings)
    if found:
        raise refuse(*found)


def act_findings(act: Act, *, two_persons: bool) -> list[Finding]:
    """What is wrong with an act itself: no reference, no author, or no second person where two are asked (ADR 0042)."""
    found: list[Finding] = []
    if not act.reference.strip():
        found.append(finding("REG-001", "act", "Falta el acto o documento que lo sustenta. Escriba su número y fecha."))
    if not act.recorded_by.strip():
        found.append(finding("REG-002", "recorded_by", "Falta quién lo registra. Escriba su nombre."))
    if two_persons and not (act.approved_by or "").strip():
        found.append(finding("REG-003", "approved_by", "Este registro lo aprueba una segunda persona. Indíquela."))
    if two_persons and act.approved_by and act.approved_by.strip().lower() == act.recorded_by.strip().lower():
        found.append(
            finding("REG-003", "approved_by", "Quien aprueba debe ser otra persona que quien propone. Cambie una.")
        )
    return found
