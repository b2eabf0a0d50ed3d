"""The hub's server on a database with certificates in it, and Chromium over it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, sync_playwright

from checks import web
from tests.certificates.trade import Trade
from tests.site.browser.conftest import CHROMIUM, FLAGS, ROOT, _wait_for
from veta.certificates.queries import CertificateView
from veta.certificates.services import withdraw
from veta.kernel.clock import FixedClock


@dataclass
class Served:
    """Where the hub answers, with a certificate that is valid and one that was withdrawn."""

    origin: str
    valid: CertificateView
    withdrawn: CertificateView
    server: subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def reader_of_codes() -> None:
    """What the pages take from npm, by the lock file."""
    if not web.current():
        web.fetch()


@pytest.fixture(scope="module")
def served(module_database: Any, reader_of_codes: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`veta serve hub` over the module's database, with the hub's key of this process."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin, home = f"http://localhost:{port}", tmp_path_factory.mktemp("certificates")
    before = settings.PUBLIC_ORIGIN
    settings.PUBLIC_ORIGIN = origin
    trade = Trade.open()
    valid = trade.certify(trade.dore())
    gone = trade.certify(trade.coal()["lot"])
    gone = withdraw(gone.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    settings.PUBLIC_ORIGIN = before
    shutil.copytree(Path(settings.VETA_HOME) / "keys", home / "keys", ignore=shutil.ignore_patterns("log-*"))
    env = os.environ | {
        "DATABASE_URL": module_database.dsn, "VETA_HOME": str(home), "VETA_PUBLIC_ORIGIN": origin,
        "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", str(port), "--workers", "1"]
    log = home / "hub.log"
    with log.open("w") as out, subprocess.Popen(command, env=env, stdout=out, stderr=out) as server:
        try:
            _wait_for(f"{origin}/salud", server, log)
            yield Served(origin, valid, gone, server)
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def browser(served: Served) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield opened
        opened.close()
