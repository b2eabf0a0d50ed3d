"""What was submitted: with which fields, under which id, in which order, with which hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any
from uuid import UUID

from veta.conformance.domain.checks.registry import Fault, check
from veta.conformance.domain.evidence import Evidence, mark_of

MOST_BYTES, MOST_ITEMS = 4 * 2**20, 1000


@check
def submitted(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Each of them was submitted, and every field that was captured arrived as it was captured."""
    for name in of:
        captured = evidence.captured[name]
        sent = list(evidence.sent(captured.mark))
        if not sent:
            yield Fault(f"«{name}» nunca se envió")
        for exchange, item in sent:
            for field, value in captured.movement.items():
                if not _same(value, item.get(field)):
                    yield Fault(
                        f"«{name}»: {field} se capturó {value!r} y se envió {item.get(field)!r}", (exchange.number,)
                    )


@check
def not_submitted(evidence: Evidence, *, of: Sequence[str], after: str = "") -> Iterator[Fault]:
    """None of them was submitted (after a named step, where one is given)."""
    since = evidence.named[after] if after else 0.0
    for name in of:
        for exchange, _ in evidence.sent(evidence.captured[name].mark):
            if exchange.started > since:
                yield Fault(f"«{name}» se envió y no debía", (exchange.number,))


@check
def same_id(evidence: Evidence, *, of: Sequence[str], least: int = 1) -> Iterator[Fault]:
    """Each was submitted at least so many times, always under one id."""
    for name in of:
        mark = evidence.captured[name].mark
        sent, ids = [exchange.number for exchange, _ in evidence.sent(mark)], evidence.ids(mark)
        if len(sent) < least:
            yield Fault(f"«{name}» se envió {len(sent)} veces: se esperaban {least} o más", tuple(sent))
        if len(ids) > 1:
            yield Fault(f"«{name}» se envió con {len(ids)} identificadores: {', '.join(ids)}", tuple(sent))


@check
def own_ids(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Each has an id of its own, a UUID of version 7."""
    seen: dict[str, str] = {}
    for name in of:
        for id in evidence.ids(evidence.captured[name].mark):
            if not _is_uuid7(id):
                yield Fault(f"«{name}» lleva un identificador que no es UUID versión 7: {id}")
            if seen.setdefault(id, name) != name:
                yield Fault(f"«{name}» lleva el identificador de «{seen[id]}»: {id}")


@check
def same_words(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Every time that something is submitted it says the same, so that the hub knows it again."""
    for name in of:
        sent = list(evidence.sent(evidence.captured[name].mark))
        for (first, before), (second, now) in pairwise(sent):
            if before != now:
                yield Fault(f"«{name}» cambió entre un envío y el siguiente", (first.number, second.number))


@check
def sent_once(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """Nothing is submitted again while its answer is on the way, nor after its verdict arrived."""
    for name in of:
        sent = [exchange for exchange, _ in evidence.sent(evidence.captured[name].mark)]
        for before, again in pairwise(sent):
            if before.status == 200 or not before.ended:
                said = f"«{name}» se envió otra vez y tenía su respuesta o la esperaba"
                yield Fault(said, (before.number, again.number))


@check
def in_order(evidence: Evidence, *, of: Sequence[str]) -> Iterator[Fault]:
    """They were submitted in the order of their capture, and none that waits was overtaken."""
    marks = {evidence.captured[name].mark: name for name in of}
    expected = list(marks.values())
    for exchange in evidence.exchanges:
        here = [marks[mark_of(item)] for item in exchange.items if mark_of(item) in marks]
        if here != sorted(here, key=expected.index):
            yield Fault(f"en un envío van en otro orden: {', '.join(here)}", (exchange.number,))
    reached = [
        (exchange.number, marks[mark_of(item)])
        for exchange in evidence.exchanges if exchange.reached for item in exchange.items if mark_of(item) in marks
    ]  # fmt: skip
    first = list(dict.fromkeys(name for _, name in reached))
    if first != [name for name in expected if name in first]:
        yield Fault(f"llegaron en otro orden: {', '.join(first)}", tuple(number for number, _ in reached))


@check
def true_hour(evidence: Evidence, *, of: Sequence[str], after: str = "") -> Iterator[Fault]:
    """Each was submitted with the hour at which it happened, though it left later (after a named step)."""
    since = evidence.named[after] if after else 0.0
    for name in of:
        captured = evidence.captured[name]
        expected = datetime.fromisoformat(captured.movement["occurred_at"])
        for exchange, item in evidence.sent(captured.mark):
            if not _same(captured.movement["occurred_at"], item.get("occurred_at")):
                yield Fault(
                    f"«{name}» ocurrió a las {expected} y se envió con {item.get('occurred_at')}", (exchange.number,)
                )
        if not any(exchange.started > since for exchange, _ in evidence.sent(captured.mark)):
            yield Fault(f"«{name}» no se envió después")


@check
def within_limits(evidence: Evidence) -> Iterator[Fault]:
    """No request is larger than 4 MiB or has more than 1,000 movements."""
    for exchange in evidence.exchanges:
        if len(exchange.body) > MOST_BYTES or len(exchange.items) > MOST_ITEMS:
            yield Fault(
                f"un envío de {len(exchange.body)} bytes y {len(exchange.items)} movimientos", (exchange.number,)
            )


def _same(ours: Any, theirs: Any) -> bool:
    """Whether a field says the same: instants by their moment, figures by their value; more may stand beside it."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return all(_same(value, theirs.get(name)) for name, value in ours.items())
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(_same(a, b) for a, b in zip(ours, theirs, strict=True))
    if isinstance(ours, str) and isinstance(theirs, str) and ours != theirs:
        return any(_equal(ours, theirs, kind) for kind in (Decimal, datetime.fromisoformat))
    return bool(ours == theirs)


def _equal(ours: str, theirs: str, kind: Callable[[str], Any]) -> bool:
    try:
        return bool(kind(ours) == kind(theirs))
    except (ValueError, TypeError, InvalidOperation):
        return False


def _is_uuid7(text: str) -> bool:
    try:
        return UUID(text).version == 7
    except ValueError:
        return False
