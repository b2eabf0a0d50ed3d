"""A candidate's file, its driver, and the person who does what the driver cannot."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from veta.conformance.candidate import Driver, Unable, read_target
from veta.conformance.domain.refusals import CandidateRefused
from veta.conformance.person import STATES, Person
from veta.conformance.place import place_of
from veta.conformance.prose import SENTENCES, spoken

FILE = """
name = "Trazador"
version = "2.4.1"
[operator]
code = "ENSAYO-T"
name = "Trazador S.A.S."
public_key = "AA=="
proof = "AA=="
[hub]
port = 8610
[driver]
url = "http://127.0.0.1:8790/"
[webhook]
url = "http://127.0.0.1:8700/api/avisos"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "candidate.toml"
    path.write_text(text)
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    target = read_target(written(tmp_path, FILE))
    assert (target.code, target.place.port, target.driver) == ("ENSAYO-T", 8610, "http://127.0.0.1:8790")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.replace("[hub]", "[hubb]"), "no se conoce «hubb»"),
        (lambda t: t.replace("port =", "prt ="), "no se conoce «prt»"),
        (lambda t: t.replace("8610", '"8610"'), "«port» no es de la clase"),
        (lambda t: t.replace("port = 8610", 'host = "0.0.0.0"'), "Declare [hub] origin"),
        (lambda t: t.replace('code = "ENSAYO-T"\n', ""), "falta 'code'"),
        (lambda t: t.replace('[driver]\nurl = "http://127.0.0.1:8790/"\n', ""), "declare [driver] url"),
        (lambda t: t.replace('"Trazador"', "Trazador"), "No se puede leer"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, change: Callable[[str], str], said: str) -> None:
    with pytest.raises(CandidateRefused) as refused:
        read_target(written(tmp_path, change(FILE)))
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ({}, "http://127.0.0.1:5"),
        ({"host": "127.0.0.2"}, "http://127.0.0.2:5"),
        ({"host": "0.0.0.0", "port": 5, "origin": "https://Ensayo.example/"}, "https://ensayo.example"),
        ({"port": 5, "origin": "https://ensayo.example:443"}, "https://ensayo.example"),
        ({"port": 5, "origin": "http://localhost:8610"}, "http://localhost:8610"),
    ],
)
def test_a_place_has_the_origin_by_which_it_is_reached(given: dict[str, Any], origin: str) -> None:
    assert place_of(**given).origin_at(5) == origin


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": "ensayo.example"}, "no es una dirección IPv4"), ({"port": 65536}, "no es un puerto"),
        ({"host": "10.0.0.5"}, "Declare [hub] origin"), ({"origin": "https://ensayo.example"}, "también [hub] port"),
        ({"port": 5, "origin": "http://ensayo.example"}, "sin TLS"),
        *(({"port": 5, "origin": each}, "no es un origen") for each in (
            "ensayo.example", "https://", "https://a@b.example", "https://a.example/x", "https://a.example?x",
            "https://ñ.example", "https://[::1]:5", "https://a.example:x", "https://a b.example",
        )), ({"port": 5, "origin": "ftp://a.example"}, "sin TLS"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_is_refused_with_why(given: dict[str, Any], said: str) -> None:
    with pytest.raises(CandidateRefused) as refused:
        place_of(**given)
    assert said in refused.value.message


def test_without_driver_a_person_does_it_all(tmp_path: Path) -> None:
    text = "manual = true\n" + FILE.replace('[driver]\nurl = "http://127.0.0.1:8790/"\n', "")
    assert read_target(written(tmp_path, text)).driver == ""


class _Port(BaseHTTPRequestHandler):
    """A candidate's driver that knows `sync` and `shown`, has no `crash`, breaks at `capture`, and talks at `clock`."""

    ANSWERS: ClassVar[dict[str, tuple[int, bytes]]] = {
        "/sync": (200, b"{}"), "/shown": (200, b'{"records":[]}'), "/crash": (501, b"{}"), "/capture": (500, b"oops"),
        "/clock": (200, b"[1]"), "/garbage": (200, b"garbage"), "/deep": (200, b"[" * 100_000),
        "/surrogate": (200, b'{"records":["\\ud800"]}'), "/nul": (200, b'{"records":["\\u0000"]}'),
    }  # fmt: skip

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path in DRIPS:
            with suppress(OSError):
                self._drip(*DRIPS[self.path])
            return
        status, body = self.ANSWERS[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, before: bytes, each: bytes, every: float) -> None:
        """Say something, then the same again and again until nobody listens, or 20 s have passed."""
        self.wfile.write(before)
        end = time.monotonic() + 20
        while each and time.monotonic() < end:
            self.wfile.write(each)
            time.sleep(every)
        if each:
            HEARD_OUT.append(self.path)

    def log_message(self, *_: Any) -> None:
        """Silence."""


# What never ends, though no wait for its next byte is long: an answer's fields, its body, and one without a size.
HEARD_OUT: list[str] = []
DRIPS = {
    "/fields": (b"HTTP/1.1 200 OK\r\nX-A: ", b"a", 0.02),
    "/body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ", 0.02),
    "/again": (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.02),
    "/flood": (b"HTTP/1.1 200 OK\r\n\r\n", b" " * (1 << 16), 0.0),
    "/cut": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b"", 0.0),
}


