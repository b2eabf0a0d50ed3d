"""T11, the request as a whole: ways to make a request look signed that is not, each from a seeded random source."""

import base64
import dataclasses
import hashlib
import random
import string
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.operators import signing
from tests.operators.signing import (
    KEY,
    NOW,
    ORIGIN,
    PRIVATE,
    with_fields,
)
from veta.operators.domain.base import SignedMessage, base_of
from veta.operators.domain.fields import digest_field

Attack = Callable[[random.Random], SignedMessage]
ATTACKS: dict[str, tuple[str, Attack]] = {}
ALL = ("@method", "@target-uri", "content-digest", "content-type")


def attack(name: str, code: str = "SIG-001") -> Callable[[Attack], Attack]:
    def keep(function: Attack) -> Attack:
        ATTACKS[name] = (code, function)
        return function

    return keep


def token(r: random.Random, *, size: int = 0) -> str:
    return "".join(r.choices(string.ascii_letters + string.digits + "-_", k=size or r.randint(16, 64)))


def body_of(r: random.Random) -> bytes:
    return b'{"movements": [{"id": "%d"}]}' % r.getrandbits(64)


def valid(r: random.Random, **changes: object) -> SignedMessage:
    """A request that is accepted: every attack starts from one, or from its parts."""
    settings: dict[str, object] = {
        "target": f"{ORIGIN}/api/v1/{r.choice(['movements', 'movements/check', 'consents', 'mandates'])}",
        "body": body_of(r),
        "nonce": token(r),
        "lifetime": r.randint(1, 300),
    }
    return signing.message(**settings | changes)  # type: ignore[arg-type]


def params_of(
    r: random.Random,
    components: tuple[str, ...] = ALL,
    *,
    drop: str = "",
    extra: str = "",
    **changes: str,
) -> str:
    """Signature parameters written by hand, in random order."""
    values = {
        "created": str(NOW),
        "expires": str(NOW + r.randint(1, 300)),
        "nonce": f'"{token(r)}"',
        "keyid": f'"{KEY.id}"',
        "alg": '"ed25519"',
        "tag": '"veta-v1"',
    } | changes
    values.pop(drop, None)
    written = [f";{name}={value}" for name, value in values.items()]
    r.shuffle(written)
    return f"({' '.join(f'{chr(34)}{name}{chr(34)}' for name in components)}){''.join(written)}{extra}"


def by_hand(
    r: random.Random, params: str, components: tuple[str, ...] = ALL, key: Ed25519PrivateKey = PRIVATE
) -> SignedMessage:
    """A request whose signature is true for exactly these parameters and components."""
    request = valid(r)
    known = tuple(name for name in components if name in ALL)
    base = base_of(
        method=request.method,
        target_uri=request.target_uri,
        params=params,
        components=known,
        body_digest=base64.b64decode(request.fields["content-digest"][9:-1]),
    )
    signature = f"veta=:{base64.b64encode(key.sign(base)).decode()}:"
    return with_fields(request, signature_input=f"veta={params}", signature=signature)


# Covered components: the policy's, never the request's.


def _uncovered(*kept: str) -> Attack:
    def make(r: random.Random) -> SignedMessage:
        """Truly signed, but what is not covered was changed on the way."""
        request = by_hand(r, params_of(r, kept), kept)
        if "content-digest" not in kept:
            changed = body_of(r)
            honest = with_fields(request, content_digest=digest_field(hashlib.sha256(changed).digest()))
            request = dataclasses.replace(honest, body=changed)
        if "@target-uri" not in kept:
            request = dataclasses.replace(request, target_uri=f"{ORIGIN}/api/v1/{token(r)}")
        if "@method" not in kept:
            request = dataclasses.replace(request, method=r.choice(["PUT", "PATCH", "DELETE"]))
        return request

    return make


for missing in ALL:
    attack(f"covers all but {missing}")(_uncovered(*(name for name in ALL if name != missing)))
for only in ALL:
    attack(f"covers only {only}")(_uncovered(only))
attack("covers method and content type")(_uncovered("@method", "content-type"))
attack("covers digest and content type")(_uncovered("content-digest", "content-type"))
for surplus in (
    "@authority",
    "@path",
    "@query",
    "@scheme",
    "@request-target",
    "@status",
    "date",
    "host",
    "x-forwarded-host",
):
    attack(f"covers {surplus} too")(lambda r, name=surplus: by_hand(r, params_of(r, (*ALL, name)), (*ALL, name)))
for instead, given in (
    ("@target-uri", "@path"),
    ("@target-uri", "@authority"),
    ("content-digest", "digest"),
    ("@method", "method"),
):
    swapped = tuple(given if name == instead else name for name in ALL)
    attack(f"covers {given} instead of {instead}")(lambda r, names=swapped: by_hand(r, params_of(r, names), names))
attack("covers a component twice")(lambda r: by_hand(r, params_of(r, (*ALL, r.choice(ALL))), ALL))
attack("covers nothing")(lambda r: by_hand(r, params_of(r, ()), ()))
for flag in (";sf", ";bs", ";req", ";tr", ';key="sha-256"'):
    attack(f"component with parameter {flag}")(
        lambda r, text=flag: by_hand(r, params_of(r).replace('"content-digest"', f'"content-digest"{text}'))
    )
