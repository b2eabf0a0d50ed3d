"""A test that counts, whole: opened in the call, run by its command, followed on the hub's page, decided by another.

The hub that has the call, the suite's own hub, and our node with its driver are each a process, as they would be. What
the driver is made unable to do (`restart`) is asked on the page: the firm does it and declares it, the team affirms it.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.conf import settings
from django.urls import reverse

from tests.assurance.record import trial as noted
from tests.assurance.running import wait
from tests.calls.theatre import Theatre
from tests.conformance.conftest import ROOT, driving
from tests.conftest import PREFIX, Cluster, FreshDatabase
from tests.hub.calling import CODE, at, eligible, of
from tests.hub.officers import Officers
from tests.node.stage import running
from tests.site.conftest import enrol, session_of
from veta.calls.queries import replay
from veta.conformance.catalogue import every_scenario
from veta.site.models import User
from veta.site.roles import Role
from veta.site.services import create_account

pytestmark = pytest.mark.chaos

NODE = f"{PREFIX}_recorded_node"
LONGEST = 3600  # seconds after which a whole run does not end any more
UNABLE = "/restart"


@pytest.fixture
def tested(fresh_database: FreshDatabase) -> tuple[Theatre, dict[str, User]]:
    """Andina on the first day of round 1, its services received; its person and two of the technical team."""
    with psycopg.connect(fresh_database.dsn, user="veta_owner") as owner:
        owner.execute("INSERT INTO calls_simulateddatabase (id, reason) VALUES (1, 'prueba')")
    made = Theatre.opened().at("2026-02-20 08:00:00")
    firm = create_account(email="andina@demo.invalid", name="Andina Demo", created_by=None)
    enrol(firm)
    made.owners["Andina"] = str(firm.id)
    made.enter("Andina", "900500001")
    officers = Officers.found()
    people = {name: officers.user(name, Role.IT) for name in ("it1", "it2")} | {"firm": firm}
    eligible(made).at("2026-05-19 09:00:00").hand_over("Andina")
    at("2026-05-20 09:00:00")
    return made.at("2026-05-20 09:00:00"), people


@contextmanager
def hub(dsn: str, port: int, log: Path) -> Iterator[str]:
    """`veta serve hub` over the call's database, with this process's keys; gives its address."""
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", str(port), "--workers", "1"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=environment(dsn, origin), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    with running(process):
        wait(lambda: b"abierta en" in log.read_bytes() or process.poll() is not None, seconds=90)
        assert b"abierta en" in log.read_bytes(), log.read_text()[-3000:]
        yield origin


def environment(dsn: str, origin: str) -> dict[str, str]:
    """With this process's keys: its sessions are good there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    return kept | {
        "DATABASE_URL": dsn, "VETA_PUBLIC_ORIGIN": origin, "VETA_HOME": str(settings.VETA_HOME),
        "VETA_SECRET_KEY": settings.SECRET_KEY, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }  # fmt: skip


