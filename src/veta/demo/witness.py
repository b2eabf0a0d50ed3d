"""A witness of the public log for the length of the demonstration: another process, with a key of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from veta.demo.keep import DemoRefused
from veta.transparency.queries import checkpoint, log_keys
from veta.transparency.witnesses import policy_file

PATIENCE = 20.0
NAME = "testigo-demo.example"
_MARK = "# Escrito por «veta demo», que lo quita al terminar."


@contextlib.contextmanager
def witness(home: Path) -> Iterator[str | None]:
    """Start a witness and have the log ask it; gives its vkey. Where the home has witnesses of its own, None.

    Effects: a child process, ended here; its key and what it saw in VETA_HOME/demo/witness; VETA_HOME/log.policy
    meanwhile. Raises DemoRefused where the log or the witness does not answer.
    """
    path = policy_file()
    if path.exists() and not path.read_text().startswith(_MARK):
        yield None
        return
    origin = _origin()
    keys = [option for vkey in log_keys() for option in ("--key", vkey)]
    command = [sys.executable, "-u", "-m", "veta.cli.main", "log", "witness", "--log", origin, "--name", NAME, "--port",
               "0", "--state", str(home / "demo" / "witness"), *keys]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise DemoRefused("El testigo del registro no arrancó. Vuelva a correr la demostración.")
        path.write_text(f"{_MARK}\n{line}quorum {NAME}\n")
        yield line.split()[2]
    finally:
        path.unlink(missing_ok=True)
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _origin() -> str:
    """The log's name, once it has published anything."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if (served := checkpoint()) is not None:
            return served.note.partition("\n")[0]
        time.sleep(0.1)
    raise DemoRefused("El registro público no publicó nada. Revise el registro de la plataforma (demo/hub.log).")
