"""What enters a dossier, by its bytes: just under, at and just over the size; archives, scripts and disguises."""

import io
import zipfile

import pytest

from tests.calls.papers import pdf, png
from veta.calls.domain.document import LARGEST, admitted
from veta.calls.domain.refusals import CallRefused


def zipped(name: str = "a.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "hola")
    return out.getvalue()


def filled(size: int) -> bytes:
    return b"%PDF-1.7\n" + b" " * (size - 15) + b"%%EOF\n"


def refusal(name: str, content: bytes) -> CallRefused:
    with pytest.raises(CallRefused) as refused:
        admitted(name, content)
    return refused.value


def test_a_document_is_what_its_bytes_are() -> None:
    made = admitted("Certificado de cámara 2026.PDF", pdf("uno"))
    assert (made.type, made.name, made.size) == ("application/pdf", "Certificado de cámara 2026.PDF", len(pdf("uno")))
    assert len(made.digest) == 64
    assert admitted("sello.png", png()).type == "image/png"


@pytest.mark.parametrize(("size", "fits"), [(LARGEST - 1, True), (LARGEST, True), (LARGEST + 1, False)])
def test_fifty_mebibytes(size: int, fits: bool) -> None:
    if fits:
        assert admitted("grande.pdf", filled(size)).size == size
    else:
        assert refusal("grande.pdf", filled(size)).code == "CAL-007"


def test_sixty_mebibytes_say_what_to_do() -> None:
    refused = refusal("grande.pdf", filled(60 * 2**20))
    assert refused.code == "CAL-007"
    assert "62.914.560 bytes" in refused.message
    assert "divídalo" in refused.message


@pytest.mark.parametrize(
    ("name", "content", "code", "told"),
    [
        ("a.pdf", b"", "CAL-007", "1 byte"),
        ("a.pdf", zipped(), "CAL-006", "no es un PDF"),
        ("a.pdf", pdf("uno") + zipped(), "CAL-006", "comprimido"),
        ("a.pdf", pdf("uno")[:-7] + zipped("x") + b"%%EOF\n", "CAL-006", "comprimido"),
        ("a.docx", zipped("word/document.xml"), "CAL-006", "no es un PDF"),
        ("a.pdf", b"<html><script>alert(1)</script></html>", "CAL-006", "no es un PDF"),
        ("a.pdf", b"MZ\x90\x00", "CAL-006", "no es un PDF"),
        ("a.pdf", b"%PDF-1.7 sin final", "CAL-006", "no es un PDF"),
        ("a.png", pdf("uno"), "CAL-006", ".pdf"),
        ("a.pdf.exe", pdf("uno"), "CAL-006", "extensión"),
        ("<script>alert(1)</script>.pdf", pdf("uno"), "CAL-008", "nombre"),
        ("../../etc/passwd.pdf", pdf("uno"), "CAL-008", "nombre"),
        ("a\x00.pdf", pdf("uno"), "CAL-008", "nombre"),
        ("factura\u202efdp.pdf", pdf("uno"), "CAL-008", "nombre"),
        ("$(rm -r).pdf", pdf("uno"), "CAL-008", "nombre"),
        (".pdf", pdf("uno"), "CAL-008", "nombre"),
        ("a" * 117 + ".pdf", pdf("uno"), "CAL-008", "nombre"),
    ],
)
def test_what_is_refused_says_why(name: str, content: bytes, code: str, told: str) -> None:
    refused = refusal(name, content)
    assert refused.code == code
    assert told in refused.message
