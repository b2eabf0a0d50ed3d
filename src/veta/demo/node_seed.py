"""What the demonstration does inside the node: `python -m veta.demo.node_seed`, the cast as JSON on standard input.

The last line of its output says in JSON who may sign in and what was captured. Again over the same node, it takes
nobody on twice and captures nothing more.
"""

from __future__ import annotations

import sys
from typing import Any

import django
import orjson

from veta.config.node_environment import in_node

DESK = ("mesa@demo.invalid", "Mesa del operador (ficticia)")


def main() -> None:
    """Take the cast on, capture, and wait a moment for the hub's answers."""
    in_node()
    django.setup()
    from veta.demo.shop.days import counted, live
    from veta.node.models import Client

    cast = orjson.loads(sys.stdin.buffer.read())
    if not Client.objects.exists():
        clients, people = _people(cast)
        live(cast, clients, people)
    print(orjson.dumps({"people": _known(), **counted()}).decode())


def _people(cast: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The desk, and each client with its owner, the trader's counter too; clients, and who captures for each."""
    from veta.demo.officers import open_account
    from veta.node.roles import NodeRole
    from veta.node.services.members import add_member, found_desk

    (desk,) = found_desk(DESK)
    open_account(desk, cast["password"])
    mandates = _mandates()
    clients, people = {}, {}
    for place in ("trader", "plant", "holder"):
        given = cast[place]
        clients[place] = client = _client(given, desk, mandates)
        for role in (NodeRole.OWNER, NodeRole.COUNTER) if place == "trader" else (NodeRole.OWNER,):
            word = given["mailbox"] if role is NodeRole.COUNTER else f"responsable.{given['mailbox']}"
            email = f"{word}@demo.invalid"
            people[place] = user = add_member(
                email=email, name=f"{word.title()} Demo (ficticia)", role=role, client=client, by=desk
            )
            user.set_password(cast["password"])
            user.save(update_fields=["password"])
    return clients, people


def _client(given: dict[str, Any], desk: Any, mandates: dict[str, str]) -> Any:
    """A client under the mandate that the hub lists, with a branch and its calibrated scale."""
    from datetime import date, timedelta
    from decimal import Decimal
    from uuid import UUID

    from veta.kernel.clock import SystemClock
    from veta.kernel.period import bogota_date
    from veta.node.domain.clients import ClientKind, MandateState
    from veta.node.domain.papers import PAPERS
    from veta.node.domain.scales import AccuracyClass
    from veta.node.services.branches import open_branch
    from veta.node.services.joining import Joining, take_on
    from veta.node.services.mandates import record_step
    from veta.node.services.scales import Certified, Weighs, record_calibration

    kind, party = ClientKind(given["kind"]), given["party"]
    client = take_on(
        Joining(
            kind=kind, name=given["name"], document_type=party["type"], document_number=party["number"],
            check_digit=party.get("check", ""), municipality=given["municipality"], contact="demo@demo.invalid",
            papers={paper.code: f"DEMO-{paper.code.upper()}-{party['number'][-3:]}" for paper in PAPERS[kind]},
            how="paper", given_on=date(2026, 1, 5),
        ),
        by=desk,
    )  # fmt: skip
    if party["number"] in mandates:
        record_step(client, MandateState.IN_FORCE, mandate=UUID(mandates[party["number"]]))
    branch = open_branch(client, name=given["branch"], municipality=given["municipality"], facility="")
    accuracy, unit, largest, division = given["weighs"]
    since = bogota_date(SystemClock().now()) - timedelta(days=120)
    record_calibration(
        Weighs(
            branch=branch, serial=given["scale"], accuracy_class=AccuracyClass(accuracy), unit=unit,
            largest=Decimal(largest), e=Decimal(division),
        ),
        Certified(certificate=f"DEMO-CAL-{given['scale']}", on=since, until=since + timedelta(days=365)),
        by=desk,
    )  # fmt: skip
    return client


def _mandates() -> dict[str, str]:
    from veta.node.connect import open_hub

    listed = ((each["id"], each["party"]) for each in open_hub().mandates())
    return {document["number"]: id for id, party in listed if party for document in party["documents"]}


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


if __name__ == "__main__":
    main()
