"""One web worker: Granian over WSGI, on the listening socket that the supervisor holds."""

import multiprocessing
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from veta.config.serve.child import be_ready, end_with_parent
from veta.config.serve.memory import keep_what_is_loaded

IDLE_THREAD = 600
# Granian counts connections, not requests: those that say nothing must not keep the others in the queue.
CONNECTIONS = 4096


class InheritedSocketServer(MPServer):
    """Granian's server, listening on a socket that is already open.

    Granian opens a socket in each worker; what waits in a dead worker's queue is reset there. One that the
    supervisor holds outlives the worker, and resets nothing.
    """

    _shd: Any
    _sfd: Any

    def __init__(self, descriptor: int, **options: Any) -> None:
        super().__init__(**options)
        self._descriptor = descriptor

    def _init_shared_socket(self) -> None:
        holder: Any = SocketHolder
        self._ssp = None
        self._shd = holder(self._descriptor, False, self.backlog)
        self._sfd = self._descriptor
        self._sso = socket.socket(fileno=self._descriptor)


def serve(descriptor: int, *, threads: int, backlog: int) -> None:
    """Serve `veta.config.wsgi` until SIGTERM; returns when its one worker has died, for the supervisor to see."""
    multiprocessing.set_start_method("fork", force=True)
    supervised = os.getpid()
    InheritedSocketServer(
        descriptor,
        target="veta.config.wsgi:application",
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        # A thread that Granian lets go takes its database connection with it.
        blocking_threads_idle_timeout=IDLE_THREAD,
        backpressure=max(threads * 2, CONNECTIONS),
        backlog=backlog,
        runtime_mode=RuntimeModes.st,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        log_level=LogLevels.error,
        workers_kill_timeout=10,
    ).serve(target_loader=lambda: load(supervised), wrap_loader=False)


def load(parent: int) -> Callable[..., Any]:
    """The application, made in the worker's own process, child of that one."""
    # Forked with Granian's handler, which would let a worker that is still loading ignore the order to end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent(parent)
    from django.db import DatabaseError, connection

    from veta.config.wsgi import application

    with suppress(DatabaseError):  # away for now: who asks for a page is told so
        be_ready()
    connection.close()
    keep_what_is_loaded()
    return application
