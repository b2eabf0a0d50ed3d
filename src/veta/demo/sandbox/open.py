"""Open the sandbox: a home of its own with the demonstration's world, the real hub over it, the wire in front."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from veta.config.postgres import stop
from veta.demo.keep import DemoRefused, key_path
from veta.demo.sandbox.rejected import codes
from veta.demo.sandbox.wire import MODES
from veta.demo.serving import HOST, address_of

FORGOTTEN = ("log", "demo", "keys", "operators", "static", "log.policy", "sandbox.mode", "sandbox.env", "node")


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Where it answers, its home, and an operator's key that it takes."""

    url: str
    home: Path
    operator: str
    key: Path


def mode_file(home: Path) -> Path:
    return home / "sandbox.mode"


def set_mode(home: Path, mode: str, *, finding: str = "") -> None:
    """How the wire behaves from the next call on; `finding`, the code of the rule by which `rejecting` rejects.

    Raises DemoRefused for a mode that there is not, or a code that is of no rule that blocks.
    """
    if mode not in MODES:
        raise DemoRefused(f"«{mode}» no es un modo. Use uno de: {', '.join(MODES)}.")
    if finding and (mode != "rejecting" or finding not in codes()):
        raise DemoRefused(
            "Un hallazgo se elige solo para «rejecting», y ha de ser de una regla que bloquea: " + ", ".join(codes())
        )
    if not home.is_dir():
        raise DemoRefused("No hay ensayo que cambiar: ábralo con «veta hub sandbox».")
    mode_file(home).write_text(f"{mode} {finding}".strip())


def reset(home: Path) -> None:
    """Forget all that a sandbox has, its database too. Effects: stops its server, deletes what it made."""
    if not home.exists():
        return
    stop(home)
    data = home / "pg"
    if data.is_symlink():
        shutil.rmtree(data.readlink().parent, ignore_errors=True)
        data.unlink()
    shutil.rmtree(data, ignore_errors=True)
    for name in FORGOTTEN:
        path = home / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def open_sandbox(home: Path, *, port: int, say: Callable[[str], None]) -> Iterator[Sandbox]:
    """The sandbox of a home at `port` (0: a free one), until the end of the block.

    Raises DemoRefused where it does not open. Effects: a home with a database, kept for the next time.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _kept(port) as own, _opened(home, port=own, say=say) as sandbox:
        yield sandbox


@contextmanager
def _opened(home: Path, *, port: int, say: Callable[[str], None]) -> Iterator[Sandbox]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"VETA_HOME": str(home), "VETA_PUBLIC_ORIGIN": f"http://{HOST}:{port}"}
    say("Preparando el mundo ficticio del ensayo")
    for words in (("veta.cli.main", "db", "migrate"), ("veta.demo.sandbox.world",)):
        done = subprocess.run([sys.executable, "-m", *words], env=environment, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            raise DemoRefused(done.stderr.decode(errors="replace")[-500:])
    operator = done.stdout.decode().split()[-1]
    log = home / "demo" / "hub.log"
    with log.open("wb") as screen:
        hub = subprocess.Popen(
            [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", "0", "--workers", "1"],
            env=environment, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen, start_new_session=True,
        )  # fmt: skip
    wire: subprocess.Popen[bytes] | None = None
    try:
        hub_port = address_of(hub, log, "El ensayo").rpartition(":")[2]
        wire = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "veta.demo.sandbox.wire", str(port), hub_port, str(mode_file(home))],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        if wire.stdout is None or not wire.stdout.readline():
            raise _taken(port)
        set_mode(home, "normal")
        opened = Sandbox(f"http://{HOST}:{port}", home, operator, key_path(home, operator))
        _tell(opened)
        yield opened
    finally:
        for process in filter(None, (wire, hub)):
            process.terminate()
            process.wait()


def _tell(opened: Sandbox) -> None:
    """Write where it is and by which key, for a shell to read: `. .veta/sandbox/sandbox.env`."""
    said = {"VETA_HUB_URL": opened.url, "VETA_OPERATOR_KEY": str(opened.key)}
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in said.items()]
    (opened.home / "sandbox.env").write_text("".join(lines))


def stay() -> None:
    """Wait for Ctrl+C or SIGTERM."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    try:
        signal.pause()
    except KeyboardInterrupt:
        return


@contextmanager
def _kept(port: int) -> Iterator[int]:
    """The port (0: a free one), given to nobody else before the wire listens there, which reuses the address."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            kept.bind((HOST, port))
        except OSError:
            raise _taken(port) from None
        yield int(kept.getsockname()[1])


def _taken(port: int) -> DemoRefused:
    return DemoRefused(f"No se puede escuchar en {HOST}:{port}. Cierre lo que lo ocupa o use --port.")
