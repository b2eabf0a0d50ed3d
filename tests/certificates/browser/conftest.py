"""The hub's server on a database with certificates in it, and Chromium over it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from checks import web
from tests.certificates.browser.photographs import Print, printed
from tests.certificates.trade import Trade
from tests.conftest import APP, Cluster, _point_to
from tests.node.stage import ended
from tests.site.browser.conftest import CHROMIUM, FLAGS, ROOT, _wait_for
from veta.certificates.domain.code import CodeOrigin, read_code, signed_code
from veta.certificates.domain.token import bytes_of
from veta.certificates.queries import CertificateView
from veta.certificates.services import withdraw
from veta.hub.certificate_paper import certificate_paper
from veta.kernel.clock import FixedClock

OF_A_PURCHASE = ("production_declaration", "support_document", "quota_certificate")


@dataclass
class Served:
    """Where the hub answers, with a certificate that is valid, its PDF, and one that was withdrawn."""

    origin: str
    valid: CertificateView
    paper: bytes
    withdrawn: CertificateView
    private: Ed25519PrivateKey  # the hub's
    others: tuple[CertificateView, ...] = ()  # over what a miner sold: his declaration, the two of his buyer
    log: Path | None = None  # what the server writes
    server: subprocess.Popen[bytes] | None = None


@pytest.fixture(scope="session")
def reader_of_codes() -> None:
    """What the pages take from npm, by the lock file."""
    if not web.current():
        web.fetch()


@pytest.fixture(scope="session")
def served(
    cluster: Cluster, django_db_blocker: Any, new_port: Callable[[], int], reader_of_codes: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:  # fmt: skip
    """`veta serve hub` over a database of its own, with the hub's key of this process."""
    port = new_port()
    origin, home = f"http://localhost:{port}", tmp_path_factory.mktemp("certificates")
    name = f"{cluster.template.removesuffix('_template')}_certificates"
    dsn = cluster.clone(name)
    with django_db_blocker.unblock(), pointed_to(name):
        made = certified(origin)
    shutil.copytree(Path(settings.VETA_HOME) / "keys", home / "keys", ignore=shutil.ignore_patterns("log-*"))
    env = os.environ | {
        "DATABASE_URL": dsn, "VETA_HOME": str(home), "VETA_PUBLIC_ORIGIN": origin,
        "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", str(port), "--workers", "1"]
    log = home / "hub.log"
    with log.open("w") as out, subprocess.Popen(command, env=env, stdout=out, stderr=out) as server:
        try:
            _wait_for(f"{origin}/salud", server, log)
            yield replace(made, server=server, log=log)
        finally:
            ended(server)
    cluster.drop(name)


@contextmanager
def pointed_to(name: str) -> Iterator[None]:
    """This process's own connection to that database, meanwhile."""
    before = connection.settings_dict["NAME"]
    _point_to(name, APP)
    yield
    _point_to(before, APP)


def fullest(found: CertificateView, private: Ed25519PrivateKey) -> str:
    """The longest code that a certificate can have, of the same certificate: five origins, a firm's long name."""
    code = read_code(found.code or "", [private.public_key().public_bytes_raw()])
    rows = tuple(CodeOrigin("title", f"DEMO-ORO-{n}-DE-NOMBRE-LARGO-0{n}", 200) for n in range(5))
    code = replace(code, issuer=f"{code.issuer} de nombre muy largo", origins=rows, origins_in_all=9)
    return signed_code(code, token=bytes_of(found.token), private=private)


def certified(origin: str) -> Served:
    """One certificate of doré, and one of coal that was withdrawn."""
    before, settings.PUBLIC_ORIGIN = settings.PUBLIC_ORIGIN, origin
    trade = Trade.open()
    valid, gone = trade.certify(trade.dore()), trade.certify(trade.coal()["lot"])
    gone = withdraw(gone.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    paper = certificate_paper(replace(valid, code=fullest(valid, trade.world.signer.private)), site=origin, proof=None)
    settings.PUBLIC_ORIGIN = before
    bought = trade.purchase()["lot"]
    others = tuple(trade.certify(bought, kind) for kind in OF_A_PURCHASE)
    return Served(origin, valid, paper, gone, trade.world.signer.private, others)


@pytest.fixture(scope="session")
def paper(served: Served) -> Print:
    """The valid certificate, printed: its code is of 4 cm and of version 15, the densest that there is."""
    made = printed(served.paper)
    assert 3.9 < made.centimetres < 4.1
    assert made.modules == 77
    return made


@pytest.fixture(scope="module")
def browser(served: Served) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield opened
        opened.close()
