"""`veta bonds quote`: one case by flags or file, a hundred thousand by batch, and what it ends with."""

import csv
import json
import resource
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from veta.bonds.batch import BatchRefused, quote_batch
from veta.cli.main import app
from veta.prices.domain.book import PriceBook
from veta.prices.services import demo_prices, load_demo

CASE = {
    "regime": "ley_685", "stage": "explotacion", "starts_on": "2025-08-01",
    "production": [{"mineral": "carbon_termico", "annual_volume": "120000", "unit": "t", "market": "interno"}],
}  # fmt: skip
FLAGS = (
    "--regime", "ley_685", "--stage", "explotacion", "--starts-on", "2025-08-01", "--mineral", "carbon_termico",
    "--annual-volume", "120000", "--unit", "t", "--market", "interno",
)  # fmt: skip


def run(*arguments: str, text: str | None = None) -> Any:
    """As `veta` runs it: the status that a verb ends with passes through the group of groups."""
    return CliRunner().invoke(app, ["bonds", "quote", *arguments], input=text)


@pytest.mark.django_db
def test_file_flags_and_standard_input_give_the_same_answer(tmp_path: Path) -> None:
    load_demo()
    file = tmp_path / "case.json"
    file.write_text(json.dumps(CASE), encoding="utf-8")
    answers = [
        run("--file", str(file), "--json"),
        run(*FLAGS, "--json"),
        run("--file", "-", "--json", text=json.dumps(CASE)),
    ]
    assert [answer.exit_code for answer in answers] == [0, 0, 0]
    first = json.loads(answers[0].output)
    assert all(json.loads(answer.output) == first for answer in answers)
    # 120.000 t × 215.000 (DEMO, tercer trimestre de 2025) × 10 %
    assert first["insured_value_cop"] == "2580000000"
    assert first["demo"] is True
    assert "PRI-010" in [finding["code"] for finding in first["findings"]]
    table = run(*FLAGS)
    assert table.exit_code == 0
    assert "2580000000" in table.output
    assert "general y no obliga" in " ".join(table.output.split())


@pytest.mark.django_db
def test_ends_with_0_whatever_the_status() -> None:
    for changed, status in (
        ({"starts_on": "2025-08-01"}, "pending"),
        ({"modality": "otra"}, "impossible"),
        ({"plan_approved": False}, "impossible"),
    ):
        found = run("--file", "-", "--json", text=json.dumps(CASE | changed))
        assert found.exit_code == 0
        assert json.loads(found.output)["status"] == status


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        json.dumps(CASE | {"starts_on": "2025-02-30"}),
        json.dumps(CASE | {"production": [{"mineral": "carbon_termico", "annual_volume": "-1", "unit": "m3"}]}),
        json.dumps(CASE | {"title": "NO-EXISTE-1"}),
        json.dumps(CASE).replace('"120000"', "1e400"),
        json.dumps(CASE).replace('"120000"', "NaN"),
        '{"regime": "ley_685", "regime": "ley_685"}',
        "{",
        "",
        "[]",
    ],
)
def test_ends_with_2_and_findings_in_json_where_it_cannot_be_read(text: str) -> None:
    found = run("--file", "-", text=text)
    assert found.exit_code == 2
    findings = json.loads(found.stdout)["findings"]
    assert findings
    assert all(finding["message"] and finding["severity"] == "blocking" for finding in findings)
    assert found.stderr == ""
    letter = CliRunner().invoke(app, ["bonds", "petition", "--file", "-"], input=text)
    assert (letter.exit_code, letter.stdout) == (2, found.stdout)


def write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("case", "regime", "stage", "starts_on", "investment_cop", "mineral", "annual_volume", "unit", "market")
        )
        for n in range(rows):
            day = f"2025-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
            if n % 10 == 9:
                writer.writerow((n, "ley_685", "explotacion", "2025-02-30", "", "oro", "-1", "g", ""))
            elif n % 3 == 0:
                writer.writerow((n, "ley_685", "explotacion", day, "", "arena;grava", f"{n};2.5", "m3;m3", ""))
            else:
                writer.writerow((n, "ley_685", "explotacion", day, "", "carbon_termico", n, "t", "interno"))


def test_a_batch_keeps_each_error_in_its_row_and_the_order(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    write(source, 100)
    advanced: list[int] = []
    counts = quote_batch(source, target, PriceBook(demo_prices()), advance=advanced.append)
    rows = list(csv.DictReader(target.open(encoding="utf-8", newline="")))
    assert [row["case"] for row in rows] == [str(n) for n in range(100)]
    assert counts == {"final": 90, "unreadable": 10}
    assert sum(advanced) == 100
    assert all(("starts_on" in row["errors"]) == (row["status"] == "unreadable") for row in rows)
    # fila 1: 1 t de carbón térmico el 2 de febrero: 210.000 × 10 %
    assert rows[1]["insured_value_cop"] == "21000"


@pytest.mark.django_db
def test_a_batch_on_the_command_line(tmp_path: Path) -> None:
    load_demo()
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    write(source, 30)
    done = run("--batch", str(source), "--out", str(target))
    assert done.exit_code == 0, done.output
    assert "30 casos: 27 final, 3 unreadable" in done.output
    assert len(target.read_text(encoding="utf-8").splitlines()) == 31
    assert run("--batch", str(source)).exit_code == 2
    source.write_text("sueldo\n1\n", encoding="utf-8")
    broken = run("--batch", str(source), "--out", str(target))
    assert broken.exit_code == 2
    assert "sueldo" in json.loads(broken.stdout)["findings"][0]["message"]


@pytest.mark.parametrize("header", ["regime,stage,sueldo\n", "stage,starts_on\n"])
def test_a_file_with_other_columns_is_refused(tmp_path: Path, header: str) -> None:
    source = tmp_path / "in.csv"
    source.write_text(header, encoding="utf-8")
    with pytest.raises(BatchRefused):
        quote_batch(source, tmp_path / "out.csv", PriceBook([]))


def test_a_hundred_thousand_quotes_in_under_20_seconds_with_flat_memory(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    write(source, 2_000)
    book = PriceBook(demo_prices())
    quote_batch(source, target, book)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    write(source, 100_000)
    started = time.process_time()
    counts = quote_batch(source, target, book)
    took = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert sum(counts.values()) == 100_000
    assert took < 20, f"{took:.1f} s"
    assert grown < 30 * 1024, f"{grown} KiB"
