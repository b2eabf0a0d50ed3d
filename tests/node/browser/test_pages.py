"""Every page of the node in a real browser, 360 pixels wide: axe finds nothing, nothing is cut, no page is heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.assurance.running import wait
from tests.node.conftest import NOW, House, build_house, purchase
from tests.node.planted_sheet import write_sheet
from tests.node.stage import ended, node_keys
from tests.node.test_offers import offered
from tests.node.test_sheets import applied, known_places, uploaded
from tests.site.browser.conftest import PASSWORD, ROOT, Hub, browser, context, page
from tests.site.browser.people import give_password, sign_in
from tests.site.browser.test_layout import faults, look
from veta.kernel.ids import uuid7
from veta.node.credentials import new_credentials, path_of, save
from veta.node.models import (
    Branch,
    Calibration,
    Client,
    Device,
    Difference,
    IssuedDocument,
    Membership,
    OutboxItem,
    Reconciliation,
    Scale,
)
from veta.node.pages.capture.kinds import KINDS
from veta.node.permissions import PERMISSIONS
from veta.node.queries.books import BOOKS
from veta.node.roles import NodeRole
from veta.node.services import outbox
from veta.node.services.capture import Given, capture
from veta.node.services.members import add_member
from veta.site.access import Kind

__all__ = ["browser", "context", "page"]
pytestmark = pytest.mark.browser
MOST_BYTES = 200_000
OWNER, DESK = "gold.owner@demo.invalid", "luz.mesa@demo.invalid"
FILES = {
    "node_export_pack", "node_receipt_paper", "node_sheet_file", "node_sheet_template", "node_counter_data",
    "node_counter_movements_data", "node_counter_worker", "node_counter_manifest", "node_bundle", "node_calibration",
}  # fmt: skip
WIDE_TOO = {
    "node_capture", "node_capture_menu", "node_offers", "node_offer", "node_unsettled", "node_dismiss",
    "node_documents", "node_record", "node_undo", "node_counter_movements",
}  # fmt: skip
PAGES = [name for name, row in PERMISSIONS.items() if row.get("GET") and row["GET"].kind is Kind.MEMBERS]


@dataclass
class Node:
    """Where it answers, as the browser's fixtures ask, and each page's address: a client's, and the desk's own."""

    hub: Hub
    paths: dict[str, str]
    desk: dict[str, str]


@pytest.fixture(scope="module")
def node_site(
    module_database: Any, new_port: Callable[[], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Node]:
    """`veta serve node` over two clients, one with records of every state, a scale and a difference."""
    house = build_house()
    for user in house.people.values():
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    home = tmp_path_factory.mktemp("node")
    paths, desk = furnish(house, home), at_desk(house)
    save(new_credentials("DEMO-OTTM-1"), path_of(home, "DEMO-OTTM-1"))
    port = new_port()
    origin, log = f"http://localhost:{port}", home / "node.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    env = kept | {
        "VETA_NODE_DATABASE_URL": module_database.dsn, "VETA_NODE_HOME": str(home), "VETA_NODE_ORIGIN": origin,
        "VETA_HUB_URL": "sandbox:", "VETA_NODE_OPERATOR": "DEMO-OTTM-1", "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
    } | node_keys()  # fmt: skip
    command = [sys.executable, "-m", "veta.cli.main", "serve", "node", "--port", str(port), "--threads", "8"]
    with log.open("w") as out, subprocess.Popen(command, env=env, stdout=out, stderr=out) as server:
        try:
            wait(lambda: "está abierta en" in log.read_text() or server.poll() is not None, seconds=180)
            assert "está abierta en" in log.read_text(), log.read_text()
            yield Node(Hub(origin, {}, log, env, passwords={DESK}), paths, desk)
        finally:
            ended(server)


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
    scale = Scale.objects.create(
        branch=branch, serial="A1", accuracy_class="II", unit="g", largest="2000", division="0.1"
    )
    Calibration.objects.create(scale=scale, certificate="C-1", calibrated_on="2025-01-05", due_on="2026-01-05")
    phone = Device.objects.create(client=gold, branch=branch, name="Teléfono de Rosa", enrolled_by=house.desk)
    paper = IssuedDocument.objects.create(
        id=uuid7(), client=gold, kind="origin_certificate", number="CO-000017", lot=uuid7(), asked_by=house.desk,
        body={"page": "https://ptm.demo.invalid/v/x", "quantity": "9", "unit": "g"},
    )  # fmt: skip
    run = Reconciliation.objects.create(client=gold, looked_at=2, agreed=1)
    Difference.objects.create(reconciliation=run, movement=records[1].id, differs="missing", ours="accepted")
    held = Membership.objects.get(user__email="gold.counter@demo.invalid", role=NodeRole.COUNTER.value)
    known_places()
    write_sheet(folder / "compras.xlsx", 80)
    sheet = uploaded(house, folder / "compras.xlsx")
    write_sheet(folder / "otras.xlsx", 4, planted=False)
    done = applied(house, uploaded(house, folder / "otras.xlsx"))
    base = f"/clientes/{gold.id}/"
    counts = a_lot_of(gold)
    return {
        "node_capture_menu": f"{base}capturar/", "node_capture": f"{base}capturar/production/",
        **{f"node_capture {kind}": f"{base}capturar/{kind}/" for kind in KINDS},
        "node_client": base, "node_mandate": f"{base}mandato/",
        "node_mandate_end": f"{base}mandato/terminar/", "node_correct": f"{base}datos/",
        "node_papers": f"{base}papeles/", "node_people": f"{base}personas/",
        "node_leave": f"{base}personas/{held.id}/retirar/", "node_role": f"{base}personas/{held.id}/rol/",
        "node_places": f"{base}sedes/", "node_facility": f"{base}sedes/{branch.id}/instalacion/",
        "node_branch_close": f"{base}sedes/{branch.id}/cerrar/", "node_authorization": f"{base}autorizacion/",
        "node_phone_retire": f"{base}telefonos/{phone.id}/retirar/",
        "node_withdraw": f"{base}documentos/{paper.id}/retirar/",
        "node_reconciliation": f"{base}conciliacion/", "node_record": f"{base}registros/{records[0].id}/",
        "node_counter": f"{base}mostrador/",
        "node_counter_movements": f"{base}mostrador/movimientos/",
        "node_receipt": f"{base}registros/{records[0].id}/recibo/",
        "node_documents": f"{base}documentos/", "node_unsettled": f"{base}revisar/",
        "node_dismiss": f"{base}registros/{records[0].id}/descartar/", "node_undo": f"{base}registros/{counts}/anular/",
        "node_offers": f"{base}ofertas/", "node_offer": f"{base}ofertas/{offered(house)}/",
        "node_sheets": f"{base}hojas/", "node_sheet": f"{base}hojas/{sheet.id}/",
        "node_sheet applied": f"{base}hojas/{done.id}/",
        **{f"node_book {name}": f"{base}libros/{name}/?mes=2026-11" for name in BOOKS},
        "node_book": f"{base}libros/diario/",
    }  # fmt: skip


def at_desk(house: House) -> dict[str, str]:
    """A second person of the desk, who enrols in the browser; the path of each of the desk's own pages."""
    user = add_member(email=DESK, name="Luz Mesa", role=NodeRole.DESK, client=None, by=house.desk)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    held = Membership.objects.get(user=user)
    return {
        "node_desk": "/mesa/", "node_desk_add": "/mesa/agregar/", "node_desk_leave": f"/mesa/{held.id}/retirar/",
        "node_texts": "/mesa/autorizacion/", "node_text_add": "/mesa/autorizacion/nueva/",
        "node_kinds": "/clientes/nuevo/", "node_join": "/clientes/nuevo/trader/",
    }  # fmt: skip


