"""The suite's own hub: a process of the real one in a home made for the run, with the office beside it."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veta.conformance.domain.refusals import SandboxFailed
from veta.operators.domain.keys import key_id_of, possession_statement

PATIENCE = 90.0
_OPEN = re.compile(rb"abierta en http://127\.0\.0\.1:(\d+)")
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")


class Office:
    """The authority beside the hub. One request at a time, whoever asks."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "veta.conformance.office"], env=dict(environment), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self._turn = threading.Lock()
        self._read()

    def ask(self, verb: str, **asked: Any) -> Any:
        """What the office answers. Raises SandboxFailed with its own words where it does not."""
        with self._turn:
            assert self._process.stdin is not None
            self._process.stdin.write(orjson.dumps({"verb": verb, **asked}) + b"\n")
            self._process.stdin.flush()
            said = self._read()
        if "trouble" in said:
            raise SandboxFailed(f"La oficina del ensayo no pudo con «{verb}»: {said['trouble']}")
        return said["answer"]

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SandboxFailed("La oficina del ensayo terminó. Mire arriba por qué y repita.")
        found: dict[str, Any] = orjson.loads(line)
        return found


@dataclass
class SuiteOperator:
    """The suite's own operator, for what a third party does: other people's mandates are its."""

    code: str
    id: str
    key: Ed25519PrivateKey

    @property
    def key_id(self) -> str:
        """Its key's id."""
        return key_id_of(self.code, self.key.public_key().public_bytes_raw())


@dataclass
class Sandbox:
    """The hub's port and public origin, the office, and the suite's own operator."""

    port: int
    origin: str
    office: Office
    other: SuiteOperator
    operators: dict[str, str] = field(default_factory=dict)

    def enrol(self, *, code: str, name: str, public_key: str, proof: str) -> str:
        """Enrol a candidate, once a hub; returns its operator id. Raises SandboxFailed."""
        if code not in self.operators:
            made = self.office.ask("enrol", code=code, name=name, public_key=public_key, proof=proof)
            self.operators[code] = made["operator"]
        return self.operators[code]


@contextmanager
def open_sandbox(
    *, origin: str, home: Path | None = None, database: str = "", screen: Path | None = None
) -> Iterator[Sandbox]:
    """The hub of a run, until the end of the block.

    Args: `origin`, its public one, which candidates sign; `home`, made for the run and deleted where it is not given;
    `database`, where it has one already (a DSN), migrated. Raises SandboxFailed where it does not open.
    """
    own = Path(tempfile.mkdtemp(prefix="veta-conformance-")) if home is None else None
    if own is not None:
        own.chmod(0o755)
    place = home or (own or Path()) / "home"
    place.mkdir(parents=True, exist_ok=True)
    environment = _environment(place, origin=origin, database=database)
    log = screen or place / "hub.log"
    hub = _start(environment, log)
    office: Office | None = None
    try:
        port = _port_of(hub, log)
        office = Office(environment)
        yield Sandbox(port, origin, office, _enrolled(office))
    finally:
        if office is not None:
            office.close()
        hub.terminate()
        hub.wait()
        if not database:
            subprocess.run([sys.executable, "-m", "veta.cli.main", "db", "stop"], env=environment, check=False)
        if own is not None:
            shutil.rmtree(own, ignore_errors=True)


def _environment(home: Path, *, origin: str, database: str) -> dict[str, str]:
    """Nothing of the caller's own deployment: its database, home and settings are not the run's."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # The same code as this process runs, wherever that was read from.
    code = str(Path(__file__).parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (code, kept.get("PYTHONPATH", ""))))
    kept |= {"VETA_HOME": str(home), "VETA_PUBLIC_ORIGIN": origin, "DJANGO_SETTINGS_MODULE": "veta.config.settings"}
    return kept | ({"DATABASE_URL": database} if database else {})


def _start(environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", "0", "--workers", "1"],
            env=dict(environment), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip


def _port_of(hub: subprocess.Popen[bytes], log: Path) -> int:
    """The hub's port, once it answers. Raises SandboxFailed with the end of its log where it does not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and hub.poll() is None:
        if found := _OPEN.search(log.read_bytes()):
            return int(found[1])
        time.sleep(0.1)
    said = log.read_bytes()[-1000:].decode(errors="replace")
    raise SandboxFailed(f"La plataforma de ensayo no abrió. Su registro termina así:\n{said}")


def _enrolled(office: Office) -> SuiteOperator:
    code, key = "ENSAYO-SUITE", Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes_raw()
    proof = base64.b64encode(key.sign(possession_statement(code, raw))).decode()
    public = base64.b64encode(raw).decode()
    made = office.ask("enrol", code=code, name="Operador de la suite (ficticio)", public_key=public, proof=proof)
    return SuiteOperator(code, made["operator"], key)
