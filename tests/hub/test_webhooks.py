"""Webhooks against a real server over TLS: proved, told, tried again, given up; and the attacks on them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.hub.conftest import told
from tests.hub.country import Hub
from tests.hub.operators import Signer, send
from tests.hub.receiver import INTERNAL, PUBLIC, Receiver, calling, listen
from tests.hub.test_events_api import numbered, read
from veta.hub import tasks, webhooks
from veta.kernel.clock import SystemClock
from veta.operators.domain.keys import public_key_of
from veta.operators.domain.webhook import challenge_body, read_notice
from veta.operators.domain.webhook_address import target_of
from veta.operators.outbound import CallFailed
from veta.operators.queries import hub_keys
from veta.operators.services import keys
from veta.operators.services.webhooks import webhook_states


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture
def operator(hub: Hub) -> Signer:
    """An operator of its own with the coal holder's mandate."""
    made = Signer.enrol(f"DEMO-W{time.monotonic_ns()}")
    hub.world.mandate(hub.actor("holder2"), made.operator)
    return made


@pytest.fixture
def receiver(operator: Signer, home: Path) -> Iterator[Receiver]:
    made = listen(operator.private, home)
    yield made
    made.stop()


def asked(operator: Signer, url: str) -> UUID:
    """Ask for a webhook over the API; its id."""
    numbered()
    response = operator.call("PUT", "/webhook", {"url": url})
    assert (response.status_code, told(response)["state"]) == (202, "proving"), response.content
    return state_of(operator).id


def state_of(operator: Signer) -> Any:
    [state] = webhook_states(now=SystemClock().now(), operator=operator.operator)
    return state


def proved(operator: Signer, receiver: Receiver, home: Path) -> UUID:
    webhook = asked(operator, receiver.url)
    webhooks.prove(webhook, caller=calling(home))
    assert told(operator.call("GET", "/webhook"))["state"] == "live"
    return webhook


def happens(hub: Hub) -> str:
    """A production of the holder, numbered; its id."""
    production = hub.movement("production", quantity="1.000")
    hub.report(production)
    numbered()
    return str(production["id"])


def notices(receiver: Receiver) -> list[Any]:
    """What came after the challenge, read as an operator's programme reads it."""
    known = {key_id: public_key_of(raw) for key_id, raw, _ in hub_keys()}
    return [read_notice(m, url=receiver.url, hub_keys=known, now=SystemClock().now()) for m in receiver.got[1:]]


def test_it_is_told_what_the_feed_says_from_the_moment_it_was_proved(
    hub: Hub, operator: Signer, receiver: Receiver, home: Path
) -> None:
    happens(hub)
    webhook = proved(operator, receiver, home)
    assert webhook not in webhooks.behind()
    ids = [happens(hub), happens(hub)]
    assert webhook in webhooks.behind()
    assert webhooks.deliver(webhook, caller=calling(home)) == 2
    [notice] = notices(receiver)
    assert [item["movement"] for item in notice.items] == ids
    assert list(notice.items) == read(operator)[-2:]
    assert read(operator, after=notice.cursor) == []
    assert webhooks.deliver(webhook, caller=calling(home)) == 0
    assert len(receiver.got) == 2, "what was taken is not sent again"


def test_what_it_does_not_take_is_sent_again_and_never_skipped(
    hub: Hub, operator: Signer, receiver: Receiver, home: Path
) -> None:
    webhook = proved(operator, receiver, home)
    ids = [happens(hub)]
    receiver.answer = lambda r, m: (500, b"", {})
    with pytest.raises(webhooks.NotTaken):
        webhooks.deliver(webhook, caller=calling(home))
    assert told(operator.call("GET", "/webhook"))["failing"] == "status-500"
    receiver.answer = None
    ids.append(happens(hub))
    webhooks.deliver(webhook, caller=calling(home))
    assert [item["movement"] for item in notices(receiver)[-1].items] == ids
    nonces = [notice.nonce for notice in notices(receiver)]
    assert len(set(nonces)) == len(nonces), "each try is signed anew"


