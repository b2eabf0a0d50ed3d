"""Files into the registry: every kind of dirt, what is repaired is said, what is rejected says why, nothing twice."""

import csv
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from django.db import connection

from tests.registry.given import ONE, TWO, D, codes_of, firm, places, title, title_record
from veta.registry import queries
from veta.registry.domain import registrations_on, version_on
from veta.registry.identity import hmac_of_source_name
from veta.registry.importers.municipalities import apply_municipalities, preview_municipalities
from veta.registry.importers.rows import Applied, ImportRefused, Preview, write_rejects
from veta.registry.importers.rucom import RucomRow, preview_rucom
from veta.registry.importers.rucom_apply import apply_rucom
from veta.registry.refusals import RegistryRefused
from veta.registry.services.actors import link_source_name
from veta.registry.services.places import record_demo_municipalities
from veta.registry.services.registrations import RegistrationRecord, record_registration_version, register
from veta.registry.services.titles import record_title_version

pytestmark = pytest.mark.django_db
HEADER = "departamento,nombre_persona,codigo_dane,codigo_expediente,planta_beneficio,municipio,mineral,tipo_persona"
PLACES = "cod_mpio,longitud,tipo_municipio,nom_mpio,cod_dpto,dpto,latitud"
GOOD = "ANTIOQUIA,MINERA DEMO SAS,05736,DEMO-1,SI,SEGOVIA,ORO,JURIDICA"


@pytest.fixture(autouse=True)
def _demo_places() -> None:
    record_demo_municipalities()


def written(tmp_path: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8", name: str = "f.csv") -> Path:
    path = tmp_path / name
    path.write_bytes("\r\n".join([header, *lines, ""]).encode(encoding))
    return path


def one(tmp_path: Path, line: str) -> tuple[str, list[str], str]:
    """Status, kinds of repair and rejected column of a file of one row."""
    (row,) = preview_rucom(written(tmp_path, line)).rows
    return row.status, [r.kind for r in row.repairs], row.rejection.column if row.rejection else ""


def applied(preview: Preview[RucomRow], cut: date = D) -> Applied:
    return apply_rucom(preview, by="oficial.uno", approved_by="oficial.dos", cut_date=cut)


@pytest.mark.parametrize(
    ("line", "status", "repairs", "column"),
    [
        (GOOD, "ok", [], ""),
        (GOOD.replace("05736", "5736"), "repaired", ["cero inicial perdido"], ""),
        (GOOD.replace("05736", "736"), "rejected", [], "codigo_dane"),
        (GOOD.replace("05736", "005736"), "rejected", [], "codigo_dane"),
        (GOOD.replace("05736", "٠٥٧٣٦"), "rejected", [], "codigo_dane"),
        (GOOD.replace("05736", ""), "rejected", [], "codigo_dane"),
        (GOOD.replace("05736", "99999"), "rejected", [], "codigo_dane"),
        (GOOD.replace("ANTIOQUIA", "CHOCO"), "rejected", [], "departamento"),
        (GOOD.replace("ANTIOQUIA", "antioquía"), "ok", [], ""),
        (GOOD.replace("ANTIOQUIA", "VALLE"), "rejected", [], "departamento"),
        (GOOD.replace("DEMO-1", " demo\u20131 "), "repaired", ["código del título normalizado"], ""),
        (GOOD.replace("DEMO-1", ""), "rejected", [], "codigo_expediente"),
        (GOOD.replace("DEMO-1", "D" * 41), "rejected", [], "codigo_expediente"),
        (GOOD.replace("DEMO-1", "D" * 40), "ok", [], ""),
        (GOOD.replace("MINERA DEMO SAS", ""), "rejected", [], "nombre_persona"),
        (GOOD.replace("DEMO SAS", "DEMO \x96 SAS"), "repaired", ["carácter de control"], ""),
        (GOOD.replace("MINERA DEMO SAS", "\x07"), "rejected", [], "nombre_persona"),
        (GOOD.replace(",SI,", ",TAL VEZ,"), "rejected", [], "planta_beneficio"),
        (GOOD.replace("JURIDICA", "OTRA"), "rejected", [], "tipo_persona"),
        (GOOD.replace("ORO", ""), "rejected", [], "mineral"),
        (GOOD.replace("ORO", "OROPEL"), "repaired", ["mineral sin correspondencia en el catálogo"], ""),
        (GOOD.replace("ORO", "DEMAS_CONCESIBLES"), "repaired", ["mineral sin correspondencia en el catálogo"], ""),
        (GOOD.replace("ORO", " oro "), "ok", [], ""),
        (GOOD + ",una,más", "rejected", [], ""),
        ("ANTIOQUIA,MINERA", "rejected", [], "codigo_expediente"),
    ],
)
def test_every_kind_of_dirt(tmp_path: Path, line: str, status: str, repairs: list[str], column: str) -> None:
    assert one(tmp_path, line) == (status, repairs, column)


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8 con firma"), ("cp1252", "cp1252 (Windows)")]
)
def test_the_encoding_is_found_and_said(tmp_path: Path, encoding: str, said: str) -> None:
    line = GOOD.replace("MINERA DEMO", "PEÑÓN DEMO").replace("ORO", "CARBÓN")
    preview = preview_rucom(written(tmp_path, line, encoding=encoding))
    assert preview.encoding == said
    assert [record.holder for _, record in preview.accepted()] == ["PEÑÓN DEMO SAS"]


