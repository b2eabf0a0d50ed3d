"""What the demonstration does inside the node: `python -m veta.demo.node_seed`, the cast as JSON on standard input.

The last line of its output says in JSON who may sign in and what was captured. Again over the same node, it takes
nobody on twice and captures nothing more.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import django
import orjson

from veta.config.node_environment import in_node

PATIENCE = 8.0
DESK = ("mesa@demo.invalid", "Mesa del operador (ficticia)")


def main() -> None:
    """Take the cast on, capture, and wait a moment for the hub's answers."""
    in_node()
    django.setup()
    from veta.node.models import Client

    cast = orjson.loads(sys.stdin.buffer.read())
    new = not Client.objects.exists()
    people = _people(cast) if new else _known()
    if new:
        _capture(cast["captures"])
    print(orjson.dumps({"people": people, **_counted()}).decode())


def _people(cast: dict[str, Any]) -> list[Any]:
    """The desk, and for each client its owner; the trader's counter too."""
    from veta.demo.officers import open_account
    from veta.node.roles import NodeRole
    from veta.node.services.members import add_member, found_desk

    (desk,) = found_desk(DESK)
    open_account(desk, cast["password"])
    mandates = _mandates()
    for given in cast["clients"]:
        client = _client(given, desk, mandates)
        for role in (NodeRole.OWNER, NodeRole.COUNTER) if given["kind"] == "trader" else (NodeRole.OWNER,):
            word = given["mailbox"] if role is NodeRole.COUNTER else f"responsable.{given['mailbox']}"
            email = f"{word}@demo.invalid"
            user = add_member(email=email, name=f"{word.title()} Demo (ficticia)", role=role, client=client, by=desk)
            user.set_password(cast["password"])
            user.save(update_fields=["password"])
    return _known()


def _client(given: dict[str, Any], desk: Any, mandates: dict[str, str]) -> Any:
    """A client under the mandate that the hub lists, with a branch and its scale."""
    from datetime import date
    from uuid import UUID

    from veta.node.domain.clients import ClientKind, MandateState
    from veta.node.domain.papers import PAPERS
    from veta.node.models import Branch, Calibration, Scale
    from veta.node.services.joining import Joining, take_on
    from veta.node.services.mandates import record_step

    kind = ClientKind(given["kind"])
    client = take_on(
        Joining(
            kind=kind, name=given["name"], document_type=given["type"], document_number=given["number"],
            check_digit=given["check"], municipality=given["municipality"], contact="demo@demo.invalid",
            papers={paper.code: "DEMO" for paper in PAPERS[kind]}, how="paper", given_on=date(2026, 1, 5),
        ),
        by=desk,
    )  # fmt: skip
    if given["number"] in mandates:
        record_step(client, MandateState.IN_FORCE, mandate=UUID(mandates[given["number"]]))
    branch = Branch.objects.create(client=client, name="Sede demo", municipality=given["municipality"])
    scale = Scale.objects.create(
        branch=branch, serial="DEMO-1", accuracy_class="II", unit="g", largest="2000", division="0.1"
    )
    Calibration.objects.create(scale=scale, certificate="DEMO-CAL-1", calibrated_on="2026-01-05", due_on="2027-01-05")
    return client


def _mandates() -> dict[str, str]:
    from veta.node.connect import open_hub

    listed = ((each["id"], each["party"]) for each in open_hub().mandates())
    return {document["number"]: id for id, party in listed if party for document in party["documents"]}


def _capture(captures: list[dict[str, Any]]) -> None:
    """Keep what was captured, as the counter would; the node's own sender takes it to the hub."""
    from veta.kernel.clock import SystemClock
    from veta.kernel.identity import Document
    from veta.node.models import OutboxItem
    from veta.node.queries.members import with_document
    from veta.node.services.capture import Given, capture

    for each in captures:
        client = with_document(Document("NIT", each["number"])).get()
        capture(client, [Given(each["payload"])], now=SystemClock().now())
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit and OutboxItem.objects.filter(answered_at=None).exists():
        time.sleep(0.1)


def _known() -> list[Any]:
    """Who may sign in, with the desk's codes of one use."""
    from veta.demo.officers import codes_of
    from veta.node.models import Membership
    from veta.node.roles import LABELS, NodeRole

    held = Membership.objects.filter(end__isnull=True).select_related("user").order_by("granted_at")
    return [
        [str(LABELS[NodeRole(m.role)]), m.user.email, codes_of(m.user) if m.role == NodeRole.DESK.value else []]
        for m in held
    ]


def _counted() -> dict[str, int]:
    from veta.node.models import OutboxItem

    items = OutboxItem.objects.all()
    return {"records": items.count(), "accepted": items.filter(state="accepted").count()}


if __name__ == "__main__":
    main()
