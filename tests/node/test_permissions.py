"""The node's table covers its endpoints, and a client's people never see another client."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.node.conftest import NOW, House, purchase
from veta.kernel.ids import uuid7
from veta.node.models import Branch, Calibration, CalibrationPaper, Client, Device, IssuedDocument, Scale
from veta.node.permission_page import page
from veta.node.permissions import PERMISSIONS
from veta.node.queries import members
from veta.node.roles import NodeRole
from veta.node.services.capture import Given, capture
from veta.node.services.members import MemberRefused, add_member, end_membership
from veta.node.services.sheets import upload
from veta.site.access import Kind
from veta.site.endpoints import endpoints
from veta.site.errors import PROGRAM_PATHS

PAGE = Path(__file__).parents[2] / "docs" / "permissions-node.md"


def test_every_endpoint_has_a_row_and_every_row_an_endpoint(node: Any) -> None:
    names = {found.name for found in endpoints()}
    assert "" not in names
    assert names == set(PERMISSIONS)


def test_no_program_path_admits_anybody_by_session(node: Any) -> None:
    by_session = [
        (found.name, method)
        for found in endpoints()
        if f"/{found.route}".startswith(PROGRAM_PATHS)
        for method, access in PERMISSIONS[found.name].items()
        if access.kind not in {Kind.PUBLIC, Kind.OPERATOR}
    ]
    assert by_session == []


def test_the_page_is_the_one_committed(node: Any) -> None:
    assert PAGE.read_text() == page(), "run `veta node permissions > docs/permissions-node.md`"


ROLES = ("owner", "counter", "accountant")


@pytest.mark.parametrize("role", ROLES)
def test_a_clients_people_never_see_another(house: House, role: str) -> None:
    assert told_of_others(house, f"gold {role}") == []


def test_the_desk_sees_everybody(house: House) -> None:
    pages = [house.browser("desk").get(f"/clientes/{client.id}/") for client in house.clients.values()]
    assert [each.status_code for each in pages] == [200, 200]


def test_control_a_door_that_asks_for_no_client_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "clients_of", lambda user, *roles: Client.objects.all())
    assert told_of_others(house, "gold owner") != []


def told_of_others(house: House, who: str) -> list[str]:
    """Every page of the node that takes a client, asked by a person for another's; those that say anything of it."""
    other = house.clients["coal"]
    browser = house.browser(who)
    paths = of_clients(other)
    got = [(path, browser.get(path).status_code) for path in paths]
    sent = [(path, browser.post(path, {"acto": "sede", "confirmar": "on"}).status_code) for path in paths]
    said = [path for path, status in [*got, *sent] if status not in REFUSED]
    return said + (["/"] if other.name in browser.get("/").content.decode() else [])


# Not theirs; not their role's; no such method. Anything else, a redirection too, is an act or a page of another's.
REFUSED = {403, 404, 405}


def of_clients(client: Client, *, read: bool = False) -> list[str]:
    """The address of every page that takes a client, for this one: what is its own is filled in, none is guessed.

    `read`: only of those that can be read.
    """
    parts = {
        "<uuid:client>": str(client.id),
        "<str:book>": "diario",
        "<str:kind>": "production",
        "<uuid:sheet>": str(upload(client, "production", "a.csv", b"Fecha", by=client.created_by).id),
        "<uuid:record>": str(capture(client, [Given(purchase())], now=NOW)[0].id),
        "<uuid:movement>": str(uuid7()),
        "<uuid:membership>": str(client.memberships.filter(role=NodeRole.COUNTER.value).latest("id").id),
    }
    branch = Branch.objects.create(client=client, name="Sede", municipality="05001")
    scale = Scale.objects.create(
        branch=branch, serial="A1", accuracy_class="II", unit="g", largest="2000", division="0.1"
    )
    made = Calibration.objects.create(scale=scale, certificate="C", calibrated_on="2026-01-05", due_on="2027-01-05")
    CalibrationPaper.objects.create(
        calibration=made, media_type="application/pdf", content=b"%PDF-", recorded_by=client.created_by
    )
    parts |= {"<uuid:branch>": str(branch.id), "<uuid:calibration>": str(made.id)}
    paper = IssuedDocument.objects.create(
        id=uuid7(), client=client, kind="origin_certificate", number="CO-1", lot=uuid7(), asked_by=client.created_by,
        body={"page": "https://ptm.demo.invalid/v/x", "quantity": "1", "unit": "g"},
    )  # fmt: skip
    phone = Device.objects.create(client=client, name="Teléfono", enrolled_by=client.created_by)
    parts["<uuid:device>"] = str(phone.id)
    parts["<uuid:document>"] = str(paper.id)
    wanted = [found for found in endpoints() if not read or "GET" in PERMISSIONS[found.name]]
    routes = [f"/{found.route}" for found in wanted if "<uuid:client>" in found.route]
    paths = [re.sub(r"<\w+:\w+>", lambda part: parts[part[0]], route) for route in routes]
    assert paths
    return paths


def test_a_stranger_signs_in_first(house: House, client: Any) -> None:
    answer = client.get(f"/clientes/{house.clients['gold'].id}/")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/ingreso/")


def test_a_role_that_ended_opens_nothing(house: House) -> None:
    membership = members.memberships_of(house.people["gold counter"].id).get()
    end_membership(membership, by=house.desk)
    assert house.browser("gold counter").get(f"/clientes/{house.clients['gold'].id}/").status_code == 403


def test_the_desk_needs_its_second_factor(house: House) -> None:
    from tests.site.conftest import session_of

    browser = session_of(house.desk, proved_seconds_ago=None)
    assert browser.get(f"/clientes/{house.clients['gold'].id}/").status_code == 302


def test_a_desk_with_a_password_alone_enrols_first_and_is_shown_nobody(house: House) -> None:
    """As `veta node found` makes it; a role of a client beside it changes nothing, for the desk sees every client."""
    from tests.site.conftest import session_of

    add_member(email="nueva@demo.invalid", name="Nueva", role=NodeRole.DESK, client=None, by=house.desk)
    gold = house.clients["gold"]
    fresh = add_member(email="nueva@demo.invalid", name="Nueva", role=NodeRole.COUNTER, client=gold, by=house.desk)
    browser = session_of(fresh, proved_seconds_ago=None)
    asked = ["/", *of_clients(house.clients["coal"], read=True)]
    got = {path: browser.get(path) for path in asked}
    assert {path: answer.status_code for path, answer in got.items()} == dict.fromkeys(asked, 302)
    assert {answer["Location"] for answer in got.values()} == {"/cuenta/"}


def test_a_desk_that_did_not_prove_its_factor_is_shown_nobody(house: House) -> None:
    from tests.site.conftest import session_of

    assert session_of(house.desk, proved_seconds_ago=None).get("/").status_code == 302


def test_hub_and_node_on_one_host_do_not_end_each_others_sessions() -> None:
    from veta.config import node_settings, settings

    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"):
        assert getattr(settings, name) != getattr(node_settings, name)


def test_roles_that_cannot_be_given(house: House) -> None:
    given = {"email": "x@demo.invalid", "name": "X", "by": house.desk}
    for role, client in ((NodeRole.DESK, house.clients["gold"]), (NodeRole.COUNTER, None)):
        with pytest.raises(MemberRefused):
            add_member(role=role, client=client, **given)
    with pytest.raises(MemberRefused):
        end_membership(members.memberships_of(house.desk.id).get(), by=house.desk)
