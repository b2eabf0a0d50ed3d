"""T13: clocks that are wrong, stepped or at an edge: who is heard, in which order, in which month."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from tests.assurance.conftest import HubClock
from tests.assurance.record import seed_of_run, trial
from tests.hub.conftest import told
from tests.hub.country import Hub
from tests.hub.operators import Signer, send
from veta.kernel.ids import uuid7
from veta.movements.domain import case
from veta.movements.services import lapse_overdue
from veta.operators.keyring import forget
from veta.operators.services.hub_keys import hub_signer
from veta.operators.services.nonces import sweep
from veta.transparency.sequencer import number_pending

DAY = 86_400
# Seconds that a client's clock stands ahead of the hub's; the edges to the second are in tests/operators.
CLIENTS = {
    -DAY: False, -3600: False, -123: False, -115: True, -60: True, -1: True, 0: True, 1: True, 10: True, 55: True,
    65: False, 3600: False, DAY: False,
}  # fmt: skip
FUTURE = {-DAY: True, -3600: True, 0: True, 10: True, 50: True, 65: False, 3600: False, DAY: False}


def get(signer: Signer, path: str, *, ahead: float = 0) -> Any:
    now = int(time.time() + ahead)
    return send("GET", path, b"", signer.headers("GET", path, b"", created=now, expires=now + 120))


def post(signer: Signer, path: str, value: Any, *, clock: HubClock) -> Any:
    """A call by a client whose clock follows the hub's."""
    body, now = json.dumps(value).encode(), int(clock.now().timestamp())
    headers = signer.headers("POST", f"/api/v1{path}", body, created=now, expires=now + 120)
    response = send("POST", f"/api/v1{path}", body, headers)
    assert response.status_code == 200, response.content
    return told(response)


def test_a_client_is_heard_within_its_signatures_life(hub: Hub) -> None:
    with trial("T13 clients' clocks", n=len(CLIENTS), seed=0) as figures:
        heard = {ahead: get(hub.first, "/api/v1/mandates", ahead=ahead).status_code for ahead in CLIENTS}
        figures["heard"] = sum(status == 200 for status in heard.values())
        assert heard == {ahead: 200 if accepted else 401 for ahead, accepted in CLIENTS.items()}


def test_a_movement_of_the_future_is_refused_and_an_old_one_is_not(hub: Hub) -> None:
    with trial("T13 occurred_at ahead", n=len(FUTURE), seed=0):
        for ahead, accepted in FUTURE.items():
            movement = hub.movement("production", quantity="0.001")
            movement["occurred_at"] = (datetime.now(UTC) + timedelta(seconds=ahead)).isoformat()
            (result,) = hub.report(movement)
            found = {finding["code"] for finding in result["verdict"]["findings"]}
            assert ("TIM-001" in found, result["verdict"]["status"] == "accepted") == (not accepted, accepted), ahead


def test_a_clock_far_ahead_shuts_nobody_out_once_it_is_right_again(hub: Hub, clock: HubClock) -> None:
    with trial("T13 sweep far ahead", n=1, seed=0):
        assert get(hub.first, "/api/v1/mandates").status_code == 200
        clock.ahead = timedelta(days=400)
        sweep(clock.now())
        clock.ahead = timedelta()
        forget()  # what the worker would read within five seconds
        assert get(hub.first, "/api/v1/mandates").status_code == 200


def stepped(hub: Hub, clock: HubClock) -> tuple[list[UUID], list[str]]:
    """Movements and offers while the hub's clock jumps, from ten days on: so the keys exist two days before, too."""
    reported: list[UUID] = []
    offers: list[str] = []
    for days in (10.0, 10 + 1 / 24, 8.0, 10.0, 410.0, 10.0):
        clock.ahead = timedelta(days=days)
        production = hub.world.production("1.000", occurred_at=clock.now().isoformat())
        offer = hub.world.sale(production["lot"], "0.500", occurred_at=clock.now().isoformat())
        results = post(hub.first, "/movements", {"movements": [production, offer]}, clock=clock)["results"]
        assert [r["verdict"]["status"] for r in results] == ["accepted", "pending"], (days, results)
        reported += [UUID(production["id"]), UUID(offer["id"])]
        offers.append(offer["id"])
    return reported, offers


def numbers(dsn: str, movements: list[UUID]) -> list[int]:
    """The log's number of each movement's verdict, once the sequencer has passed."""
    found: list[int] = []
    with psycopg.connect(dsn, autocommit=True) as session:
        number_pending(session)
        for movement in movements:
            row = session.execute(
                "SELECT n.first_index + v.position FROM movements_verdict v"
                " JOIN transparency_log_group n ON n.group_id = v.group AND v.position < n.size"
                " WHERE v.movement_id = %s",
                (movement,),
            ).fetchone()
            assert row is not None
            found.append(int(row[0]))
    return found


def received(movements: list[UUID]) -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, received_at FROM movements_movement WHERE id = ANY(%s)", [movements])
        at = dict(cursor.fetchall())
    return [at[movement] for movement in movements]


