"""The authority's desks of prices, bonds and royalties: who may open them, and each step done on a page."""

import io
from datetime import date
from typing import Any
from uuid import UUID

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.bonds.titled import holder, title
from tests.site.conftest import MakePerson, administrators, make_person, session_of
from veta.bonds.domain.life import COVERS
from veta.bonds.queries import bonds
from veta.bonds.services import unrequired
from veta.kernel.ids import uuid7
from veta.kernel.period import Period
from veta.prices import queries as prices
from veta.prices.services import COLUMNS
from veta.royalties.queries import payment_proof, settlements
from veta.royalties.services import Destination, Purchase, RoyaltyRefused, save_draft, withhold
from veta.site.roles import Role

__all__ = ["administrators", "make_person"]  # the fixtures of the site's people

pytestmark = pytest.mark.django_db
ROW = "000321,2025-06-27,,quarter,2025-07-01,2025-09-30,carbon_termico,interno,,,t,"


@pytest.fixture
def owner(priced: None, db: None) -> UUID:
    actor = holder()
    title(held_by=actor, volumes={"antracita": 1_000_000})
    return actor


def post(client: Client, name: str, *arguments: Any, **given: Any) -> Any:
    return client.post(reverse(name, args=arguments), given)


def upload(client: Client, *rows: str) -> Any:
    file = SimpleUploadedFile("segundo trimestre.csv", "\n".join((",".join(COLUMNS), *rows)).encode())
    return client.post(reverse("price_enter"), {"archivo": file})


def test_prices_are_entered_by_one_person_and_approved_by_another(make_person: MakePerson) -> None:
    ana, luz = (session_of(make_person(name, Role.ROYALTIES)) for name in ("anam", "luz"))
    page = upload(ana, ROW + "250000", ROW.replace("interno", "exportacion") + "0").content.decode()
    assert "rechazada" in page
    assert prices.resolutions() == []
    page = upload(ana, ROW + "250000").content.decode()
    assert "UPME 000321 de 2025" in page
    [entry] = prices.resolutions(pending=True)
    own = post(ana, "price_decide", entry.id, decision="approve")
    assert own.status_code == 422
    assert "otra persona" in own.content.decode()
    assert post(luz, "price_decide", entry.id, decision="refuse").status_code == 422
    assert post(luz, "price_decide", entry.id, decision="approve").status_code == 302
    assert [price.price_text for price in prices.prices_in_force()] == ["250000.00"]
    assert "aprobada" in luz.get(reverse("price_desk")).content.decode()


def test_a_file_that_is_too_large_or_no_table_is_refused(make_person: MakePerson) -> None:
    ana = session_of(make_person("anam", Role.ROYALTIES))
    assert upload(ana, "x" * (2 * 2**20 + 1)).status_code == 422
    file = SimpleUploadedFile("x.csv", b"a,b\n1,2\n")
    assert ana.post(reverse("price_enter"), {"archivo": file}).status_code == 422
    assert prices.resolutions() == []


