"""The sender against a server that verifies each signature and fails as told: order, ids, pauses, dead letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from tests.node.conftest import NOW, House, purchase
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.kernel.ids import uuid7
from veta.node.client import HubClient
from veta.node.credentials import new_credentials
from veta.node.domain.clients import MandateState
from veta.node.domain.records import Operation
from veta.node.models import BusinessRecord, MandateStep, OutboxItem, Verdict
from veta.node.queries.mandates import state_of
from veta.node.sender import MOST_BYTES, Sender, fitting
from veta.node.services import outbox
from veta.node.services.capture import Given, answer_payload, capture
from veta.node.services.mandates import follow_hub, record_step
from veta.node.services.outbox import OutboxRefused

ME = new_credentials("DEMO-OTTM-1")


@dataclass
class Hand:
    """A clock under the test's hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Line:
    """A sender, its hub, and what the hub decides of each id."""

    hub: VerifyingHub
    sender: Sender
    clock: Hand
    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, body: bytes) -> Any:
        given = orjson.loads(body)
        if "movements" in given:
            return {"results": [self.result(item["id"]) for item in given["movements"]]}
        return self.result(given["id"])

    def result(self, id: str) -> dict[str, Any]:
        verdict = {"movement": id, "status": "accepted", "lots": [], "findings": [], "rules": "x"} | self.said.get(
            id, {}
        )
        return {"repeated": False, "verdict": verdict, "receipt": None if _shape(verdict) else {"leaf": "00"}}

    def rounds(self, most: int = 10) -> int:
        """Rounds until nothing is due; how many there were."""
        done = 0
        while outbox.due(self.clock.now()) and done < most:
            self.sender.round()
            done += 1
        return done

    def sent(self) -> list[list[str]]:
        """The ids of each request, in order."""
        bodies = [orjson.loads(body) for body in self.hub.bodies if body]
        return [[i["id"] for i in body["movements"]] if "movements" in body else [body["id"]] for body in bodies]


def _shape(verdict: dict[str, Any]) -> bool:
    return any(each["code"].startswith("SCH") for each in verdict["findings"])


def finding(code: str) -> dict[str, Any]:
    return {"code": code, "severity": "blocking", "field": "", "norm": "", "message": "no", "params": {}}


@pytest.fixture
def line(house: House) -> Iterator[Line]:
    with verifying_hub({ME.key_id: ME.public_key}) as hub:
        clock = Hand()
        client = HubClient(hub.url, ME, deadline=0.0, pause=lambda _: None)
        made = Line(hub, Sender(client, clock=clock), clock)
        hub.answer = made.answer
        with client:
            yield made


def states() -> list[str]:
    return list(OutboxItem.objects.order_by("number").values_list("state", flat=True))


def keep(house: House, count: int = 1, client: str = "gold", **more: Any) -> list[str]:
    items = [Given(purchase(**more)) for _ in range(count)]
    return [str(each.id) for each in capture(house.clients[client], items, now=NOW)]


def test_in_order_and_several_clients_in_one_request(house: House, line: Line) -> None:
    gold, coal = keep(house, 3), keep(house, 2, "coal")
    assert line.rounds() == 1
    (sent,) = line.sent()
    assert [id for id in sent if id in gold] == gold
    assert [id for id in sent if id in coal] == coal
    assert states() == ["accepted"] * 5
    assert Verdict.objects.count() == 5


ORDERS: list[tuple[Any, float]] = [("drop", 0.0), ("drop after", 0.0), (500, 0), (503, 0), (401, 0), ((429, "7"), 7.0)]


@pytest.mark.parametrize(("order", "least"), ORDERS)
def test_what_may_have_arrived_is_sent_again_under_the_same_ids(
    house: House, line: Line, order: Any, least: float
) -> None:
    ids = keep(house, 2)
    line.hub.orders = [order]
    line.sender.round()
    assert states() == ["sent"] * 2, "it left, and nobody knows whether it arrived"
    waits = [(item.next_at - NOW).total_seconds() for item in OutboxItem.objects.all()]
    assert min(waits) >= max(least, 0.4)
    later = keep(house, 1)
    line.sender.round()
    assert len(line.hub.bodies) <= 1, "nothing of this client overtakes what waits"
    line.clock.at = NOW + timedelta(seconds=60)
    line.rounds()
    assert states() == ["accepted"] * 3
    assert line.sent()[-1] == [*ids, *later]
    signatures = [verified.signature for verified in line.hub.verified]
    assert len(set(signatures)) == len(signatures), "each retry is signed anew"


def test_pauses_grow_and_an_answer_ends_them(house: House, line: Line) -> None:
    keep(house)
    line.hub.orders = [500] * 6
    waits = []
    for _ in range(6):
        line.sender.round()
        waits.append((OutboxItem.objects.get().next_at - line.clock.at).total_seconds())
        line.clock.at += timedelta(seconds=waits[-1])
    assert waits[5] > waits[0] * 4
    line.sender.round()
    assert (states(), line.sender.failures) == (["accepted"], 0)


