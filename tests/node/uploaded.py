"""A person's way with a workbook, over HTTP: uploads it, reads the page, applies it, and has it back."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
from django.core.wsgi import get_wsgi_application
from django.db import connections
from python_calamine import CalamineWorkbook

from tests.movements.world import TOWN
from tests.node.planted_sheet import BEYOND, COLUMNS, FIRST, HEADER_ROW, KIND, PLANTED, Planted, write_sheet
from tests.node.stage import Stage, running, until
from tests.node.test_sheets import known_places
from tests.site.conftest import session_of
from veta.kernel.clock import SystemClock
from veta.kernel.period import BOGOTA
from veta.node.models import Sheet
from veta.node.roles import NodeRole
from veta.node.services.members import add_member
from veta.node.services.sheets import work

TITLES = {column.key: column.title for column in COLUMNS} | {BEYOND: ""}
ROW = re.compile(r'<th role="rowheader" scope="row">(\d+)</th>(.*?)</tr>', re.DOTALL)
LATE = "TIM-002"  # stops nothing: it is said of whichever row is too old by now
MARK = re.compile(r'<li>(?:<strong>(.*?)</strong>)?.*?<span class="soft">(.*?)</span></li>', re.DOTALL)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def pages_served() -> Iterator[str]:
    """This process's node, answering on a port of its own; its address."""
    answer = get_wsgi_application()

    def application(environ: Any, start: Any) -> Iterator[bytes]:
        try:
            yield from answer(environ, start)
        finally:
            connections.close_all()

    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Person:
    """Somebody signed in at a node, with the token of its forms."""

    http: httpx.Client
    base: str
    token: str = ""

    def page(self, path: str) -> str:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text[-500:]
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text)
        self.token = found[1] if found else self.token
        return answer.text

    def post(self, path: str, files: Any = None, **given: str) -> str:
        """Send a form as its page has it; where it leads."""
        data = given | {"csrfmiddlewaretoken": self.token}
        answer = self.http.post(path, data=data, files=files, headers={"Referer": str(self.http.base_url)})
        assert answer.status_code == 302, answer.text[-500:]
        return answer.headers["location"]

    def upload(self, path: Path) -> str:
        """Upload the workbook and have it read; its page."""
        self.page(self.base)
        made = self.post(self.base, {"archivo": (path.name, path.read_bytes())}, clase=KIND)
        assert work(Sheet.objects.latest("id").pk, clock=SystemClock())
        return made

    def apply(self, sheet: str) -> Sheet:
        """Press the button, and have it done."""
        self.post(sheet)
        assert work(Sheet.objects.latest("id").pk, clock=SystemClock())
        return Sheet.objects.latest("id")


def a_workbook_over_http(stage: Stage, folder: Path, node: Any) -> None:
    """The whole way, with the hub's verdicts; each row that was not refused is a movement there, once."""
    known_places()
    client, node.ALLOWED_HOSTS = stage.clients["trader"], ["127.0.0.1"]
    planted = a_thousand_purchases(stage, folder / "compras.xlsx")
    assert stage.desk is not None
    buyer = add_member(email="compras@demo.invalid", name="Compras", role=NodeRole.OWNER, client=client, by=stage.desk)
    cookies = {name: morsel.value for name, morsel in session_of(buyer, proved_seconds_ago=None).cookies.items()}
    with pages_served() as origin, httpx.Client(base_url=origin, cookies=cookies, timeout=60) as http:
        one = Person(http, f"/clientes/{client.id}/hojas/")
        sheet = one.upload(folder / "compras.xlsx")
        assert rejected(one, sheet) == expected(planted)
        assert "Aplicar 963 movimientos" in one.page(sheet)
        assert one.apply(sheet).applied == 963
        with running(stage.node_process("node-sender", stage.origin)):
            until(lambda: stage.open_items() == 0, seconds=90)
        statuses = at_the_hub(stage)
        taken, elsewhere = statuses["accepted"], statuses["rejected"]  # the towns that the miner is not inscribed in
        assert (taken + elsewhere, elsewhere > 3) == (963, True), statuses
        counted = re.findall(r'\?filas=(\w+)">(\d+)<', one.page(sheet))
        assert counted == [("taken", str(taken)), ("untaken", str(elsewhere))]
        assert "Rechazado por la PTM" in one.page(f"{sheet}?filas=untaken")
        assert states_back(one, sheet, folder) == {
            "Aceptado por la PTM": taken, "Rechazado por la PTM": elsewhere, "No se captura: rechazada aquí": 37,
        }  # fmt: skip
        again = one.upload(folder / "compras.xlsx")
        assert rejected(one, again) == expected(planted)
        assert "No hay movimientos nuevos por aplicar." in one.page(again)
        done = one.apply(again)
        assert (done.state, done.known, done.applied) == ("applied", 963, 0)
    assert stage.open_items() == 0
    assert at_the_hub(stage) == statuses


def a_thousand_purchases(stage: Stage, path: Path) -> dict[int, Planted]:
    """Of the hub's own miner, of the days up to yesterday, so little that no cap is passed."""
    day = datetime.combine(datetime.now(BOGOTA).date() - timedelta(days=1), datetime.min.time())
    own = {"seller_number": stage.world.world.purchase()["seller"]["number"], "quantity": 0.021}
    planted = write_sheet(path, 1_000, day=day, own=own | {"municipality": f"{TOWN} Medellín (Antioquia)"})
    assert len(planted) == len(PLANTED) == 37
    return planted


def expected(planted: dict[int, Planted]) -> list[tuple[int, str, str]]:
    """Row, column and code of each planted error, and of what follows from it."""
    return sorted(
        (row, "" if each.found_at is None else TITLES[column], code)
        for row, each in planted.items()
        for code, column in ((each.code, each.column), *each.also)
    )


def rejected(one: Person, sheet: str) -> list[tuple[int, str, str]]:
    """Row, column and code of all that the page says of rejected rows."""
    pages = [one.page(f"{sheet}?filas=rejected&pagina={n}") for n in (1, 2)]
    rows = [(int(row), said) for page in pages for row, said in ROW.findall(page)]
    found = sorted((row, title, code) for row, said in rows for title, code in MARK.findall(said))
    return [each for each in found if each[2] != LATE]


def states_back(one: Person, sheet: str, folder: Path) -> Counter[str]:
    """How many rows of the workbook given back stand in each way."""
    (folder / "back.xlsx").write_bytes(one.http.get(f"{sheet}archivo/").content)
    rows = CalamineWorkbook.from_path(folder / "back.xlsx").get_sheet_by_index(0).to_python()
    column = rows[HEADER_ROW - 1].index("Estado en la PTM")
    return Counter(str(row[column]) for row in rows[FIRST - 1 :])


def at_the_hub(stage: Stage) -> Counter[str]:
    """How the hub decided the movements that came from workbooks."""
    sent = [id for (id,) in stage.at_node("SELECT id FROM node_businessrecord WHERE source_digest IS NOT NULL")]
    status = "convert_from(body, 'UTF8')::jsonb ->> 'status'"
    said = stage.at_hub(f"SELECT {status} FROM movements_verdict WHERE movement_id = ANY (%s)", sent)
    return Counter(status for (status,) in said)
