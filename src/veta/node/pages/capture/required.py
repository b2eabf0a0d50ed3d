"""What the hub refuses for its shape or for want of a document, as data: a phone without signal tells it at once.

Read from what the hub itself reads with, so that neither the patterns nor the words are written a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any, Final

from veta.kernel.identity import NUMBERS, WRONG_CHECK
from veta.movements.domain import law
from veta.movements.domain.fields import SOURCES, country
from veta.movements.domain.reader import Reader, Unreadable
from veta.movements.domain.shape import OWN_ORIGIN
from veta.node.domain.clients import ClientKind
from veta.node.domain.sheets.words import BASES, EVIDENCE
from veta.node.models import Client
from veta.node.pages.capture.declared import kinds_without_signal
from veta.norms import NormNotInForce

INTAKE: Final = "documented_intake"


def documents() -> dict[str, Any]:
    """By type of document the pattern of its number and what is said of another; and of a wrong check digit."""
    return {"numbers": {type: list(each) for type, each in NUMBERS.items()}, "check": WRONG_CHECK}


def shapes() -> dict[str, Any]:
    """Documents, countries, and of each kind of origin the one field that it has beside its kind, if any."""
    own = {kind: [name for name in reader.schema["required"] if name != "kind"] for kind, reader in SOURCES.items()}
    return {"documents": documents(), "country": _pattern(country), "origins": own, "own_origin": list(OWN_ORIGIN)}


def _pattern(reader: Reader) -> list[str]:
    """What it reads, and what it says of anything else."""
    try:
        reader.read("", "")
    except Unreadable as refused:
        return [str(reader.schema["pattern"]), refused.findings[0].message]
    raise AssertionError("it reads nothing at all")


def proofs_of(client: Client, on: date) -> dict[str, list[dict[str, Any]]]:
    """By kind, the lists of documents of each of which the norms ask one of such a client, with their names.

    `basis`: of an intake on it alone. `of`, `but`: of lots of these minerals alone, or of any others. Under which class
    a producer is registered is the hub's to know: of titles and areas they ask the same.
    """
    of, found = "title" if client.kind == ClientKind.PRODUCER else client.kind, {}
    for kind in (each.name for each in kinds_without_signal()):
        asked = _one_of(lambda kind=kind: law.required_evidence(of, kind, on))  # type: ignore[misc]
        if kind == INTAKE:
            for basis in BASES.labels:
                asked += _one_of(lambda basis=basis: law.intake_documents(basis, on), basis=basis)  # type: ignore[misc]
        if kind == "export":
            asked += _of_an_export(on)
        if asked:
            found[kind] = asked
    return found


def _of_an_export(on: date) -> list[dict[str, Any]]:
    """Proof of the royalty; of metals that may have been in disuse, which a phone does not know, their inspection."""
    try:
        metals, inspected = law.disused_metals(on)
        paid = law.royalty_proofs(on)
    except NormNotInForce:
        return []
    named = sorted(metals)
    return [*_one_of(lambda: paid, but=named), *_one_of(lambda: paid | inspected, of=named)]


def _one_of(read: Callable[[], Collection[str]], **when: Any) -> list[dict[str, Any]]:
    try:
        asked = sorted(read())
    except NormNotInForce:
        return []
    return [{"one_of": {each: EVIDENCE.labels[each] for each in asked}, **when}] if asked else []