def test_a_crash_between_sending_and_answer_sends_the_same_again(house: House, line: Line) -> None:
    (id,) = keep(house)
    outbox.mark_sent(outbox.due(NOW), now=NOW)
    assert states() == ["sent"]
    line.rounds()
    assert (line.sent(), states()) == ([[id]], ["accepted"])


def test_what_was_put_off_by_a_clock_that_was_ahead_is_sent_as_soon_as_it_is_right(house: House) -> None:
    keep(house)
    ahead = NOW + timedelta(minutes=3)
    outbox.put_off(outbox.mark_sent(outbox.due(ahead), now=ahead), now=ahead, seconds=2.0, cause="«created»")
    assert outbox.due(ahead) == []
    (item,) = outbox.due(NOW)
    outbox.put_off(outbox.mark_sent([item], now=NOW), now=NOW, seconds=2.0, cause="HTTP 503")
    assert outbox.due(NOW + timedelta(seconds=1)) == []


def test_one_that_the_hub_cannot_read_is_found_alone_and_dies_with_its_remedy(house: House, line: Line) -> None:
    keep(house, 3)
    line.hub.orders = [422, 200, 422, 200]
    line.rounds()
    assert states() == ["accepted", "dead", "accepted"]
    dead = OutboxItem.objects.get(state="dead")
    assert dead.cause
    assert dead.fix
    outbox.try_again(dead, now=line.clock.now())
    line.rounds()
    assert states() == ["accepted"] * 3
    with pytest.raises(OutboxRefused):
        outbox.try_again(dead, now=line.clock.now())


@pytest.mark.parametrize("trouble", ["drop", "drop after", 503, (429, "3")])
def test_what_is_sent_alone_is_not_overtaken_either(house: House, line: Line, trouble: Any) -> None:
    """A sale behind its production: refused with it for another's sake, it waits for it all the same."""
    gold, coal = keep(house, 2), keep(house, 1, "coal")
    line.hub.orders = [422, trouble]
    line.sender.round()
    assert set(states()) == {"sent"}
    assert gold[1] not in [id for sent in line.sent()[1:] for id in sent]
    line.clock.at = NOW + timedelta(seconds=60)
    line.rounds()
    assert (states(), line.sent()[-1]) == (["accepted"] * 3, [*gold, *coal])


def test_an_answer_that_comes_after_the_feed_changes_nothing(house: House, line: Line) -> None:
    """The sale waited, and was confirmed, while the answer that it waits was on its way."""
    (sale,) = keep(house)
    outbox.mark_sent(outbox.due(NOW), now=NOW)
    waits = {"movement": sale, "status": "pending", "findings": [], "lots": [], "rules": "x"}
    outbox.settle(UUID(sale), waits, now=NOW)
    outbox.ended(UUID(sale), "accepted")
    outbox.take([{"verdict": waits, "receipt": {"leaf": "00"}, "repeated": False}], now=NOW)
    assert states() == ["accepted"]
    outbox.bury(OutboxItem.objects.get(), now=NOW, cause="x", fix="y")
    assert states() == ["accepted"], "nor does a refusal"