@pytest.fixture
def port() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_driver_is_asked_and_its_faults_are_named(port: str) -> None:
    driver = Driver(port)
    assert driver.do("shown", {}, "") == {"records": []}
    for verb, said in (("capture", "respondió 500: oops"), ("clock", "no respondió un objeto")):
        with pytest.raises(CandidateRefused, match=said):
            driver.do(verb, {}, "")
    for verb in ("garbage", "deep", "surrogate", "nul"):
        with pytest.raises(CandidateRefused, match="no respondió un objeto JSON"):
            driver.do(verb, {}, "")
    with pytest.raises(Unable, match="no sabe «crash»"):
        driver.do("crash", {}, "")
    for url in ("http://127.0.0.1:9", "ftp://127.0.0.1:9", "127.0.0.1", "http://127.0.0.1:x"):
        with pytest.raises(CandidateRefused, match="no respondió"):
            Driver(url).do("sync", {}, "")


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("fields", "no terminó de responder"), ("body", "no terminó de responder"),
        ("again", "no terminó de responder"), ("flood", "hasta 1 MiB"), ("cut", r"no respondió en .*\(Unanswered\)"),
    ],
)  # fmt: skip
def test_a_driver_that_does_not_end_its_answer_is_left_at_its_time_or_size(port: str, verb: str, said: str) -> None:
    with pytest.raises(CandidateRefused, match=said):
        Driver(port, patience=10.0 if verb == "flood" else 0.3).do(verb, {}, "")
    assert f"/{verb}" not in HEARD_OUT


def test_what_the_driver_cannot_do_a_person_does(port: str) -> None:
    told: list[str] = []
    driver = Driver(port, person=Person(tell=told.append, ask=lambda _: ""))
    assert driver.do("crash", {}, "Apague el sistema") == {}
    assert told == ["→ Apague el sistema"]
    driver.do("sync", {}, "no se pregunta")
    with pytest.raises(Unable):
        driver.alone().do("crash", {}, "no se pregunta")
    assert len(told) == 1


def test_a_person_says_what_the_screen_shows() -> None:
    answers = iter(["x", "99", str(STATES.index("rejected") + 1), "Rechazado: MIN-002", "0"])
    told: list[str] = []
    person = Person(tell=told.append, ask=lambda _: next(answers))
    seen = person.do("shown", {"client": {}, "marks": ["P-1", "P-2"]}, "Mire")["records"]
    assert seen == [{"mark": "P-1", "state": "rejected", "text": "Rechazado: MIN-002"}]
    assert told.count("  Escriba uno de los números.") == 2
    assert Person(tell=told.append, ask=lambda _: " k-1 ").do("rotate", {}, "Rote") == {"keyid": "k-1"}


def test_every_verb_has_its_sentence() -> None:
    movement = {
        "kind": "sale", "quantity": "1.5", "items": [{"lot": "a", "quantity": "1"}],
        "evidence": [{"type": "other", "number": "P-1"}],
    }  # fmt: skip
    client = {"type": "NIT", "number": "900"}
    asked: dict[str, Any] = {
        "start": {"hub": "http://h", "clients": [{"called": "C", "kind": "trader", "party": client, "mandate": "m"}]},
        "capture": {"client": client, "movements": [movement]},
        "shown": {"client": client, "marks": ["P-1"]},
        "clock": {"ahead": -180},
        "adopt": {"keyid": "k-2"},
    }
    for verb, words in (
        ("start", "http://h"), ("capture", "P-1; quantity: 1.5"), ("shown", "P-1"), ("clock", "180 segundos atrás"),
        ("adopt", "k-2"),
    ):  # fmt: skip
        assert words in spoken(verb, asked[verb])
    assert all(spoken(verb, {}) for verb in set(SENTENCES) - set(asked) - {"answer"})


def test_our_node_s_file_is_one_that_is_read(tmp_path: Path) -> None:
    """What `veta node driver` writes, byte for byte: its proof is of its key."""
    from veta.node.credentials import new_credentials
    from veta.node.driver.target import FILE as OURS

    mine = new_credentials("ENSAYO-NODO")
    public = base64.b64encode(mine.public_key).decode()
    text = OURS.format(
        version="1", code=mine.operator, public_key=public, proof=mine.proof(), driver="http://127.0.0.1:1",
        webhook_port=2,
    )  # fmt: skip
    target = read_target(written(tmp_path, text))
    assert (target.public_key, target.webhook) == (public, "http://127.0.0.1:2/api/avisos")
