"""A real browser against the real server: `veta serve hub` on a database of its own, Debian's Chromium over it."""

import base64
import hashlib
import hmac
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.node.stage import ended

ROOT = Path(__file__).parents[3]
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
# A machine that does many things at once is slow, not wrong: milliseconds that a page or an expectation may take.
SLOW = 60_000
expect.set_options(timeout=SLOW)
PASSWORD = "Una clave larga y propia"
FOUNDERS = ("ana@demo.invalid", "Ana Demo", "luis@demo.invalid", "Luis Demo", "eva@demo.invalid", "Eva Demo")


@dataclass
class Hub:
    """The server, and what each founder has: the link of the invitation, then the secret of the application."""

    origin: str
    links: dict[str, str]
    mail: Path
    env: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    passwords: set[str] = field(default_factory=set)
    # Each person's session, and when it began: a code works once, and the next is half a minute away.
    sessions: dict[str, tuple[float, list[Any]]] = field(default_factory=dict)

    def code(self, email: str) -> str:
        """The person's code, never one already used: a code works once, so the next one is waited for."""
        step = int(time.time()) // 30
        if self.used.get(email, 0) >= step:
            # The next step's code is taken within the server's tolerance, which spares the wait.
            step = self.used[email] + 1
            time.sleep(max(0.0, (step - 1) * 30 - time.time()))
        self.used[email] = step
        return totp(self.secrets[email], step)


def totp(secret: str, step: int) -> str:
    """RFC 6238 with its defaults: SHA-1, six digits."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@pytest.fixture(scope="session")
def hub(cluster, new_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """`veta serve hub` with two founders, on a clone of its own."""
    name = f"{cluster.template.removesuffix('_template')}_browser"
    home = tmp_path_factory.mktemp("browser")
    port = new_port()
    origin = f"http://localhost:{port}"
    env = os.environ | {
        "DATABASE_URL": cluster.clone(name), "VETA_HOME": str(home), "VETA_PUBLIC_ORIGIN": origin,
        "PYTHONPATH": str(ROOT / "src"),
    }  # fmt: skip
    veta = [sys.executable, "-m", "veta.cli.main"]
    made = subprocess.run([*veta, "site", "found", *FOUNDERS], env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    prices = subprocess.run([*veta, "prices", "demo"], env=env, capture_output=True, text=True, check=False)
    assert prices.returncode == 0, prices.stderr
    log = home / "hub.log"
    serve = [*veta, "serve", "hub", "--port", str(port), "--workers", "1", "--threads", "8"]
    with log.open("w") as out, subprocess.Popen(serve, env=env, stdout=out, stderr=out) as server:
        try:
            _wait_for(f"{origin}/salud", server, log)
            yield Hub(origin, dict(line.split() for line in made.stdout.splitlines()), log, env)
        finally:
            ended(server)
    cluster.drop(name)


@pytest.fixture(scope="module")
def browser(hub: Hub) -> Iterator[Browser]:
    """Chromium for one module, and no longer: while it is open this thread has an event loop, which Django refuses."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser, hub: Hub) -> Iterator[BrowserContext]:
    """A clean browser profile in Spanish, on a narrow phone; any request that leaves the hub fails the test."""
    opened = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": 360, "height": 740})
    opened.set_default_timeout(SLOW)
    strangers: list[str] = []
    opened.on("request", lambda request: request.url.startswith((hub.origin, "data:")) or strangers.append(request.url))
    yield opened
    opened.close()
    assert strangers == [], "the page asked another site for something"


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose console must stay clean: a blocked script or style is written there."""
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: message.type == "error" and said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    assert [line for line in said if "status of 4" not in line] == []


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the hub did not answer:\n{log.read_text()}")


@contextmanager
def staying(page: Page) -> Iterator[None]:
    """Pages come without the header by which they renew themselves, so that one can be looked at as it is then."""

    def answer(route: Route) -> None:
        came = route.fetch()
        kept = {name: value for name, value in came.headers.items() if name.lower() != "refresh"}
        route.fulfill(response=came, headers=kept)

    page.route("**/*", answer)
    yield
    page.unroute_all()