attack("component in upper case")(lambda r: by_hand(r, params_of(r).replace("content-type", "Content-Type")))


# What was signed was changed.


@attack("body changed, digest kept")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(valid(r), body=body_of(r))


@attack("body and digest changed")
def _(r: random.Random) -> SignedMessage:
    other = valid(r)
    return dataclasses.replace(with_fields(valid(r), content_digest=other.fields["content-digest"]), body=other.body)


@attack("one bit of the body changed")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    body = bytearray(request.body)
    body[r.randrange(len(body))] ^= 1 << r.randrange(8)
    return dataclasses.replace(request, body=bytes(body))


@attack("body cut off")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    return dataclasses.replace(request, body=request.body[: r.randint(1, len(request.body) - 1)])


@attack("body taken away")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(valid(r), body=b"")


@attack("body taken away with its digest")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(with_fields(valid(r), content_digest=None, content_type=None), body=b"")


@attack("body added to a request without one")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(valid(r, body=b""), body=body_of(r))


@attack("body and its fields added to a request without one")
def _(r: random.Random) -> SignedMessage:
    other = valid(r)
    bare = valid(r, body=b"")
    fields = {name: other.fields[name] for name in ("content-digest", "content-type")}
    return dataclasses.replace(bare, fields=dict(bare.fields) | fields, body=other.body)


@attack("another method")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(valid(r), method=r.choice(["PUT", "PATCH", "DELETE", "GET", "HEAD", "OPTIONS"]))


@attack("method in another case")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(valid(r), method=r.choice(["post", "Post", "pOST", "POSt"]))


@attack("method with a control character")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(valid(r), method="POST" + r.choice(["\n", " ", "\t", "\r\n", "\x00", "_X"]))


@attack("another path")
def _(r: random.Random) -> SignedMessage:
    return dataclasses.replace(valid(r), target_uri=f"{ORIGIN}/api/v1/{token(r)}")


@attack("another host")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    host = r.choice(["https://evil.example", "https://trazabilidad.example.gov.co.evil.example", "https://127.0.0.1"])
    return dataclasses.replace(request, target_uri=request.target_uri.replace(ORIGIN, host))


@attack("another scheme or port")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    origin = r.choice([ORIGIN.replace("https", "http"), ORIGIN + ":443", ORIGIN + ":8443", ORIGIN.upper()])
    return dataclasses.replace(request, target_uri=request.target_uri.replace(ORIGIN, origin))


@attack("query added")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    return dataclasses.replace(request, target_uri=f"{request.target_uri}?{token(r)}=1")


@attack("query reordered")
def _(r: random.Random) -> SignedMessage:
    a, b = token(r), token(r)
    request = valid(r, target=f"{ORIGIN}/api/v1/lots?{a}=1&{b}=2", body=b"", method="GET")
    return dataclasses.replace(request, target_uri=f"{ORIGIN}/api/v1/lots?{b}=2&{a}=1")


@attack("query taken away")
def _(r: random.Random) -> SignedMessage:
    request = valid(r, target=f"{ORIGIN}/api/v1/lots?{token(r)}=1", body=b"", method="GET")
    return dataclasses.replace(request, target_uri=f"{ORIGIN}/api/v1/lots")


@attack("path spelled otherwise")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    other = r.choice(["/api/v1//", "/api/v1/./", "/api/../api/v1/", "/API/v1/", "/api/v1/%2e/"])
    return dataclasses.replace(request, target_uri=request.target_uri.replace("/api/v1/", other))


@attack("control character in the target")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    return dataclasses.replace(request, target_uri=request.target_uri + r.choice(["\n", "\r", " ", "\t", "\x00", "ñ"]))


@attack("line injected by the target")
def _(r: random.Random) -> SignedMessage:
    request = valid(r)
    digest = digest_field(r.randbytes(32))
    return dataclasses.replace(request, target_uri=f'{request.target_uri}\n"content-digest": {digest}')


@attack("another content type")
def _(r: random.Random) -> SignedMessage:
    others = ["application/json; charset=utf-8", "text/plain", "APPLICATION/JSON", "application/json, text/xml", ""]
    return with_fields(valid(r), content_type=r.choice(others))


@attack("X-Forwarded fields point elsewhere")
def _(r: random.Random) -> SignedMessage:
    host = f"{token(r, size=8)}.example"
    request = valid(r, target=f"https://{host}/api/v1/movements")
    spoofed = with_fields(
        request, x_forwarded_host=host, x_forwarded_proto="https", forwarded=f"host={host}", host=host
    )
    return dataclasses.replace(spoofed, target_uri=f"{ORIGIN}/api/v1/movements")


for field in ("x-http-method-override", "x-method-override", "x-http-method"):
    attack(field)(lambda r, name=field: with_fields(valid(r), **{name: r.choice(["DELETE", "PUT", "GET"])}))
attack("Transfer-Encoding, TE.CL")(
    lambda r: with_fields(valid(r), transfer_encoding=r.choice(["chunked", "gzip, chunked", "x"]))
)
attack("Content-Encoding")(lambda r: with_fields(valid(r), content_encoding=r.choice(["gzip", "br", "identity", ""])))
attack("trailers")(lambda r: with_fields(valid(r), trailer=r.choice(["content-digest", "signature", "x"])))
