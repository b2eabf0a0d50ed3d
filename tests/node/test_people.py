"""The desk and a client's people: let in, given another role, let go at once; each with who did it and when."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from tests.node.conftest import House
from tests.node.stage import until
from tests.site.conftest import enrol, session_of
from veta.node.models import Membership
from veta.node.queries.members import memberships_of
from veta.node.roles import NodeRole
from veta.node.services.members import MemberRefused, add_member, change_role, end_membership
from veta.site.models import User

SECOND = {"nombre": "Luz Mesa", "correo": "Luz@demo.invalid"}


def second(house: House) -> User:
    """Another person of the desk, with a second factor."""
    user = add_member(email="luz@demo.invalid", name="Luz Mesa", role=NodeRole.DESK, client=None, by=house.desk)
    enrol(user)
    return user


def held_by(user: User) -> Membership:
    return memberships_of(user.id).get()


def test_the_desk_grows_and_shrinks_from_its_page(house: House) -> None:
    desk = house.browser("desk")
    assert "La última persona de la mesa no se retira" in desk.get("/mesa/").content.decode()
    assert desk.post("/mesa/agregar/", SECOND)["Location"] == "/mesa/"
    assert desk.post("/mesa/agregar/", SECOND).status_code == 422
    made = held_by(User.objects.get(email="luz@demo.invalid"))
    assert (made.role, made.client, made.granted_by) == ("desk", None, house.desk)
    shown = desk.get("/mesa/").content.decode()
    assert "luz@demo.invalid" in shown
    assert f"/mesa/{made.id}/retirar/" in shown
    assert "Luz Mesa" in desk.get(f"/mesa/{made.id}/retirar/").content.decode()
    assert desk.post(f"/mesa/{made.id}/retirar/")["Location"] == "/mesa/"
    shown = desk.get("/mesa/").content.decode()
    assert "Roles retirados" in shown
    assert "lo retiró Mesa Demo" in shown
    assert (made.end.ended_by, desk.get(f"/mesa/{made.id}/retirar/").status_code) == (house.desk, 404)


def test_who_is_let_go_is_out_at_once(house: House) -> None:
    luz = second(house)
    open_page, gold = session_of(luz), f"/clientes/{house.clients['gold'].id}/"
    assert open_page.get(gold).status_code == 200
    house.browser("desk").post(f"/mesa/{held_by(luz).id}/retirar/")
    answer = open_page.get(gold)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/ingreso/"), "the session is no more"
    assert session_of(luz).get(gold).status_code == 403, "nor does another open anything"


def test_the_last_of_the_desk_stays_whoever_asks(house: House) -> None:
    path = f"/mesa/{held_by(house.desk).id}/retirar/"
    answer = house.browser("desk").post(path)
    assert answer.status_code == 422
    assert "Es la última persona de la mesa" in answer.content.decode()
    luz = second(house)
    luz.is_active = False
    luz.save(update_fields=["is_active"])
    assert house.browser("desk").post(path).status_code == 422, "one who cannot come in is nobody"


def test_one_may_go_oneself_where_others_stay(house: House) -> None:
    luz = second(house)
    browser = session_of(luz)
    assert browser.post(f"/mesa/{held_by(luz).id}/retirar/")["Location"] == "/"
    assert browser.get("/mesa/").status_code == 403


WAITS = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def test_two_that_let_each_other_go_leave_one(committed: House) -> None:
    """The second asks while the first has not ended: it waits, and then is told that it is the last."""
    luz = second(committed)
    last, said = held_by(committed.desk), list[MemberRefused]()

    def go() -> None:
        try:
            end_membership(last, by=luz)
        except MemberRefused as refused:
            said.append(refused)
        finally:
            connection.close()

    other = threading.Thread(target=go)
    with transaction.atomic():
        end_membership(held_by(luz), by=committed.desk)
        other.start()
        until(lambda: not other.is_alive() or waiting() == 1, seconds=60)
    other.join()
    assert len(said) == 1
    assert Membership.objects.filter(role="desk", end__isnull=True).count() == 1


def waiting() -> int:
    """How many wait for their turn in this database."""
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return int(cursor.fetchone()[0])


def test_whom_the_desks_pages_are_for(house: House) -> None:
    path = f"/mesa/{held_by(house.desk).id}/retirar/"
    for page in ("/mesa/", "/mesa/agregar/", path):
        assert house.browser("gold owner").get(page).status_code == 302, "a second factor, then the role"
    stale = session_of(house.desk, proved_seconds_ago=400)
    assert stale.get("/mesa/").status_code == 200
    assert {stale.post(page, SECOND).status_code for page in ("/mesa/agregar/", path)} == {302}, "who it is, just now"
    assert Membership.objects.filter(role="desk").count() == 1


def test_a_client_changes_the_role_of_its_people(house: House) -> None:
    base = f"/clientes/{house.clients['gold'].id}/personas/"
    counter, owner = house.people["gold counter"], house.browser("gold owner")
    held, at_work = held_by(counter), house.browser("gold counter")
    path = f"{base}{held.id}/rol/"
    assert at_work.get(f"/clientes/{held.client_id}/capturar/").status_code == 200
    assert owner.post(path, {"rol": "counter"}).status_code == 422
    assert owner.post(path, {"rol": "accountant"})["Location"] == base
    assert (held_by(counter).role, held_by(counter).granted_by) == ("accountant", house.people["gold owner"])
    assert at_work.get(f"/clientes/{held.client_id}/capturar/").status_code == 302
    shown = owner.get(base).content.decode()
    assert "lo retiró gold owner" in shown
    assert owner.post(path, {"rol": "owner"}).status_code == 404
    assert owner.post(f"{base}{held_by(counter).id}/rol/", {"rol": "desk"}).status_code == 422


def test_roles_that_cannot_be_changed(house: House) -> None:
    held = held_by(house.people["gold counter"])
    with pytest.raises(MemberRefused):
        change_role(held, NodeRole.DESK, by=house.desk)
    with pytest.raises(MemberRefused):
        change_role(held_by(house.desk), NodeRole.COUNTER, by=house.desk)
    end_membership(held, by=house.desk)
    with pytest.raises(MemberRefused):
        change_role(held, NodeRole.OWNER, by=house.desk)


def test_the_last_one_responsible_cannot_go_by_themselves(house: House) -> None:
    """Told why and what to do; the desk may still let them go."""
    owner, gold = house.people["gold owner"], house.clients["gold"]
    base, browser = f"/clientes/{gold.id}/personas/{held_by(owner).id}/", house.browser("gold owner")
    for page, given in (("retirar/", {}), ("rol/", {"rol": "accountant"})):
        answer = browser.post(f"{base}{page}", given)
        assert answer.status_code == 422
        assert "Agregue a otra con ese rol y retírese después" in answer.content.decode()
    gone = add_member(email="ido@demo.invalid", name="Ido", role=NodeRole.OWNER, client=gold, by=owner)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    assert browser.post(f"{base}retirar/").status_code == 422, "one who cannot come in answers for nothing"
    assert house.browser("desk").post(f"{base}retirar/").status_code == 302
    assert not memberships_of(owner.id).exists()


@pytest.mark.parametrize(
    ("page", "given", "lands"), [("retirar/", {}, "/"), ("rol/", {"rol": "accountant"}, "/clientes/{client}/")]
)
def test_who_goes_lands_on_a_page_that_they_may_see(house: House, page: str, given: dict[str, str], lands: str) -> None:
    owner, gold = house.people["gold owner"], house.clients["gold"]
    add_member(email="otra@demo.invalid", name="Otra", role=NodeRole.OWNER, client=gold, by=owner)
    browser = house.browser("gold owner")
    answer = browser.post(f"/clientes/{gold.id}/personas/{held_by(owner).id}/{page}", given)
    assert (answer.status_code, answer["Location"]) == (302, lands.format(client=gold.id))
    assert browser.get(answer["Location"]).status_code == 200
