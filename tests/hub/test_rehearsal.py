"""The node's own sandbox answers in the form of the real hub: both are asked the same, method by method of the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import pytest
from django.conf import settings

from tests.hub.country import STRANGER, Hub
from tests.hub.test_events_api import numbered
from tests.hub.test_people_api import AUTHORIZATION, code_in
from tests.movements.world import World
from tests.node.typed import misfits
from veta.config.wsgi import application
from veta.kernel.ids import uuid7
from veta.node.client import HubClient
from veta.node.credentials import Credentials
from veta.node.port import HubPort
from veta.node.recording import RecordingHub
from veta.node.transport import HubRefused
from veta.prices.services import load_demo

TRADER: Any = World.PARTIES["trader"]
SALE_OF_GOLD: Any = {
    "purpose": "sale", "party": STRANGER, "counterparty": TRADER, "mineral": "oro", "quantity": "1.000",
}  # fmt: skip


@pytest.fixture(scope="module")
def hubs(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[HubPort, HubPort]]:
    """The real hub by its client, and the sandbox."""
    load_demo()
    http = httpx.Client(transport=httpx.WSGITransport(app=application))
    key = Credentials(hub.first.code, hub.first.private)
    with HubClient(settings.PUBLIC_ORIGIN, key, http=http, deadline=5) as client:
        yield client, RecordingHub(tmp_path_factory.mktemp("sandbox") / "sandbox.jsonl")


@pytest.fixture(scope="module")
def told(hub: Hub, hubs: tuple[HubPort, HubPort]) -> dict[str, list[tuple[Any, Any]]]:
    """What both answered, by the port's method: pairs of the real one's and the sandbox's."""
    found: dict[str, list[tuple[Any, Any]]] = {}

    def ask(name: str, *given: Any, **named: Any) -> list[Any]:
        said = []
        for each in hubs:
            answer = getattr(each, name)(*given, **named)
            said.append(list(answer) if isinstance(answer, Iterator) else answer)
        found.setdefault(name, []).append((said[0], said[1]))
        return said

    bought, mined = hub.movement("purchase", fineness="920"), hub.movement("production")
    for name in ("check", "submit", "submit"):
        ask(name, [bought, mined])
    ask("submit", [{**bought, "quantity": "2.000"}])
    blend = {
        "id": str(uuid7()), "kind": "regroup", "occurred_at": bought["occurred_at"], "holder": TRADER,
        "inputs": [{"lot": bought["lot"], "quantity": "9.200"}],
        "outputs": [{"quantity": "4.000", "unit": "g"}, {"quantity": "5.200", "unit": "g", "lot": str(uuid7())}],
    }  # fmt: skip
    sales = [hub.movement("sale", lot=mined["lot"], quantity="1.000") for _ in range(2)]
    ask("submit", [blend])
    for each in hubs:
        each.submit(sales)
    ask("confirm", sales[0]["id"], id=str(uuid7()), decision="confirm")
    ask("withdraw", sales[1]["id"], id=str(uuid7()), reason="Error.")
    ask("movement", bought["id"])
    numbered()
    ask("events")
    ask("lot", mined["lot"])
    ask("origins", mined["lot"])
    ask("origins", bought["lot"])
    paper = str(uuid7())
    ask("issue_certificate", id=paper, kind="origin_certificate", lot=mined["lot"], quantity="1.500")
    ask("withdraw_certificate", paper, reason="Se expidió por error.")
    for asked in (("prices", "oro"), ("minerals",), ("municipalities",), ("hub_keys",), ("keys",)):
        ask(*asked)
    ask("set_webhook", "https://operador.example/veta")
    found["title"] = [(hubs[0].title("DEMO-ORO"), hubs[1].title("ENSAYO-1"))]
    return found


