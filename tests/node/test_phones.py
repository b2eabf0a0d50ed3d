"""What a phone brings: kept once, in its place of the chain, with its skew and lateness; gaps are told."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.node.conftest import House, purchase
from veta.kernel.ids import uuid7
from veta.node.domain.capturing import REPORTER
from veta.node.domain.clients import MandateState
from veta.node.domain.records import FIRST, Captured, Operation
from veta.node.models import BusinessRecord, Device, DeviceEnd, OutboxItem, Place
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.chains import breaks_of
from veta.node.queries.counter import states_of
from veta.node.queries.members import memberships_of
from veta.node.queries.mending import chain_of
from veta.node.queries.remedies import remedy
from veta.node.services import outbox
from veta.node.services.capture import Given, capture
from veta.node.services.mandates import record_step
from veta.node.services.members import end_membership

PEOPLE = {"gold": "900200001", "coal": "900200002"}


class Phone:
    """A device of the gold client's: it numbers and chains, and brings what it has."""

    def __init__(self, house: House, who: str = "gold counter") -> None:
        self.id, self.last, self.sequence = str(uuid7()), FIRST, 0
        self.client = house.clients[who.split()[0]]
        self.browser = house.browser(who)
        self.path = f"/clientes/{self.client.id}/mostrador/sincronizar"

    def capture(self, *, at: datetime | None = None, by: UUID | None = None, **more: Any) -> dict[str, Any]:
        at = at or datetime.now(UTC)
        return self.chain(purchase(occurred_at=at.isoformat(), **more), at=at, by=by)

    def move(self, kind: str, **more: Any) -> dict[str, Any]:
        """A movement of any kind, reported by the client in the role that its kind asks."""
        at, role = datetime.now(UTC), REPORTER[kind]
        own = {role: self.client.party()} if role else {}
        return self.chain({"id": str(uuid7()), "kind": kind, "occurred_at": at.isoformat(), **own, **more}, at=at)

    def chain(self, payload: dict[str, Any], *, at: datetime, by: UUID | None = None) -> dict[str, Any]:
        self.sequence += 1
        made = Captured(
            UUID(payload["id"]), UUID(self.id), self.sequence, Operation.SUBMIT, payload, at, self.last, by
        )  # fmt: skip
        self.last = made.digest()
        return {
            "id": payload["id"], "sequence": self.sequence, "payload": payload, "captured_at": at.isoformat(),
            "previous": made.previous, "digest": self.last,
        } | ({"by": str(by)} if by else {})  # fmt: skip

    def bring(self, *records: Mapping[str, Any], clock: datetime | None = None, **more: Any) -> Any:
        told = {"device": {"id": self.id, "name": "Teléfono"}, "now": (clock or datetime.now(UTC)).isoformat()}
        body = json.dumps({**told, "records": list(records), **more})
        answer = self.browser.post(self.path, body, content_type="application/json")
        return answer.json() if answer.status_code == 200 else answer


def test_what_a_phone_brings_is_kept_once_and_queued(house: House) -> None:
    phone = Phone(house)
    one, two = phone.capture(), phone.capture()
    first, again = phone.bring(one, two), phone.bring(one, two)
    assert [each["kept"] for each in first["kept"]] == [True, True] == [each["kept"] for each in again["kept"]]
    assert BusinessRecord.objects.count() == OutboxItem.objects.filter(state="queued").count() == 2
    kept = BusinessRecord.objects.get(pk=two["id"])
    assert (kept.previous, kept.digest, kept.captured_by) == (
        one["digest"],
        two["digest"],
        house.people["gold counter"],
    )
    assert first["states"][one["id"]]["verified"] is False
    assert breaks_of(phone.client.id) == []
    assert Device.objects.get(pk=phone.id).last_sequence == 2


@pytest.mark.parametrize("off", [timedelta(hours=-3), timedelta(minutes=7)])
def test_how_far_the_phones_clock_stands_off_is_recorded(house: House, off: timedelta) -> None:
    phone = Phone(house)
    record = phone.capture(at=datetime.now(UTC) + off)
    said = phone.bring(record, clock=datetime.now(UTC) + off)
    assert abs(said["skew_ms"] - off.total_seconds() * 1000) < 5000
    assert BusinessRecord.objects.get(pk=record["id"]).skew_ms == said["skew_ms"]


