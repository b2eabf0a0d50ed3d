"""A client's workbook: kept as it came, read row by row, and applied once; what was done stays done if it is killed."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext

from veta.kernel.clock import Clock
from veta.kernel.errors import DomainError
from veta.node.domain.local import check
from veta.node.domain.sheets.header import LOOKED_AT, find_header
from veta.node.domain.sheets.kinds import KINDS
from veta.node.domain.sheets.lines import RowRead
from veta.node.domain.sheets.marks import FileFault
from veta.node.domain.sheets.rows import RowReader
from veta.node.domain.sheets.states import SheetState
from veta.node.models import BusinessRecord, Client, Sheet, SheetFile, SheetRow
from veta.node.queries.lots import lots_of
from veta.node.queries.places import places
from veta.node.queries.sheets import to_capture
from veta.node.services.capture import Given, capture
from veta.node.services.identities import require_same_keys
from veta.node.sheet_files import LARGEST, Rows, open_rows
from veta.site.models import User
from veta.storage.sealed_field import json_bytes
from veta.storage.sealing import keyed, seal

AT_ONCE = 1_000
_LOCK = "node.sheet"


class SheetRefused(DomainError):
    """A workbook that is not taken, or not in this state."""

    code = "SHE-040"


def upload(client: Client, kind: str, file_name: str, content: bytes, *, by: User) -> Sheet:
    """Keep a workbook; its rows are read in the background. Raises SheetRefused: too large, or an unknown kind."""
    if kind not in KINDS:
        raise SheetRefused(gettext("Escoja qué movimientos trae la hoja."))
    if not content or len(content) > LARGEST:
        raise SheetRefused(gettext("El archivo está vacío o pasa de 24 MB. Divídalo en varios."))
    with transaction.atomic():
        require_same_keys()
        sheet = Sheet.objects.create(
            client=client, kind=kind, file_name=Path(file_name).name[:200], uploaded_by=by,
            digest=keyed("veta-sheet-v1", hashlib.sha256(content).hexdigest()).hex(),
        )  # fmt: skip
        SheetFile.objects.create(sheet=sheet, content=content)
    return sheet


def ask_to_apply(sheet: Sheet, *, by: User) -> None:
    """Have the rows that are not left out captured, in the background. Raises SheetRefused where it is not ready."""
    asked = Sheet.objects.filter(pk=sheet.pk, state=SheetState.READY.value)
    if not asked.update(state=SheetState.APPLYING.value, applied_by=by):
        raise SheetRefused(gettext("Esta hoja no espera ser aplicada. Vea su estado."))


def work(sheet: UUID, *, clock: Clock) -> bool:
    """Read or apply what is under way of a workbook; False where another process is at it.

    It goes on where it was left: rows kept and movements captured are not touched again.
    """
    with _alone(sheet) as ours:
        if not ours:
            return False
        found = Sheet.objects.select_related("client", "applied_by").get(pk=sheet)
        if found.state == SheetState.READING.value:
            _read(found, now=clock.now())
        elif found.state == SheetState.APPLYING.value:
            _apply(found, clock=clock)
    return True


@contextmanager
def _alone(sheet: UUID) -> Iterator[bool]:
    """One process at a workbook at a time: a lock of this connection's own, which ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), hashtext(%s))", [_LOCK, str(sheet)])
        (ours,) = cursor.fetchone()
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), hashtext(%s))", [_LOCK, str(sheet)])


@contextmanager
def opened(sheet: Sheet) -> Iterator[Rows]:
    """The workbook's rows, as it came. Raises FileFault."""
    with tempfile.NamedTemporaryFile(suffix=Path(sheet.file_name).suffix or ".csv") as file:
        file.write(SheetFile.objects.get(pk=sheet.pk).content)
        file.flush()
        with open_rows(Path(file.name)) as rows:
            yield rows


