"""A client's whole history as one file: every movement with what proves it, so that it outlives the operator.

A ZIP of JSON lines with a manifest. A line of `movements.jsonl` has, of what the hub decided, all that its leaf in the
public log is made of (docs/log.md): anyone checks it there, without this node and without this operator.
"""

from __future__ import annotations

import zipfile
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import IO, Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import Q

from veta.kernel.canonical_json import canonical
from veta.kernel.quantity import text_of
from veta.node.credentials import CredentialsRefused
from veta.node.domain.records import Operation
from veta.node.models import BusinessRecord, Client, HubEvent, SignedRequest, Verdict
from veta.node.port import HubPort
from veta.node.queries.lots import lots_of
from veta.node.queries.mandates import mandates_of
from veta.node.transport import HubRefused, HubUnreachable
from veta.norms.catalogue import catalogue
from veta.transparency.domain import leaf

FORMAT = "veta-bundle-1"
AT_ONCE = 500
STEPS = {
    Operation.CONFIRM.value: ("confirmation", {"decision": "confirm"}),
    Operation.REFUSE.value: ("confirmation", {"decision": "refuse"}),
    Operation.WITHDRAW.value: ("withdrawal", {}),
}  # fmt: skip


@dataclass(slots=True)
class Counted:
    """What was written, for the manifest; `bare` and `unopened` name movements, by what of them is not here.

    `away`: the hub did not answer, and is not asked again.
    """

    movements: int = 0
    decided: int = 0
    bare: list[str] = field(default_factory=list)
    unopened: list[str] = field(default_factory=list)
    devices: dict[str, int] = field(default_factory=dict)
    away: bool = False


