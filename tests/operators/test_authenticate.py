"""The edge: what Django hands over becomes the request that was signed, and refusals are logged without secrets."""

import logging
import random
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from tests.operators.attacks_on_fields import ATTACKS
from tests.operators.signing import BODY, KEYS, NOW, ORIGIN, RECOVERY, REVOKED_PRIVATE, TARGET, at, message
from veta.kernel.ids import uuid7
from veta.kernel.strict_json import StrictJsonError
from veta.operators import keyring
from veta.operators.domain.base import SignedMessage, octets_of, target_uri
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Verified
from veta.operators.services.authenticate import ANY_KEY, authenticate, message_of

factory = RequestFactory()


@pytest.fixture(autouse=True)
def ring(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of the tests, without a database."""
    settings.PUBLIC_ORIGIN = ORIGIN
    monkeypatch.setattr(keyring, "_held", (float("inf"), keyring.KeyRing(KEYS, 0)))


def received(request: SignedMessage, **environ: str):  # type: ignore[no-untyped-def]
    """The request as a server hands it to Django."""
    path, _, query = request.target_uri.removeprefix(ORIGIN).partition("?")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.fields.items()}
    content_type = headers.pop("HTTP_CONTENT_TYPE", "")
    begun = factory.generic(request.method, "/", request.body, content_type=content_type, **headers)
    path_info = octets_of(path).decode("latin-1")
    made = WSGIRequest({**begun.environ, "PATH_INFO": path_info, "QUERY_STRING": query, **environ})
    if not content_type:
        made.META.pop("CONTENT_TYPE", None)
    return made


def call(request: SignedMessage, **environ: str) -> Verified:
    return authenticate(received(request, **environ), now=at(NOW))


class Unread:
    """A body that never comes: whoever waits for it holds a thread."""

    def read(self, *_: int) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("missing", ["signature-input", "signature", "content-digest", "forged"])
def test_nobody_without_a_key_has_the_body_waited_for(missing: str) -> None:
    sent = message()
    fields = {name: value for name, value in sent.fields.items() if name != missing}
    if missing == "forged":
        fields["signature"] = f"veta=:{'A' * 86}==:"
    slow = received(SignedMessage("POST", TARGET, fields, BODY), **{"wsgi.input": Unread()})
    with pytest.raises(SignatureRefused):
        authenticate(slow, now=at(NOW))
    with pytest.raises(AssertionError, match="was read"):
        authenticate(received(sent, **{"wsgi.input": Unread()}), now=at(NOW))


def test_accepts_what_a_client_signs() -> None:
    verified = call(message())
    assert (verified.method, verified.target_uri) == ("POST", TARGET)
    assert call(message("GET", f"{ORIGIN}/api/v1/lots?limit=5&cursor=a%2Bb", b"")).target_uri.endswith("cursor=a%2Bb")


@pytest.mark.parametrize("path", ["/api/v1/titles/003-17", "/api/v1/titles/Á B", "/api/v1/titles/a%2541"])
def test_the_path_is_read_as_it_is_routed(path: str) -> None:
    target = target_uri(ORIGIN, octets_of(path), "")
    assert call(message("GET", target, b"")).target_uri == target


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_X_FORWARDED_PROTO": "http"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"SERVER_NAME": "evil.example", "wsgi.url_scheme": "http"},
    ],
)
def test_the_target_never_comes_from_the_request(environ: dict[str, str]) -> None:
    assert call(message(), **environ).target_uri == TARGET
    forged = message(target=TARGET.replace(ORIGIN, "https://evil.example"))
    with pytest.raises(SignatureRefused):
        authenticate(received(SignedMessage("POST", TARGET, forged.fields, BODY), **environ), now=at(NOW))


@pytest.mark.parametrize(("length", "accepted"), [(4 * 2**20 - 1, True), (4 * 2**20, True), (4 * 2**20 + 1, False)])
def test_a_large_body_is_refused_unread(length: int, accepted: bool) -> None:
    request = received(message(body=b"x" * length))
    if accepted:
        assert len(message_of(request).body_from(uuid7())) == length
        return
    request._stream = None
    with pytest.raises(StrictJsonError) as refused:
        message_of(request)
    assert refused.value.code == "SCH-021"


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "0x10", "1 ", "9" * 5000])
def test_an_odd_content_length(length: str) -> None:
    with pytest.raises(StrictJsonError):
        message_of(received(message(), CONTENT_LENGTH=length))


def test_recovery_keys_call_only_where_they_may() -> None:
    request = message(key=REVOKED_PRIVATE, key_id=RECOVERY.id)
    with pytest.raises(SignatureRefused) as refused:
        call(request)
    assert refused.value.reason == "key-purpose"
    assert authenticate(received(request), now=at(NOW), purposes=ANY_KEY).key_id == RECOVERY.id


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_is_refused_here_too_and_logged_with_its_reason(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    code, attack = ATTACKS[name]
    request = attack(random.Random(name))
    if not request.target_uri.startswith(ORIGIN):
        pytest.skip("a target of another origin cannot come out of the edge")
    with caplog.at_level(logging.WARNING, "veta.operators"), pytest.raises(SignatureRefused) as refused:
        call(request)
    assert refused.value.code in {code, "SIG-001"}
    (line,) = [record.getMessage() for record in caplog.records]
    assert f'"reason": "{refused.value.reason}"' in line
    assert "\n" not in line
    for secret in (request.fields.get("signature"), request.fields.get("signature-input")):
        assert not secret or secret.strip() == "" or secret not in line
