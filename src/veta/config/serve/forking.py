"""Processes forked from one that has loaded everything: they share its pages of memory and start in milliseconds."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from veta.config.serve.child import be_called, end_with_parent

ORDERS = (signal.SIGTERM, signal.SIGINT)


def fork(name: str, work: Callable[[], None]) -> int:
    """A child that does this work and ends; returns its process id. Call it where no other thread runs.

    It begins with the signals of a new process, no standard input, and ends with its parent. Its code: 0, what a
    SystemExit says, or 1 after the trace of any other exception.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # Held back until the child has let go of its parent's way of answering them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ORDERS)
    try:
        pid = os.fork()
        if pid == 0:
            _work(name, work, parent)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ORDERS)
    return pid


def ended(pid: int) -> int | None:
    """Its code once it has ended (-N: by signal N), None while it lives. Asked once more after that, raises."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def outcome(pid: int) -> int:
    """Wait until it ends; its code."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _work(name: str, work: Callable[[], None], parent: int) -> NoReturn:
    code = 1
    try:
        for number in ORDERS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ORDERS)
        end_with_parent(parent)
        be_called(name)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # whoever read it may be gone; nothing of the parent's may run here
                stream.flush()
        os._exit(code)
