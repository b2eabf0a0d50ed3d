"""The hub under measure: started as anybody starts it, on the bench's own database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import cpu
from veta.config.postgres import processes
from veta.config.postgres.server import find_place

_OPEN = re.compile(r"abierta en (http://([\d.]+):(\d+))")
_PATIENCE = 60.0


@dataclass(slots=True)
class Hub:
    """A running hub: its supervisor, its address, and how long it took to answer."""

    process: subprocess.Popen[bytes]
    origin: str
    host: str
    port: int
    started_in: float

    def sizes(self) -> dict[str, int]:
        """Resident bytes of each of its processes."""
        found = {f"supervisor {self.process.pid}": cpu.resident(self.process.pid)}
        for child in cpu.children_of(self.process.pid):
            name = Path("/proc", str(child), "comm").read_text().strip().removeprefix("veta ")
            found[f"{name} {child}"] = cpu.resident(child)
        return found

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


def open_hub(home: Path) -> Hub:
    """Start `veta serve hub` and wait until it says that it answers; RuntimeError with its log if it does not."""
    log = home / "hub.log"
    command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", "0"]
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=_environment(home), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )  # fmt: skip
    while time.monotonic() - started < _PATIENCE and process.poll() is None:
        if found := _OPEN.search(log.read_text()):
            return Hub(process, found[1], found[2], int(found[3]), time.monotonic() - started)
        time.sleep(0.02)
    process.kill()
    raise RuntimeError(f"the hub did not open:\n{log.read_text()[-3000:]}")


def database_of(home: Path) -> int:
    """The process of the home's PostgreSQL, the parent of all its others."""
    found = processes.postmaster(find_place(home).data)
    if found is None:
        raise RuntimeError("PostgreSQL is not running")
    return found


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    return {**kept, "VETA_HOME": str(home)}
