"""From the mine to the plant in a real browser: a node with its own processes, a real hub, two clients of one operator.

What is told of each movement is what the hub said of it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect
from pytest_django import DjangoDbBlocker

from tests.assurance.running import wait
from tests.conftest import Cluster
from tests.node.browser.two_books import accepted_by_itself, compared, decided_here, sent_after_all, through_another
from tests.node.stage import Stage, node_keys, running, staged
from tests.site.browser.conftest import PASSWORD, ROOT, SLOW, Hub, browser
from tests.site.browser.people import give_password
from tests.site.browser.test_layout import faults
from veta.node.roles import NodeRole
from veta.node.services.members import add_member

__all__ = ["browser"]
pytestmark = pytest.mark.browser
PEOPLE = {"holder": "mina@demo.invalid", "plant": "planta@demo.invalid"}


@pytest.fixture(scope="module")
def stage(
    cluster: Cluster, django_db_blocker: DjangoDbBlocker, new_home: Callable[[], Path], tmp_path_factory: Any
) -> Iterator[Stage]:
    """A hub of the small country, and a node beside it with the mine and the plant as clients."""
    log = tmp_path_factory.mktemp("hub") / "hub.log"
    with staged(cluster, django_db_blocker, new_home(), log, clients=tuple(PEOPLE)) as made:
        assert made.desk is not None
        for name, email in PEOPLE.items():
            user = add_member(
                email=email, name=f"DEMO {name}", role=NodeRole.OWNER, client=made.clients[name], by=made.desk
            )
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        with made.in_hub():
            made.world.world.mandate(made.world.actor("holder"), made.world.second.operator)
        connection.close()
        yield made


@pytest.fixture(scope="module")
def hub(stage: Stage, new_port: Callable[[], int]) -> Iterator[Hub]:
    """The node's site: its server, sender, reader and worker, as an operator starts them."""
    port = new_port()
    origin, log = f"http://localhost:{port}", stage.home / "node.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VETA_", "DATABASE_"))}
    env = kept | {
        "VETA_NODE_DATABASE_URL": stage.node_dsn, "VETA_NODE_HOME": str(stage.home), "VETA_HUB_URL": stage.origin,
        "VETA_NODE_OPERATOR": stage.world.first.code, "VETA_NODE_ORIGIN": origin, "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "veta.config.settings",
    } | node_keys()  # fmt: skip
    command = [sys.executable, "-m", "veta.cli.main", "serve", "node", "--port", str(port), "--threads", "4"]
    with log.open("w") as out, running(subprocess.Popen(command, env=env, stdout=out, stderr=out)) as server:
        wait(lambda: "está abierta en" in log.read_text() or server.poll() is not None, seconds=120)
        assert "está abierta en" in log.read_text(), log.read_text()
        yield Hub(origin, {}, log, env)


@contextmanager
def seated(browser: Browser, hub: Hub, name: str, *, width: int = 360) -> Iterator[Page]:
    """A phone of a client's person."""
    context = browser.new_context(base_url=hub.origin, locale="es-CO", viewport={"width": width, "height": 800})
    context.set_default_timeout(SLOW)
    page = context.new_page()
    give_password(page, PEOPLE[name])
    assert "Sus clientes" in page.locator("main").inner_text(), page.locator("main").inner_text()
    yield page
    context.close()


def until_said(page: Page, words: str) -> None:
    """Reload until the hub's word is there."""
    for _ in range(60):
        if page.get_by_text(words, exact=True).first.is_visible():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"«{words}» never came: {page.locator('main').inner_text()}")


def kept(page: Page) -> str:
    """Keep what the form says; the record's id."""
    page.get_by_role("button", name="Guardar y enviar").click()
    expect(page.get_by_text("Quedó guardado.")).to_be_visible()
    return page.url.rstrip("/").rpartition("/")[2]


def mines(mine: Page, home: str) -> str:
    """Its fineness is forgotten first: a mistake is told. The production's id."""
    mine.goto(home)
    assert "Capturar" in mine.locator("main").inner_text(), mine.locator("main").inner_text()
    mine.get_by_role("link", name="Capturar un movimiento").click()
    mine.get_by_role("link", name="Producción", exact=True).click()
    mine.get_by_label("Placa del título o código del área").fill("DEMO-ORO")
    mine.get_by_label("Mineral", exact=True).select_option("mineral_oro")
    mine.get_by_label("Cantidad", exact=True).fill("10.000,5")
    mine.get_by_role("button", name="Guardar y enviar").click()
    assert faults(mine) == [], "a mistake is told"
    mine.get_by_label("Cantidad", exact=True).fill("10000")
    mine.get_by_label("Tenor").fill("8")
    mined = kept(mine)
    until_said(mine, "Aceptado por la PTM")
    return mined


