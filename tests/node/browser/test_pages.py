"""Every page of the node in a real browser, 360 pixels wide: axe finds nothing, nothing is cut, no page is heavy."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.assurance.running import wait
from tests.node.conftest import NOW, House, build_house, purchase
from tests.node.planted_sheet import write_sheet
from tests.node.test_sheets import known_places, uploaded
from tests.site.browser.conftest import PASSWORD, ROOT, Hub, browser, context, page
from tests.site.browser.people import give_password
from tests.site.browser.test_layout import look
from veta.node.credentials import new_credentials, path_of, save
from veta.node.models import Branch, Difference, Membership, OutboxItem, Reconciliation, Scale
from veta.node.permissions import PERMISSIONS
from veta.node.queries.books import BOOKS
from veta.node.roles import NodeRole
from veta.node.services import outbox
from veta.node.services.capture import Given, capture
from veta.site.access import Kind

__all__ = ["browser", "context", "page"]
pytestmark = pytest.mark.browser
MOST_BYTES = 200_000
OWNER = "gold.owner@demo.invalid"
FILES = {"node_sheet_file", "node_sheet_template"}
PAGES = [name for name, row in PERMISSIONS.items() if row.get("GET") and row["GET"].kind is Kind.MEMBERS]


@dataclass
class Node:
    """Where it answers, as the browser's fixtures ask, and what each page's address takes."""

    hub: Hub
    paths: dict[str, str]


@pytest.fixture(scope="module")
def node_site(module_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """`veta serve node` over two clients, one with records of every state, a scale and a difference."""
    house = build_house()
    for user in house.people.values():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    home = tmp_path_factory.mktemp("node")
    paths = furnish(house, home)
    save(new_credentials("DEMO-OTTM-1"), path_of(home, "DEMO-OTTM-1"))
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    origin, log = f"http://localhost:{port}", home / "node.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    env = kept | {
        "VETA_NODE_DATABASE_URL": module_database.dsn, "VETA_NODE_HOME": str(home), "VETA_NODE_ORIGIN": origin,
        "VETA_HUB_URL": "sandbox:", "VETA_NODE_OPERATOR": "DEMO-OTTM-1", "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
    }  # fmt: skip
    command = [sys.executable, "-m", "veta.cli.main", "serve", "node", "--port", str(port), "--threads", "8"]
    with log.open("w") as out, subprocess.Popen(command, env=env, stdout=out, stderr=out) as server:
        try:
            wait(lambda: "está abierta en" in log.read_text() or server.poll() is not None, seconds=180)
            assert "está abierta en" in log.read_text(), log.read_text()
            yield Node(Hub(origin, {}, log, env), paths)
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="module")
def hub(node_site: Node) -> Hub:
    """What the browser's fixtures take for their site."""
    return node_site.hub


def furnish(house: House, folder: Path) -> dict[str, str]:
    """One of everything; the path of each page that takes something."""
    gold = house.clients["gold"]
    records = capture(gold, [Given(purchase(unit="kg")), Given(purchase())], now=NOW)
    outbox.bury(OutboxItem.objects.get(record=records[0].id), now=NOW, cause="SCH-003: no", fix="Corrija.")
    branch = Branch.objects.create(client=gold, name="El Bagre", municipality="05250")
    Scale.objects.create(branch=branch, serial="A1", accuracy_class="II", unit="g", largest="2000", division="0.01")
    run = Reconciliation.objects.create(client=gold, looked_at=2, agreed=1)
    Difference.objects.create(reconciliation=run, movement=records[1].id, differs="missing", ours="accepted")
    held = Membership.objects.get(user__email="gold.counter@demo.invalid", role=NodeRole.COUNTER.value)
    known_places()
    write_sheet(folder / "compras.xlsx", 80)
    sheet = uploaded(house, folder / "compras.xlsx")
    base = f"/clientes/{gold.id}/"
    return {
        "node_client": base, "node_mandate": f"{base}mandato/", "node_people": f"{base}personas/",
        "node_leave": f"{base}personas/{held.id}/retirar/", "node_places": f"{base}sedes/",
        "node_reconciliation": f"{base}conciliacion/", "node_record": f"{base}registros/{records[0].id}/",
        "node_sheets": f"{base}hojas/", "node_sheet": f"{base}hojas/{sheet.id}/",
        **{f"node_book {name}": f"{base}libros/{name}/?mes=2026-11" for name in BOOKS},
        "node_book": f"{base}libros/diario/",
    }  # fmt: skip


def test_every_page_of_a_client_on_a_phone(page: Page, node_site: Node) -> None:
    assert set(PAGES) - FILES <= set(node_site.paths), "a page of the node is not looked at here"
    give_password(page, OWNER)
    weights: dict[str, int] = {}
    faults = {name: look(page, path) for name, path in {"home": "/", **node_site.paths}.items()}
    assert {name: found for name, found in faults.items() if found} == {}
    for name, path in node_site.paths.items():
        seen: list[int] = []
        page.on("response", lambda response, seen=seen: seen.append(len(response.body()) if response.ok else 0))
        page.goto(path)
        weights[name] = sum(seen)
    assert max(weights.values()) < MOST_BYTES, weights


def test_open_pages_on_a_phone(page: Page, node_site: Node) -> None:
    faults = {path: look(page, path) for path in ("/", "/ingreso/", "/accesibilidad/", "/aviso-legal/")}
    assert {path: found for path, found in faults.items() if found} == {}
