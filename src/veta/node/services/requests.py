"""The requests that report and answer movements, kept as they were signed: without them no leaf can be opened."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator

import orjson

from veta.node.models import SignedRequest
from veta.node.transport import Prepared
from veta.storage.sealing import keyed

_WRITES = re.compile(r"/movements(/[0-9a-f-]{36}/(confirmation|withdrawal))?")
_FIELD = re.compile(r"[\w-]+=:([A-Za-z0-9+/=]+):")


def keep(request: Prepared) -> None:
    """Keep a request's digest and signature under the ids that it carries; one that writes no movement is passed over.

    Called before it leaves, so that what arrived is known even if its answer is lost.
    """
    if request.method != "POST" or not _WRITES.fullmatch(request.url.rpartition("/api/v1")[2]):
        return
    said, signature = (_value(request.headers[name]) for name in ("Content-Digest", "Signature"))
    digest = keyed("veta-request-v1", said.hex())
    known = SignedRequest.objects.filter(digest=digest).exists()
    SignedRequest.objects.create(
        digest=digest, body_digest=said, signature=signature, movements=[] if known else list(_ids(request.body))
    )  # fmt: skip


def _ids(body: bytes) -> Iterator[str]:
    said = orjson.loads(body)
    yield from (each["id"] for each in said.get("movements", [said]))


def _value(field: str) -> bytes:
    found = _FIELD.fullmatch(field)
    assert found is not None, "as `sign` writes it"
    return b64decode(found[1])