def write_bundle(client: Client, out: IO[bytes], *, hub: Callable[[], HubPort], now: datetime) -> Counted:
    """Write the bundle; the hub is opened for receipts whose answer was lost, and asked again under the same ids.

    Where it cannot be asked, or says no, the bundle is made all the same, and names what has no receipt.
    """
    counted, parts = Counted(), {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        parts["movements.jsonl"] = _part(made, "movements.jsonl", _movements(client, hub, counted))
        parts["lots.jsonl"] = _part(made, "lots.jsonl", _lots(client))
        parts["told.jsonl"] = _part(made, "told.jsonl", _told(client))
        manifest = {
            "format": FORMAT, "made_at": now.isoformat(), "operator": settings.NODE_OPERATOR,
            "hub": settings.NODE_HUB_ORIGIN or settings.NODE_HUB_URL,
            "client": {"name": client.name, "party": client.party(checked=False)}, "parts": parts,
            "movements": counted.movements, "decided": counted.decided, "without_receipt": counted.bare,
            "without_request": counted.unopened, "devices": counted.devices,
        }  # fmt: skip
        made.writestr("manifest.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    return counted


def _part(made: zipfile.ZipFile, name: str, lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    digest, count = sha256(), 0
    with made.open(name, "w") as out:
        for line in lines:
            said = orjson.dumps(line) + b"\n"
            digest.update(said)
            out.write(said)
            count += 1
    return {"sha256": digest.hexdigest(), "lines": count}


def _movements(client: Client, hub: Callable[[], HubPort], counted: Counted) -> Iterator[dict[str, Any]]:
    """Every record, in the order of capture."""
    records = BusinessRecord.objects.filter(client=client).select_related("outbox").order_by("outbox__number")
    every = records.iterator(AT_ONCE)
    while run := list(islice(every, AT_ONCE)):
        ids = [record.pk for record in run]
        verdicts = {each.movement: each for each in Verdict.objects.filter(movement__in=ids)}
        receipts = _receipts(run, verdicts, hub, counted)
        signed = _signed(ids)
        for record in run:
            verdict = verdicts.get(record.pk)
            line = _line(record, verdict, receipts.get(record.pk), signed[record.pk])
            _count(line, counted)
            yield line


def _count(line: Mapping[str, Any], counted: Counted) -> None:
    counted.movements += 1
    counted.devices[line["device"]] = max(line["sequence"], counted.devices.get(line["device"], 0))
    if line["verdict"] is None:
        return
    counted.decided += 1
    if line["receipt"] is None:
        counted.bare.append(line["id"])
    elif "signature" not in line:
        counted.unopened.append(line["id"])


def _line(
    record: BusinessRecord, verdict: Verdict | None, receipt: Any, signed: Sequence[SignedRequest]
) -> dict[str, Any]:
    item = said_of(record)
    line = {
        "id": str(record.pk), "operation": record.operation, "kind": record.kind, "state": record.outbox.state,
        "device": str(record.device_id), "sequence": record.sequence, "captured_at": record.captured_at.isoformat(),
        "item": item, "verdict": verdict.body if verdict else None, "receipt": receipt,
    }  # fmt: skip
    if verdict is None or receipt is None:
        return line
    words, answered = canonical(item), canonical(verdict.body)
    for request in signed:
        digest, signature = bytes(request.body_digest), bytes(request.signature)
        made = leaf(
            salt=bytes.fromhex(receipt["salt"]), item_canonical=words, verdict=answered, request_digest=digest,
            signature=signature,
        )  # fmt: skip
        if made.hex() == receipt["leaf"]:
            return line | {"request_digest": b64encode(digest).decode(), "signature": b64encode(signature).decode()}
    return line


def said_of(record: BusinessRecord) -> dict[str, Any]:
    """What the hub took of a record: the item as it was sent; of an answer, its kind and movement beside it."""
    if record.operation == Operation.SUBMIT.value:
        return record.item()
    kind, said = STEPS[record.operation]
    reason = str(record.payload.get("reason", ""))
    given = {"id": str(record.pk), **said} | ({"reason": reason} if reason else {})
    return {**given, "kind": kind, "movement": str(record.payload["movement"])}


def _receipts(
    run: Sequence[BusinessRecord], verdicts: Mapping[UUID, Verdict], hub: Callable[[], HubPort], counted: Counted
) -> dict[UUID, Any]:
    """The receipts that were kept; where only the feed brought the verdict, what the hub answers to the same again."""
    found = {id: each.receipt for id, each in verdicts.items() if each.receipt is not None}
    lost = [
        each.item() for each in run
        if each.pk in verdicts and each.pk not in found and each.operation == Operation.SUBMIT.value
    ]  # fmt: skip
    if not lost or counted.away:
        return found
    try:
        answered = hub().submit(lost)
    except (HubRefused, HubUnreachable, CredentialsRefused):
        counted.away = True
        return found
    return found | {UUID(each["verdict"]["movement"]): each["receipt"] for each in answered if each["receipt"]}


def _signed(ids: Sequence[UUID]) -> dict[UUID, list[SignedRequest]]:
    """The requests that carried each of these, the latest first."""
    bodies = SignedRequest.objects.filter(movements__overlap=list(ids)).values_list("digest", "movements")
    carried = {bytes(digest): set(movements) for digest, movements in bodies}
    found: dict[UUID, list[SignedRequest]] = defaultdict(list)
    for request in SignedRequest.objects.filter(digest__in=list(carried)).defer("movements").order_by("-id"):
        for id in carried[bytes(request.digest)].intersection(ids):
            found[id].append(request)
    return found


def _lots(client: Client) -> Iterator[dict[str, Any]]:
    """What came of each lot by the hub's word, and what the client's records take of it, in the mineral's unit."""
    for lot in lots_of(client.pk).values():
        mineral = catalogue().mineral(lot.mineral)
        assert mineral is not None, "a lot that is known is of the catalogue"
        figures = {"received": lot.amount, "used": lot.used, "left": lot.amount - lot.used}
        shown = {name: text_of(amount, factor=mineral.factor) for name, amount in figures.items()}
        yield {"lot": str(lot.id), "mineral": mineral.code, "unit": mineral.unit, "grade": lot.grade, **shown}


def _told(client: Client) -> Iterator[dict[str, Any]]:
    """What the feed told of the client, through whomever it was reported: that it was, and how it stands."""
    mandates = mandates_of(client.pk)
    told = HubEvent.objects.filter(Q(author_mandate__in=mandates) | Q(counterparty_mandate__in=mandates))
    for each in told.order_by("number").defer("body").iterator(AT_ONCE):
        yield {
            "number": each.number, "movement": str(each.movement), "kind": each.kind, "status": each.status,
            "subject": str(each.subject) if each.subject else None, "outcome": each.outcome,
            "occurred_at": each.occurred_at.isoformat(),
            "as": "author" if each.author_mandate in mandates else "counterparty",
        }  # fmt: skip