def test_many_answers_are_taken_in_a_few_statements(
    house: House, line: Line, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    ids = keep(house, 30)
    outbox.mark_sent(outbox.due(NOW), now=NOW)
    with django_assert_max_num_queries(8):
        outbox.take([line.result(id) for id in ids], now=NOW)
    assert (states(), Verdict.objects.count()) == (["accepted"] * 30, 30)


def test_months_of_failures_only_wait(house: House, line: Line) -> None:
    keep(house)
    line.sender.failures = 5000
    line.hub.orders = [500]
    line.sender.round()
    assert 30 <= (OutboxItem.objects.get().next_at - NOW).total_seconds() <= 90


def test_another_language_where_the_hub_should_be_is_no_answer(house: House, line: Line) -> None:
    """The page of an inn's network, with its 200."""
    keep(house)
    line.hub.answer = b"<!doctype html><title>Bienvenido</title>"
    line.sender.round()
    assert states() == ["sent"]
    line.hub.answer = line.answer
    line.clock.at = NOW + timedelta(seconds=60)
    line.rounds()
    assert states() == ["accepted"]


def test_a_few_busy_clients_leave_room_for_the_others(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Callable[..., Any]
) -> None:
    coal, gold = keep(house, 3, "coal"), keep(house, 3)
    monkeypatch.setattr(outbox, "AT_ONCE", 4)
    with django_assert_num_queries(2):
        assert [str(item.record_id) for item in outbox.due(NOW)] == [*coal[:2], *gold[:2]]
    monkeypatch.setattr(outbox, "AT_ONCE", 1)
    OutboxItem.objects.filter(record__in=coal).update(next_at=NOW + timedelta(seconds=1))
    late = NOW + timedelta(seconds=2)
    assert [str(item.record_id) for item in outbox.due(late)] == gold[:1], "who waited longest"
    OutboxItem.objects.filter(record=gold[0]).update(next_at=NOW + timedelta(seconds=3))
    assert [str(item.record_id) for item in outbox.due(late)] == coal[:1]


def test_a_shape_that_was_not_stored_is_dead_and_a_rejection_is_the_hubs_word(house: House, line: Line) -> None:
    shape, rejected = keep(house, 2)
    line.said = {
        shape: {"status": "rejected", "findings": [finding("SCH-004")]},
        rejected: {"status": "rejected", "findings": [finding("QUO-002")]},
    }
    line.rounds()
    assert states() == ["dead", "rejected"]
    assert [v.movement for v in Verdict.objects.all()] == [OutboxItem.objects.get(state="rejected").record_id]
    assert OutboxItem.objects.get(state="rejected").cause.startswith("QUO-002")


def test_no_mandate_stops_this_client_and_no_other(house: House, line: Line) -> None:
    first, *_ = keep(house, 2)
    line.said = {first: {"status": "rejected", "findings": [finding("MAN-001")]}}
    line.sender.round()
    keep(house), keep(house, 1, "coal")
    line.rounds()
    gold = OutboxItem.objects.filter(client=house.clients["gold"]).order_by("number")
    assert [each.state for each in gold] == ["rejected", "accepted", "held"]
    assert "mandato" in gold[2].cause
    assert OutboxItem.objects.get(client=house.clients["coal"]).state == "accepted"
    page = house.browser("gold owner").get(f"/clientes/{house.clients['gold'].id}/").content.decode()
    assert "nada se envía" in page


def test_a_rejection_for_want_of_a_mandate_ends_none_that_is_only_proposed(house: House, line: Line) -> None:
    (id,) = keep(house)
    gold = house.clients["gold"]
    outbox.mark_sent(outbox.due(NOW), now=NOW)
    record_step(gold, MandateState.PROPOSED, mandate=uuid7())
    outbox.take([line.result(id) | {"verdict": rejected(id, "MAN-001")}], now=NOW)
    assert (state_of(gold.id), states()) == (MandateState.PROPOSED, ["rejected"])


def rejected(id: str, code: str) -> dict[str, Any]:
    return {"movement": id, "status": "rejected", "lots": [], "findings": [finding(code)], "rules": "x"}


@pytest.mark.parametrize("word", ["ended", "revoked"])
def test_the_hubs_list_of_mandates_holds_and_lets_go(house: House, line: Line, word: str) -> None:
    keep(house)
    mandate = str(MandateStep.objects.get(client=house.clients["gold"]).mandate)
    assert len(follow_hub([{"id": mandate, "status": word}])) == 1
    assert follow_hub([{"id": mandate, "status": word}]) == []
    line.rounds()
    assert (states(), line.sent()) == (["held"], [])
    follow_hub([{"id": mandate, "status": "active"}])
    line.rounds()
    assert states() == ["accepted"]


@pytest.mark.parametrize(
    ("operation", "outcome", "path"),
    [
        (Operation.CONFIRM, "accepted", "confirmation"),
        (Operation.REFUSE, "refused", "confirmation"),
        (Operation.WITHDRAW, "withdrawn", "withdrawal"),
    ],
)
def test_answers_go_alone_and_end_what_waited(
    house: House, line: Line, operation: Operation, outcome: str, path: str
) -> None:
    (offer,) = keep(house)
    line.said = {offer: {"status": "pending"}}
    line.rounds()
    answer = Given(answer_payload(OutboxItem.objects.get().record_id, reason="x"), operation)
    step = str(capture(house.clients["gold"], [answer], now=NOW)[0].id)
    line.said = {step: {"movement": offer, "step": step, "status": "accepted", "outcome": outcome}}
    line.rounds()
    assert states() == [outcome, "accepted"]
    assert line.hub.verified[-1].target_uri.endswith(f"/movements/{offer}/{path}")


def test_control_a_new_id_on_each_retry_is_seen(house: House, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a client that makes a new key on retry would do: the hub is given two things for one capture."""
    keep(house)
    submit = line.sender.hub.submit
    monkeypatch.setattr(
        line.sender.hub, "submit", lambda items: submit([{**item, "id": str(uuid7())} for item in items])
    )
    line.hub.orders = ["drop after"]
    line.rounds()
    line.clock.at = NOW + timedelta(seconds=60)
    line.sender.round()
    assert len({id for sent in line.sent() for id in sent}) == 2
    assert states() == ["sent"], "its answer is to nothing that we keep"


def test_what_waits_leaves_in_requests_that_the_hub_takes() -> None:
    """Each is at most the hub's size and in order; one that is over it alone goes alone, not with the others."""
    sizes = [1_500_000, 1_500_000, 1_500_000, 5_000_000, 10, 20]
    items = [OutboxItem(number=n, record=BusinessRecord(payload={"note": "x" * size})) for n, size in enumerate(sizes)]
    runs = list(fitting(items))
    assert [[item.number for item in run] for run in runs] == [[0, 1], [2], [3], [4, 5]]
    assert sum(sizes[:2]) < MOST_BYTES < 4 * 2**20