LATE = [
    (timedelta(days=5, minutes=-5), ""),
    (timedelta(days=5, minutes=5), "Se cayó la antena."),
    (timedelta(days=30), "Se cayó la antena."),
]


@pytest.mark.parametrize(("age", "declared"), LATE)
def test_after_the_term_it_is_sent_as_late_with_the_reason(house: House, age: timedelta, declared: str) -> None:
    phone = Phone(house)
    record = phone.capture(at=datetime.now(UTC) - age)
    phone.bring(record, reason="Se cayó la antena.")
    kept = BusinessRecord.objects.get(pk=record["id"])
    assert kept.item() == record["payload"] | ({"late": {"reason": declared}} if declared else {})
    assert (kept.payload, kept.digest) == (record["payload"], record["digest"]), (
        "its own words stay as they were chained"
    )
    assert not [found for found in kept.local_findings if found["code"] == "TIM-002"]


def test_gaps_forks_and_a_clock_that_went_back_are_told_and_nothing_is_refused_for_them(house: House) -> None:
    phone = Phone(house)
    kept = [phone.capture() for _ in range(3)]
    lost = phone.capture()
    after = phone.capture()
    phone.last = "a" * 64
    forked = phone.capture()
    back = phone.capture(at=datetime.now(UTC) - timedelta(hours=2))
    said = phone.bring(*kept, after, forked, back)
    assert all(each["kept"] for each in said["kept"])
    assert [(each.kind, each.sequence, each.missing) for each in breaks_of(phone.client.id)] == [
        ("missing", 5, 1), ("fork", 6, 0), ("clock", 7, 0),
    ]  # fmt: skip
    page = house.browser("gold owner").get(f"/clientes/{phone.client.id}/").content.decode()
    assert "faltan 1 registros antes del 5" in page
    phone.bring(lost)
    assert [each.kind for each in breaks_of(phone.client.id)] == ["fork", "clock"], "it came after all"


def test_what_somebody_changed_stays_on_the_phone_and_the_next_one_is_kept(house: House) -> None:
    phone = Phone(house)
    changed, whole = phone.capture(), phone.capture()
    changed["payload"] = changed["payload"] | {"quantity": "9.000"}
    said = phone.bring(changed, whole)
    assert [each["kept"] for each in said["kept"]] == [False, True]
    assert "huella" in said["kept"][0]["message"]
    assert [each.kind for each in breaks_of(phone.client.id)] == ["missing"]


def test_who_captured_is_chained_and_cannot_be_changed(house: House) -> None:
    """On the way and here; what a phone of before chained without it is kept as it was."""
    phone, owner, counter = Phone(house), house.people["gold owner"].pk, house.people["gold counter"].pk
    before = phone.capture() | {"by": str(owner)}
    now, last = phone.capture(by=owner), phone.capture(by=owner)
    unsaid = {name: value for name, value in last.items() if name != "by"}
    said = phone.bring(before, now, last | {"by": str(counter)}, unsaid)["kept"]
    assert [each["kept"] for each in said] == [True, True, False, False]
    assert "huella" in said[2]["message"]
    assert [each["kept"] for each in phone.bring(last)["kept"]] == [True]
    kept = list(BusinessRecord.objects.order_by("sequence"))
    assert [(each.captured_by_id, each.said_by) for each in kept] == [(owner, None), (owner, owner), (owner, owner)]
    assert [chain_of(each).whole for each in kept] == [True] * 3
    kept[1].said_by = counter
    assert not chain_of(kept[1]).whole
    (here,) = capture(phone.client, [Given(purchase())], now=datetime.now(UTC), by=house.people["gold owner"])
    assert (here.said_by, chain_of(here).whole) == (owner, True)


TITLE = {"kind": "title", "code": "DEMO-ORO"}
OTHER = {"type": "NIT", "number": PEOPLE["coal"]}


