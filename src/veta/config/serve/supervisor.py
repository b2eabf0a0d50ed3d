"""The parent of the hub's processes: it holds the listening socket, starts them, and starts again what dies.

It loads neither Django nor the database driver's pool. The socket is its own, so that a connection made while
every web worker is dead waits in the queue instead of being refused.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 3.0
# A child that lived less than this died of itself; one that lived longer was killed, and starts again at once.
SHORT_LIFE = 2.0
GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: address, number of web workers and of threads in each, and the other children by name."""

    host: str = "127.0.0.1"
    port: int = 8600
    workers: int = 2
    threads: int = 64
    backlog: int = 2048
    others: tuple[str, ...] = ("sequencer", "jobs")


@dataclass(slots=True)
class Child:
    """One process that must be alive."""

    name: str
    command: list[str]
    environment: dict[str, str]
    handed: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default=0.0)

    def keep(self, now: float, say: Callable[[str], None]) -> None:
        """Start it if it is due; if it has just died, say so and settle when it is due again."""
        if self.process is None:
            if now >= self.due:
                self._start(now)
        elif self.process.poll() is not None:
            short = now - self.born < SHORT_LIFE
            self.pause = min(self.pause * 2, LONGEST_PAUSE) if short else FIRST_PAUSE
            say(f"{self.name} terminó ({self.process.returncode}); arranca de nuevo en {self.pause:.1f} s")
            self.process, self.due = None, now + self.pause

    def _start(self, now: float) -> None:
        self.born = now
        self.process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
            self.command, env=self.environment, stdin=subprocess.DEVNULL, pass_fds=self.handed
        )


def supervise(plan: Plan, *, say: Callable[[str], None]) -> int:
    """Run the hub until SIGTERM or Ctrl-C, then end every child; returns 0, or 1 where one had to be killed.

    say: called with each line for the operator's screen. Raises OSError where the address is taken.
    """
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    listener = _listen(plan)
    origin = f"http://{plan.host}:{listener.getsockname()[1]}"
    children = _children(plan, listener, origin)
    announcer = threading.Thread(target=_announce, args=(listener, origin, stopping, say), daemon=True)
    try:
        announcer.start()
        while not stopping.wait(0.1):
            for child in children:
                child.keep(time.monotonic(), say)
    finally:
        clean = _end(children)
        listener.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0 if clean else 1


def _listen(plan: Plan) -> socket.socket:
    family = socket.AF_INET6 if ":" in plan.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((plan.host, plan.port))
        listener.listen(plan.backlog)
    except OSError:
        listener.close()
        raise
    return listener


def _children(plan: Plan, listener: socket.socket, origin: str) -> list[Child]:
    environment = {"VETA_PUBLIC_ORIGIN": origin, **os.environ}
    base = [sys.executable, "-m", "veta.config.serve.child"]
    handed = (listener.fileno(),)
    web = [*base, "web", str(listener.fileno()), str(plan.threads), str(plan.backlog)]
    workers = [Child(f"web {number + 1}", web, environment, handed) for number in range(plan.workers)]
    return [*workers, *(Child(name, [*base, name], environment) for name in plan.others)]


def _end(children: list[Child]) -> bool:
    """Ask every child to end, and kill after a grace what did not; False where that was needed."""
    alive = [child.process for child in children if child.process and child.process.poll() is None]
    for process in alive:
        process.terminate()
    limit = time.monotonic() + GRACE
    clean = True
    for process in alive:
        try:
            process.wait(max(0.0, limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            clean = False
    return clean


def _announce(listener: socket.socket, origin: str, stopping: threading.Event, say: Callable[[str], None]) -> None:
    """Say the address once a worker answers, whatever it answers."""
    host, port = listener.getsockname()[:2]
    while not stopping.wait(0.05):
        connection = http.client.HTTPConnection(host, port, timeout=60)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
        say(f"Veta está abierta en {origin} (Ctrl+C la cierra)")
        return
