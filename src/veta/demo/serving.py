"""The hub of this home: the one that is open already, or one that the demonstration opens and later closes."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from veta.demo.keep import DemoRefused
from veta.operators.domain.keys import key_id_of

HOST = "127.0.0.1"
PATIENCE = 60.0
_OPEN = re.compile(r"está abierta en (http://\S+)")


@dataclass(slots=True)
class Hub:
    """Where the hub answers; `process` is None where it was open before."""

    url: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str | None:
        """The public origin that is signed, where it is not the address itself."""
        return os.environ.get("VETA_PUBLIC_ORIGIN")

    def wait(self) -> None:
        """Stay until the hub that was opened here ends; at once where it was open before."""
        if self.process is not None:
            self.process.wait()

    def close(self) -> None:
        """End the hub if it was opened here; one that was open before stays so."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def open_hub(home: Path, *, port: int) -> Hub:
    """The hub of this home at `port` of the loopback, opened now if nobody did; elsewhere if another holds the port.

    Effects: a child process, its screen in VETA_HOME/demo/hub.log. Raises DemoRefused where it does not open.
    """
    url = f"http://{HOST}:{port}"
    if port and taken(port):
        if _is_ours(home, url):
            return Hub(url)
        port = 0
    log = home / "demo" / "hub.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("wb") as screen:
        command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--host", HOST, "--port", str(port)]
        process = subprocess.Popen(  # noqa: S603 - ourselves
            command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen, start_new_session=True
        )
    return Hub(address_of(process, log, "La plataforma"), process)


def taken(port: int) -> bool:
    """Whether somebody listens there already."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _is_ours(home: Path, url: str) -> bool:
    """Whether who answers there lists the key of this home's hub."""
    path = home / "keys" / "hub-ed25519.pem"
    if not path.exists():
        return False
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    wanted = key_id_of("hub", key.public_key().public_bytes_raw())
    try:
        answer = httpx.get(f"{url}/api/v1/hub-keys", timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and wanted.encode() in orjson.dumps(answer.json())


def address_of(process: subprocess.Popen[bytes], log: Path, who: str) -> str:
    """Where a server that was started says that it is open. Raises DemoRefused where it does not open."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit and process.poll() is None:
        found = _OPEN.search(log.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found.group(1)
        time.sleep(0.05)
    process.terminate()
    process.wait()
    raise DemoRefused(f"{who} no abrió. Su registro está en {log}.")