def on_the_road(phone: Phone) -> dict[str, Any]:
    """A production and the dispatch of some of it, which the phone captures one after the other."""
    lot = str(uuid7())
    made = phone.move("production", origin=TITLE, mineral="carbon_termico", quantity="10", unit="t", lot=lot)
    sent = phone.move("dispatch", items=[{"lot": lot, "quantity": "4"}], to={"municipality": "05001"}, vehicle="ABC123")
    return {"made": made, "sent": sent, "items": [{"lot": lot, "quantity": "3.99"}]}


def test_a_phone_brings_every_kind_that_the_desk_captures(house: House) -> None:
    phone = Phone(house)
    road = on_the_road(phone)
    given: dict[str, dict[str, Any]] = {"receipt": {"dispatch": road["sent"]["id"], "items": road["items"]}}
    rest = [phone.move(kind, **given.get(kind, {})) for kind in KINDS if kind not in ("production", "dispatch")]
    brought = [road["made"], road["sent"], *rest]
    for _ in range(2):
        assert [each for each in phone.bring(*brought)["kept"] if not each["kept"]] == []
    kept = list(OutboxItem.objects.select_related("record").order_by("number"))
    assert [str(each.record_id) for each in kept] == [each["id"] for each in brought], "once each, in their order"
    assert {each.record.kind for each in kept} == set(KINDS) == set(REPORTER)
    assert [str(each.record.about) for each in kept if each.record.kind == "receipt"] == [road["sent"]["id"]]
    assert breaks_of(phone.client.id) == []


@pytest.mark.parametrize("kind", sorted(kind for kind, role in REPORTER.items() if role))
def test_a_movement_that_another_client_reports_stays_on_the_phone(house: House, kind: str) -> None:
    phone = Phone(house)
    own = {role: phone.client.party() for role in {*REPORTER.values()} - {"", REPORTER[kind]}}
    said = phone.bring(phone.move(kind, **own | {REPORTER[kind]: OTHER}))["kept"]
    assert [(each["kept"], "no lo reporta este cliente" in each.get("message", "")) for each in said] == [(False, True)]
    assert not BusinessRecord.objects.exists()


def test_a_receipt_is_of_a_dispatch_of_the_clients_own(house: House) -> None:
    """Another client's, one that nobody knows, another movement of one's own: none is kept; its own is."""
    phone, other = Phone(house), Phone(house, "coal counter")
    theirs, own = on_the_road(other), on_the_road(phone)
    other.bring(theirs["made"], theirs["sent"])
    unlike = [theirs["sent"]["id"], str(uuid7()), own["made"]["id"], "x", None]
    wrong = [phone.move("receipt", dispatch=id, movement=own["sent"]["id"], items=own["items"]) for id in unlike]
    came = phone.move("receipt", dispatch=own["sent"]["id"], items=own["items"])
    assert [each["kept"] for each in phone.bring(came)["kept"]] == [False], "the phone that sent it has not come yet"
    said = phone.bring(own["made"], own["sent"], *wrong, came)["kept"]
    assert [each["kept"] for each in said] == [True, True, *[False] * len(wrong), True]
    assert {"envíe antes" in each["message"] for each in said if not each["kept"]} == {True}


def test_who_keeps_the_accounts_brings_nothing_and_an_act_is_no_phones(house: House) -> None:
    phone = Phone(house)
    for kind in ("reversal", "suspension", ["sale"], None):
        record = phone.chain(purchase(kind=kind, holder=phone.client.party()), at=datetime.now(UTC))
        assert [each["kept"] for each in phone.bring(record)["kept"]] == [False]
    phone.browser = house.browser("gold accountant")
    assert phone.bring(phone.move("production")).status_code in (403, 404)
    assert not BusinessRecord.objects.exists()


SAID_NO = [
    ("production", "QUO-001", "quizá se usó entretanto"), ("dispatch", "LOT-003", "quizá desde otro teléfono"),
    ("sale", "TIT-001", "Revise la placa"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "words"), SAID_NO)
