"""The authorization text gets new versions: who joins is given the one of the day, who signed another is asked."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from tests.node.conftest import House
from tests.node.test_joining import NUMBER, words
from tests.site.conftest import session_of
from veta.kernel.clock import SystemClock
from veta.kernel.identity import Document
from veta.kernel.period import bogota_date
from veta.node.domain.authorizing import FIRST, Wording, in_force
from veta.node.models import AuthorizationText, DataAuthorization
from veta.node.queries.members import with_document

TODAY = bogota_date(SystemClock().now())
NEXT = {"version": "2026-2", "texto": "Autorizo a DEMO (ficticia).\r\nY puedo retirarla.", "desde": TODAY.isoformat()}


def test_the_text_of_a_day_is_the_latest_that_began_by_then() -> None:
    two, three = Wording("2", "b", date(2026, 6, 1)), Wording("3", "c", date(2026, 9, 1))
    days = (date(2025, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 8, 31), date(2026, 9, 1))
    assert [in_force([three, two], day) for day in days] == [FIRST, FIRST, two, two, three]


def test_a_new_version_is_given_from_its_day_on(house: House) -> None:
    desk = house.browser("desk")
    desk.post("/clientes/nuevo/exporter/", words(autorizada=TODAY.isoformat()))
    old = with_document(Document("NIT", NUMBER)).get()
    page = f"/clientes/{old.id}/autorizacion/"
    assert "no ha aceptado el texto" not in desk.get(f"/clientes/{old.id}/").content.decode()
    assert desk.post("/mesa/autorizacion/nueva/", NEXT)["Location"] == "/mesa/autorizacion/"
    kept = AuthorizationText.objects.get()
    assert (kept.version, kept.text, kept.since, kept.recorded_by) == (
        "2026-2", "Autorizo a DEMO (ficticia).\nY puedo retirarla.", TODAY, house.desk,
    )  # fmt: skip
    shown = desk.get("/clientes/nuevo/trader/").content.decode()
    assert ("puedo retirarla" in shown, FIRST.text in shown) == (True, False), "who joins next is given it"
    assert "no ha aceptado el texto" in desk.get(f"/clientes/{old.id}/").content.decode()
    assert "puedo retirarla" in desk.get(page).content.decode()
    assert desk.post(page, {"autorizacion": "", "autorizada": TODAY.isoformat()}).status_code == 422
    assert desk.post(page, {"autorizacion": "voice", "autorizada": "2999-01-01"}).status_code == 422
    early = desk.post(page, {"autorizacion": "voice", "autorizada": "2026-01-05"})
    assert "Ese día regía otra versión" in early.content.decode()
    answer = {"autorizacion": "voice", "autorizada": TODAY.isoformat()}
    joins = words(autorizada=TODAY.isoformat(), numero="900654321", digito="")
    for path, said in ((page, answer), ("/clientes/nuevo/exporter/", joins)):
        stale = desk.post(path, said | {"decision": FIRST.version})
        assert (stale.status_code, "El texto cambió" in stale.content.decode()) == (422, True), "it was not shown"
        assert 'value="2026-2"' in stale.content.decode(), "the one that holds is shown, to be sent again"
    assert not with_document(Document("NIT", "900654321")).exists()
    assert desk.post(page, answer | {"decision": "2026-2"})["Location"] == page
    given = DataAuthorization.objects.filter(client=old).order_by("id")
    assert [(each.version, each.how, each.recorded_by) for each in given] == [
        (FIRST.version, "paper", house.desk), ("2026-2", "voice", house.desk),
    ]  # fmt: skip
    assert given[1].text == kept.text
    shown = desk.get(page).content.decode()
    assert "2026-2, el" in shown
    assert f"{FIRST.version}, el" in shown, "what was accepted before stays"
    assert desk.post(page, {"autorizacion": "voice", "autorizada": TODAY.isoformat()}).status_code == 200
    assert given.count() == 2, "what holds is accepted once"
    listed = desk.get("/mesa/autorizacion/").content.decode()
    assert "le llega con la próxima propuesta" in listed, "a mandate in force takes no other authorization to the hub"
    assert listed.count("La aceptó 1 cliente.") == 1
    assert listed.count("La aceptaron 0 clientes.") == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"version": FIRST.version}, "Ya hay una versión con ese nombre"),
        ({"texto": FIRST.text}, "Ese texto ya rige"),
        ({"desde": "2026-01-05"}, "rige desde hoy o después"),
        ({"texto": " "}, "id_texto_error"),
        ({"texto": "x" * 4001}, "id_texto_error"),
    ],
)
def test_a_version_that_cannot_be_is_refused(house: House, changed: dict[str, str], said: str) -> None:
    answer = house.browser("desk").post("/mesa/autorizacion/nueva/", NEXT | changed)
    assert (answer.status_code, AuthorizationText.objects.count()) == (422, 0)
    assert said in answer.content.decode()


def test_whose_it_is_to_change_and_that_it_is_never_changed(house: House) -> None:
    stale = session_of(house.desk, proved_seconds_ago=400)
    assert stale.get("/mesa/autorizacion/").status_code == 200
    assert stale.get("/mesa/autorizacion/nueva/").status_code == 302, "who changes it has just proved who they are"
    owner = house.browser("gold owner")
    for page in ("/mesa/autorizacion/", "/mesa/autorizacion/nueva/"):
        assert owner.get(page).status_code in (302, 403)
    assert owner.get(f"/clientes/{house.clients['gold'].id}/autorizacion/").status_code == 200
    assert house.browser("coal owner").get(f"/clientes/{house.clients['gold'].id}/autorizacion/").status_code == 404
    house.browser("desk").post("/mesa/autorizacion/nueva/", NEXT)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuthorizationText.objects.update(text="otra cosa")
