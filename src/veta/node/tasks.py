"""The node's background work."""

from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from veta.kernel.clock import SystemClock
from veta.node.connect import open_hub
from veta.node.models import Client
from veta.node.reader import follow
from veta.node.services.reconciling import reconcile


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
