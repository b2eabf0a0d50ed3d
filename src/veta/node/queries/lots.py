"""The lots that a client has through its own records: what the hub said that came, less what its records use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from veta.kernel.quantity import QuantityError, amount_of
from veta.node.domain.local import KnownLot
from veta.node.domain.records import RESOLVED, State
from veta.node.models import BusinessRecord, HubEvent, LotGrade, Verdict
from veta.norms.catalogue import catalogue

# A sale's lots are its buyer's; these make lots of who reports.
OWN = (
    "production", "subsistence_purchase", "regroup", "transformation", "retention", "documented_intake", "receipt",
    "confirm",
)  # fmt: skip
# What takes from lots, and what names a lot with its grade.
TAKING = ("sale", "dispatch", "regroup", "transformation", "export", "consumption", "loss")
GONE = (State.REJECTED, State.DEAD, State.REFUSED, State.WITHDRAWN, State.LAPSED, State.REVERSED, *RESOLVED)


def lots_of(client: UUID) -> dict[UUID, KnownLot]:
    """Every lot that the hub's accepted verdicts gave this client, with what its records take of each."""
    records = BusinessRecord.objects.filter(client=client)
    made = records.filter(kind__in=OWN, outbox__state=State.ACCEPTED.value)
    when = {id: (at, kind) for id, at, kind in made.values_list("id", "occurred_at", "kind")}
    when |= _sold(made)
    grades = dict(_grades(made))
    bodies = Verdict.objects.filter(movement__in=made.values("id")).values_list("movement", "body")
    # A verdict may arrive between two of these queries: the next capture knows its lots.
    found = {lot.id: lot for id, body in bodies if id in when for lot in _told(body, *when[id], grades)}
    taking = records.filter(kind__in=TAKING).exclude(outbox__state__in=[state.value for state in GONE])
    used = _used((record.payload for record in taking.only("kind", "payload").iterator(2_000)), found)
    bare = [id for id, lot in found.items() if lot.grade is None and _graded(lot.mineral)]
    told = dict(LotGrade.objects.filter(pk__in=bare).values_list("lot", "grade")) if bare else {}
    return {id: replace(lot, used=used[id], grade=lot.grade or told.get(id)) for id, lot in found.items()}


def _sold(made: Any) -> dict[UUID, tuple[datetime, str]]:
    """Of each confirmation, when the sale was: its lots are of that moment, not of the answer's."""
    answers = dict(made.filter(kind="confirm", about__isnull=False).values_list("id", "about"))
    told = HubEvent.objects.filter(movement__in=answers.values(), subject=None).values_list("movement", "occurred_at")
    at = dict(told) if answers else {}
    return {record: (at[sale], "confirm") for record, sale in answers.items() if sale in at}


def _graded(code: str) -> bool:
    mineral = catalogue().mineral(code)
    return mineral is not None and mineral.graded


def _grades(made: Any) -> Iterator[tuple[UUID, str]]:
    """The grade of each lot whose report states one, of a whole movement or of an output."""
    for record in made.only("kind", "payload").iterator(2_000):
        for said in (record.payload, *record.payload.get("outputs", ())):
            if said.get("lot") and said.get("grade"):
                yield UUID(str(said["lot"])), str(said["grade"])


def _told(body: Mapping[str, Any], occurred_at: datetime, kind: str, grades: Mapping[UUID, str]) -> Iterator[KnownLot]:
    for lot in body.get("lots", ()):
        mineral = catalogue().mineral(lot["mineral"])
        if mineral is not None:
            id, amount = UUID(lot["lot"]), amount_of(lot["quantity"], factor=mineral.factor)
            yield KnownLot(
                id=id, mineral=mineral.code, amount=amount, used=0, occurred_at=occurred_at, grade=grades.get(id),
                unproven=kind == "retention",
            )  # fmt: skip


def _used(payloads: Iterable[Mapping[str, Any]], lots: Mapping[UUID, KnownLot]) -> dict[UUID, int]:
    used: dict[UUID, int] = defaultdict(int)
    for payload in payloads:
        for id, amount in _taken(payload, lots):
            used[id] += amount
    return used


def _taken(payload: Mapping[str, Any], lots: Mapping[UUID, KnownLot]) -> list[tuple[UUID, int]]:
    """What a record takes of each known lot. One that cannot be read takes nothing: the hub will refuse it whole."""
    taken = []
    try:
        for part in (*payload.get("items", ()), *payload.get("inputs", ())):
            lot = lots.get(UUID(part["lot"]))
            mineral = catalogue().mineral(lot.mineral) if lot is not None else None
            if lot is not None and mineral is not None and payload["kind"] != "receipt":
                taken.append((lot.id, amount_of(part["quantity"], factor=mineral.factor)))
    except (KeyError, TypeError, ValueError, AttributeError, QuantityError):
        return []
    return taken
