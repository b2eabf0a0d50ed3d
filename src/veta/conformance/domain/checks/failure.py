"""How the candidate behaves where the hub does not answer, or asks it to wait."""

from __future__ import annotations

from collections.abc import Iterator

from veta.conformance.domain.checks.registry import Fault, check
from veta.conformance.domain.evidence import Evidence
from veta.conformance.domain.switches import WHERE

# An answer takes its moment on the wire: what left before it arrived was not told to wait.
GRACE = 0.05


@check
def waits(evidence: Evidence, *, status: int, where: str = "movements") -> Iterator[Fault]:
    """After an answer of this status with `Retry-After`, nothing is asked there again before that time is over."""
    asked = [each for each in evidence.exchanges if WHERE[where](each.method, each.path)]
    refused = [each for each in asked if each.status == status and each.retry_after]
    if not refused:
        yield Fault(f"la plataforma nunca alcanzó a responder {status}: el candidato no llamó")
    for refusal in refused:
        until = refusal.ended + (refusal.retry_after or 0.0)
        for later in asked:
            if refusal.ended + GRACE < later.started < until - GRACE:
                early = later.started - refusal.ended
                said = f"volvió a llamar a los {early:.2f} s de un {status} con Retry-After: {refusal.retry_after:.0f}"
                yield Fault(said, (refusal.number, later.number))


@check
def insists(evidence: Evidence, *, least: int = 1, where: str = "movements") -> Iterator[Fault]:
    """After it went wrong it is asked again, at least so many times."""
    asked = [each for each in evidence.exchanges if WHERE[where](each.method, each.path)]
    wrong = [each for each in asked if each.status is None or each.status in (429, 500, 502, 503, 504)]
    if not wrong:
        yield Fault("nada falló: el candidato no llamó cuando debía")
        return
    again = [each for each in asked if each.started > wrong[0].started]
    if len(again) < least:
        yield Fault(f"insistió {len(again)} veces: se esperaban {least} o más", tuple(each.number for each in wrong))


@check
def no_hammering(evidence: Evidence, *, most: int = 8, where: str = "movements") -> Iterator[Fault]:
    """While it goes wrong there are never more than so many calls in a second."""
    asked = [each for each in evidence.exchanges if WHERE[where](each.method, each.path)]
    wrong = [each for each in asked if each.status is None or each.status >= 429]
    for index, first in enumerate(wrong):
        together = [each.number for each in wrong[index:] if each.started < first.started + 1.0]
        if len(together) > most:
            yield Fault(f"{len(together)} llamadas en un segundo contra una plataforma que no atiende", tuple(together))
            return
