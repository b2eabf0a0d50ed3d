"""T06, T18 (operator and hub) and T28: the node's own processes, a real hub, a dirty wire between them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker
from typer.testing import CliRunner

from tests.assurance.planted import Fault, plant
from tests.assurance.record import seed_of_run, trial
from tests.conftest import Cluster
from tests.movements.world import World
from tests.node.dirty_proxy import Weather, dirty_proxy
from tests.node.last_grams import raced
from tests.node.stage import CLIENTS, Stage, books_agree, running, staged, until
from tests.node.third_tool import Log, faults, forged
from tests.node.undone import undone_at_the_hub
from tests.node.uploaded import a_workbook_over_http
from veta.cli.log import app as log_command
from veta.kernel.ids import uuid7
from veta.node import sender
from veta.node.bundle import write_bundle
from veta.node.client import HubClient
from veta.node.connect import open_hub
from veta.node.domain.clients import MandateState
from veta.node.models import Client, DocumentRequest, IssuedDocument
from veta.node.queries.mandates import last_steps, state_of
from veta.node.services import joining, outbox
from veta.node.services.capture import Given, capture
from veta.node.services.documents import finish_open
from veta.node.services.mandates import follow_hub, record_step
from veta.node.services.requests import keep
from veta.node.transport import HubRefused
from veta.operators.services.keys import revoke_key


@pytest.fixture(scope="module")
def stage(
    cluster: Cluster, django_db_blocker: DjangoDbBlocker, new_home: Callable[[], Path], tmp_path_factory: Any
) -> Iterator[Stage]:
    """One hub for the module; each trial looks at the whole of both books."""
    with staged(cluster, django_db_blocker, new_home(), tmp_path_factory.mktemp("hub") / "hub.log") as made:
        yield made


class Capturing(threading.Thread):
    """Clients that capture in turn, each so often: what `capture` returned was said to be kept. `trouble`: its end."""

    def __init__(self, stage: Stage, clients: Mapping[str, Client], count: int, *, each: float) -> None:
        super().__init__(daemon=True)
        self.stage, self.turns, self.each = stage, list(clients.items()) * count, each
        self.acknowledged: list[str] = []
        self.trouble: Exception | None = None

    def run(self) -> None:
        try:
            for name, client in self.turns:
                item = Given(self.stage.production(name))
                self.acknowledged += [str(kept.id) for kept in capture(client, [item], now=datetime.now(UTC))]
                time.sleep(self.each)
        except Exception as trouble:
            self.trouble = trouble
        finally:
            connection.close()


def all_captured(clients: list[Capturing]) -> list[str]:
    """The ids of what they captured, once they are done."""
    for client in clients:
        client.join()
        assert client.trouble is None, client.trouble
    return [id for client in clients for id in client.acknowledged]


def ambiguous(
    stage: Stage, *, captures: int, each_client: int, weather: Weather, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Few records a request, many of the requests in trouble: what was acknowledged is at the hub once, and known."""
    monkeypatch.setattr(outbox, "EACH_CLIENT", each_client)
    monkeypatch.setattr(outbox, "AT_ONCE", each_client * 2)
    monkeypatch.setattr(sender, "FIRST_PAUSE", 0.02)
    part = min(1_000, captures // len(CLIENTS))
    turns = [name for _ in range(captures // len(CLIENTS) // part) for name in CLIENTS]
    kept = [id for name in turns for id in stage.keep(name, part)]
    limit = time.monotonic() + 60 + captures / 2
    with dirty_proxy(stage.port, weather) as proxy:
        client = HubClient(
            proxy.url, stage.credentials(stage.world.first), origin=stage.origin, deadline=4.0, timeout=4.0, before=keep
        )
        sending = sender.Sender(client)
        with client:
            while stage.open_items() and time.monotonic() < limit:
                if sending.round() == 0:
                    time.sleep(0.05)
    return books_agree(stage, kept) | {"met": dict(weather.met)}


def test_t06_every_other_request_in_trouble(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = seed_of_run()
    with trial("T06", n=60, seed=seed) as figures:
        figures |= ambiguous(
            stage, captures=60, each_client=2, weather=Weather(seed, loss=0.5, delay=0.1), monkeypatch=monkeypatch
        )
        assert sum(figures["met"].values()) - figures["met"].get("none", 0) >= 2, figures


@pytest.mark.chaos
def test_t06_at_length(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = seed_of_run()
    with trial("T06", n=102_000, seed=seed) as figures:
        # Some wait longer than the sender does.
        weather = Weather(seed, loss=0.3, delay=5.0)
        figures |= ambiguous(stage, captures=102_000, each_client=50, weather=weather, monkeypatch=monkeypatch)
        print(figures)


def test_t18_nothing_counts_while_the_hub_is_cut_off(stage: Stage) -> None:
    cuts_of(stage, cuts=2, each=1.5, seed=seed_of_run())


@pytest.mark.chaos
def test_t18_many_cuts(stage: Stage) -> None:
    cuts_of(stage, cuts=500, each=1.5, seed=seed_of_run())


def cuts_of(stage: Stage, *, cuts: int, each: float, seed: int) -> None:
    """The wire is cut again and again, for up to so many seconds: what is captured meanwhile waits, and says so."""
    chance, weather = random.Random(seed), Weather(seed, loss=0.0)
    with (
        trial("T18 operator-hub", n=cuts, seed=seed) as figures,
        dirty_proxy(stage.port, weather) as proxy,
        running(stage.node_process("node-sender", proxy.url)),
    ):
        captured: list[str] = []
        shown: list[str] = []
        for _ in range(cuts):
            weather.cut = True
            mine = [id for name in CLIENTS for id in stage.keep(name, 2)]
            time.sleep(chance.uniform(each / 3, each))
            shown += accepted_without_the_hub(stage, mine)
            assert shown == []
            assert states_of(stage, mine) <= {"queued", "sent"}
            weather.cut = False
            captured += mine
            until(lambda: stage.open_items() == 0, seconds=90)
        figures |= books_agree(stage, captured) | {"shown without the hub": len(shown), "met": dict(weather.met)}
        print(figures)


def accepted_without_the_hub(stage: Stage, ids: list[str]) -> list[str]:
    """What the node shows of these as the hub's word though the hub has no such verdict."""
    shown = stage.at_node(
        "SELECT record_id::text FROM node_outboxitem"
        " WHERE record_id = ANY (%s) AND state NOT IN ('queued','sent','held','dead')", ids,
    )  # fmt: skip
    known = stage.at_hub("SELECT movement_id::text FROM movements_verdict WHERE movement_id = ANY (%s)", ids)
    return sorted({id for (id,) in shown} - {id for (id,) in known})


def states_of(stage: Stage, ids: list[str]) -> set[str]:
    return {state for (state,) in stage.at_node("SELECT state FROM node_outboxitem WHERE record_id = ANY (%s)", ids)}


def test_control_t06_a_new_id_on_each_retry(stage: Stage, tmp_path: Path) -> None:
    """A sender that makes new ids when it tries again: the hub then holds what the node never captured."""
    anew = "[{**item.record.item(), 'id': str(__import__('veta.kernel.ids').kernel.ids.uuid7())} for item in items]"
    fault = Fault("veta.node.sender", (("[item.record.item() for item in items]", anew),))
    (id,) = stage.keep("holder2")
    before = stage.at_hub("SELECT count(*) FROM movements_verdict")[0][0]
    with trial("T06 control: a new id on each retry", n=1, seed=0):
        with running(stage.node_process("node-sender", stage.origin, planted=plant(tmp_path, fault))):
            until(lambda: stage.at_hub("SELECT count(*) FROM movements_verdict")[0][0] > before, seconds=60)
        with pytest.raises((AssertionError, KeyError)):
            books_agree(stage, [id])


def test_control_t18_a_yes_of_before_used_while_the_hub_is_away(stage: Stage, tmp_path: Path) -> None:
    """A sender that takes what it was once allowed for good, past its term: what it shows is not the hub's word."""
    cached = (
        "OutboxItem.objects.filter(pk__in=[item.pk for item in items]).update(state='accepted')\n"
        "            return len(items)"
    )
    fault = Fault("veta.node.sender", (("return self._later(items, failure.message)", cached),))
    weather = Weather(1, loss=0.0)
    with trial("T18 control: a yes of before", n=1, seed=1), dirty_proxy(stage.port, weather) as proxy:
        weather.cut = True
        planted = plant(tmp_path, fault)
        with running(stage.node_process("node-sender", proxy.url, planted=planted)):
            (id,) = stage.keep("holder2")
            until(lambda: accepted_without_the_hub(stage, [id]) == [id], seconds=60)


def test_a_mandate_that_the_hub_ended_holds_what_waits(stage: Stage) -> None:
    """In the hub's own word for it, whatever that is; and confirmed anew by the person, it lets it go."""
    client = stage.clients["holder"]
    mandate = last_steps([client.id])[client.id].mandate
    with stage.connect() as hub:
        assert stage.desk is not None
        assert joining.end(client, hub, by=stage.desk).state == "ended"
        record_step(client, MandateState.IN_FORCE, mandate=mandate)  # as where the answer was lost
        follow_hub(list(hub.mandates()))
        assert state_of(client.id) is MandateState.ENDED
        (id,) = stage.keep("holder")
        assert states_of(stage, [id]) == {"held"}
        with stage.in_hub():
            stage.world.world.mandate(stage.world.actor("holder"), stage.world.first.operator)
        number = World.PARTIES["holder"]["number"]
        again = [m["id"] for m in hub.mandates() if m["party"] and m["party"]["documents"][0]["number"] == number]
        record_step(client, MandateState.PROPOSED, mandate=UUID(again[-1]))
        follow_hub(list(hub.mandates()))
        assert state_of(client.id) is MandateState.IN_FORCE
    with running(stage.node_process("node-sender", stage.origin)):
        until(lambda: states_of(stage, [id]) == {"accepted"}, seconds=60)


def test_a_workbook_reaches_the_hub_once(stage: Stage, tmp_path: Path, node: Any) -> None:
    """A thousand rows with 37 errors, uploaded over HTTP: the page tells each at its cell, the rest goes to the hub,
    whose verdicts stand in the page and in the workbook given back; uploaded again, nothing is sent."""
    a_workbook_over_http(stage, tmp_path, node)


ASK = """
import sys, django
django.setup()
from datetime import UTC, datetime, timedelta
from uuid import UUID
from veta.node.connect import open_hub
from veta.node.models import Client
from veta.node.services.documents import issue
from veta.site.models import User
client, lot, id, by = map(UUID, sys.argv[1:])
issue(Client.objects.get(pk=client), open_hub(), id=id, kind="production_declaration", lot=lot,
      by=User.objects.get(pk=by), now=datetime.now(UTC))
"""


def test_a_document_that_died_with_its_process_is_finished(stage: Stage, tmp_path: Path) -> None:
    """kill -9 between the hub's answer and its keeping: what was asked is known, and asked again it is the same one."""
    assert stage.desk is not None
    (record,) = stage.keep("trader")
    with running(stage.node_process("node-sender", stage.origin)):
        until(lambda: states_of(stage, [record]) == {"accepted"}, seconds=60)
    [(verdict,)] = stage.at_node("SELECT body FROM node_verdict WHERE movement = %s", record)
    lot, id = verdict["lots"][0]["lot"], uuid7()
    dies = "    os.kill(os.getpid(), 9)\n    with transaction.atomic():\n        kept, _made"
    fault = Fault(
        "veta.node.services.documents",
        (
            ("    with transaction.atomic():\n        kept, _made", dies),
            ("from datetime import", "import os\nfrom datetime import"),
        ),
    )
    words = [str(each) for each in (stage.clients["trader"].id, lot, id, stage.desk.id)]
    died = stage.node_program(ASK, *words, planted=plant(tmp_path, fault))
    assert died == -9
    count = "SELECT number FROM certificates_certificate WHERE id = %s"
    [(number,)] = stage.at_hub(count, id)
    assert (DocumentRequest.objects.get(pk=id).state, IssuedDocument.objects.filter(pk=id).exists()) == ("asked", False)
    with stage.connect() as hub:
        assert finish_open(hub, now=datetime.now(UTC) + timedelta(minutes=2)) == 1
    assert IssuedDocument.objects.get(pk=id).number == f"DP-{number:06d}"
    assert stage.at_hub(count, id) == [(number,)]


def test_two_operators_at_one_miners_last_grams(stage: Stage, node: Any) -> None:
    """Sent at once by this node and by another operator, on both sides of the year's end; each passes first in turn."""
    raced(stage, at_once=1, seed=seed_of_run())


@pytest.mark.chaos
def test_two_operators_at_last_grams_many_times(stage: Stage, node: Any) -> None:
    raced(stage, at_once=30, seed=seed_of_run())


AUTHORED = """
    SELECT movement.id::text FROM movements_movement AS movement
    JOIN movements_verdict AS verdict ON verdict.movement_id = movement.id WHERE movement.author = %s
"""


def test_a_mistake_is_undone_at_the_hub(stage: Stage) -> None:
    """What was built on it comes first, as the hub says; then its lot is no more, here and there."""
    undone_at_the_hub(stage)


def test_t28_a_bundle_is_verified_without_its_operator(stage: Stage, tmp_path: Path, settings: Any) -> None:
    """By its file, the published log and the hub's ledger; then altered, cut and with another's movement in it."""
    settings.NODE_HUB_URL = settings.NODE_HUB_ORIGIN = stage.origin
    settings.NODE_HOME, settings.NODE_OPERATOR = stage.home, stage.world.first.code
    (lost,) = stage.keep("trader")
    patient = partial(open_hub, deadline=60.0)
    (answer,) = patient().submit(stage.payloads([lost]))
    outbox.settle(UUID(lost), answer["verdict"], now=datetime.now(UTC))  # the feed told it; its receipt never came
    mine, strangers = [lost, *stage.keep("trader", 2)], stage.keep("holder")
    sending = sender.Sender(patient())
    until(lambda: sending.round() >= 0 and states_of(stage, mine + strangers) == {"accepted"}, seconds=90)
    paths = {name: tmp_path / f"{name}.zip" for name in ("trader", "holder")}
    with trial("T28 bundle", n=1, seed=0) as figures:
        for name, path in paths.items():
            with path.open("wb") as out:
                write_bundle(stage.clients[name], out, hub=patient, now=datetime.now(UTC))
        until(lambda: Log.read(stage.origin).has(*paths.values()), seconds=60)
        log, whole = Log.read(stage.origin), paths["trader"]
        ledger = {id for (id,) in stage.at_hub(AUTHORED, stage.world.actor("trader"))}
        assert faults(whole, log, ledger=ledger) == {}
        figures |= {"movements": len(ledger), "leaves": len(log.entries)}
        assert set(mine) <= ledger
        altered, cut, foreign = forged(whole, altered=mine[1], cut=mine[0], foreign=(paths["holder"], strangers[0]))
        assert faults(altered, log, ledger=ledger) == {mine[1]: "its leaf is another"}
        assert faults(cut, log, ledger=ledger) == {mine[0]: "missing"}
        assert faults(foreign, log, ledger=ledger) == {strangers[0]: "foreign"}
        assert verified(stage, whole) == (0, [])
        named = {path: verified(stage, path) for path in (altered, cut, foreign)}
        assert [code for code, _said in named.values()] == [1, 1, 1]
        assert [mine[1] in " ".join(named[altered][1]), strangers[0] in " ".join(named[foreign][1])] == [True, True]
        assert "falta su registro" in named[cut][1][0]


def verified(stage: Stage, bundle: Path) -> tuple[int, list[str]]:
    """How `veta log verify` ends over a bundle, and the lines that name what is wrong."""
    done = CliRunner().invoke(log_command, ["verify", "--url", stage.origin, "--bundle", str(bundle)])
    return done.exit_code, [line for line in done.stdout.splitlines() if line.startswith("  ")]


def test_t28_an_operator_leaves_and_its_clients_go_on_with_another(stage: Stage) -> None:
    """Last, for it ends the first operator's key. Balances and history are the person's, not the operator's."""
    first, second = stage.world.first, stage.world.second
    rows = stage.at_node("SELECT movement FROM node_verdict WHERE status = 'accepted' LIMIT 50")
    known = [str(id) for (id,) in rows]
    with stage.connect(first) as leaving, trial("T28", n=len(CLIENTS), seed=0) as figures:
        before = {name: leaving.balances(World.PARTIES[name]) for name in CLIENTS}
        with stage.connect(second) as taking:
            assert taking.balances(World.PARTIES["trader"]) != before["trader"], "without a mandate: less"
            with stage.in_hub():
                revoke_key(first.key_id, by="oficial-1", compromised=False, reason="Se retira")
                for name in CLIENTS:
                    stage.world.world.mandate(stage.world.actor(name), second.operator)
            figures["refused_s"] = until(lambda: refused(leaving), seconds=60)
            left = [id for name in CLIENTS for id in stage.keep(name)]
            with running(stage.node_process("node-sender", stage.origin)):
                until(lambda: attempts_of(stage, left) > 0, seconds=60)
            assert states_of(stage, left) == {"sent"}, "kept, and not taken for lost"
            assert {name: taking.balances(World.PARTIES[name]) for name in CLIENTS} == before
            assert all(taking.movement(id)["verdict"]["status"] == "accepted" for id in known)
            results = taking.submit(stage.payloads(left))
            assert [each["verdict"]["status"] for each in results] == ["accepted"] * len(left), results


def refused(hub: Any) -> bool:
    """Whether the hub takes this key no more."""
    try:
        next(iter(hub.mandates()), None)
    except HubRefused as refusal:
        return refusal.status == 401
    return False


def attempts_of(stage: Stage, ids: list[str]) -> int:
    rows = stage.at_node("SELECT attempts FROM node_outboxitem WHERE record_id = ANY (%s) AND cause <> ''", ids)
    return sum(attempts for (attempts,) in rows)
