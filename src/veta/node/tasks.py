"""The node's background work. What a killed worker left of workbooks is taken up within a minute, where it was."""

from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from veta.kernel.clock import SystemClock
from veta.node.connect import open_hub
from veta.node.credentials import CredentialsRefused
from veta.node.domain.asking import Asking
from veta.node.domain.sheets.states import UNDER_WAY
from veta.node.models import Client, DocumentRequest, Place, Sheet
from veta.node.reader import follow
from veta.node.services import sheets
from veta.node.services.documents import finish_open
from veta.node.services.places import read_places
from veta.node.services.reconciling import reconcile
from veta.node.transport import HubRefused, HubUnreachable


# 02:20 in Bogotá.
@app.periodic(cron="20 7 * * *")
@app.task(queueing_lock="reconcile_all", pass_context=False)
def reconcile_all(timestamp: int) -> int:
    """Compare every client's records with the hub's, each in a job of its own."""
    clients = list(Client.objects.values_list("id", flat=True))
    for client in clients:
        ask_to_reconcile(client)
    return len(clients)


def ask_to_reconcile(client: UUID) -> bool:
    """Queue a comparison of a client's records, one at a time; False where one waits already."""
    name = f"reconcile {client}"
    try:
        with transaction.atomic():
            reconcile_client.configure(lock=name, queueing_lock=name).defer(client=str(client))
    except AlreadyEnqueued:
        return False
    return True


@app.task
def reconcile_client(client: str) -> int:
    """Read the feed to its end and compare one client's records; how many differ."""
    hub, clock = open_hub(), SystemClock()
    follow(hub, clock=clock)
    return reconcile(Client.objects.get(pk=client), hub, now=clock.now()).differences.count()


@app.task(pass_context=False)
def work_sheet(sheet: str) -> bool:
    """Read or apply a workbook, where no other process is at it."""
    if not Place.objects.exists():
        _places()
    return sheets.work(UUID(sheet), clock=SystemClock())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="resume_sheets", pass_context=False)
def resume_sheets(timestamp: int) -> int:
    """Go on with every workbook that is under way and that nobody is at."""
    found = Sheet.objects.filter(state__in=[state.value for state in UNDER_WAY]).order_by("id")
    return sum(sheets.work(sheet, clock=SystemClock()) for sheet in found.values_list("id", flat=True))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish_documents", pass_context=False)
def finish_documents(timestamp: int) -> int:
    """Go on with the documents that were asked of the hub and have no answer here; how many ended."""
    if not DocumentRequest.objects.filter(state=Asking.ASKED.value).exists():
        return 0
    return finish_open(open_hub(), now=SystemClock().now())


@app.periodic(cron="41 5 * * *")
@app.task(queueing_lock="read_places", pass_context=False)
def refresh_places(timestamp: int) -> None:
    """Ask the hub each day for the municipalities it has."""
    _places()


def ask_for_places() -> None:
    """Queue the reading of the municipalities, where it is not queued yet: a new node has none until the night."""
    try:
        with transaction.atomic():
            refresh_places.configure(queueing_lock="read_places").defer(timestamp=0)
    except AlreadyEnqueued:
        return


def _places() -> None:
    try:
        read_places(open_hub())
    except (HubRefused, HubUnreachable, CredentialsRefused):
        return  # names are a comfort: without them codes are taken, and the hub decides