def _read(sheet: Sheet, *, now: datetime) -> None:
    try:
        with opened(sheet) as rows:
            _read_rows(sheet, rows, now=now)
    except FileFault as fault:
        cause = f"{fault.code}: {fault.cause}"[:600]
        Sheet.objects.filter(pk=sheet.pk).update(state=SheetState.REFUSED.value, cause=cause)
        return
    Sheet.objects.filter(pk=sheet.pk).update(state=SheetState.READY.value)


def _read_rows(sheet: Sheet, rows: Rows, *, now: datetime) -> None:
    first = [row for _, row in zip(range(LOOKED_AT), rows.rows, strict=False)]
    header = find_header(first, KINDS[sheet.kind])
    reader = RowReader(
        sheet.kind, KINDS[sheet.kind], header, sheet.client.party(checked=False), places(),
        lambda item, lots: check(item, now=now, lots=lots), lots_of(sheet.client_id),
    )  # fmt: skip
    Sheet.objects.filter(pk=sheet.pk).update(rows=max(0, rows.count - header.row - 1))
    kept = SheetRow.objects.filter(sheet=sheet).order_by("-number").values_list("number", flat=True).first() or 0
    batch: list[RowRead] = []
    numbered = enumerate(chain(first[header.row + 1 :], rows.rows), start=header.row + 2)
    for movement in reader.movements(numbered):
        batch += [read for read in reader.read(movement) if read.number > kept]
        if len(batch) >= AT_ONCE:  # a movement's rows are never parted
            _keep(sheet, batch, seen=batch[-1].number - header.row - 1)
            batch = []
    _keep(sheet, batch, seen=max(0, rows.count - header.row - 1))


def _keep(sheet: Sheet, batch: Sequence[RowRead], *, seen: int) -> None:
    """Write rows and the count in one commit: what is seen of the progress is there."""
    sources = [source_of(row.digest) for row in batch]
    with transaction.atomic():
        asked = [source for source, row in zip(sources, batch, strict=True) if row.item is not None]
        captured = BusinessRecord.objects.filter(client=sheet.client_id, source_digest__in=asked)
        known = set(captured.values_list("source_digest", flat=True))
        statuses = [
            "known" if row.status != "rejected" and source in known else row.status
            for source, row in zip(sources, batch, strict=True)
        ]
        _copy(sheet.pk, zip(batch, statuses, sources, strict=True))
        Sheet.objects.filter(pk=sheet.pk).update(
            seen=seen, **{name: F(name) + statuses.count(name) for name in ("repaired", "rejected", "known")}
        )


def _copy(sheet: UUID, rows: Iterable[tuple[RowRead, str, str]]) -> None:
    columns = "sheet_id, number, status, item, digest, marks"
    with connection.cursor() as cursor, cursor.copy(f"COPY node_sheetrow ({columns}) FROM STDIN") as out:
        for row, status, source in rows:
            at = f"{sheet}:{row.number}"
            item = None if row.item is None else _sealed(row.item, "item", at)
            marks = _sealed([mark.as_json() for mark in row.marks], "marks", at) if row.marks else None
            out.write_row((sheet, row.number, status, item, source, marks))


def _sealed(value: Any, column: str, row: str) -> bytes:
    return seal(json_bytes(value), table="node_sheetrow", column=column, row=row)


def source_of(digest: str) -> str:
    """A row's digest, under this database's key: who knows the words of a row but for a number cannot try them all."""
    return keyed("veta-row-v1", digest).hex() if digest else ""


def _apply(sheet: Sheet, *, clock: Clock) -> None:
    waiting = to_capture(sheet).order_by("number")
    through = sheet.through
    while rows := list(waiting.filter(number__gt=through)[:AT_ONCE]):
        through = rows[-1].number
        with transaction.atomic():
            given = [Given(row.item or {}, source_digest=row.digest) for row in rows]
            capture(sheet.client, given, now=clock.now(), by=sheet.applied_by)
            Sheet.objects.filter(pk=sheet.pk).update(applied=F("applied") + len(rows), through=through)
    Sheet.objects.filter(pk=sheet.pk).update(state=SheetState.APPLIED.value)
