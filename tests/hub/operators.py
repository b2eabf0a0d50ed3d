"""Operators with keys of their own, who sign as a client would and call the hub in this process."""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from veta.operators.domain.base import octets_of, target_uri
from veta.operators.domain.keys import possession_statement
from veta.operators.domain.signature import sign
from veta.operators.services import enrolment, keys


@dataclass
class Signer:
    """One operator's key, and how it calls."""

    code: str
    operator: UUID
    key_id: str
    private: Ed25519PrivateKey

    @classmethod
    def enrol(cls, code: str) -> Signer:
        """Enrol an operator with a key that two officers approved."""
        operator = enrolment.enrol(
            code=code, name=f"{code} (ficticio)", enabled_on=date(2026, 1, 1), act="Acto de prueba", officer="oficial-1"
        )
        private = Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes_raw()
        proof = private.sign(possession_statement(code, raw))
        key_id = keys.record_key(
            operator=operator.id, public_key=raw, purpose="signing", officer="oficial-1", proof=proof
        )
        keys.approve_key(key_id, officer="oficial-2")
        return cls(code, operator.id, key_id, private)

    def headers(self, method: str, path: str, body: bytes, *, query: str = "", **changed: Any) -> dict[str, str]:
        now = int(time.time())
        nonce = base64.urlsafe_b64encode(os.urandom(18)).decode()
        given = {"created": now, "expires": now + 60, "nonce": nonce, "key_id": self.key_id, "key": self.private}
        target = target_uri(settings.PUBLIC_ORIGIN, octets_of(path), query)
        return sign(method=method, target_uri=target, body=body, **{**given, **changed})

    def call(
        self, method: str, path: str, value: Any = None, *, query: str = "", body: bytes | None = None
    ) -> HttpResponse:
        """Sign and send a call; `path` is below /api/v1."""
        path = f"/api/v1{path}"
        sent = body if body is not None else (json.dumps(value).encode() if value is not None else b"")
        return send(method, path, sent, self.headers(method, path, sent, query=query), query=query)


def send(method: str, path: str, body: bytes, headers: dict[str, str], *, query: str = "") -> HttpResponse:
    """Send bytes with exactly these header fields."""
    content_type = headers.get("Content-Type", "")
    others = {name: value for name, value in headers.items() if name != "Content-Type"}
    response: Any = Client().generic(
        method, path, data=body, content_type=content_type, headers=others, query_params=None,
        QUERY_STRING=query,
    )  # fmt: skip
    return response
