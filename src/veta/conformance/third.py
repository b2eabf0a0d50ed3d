"""What a third party does in a scenario: the suite's own operator calls the hub straight, signed as anybody."""

from __future__ import annotations

import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from veta.conformance.domain.refusals import SandboxFailed
from veta.conformance.sandbox import Sandbox
from veta.operators.domain.base import octets_of, target_uri
from veta.operators.domain.signature import sign


def call(sandbox: Sandbox, method: str, path: str, value: Any = None, *, query: str = "") -> Any:
    """Call the hub as the suite's operator; `path` is below /api/v1. Raises SandboxFailed where the hub refuses."""
    body = b"" if value is None else orjson.dumps(value)
    target = target_uri(sandbox.origin, octets_of(f"/api/v1{path}"), query)
    now = int(time.time())
    fields = sign(
        method=method, target_uri=target, body=body, key_id=sandbox.other.key_id, key=sandbox.other.key,
        created=now, expires=now + 120, nonce=secrets.token_urlsafe(24),
    )  # fmt: skip
    url = f"http://127.0.0.1:{sandbox.port}" + target.removeprefix(sandbox.origin)
    answer = httpx.request(method, url, content=body or None, headers=fields, timeout=60, trust_env=False)
    if answer.status_code >= 300:
        raise SandboxFailed(f"La plataforma de ensayo respondió {answer.status_code} a un tercero: {answer.text[:300]}")
    return answer.json() if answer.content else {}


def wait_for_event(sandbox: Sandbox, movement: str, *, seconds: float = 30.0) -> None:
    """Until the feed has a movement that the suite's operator reported. Raises SandboxFailed where it does not come."""
    end, query = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        page = call(sandbox, "GET", "/events", query=query)
        if any(each["movement"] == movement for each in page["items"]):
            return
        query = urlencode({"after": page["cursor"]})
        if not page["more"]:
            time.sleep(0.1)
    raise SandboxFailed("La plataforma de ensayo no numeró lo que reportó un tercero.")
