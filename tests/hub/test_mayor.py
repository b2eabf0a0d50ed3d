"""The mayor's desk: two persons give the municipality; its people alone are enrolled, renewed and carded."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from tests.hub.country import Hub
from tests.hub.test_miner import with_purpose
from tests.movements.world import TOWN
from tests.site.conftest import enrol as second_factor
from tests.site.conftest import session_of
from veta.hub.mayor import pages, seats
from veta.hub.mayor.models import Seat, SeatDecision
from veta.kernel.identity import document
from veta.movements.queries import acts
from veta.operators.services.limits import limits
from veta.registry.queries import (
    MunicipalityRecord,
    actors_of,
    contacts_of,
    documents_of,
    forget_municipalities,
    registrations_of,
)
from veta.registry.services import places
from veta.registry.services.cards import check_card
from veta.site.models import AccessRecord, User
from veta.site.roles import Role
from veta.site.services import create_account, decide_role, found_administrators, propose_role
from veta.storage.connection import plain_cursor

OTHER = "05002"
PERSON = {
    "tipo": "CC", "numero": "71600700", "nombre": "Rosa Ficticia Demo", "telefono": "3109998877", "rut": "71600700-0",
    "clase": "barequero", "minerales": ["oro"], "acto": "Planilla 12", "fecha": "2026-03-01",
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "retry_after", lambda *_: 0)


@pytest.fixture(scope="module")
def people(hub: Hub) -> dict[str, User]:
    """Two mayors, two of the registry, one signer, each with a second factor; a second municipality."""
    places.record_municipalities(
        [MunicipalityRecord(OTHER, "ABEJORRAL", "ANTIOQUIA", "Municipio", None, None)], source="prueba"
    )
    forget_municipalities()
    ana, luis = found_administrators(("ana@demo.invalid", "Ana Demo"), ("luis@demo.invalid", "Luis Demo"))
    made = {}
    for name, role in (
        ("mayor", Role.MAYOR), ("mayor2", Role.MAYOR), ("reg1", Role.REGISTRY), ("reg2", Role.REGISTRY),
        ("signer", Role.SIGNER), ("legal", Role.LEGAL),
    ):  # fmt: skip
        user = create_account(email=f"{name}@demo.invalid", name=f"{name} Demo", created_by=ana)
        asked = propose_role(user=user, role=role, reason="Prueba", proposed_by=ana)
        decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
        second_factor(user)
        made[name] = user
    return made


@pytest.fixture(scope="module")
def mayor(people: dict[str, User]) -> Client:
    """The session of the mayor of the town; the other one has the other town."""
    for name, code in (("mayor", TOWN), ("mayor2", OTHER)):
        given = {"correo": f"{name}@demo.invalid", "municipio": code, "acto": "Credencial 1"}
        assert session_of(people["reg1"]).post(reverse("mayor_seat_propose"), given).status_code == 302
        seat = Seat.objects.get(user=people[name], decision__isnull=True)
        path = reverse("mayor_seat", args=[seat.id])
        own = session_of(people["reg1"]).post(path, {"decision": "grant"})
        assert (own.status_code, "otra persona" in own.content.decode()) == (422, True)
        assert session_of(people["reg2"]).post(path, {"decision": "grant"}).status_code == 302
    return session_of(people["mayor"])


@pytest.fixture(scope="module")
def carded(mayor: Client) -> dict[str, str]:
    """Rosa, enrolled on the page; what was printed."""
    page = mayor.post(reverse("mayor_enrol"), PERSON)
    assert page.status_code == 200, page.content.decode()
    text = page.content.decode()
    letters = re.search(r'letters">([A-Z2-9 ]+)<', text)
    pin = re.search(r'pin code">([0-9]{4})<', text)
    assert letters
    assert pin
    assert "<svg" in text
    assert "no-store" in page["Cache-Control"]
    return {"token": letters[1].replace(" ", ""), "pin": pin[1], "actor": str(actor_named("71600700"))}


def actor_named(number: str) -> UUID:
    wanted = document("CC", number)
    return actors_of([wanted])[wanted]


def test_a_mayor_without_municipality_is_told_how_to_get_one(people: dict[str, User], hub: Hub) -> None:
    ana = User.objects.get(email="ana@demo.invalid")
    user = create_account(email="nuevo@demo.invalid", name="Nuevo Demo", created_by=ana)
    asked = propose_role(user=user, role=Role.MAYOR, reason="Prueba", proposed_by=ana)
    decide_role(asked.id, granted=True, reason="x", decided_by=User.objects.get(email="luis@demo.invalid"))
    second_factor(user)
    for name in ("mayor_home", "mayor_enrol", "mayor_report", "mayor_seize"):
        assert session_of(user).get(reverse(name)).status_code == 403


def test_the_database_itself_asks_for_two_persons(people: dict[str, User]) -> None:
    seat = Seat.objects.create(user=people["mayor"], municipality=OTHER, act="x", proposed_by=people["reg1"])
    for by in (people["reg1"], people["mayor"]):
        with pytest.raises(IntegrityError), transaction.atomic():
            SeatDecision.objects.create(
                seat=seat, user=people["mayor"], proposed_by=people["reg1"], decided_by=by, granted=True
            )
    seats.decide_seat(seat.id, granted=False, by=people["reg1"])
    with pytest.raises(seats.MayorRefused) as refused:
        seats.decide_seat(seat.id, granted=True, by=people["reg2"])
    assert refused.value.code == "MAY-002"


@pytest.mark.parametrize(
    ("email", "town"), [("reg1@demo.invalid", TOWN), ("nadie@x.co", TOWN), ("mayor@demo.invalid", "99999")]
)
def test_a_seat_is_for_a_mayors_account_and_a_real_municipality(
    people: dict[str, User], mayor: Client, email: str, town: str
) -> None:
    given = {"correo": email, "municipio": town, "acto": "Credencial"}
    assert session_of(people["reg1"]).post(reverse("mayor_seat_propose"), given).status_code == 422


def test_who_is_enrolled_is_registered_told_and_carded(carded: dict[str, str]) -> None:
    actor = UUID(carded["actor"])
    [registration] = registrations_of([actor])[actor]
    assert (registration.producer_class, registration.municipalities, registration.minerals) == (
        "barequero", frozenset({TOWN}), frozenset({"oro"}),
    )  # fmt: skip
    assert (registration.valid_from, registration.valid_to, registration.status) == (date(2026, 3, 1), None, "active")
    assert {d.type for d in documents_of([actor])[actor]} == {"CC", "NIT"}
    assert contacts_of([actor])[actor].value == "+573109998877"
    assert check_card(carded["token"], carded["pin"]) == actor
    assert Client().post(reverse("miner_card", args=[carded["token"]]), {"pin": carded["pin"]})["Location"] == "/mi/"


def test_the_qr_leads_to_the_card_of_this_hub(carded: dict[str, str], settings: Any) -> None:
    import segno

    url = f"{settings.PUBLIC_ORIGIN}{reverse('miner_card', args=[carded['token']])}"
    assert segno.make(url, error="m").version <= 6, "it is read by a cheap camera"
    assert "71600700" not in url


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"rut": ""}, "se exige el RUT"),
        ({"rut": "71600700-1"}, "verificación"),
        ({"numero": "x"}, "errorlist"),
        ({"telefono": "123"}, "diez números"),
        ({"fecha": "2999-01-01"}, "no ha llegado"),
        ({"minerales": []}, "errorlist"),
        ({"minerales": ["carbon_termico"]}, "errorlist"),
        ({"clase": "title"}, "errorlist"),
        ({"nombre": ""}, "errorlist"),
        ({}, "ya está inscrita"),
        ({"tipo": "CC", "numero": "71600901", "rut": "900200001"}, "otro actor"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_half_done(
    carded: dict[str, str], mayor: Client, changed: dict[str, Any], word: str
) -> None:
    def counted() -> list[int]:
        with connection.cursor() as cursor:
            found = []
            for table in ("actor", "actordocument", "actorcontact", "registration", "card"):
                cursor.execute(f"SELECT count(*) FROM registry_{table}")
                found.append(cursor.fetchone()[0])
            return found

    before = counted()
    response = mayor.post(reverse("mayor_enrol"), {**PERSON, **changed})
    assert response.status_code == 422
    assert word in response.content.decode(), response.content.decode()
    assert counted() == before


@pytest.mark.parametrize(("mineral", "status"), [("arcilla", 200), ("oro", 422)])
def test_the_rut_is_asked_for_metals_and_stones_only(
    carded: dict[str, str], mayor: Client, mineral: str, status: int
) -> None:
    from veta.norms.catalogue import catalogue

    code = mineral if mineral == "oro" else next(m.code for m in catalogue() if m.quota_group == "arcillas")
    given = {**PERSON, "numero": "71600801", "rut": "", "minerales": [code], "telefono": ""}
    assert mayor.post(reverse("mayor_enrol"), given).status_code == status


def test_a_person_who_is_known_keeps_what_it_has(hub: Hub, carded: dict[str, str], mayor: Client) -> None:
    """The other miner, already of this town, is refused; a known person of elsewhere gets a registration here."""
    before = actor_named("52000111")
    given = {**PERSON, "numero": "52000111", "nombre": "Otro Nombre", "rut": "52000111"}
    assert mayor.post(reverse("mayor_enrol"), given).status_code == 422
    assert actor_named("52000111") == before


def test_a_mayor_sees_and_touches_nobody_elses(carded: dict[str, str], people: dict[str, User], hub: Hub) -> None:
    other = session_of(people["mayor2"])
    for name in ("mayor_renew", "mayor_cancel", "mayor_card"):
        path = reverse(name, args=[carded["actor"]])
        assert (other.get(path).status_code, other.post(path, {"acto": "x", "fecha": "2026-05-01"}).status_code) == (
            404,
            404,
        )
    assert with_purpose(other, reverse("mayor_person", args=[carded["actor"]])).status_code == 404
    assert with_purpose(other, reverse("mayor_person", args=[str(uuid4())])).status_code == 404
    assert "R. F. D." not in other.get(reverse("mayor_home")).content.decode()
    found = other.post(reverse("mayor_home"), {"tipo": "CC", "numero": "71600700"})
    assert found["Location"] == reverse("mayor_enrol"), "of another town's it learns nothing"


def test_control_without_the_check_of_the_town_it_is_seen(
    carded: dict[str, str], people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    from veta.registry.queries.subsistence import enrolment_of

    monkeypatch.setattr(pages, "enrolment_of", lambda actor, _: enrolment_of(actor, TOWN))
    assert session_of(people["mayor2"]).get(reverse("mayor_renew", args=[carded["actor"]])).status_code == 200


def test_a_person_is_found_by_document_and_read_for_a_purpose(
    carded: dict[str, str], mayor: Client, people: dict[str, User]
) -> None:
    found = mayor.post(reverse("mayor_home"), {"tipo": "CC", "numero": "71.600.700"})
    assert found["Location"] == reverse("mayor_person", args=[carded["actor"]])
    before = AccessRecord.objects.count()
    page = with_purpose(mayor, found["Location"]).content.decode()
    assert "Rosa Ficticia Demo" in page
    assert AccessRecord.objects.count() == before + 1
    listed = mayor.get(reverse("mayor_home")).content.decode()
    assert "R. F. D." in listed
    assert "Rosa" not in listed


def test_renewal_new_card_and_end(carded: dict[str, str], mayor: Client) -> None:
    actor = UUID(carded["actor"])
    assert mayor.post(reverse("mayor_renew", args=[actor]), {"acto": "", "fecha": ""}).status_code == 422
    done = mayor.post(reverse("mayor_renew", args=[actor]), {"acto": "Planilla 2026-05", "fecha": "2026-05-10"})
    assert done.status_code == 302
    versions = registrations_of([actor])[actor]
    assert [v.valid_from for v in versions] == [date(2026, 5, 10), date(2026, 3, 1)]
    assert len({v.entity for v in versions}) == 1
    again = mayor.post(reverse("mayor_card", args=[actor])).content.decode()
    assert "pin code" in again
    with pytest.raises(Exception, match="corresponden"):
        check_card(carded["token"], carded["pin"])


def test_who_was_not_renewed_is_listed_and_still_in_force(hub: Hub, mayor: Client, carded: dict[str, str]) -> None:
    """Everybody here was recorded after this May: nobody is pending; with a May to come, all are."""
    assert "Nadie." in mayor.get(reverse("mayor_home"), {"ver": "por-renovar"}).content.decode()
    from veta.registry.queries.subsistence import enrolled_in

    last = UUID(int=2**128 - 1)
    pending = enrolled_in(TOWN, before=last, limit=50, since=datetime(2099, 5, 1, tzinfo=UTC), pending=True)
    assert {each.status for each in pending} == {"active"}
    assert len(pending) >= 2


def test_the_months_report_counts_what_stands_and_leaves_as_file(
    hub: Hub, mayor: Client, carded: dict[str, str]
) -> None:
    hub.report(hub.movement("purchase", quantity="2.000"))
    month = datetime.now(UTC).astimezone(hub.world.now.tzinfo).strftime("%Y-%m")
    page = mayor.get(reverse("mayor_report"), {"mes": month})
    assert page.status_code == 200
    file = mayor.get(reverse("mayor_report"), {"mes": month, "formato": "csv"})
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[1:]
    figures = {(row[0], row[1]): row[2] for row in rows}
    assert figures["Cantidad vendida", "Oro"] == "2.000"
    assert figures["Mineros que vendieron", "Oro"] == "1"
    assert int(figures["Inscripciones nuevas", "Barequero"]) >= 3
    assert figures["Renovaciones", "Barequero"] == "1"
    book = mayor.get(reverse("mayor_report"), {"mes": month, "formato": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[1:]] == [row[0] for row in rows]
    empty = mayor.get(reverse("mayor_report"), {"mes": "2020-01", "formato": "csv"}).content.decode("utf-8-sig")
    assert "Cantidad vendida" not in empty
    assert mayor.get(reverse("mayor_report"), {"mes": "nada"}).status_code == 200


def test_a_seizure_is_proposed_for_a_lot_of_the_town_and_no_other(
    hub: Hub, mayor: Client, people: dict[str, User]
) -> None:
    purchase = hub.movement("purchase", quantity="5.000", place={"municipality": TOWN})
    hub.report(purchase)
    given = {
        "lote": purchase["lot"], "cantidad": "5", "autoridad": "Policía Nacional", "acto": "Acta 7",
        "fecha": "2026-11-01", "motivo": "Sin documentos en el puesto de control",
    }  # fmt: skip
    assert session_of(people["mayor2"]).post(reverse("mayor_seize"), given).status_code == 422
    assert mayor.post(reverse("mayor_seize"), {**given, "lote": str(uuid4())}).status_code == 422
    assert acts.waiting_acts(plain_cursor()) == []
    done = mayor.post(reverse("mayor_seize"), given)
    assert done.status_code == 302, done.content.decode()
    [waiting] = acts.waiting_acts(plain_cursor())
    assert (waiting.kind, waiting.proposed_by) == ("seizure", "mayor@demo.invalid")


def test_mineral_without_a_lot_is_seized_in_the_own_town_alone(mayor: Client) -> None:
    given = {
        "mineral": "oro", "cantidad": "7,5", "ley": "900", "lugar": "Vereda DEMO", "autoridad": "Policía Nacional",
        "acto": "Acta 8", "fecha": "2026-11-01", "motivo": "Sin documentos", "municipio": OTHER,
    }  # fmt: skip
    assert mayor.post(reverse("mayor_seize_found"), given | {"cantidad": "x"}).status_code == 422
    assert mayor.post(reverse("mayor_seize_found"), given).status_code == 302
    waiting = acts.waiting_acts(plain_cursor())[-1]
    assert (waiting.kind, waiting.words["place"]["municipality"]) == ("seizure", TOWN)
    assert waiting.words["found"][0]["quantity"] == "7.5"


def test_an_ended_enrolment_and_seat_serve_no_more(
    carded: dict[str, str], mayor: Client, people: dict[str, User]
) -> None:
    actor = carded["actor"]
    assert (
        mayor.post(reverse("mayor_cancel", args=[actor]), {"acto": "Retiro 1", "fecha": "2026-06-01"}).status_code
        == 302
    )
    assert mayor.get(reverse("mayor_renew", args=[actor])).status_code == 404
    seat = Seat.objects.get(user=people["mayor"], decision__granted=True)
    assert (
        session_of(people["signer"]).post(reverse("mayor_seat", args=[seat.id]), {"decision": "end"}).status_code == 302
    )
    assert mayor.get(reverse("mayor_home")).status_code == 403
