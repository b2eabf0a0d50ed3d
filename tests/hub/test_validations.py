"""The pages of a validation: who is told what, the outcome with its reason, and what a stranger never sees."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.bonds.titled import holder, title
from tests.site.conftest import MakePerson, administrators, make_person, session_of
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.oversight.queries import cases
from veta.site.roles import Role

__all__ = ["administrators", "make_person"]  # the fixtures of the site's people

pytestmark = pytest.mark.django_db
ASK = {
    "titulo": "demo-001", "quien": "holder", "tipo": "NIT", "numero": "900500018", "calculo": "",
    "motivo": "¿Qué tipo?",
}  # fmt: skip


@pytest.fixture(autouse=True)
def owner(priced: None, db: None) -> UUID:
    actor = holder()
    title(held_by=actor, volumes={"carbon": 1_000_000}, years=tuple(range(2024, 2036)))
    return actor


def asked(**changes: str) -> Any:
    return Client().post(reverse("validation_ask"), ASK | changes)


def test_a_holder_asks_and_follows_the_case_by_its_code() -> None:
    done = asked()
    assert done.status_code == 302
    [case] = cases()
    assert done["Location"] == reverse("validation_status", args=[case.code])
    page = Client().get(done["Location"]).content.decode()
    assert "abierto" in page
    assert "Guarde este código" in page
    # Ni el plan, ni las cantidades, ni quién es el titular se muestran a quien solo tiene el código.
    for hidden in ("1.000", "Minera Demo", "900500018", "¿Qué tipo?"):
        assert hidden not in page
    assert Client().get(reverse("validation_status", args=["AAAAA-AAAAA"])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"numero": "800100200"}, "no es de un titular del título"),
        ({"numero": "12"}, "documento"),
        ({"titulo": "DEMO-999"}, "no tiene el título"),
        ({"quien": "insurer"}, "código de un cálculo"),
        ({"motivo": ""}, "obligatorio"),
        ({"quien": "officer"}, "Revise lo siguiente"),
    ],
)
def test_who_may_not_ask_is_told_why(changes: dict[str, str], told: str) -> None:
    refused = asked(**changes)
    assert (refused.status_code, cases()) == (422, [])
    assert told in refused.content.decode()


def test_the_outcome_is_the_offices_with_its_reason(make_person: MakePerson) -> None:
    asked()
    [case] = cases()
    marta = session_of(make_person("marta", Role.OVERSIGHT))
    page = marta.get(reverse("validation_case", args=[case.id])).content.decode()
    for told in ("Minera Demo SAS", "sin tipo", "COH-007", "BON-001", "1.000"):
        assert told in page
    assert "DEMO-001" in marta.get(reverse("validation_desk")).content.decode()
    home = marta.get(reverse("desk_home")).content.decode()
    assert "Validación pedida: DEMO-001" in home
    assert "ya pasó" not in home
    letter = marta.get(reverse("validation_petition", args=[case.id])).content.decode()
    assert "Señores" in letter
    decide = reverse("validation_decide", args=[case.id])
    assert marta.get(decide).status_code == 200
    assert marta.post(decide, {"resultado": "update", "motivo": ""}).status_code == 422
    assert marta.post(decide, {"resultado": "requirement", "motivo": "x"}).status_code == 422
    assert marta.post(decide, {"resultado": "update", "motivo": "Precise el tipo"}).status_code == 302
    again = marta.post(decide, {"resultado": "clear", "motivo": "Otra vez"})
    assert (again.status_code, "no corresponde ahora" in again.content.decode()) == (422, True)
    status = Client().get(reverse("validation_status", args=[case.code])).content.decode()
    assert "El plan debe actualizarse" in status
    assert "Precise el tipo" in status
    assert "marta@" not in status
    assert marta.get(reverse("validation_settle", args=[case.id])).status_code == 404
    assert marta.get(reverse("validation_case", args=[UUID(int=1)])).status_code == 404


def test_an_officer_opens_one_from_the_titles_year(make_person: MakePerson) -> None:
    marta = session_of(make_person("marta", Role.OVERSIGHT))
    year = marta.get(reverse("bond_coherence"), {"placa": "DEMO-001"}).content.decode()
    assert f"{reverse('validation_open')}?placa=DEMO-001" in year
    done = marta.post(reverse("validation_open"), {"titulo": "DEMO-001", "motivo": "COH-007"})
    [case] = cases()
    assert done["Location"] == reverse("validation_case", args=[case.id])
    assert case.events[0].by == "marta@demo.invalid"


def test_the_calculators_heading_leads_to_the_case_and_the_insurers_paper_opens_it() -> None:
    bond = {"titulo": "DEMO-001", "desde": "2025-08-01", "calcular": "1"}
    assert "/validacion/?placa=DEMO-001" in Client().get(reverse("bond_calculate"), bond).content.decode()
    saved = Client().post(reverse("bond_save"), bond)
    code = saved["Location"].split("/")[-2]
    assert f"calculo={code}" in Client().get(saved["Location"]).content.decode()
    assert asked(quien="insurer", numero="", calculo=code).status_code == 302
    assert cases()[0].events[0].quotation == code


def test_a_requirement_waits_in_the_queue_for_somebody_else(make_person: MakePerson) -> None:
    asked()
    [case] = cases()
    marta, pedro = (session_of(make_person(name, Role.OVERSIGHT)) for name in ("marta", "pedro"))
    settle = reverse("validation_settle", args=[case.id])
    today = bogota_date(SystemClock().now()).isoformat()
    given = {"acto": "Auto DEMO-9", "desde": today, "motivo": "Precise el tipo"}
    assert marta.post(reverse("validation_require", args=[case.id]), given | {"desde": "2020-01-01"}).status_code == 422
    assert marta.post(reverse("validation_require", args=[case.id]), given).status_code == 302
    assert settle in pedro.get(reverse("desk_queue")).content.decode()
    own = marta.post(settle, {"decision": "approve"})
    assert (own.status_code, "lo decide otra persona" in own.content.decode()) == (422, True)
    assert pedro.post(settle, {"decision": "decline", "motivo": ""}).status_code == 422
    assert pedro.post(settle, {"decision": "approve"}).status_code == 302
    assert settle not in pedro.get(reverse("desk_queue")).content.decode()
    page = pedro.get(reverse("desk_title", args=["DEMO-001"])).content.decode()
    assert reverse("validation_case", args=[case.id]) in page
    assert "Auto DEMO-9" in Client().get(reverse("validation_status", args=[case.code])).content.decode()


def test_the_desk_goes_to_a_spreadsheet(make_person: MakePerson) -> None:
    asked()
    marta = session_of(make_person("marta", Role.OVERSIGHT))
    desk = marta.get(reverse("validation_desk"), {"formato": "csv"}).content.decode("utf-8-sig").splitlines()
    assert desk[1].startswith(f"DEMO-001 · {cases()[0].code},abierto,")
    assert "el titular" in desk[1]
    book = marta.get(reverse("validation_desk"), {"formato": "xlsx"})
    assert book.content.startswith(b"PK")
    for name, query in (
        ("bound_unlinked", {}), ("bond_desk", {}), ("settlement_desk", {}), ("withholding_desk", {}),
        ("bond_coherence", {"placa": "DEMO-001"}),
    ):  # fmt: skip
        found = marta.get(reverse(name), {**query, "formato": "csv"})
        assert found["Content-Type"].startswith("text/csv"), name
    year = found.content.decode("utf-8-sig")
    assert "Carbón (sin tipo),t,1000.000,,," in year
    assert "COH-007" in year


def test_no_link_leads_to_a_refusal(make_person: MakePerson) -> None:
    asked()
    [case] = cases()
    auditor = session_of(make_person("vera", Role.AUDITOR))
    page = auditor.get(reverse("validation_case", args=[case.id])).content.decode()
    for name in ("validation_decide", "validation_require", "validation_settle"):
        assert reverse(name, args=[case.id]) not in page
        assert auditor.get(reverse(name, args=[case.id])).status_code == 403
    assert reverse("validation_open") not in auditor.get(reverse("validation_desk")).content.decode()