def test_a_rejection_of_any_kind_says_what_to_do_now(house: House, kind: str, code: str, words: str) -> None:
    phone = Phone(house)
    record = phone.move(kind)
    phone.bring(record)
    finding = {"code": code, "severity": "blocking", "field": "items", "norm": "", "message": "No."}
    verdict = {"movement": record["id"], "status": "rejected", "findings": [finding], "lots": []}
    outbox.take([{"repeated": False, "verdict": verdict, "receipt": {"leaf": "00"}}], now=datetime.now(UTC))
    said = states_of(phone.client, [UUID(record["id"])])[record["id"]]
    assert words in said["now"]
    assert "compra" not in said["now"]


@pytest.mark.parametrize(
    "words", [{"buyer": {"type": "NIT", "number": PEOPLE["coal"]}}, {"kind": "sale"}, {"buyer": "x"}]
)
def test_a_phone_speaks_for_its_client_alone(house: House, words: dict[str, Any]) -> None:
    phone = Phone(house)
    said = phone.bring(phone.capture(**words))
    assert [each["kept"] for each in said["kept"]] == [False]
    assert not BusinessRecord.objects.exists()


def test_a_place_in_the_chain_is_one_records(house: House) -> None:
    phone = Phone(house)
    phone.bring(phone.capture())
    phone.sequence, phone.last = 0, FIRST
    assert [each["kept"] for each in phone.bring(phone.capture())["kept"]] == [False]


def test_anothers_device_is_refused_and_its_records_are_nobodys_to_ask(house: House) -> None:
    phone, other = Phone(house), Phone(house, "coal counter")
    record = phone.capture()
    phone.bring(record)
    other.id = phone.id
    assert other.bring(other.capture(buyer={"type": "NIT", "number": PEOPLE["coal"]})).status_code == 400
    assert other.bring(about=[record["id"]])["states"] == {}


UNREADABLE = [
    {"records": [1]}, {"records": "x"}, {"now": "ayer"}, {"device": []}, {"about": ["x"]},
]  # fmt: skip


@pytest.mark.parametrize("words", UNREADABLE)
def test_what_cannot_be_read_is_refused_with_a_remedy(house: House, words: dict[str, Any]) -> None:
    answer = Phone(house).bring(**words)
    assert (answer.status_code, "Recargue" in answer.json()["message"]) == (400, True)


def test_one_that_cannot_be_read_keeps_no_other_on_the_phone(house: House) -> None:
    phone = Phone(house)
    said = phone.bring({"id": "x"}, phone.capture())["kept"]
    assert [each["kept"] for each in said] == [False, True]
    assert "Recargue" in said[0]["message"]


def test_a_rejection_says_what_to_do_now(house: House) -> None:
    phone = Phone(house)
    record = phone.capture()
    phone.bring(record)
    finding = {"code": "QUO-003", "severity": "blocking", "field": "quantity", "norm": "", "message": "Supera el tope."}
    verdict = {"movement": record["id"], "status": "rejected", "findings": [finding], "lots": []}
    outbox.take([{"repeated": False, "verdict": verdict, "receipt": {"leaf": "00"}}], now=datetime.now(UTC))
    found = states_of(phone.client, [UUID(record["id"])])[record["id"]]
    assert (found["label"], found["verified"]) == ("Rechazado por la PTM", True)
    assert "quizá con otro operador" in found["now"]
    assert remedy(["QUO-003"], "accepted") == ""
    assert remedy(["LOT-001"], "rejected").startswith("Esta compra no cuenta.")


