"""What is given, made into records at the end of their devices' chains, and written in one statement for each table.

Many at once, as a workbook's rows come, cost what one costs in round trips: what is there already is looked for once,
the chain goes on in memory, and the rows are written by COPY.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext

from veta.kernel.canonical_json import canonical
from veta.kernel.errors import DomainError
from veta.node.domain.lots import of_payload
from veta.node.domain.records import FIRST, Captured, Operation, State, about
from veta.node.models import Branch, BusinessRecord, Client, Device, LotLine
from veta.node.models.records import link_of
from veta.site.models import User
from veta.storage.sealed_field import SealedBytes

SERVER = "Este servidor"
Words = tuple[Promise, Promise]
RECORD = (
    "id", "client_id", "branch_id", "device_id", "sequence", "operation", "kind", "payload", "about", "occurred_at",
    "captured_at", "skew_ms", "captured_by_id", "source_digest", "local_findings", "late_reason", "previous", "link",
    "follows", "said_by",
)  # fmt: skip
ITEM = ("record_id", "client_id", "state", "attempts", "next_at", "cause", "fix")


class CaptureRefused(DomainError):
    """What was captured is not kept: it names another client's device, or its id already says something else."""

    code = "NOD-010"


@dataclass(frozen=True, slots=True)
class Given:
    """Something to keep. `payload`: the item of the hub's API; its `id` is the record's.

    `captured`: how a device chained it, None for what is captured on this server. `source_digest`: of the row it came
    from, where it came from one. `late_reason`: why it comes after the term to report.
    """

    payload: Mapping[str, Any]
    operation: Operation = Operation.SUBMIT
    captured: Captured | None = None
    skew_ms: int | None = None
    source_digest: str | None = None
    late_reason: str = ""

    @property
    def id(self) -> UUID:
        return self.captured.id if self.captured is not None else UUID(str(self.payload["id"]))


@dataclass(slots=True)
class Chains:
    """The ends of a client's chains in one transaction, and what was kept before of what is given in it.

    The caller holds the client's lock: nobody else moves these ends.
    """

    client: Client
    same: dict[UUID, BusinessRecord]
    from_source: dict[str, BusinessRecord]
    devices: dict[UUID, Device]
    server: Device | None = None
    new: list[BusinessRecord] = field(default_factory=list)
    moved: dict[UUID, Device] = field(default_factory=dict)

    @classmethod
    def of(cls, client: Client, given: Sequence[Given]) -> Chains:
        """What has to be known of these, in at most four queries."""
        sources = [each.source_digest for each in given if each.source_digest]
        rows = BusinessRecord.objects.filter(client=client, source_digest__in=sources) if sources else ()
        named = {each.captured.device for each in given if each.captured is not None}
        made = cls(
            client,
            same=BusinessRecord.objects.in_bulk([each.id for each in given]),
            from_source={str(row.source_digest): row for row in rows},
            devices={each.id: each for each in Device.objects.filter(client=client, pk__in=named)} if named else {},
        )
        if any(each.captured is None for each in given):
            made.server = server_device(client)
        return made

    def keep(self, given: Given, *, now: datetime, by: User | None, branch: Branch | None) -> BusinessRecord:
        """The record of this: the one of before, or a new one at its chain's end. Raises CaptureRefused."""
        before = self._before(given)
        if before is not None:
            return before
        device = self._device(given)
        captured = given.captured or _next(device, given, now, by)
        digest = captured.digest()
        record = BusinessRecord(
            id=captured.id, client=self.client, branch=branch, device=device, sequence=captured.sequence,
            operation=captured.operation.value, kind=str(given.payload.get("kind", captured.operation.value)),
            payload=dict(captured.payload), about=about(captured.payload), skew_ms=given.skew_ms,
            occurred_at=_occurred(given.payload, captured), captured_at=captured.captured_at, captured_by=by,
            source_digest=given.source_digest, late_reason=given.late_reason, previous=captured.previous,
            link=link_of(digest), follows=link_of(captured.previous), said_by=captured.by,
        )  # fmt: skip
        if captured.sequence > device.last_sequence:
            device.last_sequence, device.last_digest = captured.sequence, digest
            self.moved[device.id] = device
        self.same[record.id] = record
        if given.source_digest:
            self.from_source[given.source_digest] = record
        self.new.append(record)
        return record

    def write(self, *, held: Words | None, now: datetime) -> None:
        """Write what is new, its place in the queue, the chains' ends. `held`: why nothing leaves, and a remedy."""
        if not self.new:
            return
        state = State.HELD if held else State.QUEUED
        cause, fix = (str(words) for words in held or ("", ""))
        _copy("node_businessrecord", RECORD, ([_value(record, name) for name in RECORD] for record in self.new))
        _copy("node_outboxitem", ITEM, ((r.id, self.client.id, state.value, 0, now, cause, fix) for r in self.new))
        LotLine.objects.bulk_create(
            [row for r in self.new for row in LotLine.of(r.id, of_payload(r.kind, r.payload))], batch_size=2_000
        )
        for device in self.moved.values():
            device.save(update_fields=["last_sequence", "last_digest"])

    def _before(self, given: Given) -> BusinessRecord | None:
        """What was kept of the same thing before. Raises CaptureRefused where the id says something else."""
        row = self.from_source.get(given.source_digest or "")
        if row is not None:
            return row
        same = self.same.get(given.id)
        if same is None:
            return None
        if same.client_id != self.client.id or canonical(same.payload) != canonical(dict(given.payload)):
            raise CaptureRefused(gettext("Ese registro ya existe con otro contenido. Captúrelo de nuevo."))
        return same

    def _device(self, given: Given) -> Device:
        found = self.server if given.captured is None else self.devices.get(given.captured.device)
        if found is None:
            raise CaptureRefused(gettext("Este dispositivo no está inscrito para este cliente. Inscríbalo primero."))
        return found


def server_device(client: Client) -> Device:
    """The device under which this server captures, made at its first use; the caller holds the client's lock."""
    found = Device.objects.filter(client=client, name=SERVER, enrolled_by=None).first()
    return found or Device.objects.create(client=client, name=SERVER)


def _next(device: Device, given: Given, now: datetime, by: User | None) -> Captured:
    return Captured(
        id=given.id, device=device.pk, sequence=device.last_sequence + 1, operation=given.operation,
        payload=given.payload, captured_at=now, previous=device.last_digest or FIRST,
        by=by.pk if by is not None else None,
    )  # fmt: skip


def _occurred(payload: Mapping[str, Any], captured: Captured) -> datetime:
    """When it says that it happened; when it was captured, where that cannot be read: the hub refuses it, with why."""
    try:
        said = datetime.fromisoformat(payload["occurred_at"])
    except (KeyError, TypeError, ValueError):
        return captured.captured_at
    readable = said.tzinfo is not None and MINYEAR < said.year < MAXYEAR  # it is of that year in every zone
    return said if readable else captured.captured_at


def _value(record: BusinessRecord, name: str) -> object:
    """What the column holds: what names a person is sealed."""
    sealed = _SEALED.get(name)
    return getattr(record, name) if sealed is None else sealed.pre_save(record, add=True)


_SEALED = {each.attname: each for each in BusinessRecord._meta.concrete_fields if isinstance(each, SealedBytes)}


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows in one statement; errors are Django's."""
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"  # our own constants
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as out:
        for row in rows:
            out.write_row(row)