@contextmanager
def unable(driver: str) -> Iterator[str]:
    """A candidate's port that hands everything on to a driver but for what it says it cannot do; gives its address."""

    class Port(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == UNABLE:
                status, said = 501, b"{}"
            else:
                answer = httpx.post(f"{driver}{self.path}", content=body, timeout=60, trust_env=False)
                status, said = answer.status_code, answer.content
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class Reader:
    """Somebody at the hub's pages, over HTTP."""

    def __init__(self, origin: str, user: User) -> None:
        cookies = {name: morsel.value for name, morsel in session_of(user).cookies.items()}
        self._http = httpx.Client(base_url=origin, cookies=cookies, trust_env=False, timeout=60)

    def read(self, url: str) -> str:
        answer = self._http.get(url)
        assert answer.status_code == 200, (
            url,
            answer.status_code,
            answer.headers.get("Location"),
            dict(self._http.cookies),
        )
        return answer.text

    def post(self, url: str, **given: str) -> httpx.Response:
        token = hidden(self.read(url), "csrfmiddlewaretoken")
        return self._http.post(
            url, data={"csrfmiddlewaretoken": token, **given}, headers={"Origin": str(self._http.base_url).rstrip("/")}
        )


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, (name, page[-3000:])
    return html.unescape(found[1])


def test_a_whole_run_is_followed_answered_affirmed_and_decided_by_who_had_no_hand_in_it(
    tested: tuple[Theatre, dict[str, User]], fresh_database: FreshDatabase, cluster: Cluster,
    new_home: Callable[[], Path], new_port: Callable[[], int], tmp_path: Path,
) -> None:  # fmt: skip
    theatre, people = tested
    home, every = new_home(), [each.id for each in every_scenario()]
    home.mkdir()
    with (
        noted("conformance, recorded", n=len(every), seed=1) as figures,
        hub(fresh_database.dsn, new_port(), tmp_path / "hub.log") as origin,
        driving(cluster.clone(NODE), home, "ENSAYO-ANDINA") as file,
    ):
        first, second, firm = (Reader(origin, people[name]) for name in ("it1", "it2", "firm"))
        opened = first.post(of(theatre, "calls_run_open"), ronda="1", presentes="Gerencia técnica")
        number = opened.headers["Location"].rstrip("/").rpartition("/")[2]
        driver = re.findall(r'url = "(http://127[^"/]*)"', file.read_text())[0]
        with unable(driver) as port:
            file.write_text(file.read_text().replace(f'"{driver}"', f'"{port}"'))
            log = tmp_path / "run.log"
            command = ["conformance", "run", "--target", str(file), "--attempt", number, "--attended", "--out", "out"]
            with log.open("wb") as out:
                process = subprocess.Popen(
                    [sys.executable, "-m", "veta.cli.main", *command], env=environment(fresh_database.dsn, origin),
                    cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                )  # fmt: skip
            with running(process):
                answered = attend(process, theatre, number, driver=driver, firm=firm, team=first)
        failed = [line for line in log.read_text().splitlines() if not line.startswith("✓")]
        assert process.returncode == 0, "\n".join(failed)[-5000:]
        assert answered == restarts()
        report = json.loads((tmp_path / "out" / "report.json").read_text())
        figures |= {"scenarios_s": round(sum(each["took_ms"] for each in report["scenarios"]) / 1000, 1)}
        told_whole(report, number, every)
        decided(theatre, first, second, firm, number)
    cluster.drop(NODE)


def restarts() -> int:
    """How often the format has a person start the candidate again."""
    return sum(step.do == "restart" for each in every_scenario() for step in each.steps)


def attend(
    process: subprocess.Popen[bytes], theatre: Theatre, number: str, *, driver: str, firm: Reader, team: Reader
) -> int:
    """Until the run ends, the firm does what is asked and declares it, and the team affirms it; how often."""
    ours, theirs = of(theatre, "calls_run", number), reverse("call_run", args=[CODE, number])
    affirmed, seen, end = 0, [0], time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < end:
        page = firm.read(theirs)
        seen += map(int, re.findall(r"Van (\d+) de", page))
        if 'name="respuesta"' in page:
            assert "Oprima Enter cuando esté hecho." in page
            httpx.post(f"{driver}{UNABLE}", json={}, timeout=60, trust_env=False)
            firm.post(theirs, respuesta="hecho", pregunta=hidden(page, "pregunta"))
        page = team.read(ours)
        if 'name="afirma"' in page:
            assert "La empresa declara: «hecho»." in page
            team.post(ours, afirma="si", pregunta=hidden(page, "pregunta"))
            affirmed += 1
        time.sleep(1)
    assert seen == sorted(seen)
    assert any(0 < each < len(every_scenario()) for each in seen), "the page goes along with the run"
    return affirmed


def told_whole(report: dict[str, Any], number: str, every: list[str]) -> None:
    """The report is of that run, of the whole format, and has who answered."""
    assert (report["attempt"], report["round"], report["passed"]) == (number, 1, len(every))
    assert [each["id"] for each in report["scenarios"]] == every
    answers = [answer for each in report["scenarios"] for answer in each["answers"]]
    assert [(each["side"], each["said"], each["affirmed"]) for each in answers] == [
        ("firm", "hecho", True)
    ] * restarts()


def decided(theatre: Theatre, first: Reader, second: Reader, firm: Reader, number: str) -> None:
    """Who opened and affirmed has no button; the other confirms, and the firm has passed; the history holds."""
    attempt = of(theatre, "calls_attempt")
    page = first.read(attempt)
    assert (">Confirmar</button>" in page, "Puede hacerlo: it2@demo.invalid" in page) == (False, True)
    given = {"decision": "confirm", "texto": "", "visto": hidden(second.read(attempt), "visto")}
    assert first.post(attempt, **given).status_code == 422
    assert second.post(attempt, **given).status_code == 302
    assert "Terminada" in firm.read(reverse("call_run", args=[CODE, number]))
    found = theatre.of("Andina")
    assert (found.state, [each.confirmed_by for each in found.attempts]) == ("ronda_1_superada", ["it2@demo.invalid"])
    assert replay(theatre.call).wrong == ()