def test_a_bond_goes_through_its_life_on_pages(make_person: MakePerson, owner: UUID) -> None:
    ana = session_of(make_person("anam", Role.OVERSIGHT))
    luz = session_of(make_person("luz", Role.SIGNER))
    assert post(ana, "bond_require", titulo="DEMO-999", dia="2025-08-01").status_code == 422
    assert post(ana, "bond_require", titulo="demo-001", dia="2025-09-01").status_code == 302
    [entry] = bonds()
    # 1.000 t × 333.000 (DEMO) × 10 %
    assert entry.life.required == 33_300_000
    policy = {
        "aseguradora": "Aseguradora Demo SA", "nit": "900500018", "numero": "POL-1", "tomador": "NIT 900500018",
        "beneficiario": "ANM", "amparos": list(COVERS), "desde": "2025-08-01", "hasta": "2026-07-31",
        "valor": "33.299.999",
    }  # fmt: skip
    assert post(ana, "bond_present", entry.id, **(policy | {"tomador": "CC 1"})).status_code == 422
    shown = ana.post(reverse("bond_present", args=[entry.id]), policy, follow=True).content.decode()
    assert "BON-020" in shown
    assert post(luz, "bond_decide", entry.id, acto="Auto 1", decision="object").status_code == 422
    assert post(luz, "bond_decide", entry.id, acto="Auto 1", motivo="Corta", decision="object").status_code == 302
    assert post(ana, "bond_present", entry.id, **(policy | {"valor": "33.300.000"})).status_code == 302
    assert post(luz, "bond_decide", entry.id, acto="Auto 2", decision="approve").status_code == 302
    assert post(luz, "bond_draw", entry.id, acto="Resolución 3", valor="99.999.999").status_code == 422
    assert post(luz, "bond_draw", entry.id, acto="Resolución 3", valor="1.000").status_code == 302
    assert "BON-027" in ana.get(reverse("bond_desk")).content.decode()
    rows = ana.get(reverse("bond_desk"), {"formato": "csv"}).content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("DEMO-001,2025-08-01,2026-07-31,hecha efectiva,33300000,33300000,2026-07-31,")
    assert "Póliza: DEMO-001" in ana.get(reverse("desk_home")).content.decode()
    page = ana.get(reverse("bond_life", args=[entry.id])).content.decode()
    assert "Registrar la que la repone" in page
    assert "33.300.000 COP" in page
    assert "31 de julio de 2048" in page  # el título termina el 31 de julio de 2045
    assert post(ana, "bond_present", entry.id, **policy).status_code == 302
    assert bonds()[0].life.events[-1].kind == "restored"
    assert ana.get(reverse("bond_life", args=[UUID(int=1)])).status_code == 404


def test_annuities_with_no_bond_required_are_listed(make_person: MakePerson, owner: UUID) -> None:
    on = date(2025, 8, 1)
    title("DEMO-002", held_by=owner, modality="Contrato en virtud de aporte")
    title("DEMO-003", held_by=owner, contract_date=date(2025, 8, 2))
    title("DEMO-004", held_by=owner, stage=None)
    title("DEMO-005", held_by=owner, status="suspended")
    annuity = Period(date(2025, 8, 1), date(2026, 7, 31))
    assert unrequired(on) == [("DEMO-001", annuity)]
    assert unrequired(date(2025, 8, 2))[1] == ("DEMO-003", Period(date(2025, 8, 2), date(2026, 8, 1)))
    assert unrequired(date(2015, 7, 31)) == []
    ana = session_of(make_person("anam", Role.OVERSIGHT))
    assert "?placa=DEMO-001" in ana.get(reverse("bond_desk")).content.decode()
    assert 'value="DEMO-001"' in ana.get(reverse("bond_require"), {"placa": "DEMO-001"}).content.decode()
    assert post(ana, "bond_require", titulo="demo-001", dia="2026-07-31").status_code == 302
    assert unrequired(annuity.end) == [("DEMO-003", Period(date(2025, 8, 2), date(2026, 8, 1)))]
    assert ("DEMO-001", Period(date(2026, 8, 1), date(2027, 7, 31))) in unrequired(date(2026, 8, 1))


def test_a_titles_year_is_compared_on_a_page(make_person: MakePerson, owner: UUID) -> None:
    ana = session_of(make_person("anam", Role.AUDITOR))
    page = ana.get(reverse("bond_coherence"), {"placa": "demo-001", "dia": "2025-09-01"})
    assert "COH-007" in page.content.decode()
    assert ana.get(reverse("bond_coherence"), {"placa": "DEMO-999"}).status_code == 422
    assert ana.get(reverse("bond_coherence"), {"placa": "DEMO-001", "dia": "2025-02-30"}).status_code == 422
    assert ana.get(reverse("bond_coherence")).status_code == 200