@pytest.mark.parametrize("there", [True, False])
def test_the_page_asks_a_browser_to_keep_no_file_that_is_not_there(
    house: House, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    """Without the reader of pictures, which is fetched apart, the counter is kept for no signal all the same."""
    monkeypatch.setattr(finders, "find", lambda name: name if there else None)
    page = house.browser("gold counter").get(f"/clientes/{house.clients['gold'].id}/mostrador/").content.decode()
    found = re.search(r'id="files"[^>]*>(.*?)</script>', page)
    assert found is not None
    assert sum("/qr/" in name for name in json.loads(found[1])) == (2 if there else 0)


def test_a_counter_without_municipalities_has_them_asked_for_once(house: House, node: Any, tmp_path: Any) -> None:
    """A new node has none until the night; a phone reads them apart from the rest, for they are many."""
    node.NODE_HUB_URL, node.NODE_HOME = "sandbox:", tmp_path
    path, browser = f"/clientes/{house.clients['gold'].id}/mostrador/datos.json", house.browser("gold counter")
    assert [browser.get(path).json()["towns"] for _ in range(2)] == [0, 0]
    assert ProcrastinateJob.objects.filter(task_name__endswith="refresh_places").count() == 1
    Place.objects.create(code="05250", name="El Bagre", department="Antioquia")
    assert browser.get(path).json()["towns"] == 1
    assert browser.get(f"{path}?lugares").json() == {"towns": [["05250", "El Bagre", "Antioquia"]]}
    minerals = browser.get(path).json()["minerals"]
    assert {each["cap"] == each["unit"] for each in minerals} == {True}, "each is compared in its own unit"


def test_a_retired_phone_hands_over_and_is_told_to_forget(house: House) -> None:
    phone, owner = Phone(house), house.browser("gold owner")
    assert phone.bring(phone.capture())["forget"] == ""
    base = f"/clientes/{phone.client.id}"
    page = f"{base}/telefonos/{phone.id}/retirar/"
    assert page in owner.get(f"{base}/sedes/").content.decode()
    assert house.browser("gold counter").post(page).status_code == 403
    assert house.browser("coal owner").post(page).status_code == 404
    assert owner.post(page)["Location"] == f"{base}/sedes/"
    assert DeviceEnd.objects.get().ended_by == house.people["gold owner"]
    told = phone.bring(phone.capture())
    assert "Este teléfono se retiró" in told["forget"]
    assert told["kept"][0]["kept"], "what it still had is not lost"
    assert BusinessRecord.objects.filter(device=phone.id).count() == 2
    assert Phone(house).bring()["forget"] == "", "another phone goes on"
    assert owner.post(page).status_code == 404, "once"


def test_once_the_mandate_ended_every_phone_forgets(house: House) -> None:
    phone, other = Phone(house), Phone(house, "coal counter")
    for state, said in ((MandateState.PROPOSED, ""), (MandateState.ENDED, "El mandato de este cliente terminó")):
        record_step(phone.client, state, mandate=None)
        assert said in phone.bring(phone.capture())["forget"]
    assert other.bring()["forget"] == ""
    assert phone.bring()["forget"] != ""
    record_step(phone.client, MandateState.IN_FORCE, mandate=None)
    assert phone.bring()["forget"] == ""


def test_who_lost_their_role_is_refused_where_the_phone_asks(house: House) -> None:
    """By this the phone knows that it may keep nothing: the page asks for it, and the worker shows the page."""
    phone = Phone(house)
    end_membership(memberships_of(house.people["gold counter"].id).get(), by=house.people["gold owner"])
    browser = house.browser("gold counter")
    asked = browser.get(f"/clientes/{phone.client.id}/mostrador/datos.json")
    assert (asked.status_code, asked.headers.get("Veta-Revoked")) == (403, "1")


def test_only_who_may_not_buy_is_told_that_access_ended(house: House) -> None:
    """In the node's own name, which no proxy writes: at its second time a phone forgets what it keeps."""
    path = f"/clientes/{house.clients['gold'].id}/mostrador/"
    counter, other = house.browser("gold counter"), house.browser("coal counter")
    guarded = house.browser("gold counter")
    guarded.handler.enforce_csrf_checks = True
    answers = (
        other.get(f"{path}datos.json"), other.post(f"{path}sincronizar", "{}", content_type="application/json"),
        counter.get(f"{path}datos.json"), counter.get(f"{path}de-otra-version.json"),
        guarded.post(f"{path}sincronizar", "{}", content_type="application/json"),
    )  # fmt: skip
    assert [(each.status_code, "Veta-Revoked" in each.headers) for each in answers] == [
        (404, True), (404, True), (200, False), (404, False), (403, False),
    ]  # fmt: skip