def test_it_is_dead_after_the_last_try_and_the_feed_stays(
    hub: Hub, operator: Signer, receiver: Receiver, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine tries in a day and a quarter of an hour; the job's own strategy says when, and the last one ends it."""
    webhook = proved(operator, receiver, home)
    happens(hub)
    receiver.answer = lambda r, m: (503, b"", {})
    waits = []
    for attempts in range(9):
        job: Any = type("Job", (), {"attempts": attempts})
        context: Any = type("Context", (), {"job": job})
        monkeypatch.setattr(tasks, "outbound", lambda: calling(home))
        with pytest.raises(webhooks.NotTaken) as failed:
            tasks.deliver_webhook.func(context, str(webhook))
        again = tasks.DAY_LONG.get_retry_decision(exception=failed.value, job=job)
        waits.append(again.retry_at.timestamp() - time.time() if again and again.retry_at else None)
        assert (state_of(operator).state == "dead") == (attempts == 8)
    assert waits[-1] is None
    assert 24 * 3600 < sum(wait for wait in waits if wait) < 25 * 3600
    assert webhook not in webhooks.behind()
    assert read(operator)


def test_a_stranger_who_only_echoes_is_no_webhook(operator: Signer, receiver: Receiver, home: Path) -> None:
    webhook = asked(operator, receiver.url)
    receiver.answer = lambda r, m: (200, m.body, {})
    with pytest.raises(webhooks.NotTaken):
        webhooks.prove(webhook, caller=calling(home))
    assert state_of(operator).failing == "not-the-answer"
    webhooks.give_up(webhook, cause="unproved")
    assert told(operator.call("GET", "/webhook"))["state"] == "unproved"


def test_nothing_is_sent_before_it_is_proved_nor_after_it_ends(
    hub: Hub, operator: Signer, receiver: Receiver, home: Path
) -> None:
    webhook = asked(operator, receiver.url)
    happens(hub)
    assert (webhooks.deliver(webhook, caller=calling(home)), receiver.got) == (0, [])
    webhooks.prove(webhook, caller=calling(home))
    assert operator.call("DELETE", "/webhook").status_code == 204
    happens(hub)
    assert (webhooks.deliver(webhook, caller=calling(home)), len(receiver.got)) == (0, 1)


def test_a_webhook_falls_with_the_key_that_asked_for_it(
    hub: Hub, operator: Signer, receiver: Receiver, home: Path
) -> None:
    webhook = proved(operator, receiver, home)
    happens(hub)
    keys.revoke_key(operator.key_id, by="oficial-1", compromised=True, reason="robo")
    assert webhook not in webhooks.behind()
    assert (webhooks.deliver(webhook, caller=calling(home)), len(receiver.got)) == (0, 1)


def test_a_new_one_replaces_the_last(hub: Hub, operator: Signer, receiver: Receiver, home: Path) -> None:
    first = proved(operator, receiver, home)
    asked(operator, receiver.url + "2")
    happens(hub)
    assert (webhooks.deliver(first, caller=calling(home)), len(receiver.got)) == (0, 1)


# The attacks: each is tried on the very function that calls out.


def call(home: Path, receiver: Receiver, **how: Any) -> tuple[int, bytes]:
    return calling(home, **how).post(target_of(receiver.url), challenge_body("x"), {"Content-Type": "application/json"})


def test_a_name_that_leads_inside_is_not_called(receiver: Receiver, operator: Signer, home: Path) -> None:
    inside = listen(operator.private, home, address=INTERNAL, port=receiver.port)
    try:
        for found in ([INTERNAL], [PUBLIC, INTERNAL], ["::1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["10.0.0.1"]):
            with pytest.raises(CallFailed) as failed:
                call(home, receiver, resolve=lambda host, port, found=found: found)
            assert failed.value.reason == "address-refused", found
        assert (receiver.got, inside.got) == ([], [])
    finally:
        inside.stop()


def test_a_name_that_changes_its_mind_gains_nothing(receiver: Receiver, operator: Signer, home: Path) -> None:
    """DNS rebinding: the second answer leads inside. The name is asked once, and the connection goes where it was
    checked."""
    inside = listen(operator.private, home, address=INTERNAL, port=receiver.port)
    answers = iter([[PUBLIC], [INTERNAL], [INTERNAL]])
    times: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        times.append(host)
        return next(answers)

    try:
        assert call(home, receiver, resolve=rebinding)[0] == 200
        assert (len(times), len(receiver.got), len(inside.got)) == (1, 1, 0)
    finally:
        inside.stop()


def test_a_redirect_to_the_inside_is_not_followed(hub: Hub, receiver: Receiver, operator: Signer, home: Path) -> None:
    inside = listen(operator.private, home, address=INTERNAL)
    receiver.answer = lambda r, m: (307, b"", {"Location": f"https://127.0.0.1:{inside.port}/veta"})
    try:
        webhook = asked(operator, receiver.url)
        with pytest.raises(webhooks.NotTaken):
            webhooks.prove(webhook, caller=calling(home))
        assert (state_of(operator).failing, len(receiver.got), inside.got) == ("redirect", 1, [])
    finally:
        inside.stop()


def test_another_ones_certificate_is_refused(receiver: Receiver, home: Path) -> None:
    other = target_of(receiver.url.replace("operador.example", "otro.example"))
    with pytest.raises(CallFailed) as failed:
        calling(home).post(other, b"{}", {})
    assert failed.value.reason == "tls"
    assert receiver.got == []


def test_who_drips_or_floods_is_not_listened_to(receiver: Receiver, home: Path) -> None:
    receiver.answer = lambda r, m: (200, b"x" * 100_000, {})
    with pytest.raises(CallFailed) as failed:
        call(home, receiver)
    assert failed.value.reason == "too-large"
    receiver.answer = lambda r, m: (time.sleep(1.5) or 200, b"", {})  # type: ignore[func-returns-value]
    began = time.monotonic()
    with pytest.raises(CallFailed) as failed:
        call(home, receiver, deadline=0.5)
    assert failed.value.reason == "timeout"
    assert time.monotonic() - began < 1.2


def test_ours_replayed_at_the_hub_is_refused(hub: Hub, operator: Signer, receiver: Receiver, home: Path) -> None:
    proved(operator, receiver, home)
    [challenge] = receiver.got
    for method, path in (("POST", "/api/v1/movements"), ("PUT", "/api/v1/webhook")):
        names = {"content-digest": "Content-Digest", "content-type": "Content-Type", "signature": "Signature"}
        fields = {names[name]: challenge.fields[name] for name in names}
        fields["Signature-Input"] = challenge.fields["signature-input"]
        assert send(method, path, challenge.body, fields).status_code == 401


def test_control_without_the_check_of_addresses_the_inside_is_called(
    receiver: Receiver, operator: Signer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ipaddress import ip_address

    from veta.operators import outbound

    inside = listen(operator.private, home, address=INTERNAL, port=receiver.port)
    monkeypatch.setattr(outbound, "addresses_of", lambda found, also: [ip_address(text) for text in found])
    try:
        assert call(home, receiver, resolve=lambda host, port: [INTERNAL])[0] == 200
        assert len(inside.got) == 1
    finally:
        inside.stop()


def test_the_follower_asks_for_one_job_a_webhook(hub: Hub, operator: Signer, receiver: Receiver, home: Path) -> None:
    """However many commits there were, and none while another of its jobs waits or runs."""
    webhook = proved(operator, receiver, home)
    name = f"webhook {webhook}"
    happens(hub)
    tasks.follow_log.func(0)
    assert jobs(name) == ["veta.hub.tasks.prove_webhook"], "its turn comes first"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE lock = %s", [name])
    for _ in range(3):
        happens(hub)
        tasks.follow_log.func(0)
    assert jobs(name) == ["veta.hub.tasks.deliver_webhook"]


def jobs(lock: str) -> list[str]:
    waiting = ProcrastinateJob.objects.filter(lock=lock, status__in=("todo", "doing"))
    return list(waiting.values_list("task_name", flat=True))