def test_other_columns_orders_delimiters_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    header = ";".join(reversed([" EXTRA ", *HEADER.upper().split(",")]))
    path.write_text(f"{header}\n\n{';'.join(reversed(['x', *GOOD.split(',')]))}\n;;;\n", encoding="utf-8")
    ((row, record),) = preview_rucom(path).accepted()
    assert row.line == 3
    assert (record.code, record.municipality, record.mineral) == ("DEMO-1", "05736", "oro")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "columnas"),
        (b"a,b\n1,2\n", "columnas"),
        (f"{HEADER},mineral\n".encode(), "mineral"),
        (HEADER.encode() + b"\n\x00\n", "texto"),
        (HEADER.encode("utf-16"), "texto"),
        (b"\x81\x8d" + HEADER.encode(), "texto"),
        (HEADER.encode() + b'\n"' + b"x" * 200_000, "roto"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_whole(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=word):
        preview_rucom(path)


def test_absent_files_and_broken_workbooks_are_refused(tmp_path: Path) -> None:
    (tmp_path / "f.xlsx").write_bytes(b"no es excel")
    for name, word in (("nada.csv", "No existe"), ("f.xlsx", "Excel")):
        with pytest.raises(ImportRefused, match=word):
            preview_rucom(tmp_path / name)


def test_a_spreadsheet_says_the_same_as_the_text(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_row(1, 0, GOOD.split(","))
        sheet.write_number(1, 2, 5736)
        sheet.write_number(1, 3, 583)
    preview = preview_rucom(path)
    ((_, record),) = preview.accepted()
    assert preview.encoding == "Excel"
    assert preview.repairs() == {"cero inicial perdido": 1}
    assert (record.code, record.municipality) == ("583", "05736")


def test_titles_holders_and_registrations_follow_from_the_rows(tmp_path: Path) -> None:
    lines = [
        GOOD,
        GOOD.replace("ORO", "PLATA").replace("05736", "5604").replace("SEGOVIA", "REMEDIOS"),
        "ANTIOQUIA,PERSONA NATURAL 00001,05736,DEMO-1,NO,SEGOVIA,ORO,NATURAL_U_OTRA",
        "ANTIOQUIA,PERSONA NATURAL 00001,05736,DEMO-2,NO,SEGOVIA,AFINES,NATURAL_U_OTRA",
    ]
    preview = preview_rucom(written(tmp_path, *lines))
    assert applied(preview) == Applied(4, {"actors": 2, "titles": 2, "registrations": 2})
    keys = [hmac_of_source_name("rucom", name) for name in ("minera demo  sas", "PERSONA NATURAL 00001")]
    found = queries.actors_by_source_key(keys)
    company, natural = (found[key] for key in keys)
    (version,) = queries.titles_by_code(["DEMO-1"])["DEMO-1"]
    assert version.minerals == {"oro", "plata"}
    assert version.municipalities == {"05736", "05604"}
    assert {actor for actor, _ in version.holders} == {company, natural}
    assert (version.status, version.stage, version.contract_date, version.valid_from) == ("in_force", None, None, D)
    held = queries.registrations_of([company, natural])
    assert [(v.minerals, v.plant_published) for v in held[company]] == [({"oro", "plata"}, True)]
    assert [(v.title_code, v.minerals, v.plant_published) for v in held[natural]] == [("DEMO-1", {"oro"}, False)]
    assert queries.kinds_of([company, natural]) == {company: "firm", natural: "person"}
    assert queries.documents_of([company, natural]) == {}


def test_a_second_run_applies_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, GOOD.replace("ORO", "PLATA"), GOOD)
    assert applied(preview_rucom(path)).rows == 2
    assert applied(preview_rucom(path)) == Applied(0, {"actors": 0, "titles": 0, "registrations": 0})
    assert applied(preview_rucom(path), cut=date(2026, 8, 9)).rows == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_importrun")
        assert cursor.fetchone() == (1,)


def test_a_later_cut_adds_versions_and_cancels_whom_it_no_longer_names(tmp_path: Path) -> None:
    other = GOOD.replace("MINERA DEMO SAS", "OTRA DEMO SAS")
    applied(preview_rucom(written(tmp_path, GOOD, other)))
    august = date(2026, 8, 9)
    later = preview_rucom(written(tmp_path, GOOD, GOOD.replace("ORO", "PLATA"), name="g.csv"))
    assert applied(later, cut=august) == Applied(1, {"actors": 0, "titles": 1, "registrations": 2})
    versions = queries.titles_by_code(["DEMO-1"])["DEMO-1"]
    assert [len(v.holders) for v in versions] == [1, 2]
    assert version_on(versions, date(2026, 8, 8)) == versions[1]
    held = registrations_on(queries.registrations_for_title(["DEMO-1"])["DEMO-1"], august)
    assert sorted(v.status for v in held) == ["active", "cancelled"]
    before = registrations_on(queries.registrations_for_title(["DEMO-1"])["DEMO-1"], date(2026, 8, 8))
    assert [v.status for v in before] == ["active", "active"]


def test_nobody_is_cancelled_for_a_row_that_was_rejected(tmp_path: Path) -> None:
    other = GOOD.replace("MINERA DEMO SAS", "OTRA DEMO SAS")
    applied(preview_rucom(written(tmp_path, GOOD, other)))
    applied(preview_rucom(written(tmp_path, GOOD, other.replace("05736", "99999"), name="g.csv")))
    held = registrations_on(queries.registrations_for_title(["DEMO-1"])["DEMO-1"], D)
    assert [v.status for v in held] == ["active", "active"]


def test_what_an_officer_recorded_stays(tmp_path: Path) -> None:
    holder, november = firm(), date(2026, 11, 1)
    title(code="DEMO-1", holders=((holder, "100"),))
    entity = register(
        RegistrationRecord(actor=holder, role="producer", producer_class="title", title_code="DEMO-1", valid_from=D),
        ONE,
    )
    applied(preview_rucom(written(tmp_path, GOOD.replace("ORO", "PLATA"))))
    version = version_on(queries.titles_by_code(["DEMO-1"])["DEMO-1"], D)
    assert version is not None
    assert version.holders == ((holder, "100"),)
    assert (version.stage, version.contract_date, version.minerals) == ("exploitation", date(2020, 3, 1), {"plata"})
    held = registrations_on(queries.registrations_for_title(["DEMO-1"])["DEMO-1"], november)
    assert [(v.entity, v.status) for v in held] == [(entity, "active")]


def test_a_suspension_from_a_later_date_is_not_covered(tmp_path: Path) -> None:
    applied(preview_rucom(written(tmp_path, GOOD)))
    november = date(2026, 11, 1)
    (base,) = queries.titles_by_code(["DEMO-1"])["DEMO-1"]
    (registered,) = queries.registrations_for_title(["DEMO-1"])["DEMO-1"]
    suspended = title_record(
        code="DEMO-1", status="suspended", valid_from=november, holders=base.holders, contract_date=None
    )
    record_title_version(suspended, TWO)
    record = RegistrationRecord(
        actor=registered.actor,
        role="producer",
        producer_class="title",
        title_code="DEMO-1",
        status="suspended",
        valid_from=november,
    )
    record_registration_version(registered.entity, record, ONE)
    applied(preview_rucom(written(tmp_path, GOOD, GOOD.replace("ORO", "PLATA"), name="g.csv")), cut=date(2026, 8, 9))
    for on, status, minerals in ((date(2026, 10, 31), "in_force", {"oro", "plata"}), (november, "suspended", {"oro"})):
        version = version_on(queries.titles_by_code(["DEMO-1"])["DEMO-1"], on)
        assert version is not None
        assert (version.status, version.minerals) == (status, minerals)
        (held,) = registrations_on(queries.registrations_for_title(["DEMO-1"])["DEMO-1"], on)
        assert held.status == {"in_force": "active"}.get(status, status)


def test_a_name_can_be_tied_to_a_known_actor_before_it_comes(tmp_path: Path) -> None:
    known = firm()
    link_source_name(known, source="rucom", name="Minera Demo SAS")
    link_source_name(known, source="rucom", name="MINERA DEMO SAS")
    assert applied(preview_rucom(written(tmp_path, GOOD))).written["actors"] == 0
    assert [v.actor for v in queries.registrations_for_title(["DEMO-1"])["DEMO-1"]] == [known]
    with pytest.raises(RegistryRefused) as refused:
        link_source_name(firm(), source="rucom", name="MINERA DEMO SAS")
    assert codes_of(refused.value) == ["IDE-008"]


def test_an_import_takes_two_persons_and_known_places(tmp_path: Path) -> None:
    preview = preview_rucom(written(tmp_path, GOOD))
    for by, approved_by in (("oficial.uno", "Oficial.Uno"), ("oficial.uno", ""), ("", "oficial.dos")):
        with pytest.raises(RegistryRefused):
            apply_rucom(preview, by=by, approved_by=approved_by, cut_date=D)
    assert queries.titles_by_code(["DEMO-1"]) == {}


def test_a_code_of_another_kind_of_origin_stops_the_import(tmp_path: Path) -> None:
    title(code="DEMO-1", kind="special_reserve")
    with pytest.raises(ImportRefused, match="DEMO-1"):
        applied(preview_rucom(written(tmp_path, GOOD)))


def test_no_name_of_the_file_stands_in_the_database(tmp_path: Path) -> None:
    applied(preview_rucom(written(tmp_path, GOOD.replace("MINERA DEMO", "RELUCIENTE"))))
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname LIKE 'registry_%%' AND relkind = 'r'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            text = cursor.fetchone()[0]
            assert "RELUCIENTE" not in text
            assert b"RELUCIENTE".hex() not in text


def test_rejects_are_written_with_their_remedy_and_without_formulas(tmp_path: Path) -> None:
    lines = [GOOD.replace("05736", "99999"), GOOD.replace("MINERA DEMO SAS", "=CMD()").replace(",SI,", ",X,"), GOOD]
    path = tmp_path / "rejects.csv"
    write_rejects(preview_rucom(written(tmp_path, *lines)).rejected(), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told = [(row["fila"], row["columna"], row["valor"]) for row in rows]
    assert told == [("2", "codigo_dane", "99999"), ("3", "planta_beneficio", "X")]
    assert all(row["causa"] and row["remedio"] for row in rows)
    assert rows[1]["nombre_persona"] == "'=CMD()"
    assert "veta registry import municipalities" in rows[0]["remedio"]


MEDELLIN = '05001,"-75,581775",Municipio,MEDELLÍN,05,ANTIOQUIA,"6,246631"'


@pytest.mark.parametrize(
    ("line", "status", "column"),
    [
        (MEDELLIN, "ok", ""),
        (MEDELLIN.replace("05001", "5001"), "repaired", ""),
        (MEDELLIN.replace("05001", "501"), "rejected", "cod_mpio"),
        (MEDELLIN.replace(",05,", ",5,"), "ok", ""),
        (MEDELLIN.replace(",05,", ",08,"), "rejected", "cod_dpto"),
        (MEDELLIN.replace("-75,581775", "-75.581775"), "ok", ""),
        (MEDELLIN.replace("-75,581775", "-75581775"), "rejected", "longitud"),
        (MEDELLIN.replace("-75,581775", "75,581775"), "rejected", "longitud"),
        (MEDELLIN.replace("6,246631", "-75,581775"), "rejected", "latitud"),
        (MEDELLIN.replace("6,246631", "1.234,5"), "rejected", "latitud"),
        (MEDELLIN.replace("6,246631", ""), "rejected", "latitud"),
        (MEDELLIN.replace("MEDELLÍN", ""), "rejected", "nom_mpio"),
        (MEDELLIN + ",x", "rejected", ""),
    ],
)
def test_every_kind_of_dirt_in_municipalities(tmp_path: Path, line: str, status: str, column: str) -> None:
    (row,) = preview_municipalities(written(tmp_path, line, header=PLACES)).rows
    assert (row.status, row.rejection.column if row.rejection else "") == (status, column)


def test_a_municipality_comes_once_and_a_change_is_a_new_version(tmp_path: Path) -> None:
    path = written(tmp_path, MEDELLIN, MEDELLIN.replace("MEDELLÍN", "MEDELLIN"), header=PLACES)
    preview = preview_municipalities(path)
    assert [row.status for row in preview.rows] == ["ok", "rejected"]
    for expected in (1, 0):
        done = apply_municipalities(preview, by="oficial.uno", approved_by="oficial.dos")
        assert done == Applied(expected, {"municipalities": expected})
    place = queries.municipalities()["05001"]
    assert (str(place.latitude), str(place.longitude)) == ("6.246631", "-75.581775")
    assert record_demo_municipalities() == 0
    assert queries.municipalities()["05001"] == place


@pytest.mark.parametrize(
    ("text", "first"), [("segov", "05736"), ("SEGÓV", "05736"), ("2522", "25224"), ("cucunuba", "25224"), ("%", None)]
)
def test_municipalities_are_found_by_code_or_name(text: str, first: str | None) -> None:
    found = queries.municipalities_like(text)
    assert (found[0].code if found else None) == first


def test_municipalities_come_by_pages() -> None:
    first = queries.municipalities_like("chocó", limit=5)
    second = queries.municipalities_like("chocó", after=first[-1].code, limit=500)
    assert len(first) == 5
    assert not {p.code for p in first} & {p.code for p in second}
    assert {p.department for p in first + second} == {"CHOCÓ"}


def test_places_are_known_as_soon_as_they_are_recorded() -> None:
    places()
    assert {"05736", "25224"} <= queries.known_municipalities()


@pytest.mark.data
def test_the_real_files_enter_whole_in_time_and_once(data_dir: Path) -> None:
    import time

    units = preview_municipalities(data_dir / "divipola_municipios.csv")
    assert units.counts() == {"rows": 1122, "ok": 1122, "repaired": 0, "rejected": 0}
    assert apply_municipalities(units, by="a", approved_by="b").rows == 1122
    assert len(queries.known_municipalities()) == 1122
    started = time.monotonic()
    path = data_dir / "anm_rucom_titulos_2026-07_enmascarado.csv"
    preview = preview_rucom(path)
    assert preview.counts()["rows"] == 12_914
    assert preview.repairs()["cero inicial perdido"] == 2025
    assert [row.rejection.value for row in preview.rejected() if row.rejection] == ["99999", "99999"]
    assert len({row.row.cells["mineral"] for row in preview.rows}) == 177
    first = applied(preview)
    assert time.monotonic() - started < 60
    assert first.rows == 12_911
    assert first.written == {"actors": 5210, "titles": 2806, "registrations": 6694}
    assert applied(preview_rucom(path)) == Applied(0, {"actors": 0, "titles": 0, "registrations": 0})
