"""A fuzzer of requests: valid ones, spoilt by a dictionary and by mutation, signed afterwards so that they get in.

The oracle knows nothing of the code: no 5xx, every refusal a problem document, no answer after five seconds, and
nothing answered 2xx that the input contract forbids (assurance §5).
"""

from __future__ import annotations

import io
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.hub.operators import Signer
from veta.config.wsgi import application
from veta.kernel.ids import uuid7

SECONDS = 5
NASTY: list[Any] = [
    "", " ", "\x00", "a\x00b", "\ufeff", "\u202e", "\u200b", "é", "é", "ñ", "💥", "\ud800", "\x7f", "\n", "\r\nX: y",
    "'", '"', "' OR 1=1 --", "{{7*7}}", "${jndi:ldap://x}", "<script>", "../../etc/passwd", "%00", "%n%s", "A" * 5000,
    "1" * 40 + "!", "0" * 64, "-0", "-1", "+1", "1e9", "1_000", " 1", "٣", "１", "0x10", "NaN", "Infinity", "1.",
    ".5", "00.1", "999999999999.999999", "1000000000000", "9" * 30, "12.5", "0", "0.0000001", "2026-02-30",
    "2026-13-01", "0000-01-01", "9999-12-31", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "2026-12-31T23:59:60Z", "2026-01-01T24:00:00Z", "2026-01-01", "05001", "99999", "00000", "oro", "carbon", "null",
    "00000000-0000-0000-0000-000000000000", "0193A1B2-0000-7000-8000-000000000001",
    "{0193a1b2-0000-7000-8000-000000000001}",
    0, 1, -1, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, True, False, None, [], {}, [[]], {"a": {}}, [None] * 300,
    {"type": "CC"}, {"id": None},
]  # fmt: skip
RAW = [
    b"NaN", b"-Infinity", b"1e400", b'"\\ud800"', b'"\\u0000"', b'"\\udead\\ubeef"', b"\xff\xfe", b"\xc0\x80", b"\x00",
    b"\xef\xbb\xbf", b"[" * 5000, b'{"a":' * 5000, b"[" * 17 + b"]" * 17, b'{"a":' * 20 + b"1" + b"}" * 20, b"{}{}",
    b",",
    b"1" * 5000, b'"' + b"\\" * 999, b'"' + "é".encode() + b'"', b"/*", b"'", b"01", b"+1", b"tru", b'"\t"',
]  # fmt: skip
# Those that most programs trip over come as often as all the others together.
SHARP: list[Any] = [
    1.5, "a\x00b", "\ud800", "1" * 40 + "!", "٣", "💥", "NaN", "9" * 30, "x", "2026-02-30", "'", 10**400, None, {},
]  # fmt: skip
QUERIES = {
    "/mandates": ["limit", "cursor"], "/minerals": ["limit", "cursor"], "/municipalities": ["q", "limit", "cursor"],
    "/keys": ["limit", "cursor"], "/hub-keys": ["limit", "cursor"], "/norms": ["on", "limit", "cursor"],
    "/origins": ["limit", "cursor"], "/trace": ["direction", "limit", "cursor"],
}  # fmt: skip


def nasty(draw: random.Random) -> Any:
    return draw.choice(SHARP if draw.random() < 0.5 else NASTY)


@dataclass(frozen=True)
class Shot:
    """A request to be made: `forbidden` where no hub may answer it 2xx, whatever else it holds."""

    method: str
    path: str
    query: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    signed: bool = True
    forbidden: bool = False


@dataclass
class Found:
    """What a run saw."""

    shots: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    slowest: float = 0.0
    grown_mb: float = 0.0
    culprit: Any = None  # what showed the last fault


class Hang(Exception):
    """A request that took longer than it may."""


