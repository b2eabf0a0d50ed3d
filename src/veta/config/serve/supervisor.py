"""The parent of a deployment's processes: it holds the listening socket, starts them, and starts again what dies.

It loads neither Django nor the database driver's pool. The sockets are its own, one for each web worker, so that a
connection made while a worker is dead waits in the queue instead of being refused. On one socket for all, whichever
worker woke first took a burst of connections whole (measured: 5 of 6 requests); over several the kernel spreads them.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from veta.config.serve.home import Home

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 3.0
# A child that lived less than this died of itself; one that lived longer was killed, and starts again at once.
SHORT_LIFE = 2.0
GRACE = 10.0
# What nobody waits for starts behind the web workers, which have the cores for themselves until they answer.
OTHERS_AFTER = 1.0
# And one after the other: each loads Django, which takes most of a core for a moment.
APART = 0.7


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: address, number of web workers and of threads in each, and the other children by name."""

    host: str = "127.0.0.1"
    port: int = 8600
    workers: int = 2
    threads: int = 64
    backlog: int = 2048
    others: tuple[str, ...] = ("sequencer", "jobs", "publisher")


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


def supervise(plan: Plan, *, home: Home, say: Callable[[str], None]) -> int:
    """Run the deployment until SIGTERM or Ctrl-C, then end every child; returns 0, or 1 where one had to be killed.

    home: what it serves; where it is deleted or replaced, the deployment ends with 1 instead of serving another.
    say: called with each line for the operator's screen. Raises OSError where the address is taken.
    """
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    listeners = _listen(plan)
    address = listeners[0].getsockname()[:2]
    origin = f"http://{plan.host}:{address[1]}"
    children = _children(plan, listeners, {"VETA_PUBLIC_ORIGIN": origin, **os.environ, **home.environment})
    lost: str | None = None
    announcer = threading.Thread(target=_announce, args=(address, origin, stopping, say), daemon=True)
    try:
        announcer.start()
        while not stopping.wait(0.1):
            if lost := home.lost():
                say(lost)
                stopping.set()
                break
            for child in children:
                child.keep(time.monotonic(), say)
    finally:
        clean = _end(children)
        for listener in listeners:
            listener.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0 if clean and lost is None else 1


def _listen(plan: Plan) -> list[socket.socket]:
    """A socket for each web worker, all on one port; where the system does not spread connections, the same for all."""
    if sys.platform != "linux":
        return [_bound(plan, plan.port, shared=False)] * plan.workers
    with _bound(plan, plan.port, shared=False) as free:  # fails where anybody listens there, another hub of ours too
        port = free.getsockname()[1]
    listeners: list[socket.socket] = []
    try:
        for _ in range(plan.workers):
            listeners.append(_bound(plan, port, shared=True))
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def _bound(plan: Plan, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in plan.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((plan.host, port))
        listener.listen(plan.backlog)
    except OSError:
        listener.close()
        raise
    return listener


def _children(plan: Plan, listeners: Sequence[socket.socket], environment: dict[str, str]) -> list[Child]:
    base = [sys.executable, "-m", "veta.config.serve.child"]
    workers = [
        Child(
            f"web {number}",
            [*base, "web", str(listener.fileno()), str(plan.threads), str(plan.backlog)],
            environment,
            (listener.fileno(),),
        )
        for number, listener in enumerate(listeners, start=1)
    ]
    later = time.monotonic() + OTHERS_AFTER
    others = [Child(name, [*base, name], environment, due=later + APART * n) for n, name in enumerate(plan.others)]
    return [*workers, *others]


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


def _announce(address: tuple[str, int], origin: str, stopping: threading.Event, say: Callable[[str], None]) -> None:
    """Say the address once a worker answers, whatever it answers."""
    host, port = address
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
