"""The public pages of certificates: what anybody sees, and what nobody does."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pypdf
import pytest
import zxingcpp
from django.db import connection
from django.test import Client
from PIL import Image

from tests.certificates.test_vectors import independently
from tests.certificates.trade import Trade
from veta.certificates.domain.verify import check_both, status_in
from veta.certificates.queries import CertificateView
from veta.certificates.services import withdraw
from veta.hub.certificate_paper import qr_svg
from veta.kernel.clock import FixedClock
from veta.operators.services.hub_keys import hub_signer

MINER = ("DEMO miner", "10200300")


@pytest.fixture(scope="module")
def trade(module_database: Any) -> Trade:
    return Trade.open()


@pytest.fixture(scope="module")
def dore(trade: Trade) -> CertificateView:
    return trade.certify(trade.dore())


def public() -> bytes:
    return hub_signer().private.public_key().public_bytes_raw()


def get(path: str, **more: Any) -> Any:
    return Client().get(path, **more)


def test_the_page_says_what_it_covers_and_names_no_person(dore: CertificateView) -> None:
    for language, words in (
        ("es", ("Válido", "Nadie lo ha usado", "Minería de subsistencia")),
        ("en", ("Valid", "mining title")),
    ):
        answer = get(f"/v/{dore.token}", headers={"accept-language": language})
        text = answer.content.decode()
        assert answer.status_code == 200
        assert all(word.lower() in text.lower() for word in (*words, "DEMO-ORO", "MEDELLÍN", "900100001")), language
        assert not any(secret in text for secret in MINER)


@pytest.mark.parametrize(
    "way", ["/v/{}", "/v/{}/json", "/v/{}/pdf", "/v/{}/origins", "/v/{}/origins.json", "/v/{}/origins.pdf"]
)
def test_no_public_answer_holds_a_person(dore: CertificateView, way: str) -> None:
    answer = get(way.format(dore.token))
    data = answer.content
    if data.startswith(b"%PDF"):
        reader = pypdf.PdfReader(io.BytesIO(data))
        texts = [page.extract_text() for page in reader.pages]
        data = "".join([*texts, *(str(part) for files in reader.attachments.values() for part in files)]).encode()
    assert answer.status_code == 200
    assert not any(secret.encode() in data for secret in MINER)


def test_a_token_is_read_as_people_type_it_and_a_wrong_one_is_not_found(dore: CertificateView) -> None:
    spelt = "-".join(re.findall("..?.?.?", dore.token.lower()))
    assert get(f"/v/{spelt}").status_code == 200
    for wrong in ("A" * 26, "x", dore.token[:-1], "%00", "../v"):
        answer = get(f"/v/{wrong}")
        assert answer.status_code == 404
        assert "no hay" in answer.content.decode().lower()


def test_the_paper_is_archival_tagged_and_carries_its_proof(dore: CertificateView) -> None:
    reader = pypdf.PdfReader(io.BytesIO(get(f"/v/{dore.token}/pdf").content))
    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>3<.*pdfaid:conformance>A<", xmp, re.DOTALL), xmp
    assert "pdfuaid:part>1" in xmp
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("es-CO", True)
    files = {name: parts[0] for name, parts in reader.attachments.items()}
    credential = json.loads(files["credential.json"])
    independently(credential, public())
    both = check_both(files["code.txt"].decode(), credential, [public()])
    assert both.token == dore.token
    assert "noventa y ocho gramos" in " ".join(page.extract_text() for page in reader.pages)


def test_the_qr_reads_by_another_library(dore: CertificateView) -> None:
    """zxing-cpp reads what segno draws, at the printed size of 4.4 cm at 300 dpi."""
    assert dore.code is not None
    drawn = drawing(dore.code, pixels=520)
    assert zxingcpp.read_barcode(drawn).text == dore.code


def drawing(code: str, *, pixels: int) -> Any:
    import segno

    out = io.BytesIO()
    made = segno.make_qr(code, error="m", mode="alphanumeric", boost_error=False)
    assert int(made.version) <= 15
    made.save(out, kind="png", border=4, scale=4)
    assert qr_svg(code).startswith("<svg")
    return Image.open(out).convert("L").resize((pixels, pixels), Image.Resampling.LANCZOS)


def test_a_refiner_reads_every_municipality_and_class_in_english(dore: CertificateView) -> None:
    body = get(f"/v/{dore.token}/origins.json").json()
    rows = [(r["municipality"], r["producer_class"], r["percent"]) for r in body["by_municipality_and_class"]]
    assert rows == [("05001", "title", "90.0"), ("05001", "subsistence", "10.0")]
    page = get(f"/v/{dore.token}/origins", headers={"accept-language": "es"}).content.decode()
    assert '<html lang="en">' in page
    assert "Class of producer" in page
    reader = pypdf.PdfReader(io.BytesIO(get(f"/v/{dore.token}/origins.pdf").content))
    text = " ".join(p.extract_text() for p in reader.pages)
    assert "Subsistence mining" in text
    assert reader.trailer["/Root"]["/Lang"] == "en-US"


def test_the_offline_data_is_signed_and_follows_the_states(trade: Trade) -> None:
    found = trade.certify(trade.coal()["lot"])
    withdraw(found.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    known = get("/verificar/datos.json").json()
    keys = [bytes.fromhex(key["public_key"]) for key in known["hub"]]
    assert public() in keys
    assert status_in(known["status"], found.status_index, keys).ended
    page = get(f"/v/{found.token}").content.decode()
    assert "Retirado" in page
    assert "Error." in page


def test_the_reader_may_use_the_camera_and_no_other_page_may() -> None:
    assert get("/verificar/")["Permissions-Policy"].startswith("camera=(self)")
    assert get("/")["Permissions-Policy"].startswith("camera=()")
    assert get("/verificar/worker.js")["Content-Type"].startswith("text/javascript")


def test_the_log_words_lead_to_the_leaf_and_nothing_else(dore: CertificateView) -> None:
    words = get(f"/v/{dore.token}/log.json").json()
    assert json.loads(words["verdict"]) == dore.document
    assert not any(secret in json.dumps(words) for secret in MINER)


def test_nothing_stored_of_a_certificate_holds_a_person(dore: CertificateView, trade: Trade) -> None:
    """T27: no column of its tables, no address of its pages."""
    purchase = trade.purchase()
    for kind in ("production_declaration", "support_document", "quota_certificate"):
        trade.certify(purchase["lot"], kind)
    with connection.cursor() as cursor:
        for table in ("certificate", "seal", "ending", "cover", "balance", "series", "use"):
            cursor.execute(f"SELECT t::text FROM certificates_{table} AS t")
            rows = " ".join(row[0] for row in cursor.fetchall())
            for secret in MINER:
                assert secret not in rows, table
                assert secret.encode().hex() not in rows, table
