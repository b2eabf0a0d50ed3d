"""`veta certificates verify`: with the network shut, for PDF, QR text, JSON and token; and what it refuses."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdf
import pytest
from typer.testing import CliRunner

from tests.certificates.trade import Trade
from veta.certificates.queries import CertificateView
from veta.certificates.services import withdraw
from veta.cli.main import app
from veta.hub.certificate_paper import certificate_paper
from veta.hub.queries import offline_trust
from veta.kernel.clock import FixedClock

# Whoever opens a connection ends: what is checked offline asks nobody.
SHUT = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind"):
        raise RuntimeError("the network is off: " + event)
sys.addaudithook(watch)
from veta.cli.main import app
app()
"""


@pytest.fixture(scope="module")
def trade(module_database: Any) -> Trade:
    return Trade.open()


@pytest.fixture(scope="module")
def dore(trade: Trade) -> CertificateView:
    return trade.certify(trade.dore())


@pytest.fixture(scope="module")
def shelf(dore: CertificateView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper, its parts, and the keys of the day, as a verifier would have them."""
    folder = tmp_path_factory.mktemp("papers")
    assert dore.code is not None
    assert dore.credential_bytes is not None
    (folder / "paper.pdf").write_bytes(certificate_paper(dore, site="http://127.0.0.1:8600", proof=None))
    (folder / "code.txt").write_text(dore.code)
    (folder / "credential.json").write_bytes(dore.credential_bytes)
    (folder / "keys.json").write_text(json.dumps(offline_trust()))
    return folder


def offline(shelf: Path, what: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Verify in a process that can open no connection and has no installation."""
    env = os.environ | {"VETA_HOME": str(shelf / "none"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    env["PYTHONPATH"] = str(Path(__file__).parents[2] / "src")
    command = [sys.executable, "-c", SHUT, "certificates", "verify", what, "--keys", str(shelf / "keys.json"), *options]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["paper.pdf", "code.txt", "credential.json"])
def test_offline_it_says_what_was_signed(shelf: Path, dore: CertificateView, name: str) -> None:
    done = offline(shelf, str(shelf / name))
    assert done.returncode == 0, done.stderr
    assert "Auténtico" in done.stdout
    assert "no se ha usado" in done.stdout
    assert dore.number_text in done.stdout


def test_the_text_itself_is_taken_and_a_token_is_not_checked_offline(shelf: Path, dore: CertificateView) -> None:
    assert offline(shelf, dore.code or "").returncode == 0
    done = offline(shelf, dore.token)
    assert done.returncode == 1
    assert "un token necesita" in done.stderr


def test_a_token_is_checked_by_its_installation(dore: CertificateView) -> None:
    done = CliRunner().invoke(app, ["certificates", "verify", dore.token, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["document"]["number"] == dore.number_text
    assert CliRunner().invoke(app, ["certificates", "verify", "A" * 26]).exit_code == 1


def forged(shelf: Path, name: str) -> bytes:
    """Papers that lie, each in one thing."""
    credential = json.loads((shelf / "credential.json").read_bytes())
    code = (shelf / "code.txt").read_text()
    if name == "quantity":
        credential["credentialSubject"]["quantity"] = "980.000"
    if name == "origins":
        credential["credentialSubject"]["origins"][0]["municipality"] = "11001"
    if name == "code":
        code = code[:-7] + ("A" if code[-7] != "A" else "B") + code[-6:]
        return code.encode()
    if name == "truncated":
        return (shelf / "paper.pdf").read_bytes()[:2000]
    if name == "no parts":
        writer = pypdf.PdfWriter()
        writer.add_blank_page(100, 100)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()
    if name == "list":
        return b"[]"
    return json.dumps(credential).encode()


@pytest.mark.parametrize("name", ["quantity", "origins", "code", "truncated", "no parts", "list"])
def test_what_lies_is_refused_in_words(shelf: Path, name: str, tmp_path: Path) -> None:
    lie = tmp_path / "lie"
    lie.write_bytes(forged(shelf, name))
    done = CliRunner().invoke(app, ["certificates", "verify", str(lie), "--keys", str(shelf / "keys.json")])
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output


def test_one_paper_with_the_code_of_another_is_refused(trade: Trade, shelf: Path, tmp_path: Path) -> None:
    other = trade.certify(trade.coal()["lot"])
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("code.txt", (other.code or "").encode())
    writer.add_attachment("credential.json", (shelf / "credential.json").read_bytes())
    writer.add_attachment("log.json", b"{}")
    writer.write(tmp_path / "mixed.pdf")
    done = CliRunner().invoke(app, ["certificates", "verify", str(tmp_path / "mixed.pdf")])
    assert done.exit_code == 1
    assert "certificados distintos" in done.output


def test_what_was_withdrawn_ends_with_one(trade: Trade) -> None:
    gone = trade.certify(trade.coal()["lot"])
    withdraw(gone.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    done = CliRunner().invoke(app, ["certificates", "verify", gone.token])
    assert done.exit_code == 1
    assert "RETIRADO" in done.output
