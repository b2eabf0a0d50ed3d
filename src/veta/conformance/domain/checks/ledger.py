"""What the hub's own book says at the end of a scenario, whatever the candidate believes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from veta.conformance.domain.checks.registry import Fault, check
from veta.conformance.domain.evidence import Evidence


@check
def once(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Each is in the hub's book once: not lost, and not twice under two ids."""
    for name in of:
        ids = evidence.ids(evidence.captured[name].mark)
        written = [id for id in ids if id in evidence.ledger]
        if len(written) != 1:
            yield Fault(f"«{name}» está {len(written)} veces en la plataforma")


@check
def verdict(evidence: Evidence, *, of: Sequence[str], status: str, codes: Sequence[str] = ()) -> Iterator[Fault]:
    """The hub decided each so, with these findings among others."""
    for name in of:
        ids = evidence.ids(evidence.captured[name].mark)
        written = [evidence.ledger[id] for id in ids if id in evidence.ledger]
        if not written:
            yield Fault(f"«{name}» no llegó a la plataforma")
        for each in written:
            missing = [code for code in codes if code not in each["codes"]]
            if each["status"] != status or missing:
                said = ", ".join(each["codes"]) or "sin hallazgos"
                yield Fault(f"«{name}» quedó {each['status']} ({said}); se esperaba {status} {' '.join(codes)}")


@check
def entered(
    evidence: Evidence, *, of: Sequence[str], commodity: str, total: int, source: str = "", target: str = ""
) -> Iterator[Fault]:
    """So much of a commodity moved in all by these, in its smallest unit (between two kinds of account)."""
    moved = 0
    for name in of:
        for id in evidence.ids(evidence.captured[name].mark):
            for entry in evidence.ledger.get(id, {}).get("entries", ()):
                if entry["commodity"] == commodity and source in ("", entry["from"]) and target in ("", entry["to"]):
                    moved += int(entry["amount"])
    if moved != total:
        yield Fault(f"el libro movió {moved} de {commodity}; se esperaban {total}")


@check
def rate(evidence: Evidence, *, of: Sequence[str], seconds: float) -> Iterator[Fault]:
    """From the first one's capture to the last one's verdict not more than so many seconds went by."""
    marks = {evidence.captured[name].mark for name in of}
    answered = [
        exchange.ended
        for exchange in evidence.exchanges if exchange.results for item in exchange.items
        if any(paper.get("number") in marks for paper in item.get("evidence", ()))
    ]  # fmt: skip
    if len(answered) < len(marks):
        yield Fault(f"solo {len(answered)} de {len(marks)} tienen veredicto")
    elif max(answered) - min(evidence.captured[name].at for name in of) > seconds:
        took = max(answered) - min(evidence.captured[name].at for name in of)
        yield Fault(f"tomó {took:.1f} s; el límite es {seconds:.1f} s")


@check
def outcome(evidence: Evidence, *, of: Sequence[str], status: str) -> Iterator[Fault]:
    """What waited for an answer ended so: `accepted`, `refused`, `withdrawn`, `lapsed`."""
    for name in of:
        found = evidence.outcomes.get(name, "")
        if found != status:
            yield Fault(f"«{name}» terminó {found or 'sin respuesta'}; se esperaba {status}")


@check
def prompt(evidence: Evidence, *, of: Sequence[str], seconds: float) -> Iterator[Fault]:
    """Each had its verdict not more than so many seconds after its capture."""
    slow = []
    for name in of:
        captured = evidence.captured[name]
        ends = [each.ended for each, _ in evidence.sent(captured.mark) if each.results]
        if not ends or min(ends) - captured.at > seconds:
            slow.append(min(ends, default=float("inf")) - captured.at)
    if slow:
        yield Fault(f"{len(slow)} de {len(of)} tardaron más de {seconds:.1f} s en tener veredicto ({max(slow):.1f} s)")