@contextmanager
def watchdog(seconds: float = SECONDS) -> Iterator[None]:
    def ring(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def send(shot: Shot, signer: Signer) -> tuple[int, dict[str, str], bytes]:
    """Hand the request to the application as a server would: octets, Latin-1 text, nothing made nicer."""
    octets = shot.path.encode("utf-8", "surrogatepass")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": shot.method, "SCRIPT_NAME": "", "PATH_INFO": octets.decode("latin-1"),
        "QUERY_STRING": shot.query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8600", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8600", "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(shot.body)),
        "wsgi.input": io.BytesIO(shot.body), "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
    headers = shot.headers
    if shot.signed and shot.query.isascii():  # nobody can sign what is no URI
        spelled = quote(octets, safe="/!$&'()*+,;=:@~")
        headers = {**signer.headers(shot.method, spelled, shot.body, query=shot.query), **headers}
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    answered: list[Any] = []
    response = application(environ, lambda status, given, exc=None: answered.extend((status, dict(given))))
    content = b"".join(response)
    getattr(response, "close", lambda: None)()
    return int(answered[0].split()[0]), answered[1], content


def run(make: Callable[[random.Random], Shot], signer: Signer, *, shots: int, seed: int, enough: bool = False) -> Found:
    """Fire `shots` requests; with `enough`, stop at the first fault."""
    draw, found = random.Random(seed), Found()
    settled = 0.0
    for number in range(shots):
        if number == shots // 5:
            settled = resident_mb()
        shot = make(draw)
        began = time.monotonic()
        fault = fired(shot, signer, found.statuses)
        found.slowest = max(found.slowest, time.monotonic() - began)
        found.shots += 1
        if fault is not None:
            found.faults.setdefault(
                fault, f"{shot.method} {shot.path[:120]!a}?{shot.query[:200]} {shot.body[:400]!r} {shot.headers}"
            )
            found.culprit = shot
            if enough:
                return found
    found.grown_mb = resident_mb() - settled
    return found


def fired(shot: Shot, signer: Signer, statuses: Counter[int]) -> str | None:
    """Send one and judge it: what is wrong, or None."""
    try:
        with watchdog():
            status, headers, content = send(shot, signer)
    except Hang:
        return "hang"
    except Exception as cause:  # whatever escapes the application is a fault of it
        return f"escaped: {cause!r}"
    statuses[status] += 1
    return judged(shot, status, headers, content)


def judged(shot: Shot, status: int, headers: dict[str, str], content: bytes) -> str | None:
    """What is wrong with an answer; None where nothing is."""
    if status >= 500:
        return f"{status}"
    if status >= 400:
        if headers.get("Content-Type") != "application/problem+json":
            return f"{status} that is no problem document"
        return (
            None if {"type", "title", "status", "detail", "findings"} <= json.loads(content).keys() else "bare problem"
        )
    if shot.forbidden and status < 300:
        return f"{status} to what the input contract forbids"
    return None


Maker = Callable[[random.Random], Shot]


def makers(valid: list[tuple[str, str, Any]]) -> Maker:
    """A maker of spoilt requests out of valid ones (method, path below /api/v1, body or None).

    First how to spoil, then one of the operations that can be spoilt so, each operation as often as the others.
    """
    by_operation: dict[str, list[tuple[str, str, Any]]] = {}
    for each in valid:
        by_operation.setdefault(f"{each[0]} {operation_of(each[1])}", []).append(each)
    groups = list(by_operation.values())
    fitting = {spoil: [g for g in groups if FITS.get(spoil, anything)(*g[0])] for spoil in SPOILERS}

    def make(draw: random.Random) -> Shot:
        spoil = draw.choices(SPOILERS, WEIGHTS)[0]
        method, path, value = draw.choice(draw.choice(fitting[spoil]))
        return spoil(draw, method, f"/api/v1{path}", value)

    return make


def operation_of(path: str) -> str:
    return "/".join(part for part in path.split("/") if "-" not in part)


def anything(method: str, path: str, value: Any) -> bool:
    return True


def has_body(method: str, path: str, value: Any) -> bool:
    return value is not None


def has_id(method: str, path: str, value: Any) -> bool:
    return path.count("/") > 1


def has_query(method: str, path: str, value: Any) -> bool:
    return method == "GET" and any(path.endswith(end) for end in QUERIES)


def spoil_value(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """One to three values, anywhere in the body, replaced by something of the dictionary; or keys added or taken."""
    spoilt = json.loads(json.dumps(value if value is not None else {}))
    for _ in range(draw.randint(1, 3)):
        spoilt = _spoilt(draw, spoilt)
    fresh_ids(draw, spoilt)
    return Shot(method, path, "", _dump(spoilt, escaped=draw.random() < 0.5))


def fresh_ids(draw: random.Random, value: Any) -> None:
    """Mostly new ids, so that what is spoilt is decided and not merely repeated."""
    items = value.get("movements") if isinstance(value, dict) else None
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("id"), str) and draw.random() < 0.7:
            item["id"] = str(uuid7())


def _dump(value: Any, *, escaped: bool = False) -> bytes:
    return json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")


def _spoilt(draw: random.Random, value: Any) -> Any:
    if isinstance(value, dict) and value and draw.random() < 0.85:
        key = draw.choice(list(value))
        roll = draw.random()
        if roll < 0.08:
            return {k: v for k, v in value.items() if k != key}
        if roll < 0.16:
            return {**value, str(nasty(draw))[:90]: nasty(draw)}
        return {**value, key: _spoilt(draw, value[key])}
    if isinstance(value, list) and value and draw.random() < 0.8:
        place = draw.randrange(len(value))
        return [*value[:place], _spoilt(draw, value[place]), *value[place + 1 :]]
    return nasty(draw)


def spoil_bytes(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """Raw bytes put in, taken out, repeated or cut off, below what JSON can say."""
    body = bytearray(_dump(value if value is not None else {}))
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(body) + 1)
        roll = draw.random()
        if roll < 0.4:
            body[place:place] = draw.choice(RAW)
        elif roll < 0.6:
            del body[place : place + draw.randint(1, 9)]
        elif roll < 0.8:
            body[place:place] = body[place : place + draw.randint(1, 60)]
        else:
            body[place : place + 1] = bytes([draw.randrange(256)])
    return Shot(method, path, "", bytes(body))


def spoil_strictness(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """A body that an easy-going reader would take and that the input contract forbids."""
    body = _dump(value)
    first = body[1 : body.index(b":")]
    twice = b"{" + first + b":null," + body[1:]
    lax = [twice, b"\xef\xbb\xbf" + body, body + body, body[:-1] + b",}", body + b"x", b'{"a":NaN,' + body[1:]]
    deep = b'{"a":' + b"[" * 40 + b"]" * 40 + b"," + body[1:]
    return Shot(method, path, "", draw.choice([*lax, deep, b"[" * 200_000]), forbidden=True)


def spoil_query(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """Parameters with values of the dictionary, encoded or raw; some names do not exist, some lists are endless."""
    own = next((names for end, names in QUERIES.items() if path.endswith(end)), ["limit"])
    pairs = []
    for _ in range(draw.choice([1] * 20 + [2, 3, 1200])):
        name = draw.choice(own) if draw.random() < 0.8 else draw.choice(["%00", "limit[]", "", "movement", "reason"])
        text = str(
            draw.choice(["MA", "YS9i", "NDQ0", "500", "true", "forward"]) if draw.random() < 0.2 else nasty(draw)
        )
        spelled = quote(text.encode("utf-8", "surrogatepass")) if draw.random() < 0.8 else _header_text(text)
        pairs.append(f"{name}={spelled}")
    return Shot(method, path, "&".join(pairs)[:60_000], b"")


def spoil_path(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """A segment of the path below the API replaced; or a method that is not there."""
    parts = path.split("/")
    parts[-1 if draw.random() < 0.7 else draw.randrange(3, len(parts))] = str(nasty(draw))[:300]
    other = draw.choice([*[method] * 14, "PUT", "PATCH", "OPTIONS", "TRACE", "HEAD", "get", "PROPFIND"])
    return Shot(other, "/" + "/".join(parts[1:]), "", _dump(value) if value is not None else b"")


def _header_text(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def spoil_headers(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """Header fields overwritten, or the signature's own parameters spoilt."""
    names = ["Signature", "Signature-Input", "Content-Digest", "Content-Type", "Content-Length", "Host", "Accept",
             "X-Forwarded-For", "X-Forwarded-Host", "Transfer-Encoding", "Accept-Language", "Cookie"]  # fmt: skip
    odd = _header_text(str(nasty(draw)))
    inputs = [
        'veta=("@method" "@target-uri");created=1;expires=2;nonce="' + odd + '";keyid="x";alg="ed25519";tag="veta-v1"',
        "veta=(" * 50, 'veta=("@method");' + "a=1;" * 900, f"veta={odd}", "veta=:" + "A" * 88 + ":",
    ]  # fmt: skip
    headers = {draw.choice(names): draw.choice([odd, odd, *inputs]) for _ in range(draw.randint(1, 3))}
    return Shot(method, path, "", _dump(value) if value is not None else b"", headers, signed=draw.random() < 0.7)


def spoil_size(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """Bodies at the limit and over it."""
    size = draw.choice([4 * 2**20 - 50, 4 * 2**20 + 1, 6 * 2**20])
    return Shot("POST", path, "", b'{"movements":[{"note":"' + b"x" * size + b'"}]}')


def as_it_is(draw: random.Random, method: str, path: str, value: Any) -> Shot:
    """Valid, under new ids: what the spoilt ones stand among."""
    whole = json.loads(json.dumps(value))
    for item in whole.get("movements", []) if whole else []:
        item["id"] = str(uuid7())
    return Shot(method, path, "", _dump(whole) if value is not None else b"")


SPOILERS = [as_it_is, spoil_value, spoil_bytes, spoil_strictness, spoil_query, spoil_path, spoil_headers, spoil_size]
WEIGHTS = [8, 40, 14, 8, 14, 12, 12, 0.3]
FITS: dict[Any, Callable[[str, str, Any], bool]] = {
    spoil_value: has_body, spoil_bytes: has_body, spoil_strictness: has_body, spoil_query: has_query,
    spoil_path: has_id,
}  # fmt: skip
