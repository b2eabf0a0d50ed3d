"""The story told inside the node: each record captured as a person does it, and sent by the node's own sender."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from veta.demo.shop.story import Item, Law, Story, ids
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.node.connect import open_hub
from veta.node.domain.clients import ClientKind
from veta.node.domain.records import FIRST, Captured, Operation, State
from veta.node.domain.scales import weighed
from veta.node.models import BusinessRecord, Client, HubEvent, OutboxItem, Scale
from veta.node.port import HubPort
from veta.node.queries.counter import minerals_of_the_counter
from veta.node.queries.scales import instruments
from veta.node.reader import follow
from veta.node.services import phones
from veta.node.services.capture import Given, answer_payload, capture
from veta.node.services.documents import issue
from veta.node.services.offers import keep_price
from veta.node.services.places import read_places
from veta.node.services.reconciling import reconcile
from veta.site.models import User

PATIENCE, LOOK = 12.0, 0.05
SKEW_MS = 1_800
GRAMS = "2.000"


def live(cast: Mapping[str, Any], clients: Mapping[str, Client], people: Mapping[str, User]) -> None:
    """Capture the days of counter, mine and plant, answer, certify and compare. Effects: records, and the hub's word.

    `clients` by their names in the cast; `people`: who captures for each, and the counter's own buyer.
    """
    hub, clock = open_hub(), SystemClock()
    read_places(hub)
    story = Story(cast=cast, now=clock.now(), law=law_of(hub))
    mined = story.mine()
    _keep(clients["holder"], mined, by=people["holder"])
    _keep(clients["trader"], story.counter(), by=people["trader"])
    _without_signal(story, clients["trader"], people["trader"])
    _today(story, clients["trader"], people["trader"], hub)
    _answered(ids(mined))
    sold = mined[3]
    offer = hub.movement(sold["id"])["offer"]
    if offer is not None:
        keep_price(UUID(sold["id"]), offer["price_cop"])
    answer = Given(answer_payload(UUID(sold["id"])), Operation.CONFIRM)
    capture(clients["plant"], [answer], now=clock.now(), by=people["plant"])
    _keep(clients["plant"], story.plant(sold), by=people["plant"])
    _answered()
    _certify(clients, people, hub, mined)
    _told(hub)
    for client in clients.values():
        reconcile(client, hub, now=clock.now())


def law_of(hub: HubPort) -> Law:
    """The base price of a day and the share that a buyer withholds, as the counter shows them."""

    @cache
    def of_day(day: Any) -> tuple[Decimal, Decimal]:
        prices: Any = hub.prices("oro", on=day.isoformat())["items"]
        gold = next(each for each in minerals_of_the_counter(prices, on=day) if each["code"] == "oro")
        return Decimal(gold["base"]["cop"]), Decimal(gold["rate"])

    return lambda at: of_day(bogota_date(at))


def _keep(client: Client, items: Sequence[Item], *, by: User) -> None:
    branch = client.branches.first()
    if client.kind != ClientKind.PLANT.value:  # what a plant makes is no load for the scale of its gate
        _weigh(client, items)
    capture(client, [Given(each) for each in items], now=SystemClock().now(), by=by, branch=branch)


def _weigh(client: Client, items: Iterable[Item]) -> None:
    """Each quantity measured says the uncertainty of the client's scale, as the node's forms do."""
    (scale,) = instruments(Scale.objects.filter(branch__client=client)).values()
    for each in items:
        weighed(each, scale)


def _today(story: Story, client: Client, by: User, hub: HubPort) -> None:
    """Two miners show their cards; a third's declaration is missing, which the hub refuses, and he brings it."""
    asked = []
    for number, shown in enumerate(story.cast["cards"]):
        taken = hub.ask_consent(
            purpose="sale", party=shown["party"], counterparty=client.party(),
            card={"token": shown["token"], "pin": shown["pin"]}, mineral="oro", quantity=GRAMS,
        )  # fmt: skip
        asked.append(story.purchase(20 + number, story.ago(24 - 9 * number), miner=number, consent={"id": taken["id"]}))
    missing = story.purchase(30, story.ago(8), miner=7, declared=False)
    brought = missing | {"id": str(uuid7()), "lot": str(uuid7()), "occurred_at": story.ago(3).isoformat()}
    brought["evidence"] = story.purchase(30, story.ago(3), miner=7)["evidence"]
    _keep(client, [*asked, missing, brought], by=by)


def _without_signal(story: Story, client: Client, by: User) -> None:
    """A purchase that a phone kept for hours: chained on it, and brought when there was signal again."""
    at = story.at(1, 15, 40)
    payload = story.purchase(40, at, miner=8)
    _weigh(client, [payload])
    device = phones.enrol(client, uuid7(), name="Teléfono de la sede", branch=None, by=by)
    captured = Captured(
        UUID(payload["id"]), device.id, 1, Operation.SUBMIT, payload, at + timedelta(seconds=20), FIRST, by.id
    )
    brought = phones.Brought(captured, captured.digest(), by.id)
    phones.keep(device, brought, now=SystemClock().now(), skew_ms=SKEW_MS, late_reason="", by=by)


def _certify(clients: Mapping[str, Client], people: Mapping[str, User], hub: HubPort, mined: Sequence[Item]) -> None:
    """The mine's certificate over what it kept of its last lot, and the counter's paper of a purchase."""
    bought = BusinessRecord.objects.filter(
        client=clients["trader"], kind="subsistence_purchase", outbox__state="accepted"
    )
    for name, kind, lot, quantity in (
        ("holder", "origin_certificate", mined[2]["lot"], "600"),
        ("trader", "quota_certificate", bought.order_by("-occurred_at")[0].payload["lot"], ""),
    ):
        issue(
            clients[name], hub, id=uuid7(), kind=kind, lot=UUID(lot), quantity=quantity, by=people[name],
            now=SystemClock().now(),
        )  # fmt: skip


def _answered(some: Iterable[UUID] | None = None) -> None:
    """Wait a moment for the hub's word on these records, or on all."""
    found = OutboxItem.objects.filter(answered_at=None)
    _until(lambda: not (found if some is None else found.filter(record__in=list(some))).exists())


def _told(hub: HubPort) -> None:
    """Read the feed until it has told all that was sent."""
    decided = set(OutboxItem.objects.exclude(answered_at=None).values_list("record_id", flat=True))

    def all_told() -> bool:
        follow(hub, clock=SystemClock())
        return decided <= set(HubEvent.objects.values_list("movement", flat=True))

    _until(all_told)


def _until(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < limit:
        time.sleep(LOOK)


def counted() -> dict[str, int]:
    """How many records there are, and how many of them the hub took, waits over or refused."""
    states = list(OutboxItem.objects.values_list("state", flat=True))
    told = {state.value: states.count(state.value) for state in (State.ACCEPTED, State.PENDING, State.REJECTED)}
    return {"records": len(states), **told}
