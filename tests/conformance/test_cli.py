"""`veta conformance` as an authority runs it: our node elsewhere, a proxy between the two, a person at the keyboard."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from typer.testing import CliRunner

from tests.assurance.running import wait
from tests.conformance.conftest import ROOT, Nodes
from tests.node.stage import running
from veta.cli.conformance import app
from veta.conformance.catalogue import chosen
from veta.conformance.person import STATES
from veta.node.credentials import Credentials, load, path_of

SCENARIOS = ("saldos-01", "veredictos-01")
LISTEN = "127.0.0.2"  # the suite's own address; the candidate knows the proxy's alone


class _Hands(BaseHTTPRequestHandler):
    """The candidate's automatic port, without what its user must look at: that is 501, for a person."""

    driver = ""
    clients: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/shown":
            return self._say(501, b"{}")
        if self.path == "/start":
            type(self).clients = [each["party"] for each in json.loads(body)["clients"]]
        return self._say(200, asked(self.driver, self.path, body))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """The suite keeps what passes."""


def asked(driver: str, path: str, body: bytes) -> bytes:
    with build_opener(ProxyHandler({})).open(Request(driver + path, body), timeout=60) as answer:
        return bytes(answer.read())


@contextmanager
def hands(driver: str) -> Iterator[tuple[str, type[_Hands]]]:
    handler = type("Hands", (_Hands,), {"driver": driver, "clients": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", handler
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def proxied() -> Iterator[tuple[int, list[socket.socket]]]:
    """A port where localhost is answered by what listens at the same port of the suite's own address, and who came."""
    with socket.create_server(("127.0.0.1", 0)) as front, socket.socket() as kept:
        port, carried = int(front.getsockname()[1]), list[socket.socket]()
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((LISTEN, port))  # nobody else is given it until the suite listens there
        threading.Thread(target=_carry, args=(front, port, carried), daemon=True).start()
        yield port, carried


def _carry(front: socket.socket, port: int, carried: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            came, _ = front.accept()
            carried.append(came)
            threading.Thread(target=_join, args=(came, port), daemon=True).start()


def _join(came: socket.socket, port: int) -> None:
    """Carry one connection both ways; it ends on both sides together."""
    with came, suppress(OSError), socket.create_connection((LISTEN, port)) as went:
        back = threading.Thread(target=_pour, args=(went, came), daemon=True)
        back.start()
        _pour(came, went)
        back.join()


def _pour(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while some := one.recv(1 << 16):
            other.sendall(some)
    for each in (one, other):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


def veta(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "veta.cli.main", "conformance", *arguments]


def environment() -> dict[str, str]:
    """A machine where nothing of ours is set, and what is printed is seen at once."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_", "DJANGO_"))}
    return kept | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}


def attended(process: subprocess.Popen[bytes], driver: str, seen: type[_Hands]) -> str:
    """Be the person: read what is asked, look at the candidate's own screens, write what they say; returns it all."""
    assert process.stdin is not None
    assert process.stdout is not None
    text, since = "", 0
    while some := os.read(process.stdout.fileno(), 1 << 16):
        text += some.decode()
        if question := re.search(r"  (\S+): número \(0 si no aparece\): $", text[since:]):
            found = looked(driver, seen, question[1])
            answer = str(STATES.index(found["state"]) + 1)  # as it stands on the list that was read out
        elif text[since:].endswith("  Copie el texto que ve: "):
            answer = found["text"]
        else:
            continue
        since = len(text)
        process.stdin.write(answer.encode() + b"\n")
        process.stdin.flush()
    return text


def looked(driver: str, seen: type[_Hands], mark: str) -> dict[str, str]:
    """What the candidate's screens say of a paper, once they say that it was decided."""
    found: list[dict[str, str]] = []

    def decided() -> bool:
        found[:] = [
            record
            for client in seen.clients
            for record in json.loads(asked(driver, "/shown", json.dumps({"client": client, "marks": [mark]}).encode()))[
                "records"
            ]
            if record["state"] != "waiting"
        ]
        return bool(found)

    assert wait(decided, seconds=90), f"{mark} is decided on no screen"
    return found[0]


def test_a_candidate_elsewhere_is_run_from_the_command_line_with_a_person(nodes: Nodes, tmp_path: Path) -> None:
    with nodes.driver() as file, proxied() as (port, carried):
        given = file.read_text()
        [code] = re.findall(r'code = "([^"]+)"', given)
        known = load(code, path_of(file.parent, code))
        [driver] = re.findall(r'\[driver\]\nurl = "([^"]+)"', given)
        with hands(driver) as (url, seen):
            place = f'[hub]\nhost = "{LISTEN}"\nport = {port}\norigin = "http://localhost:{port}"\n'
            target, out = tmp_path / "candidate.toml", tmp_path / "out"
            target.write_text(given.replace(driver, url) + place)
            command = veta("run", "--target", str(target), "--seed", "7", "--attended", "--out", str(out),
                           *(f"--scenario={id}" for id in SCENARIOS))  # fmt: skip
            process = subprocess.Popen(
                command, env=environment(), cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            with running(process):
                said = attended(process, driver, seen)
                assert process.wait(timeout=120) == 0, said
    assert "2 de 2 escenarios conformes" in said
    assert carried, "the candidate was told the origin, and came by the proxy"
    assert "Abra en su sistema el registro con soporte n.º" in said
    report = json.loads((out / "report.json").read_bytes())
    assert (report["passed"], report["of"], report["seed"]) == (2, 2, 7)
    called = [each for one in report["scenarios"] for each in one["exchanges"]]
    assert called
    assert {each["signature_trouble"] for each in called} == {""}, "signed under the origin by which it was reached"
    sums = dict(reversed(line.split("  ")) for line in (out / "SHA256SUMS").read_text().splitlines())
    assert sums == {
        name: hashlib.sha256((out / name).read_bytes()).hexdigest()
        for name in ("report.json", "report.xml", "report.html", "report.pdf")
    }
    same, other = again(nodes, known, seed=7), again(nodes, known, seed=8)
    assert same["result"] == report["result"] != other["result"]
    assert repeated(same) == repeated(report)
    assert parties(same) == parties(report)
    assert not parties(other) & parties(report), "each party has other numbers"


def again(nodes: Nodes, known: Credentials, *, seed: int) -> dict[str, Any]:
    """The same candidate before another hub, without a person: a report's own data come of the seed and its conduct."""
    with nodes.forked(seed=seed, known=known) as trial:
        return trial.report(trial.run(chosen(ids=SCENARIOS)))


# What a run has of its own whatever the seed: its hours and how long things took, ids drawn anew, the hashes over them,
# and who did what was asked.
OWN = {"began_at", "took_ms", "at_ms", "exchanges", "steps", "evidence", "movement"}


def repeated(report: Any) -> Any:
    """The rest of it, in an order that no id decides."""
    if isinstance(report, dict):
        return {name: repeated(each) for name, each in report.items() if name not in OWN}
    return sorted(map(repeated, report), key=str) if isinstance(report, list) else report


def parties(report: dict[str, Any]) -> set[str]:
    return {party["number"] for each in report["scenarios"] for party in each["parties"].values()}


def test_what_is_tested_is_listed_and_shown() -> None:
    listed = json.loads(CliRunner().invoke(app, ["list", "--json"]).stdout)
    assert {"captura-01", "rendimiento-03"} <= {each["id"] for each in listed}
    assert all(each["steps"] and each["checks"] and each["norm"] for each in listed)
    plain = CliRunner().invoke(app, ["list", "--group", "failure"]).stdout
    assert plain.splitlines()[-1] == f"{sum(each['group'] == 'failure' for each in listed)} escenarios"
    shown = CliRunner().invoke(app, ["show", "captura-01"])
    assert (shown.exit_code, "Qué debe verse: La compra aceptada" in shown.stdout) == (0, True)
    assert CliRunner().invoke(app, ["show", "otra"]).exit_code == 1
