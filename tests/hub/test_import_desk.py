"""Lists of the registry as files on the desk: uploaded by one, each row answered, applied by another, forgotten."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.site.conftest import MakePerson, administrators, make_person, session_of
from veta.kernel.identity import document
from veta.registry import queries
from veta.registry.importers.rows import ImportRefused
from veta.registry.queries.imports import report_of, uploads
from veta.registry.services.imports import IMPORTERS, MAX_FILE, apply_import, propose_import, refuse_import
from veta.registry.services.places import record_demo_municipalities
from veta.site.roles import Role

__all__ = ["administrators", "make_person"]

pytestmark = pytest.mark.django_db
BASE = "MINERA DEMO SAS,JURIDICA,NIT,900123456,05736,ORO"
LINES = {
    "titles": "ANTIOQUIA,MINERA DEMO SAS,05736,DEMO-77,NO,SEGOVIA,ORO,JURIDICA",
    "traders": BASE, "plants": BASE, "subsistence": "ROSA DEMO,NATURAL,CC,71600700,05736,ORO,BAREQUERO",
    "reserves": f"{BASE},ARE-1", "subcontracts": f"{BASE},SUB-1",
    "municipalities": '05999,NUEVO DEMO,05,ANTIOQUIA,Municipio,"6,25","-75,5"',
}  # fmt: skip
CUT = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _demo_places() -> None:
    record_demo_municipalities()


@pytest.fixture
def clara(make_person: MakePerson) -> Client:
    return session_of(make_person("clara", Role.REGISTRY))


@pytest.fixture
def rosa(make_person: MakePerson) -> Client:
    return session_of(make_person("rosa", Role.REGISTRY))


def text(kind: str, *lines: str) -> bytes:
    return "\n".join((",".join(IMPORTERS[kind].columns), *lines)).encode()


def upload(client: Client, kind: str, content: bytes, *, name: str = "lista.csv") -> Any:
    given = {"lista": kind, "corte": CUT.isoformat(), "archivo": SimpleUploadedFile(name, content)}
    return client.post(reverse("desk_import_upload"), given)


def shown(client: Client, response: Any, **asked: str) -> str:
    return re.sub(r"\s+", " ", client.get(response["Location"], asked).content.decode())


def decided(client: Client, response: Any, decision: str, reason: str = "") -> Any:
    return client.post(response["Location"], {"decision": decision, "reason": reason}, follow=True)


@pytest.mark.parametrize("kind", IMPORTERS)
def test_each_list_is_uploaded_by_one_and_applied_by_another(clara: Client, rosa: Client, kind: str) -> None:
    up = upload(clara, kind, text(kind, LINES[kind]))
    assert up.status_code == 302
    page = shown(clara, up, ver="todas")
    assert "Usted lo subió" in page
    assert decided(clara, up, "approve").status_code == 422  # the own one
    assert f'href="{up["Location"]}"' in rosa.get(reverse("desk_queue")).content.decode()
    told = decided(rosa, up, "approve").content.decode()
    assert "Quedó aplicado: 1 filas nuevas" in told
    [made] = uploads(pending=False, limit=5)
    assert (made.decision, made.applied and made.applied["rows"], report_of(made.id)) == ("applied", 1, [])
    assert decided(rosa, up, "approve").status_code == 422  # once
    assert "se borró al decidir" in shown(rosa, up)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registry_importfile")
        assert cursor.fetchone() == (0,)
    again = upload(clara, kind, text(kind, LINES[kind]))
    assert "Quedó aplicado: 0 filas nuevas" in decided(rosa, again, "approve").content.decode()


def test_every_row_says_what_becomes_of_it_and_no_document_is_whole(clara: Client, rosa: Client) -> None:
    good, mended = LINES["subsistence"], "ANA DEMO,NATURAL,,,5736,ORO,CHATARRERO"
    bad = "LUZ DEMO,NATURAL,CC,71600700x,05736,ORO,BAREQUERO"
    up = upload(clara, "subsistence", text("subsistence", good, mended, bad))
    page = shown(clara, up)
    for said in ("sin verificar", "ANA DEMO", "LUZ DEMO", "No es un documento de ese tipo.", "No se puede inscribir"):
        assert said in page
    assert "ROSA DEMO" not in page
    assert "ROSA DEMO" in shown(clara, up, ver="todas")
    assert "LUZ DEMO" not in shown(clara, up, ver="repaired")
    assert "ANA DEMO" not in shown(clara, up, ver="rejected")
    rows = clara.get(up["Location"], {"formato": "csv", "ver": "todas"}).content.decode("utf-8-sig").splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == ["bien", "reparada", "rechazada"]
    assert "71600700" not in page + "".join(rows)
    decided(rosa, up, "approve")
    assert queries.actors_of([document("CC", "71600700")])
    [made] = uploads(pending=False, limit=1)
    assert (made.counts["rejected"], made.applied and made.applied["rows"]) == (1, 2)


def test_a_refusal_says_why_and_applies_nothing(clara: Client, rosa: Client) -> None:
    up = upload(clara, "traders", text("traders", LINES["traders"]))
    assert decided(rosa, up, "refuse").status_code == 422
    assert decided(rosa, up, "refuse", "Es el corte de otro mes").status_code == 200
    assert queries.actors_of([document("NIT", "900123456")]) == {}
    assert "Rechazado" in clara.get(reverse("desk_imports")).content.decode()
    assert "Es el corte de otro mes" in shown(clara, up)


def test_what_the_registry_would_now_take_otherwise_is_not_applied() -> None:
    """Who decides applies what the page showed, or nothing."""
    line = LINES["traders"].replace("05736", "05998")
    file = propose_import("traders", "x.csv", text("traders", line), cut_date=CUT, by="clara@demo.invalid")
    place = propose_import("municipalities", "m.csv", text("municipalities", LINES["municipalities"].replace(
        "05999", "05998")), cut_date=CUT, by="clara@demo.invalid")  # fmt: skip
    assert report_of(file)[0].status == "rejected"
    apply_import(place, by="rosa@demo.invalid")
    with pytest.raises(ImportRefused, match="cambió desde que se subió"):
        apply_import(file, by="rosa@demo.invalid")
    assert queries.actors_of([document("NIT", "900123456")]) == {}
    refuse_import(file, by="rosa@demo.invalid", reason="Se sube de nuevo")


@pytest.mark.parametrize(("author", "by"), [("clara@demo.invalid",) * 2, ("otra@demo.invalid", "clara@demo.invalid")])
def test_one_persons_decision_does_not_enter_the_table_by_any_way(author: str, by: str) -> None:
    file = propose_import("traders", "x.csv", text("traders", LINES["traders"]), cut_date=CUT, by="clara@demo.invalid")
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO registry_importdecision (proposal_id, proposed_by, decided_by, decision, reason, applied)"
            " VALUES (%s, %s, %s, 'applied', '', '{}')", [file, author, by],
        )  # fmt: skip


def test_a_file_that_is_none_is_refused(clara: Client) -> None:
    swollen = io.BytesIO()
    with zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (2**26 + 1))
    for content, name in (
        (b"a,b\n1,2\n", "x.csv"), (text("traders"), "x.csv"), (b"no es excel", "x.xlsx"), (b"\x00\xff", "…"),
        (swollen.getvalue(), "x.xlsx"), (b"x" * (MAX_FILE + 1), "x.csv"), (b"PK\x03\x04roto", "x.ods"),
    ):  # fmt: skip
        assert upload(clara, "traders", content, name=name).status_code == 422, name
    assert upload(clara, "otra", text("traders", LINES["traders"])).status_code == 422
    assert clara.post(reverse("desk_import_upload"), {"lista": "traders", "corte": "x"}).status_code == 422
    assert uploads(pending=True, limit=5) == []


def test_an_excel_file_is_read_as_its_csv(clara: Client) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, IMPORTERS["traders"].columns)
        sheet.write_row(1, 0, LINES["traders"].split(","))
    up = upload(clara, "traders", made.getvalue(), name="Comercializadores de mayo.xlsx")
    assert "MINERA DEMO SAS" in shown(clara, up, ver="todas")


def test_a_long_list_pages_and_exports_whole(clara: Client) -> None:
    lines = [BASE.replace("900123456", str(number)) for number in range(900_123_000, 900_123_060)]
    up = upload(clara, "traders", text("traders", *lines))
    first = shown(clara, up, ver="todas")
    assert first.count('scope="row"') == 25
    assert 'href="?ver=todas&amp;despues=25"' in first
    assert shown(clara, up, ver="todas", despues="50").count('scope="row"') == 10
    rows = clara.get(up["Location"], {"formato": "csv", "ver": "todas"}).content.splitlines()
    assert len(rows) == 61


def test_who_only_reads_the_registry_sees_the_list_and_no_rows(clara: Client, make_person: MakePerson) -> None:
    up = upload(clara, "traders", text("traders", LINES["traders"]))
    auditor = session_of(make_person("aura", Role.AUDITOR))
    page = auditor.get(reverse("desk_imports")).content.decode()
    assert "Comercializadores" in page
    assert up["Location"] not in page
    assert auditor.get(up["Location"]).status_code == 403
