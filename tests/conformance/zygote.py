"""Starts nodes, sound or broken, by fork: `python -m tests.conformance.zygote`, one order and one answer a line.

A fault is a change of one module's text, as in `tests.assurance.planted`: here the changed text is run again in the
module that is loaded, and whoever had taken a name from it is given the new one. The product knows nothing of it.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import orjson

from tests.assurance.planted import Fault


def plant(fault: Fault) -> None:
    """Run a module again from its changed text."""
    module = importlib.import_module(fault.module)
    before = dict(module.__dict__)
    exec(compile(fault.text(), module.__file__ or fault.module, "exec"), module.__dict__)
    renewed = {
        id(old): module.__dict__[name]
        for name, old in before.items()
        if name in module.__dict__ and module.__dict__[name] is not old and not isinstance(old, ModuleType)
        and not isinstance(old, str | int | float | tuple)
    }  # fmt: skip
    for other in [each for name, each in sys.modules.items() if name.startswith("veta.node")]:
        for name, value in list(vars(other).items()):
            if other is not module and id(value) in renewed:
                setattr(other, name, renewed[id(value)])


def serve(order: dict[str, Any]) -> None:
    """Be the node of an order until SIGTERM."""
    from django.conf import settings
    from django.db import connection

    from veta.node.driver import port, target

    for module, changes in order["faults"]:
        plant(Fault(module, tuple((old, new) for old, new in changes)))
    connection.settings_dict["NAME"] = order["database"]
    settings.NODE_HOME, settings.NODE_OPERATOR = Path(order["home"]), order["operator"]
    file = Path(order["target"])
    with port.opened(0) as serving:
        target.write_target(file.with_suffix(".new"), driver=serving.url, webhook_port=serving.given.webhook_port)
        file.with_suffix(".new").rename(file)
        serving.serve_forever(poll_interval=0.1)


def _reap(number: int, frame: FrameType | None) -> None:
    """Take leave of nodes that ended, so that what they took counts as this process's."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _load() -> None:
    """What a node would load, once for all of them; its addresses hold their pages, and are left for after a fault."""
    import django

    django.setup()
    import httpx
    from django.core.wsgi import get_wsgi_application

    from veta.node.driver import port, target  # noqa: F401

    get_wsgi_application()
    httpx.Client(trust_env=False).close()


def main() -> None:
    """Fork for each order; answer its pid."""
    _load()
    signal.signal(signal.SIGCHLD, _reap)
    for line in sys.stdin.buffer:
        order = orjson.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            sys.stdin.close()
            try:
                serve(order)
            except Exception:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(0)
        sys.stdout.buffer.write(orjson.dumps({"pid": pid}) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