def test_a_quarter_is_declared_and_paid_on_pages(make_person: MakePerson, owner: UUID) -> None:
    ana = session_of(make_person("anam", Role.ROYALTIES))
    line = {"mineral": "antracita", "quantity": "100", "unit": "t", "municipality": "15759", "holder_year_tonnes": "9"}
    case = {"quarter": "2025-T3", "title": "DEMO-001", "contract_date": "2015-08-01", "lines": [line]}
    entry = save_draft(case, by="ana", destinations=[Destination(owner, "antracita", "60.5", "t")])
    with pytest.raises(RoyaltyRefused) as stranger:
        save_draft(case, by="ana", destinations=[Destination(UUID(int=1), "antracita", "1", "t")])
    assert stranger.value.code == "ROY-031"
    assert "vencida" in ana.get(reverse("settlement_desk")).content.decode()
    home = ana.get(reverse("desk_home")).content.decode()
    # por la lectura más temprana: diez días hábiles del carbón, contados desde el 1 de octubre
    assert "Regalías: DEMO-001 · 2025-T3" in home
    assert "15 de octubre de 2025" in home
    assert post(ana, "settlement_declare", entry.id, titular=str(UUID(int=1))).status_code == 422
    assert post(ana, "settlement_declare", entry.id, titular=str(owner)).status_code == 302
    text = (
        pypdf.PdfReader(io.BytesIO(ana.get(reverse("settlement_paper", args=[entry.id])).content))
        .pages[0]
        .extract_text()
    )
    # 100 t × 333.000 × 5 %
    assert "1.665.000" in text
    for told in ("Minera Demo SAS", "NIT 900500018", "Título DEMO-001", "60,5 t", "Quien lo recibió"):
        assert told in text
    bad = post(ana, "settlement_pay", entry.id, comprobante="B-1", pagado="2025-10-15", valor="nada")
    assert bad.status_code == 422
    done = post(ana, "settlement_pay", entry.id, comprobante="B-1", pagado="2025-10-15", valor="1.665.000")
    assert done.status_code == 302
    assert payment_proof("B-1")
    assert settlements()[0].state == "paid"
    assert "B-1" in ana.get(reverse("settlement", args=[entry.id])).content.decode()
    rows = ana.get(reverse("settlement_desk"), {"formato": "csv"}).content.decode("utf-8-sig").splitlines()
    assert rows[1] == "DEMO-001,2025-T3,pagada,1665000,,B-1"
    found = ana.get(reverse("settlement_desk"), {"comprobante": " B-1 "})
    assert (found.status_code, "Sirve de prueba de pago" in found.content.decode()) == (200, True)
    assert ana.get(reverse("settlement_desk"), {"comprobante": "B-2"}).status_code == 404
    assert ana.get(reverse("settlement", args=[UUID(int=1)])).status_code == 404


def test_a_buyers_month_is_withheld_and_listed_by_municipality(make_person: MakePerson, owner: UUID) -> None:
    def bought(day: int, place: str, mg: int) -> Purchase:
        on = date(2025, 8, day)
        return Purchase(buyer=owner, seller=uuid7(), bought_on=on, municipality=place, mineral="oro", fine_mg=mg)

    withhold([bought(1, "27361", 10_000), bought(31, "27361", 2_500), bought(15, "05250", 1_000)], by="ana")
    ana = session_of(make_person("anam", Role.ROYALTIES))
    assert "Minera Demo SAS" in ana.get(reverse("withholding_desk")).content.decode()
    address = reverse("withholding_book", args=[owner, "2025-08"])
    page = ana.get(address).content.decode()
    # 12,5 g × 342.250 × 4 % = 171.125; 1 g → 13.690
    for told in ("171.125 COP", "13.690 COP", "184.815 COP", "12,500 g", "5 de septiembre de 2025"):
        assert told in page
    rows = ana.get(address, {"formato": "csv"}).content.decode().splitlines()
    assert rows[1:] == ["05250,oro,1,1.000,13690.00", "27361,oro,2,12.500,171125.00"]
    assert "Nada retenido" in ana.get(reverse("withholding_book", args=[owner, "2025-07"])).content.decode()
    for month in ("2025-13", "agosto", "0000-01"):
        assert ana.get(reverse("withholding_book", args=[owner, month])).status_code == 404
    assert ana.get(reverse("withholding_book", args=[uuid7(), "2025-08"])).status_code == 404
    for wrong in ({"comprador": "CC 1", "mes": "2025-08"}, {"comprador": "NIT 900500018", "mes": "agosto"}):
        assert post(ana, "withholding_desk", **wrong).status_code == 422