def a_lot_of(client: Client) -> str:
    """A lot that the hub gave just now, of doré; the purchase that it came from."""
    item, now = purchase(), datetime.now(UTC)
    capture(client, [Given(item)], now=NOW)
    lot = {"lot": item["lot"], "mineral": "dore", "quantity": "0.900", "unit": "g"}
    verdict = {
        "movement": item["id"], "status": "accepted", "decided_at": now.isoformat(), "findings": [], "lots": [lot]
    }  # fmt: skip
    outbox.take([{"verdict": verdict, "receipt": {"leaf": ""}, "repeated": False}], now=now)
    return str(item["id"])


def test_the_yield_is_said_while_one_writes(page: Page, node_site: Node) -> None:
    give_password(page, OWNER)
    page.goto(node_site.paths["node_capture transformation"])
    said = page.locator("#rendimiento")
    page.get_by_label("Proceso").select_option("afinacion_oro")
    page.get_by_label("Doré · quedan 0,9 g").check()
    page.get_by_label("Producto").first.select_option("oro")
    page.get_by_label("Cantidad", exact=True).first.fill("0,9")
    page.get_by_label("Ley (‰)").first.fill("999")
    assert said.inner_text().startswith("Rendimiento: 99,9 % (la receta admite de 98 % a 100 %)")
    assert "ok" in (said.get_attribute("class") or "")
    page.get_by_label("Cantidad", exact=True).first.fill("0,8")
    assert "88,8 %" in said.inner_text()
    page.get_by_role("button", name="Revisar antes").click()
    assert page.get_by_text("88,8 % (la receta admite de 98,0 % a 100,0 %)").is_visible()
    assert faults(page) == []
    page.get_by_label("Cantidad", exact=True).first.fill("0,91")
    page.get_by_role("button", name="Guardar y enviar").click()
    assert page.get_by_text("YLD-001").first.is_visible()
    assert faults(page) == [], "with its mistakes"


def test_every_page_of_a_client_on_a_phone(page: Page, node_site: Node) -> None:
    assert set(PAGES) - FILES <= set(node_site.paths), "a page of the node is not looked at here"
    give_password(page, OWNER)
    weights: dict[str, int] = {}
    faults = {name: look(page, path) for name, path in {"home": "/", **node_site.paths}.items()}
    assert {name: found for name, found in faults.items() if found} == {}
    page.set_viewport_size({"width": 1280, "height": 800})
    for name, path in node_site.paths.items():
        seen: list[int] = []
        page.on("response", lambda response, seen=seen: seen.append(len(response.body()) if response.ok else 0))
        if name.split()[0] in WIDE_TOO:
            assert look(page, path) == [], name
        else:
            page.goto(path)
        weights[name] = sum(seen)
    assert max(weights.values()) < MOST_BYTES, weights


def test_the_desks_own_pages_on_a_phone(page: Page, node_site: Node) -> None:
    own = {name for name, row in PERMISSIONS.items() if row.get("GET") and row["GET"].kind is Kind.ROLES}
    assert own == set(node_site.desk)
    sign_in(page, node_site.hub, DESK)
    faults = {name: look(page, path) for name, path in node_site.desk.items()}
    assert {name: found for name, found in faults.items() if found} == {}


def test_open_pages_on_a_phone(page: Page, node_site: Node) -> None:
    faults = {path: look(page, path) for path in ("/", "/ingreso/", "/accesibilidad/", "/aviso-legal/")}
    assert {path: found for path, found in faults.items() if found} == {}