def sells(mine: Page, home: str) -> str:
    """Without its paper first: rejected, and corrected under another id; the id of the sale that waits."""
    mine.goto(f"{home}capturar/sale/")
    mine.get_by_label("Documento de quien compra").fill("900300001")
    mine.get_by_label("Precio total (COP)").fill("90.000.000")
    mine.get_by_label(re.compile("quedan 10.000 kg")).check()
    refused = kept(mine)
    until_said(mine, "Rechazado por la PTM")
    assert faults(mine) == []
    mine.get_by_role("link", name="Corregir y enviar otro").click()
    mine.get_by_text("Soporte, nota y tardanza").click()
    mine.get_by_label("Tipo de documento").select_option("origin_certificate")
    mine.get_by_label("Número del documento").fill("CO-1")
    assert faults(mine) == []
    sale = kept(mine)
    until_said(mine, "Espera a la otra parte")
    assert mine.get_by_role("link", name=refused).is_visible(), "linked to what it corrects"
    return sale


def confirms(plant: Page, home: str, sale: str) -> None:
    plant.goto(f"{home}ofertas/")
    until_said(plant, "Espera su respuesta")
    assert faults(plant) == []
    plant.goto(f"{home}ofertas/{sale}/")
    said = plant.locator("dl.facts").inner_text()
    for words in (
        "Mineral de oro (mena) · 10.000 kg", "DEMO holder", "Título minero DEMO-ORO: 100,0 %", "90.000.000 COP",
    ):  # fmt: skip
        assert words in said, said
    assert faults(plant) == []
    plant.get_by_role("button", name="Confirmar").click()
    until_said(plant, "Aceptado por la PTM")


def processes(plant: Page, home: str) -> None:
    plant.goto(f"{home}capturar/transformation/")
    plant.get_by_label("Proceso").select_option("beneficio_oro")
    plant.get_by_label(re.compile("quedan 10.000 kg")).check()
    plant.get_by_label("Producto").first.select_option("dore")
    plant.get_by_label("Cantidad", exact=True).first.fill("70")
    plant.get_by_label("Ley (‰)").first.fill("900")
    said = plant.locator("#rendimiento")
    expect(said).to_contain_text("78,8 % (la receta admite de 50 % a 100 %)")
    kept(plant)
    until_said(plant, "Aceptado por la PTM")
    plant.goto(f"{home}capturar/export/")
    expect(plant.get_by_text("quedan 63 g")).to_be_visible()


def test_ore_is_mined_sold_after_a_correction_confirmed_and_processed(browser: Browser, hub: Hub, stage: Stage) -> None:
    client = {name: f"/clientes/{stage.clients[name].id}/" for name in PEOPLE}
    with seated(browser, hub, "holder") as mine, seated(browser, hub, "plant") as plant:
        mines(mine, client["holder"])
        sale = sells(mine, client["holder"])
        confirms(plant, client["plant"], sale)
        mine.goto(f"{client['holder']}registros/{sale}/")
        until_said(mine, "Aceptado por la PTM")
        mine.goto(f"{client['holder']}capturar/sale/")
        expect(mine.get_by_text("No hay lotes con saldo.").first).to_be_visible()
        processes(plant, client["plant"])
        for book in ("diario", "proveedores"):
            plant.goto(f"{client['plant']}libros/{book}/")
            said = plant.locator("table").inner_text()
            assert all(words in said for words in ("Mineral de oro (mena)", "DEMO holder", "10.000", "90.000.000")), (
                said
            )
    states = stage.at_hub(
        "SELECT kind, status FROM movements_movement m JOIN movements_verdict v ON v.movement_id=m.id"
    )
    assert sorted(states) == [
        ("confirmation", "accepted"), ("production", "accepted"), ("sale", "pending"), ("sale", "rejected"),
        ("transformation", "accepted"),
    ]  # fmt: skip


def test_two_books_are_compared_client_by_client(browser: Browser, hub: Hub, stage: Stage) -> None:
    """What the node changed, what it says without the hub, and what another operator reported: each with its remedy."""
    home = f"/clientes/{stage.clients['holder'].id}/"
    with seated(browser, hub, "holder") as mine, seated(browser, hub, "plant") as plant:
        changed, elsewhere = mines(mine, home), through_another(stage)
        with accepted_by_itself(stage):
            invented = mines(mine, home)
        decided_here(stage, changed, "rejected")
        told = compared(stage, "holder", mine)
        assert told == {
            changed: [
                "La PTM dice otro veredicto", "Rechazado por la PTM", "Aceptado por la PTM",
                "Vale el de la PTM. Avise a la mesa del operador.",
            ],
            invented: [
                "La PTM no lo tiene", "Aceptado por la PTM", "—",
                "Avise a la mesa del operador: aquí figura con respuesta y allá no existe.",
            ],
            elsewhere: [
                "Se reportó fuera de este nodo", "—", "Aceptado por la PTM",
                "Por otro operador u otro sistema. Si el cliente no lo reconoce, que use la página de la PTM.",
            ],
        }  # fmt: skip
        assert faults(mine) == []
        mine.goto(home)
        expect(mine.get_by_text("dicen distinto de 2 movimientos.")).to_be_visible()
        assert compared(stage, "plant", plant) == {}, "what is one client's is not told to another"
        expect(plant.get_by_text("Los dos libros dicen lo mismo.")).to_be_visible()
        decided_here(stage, changed, "accepted")
        sent_after_all(stage, invented)
        assert compared(stage, "holder", mine).keys() == {elsewhere}
