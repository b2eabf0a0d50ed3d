"""The door of signed calls answers as Django's own way does, byte for byte, and takes nothing but those calls."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from tests.hub.operators import Signer
from veta.config.wsgi import application
from veta.hub.api.door import Door
from veta.kernel.ids import uuid7
from veta.movements.committer import close_committer
from veta.operators.keyring import forget
from veta.site import middleware

UNKNOWN = str(uuid7())
# What two calls may differ in: ids and instants of the answers.
VARYING = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.+-]+Z?")
CALLS: dict[str, tuple[str, str, bytes, str]] = {
    "a read": ("GET", "/keys", b"", ""),
    "a page": ("GET", "/events", b"", "limit=2"),
    "a head": ("HEAD", "/keys", b"", ""),
    "a query that is not read": ("GET", "/events", b"", "limit=x&limit=2"),
    "what all may read": ("GET", "/minerals", b"", ""),
    "what does not exist": ("GET", f"/movements/{UNKNOWN}", b"", ""),
    "no id": ("GET", "/movements/no-es-un-id", b"", ""),
    "a method that is not": ("PUT", "/movements", b"{}", ""),
    "no endpoint": ("GET", "/nada", b"", ""),
    "no endpoint, long": ("GET", f"/nada/{UNKNOWN}/{UNKNOWN}", b"", ""),
    "a body that is no JSON": ("POST", "/movements", b"{", ""),
    "an item that is not read": ("POST", "/movements", b'{"movements":[{"id":1}]}', ""),
    "a key that is no text": ("POST", "/movements", b'{"\\udead": 1, "movements": [{}]}', ""),
    "a step of nothing": ("POST", f"/movements/{UNKNOWN}/withdrawal", json.dumps({"id": UNKNOWN}).encode(), ""),
    "the document": ("GET", "/openapi.json", b"", ""),
    "a trailing slash": ("GET", "/minerals/", b"", ""),
    "a path of other letters": ("GET", "/titles/\u00c3\u00b1", b"", ""),
    "no endpoint of other letters": ("GET", "/nada/\u00f0\u009f\u0098\u0080", b"", ""),
    "a path that is no text": ("GET", "/minerals\xff", b"", ""),
}


@pytest.fixture
def signer(fresh_database: Any) -> Iterator[Signer]:
    forget()
    yield Signer.enrol("DEMO-OTTM-1")
    close_committer()
    forget()


@pytest.fixture
def pages() -> Any:
    assert isinstance(application, Door)
    return application.pages


def answered(served: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    said: list[tuple[str, dict[str, str]]] = []
    response = served(environ, lambda status, headers, exc_info=None: said.append((status, dict(headers))))
    body = b"".join(response)
    getattr(response, "close", lambda: None)()
    (status, headers), = said  # fmt: skip
    return status, headers, VARYING.sub(b"?", body)


def environ_of(signer: Signer, call: tuple[str, str, bytes, str], **more: str) -> dict[str, Any]:
    method, path, body, query = call
    path = f"/api/v1{path}"
    signed = signer.headers(method, path, body, query=query)
    fields = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()}
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": fields.pop("HTTP_CONTENT_TYPE", ""), "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1", "SCRIPT_NAME": "",
        "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "wsgi.version": (1, 0),
        **fields, **more,
    }  # fmt: skip


def test_both_ways_answer_alike(signer: Signer, pages: Any) -> None:
    for name, call in CALLS.items():
        by_door = answered(application, environ_of(signer, call))
        assert by_door == answered(pages, environ_of(signer, call)), name


def test_what_is_refused_is_refused_alike(signer: Signer, pages: Any) -> None:
    read = CALLS["a read"]
    wrong: tuple[dict[str, str], ...] = (
        {"HTTP_SIGNATURE": "sig1=:AAAA:"},
        {"HTTP_HOST": "otro.example"},
        {"HTTP_HOST": "no es un host"},
        {"CONTENT_LENGTH": "99999999"},
        {"CONTENT_LENGTH": "-1"},
    )
    for changed in wrong:
        by_door = answered(application, environ_of(signer, read, **changed))
        assert by_door == answered(pages, environ_of(signer, read, **changed)), changed
        assert not by_door[0].startswith("200"), changed


def test_a_nonce_used_by_one_way_is_used_for_the_other(signer: Signer, pages: Any) -> None:
    environ = environ_of(signer, CALLS["a read"])
    assert answered(application, dict(environ))[0] == "200 OK"
    assert answered(pages, dict(environ))[0].startswith("401")
    assert answered(application, dict(environ))[0].startswith("401")


def test_nothing_but_operators_calls_goes_through(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the permission table of the pages as a witness: what it judges did not go through."""
    seen: list[str] = []
    judge = middleware.judge
    monkeypatch.setattr(middleware, "judge", lambda request, row: (seen.append(request.path), judge(request, row))[1])
    for path, by_pages in {"/keys": False, "/movements": False, "/openapi.json": True, "/minerals": True}.items():
        seen.clear()
        method = "POST" if path == "/movements" else "GET"
        answered(application, environ_of(signer, (method, path, b"", "")))
        assert bool(seen) is by_pages, path


def test_the_thread_speaks_spanish_whatever_its_last_page_spoke(signer: Signer) -> None:
    translation.activate("en")
    answered(application, environ_of(signer, CALLS["a read"]))
    assert translation.get_language() == settings.LANGUAGE_CODE
    translation.deactivate()
