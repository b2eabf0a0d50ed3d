"""A client that insists: each attempt signed anew, the same ids, until the hub answers; what it met is kept."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from veta.operators.domain.base import octets_of, target_uri
from veta.operators.domain.signature import sign

PREFIX = "/api/v1"
# What a hub that cannot answer now may say; anything else that is not 200 is a wrong answer.
NOT_NOW = frozenset({429, 503})


class Wrong(Exception):
    """An answer that the hub must never give to a good request."""


class Client:
    """One connection of one operator. `met` counts statuses and failures of the wire."""

    def __init__(self, port: int, operator: Mapping[str, str], *, timeout: float = 15.0) -> None:
        self.port, self.timeout = port, timeout
        self.operator = UUID(operator["operator"])
        self._key_id = operator["key_id"]
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(operator["private"]))
        self._connection: http.client.HTTPConnection | None = None
        self.met: Counter[str] = Counter()

    def signed(self, path: str, body: bytes, *, method: str = "POST") -> dict[str, str]:
        """The header fields of a request signed now."""
        now = int(time.time())
        target = target_uri(f"http://127.0.0.1:{self.port}", octets_of(PREFIX + path), "")
        return sign(
            method=method, target_uri=target, body=body, key_id=self._key_id, key=self._key, created=now,
            expires=now + 240, nonce=secrets.token_urlsafe(24),
        )  # fmt: skip

    def send(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """One attempt; raises what the wire raises."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self._connection.request("POST", PREFIX + path, body, dict(headers or self.signed(path, body)))
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def insist(self, path: str, body: bytes, *, deadline: float = 60.0) -> bytes:
        """Attempt until there is an answer of 200; raises Wrong on any other but «not now», and at the deadline."""
        end = time.monotonic() + deadline
        while time.monotonic() < end:
            try:
                status, answer = self.send(path, body)
            except (OSError, http.client.HTTPException) as failure:
                self.met[type(failure).__name__] += 1
            else:
                self.met[str(status)] += 1
                if status == 200:
                    return answer
                if status not in NOT_NOW:
                    raise Wrong(f"{status} {answer[:500]!r}")
            time.sleep(0.02 + secrets.randbelow(80) / 1000)
        raise Wrong(f"no answer in {deadline} s")

    def close(self) -> None:
        """Drop the connection; the next attempt makes another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def batch(*movements: Mapping[str, Any]) -> bytes:
    """The body of a report."""
    return json.dumps({"movements": movements}, separators=(",", ":"), ensure_ascii=False).encode()
