"""A run's report: four files and their hashes, one result for one conduct, and evidence that cannot be changed."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest

from veta.conformance.candidate import Target
from veta.conformance.catalogue import chosen
from veta.conformance.domain.checks import Fault
from veta.conformance.domain.evidence import Captured, Evidence, Exchange, Moment, Notice, Signature
from veta.conformance.domain.outcome import Judged, Outcome
from veta.conformance.domain.report import LEFT, About, digest, report_of
from veta.conformance.domain.world import draw_world
from veta.conformance.engine import UNTRIED, Trial
from veta.conformance.live import Live
from veta.conformance.person import Person
from veta.conformance.queries import FORMS, report_as
from veta.conformance.writing import write_report

BEGAN = datetime(2026, 5, 20, 13, 0, tzinfo=UTC)
ABOUT = About("Trazador <3000> & Cía", "2.4.1", "ENSAYO-T", 7, "sha256:00", BEGAN)

MOVEMENT = "0197-1"
BODY = json.dumps({"movements": [{"id": MOVEMENT, "evidence": [{"number": "P-1"}]}]}).encode()


def exchange(number: int, **more: Any) -> Exchange:
    made = Exchange(
        number, BEGAN, 100.0 + number, "POST", "/api/v1/movements", {}, BODY, hashlib.sha256(BODY).hexdigest(),
        Signature("k", "n", 1), status=200, ended=100.5 + number,
    )  # fmt: skip
    return replace(made, **more)


def outcome(*, fault: str = "", later: float = 0.0, status: int = 200) -> Outcome:
    (scenario,) = chosen(ids=["captura-01"])
    evidence = Evidence(
        exchanges=[exchange(1), exchange(2, status=status)],
        captured={"compra": Captured("compra", "P-1", {}, {}, 100.0)},
        shown={"/compra": {"state": "accepted", "text": "Aceptada ☃ 漢 \x01"}},
        notices=[Notice("aviso", True, 102.0, 401)],
        outcomes={"venta": "refused"},
        ledger={
            MOVEMENT: {
                "status": "accepted",
                "codes": [],
                "entries": [{"amount": "225", "commodity": "oro", "from": "source", "to": "lot"}],
            }
        },
        moments=[Moment(101.5 + later, 1, "1 capturas: compra"), Moment(104.0 + later, 2, "todo tiene veredicto")],
    )
    faults = (Fault(fault, (2,)),) if fault else ()
    judged = tuple(Judged(check, faults if check.name == "once" else ()) for check in scenario.checks)
    return Outcome(scenario, BEGAN + timedelta(seconds=later), 100.0, 3.0 + later, judged, evidence)


def test_the_same_conduct_is_the_same_result_at_any_hour() -> None:
    first, second = report_of(ABOUT, [outcome()]), report_of(replace(ABOUT, began_at=BEGAN), [outcome(later=9.0)])
    assert first["result"] == second["result"]
    assert first["result"] != report_of(ABOUT, [outcome(fault="está 2 veces")])["result"]
    assert first["result"] != report_of(replace(ABOUT, seed=8), [outcome()])["result"]


def test_evidence_is_of_its_step_and_cannot_be_changed() -> None:
    (made,) = report_of(ABOUT, [outcome()])["scenarios"]
    assert [step["exchanges"] for step in made["steps"]] == [[1], [2]]
    assert made["evidence"] == digest({name: made[name] for name in LEFT})
    (other,) = report_of(ABOUT, [outcome(status=503)])["scenarios"]
    assert made["evidence"] != other["evidence"]
    for changes in ({"ledger": {}}, {"shown": {}}, {"notices": []}, {"outcomes": {}}):
        of = outcome()
        [less] = report_of(ABOUT, [replace(of, evidence=replace(of.evidence, **changes))])["scenarios"]
        assert less["evidence"] != made["evidence"], changes
    assert made["ledger"][0]["of"] == "compra"
    assert made["ledger"][0]["entries"] == ["225 oro: source → lot"]


def test_each_form_says_each_step_s_hash_and_what_was_left(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    steps = [step["evidence"] for step in report["scenarios"][0]["steps"]]
    paper = pypdf.PdfReader(folder / "report.pdf")
    forms = {
        "html": (folder / "report.html").read_text(),
        "xml": "".join(ElementTree.parse(folder / "report.xml").getroot().itertext()),
        "pdf": "".join(page.extract_text() for page in paper.pages).replace("\n", " "),
    }
    for form, text in forms.items():
        assert len(steps) == 2
        for said in (*steps, "225 oro: source → lot", "aceptado por la plataforma", "aviso, falso: respondió 401",
                     "venta: negado por la otra parte"):  # fmt: skip
            assert said.replace(" ", "") in text.replace(" ", ""), (form, said)
    assert ("☃ 漢 \x01" in forms["html"], "☃ 漢 \ufffd" in forms["xml"]) == (True, True)
    assert "[U+6F22]" in forms["pdf"].replace(" ", ""), "a letter that the paper lacks is no reason for no paper"


def test_a_report_of_the_first_schema_is_still_read(folder: Path, tmp_path: Path) -> None:
    old = json.loads((folder / "report.json").read_bytes()) | {"schema": "veta-conformance-report-v1"}
    del old["untried"]
    for each in old["scenarios"]:
        for name in ("untried", "shown", "notices", "outcomes"):
            del each[name]
        each["ledger"] = [{"movement": MOVEMENT, "status": "accepted", "codes": [], "entries": 2}]
    assert len(write_report(old, tmp_path)) == 5
    assert f"{MOVEMENT}: aceptado por la plataforma; 2 asientos" in (tmp_path / "report.html").read_text()
    content = json.dumps(old).encode()
    assert {form: (report_as(content, form) or b"")[:5] for form in FORMS} == {
        "html": b"<!doc", "pdf": b"%PDF-", "xml": b"<?xml",
    }  # fmt: skip
    for strange in ({"scenarios": [{}]}, {"began_at": "x"}, {"scenarios": 5}, {"schema": "otra"}):
        assert report_as(json.dumps(old | strange).encode(), "html") is None


def test_nothing_of_a_report_is_run_where_it_is_opened(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    planted = json.loads(json.dumps(report).replace("captura-01", "<script>1</script>").replace("POST", "<script>"))
    page = report_as(json.dumps(planted).encode(), "html")
    assert page is not None
    assert b"<script" not in page
    assert b"default-src 'none'" in page


def test_what_ends_after_its_scenario_does_not_change_what_was_told_of_it() -> None:
    on_its_way = exchange(3, status=None, ended=0.0)
    made = outcome()
    made.evidence.exchanges.append(on_its_way)
    kept = replace(made, evidence=made.evidence.kept())
    told = report_of(ABOUT, [kept])["scenarios"][0]
    on_its_way.status, on_its_way.answer, on_its_way.ended = 200, b"{}", 110.0
    assert report_of(ABOUT, [kept])["scenarios"][0] == told
    assert report_of(ABOUT, [made])["scenarios"][0]["evidence"] != told["evidence"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    write_report(report_of(ABOUT, [outcome(fault="«compra» está 2 veces")]), made)
    return made


def test_the_hashes_are_those_of_the_files(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    assert {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (x.split()[1] for x in lines)
    } == {line.split()[1]: line.split()[0] for line in lines}
    assert len(lines) == 4


def test_each_says_what_failed(folder: Path) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    assert (report["passed"], report["of"], report["scenarios"][0]["passed"]) == (0, 1, False)
    case = ElementTree.parse(folder / "report.xml").find(".//testcase")
    assert case is not None
    assert "está 2 veces (intercambios 2)" in (case.findtext("failure") or "")
    html = (folder / "report.html").read_text()
    assert "está 2 veces (intercambios 2)" in html
    assert "Trazador &lt;3000&gt; &amp; Cía" in html
    assert "Respuestas" not in html, "of a self-test nobody affirms anything"
    text = "".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO((folder / "report.pdf").read_bytes())).pages
    )
    assert "está 2 veces" in text.replace("\n", " ")
    assert "No conforme" in text


def test_what_was_not_tried_neither_passed_nor_failed(tmp_path: Path) -> None:
    (scenario,) = chosen(ids=["rendimiento-03"])
    asked: list[str] = []
    person = Person(tell=asked.append, ask=lambda prompt: asked.append(prompt) or "")
    trial = Trial(Target("T", "1", "ENSAYO-T", "T", "", ""), person, *(None,) * 2, "", 7)  # type: ignore[arg-type]
    untried = trial.run_one(scenario)
    assert (untried.passed, untried.untried, list(untried.faults), asked) == (False, UNTRIED, [], [])
    report = report_of(ABOUT, [outcome(), untried])
    assert (report["passed"], report["of"], report["untried"]) == (1, 1, 1)
    write_report(report, tmp_path)
    said = f"No se probó: {UNTRIED}"
    suites = ElementTree.parse(tmp_path / "report.xml").getroot()
    case = suites.find(".//testcase[skipped]")
    assert case is not None
    assert (case.get("name", "")[:14], suites.find(".//failure"), suites.get("tests")) == ("rendimiento-03", None, "2")
    assert [each.get("skipped") for each in suites] == ["0", "1"]
    html = (tmp_path / "report.html").read_text()
    assert (said in html, "No conforme" in html, "1 de 1 escenarios; 1 no se probó" in html) == (True, False, True)
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "report.pdf").pages)
    assert (said in text.replace("\n", " "), "No conforme" in text) == (True, False)
    live = Live("T", [scenario])
    live.done(report["scenarios"][1])
    assert said.encode() in live.page()


def test_a_world_is_drawn_from_the_seed() -> None:
    (scenario,) = chosen(ids=["captura-01"])
    first = draw_world(scenario, seed=7, run="A")
    assert first == draw_world(scenario, seed=7, run="A")
    assert first["minero"].document != draw_world(scenario, seed=8, run="A")["minero"].document
    assert first["minero"].document != draw_world(scenario, seed=7, run="B")["minero"].document


@pytest.mark.parametrize("round", [0, 1, 2])
def test_the_call_reads_the_round_of_it(round: int) -> None:
    from veta.calls.domain.report import said_by

    made = report_of(replace(ABOUT, round=round), [outcome(), outcome(fault="x")])
    said = said_by(json.dumps(made).encode())
    assert said is not None
    assert (said.round, said.passed, said.of) == (round, 1, 2)
