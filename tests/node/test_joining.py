"""A client joins: papers by kind, check digit, authorization; its mandate is proposed, and confirmed by code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from stdnum.co import nit

from tests.node.conftest import NOW, House, purchase
from tests.node.test_feed import ME, point
from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.kernel.identity import Document
from veta.kernel.ids import uuid7
from veta.node.domain.authorizing import FIRST
from veta.node.domain.clients import ClientKind, MandateState
from veta.node.domain.papers import PAPERS
from veta.node.models import (
    Calibration,
    Client,
    ClientChange,
    ClientPaper,
    DataAuthorization,
    MandateStep,
    Membership,
    OutboxItem,
    Place,
)
from veta.node.pages.joining_forms import PAPER_LABELS
from veta.node.queries.mandates import state_of
from veta.node.queries.members import with_document
from veta.node.services.capture import Given, capture
from veta.node.services.joining import JoiningRefused, add_paper

NUMBER = "900400001"
MANDATE, CONSENT = str(uuid7()), str(uuid7())


def answers(body: bytes) -> Any:
    """The registry knows the client; each step is taken."""
    given = orjson.loads(body or b"{}")
    if "data_authorization" in given:
        return {"id": MANDATE, "status": "proposed"}
    if "purpose" in given:
        return {"id": CONSENT, "purpose": "mandate", "method": "code", "verified": False}
    if "consent" in given:
        return {"id": MANDATE, "status": "active"}
    return {"registrations": [{"role": "exporter", "producer_class": None, "title_code": None, "status": "active",
                               "valid_from": "2020-01-01"}]}  # fmt: skip


@pytest.fixture
def hub(house: House, node: Any, tmp_path: Any) -> Iterator[VerifyingHub]:
    with verifying_hub({ME.key_id: ME.public_key}) as server:
        server.answer = answers
        point(node, server, tmp_path)
        yield server


def words(**changed: str) -> dict[str, str]:
    given = {
        "nombre": "DEMO Exportadora (ficticia)", "tipo": "NIT", "numero": NUMBER, "municipio": "05001",
        "digito": nit.calc_check_digit(NUMBER), "contacto": "3000000000", "autorizacion": "paper",
        "autorizada": "2026-01-05", "papel_identity": "CC 1", "papel_rucom": "RUCOM-1",
    }  # fmt: skip
    return given | changed


def test_from_papers_to_a_mandate_in_force(house: House, hub: VerifyingHub) -> None:
    desk = house.browser("desk")
    made = desk.post("/clientes/nuevo/exporter/", words())
    client = with_document(Document("NIT", NUMBER)).get()
    assert (made.status_code, made["Location"]) == (302, f"/clientes/{client.id}/mandato/")
    given = DataAuthorization.objects.get(client=client)
    assert (given.version, given.text, given.how, len(given.digest)) == (FIRST.version, FIRST.text, "paper", 64)
    assert sorted(client.papers.values_list("code", flat=True)) == ["identity", "rucom"]
    page = f"/clientes/{client.id}/mandato/"
    assert "Exportador · Vigente" in desk.get(page).content.decode()
    assert desk.post(page, {"acto": "proponer"}).status_code == 302
    assert orjson.loads(hub.bodies[-1])["data_authorization"] == {"version": FIRST.version, "text": FIRST.text}
    assert desk.post(page, {"acto": "pedir"}).status_code == 302
    assert CONSENT in desk.get(page).content.decode()
    told = desk.post(page, {"acto": "confirmar", "consentimiento": CONSENT, "codigo": "204816"})
    assert told.status_code == 302
    steps = MandateStep.objects.filter(client=client).order_by("id").values_list("state", "mandate")
    assert [(state, str(mandate)) for state, mandate in steps] == [("proposed", MANDATE), ("in_force", MANDATE)]


BAD = [
    ({"digito": "x"}, "una sola cifra"),
    ({"digito": str((int(nit.calc_check_digit(NUMBER)) + 1) % 10)}, "dígito"),
    ({"numero": "abc"}, "id_numero_error"),
    ({"papel_rucom": ""}, "papel_rucom"),
    ({"autorizada": "2999-01-01"}, "no ha llegado"),
    ({"autorizacion": ""}, "autorizacion"),
    ({"municipio": "501"}, "DIVIPOLA"),
    ({"numero": "900200001", "digito": ""}, "Ya es cliente"),
]


@pytest.mark.parametrize(("changed", "said"), BAD)
def test_what_is_missing_is_told_and_nothing_is_kept(
    house: House, hub: VerifyingHub, changed: dict[str, str], said: str
) -> None:
    before = Client.objects.count()
    answer = house.browser("desk").post("/clientes/nuevo/exporter/", words(**changed))
    assert (answer.status_code, Client.objects.count()) == (422, before)
    assert said in answer.content.decode()


def test_every_paper_says_why(house: House) -> None:
    assert set(PAPER_LABELS) == {paper.code for papers in PAPERS.values() for paper in papers}
    for kind in ClientKind:
        page = house.browser("desk").get(f"/clientes/nuevo/{kind.value}/").content.decode()
        assert [str(PAPER_LABELS[p.code][1]) in page for p in PAPERS[kind]] == [True] * len(PAPERS[kind])


def test_a_paper_is_added_and_those_of_before_stay(house: House) -> None:
    """The desk adds what the kind of client brings; its manager reads it, its counter does not."""
    gold = house.clients["gold"]
    desk, page = house.browser("desk"), f"/clientes/{gold.id}/papeles/"
    ClientPaper.objects.create(client=gold, code="rucom", number="RUCOM-1", recorded_by=house.desk)
    for given, status in (
        ({"papel": "rucom", "numero": " RUCOM-2 "}, 302),
        ({"papel": "rucom", "numero": "RUCOM-2"}, 422),
        ({"papel": "rucom", "numero": " "}, 422),
        ({"papel": "title", "numero": "DEMO-ORO"}, 422),  # a trader brings no title
    ):
        assert desk.post(page, given).status_code == status, given
    assert sorted(paper.number for paper in ClientPaper.objects.filter(client=gold)) == ["RUCOM-1", "RUCOM-2"]
    shown = desk.get(page).content.decode()
    assert shown.index("RUCOM-2") < shown.index("RUCOM-1")
    for said in ("RUCOM", "lo anotó", "Sin él no puede comprar ni vender. Ley 2250 de 2022", "Anotar el papel"):
        assert said in shown, said
    owner = house.browser("gold owner")
    read = owner.get(page).content.decode()
    assert ("RUCOM-2" in read, "Anotar el papel" in read) == (True, False)
    assert page in owner.get(f"/clientes/{gold.id}/").content.decode()
    assert owner.post(page, {"papel": "rucom", "numero": "RUCOM-3"}).status_code == 403
    assert house.browser("gold counter").get(page).status_code == 403
    with pytest.raises(JoiningRefused, match="no es de esta clase"):
        add_paper(gold, "title", "DEMO-ORO", by=house.desk)


def test_who_is_not_in_the_registry_is_told(house: House, hub: VerifyingHub) -> None:
    hub.orders = [404]
    hub.refusal = {"title": "no", "detail": "No está en el registro.", "findings": []}
    address = f"/clientes/{house.clients['gold'].id}/mandato/"
    page = house.browser("desk").post(address, {"acto": "pedir"})
    assert page.status_code == 422
    assert "No está en el registro." in page.content.decode()
    hub.orders = [404]
    looked = house.browser("desk").get(address)
    assert (looked.status_code, "No está en el registro." in looked.content.decode()) == (200, True)


def test_a_mandate_in_force_is_not_proposed_again(house: House, hub: VerifyingHub) -> None:
    page = house.browser("gold owner").post(f"/clientes/{house.clients['gold'].id}/mandato/", {"acto": "proponer"})
    assert page.status_code == 422


def test_a_client_is_corrected_and_what_stood_before_is_kept(house: House) -> None:
    gold, owner = house.clients["gold"], house.people["gold owner"]
    page, browser = f"/clientes/{gold.id}/datos/", house.browser("gold owner")
    given = {"nombre": " DEMO Oro Nuevo ", "contacto": "3001112233", "municipio": "05250"}
    assert browser.post(page, given)["Location"] == page
    assert browser.post(page, given)["Location"] == page
    gold.refresh_from_db()
    assert (gold.name, gold.contact, gold.municipality) == ("DEMO Oro Nuevo", "3001112233", "05250")
    change = ClientChange.objects.get(client=gold)  # one: the same words again change nothing
    assert change.before == {"name": "DEMO Oro (ficticio)", "contact": "", "municipality": "05001"}
    assert change.changed_by == owner
    shown = browser.get(page).content.decode()
    assert "DEMO Oro (ficticio)" in shown
    assert "lo cambió gold owner" in shown
    assert with_document(gold.document).get() == gold, "it is still found by its document"
    assert browser.post(page, given | {"nombre": ""}).status_code == 422
    assert browser.post(page, given | {"municipio": "x"}).status_code == 422


def test_a_mandate_is_ended_from_its_page(house: House, hub: VerifyingHub) -> None:
    """As the authorization promises; where the hub does not answer it stands, and asked again it ends once."""
    gold, owner = house.clients["gold"], house.browser("gold owner")
    base = f"/clientes/{gold.id}/mandato/"
    last = MandateStep.objects.filter(client=gold).latest("id")
    capture(gold, [Given(purchase())], now=NOW)
    assert f"{base}terminar/" in owner.get(base).content.decode()
    assert "detenido: 1 ahora" in owner.get(f"{base}terminar/").content.decode()
    hub.orders = [404]
    hub.refusal = {"title": "no", "detail": "No hay tal mandato.", "findings": []}
    refused = owner.post(f"{base}terminar/")
    assert (refused.status_code, "No hay tal mandato." in refused.content.decode()) == (422, True)
    assert state_of(gold.id) is MandateState.IN_FORCE
    assert owner.post(f"{base}terminar/")["Location"] == base
    step = MandateStep.objects.filter(client=gold).latest("id")
    assert (step.state, step.mandate, step.cause) == ("ended", last.mandate, f"node: {house.people['gold owner'].id}")
    item = OutboxItem.objects.get()
    assert (item.state, "ya no tiene mandato" in item.cause) == ("held", True)
    assert "nada se envía" in owner.get(f"/clientes/{gold.id}/").content.decode()
    assert owner.get(f"{base}terminar/").status_code == 302
    assert owner.post(f"{base}terminar/").status_code == 302
    assert MandateStep.objects.filter(client=gold, state="ended").count() == 1


@pytest.mark.parametrize(("who", "status"), [("gold owner", 200), ("gold counter", 403), ("coal owner", 404)])
def test_who_manages_a_client(house: House, hub: VerifyingHub, who: str, status: int) -> None:
    for page in ("mandato", "mandato/terminar", "datos", "personas", "sedes"):
        assert house.browser(who).get(f"/clientes/{house.clients['gold'].id}/{page}/").status_code == status


def test_only_the_desk_takes_clients_on(house: House) -> None:
    assert house.browser("gold owner").get("/clientes/nuevo/").status_code == 302, "a second factor, then the role"


def test_people_branches_and_scales(house: House) -> None:
    gold, owner = house.clients["gold"], house.browser("gold owner")
    base = f"/clientes/{gold.id}"
    someone = {"nombre": "Nueva Persona", "correo": "nueva@demo.invalid", "rol": "counter"}
    assert owner.post(f"{base}/personas/", someone).status_code == 302
    assert owner.post(f"{base}/personas/", someone).status_code == 422
    held = Membership.objects.get(user__email="nueva@demo.invalid")
    assert owner.post(f"{base}/personas/{held.id}/retirar/").status_code == 302
    assert house.browser("coal owner").post(f"{base}/personas/{held.id}/retirar/").status_code == 404
    place = {"sede-nombre": "El Bagre", "sede-municipio": "05250", "sede-instalacion": "Planta Uno"}
    owner.post(f"{base}/sedes/", {"acto": "sede", **place})
    assert "El Bagre · Planta Uno, 05250" in owner.get(f"{base}/sedes/").content.decode()
    branch = gold.branches.get()
    scale = {
        "acto": "bascula", "bascula-sede": str(branch.id), "bascula-serie": "A1", "bascula-clase": "II",
        "bascula-unidad": "g", "bascula-maximo": "2000", "bascula-division": "0.1", "bascula-certificado": "C-1",
        "bascula-calibrada": "2026-01-05", "bascula-vence": "2027-01-05",
    }  # fmt: skip
    assert owner.post(f"{base}/sedes/", scale).status_code == 302
    assert owner.post(f"{base}/sedes/", scale | {"bascula-division": "0"}).status_code == 422
    assert Calibration.objects.get().due_on.isoformat() == "2027-01-05"
    assert "A1" in owner.get(f"{base}/sedes/").content.decode()
    older = scale | {"bascula-calibrada": "2025-01-05", "bascula-vence": "2026-01-05"}
    assert owner.post(f"{base}/sedes/", older).status_code == 302
    shown = owner.get(f"{base}/sedes/").content.decode()
    assert ("2027-01-05" in shown, "2026-01-05" in shown) == (True, False), "the last calibration, not the last typed"
    for changed in ({"bascula-clase": "I"}, {"bascula-unidad": "kg"}, {"bascula-maximo": "9"}):
        refused = owner.post(f"{base}/sedes/", scale | changed)
        assert (refused.status_code, Calibration.objects.count()) == (422, 2)
        assert "otra serie" in refused.content.decode()
    alien = scale | {"bascula-sede": str(uuid7())}
    assert owner.post(f"{base}/sedes/", alien).status_code == 422


TOWNS = (
    ("05250", "El Bagre", "Antioquia"), ("05001", "Medellín", "Antioquia"), ("05440", "Marinilla", "Antioquia"),
    ("68444", "Matanza", "Santander"), ("25885", "Yacopí", "Cundinamarca"), ("13006", "Achí", "Bolívar"),
    ("05059", "Armenia", "Antioquia"), ("63001", "Armenia", "Quindío"),
)  # fmt: skip
NAMED = [
    ("El Bagre (Antioquia)", "05250"), ("medellin", "05001"), ("Armenia, Quindío", "63001"), ("05059", "05059"),
    ("Armenia", "Hay varios municipios"), ("Ciudad Gótica", "No se conoce ese municipio"), ("99999", "no es de ningún"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "found"), NAMED)
def test_a_municipality_is_chosen_by_its_name(house: House, hub: VerifyingHub, said: str, found: str) -> None:
    Place.objects.bulk_create([Place(code=code, name=name, department=of) for code, name, of in TOWNS])
    desk, page = house.browser("desk"), "/clientes/nuevo/exporter/"
    offered = desk.get(page).content.decode()
    assert 'list="id_municipio_list"' in offered
    assert '<datalist id="id_municipio_list">' in offered
    assert [f'<option value="{name} ({of})">{code}</option>' in offered for code, name, of in TOWNS] == [True] * 8
    answer = desk.post(page, words(municipio=said))
    if not found.isdigit():
        assert (answer.status_code, found in answer.content.decode()) == (422, True)
        return
    client = with_document(Document("NIT", NUMBER)).get()
    assert (answer.status_code, client.municipality) == (302, found)
    name, of = next(each[1:] for each in TOWNS if each[0] == found)
    assert f'name="municipio" value="{name} ({of})"' in desk.get(f"/clientes/{client.id}/datos/").content.decode(), (
        "shown by its name"
    )
    owner = f"/clientes/{client.id}/sedes/"
    desk.post(owner, {"acto": "sede", "sede-nombre": "Bodega", "sede-municipio": said})
    assert client.branches.get().municipality == found
