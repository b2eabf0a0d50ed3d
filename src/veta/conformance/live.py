"""A run's page while it runs, for candidate and evaluator: states, steps, evidence, and where a person answers.

It is served on loopback by the process that runs the trial, needs no script, and ends with it; the report stays.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hmac import compare_digest
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from veta.conformance.domain.scenario import Scenario
from veta.conformance.writing import STYLE, cell_of, page_of, part_of

HOST = "127.0.0.1"
REFRESH = 2
STILL = "/?quieta=1"  # the page that stays as it is until it is asked again
LONGEST = 10_000
HEADERS = {
    "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
}  # fmt: skip


class Live:
    """What the page shows, told by the run from its thread and read from the server's."""

    def __init__(self, heading: str, scenarios: Sequence[Scenario]) -> None:
        self.heading = heading
        self.scenarios = scenarios
        self.token = secrets.token_urlsafe(18)
        self._turn = threading.Condition()
        self._done: dict[str, Mapping[str, Any]] = {}
        self._said: list[str] = []
        self._question = ""
        self._answer: str | None = None

    def say(self, line: str) -> None:
        """A line of the scenario that is being run: its title, a step that was done, or what a person is to do."""
        with self._turn:
            self._said.append(line)

    def done(self, scenario: Mapping[str, Any]) -> None:
        """A scenario has ended, as the report tells it."""
        with self._turn:
            self._done[str(scenario["id"])] = scenario
            self._said.clear()

    def ask(self, prompt: str) -> str:
        """Show the prompt with a field, and wait until somebody answers it on the page."""
        with self._turn:
            self._question, self._answer = prompt, None
            self._turn.wait_for(lambda: self._answer is not None)
            answer = self._answer or ""
            self._said.append(f"{prompt.strip()} {answer}")
            return answer

    def answered(self, answer: str, token: str) -> bool:
        """Take an answer; False where nothing is asked, or the token is not the page's."""
        with self._turn:
            if not self._question or not compare_digest(token.encode(), self.token.encode()):
                return False
            self._answer, self._question = answer, ""  # asked once, answered once
            self._turn.notify_all()
            return True

    @property
    def asks(self) -> bool:
        """Whether somebody may be typing: what is typed is not thrown away."""
        with self._turn:
            return bool(self._question)

    def page(self, *, still: bool = False) -> bytes:
        """The page as it stands. It renews itself by a header until it is told to stay (`still`), and says so."""
        with self._turn:
            said, question, done = list(self._said), self._question, dict(self._done)
        running = next((each for each in self.scenarios if each.id not in done), None)
        parts = "".join(part_of(each) for each in done.values())
        return page_of(
            self.heading, f"<style>{STYLE}</style>",
            f'<p role="status">{len(done)} de {len(self.scenarios)} escenarios.</p>{_now(running, said)}'
            f"{_form(question, self.token) if question else _renewing(still)}{self._table(done, running)}{parts}",
        )  # fmt: skip

    def _table(self, done: Mapping[str, Mapping[str, Any]], running: Scenario | None) -> str:
        rows = "".join(
            f"<tr><td>{_link(each, done)}</td><td>{escape(each.title)}</td>"
            f"{_state(done.get(each.id), each is running)}</tr>"
            for each in self.scenarios
        )
        return (
            '<div class="wide" tabindex="0" role="region" aria-label="Avance"><table><caption>Avance por escenario'
            '</caption><thead><tr><th scope="col">Escenario</th><th scope="col">Qué se prueba</th>'
            f'<th scope="col">Estado</th></tr></thead><tbody>{rows}</tbody></table></div>'
        )


@contextmanager
def served(live: Live, port: int) -> Iterator[str]:
    """Serve the page on a port of loopback (0: a free one); gives its address."""
    server = ThreadingHTTPServer((HOST, port), _handler(live))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def _handler(live: Live) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 15

        def do_GET(self) -> None:
            self._send(HTTPStatus.OK if self.path in {"/", STILL} else HTTPStatus.NOT_FOUND)

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > LONGEST:
                return self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            form = parse_qs(self.rfile.read(int(length)).decode(errors="replace"), keep_blank_values=True)
            taken = live.answered(form.get("answer", [""])[0], form.get("token", [""])[0])
            return self._send(HTTPStatus.SEE_OTHER if taken else HTTPStatus.CONFLICT)

        def _send(self, status: HTTPStatus) -> None:
            # Another site's page could have its own name point here.
            if self.headers.get("Host", "").partition(":")[0] not in {HOST, "localhost"}:
                status = HTTPStatus.MISDIRECTED_REQUEST
            still = self.path == STILL
            renews = status is HTTPStatus.OK and not still and not live.asks
            body = live.page(still=still) if status is HTTPStatus.OK else b""
            self.send_response(status)
            for name, value in HEADERS.items():
                self.send_header(name, value)
            if renews:
                self.send_header("Refresh", str(REFRESH))
            if status is HTTPStatus.SEE_OTHER:
                self.send_header("Location", "/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The run's own lines are enough."""

    return Handler


def _now(running: Scenario | None, said: Sequence[str]) -> str:
    if running is None:
        return "<p><strong>Terminó.</strong> El informe queda donde se pidió con --out.</p>"
    lines = "".join(f"<li>{escape(line.strip())}</li>" for line in said)
    return f"<section><h2>Ahora: {running.id}. {escape(running.title)}</h2><ul>{lines}</ul></section>"


def _form(question: str, token: str) -> str:
    return (
        f'<form method="post" action="/"><input type="hidden" name="token" value="{token}">'
        f'<p><label for="answer">{escape(question.strip())}</label> <input id="answer" name="answer" autofocus'
        ' autocomplete="off"> <button>Responder</button></p></form>'
    )


def _renewing(still: bool) -> str:
    if still:
        return f'<p><a href="{STILL}">Actualizar</a> · <a href="/">Que se actualice sola</a></p>'
    return f'<p>Esta página se actualiza sola cada {REFRESH} segundos. <a href="{STILL}">Dejar de actualizar</a></p>'


def _link(each: Scenario, done: Mapping[str, Any]) -> str:
    return f'<a href="#{each.id}">{each.id}</a>' if each.id in done else each.id


def _state(ended: Mapping[str, Any] | None, running: bool) -> str:
    if ended is None:
        return f"<td>{'En curso' if running else 'En espera'}</td>"
    return cell_of(ended)