@pytest.fixture(scope="module")
def people(hub: Hub, hubs: tuple[HubPort, HubPort]) -> Callable[[pytest.CaptureFixture[str]], dict[str, Any]]:
    """The same of what is asked of persons; the real hub's code is read where it is told."""

    def ask(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        found: dict[str, list[Any]] = {}
        for each in hubs:
            capsys.readouterr()
            before = each.balances(STRANGER, mineral="oro")  # type: ignore[arg-type]
            proposed = each.propose_mandate(STRANGER, data_authorization=AUTHORIZATION)  # type: ignore[arg-type]
            consent = each.ask_consent(purpose="mandate", party=STRANGER)  # type: ignore[arg-type]
            code = code_in(capsys) if each is hubs[0] else "123456"
            confirmed = each.confirm_mandate(proposed["id"], consent={"id": consent["id"], "code": code})
            asked = {
                "propose_mandate": proposed, "confirm_mandate": confirmed, "mandates": list(each.mandates()),
                "ask_consent": [consent, each.ask_consent(**SALE_OF_GOLD),
                                each.ask_consent(**SALE_OF_GOLD, card=hub.card)],
                "look_up": each.look_up(STRANGER),  # type: ignore[arg-type]
                "balances": [before, each.balances(STRANGER, mineral="oro"),  # type: ignore[arg-type]
                             each.balances(None, mineral="oro", card=hub.card)],
                "end_mandate": each.end_mandate(proposed["id"]),
            }  # fmt: skip
            ended = [mandate for mandate in each.mandates() if mandate["id"] == proposed["id"]]
            for name, value in (asked | {"ended": ended}).items():
                found.setdefault(name, []).append(value)
        return found

    return ask


def differences(real: Any, made: Any, path: str = "") -> Iterator[str]:
    """Where two answers have other keys or kinds of values; None, and what only one lists, is let be."""
    if isinstance(real, dict) and isinstance(made, dict):
        yield from (f"{path}.{name}" for name in sorted(real.keys() ^ made.keys()))
        for name in real.keys() & made.keys():
            yield from differences(real[name], made[name], f"{path}.{name}")
    elif isinstance(real, list) and isinstance(made, list):
        for each, other in zip(real, made, strict=False):
            yield from differences(each, other, f"{path}[]")
    elif real is not None and made is not None and type(real) is not type(made):
        yield f"{path}: {real!r}, {made!r}"


FREE = ("params", "volumes")  # a finding's figures, a plan's years: keys that are data


def test_both_say_the_same_of_what_is_reported_and_read(told: dict[str, list[tuple[Any, Any]]]) -> None:
    wrong = {
        name: [each for each in differences(real, made, name) if not any(word in each for word in FREE)]
        for name, pairs in told.items()
        for real, made in pairs
    }
    assert {name: found for name, found in wrong.items() if found} == {}
    for name, pairs in told.items():
        for real, made in pairs:
            assert [*fits(name, real), *fits(name, made)] == [], name
    bought, made = (side[0]["verdict"]["lots"] for side in told["submit"][0])
    assert bought == made, "the lot that a purchase gives, in fine grams"
    assert [side[0]["verdict"]["findings"][0]["code"] for side in told["submit"][2]] == ["SCH-010"] * 2
    real, made = told["submit"][3]
    assert [[lot["quantity"] for lot in side[0]["verdict"]["lots"]] for side in (real, made)] == [
        ["4.000", "5.200"]
    ] * 2


def fits(name: str, value: Any) -> Iterator[str]:
    typed = get_type_hints(getattr(HubPort, name))["return"]
    for each in value if get_origin(typed) is Iterator else [value]:
        yield from misfits(get_args(typed)[0] if get_origin(typed) is Iterator else typed, each, name)


def test_both_say_the_same_of_persons(
    people: Callable[[pytest.CaptureFixture[str]], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    found = people(capsys)
    wrong = {name: list(differences(*both, name)) for name, both in found.items()}
    assert {name: each for name, each in wrong.items() if each} == {}
    for name, both in found.items():
        if name not in ("ended", "end_mandate"):
            for side in both:
                values = side if name in ("ask_consent", "balances") else [side]
                assert [wrong for value in values for wrong in fits(name, value)] == [], name
    assert [[each["detail"] for each in side] for side in found["balances"]] == [["over", "full", "card"]] * 2
    assert [[(each["verified"], each["missing"]) for each in side] for side in found["ask_consent"]] == [
        [(False, ["code"]), (False, ["code"]), (True, [])]
    ] * 2
    assert [side[0]["status"] for side in found["ended"]] == ["revoked"] * 2


def test_every_method_of_the_port_is_asked_above(told: dict[str, Any]) -> None:
    asked = {"propose_mandate", "confirm_mandate", "mandates", "ask_consent", "look_up", "balances", "end_mandate"}
    assert {name for name in vars(HubPort) if not name.startswith("_")} == told.keys() | asked


def test_both_refuse_what_is_not_there_in_one_form(hubs: tuple[HubPort, HubPort]) -> None:
    for ask in (lambda h: h.lot(str(uuid7())), lambda h: h.movement(str(uuid7())), lambda h: h.title("NADA")):
        refusals = []
        for each in hubs:
            with pytest.raises(HubRefused) as refused:
                ask(each)
            refusals.append(refused.value)
        assert [each.status for each in refusals] == [404, 404]
        assert refusals[0].problem.keys() == refusals[1].problem.keys()


def test_what_it_makes_up_says_so(hubs: tuple[HubPort, HubPort], tmp_path: Path) -> None:
    sandbox = RecordingHub(tmp_path / "sandbox.jsonl")
    assert sandbox.prices()["items"][0]["demo"]
    assert "ENSAYO" in sandbox.title("ENSAYO-9")["modality"]
    assert next(sandbox.hub_keys()) == next(RecordingHub(sandbox.path).hub_keys()), "one key, whichever process asks"
