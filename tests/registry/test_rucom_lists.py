"""RUCOM's other lists: what each row becomes, what is said of it, and nothing recorded twice or ended by a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from tests.registry.given import ONE, TWO, D, title_record
from tests.registry.test_importers import written
from veta.cli.registry import app
from veta.kernel.identity import document
from veta.registry import queries
from veta.registry.domain import registrations_on
from veta.registry.importers.rows import Applied, ImportRefused
from veta.registry.importers.rucom_lists import LISTS, UNVERIFIED, preview_list
from veta.registry.importers.rucom_lists_apply import apply_list
from veta.registry.services.actors import register_actor
from veta.registry.services.places import record_demo_municipalities
from veta.registry.services.registrations import RegistrationRecord, record_registration_version
from veta.registry.services.titles import register_title

pytestmark = pytest.mark.django_db
BASE = "MINERA DEMO SAS,JURIDICA,NIT,900123456,05736,ORO"
LINES = {
    "traders": BASE, "plants": BASE, "subsistence": "ROSA DEMO,NATURAL,CC,71600700,05736,ORO,BAREQUERO",
    "reserves": f"{BASE},ARE-1", "subcontracts": f"{BASE},SUB-1",
}  # fmt: skip
NIT = document("NIT", "900123456")


@pytest.fixture(autouse=True)
def _demo_places() -> None:
    record_demo_municipalities()


def file_of(name: str, tmp_path: Path, *lines: str) -> Path:
    return written(tmp_path, *lines, header=",".join(LISTS[name].columns))


def applied(name: str, tmp_path: Path, *lines: str, cut: date = D) -> Applied:
    preview = preview_list(LISTS[name], file_of(name, tmp_path, *lines))
    return apply_list(LISTS[name], preview, by="oficial.uno", approved_by="oficial.dos", cut_date=cut)


def held(actor: UUID, on: date = D) -> list[Any]:
    return list(registrations_on(queries.registrations_of([actor]).get(actor, []), on))


def actor_of(number: str, type_: str = "NIT") -> UUID:
    wanted = document(type_, number)
    return queries.actors_of([wanted])[wanted]


@pytest.mark.parametrize("name", LISTS)
def test_a_good_row_becomes_a_registration_and_again_nothing(name: str, tmp_path: Path) -> None:
    first = applied(name, tmp_path, LINES[name])
    origins = 1 if LISTS[name].origin else 0
    assert (first.rows, dict(first.written)) == (1, {"actors": 1, "titles": origins, "registrations": 1})
    actor = actor_of("71600700", "CC") if name == "subsistence" else actor_of("900123456")
    [found] = held(actor)
    assert (found.role, found.minerals, found.status) == (LISTS[name].role, frozenset({"oro"}), "active")
    assert found.municipalities == (frozenset() if name == "traders" else frozenset({"05736"}))
    assert found.plant_published == (name == "plants")
    again = applied(name, tmp_path, LINES[name])
    assert (again.rows, sum(again.written.values())) == (0, 0)


def test_reserves_and_subcontracts_hang_from_an_origin_of_their_kind(tmp_path: Path) -> None:
    applied("reserves", tmp_path, LINES["reserves"])
    applied("subcontracts", tmp_path, LINES["subcontracts"])
    found = queries.titles_by_code(["ARE-1", "SUB-1"])
    assert {code: versions[0].kind for code, versions in found.items()} == {
        "ARE-1": "special_reserve", "SUB-1": "subcontract",
    }  # fmt: skip
    assert {(r.producer_class, r.title_code) for r in held(actor_of("900123456"))} == {
        ("special_reserve", "ARE-1"), ("subcontract", "SUB-1"),
    }  # fmt: skip
    register_title(title_record(code="OTRO-1"), TWO)
    with pytest.raises(ImportRefused, match="otra clase de origen"):
        applied("reserves", tmp_path, f"{BASE},OTRO-1")


@pytest.mark.parametrize(
    ("name", "old", "new", "status", "column"),
    [
        ("traders", "05736", "5736", "repaired", ""),
        ("traders", "05736", "99999", "rejected", "codigo_dane"),
        ("traders", "JURIDICA", "OTRA", "rejected", "tipo_persona"),
        ("traders", "900123456", "x", "rejected", "numero_documento"),
        ("traders", "NIT,900123456", "CC,900123456", "rejected", "tipo_documento"),
        ("traders", "900123456", "", "repaired", ""),
        ("traders", "ORO", "OROPEL", "repaired", ""),
        ("traders", "ORO", "", "rejected", "mineral"),
        ("traders", "MINERA DEMO SAS", "", "rejected", "nombre_persona"),
        ("subsistence", "BAREQUERO", "MINERO", "rejected", "clase"),
        ("subsistence", "BAREQUERO", "chatarrero", "ok", ""),
        ("reserves", "ARE-1", "", "rejected", "codigo_expediente"),
    ],
)
def test_dirt_is_mended_with_its_reason_or_rejected_with_its_remedy(
    tmp_path: Path, name: str, old: str, new: str, status: str, column: str
) -> None:
    [row] = preview_list(LISTS[name], file_of(name, tmp_path, LINES[name].replace(old, new))).rows
    assert (row.status, row.rejection.column if row.rejection else "") == (status, column)
    assert all(repair.reason for repair in row.repairs)


def test_a_column_that_is_missing_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="clase"):
        preview_list(LISTS["subsistence"], written(tmp_path, BASE, header=",".join(LISTS["traders"].columns)))


def test_rows_of_one_person_are_one_registration_of_all_they_say(tmp_path: Path) -> None:
    applied("traders", tmp_path, BASE, BASE.replace("ORO", "PLATA"), BASE)
    assert [r.minerals for r in held(actor_of("900123456"))] == [frozenset({"oro", "plata"})]


def test_a_later_cut_adds_a_version_and_what_it_no_longer_names_stands(tmp_path: Path) -> None:
    applied("traders", tmp_path, BASE, "OTRA DEMO SAS,JURIDICA,NIT,900123457,05736,ORO")
    later = date(2027, 1, 1)
    applied("traders", tmp_path, BASE.replace("ORO", "PLATA"), cut=later)
    actor, other = actor_of("900123456"), actor_of("900123457")
    assert [r.minerals for r in held(actor, later)] == [frozenset({"plata"})]
    assert [r.minerals for r in held(actor)] == [frozenset({"oro"})]
    assert [r.status for r in held(other, later)] == ["active"], "a file ends nothing"


def test_what_an_officer_suspended_stays_so(tmp_path: Path) -> None:
    applied("traders", tmp_path, BASE)
    actor = actor_of("900123456")
    [found] = held(actor)
    record = RegistrationRecord(
        actor=actor, role="trader", minerals=found.minerals, status="suspended", valid_from=date(2026, 8, 1)
    )
    record_registration_version(found.entity, record, ONE)
    applied("traders", tmp_path, BASE.replace("ORO", "PLATA"), cut=date(2026, 9, 1))
    assert [r.status for r in held(actor, date(2026, 9, 1))] == ["suspended"]


def test_a_known_document_is_the_known_actor_and_a_wrong_kind_is_refused(tmp_path: Path) -> None:
    known = register_actor("firm", "Ya Conocida SAS", documents=[NIT], by="o", source="DEMO")
    assert applied("plants", tmp_path, BASE).written["actors"] == 0
    assert [r.role for r in held(known)] == ["plant"]
    with pytest.raises(ImportRefused, match="otra clase de actor"):
        applied("traders", tmp_path, BASE.replace("JURIDICA", "NATURAL"))


def test_who_has_no_document_is_named_by_the_source_and_joined_once(tmp_path: Path) -> None:
    line = BASE.replace("NIT,900123456", ",")
    assert applied("traders", tmp_path, line).written["actors"] == 1
    assert applied("traders", tmp_path, line.replace("ORO", "PLATA")).written["actors"] == 0


def test_a_person_without_a_known_mineral_gets_no_registration(tmp_path: Path) -> None:
    assert applied("traders", tmp_path, BASE.replace("ORO", "OROPEL")).written["registrations"] == 0


def test_the_verb_says_that_the_columns_are_unverified_and_applies_with_two_persons(tmp_path: Path) -> None:
    path = file_of("traders", tmp_path, BASE)
    runner = CliRunner()
    shown = runner.invoke(app, ["import", "traders", str(path)])
    assert shown.exit_code == 0, shown.output
    assert " ".join(UNVERIFIED.split()[:8]) in " ".join(shown.output.split())
    assert queries.actors_of([NIT]) == {}
    alone = runner.invoke(app, ["import", "traders", str(path), "--apply", "--by", "uno"])
    assert alone.exit_code == 2
    done = runner.invoke(
        app, ["import", "traders", str(path), "--apply", "--by", "uno", "--approved-by", "dos", "--cut", "2026-07-09"]
    )
    assert "Aplicadas 1 filas nuevas" in done.output, done.output


def test_a_file_that_has_the_numbers_brings_them_and_one_that_has_not_takes_none_away(tmp_path: Path) -> None:
    header = ",".join((*LISTS["traders"].columns, "numero_rucom"))
    for lines, cut in (((f"{BASE},RUCOM-77",), header), ((BASE,), ",".join(LISTS["traders"].columns))):
        preview = preview_list(LISTS["traders"], written(tmp_path, *lines, header=cut))
        apply_list(LISTS["traders"], preview, by="oficial.uno", approved_by="oficial.dos", cut_date=D)
        (version,) = held(actor_of("900123456"))
        assert version.rucom_number == "RUCOM-77"
