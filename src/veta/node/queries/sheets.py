"""A client's workbooks, and the rows of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.kernel.period import BOGOTA
from veta.node.domain.records import GONE, OPEN, State
from veta.node.domain.sheets.states import UNDER_WAY, SheetState
from veta.node.models import Client, OutboxItem, Sheet, SheetRow
from veta.node.queries.known import on_the_road, picks_of
from veta.node.queries.lots import lots_of
from veta.node.queries.outbox import Line as RecordLine
from veta.node.queries.places import places

LISTED = 1_000
STATES: dict[SheetState, tuple[Promise, str]] = {
    SheetState.READING: (_("Leyendo"), "wait"),
    SheetState.READY: (_("Por aplicar"), "wait"),
    SheetState.REFUSED: (_("No se pudo leer"), "stop"),
    SheetState.APPLYING: (_("Aplicando"), "wait"),
    SheetState.APPLIED: (_("Aplicada"), "ok"),
}
ROWS: dict[str, tuple[Promise, str]] = {
    "ok": (_("bien"), "ok"),
    "repaired": (_("corregida"), "wait"),
    "rejected": (_("rechazada"), "stop"),
    "known": (_("ya capturada"), "ok"),
}


AT_HUB: dict[str, tuple[Promise, tuple[State, ...]]] = {
    "taken": (_("aceptadas por la PTM"), (State.ACCEPTED,)),
    "untaken": (_("que no valen"), (*GONE, State.HELD)),
    "waiting": (_("sin respuesta todavía"), (*OPEN, State.PENDING)),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """A workbook and how far it is."""

    sheet: Sheet

    @property
    def label(self) -> Promise:
        return STATES[SheetState(self.sheet.state)][0]

    @property
    def tone(self) -> str:
        return STATES[SheetState(self.sheet.state)][1]

    @property
    def under_way(self) -> bool:
        return SheetState(self.sheet.state) in UNDER_WAY

    @property
    def ready(self) -> bool:
        return self.sheet.state == SheetState.READY.value

    @property
    def to_apply(self) -> int:
        """Movements that are captured when it is applied."""
        return to_capture(self.sheet).count()

    @property
    def done(self) -> int:
        return self.sheet.applied if self.sheet.state == SheetState.APPLYING.value else self.sheet.seen

    @property
    def whole(self) -> int:
        applying = self.sheet.state == SheetState.APPLYING.value
        return max(1, self.to_apply if applying else self.sheet.rows)


@dataclass(frozen=True, slots=True)
class Line:
    """A row, for a table; `record`: how its movement stands at the hub, where it was captured."""

    row: SheetRow
    record: RecordLine | None = None

    @property
    def label(self) -> Promise:
        return ROWS[self.row.status][0]

    @property
    def tone(self) -> str:
        return ROWS[self.row.status][1]

    @property
    def marks(self) -> Sequence[dict[str, Any]]:
        return list(self.row.marks or ())


def sheets_of(client: Client) -> QuerySet[Sheet]:
    """A client's workbooks, the latest first."""
    return Sheet.objects.filter(client=client).order_by("-id").select_related("uploaded_by")


def sheet_of(client: Client, sheet: UUID) -> Sheet:
    """One of a client's workbooks. Http404 for any other."""
    found = sheets_of(client).filter(pk=sheet).first()
    if found is None:
        raise Http404
    return found


def rows_of(sheet: Sheet, status: str = "") -> QuerySet[SheetRow]:
    """The rows of a workbook in their order, of one status where it names one, or as the hub has their movements."""
    found = SheetRow.objects.filter(sheet=sheet).order_by("number")
    if status in AT_HUB:
        states = [state.value for state in AT_HUB[status][1]]
        items = OutboxItem.objects.filter(client=sheet.client_id, state__in=states)
        digests = items.filter(record__source_digest__isnull=False).values("record__source_digest")
        return found.exclude(status="rejected").filter(digest__in=digests)
    return found.filter(status=status) if status in ROWS else found


def lines_of(sheet: Sheet, rows: Iterable[SheetRow]) -> list[Line]:
    """Rows, each with how its movement stands; one query, which opens nothing that is sealed."""
    kept = list(rows)
    digests = [row.digest for row in kept if row.digest and row.status != "rejected"]
    items = OutboxItem.objects.filter(client=sheet.client_id, record__source_digest__in=digests).select_related(
        "record"
    )
    only = items.only("state", "cause", "fix", "record__kind", "record__source_digest")
    found = {item.record.source_digest: RecordLine(item) for item in only}
    return [Line(row, found.get(row.digest) if row.status != "rejected" else None) for row in kept]


def at_hub(sheet: Sheet) -> list[tuple[str, Promise, int]]:
    """How many of a workbook's movements stand in each way at the hub: name, label and count; none that has none."""
    digests = SheetRow.objects.filter(sheet=sheet, item__isnull=False).values("digest")
    items = OutboxItem.objects.filter(client=sheet.client_id, record__source_digest__in=digests)
    counts = dict(items.values_list("state").annotate(Count("number")))
    found = [
        (name, label, sum(counts.get(each.value, 0) for each in states)) for name, (label, states) in AT_HUB.items()
    ]
    return [each for each in found if each[2]]


def lists_for(client: Client) -> dict[str, list[str]]:
    """What a template lists of its client: municipalities, the latest lots with a balance, dispatches on the road."""
    lots = picks_of(lots_of(client.id))[:LISTED]
    return {
        "places": list(places().names.values()),
        "lots": [f"{lot.lot.id} · {lot.mineral.name} · {lot.shown} {lot.mineral.unit}" for lot in lots],
        "road": [f"{each.id} · {each.at.astimezone(BOGOTA):%d/%m/%Y} · {each.to}" for each in on_the_road(client)],
    }


def to_capture(sheet: Sheet) -> QuerySet[SheetRow]:
    """The rows with the item of a movement that was not left out, nor captured before."""
    return SheetRow.objects.filter(sheet=sheet, status__in=("ok", "repaired"), item__isnull=False)
