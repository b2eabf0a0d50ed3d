"""The public calculators: the same numbers as command, API and paper; the reason beside each; faults in place."""

import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from tests.bonds.titled import holder, title
from tests.royalties.test_history import GOLD as GOLD_PAID
from tests.royalties.test_history import HEAD
from veta.bonds.models import Quotation
from veta.bonds.queries import find_quotation
from veta.cli.bonds import app as bonds_command
from veta.cli.royalties import app as royalties_command
from veta.hub.chart import implied_chart
from veta.hub.templatetags.figures import figure, percent
from veta.hub.typed import typed_number
from veta.operators.services.limits import DEFAULT, Limits, Rate
from veta.prices.services import COLUMNS, decide_resolution, enter_prices, preview_prices
from veta.royalties.history import keep_history, preview_history
from veta.royalties.queries import YearPaid

pytestmark = pytest.mark.django_db

BOND = {
    "etapa": "explotacion", "desde": "2025-08-01", "titulo_clase": "ley_685", "mineral_1": "carbon_termico",
    "volumen_1": "120.000,5", "mercado_1": "interno", "mineral_2": "arena", "volumen_2": "1.000", "calcular": "1",
}  # fmt: skip
CASE = {
    "regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01",
    "production": [
        {"mineral": "carbon_termico", "annual_volume": "120000.5", "unit": "t", "market": "interno"},
        {"mineral": "arena", "annual_volume": "1000", "unit": "m3"},
    ],
}  # fmt: skip
ROYALTY = {
    "trimestre": "2025-T3", "contrato": "2015-01-01", "mineral_1": "caliza", "cantidad_1": "1.234,56",
    "municipio_1": "15759", "mineral_2": "oro", "cantidad_2": "100", "mes_2": "2025-08", "yacimiento_2": "veta",
    "pagado": "2025-12-01", "calcular": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def prices(priced: None, db: None) -> None:
    """Each test here has the demonstration's."""


def page(name: str, query: dict[str, Any], *, status: int = 200) -> str:
    response = Client().get(reverse(name), query)
    assert response.status_code == status, response.content.decode()[-2000:]
    return response.content.decode()


def shown(html: str, id: str) -> str:
    found = re.search(rf'id="{id}">(.*?)</', html, re.DOTALL)
    assert found, html
    return re.sub(r"<.*?>|\s+", " ", found[1]).strip().split()[0]


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_command_api_page_and_paper_of_a_bond_give_the_same_numbers() -> None:
    command = json.loads(
        CliRunner().invoke(bonds_command, ["quote", "--file", "-", "--json"], input=json.dumps(CASE)).output
    )
    api = Client().post("/api/v1/bonds/quote", json.dumps(CASE), content_type="application/json").json()
    assert command == api
    # 120.000,5 × 215.000 = 25.800.107.500; 1.000 × 27.500 = 27.500.000; suma × 10 % = 2.582.760.750
    assert api["insured_value_cop"] == "2582760750"
    html = page("bond_calculate", BOND)
    assert shown(html, "valor") == figure(api["insured_value_cop"]) == "2.582.760.750"
    assert shown(html, "exacto") == figure(api["exact_cop"])
    for line in api["lines"]:
        assert figure(line["subtotal_cop"]) in html
        assert figure(line["price_cop"]) in html
        assert line["resolution"] in html
    for step in api["trace"]:
        assert step["text"].split(":")[0] in html
    saved = Client().post(reverse("bond_save"), BOND)
    assert saved.status_code == 302
    kept = Quotation.objects.get()
    assert kept.answer == api
    paper = Client().get(f"{saved['Location']}pdf")
    assert paper["Content-Type"] == "application/pdf"
    text = words(paper.content)
    for number in ("2.582.760.750", figure(api["base_cop"]), kept.code, "DEMO-CARBON-2025-07"):
        assert number in text
    assert "general y no obliga" in text
    assert "Precios de demostración" in text


def test_command_api_page_and_paper_of_royalties_give_the_same_numbers() -> None:
    case = {
        "quarter": "2025-T3", "contract_date": "2015-01-01", "paid_on": "2025-12-01",
        "lines": [
            {"mineral": "caliza", "quantity": "1234.56", "unit": "t", "municipality": "15759"},
            {"mineral": "oro", "quantity": "100", "unit": "g", "month": "2025-08", "deposit": "veta"},
        ],
    }  # fmt: skip
    command = json.loads(
        CliRunner().invoke(royalties_command, ["settle", "--file", "-", "--json"], input=json.dumps(case)).output
    )
    api = Client().post("/api/v1/royalties/quote", json.dumps(case), content_type="application/json").json()
    assert command == api
    # 1.234,56 × 19.800 × 1 % = 244.442,88; 100 × 342.250 × 4 % = 1.369.000; suma 1.613.442,88 → 1.613.443
    assert (api["exact_cop"], api["payable_cop"]) == ("1613442.88", "1613443")
    html = page("royalty_calculate", ROYALTY)
    assert shown(html, "valor") == "1.613.443"
    assert shown(html, "exacto") == "1.613.442,88"
    assert "sin verificar" in html or "no se ha verificado" in html
    paper = Client().get(reverse("royalty_paper"), ROYALTY)
    text = words(paper.content)
    for number in ("1.613.443", "1.613.442,88", "244.442,88", "DEMO-METALES-2025-08", "15759"):
        assert number in text
    assert "efectivamente" in text


def test_the_plate_alone_fills_the_case_from_the_registry() -> None:
    title(held_by=holder(), volumes={"antracita": 1_000_000})
    query = {"titulo": "demo-001", "desde": "2025-08-01", "calcular": "1"}
    html = page("bond_calculate", query)
    # 1.000 t × 333.000 (DEMO) × 10 %
    assert shown(html, "valor") == "33.300.000"
    assert "PTO aprobado por DEMO-ACTO-1" in html
    assert "DEMO-001" in page("bond_calculate", {})
    assert "TIT-001" not in html
    unknown = page("bond_calculate", query | {"titulo": "DEMO-999"}, status=422)
    assert "El registro no tiene el título DEMO-999" in unknown


def test_with_the_plate_the_market_or_zone_alone_is_chosen() -> None:
    title(held_by=holder(), volumes={"carbon_termico": 1_000_000})
    query = {"titulo": "DEMO-001", "desde": "2025-08-01", "calcular": "1"}
    assert "Elija mercado" in page("bond_calculate", query)
    # 1.000 t × 215.000 (DEMO, consumo interno) × 10 %
    assert shown(page("bond_calculate", query | {"mercado_1": "interno"}), "valor") == "21.500.000"
    assert shown(page("bond_calculate", query | {"mercado_1": "interno", "etapa": "explotacion"}), "valor") == (
        "21.500.000"
    )
    command = ["quote", "--title", "demo-001", "--starts-on", "2025-08-01", "--market", "interno", "--json"]
    assert json.loads(CliRunner().invoke(bonds_command, command).output)["insured_value_cop"] == "21500000"
    case = {"title": "DEMO-001", "starts_on": "2025-08-01", "market": "interno"}
    api = Client().post("/api/v1/bonds/quote", json.dumps(case), content_type="application/json").json()
    assert api["insured_value_cop"] == "21500000"


def test_a_zone_that_the_act_distinguishes_is_chosen_on_the_page() -> None:
    rows = (
        "UPME 31,2031-01-02,,year,2031-01-01,2031-12-31,grava,,Andina,,m3,25000",
        "UPME 31,2031-01-02,,year,2031-01-01,2031-12-31,grava,,Caribe,,m3,26000",
    )
    enter(rows)
    bond = {"etapa": "explotacion", "desde": "2031-08-01", "mineral_1": "grava", "volumen_1": "10", "calcular": "1"}
    assert "Elija zona" in page("bond_calculate", bond)
    assert shown(page("bond_calculate", bond | {"zona_1": "Caribe"}), "valor") == "26.000"
    royalty = {"trimestre": "2031-T3", "mineral_1": "grava", "cantidad_1": "10", "calcular": "1"}
    assert "Elija zona" in page("royalty_calculate", royalty)
    # 10 × 25.000 × 1 %
    assert shown(page("royalty_calculate", royalty | {"zona_1": "Andina"}), "valor") == "2.500"


def enter(rows: Sequence[str]) -> None:
    """Prices entered by one person and approved by another."""
    with NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("\n".join((",".join(COLUMNS), *rows)))
        file.flush()
        for entered in enter_prices(preview_prices(Path(file.name)), by="ana"):
            decide_resolution(entered.id, approved=True, by="luis")


@pytest.mark.parametrize("mineral", ["oro\nX-Otro: 1", 'a"b', "ñ", "\x00"])
def test_a_mineral_that_nobody_knows_names_no_file(mineral: str) -> None:
    answer = Client().get(reverse("royalty_history"), {"mineral": mineral, "formato": "csv"})
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="regalias.csv"'


def test_what_was_paid_is_drawn_and_tabled(tmp_path: Path) -> None:
    file = tmp_path / "regalias.csv"
    file.write_text(f"{HEAD}\n{GOLD_PAID}1000,4\n{GOLD_PAID.replace('2019', '2018')}900,3\n", encoding="utf-8")
    keep_history(preview_history(file), by="ana")
    drawing = Client().get(reverse("royalty_chart"), {"mineral": "oro"})
    assert drawing["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawing.content
    dear = [YearPaid("oro", year, "g", value, 10) for year, value in ((2018, 50_000), (2019, 60_000))]
    alone = implied_chart(dear)
    assert "6.000" in alone  # como en la tabla, no «6,000»
    assert ">Unidad<" not in alone
    assert ">Unidad<" in implied_chart([*dear, YearPaid("oro", 2019, "kg", 1_000_000, 1)])
    html = page("royalty_history", {"mineral": "oro"})
    assert "250 COP/g" in html
    assert "300 COP/g" in html
    assert page("royalty_history", {"mineral": "oro", "formato": "csv"}).splitlines()[1:] == [
        "oro,2018,g,900,3,300.00",
        "oro,2019,g,1000,4,250.00",
    ]
    assert "No hay datos" in page("royalty_history", {"mineral": "plata"})


def test_the_address_of_the_result_reopens_the_case() -> None:
    html = page("bond_calculate", BOND)
    link = re.search(r'id="enlace" readonly value="([^"]+)"', html)
    assert link
    address = link[1].replace("&amp;", "&")
    again = Client().get(address[address.index("/poliza/") :])
    assert shown(again.content.decode(), "valor") == shown(html, "valor")


def test_an_untyped_heading_is_drawn_as_a_range_with_its_table_and_letter() -> None:
    html = page("bond_calculate", BOND | {"mineral_1": "carbon", "mineral_2": "", "volumen_2": ""})
    assert "<svg" in html
    assert html.count('class="range-mark"') == 3
    assert "BON-001" in html
    assert "Vicepresidencia de Seguimiento" in html
    saved = Client().post(reverse("bond_save"), BOND | {"mineral_1": "carbon", "mineral_2": "", "volumen_2": ""})
    letter = Client().get(f"{saved['Location']}peticion")
    assert "Señores" in letter.content.decode()
    typed = Client().post(reverse("bond_save"), BOND)
    assert Client().get(f"{typed['Location']}peticion").status_code == 404


def test_faults_come_at_once_each_in_its_field() -> None:
    bad = BOND | {"desde": "", "volumen_1": "-5", "mercado_2": "interno", "volumen_2": "mucho"}
    html = page("bond_calculate", bad, status=422)
    assert "Revise lo siguiente" in html
    for field in ("id_desde", "id_volumen_1", "id_volumen_2"):
        assert f'href="#{field}"' in html
    assert 'id="valor"' not in html


def test_the_form_alone_says_nothing_is_wrong() -> None:
    assert "Revise lo siguiente" not in page("bond_calculate", {})
    html = page("bond_calculate", {"etapa": "explotacion", "filas": "1", "agregar": "1"})
    assert "Revise lo siguiente" not in html
    assert 'name="mineral_2"' in html
    assert "Revise lo siguiente" not in page("royalty_calculate", {})


def test_the_insurer_checks_by_title_and_code() -> None:
    Client().post(reverse("bond_save"), BOND)
    kept = Quotation.objects.get()
    spoken = kept.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    found = find_quotation(spoken, "")
    assert found
    assert found.code == kept.code
    html = page("bond_check", {"codigo": spoken, "placa": ""})
    assert shown(html, "valor") == "2.582.760.750"
    assert "Ningún cálculo" in page("bond_check", {"codigo": kept.code, "placa": "OTRA-1"}, status=404)
    assert "Ningún cálculo" in page("bond_check", {"codigo": "AAAAA-AAAAA"}, status=404)
    assert "Ningún cálculo" not in page("bond_check", {})


def test_a_visitor_in_a_hurry_is_told_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("veta.hub.visitors.limits", Limits(DEFAULT | {"public": Rate(0.5, 1)}))
    assert Client().get(reverse("bond_calculate")).status_code == 200
    refused = Client().get(reverse("bond_calculate"))
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1


def test_the_public_table_of_prices_and_its_file() -> None:
    html = page("price_list", {"dia": "2025-08-01", "mineral": "carbon_termico"})
    assert "215.000 COP/t" in html
    assert "demostración" in html
    rows = page("price_list", {"dia": "2025-08-01", "formato": "csv"}).splitlines()
    assert rows[0].startswith("mineral,market")
    assert len(rows) == 17
    assert "PRI-001" in page("price_list", {"dia": "2020-01-01"})


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("120000", "120000"), ("120.000", "120000"), ("1.234.567,89", "1234567.89"), ("120,5", "120.5"),
        ("120.5", "120.5"), (" $ 1.000 ", "1000"), ("0,5", "0.5"), ("007", "7"), ("-5", "-5"), ("1e400", "1e400"),
        ("1.2345", "1.2345"), ("12.34.567", "12.34.567"), ("", ""), ("1,234,567", "1,234,567"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_colombians_write_them(typed: str, read: str) -> None:
    assert typed_number(typed) == read


def test_figures_keep_every_digit() -> None:
    assert figure("1234567.50") == "1.234.567,50"
    assert figure("1000.00") == "1.000"
    assert figure("0.005") == "0,005"
    assert figure(None) == ""
    assert (percent("0.05"), percent("0.0327"), percent("0.10"), percent("0.004")) == ("5 %", "3,27 %", "10 %", "0,4 %")


def test_the_calculators_are_named_on_the_front_page() -> None:
    html = page("home", {})
    for name in ("bond_calculate", "royalty_calculate", "price_list"):
        assert reverse(name) in html
