"""Valid requests of every kind as a wire-tapper captures them, sent again; also as a process of its own.

As a process it is a hub that has just started: `python captured.py FILE [forgetful]` sends each request of FILE to the
application in itself, and prints the statuses. `forgetful` plants the fault: a hub that keeps nonces in memory.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Captured:
    """A request as it went over the wire, and what was answered."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str  # base64
    status: int = 0

    def send(self) -> Any:
        from tests.hub.operators import send

        return send(self.method, self.path, base64.b64decode(self.body), self.headers, query=self.query)


def capture(
    signer: Any, method: str, path: str, value: Any = None, *, query: str = "", lifetime: int = 300
) -> Captured:
    """Sign and send a request, and keep it with its status."""
    import time

    body = json.dumps(value).encode() if value is not None else b""
    full, now = f"/api/v1{path}", int(time.time())
    headers = signer.headers(method, full, body, query=query, created=now, expires=now + lifetime)
    made = Captured(method, full, query, headers, base64.b64encode(body).decode())
    return Captured(**{**asdict(made), "status": made.send().status_code})


def saved(requests: list[Captured], path: Path) -> Path:
    path.write_text(json.dumps([asdict(request) for request in requests]))
    return path


def main(path: str, *faults: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "veta.config.settings"
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()  # the test client's host
    if "forgetful" in faults:
        _forget_nonces()
    from veta.movements.committer import close_committer
    from veta.operators.services.limits import limits

    limits.retry_after = lambda caller, endpoint: 0  # type: ignore[method-assign]  # what they might hide is looked for
    print(json.dumps([Captured(**each).send().status_code for each in json.loads(Path(path).read_text())]))
    close_committer()


def _forget_nonces() -> None:
    """Nonces in the memory of the process, as if a table were not worth it."""
    from veta.operators.services import nonces

    seen: set[tuple[str, str]] = set()

    def remember(_: Any, given: Any) -> set[tuple[str, str]]:
        fresh = {(key, nonce) for key, nonce, _ in given} - seen
        seen.update(fresh)
        return fresh

    nonces.remember = remember  # type: ignore[assignment]


if __name__ == "__main__":
    main(*sys.argv[1:])