def test_a_hub_that_is_stepped_keeps_its_order_and_ends_nothing_backwards(
    hub: Hub, clock: HubClock, module_database: Any
) -> None:
    with trial("T13 hub stepped", n=12, seed=0) as figures:
        movements, offers = stepped(hub, clock)
        order = numbers(module_database.dsn, movements)
        figures["order changes"] = sum(later <= earlier for earlier, later in pairwise(order))
        assert order == sorted(order)
        by_clock = sorted(movements, key=dict(zip(movements, received(movements), strict=True)).__getitem__)
        assert by_clock != movements, "control: an order by timestamp is another, and wrong"
        clock.ahead = timedelta(days=8)
        assert lapse_overdue(clock=clock, signer=hub_signer()) == 0, "a clock set back ends no offer"
        clock.ahead = timedelta(days=10)
        answer = {"id": str(uuid7()), "decision": "confirm"}
        confirmed = post(hub.first, f"/movements/{offers[0]}/confirmation", answer, clock=clock)
        assert confirmed["verdict"]["outcome"] == "accepted"


def bogota_month(instant: datetime) -> date:
    """The oracle: Bogotá is five hours behind UTC, and always was since 1993."""
    return (instant.astimezone(UTC) - timedelta(hours=5)).date().replace(day=1)


EDGES = [
    "2026-10-31T23:59:59.999999-05:00", "2026-11-01T00:00:00-05:00", "2026-11-01T04:59:59Z", "2026-11-01T05:00:00Z",
    "2026-11-01T18:59:59+14:00", "2026-11-01T19:00:00+14:00", "2026-10-31T14:59:59-14:00", "2026-10-31T15:00:00-14:00",
    "2026-12-31T23:59:60Z", "2027-01-01T04:59:59.999999Z", "2027-01-01T05:00:00Z", "2026-12-31T23:59:59-05:00",
    "2026-02-28T23:59:59-05:00", "2026-03-01T00:00:00-05:00",
]  # fmt: skip


def instant_of(text: str) -> datetime:
    leap = text[17:19] == "60"
    read = datetime.fromisoformat(text.replace(":60", ":59", 1) if leap else text)
    return read + timedelta(seconds=1) if leap else read


def near_edges(count: int, seed: int) -> list[str]:
    """Instants within an hour of a month's turn in Bogotá, written with any offset."""
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        turn = datetime(2026, draw.randint(2, 12), 1, 5, tzinfo=UTC)
        moment = turn + timedelta(microseconds=draw.randint(-3_600_000_000, 3_600_000_000))
        made.append(moment.astimezone(timezone(timedelta(minutes=30 * draw.randint(-28, 28)))).isoformat())
    return made


def months_used(hub: Hub, instants: list[str]) -> list[tuple[str, date, date]]:
    """For each instant a purchase of 1 mg, and the month and year from which the ledger took it."""
    hub.world.now = datetime(2027, 2, 1, tzinfo=UTC)
    purchases = [hub.world.purchase("0.001", occurred_at=instant) for instant in instants]
    results = hub.world.send(*purchases)
    assert {r["verdict"]["status"] for r in results} == {"accepted"}, results[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.movement, q.basis, q.period_start FROM ledger_entry e JOIN ledger_quota q ON q.account = e.source"
            " WHERE e.movement = ANY(%s)",
            [[UUID(purchase["id"]) for purchase in purchases]],
        )
        used = {(movement, basis): start for movement, basis, start in cursor.fetchall()}
    return [
        (instant, used[UUID(p["id"]), "person_month"], used[UUID(p["id"]), "person_year"])
        for instant, p in zip(instants, purchases, strict=True)
    ]


def wrong_months(found: list[tuple[str, date, date]]) -> list[Any]:
    expected = ((text, month, year, bogota_month(instant_of(text))) for text, month, year in found)
    return [each for each in expected if (each[1], each[2]) != (each[3], each[3].replace(month=1))]


@pytest.mark.parametrize("count", [60, pytest.param(5000, marks=pytest.mark.chaos)])
def test_monthly_caps_fall_in_bogotas_month(hub: Hub, count: int) -> None:
    seed = seed_of_run()
    with trial("T13 months", n=len(EDGES) + count, seed=seed) as figures:
        instants = [*EDGES, *near_edges(count, seed)]
        wrong = [
            w for at in range(0, len(instants), 1000) for w in wrong_months(months_used(hub, instants[at : at + 1000]))
        ]
        figures["wrong"] = len(wrong)
        assert wrong == []


def test_control_a_month_by_utc_is_seen(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "bogota_date", lambda instant: instant.astimezone(UTC).date())
    assert wrong_months(months_used(hub, EDGES)) != []


@pytest.mark.parametrize(
    "text", ["2026-12-31T23:59:60-05:00", "2026-12-31T23:59:61Z", "2026-12-31T23:60:00Z", "2026-12-31T24:00:00Z"]
)
def test_a_second_that_no_clock_has_is_malformed(hub: Hub, text: str) -> None:
    (result,) = hub.report({**hub.movement("production"), "occurred_at": text})
    assert {finding["code"] for finding in result["verdict"]["findings"]} == {"SCH-003"}
