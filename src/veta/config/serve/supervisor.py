"""The parent of a deployment's processes: it holds the listening sockets, forks them, and forks again what dies.

It loads everything once and runs nothing of it: no thread, no connection to the database, so that what it forks begins
ready and shares its memory. The sockets are its own, one for each web worker, so that a connection made while a worker
is dead waits in the queue instead of being refused. On one socket for all, whichever worker woke first took a burst of
connections whole (measured: 5 of 6 requests); over several the kernel spreads them.
"""

import gc
import http.client
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import FrameType

from veta.config.serve.child import CHILDREN, load
from veta.config.serve.forking import ORDERS, ended, fork, outcome
from veta.config.serve.home import Home

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
    others: tuple[str, ...] = ("committer", "sequencer", "jobs", "publisher")


@dataclass(slots=True)
class Child:
    """One process that must be alive."""

    name: str
    work: Callable[[], None]
    pid: int | None = None
    born: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default=0.0)

    def keep(self, now: float, say: Callable[[str], None]) -> None:
        """Fork it if it is due; if it has just died, say so and settle when it is due again."""
        if self.pid is None:
            if now >= self.due:
                self._begin(now, say)
        elif (code := ended(self.pid)) is not None:
            short = now - self.born < SHORT_LIFE
            self.pause = min(self.pause * 2, LONGEST_PAUSE) if short else FIRST_PAUSE
            say(f"{self.name} terminó ({code}); arranca de nuevo en {self.pause:.1f} s")
            self.pid, self.due = None, now + self.pause

    def _begin(self, now: float, say: Callable[[str], None]) -> None:
        try:
            self.pid, self.born = fork(self.name, self.work), now
        except OSError as error:  # no memory or no more processes for a moment: the others go on
            self.due = now + LONGEST_PAUSE
            say(f"{self.name} no pudo arrancar ({error.strerror}); se intenta de nuevo en {LONGEST_PAUSE:.1f} s")


def supervise(
    plan: Plan, *, home: Callable[[], Home], first: dict[str, Callable[[], None]], say: Callable[[str], None]
) -> int:
    """Run the deployment until SIGTERM or Ctrl-C, then end every child.

    first: what must have been done before anybody is served, by name, each in a process of its own and all at once.
    home: gives what is served, asked after that; where it is deleted or replaced, the deployment ends with 1 instead
    of serving another. say: called with each line for the operator's screen.

    Returns 0; 1 where a child had to be killed; the code of what failed first. Raises OSError where the address is
    taken.
    """
    told: list[int] = []  # no lock in it, for a handler of signals may come at any point

    def stop(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before = {number: signal.signal(number, stop) for number in ORDERS}
    listeners = _listen(plan)
    private = tempfile.mkdtemp(prefix="veta-")  # a socket's name must be short, and only this user's processes may come
    try:
        host, port = listeners[0].getsockname()[:2]
        origin = f"http://{plan.host}:{port}"
        os.environ.setdefault("VETA_PUBLIC_ORIGIN", origin)
        if "committer" in plan.others:
            os.environ["VETA_COMMITTER"] = os.path.join(private, "committer")
        load(plan.others)
        gc.freeze()
        if failed := _done_first(first):
            return failed
        announce = partial(_announce, (host, port), origin, say)
        return _keep(_children(plan, listeners), home(), announce, told, say)
    finally:
        shutil.rmtree(private, ignore_errors=True)
        for listener in listeners:
            listener.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _done_first(first: dict[str, Callable[[], None]]) -> int:
    """Do each in a process of its own; 0, or the code of one that failed."""
    processes = [fork(name, work) for name, work in first.items()]
    return next(filter(None, map(outcome, processes)), 0)


def _keep(
    children: list[Child], home: Home, announce: Callable[[], None], told: list[int],
    say: Callable[[str], None],
) -> int:  # fmt: skip
    """Keep them alive until told to stop, or until the home is lost."""
    os.environ |= home.environment
    announcer: int | None = fork("announcer", announce)
    lost: str | None = None
    while not told:
        if lost := home.lost():
            say(lost)
            break
        for child in children:
            child.keep(time.monotonic(), say)
        if announcer and ended(announcer) is not None:
            announcer = None
        time.sleep(0.1)
    clean = _end([pid for pid in (announcer, *(child.pid for child in children)) if pid is not None])
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


def _children(plan: Plan, listeners: Sequence[socket.socket]) -> list[Child]:
    workers = [
        Child(f"web {number}", partial(_web, plan, listener, listeners))
        for number, listener in enumerate(listeners, start=1)
    ]
    others = [Child(name, partial(_other, name, listeners)) for name in plan.others]
    return [*workers, *others]


def _web(plan: Plan, mine: socket.socket, all_: Sequence[socket.socket]) -> None:
    from veta.config.serve.web import serve

    for listener in all_:
        if listener is not mine:
            listener.close()
    serve(mine.fileno(), threads=plan.threads, backlog=plan.backlog)


def _other(name: str, all_: Sequence[socket.socket]) -> None:
    for listener in all_:
        listener.close()
    CHILDREN[name]()


def _end(processes: list[int]) -> bool:
    """Ask every child to end, and kill after a grace what did not; False where that was needed."""
    alive = [pid for pid in processes if ended(pid) is None]
    for pid in alive:
        os.kill(pid, signal.SIGTERM)
    limit = time.monotonic() + GRACE
    while alive and time.monotonic() < limit:
        time.sleep(0.02)
        alive = [pid for pid in alive if ended(pid) is None]
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        outcome(pid)
    return not alive


def _announce(address: tuple[str, int], origin: str, say: Callable[[str], None]) -> None:
    """Say the address once a worker answers, whatever it answers. Runs in a process of its own."""
    host, port = address
    while True:
        connection = http.client.HTTPConnection(host, port, timeout=60)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            continue
        finally:
            connection.close()
        say(f"Veta está abierta en {origin} (Ctrl+C la cierra)")
        return
