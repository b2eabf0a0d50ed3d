"""Personal data: only what the movement needs leaves, in the body alone, and nothing about who ended its mandate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote_plus

from veta.conformance.domain.checks.registry import Fault, check
from veta.conformance.domain.evidence import Evidence


@check
def only_captured(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Nothing is submitted that was not captured: the id alone is the candidate's to add."""
    for name in of:
        captured = evidence.captured[name]
        for exchange, item in evidence.sent(captured.mark):
            added = sorted(set(item) - set(captured.movement) - {"id"})
            if added:
                yield Fault(f"«{name}»: se envió lo que nadie capturó: {', '.join(added)}", (exchange.number,))


@check
def bodies_alone(evidence: Evidence) -> Iterator[Fault]:
    """No name and no identity number of anybody stands in an address or in a header field."""
    said = {str(value) for party in evidence.parties.values() for value in (party["number"], party["called"])}
    for exchange in evidence.exchanges:
        around = " ".join([unquote_plus(exchange.target), *exchange.fields.values()])
        if any(each in around for each in said):
            yield Fault(
                f"{exchange.method} {exchange.path}: un nombre o un número va fuera del cuerpo", (exchange.number,)
            )


@check
def silent_about(evidence: Evidence, *, party: str, after: str) -> Iterator[Fault]:
    """After a named step nothing that leaves names a party of the world."""
    number, since = str(evidence.parties[party]["number"]), evidence.named[after]
    for exchange in evidence.exchanges:
        if exchange.started > since and (number.encode() in exchange.body or number in exchange.target):
            yield Fault(f"{exchange.method} {exchange.path} todavía nombra a {party}", (exchange.number,))


@check
def shown_without(evidence: Evidence, *, of: Sequence[str], party: str) -> Iterator[Fault]:
    """What the user reads about each does not say a party's identity number."""
    number = str(evidence.parties[party]["number"])
    for name in of:
        if number in str(evidence.shown.get(f"/{name}", {}).get("text", "")):
            yield Fault(f"«{name}»: el texto que ve el usuario dice el número de identidad de {party}")
