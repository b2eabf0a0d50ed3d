"""The job from end to end, as its user runs it: own home, own database, own hub; and that it sees what goes wrong."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from veta.demo.country import demo_country
from veta.demo.world import build

ROOT = Path(__file__).parents[2]
CODES = {
    "QUO-001", "QUO-003", "LOT-003", "PLA-002", "ROL-002", "YLD-001", "SIG-004", "SCH-010", "LOT-002", "ACC-001",
}  # fmt: skip


def environment(home: Path, source: Path = ROOT / "src") -> dict[str, str]:
    """The caller's, on a home of its own."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return kept | {"VETA_HOME": str(home), "PYTHONPATH": str(source), "COLUMNS": "140"}


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "veta.cli.main", "demo", *options]


def demo(home: Path, *options: str, source: Path = ROOT / "src") -> subprocess.CompletedProcess[str]:
    """Run `veta demo --once --small` to its end."""
    asked = command("--once", "--small", "--port", "0", *options)
    return subprocess.run(
        asked, env=environment(home, source), text=True, capture_output=True, timeout=240, check=False
    )


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Path]) -> Path:
    return new_home()


@pytest.fixture(scope="module")
def first(home: Path) -> str:
    """What the demo said in a new home, up to the hub and the node that it leaves open; they close when told to."""
    with subprocess.Popen(
        command("--small", "--port", "0", "--node-port", "0"), env=environment(home), text=True, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        said = ""
        for line in running.stdout:
            said += line
            if "Puede seguir con" in line:
                break
        try:
            stays_open(said)
        finally:
            running.terminate()
        assert running.wait(30) == 128 + signal.SIGTERM
    return said


def stays_open(said: str) -> None:
    url = re.search(r"queda abierta en (http://127\.0\.0\.1:\d+)", said)
    assert url is not None, said
    assert httpx.get(f"{url.group(1)}/", follow_redirects=True, trust_env=False).status_code == 200
    node = re.search(r"El nodo del operador DEMO-A queda abierto en (http://127\.0\.0\.1:\d+): 23 capturas", said)
    assert node is not None, said
    told = " ".join(said.split())
    assert "de tres clientes: 19 aceptadas por la plataforma, 3 que esperan respuesta y 1 rechazada" in told
    assert re.search(r"letras [A-HJ-NP-Z2-9]{26}  PIN \d{4}", said), said
    assert httpx.get(f"{node.group(1)}/salud", trust_env=False).status_code == 200
    password = re.search(r"La contraseña de todas es (\S+);", said)
    assert password is not None
    for mailbox, pages in SHOP.items():
        shows_its_days(node.group(1), mailbox, password.group(1), pages)


# What each client of the demo's node sees in its pages.
SHOP: dict[str, dict[str, tuple[str, ...]]] = {
    "mostrador": {
        "": ("Rechazado por la PTM", "Espera a la otra parte", "Falta la declaración de producción del minero"),
        "libros/diario/": ("Compra a minero de subsistencia", "Mezcla o división", "Venta"),
        "libros/retenciones/": ("Regalía retenida", "9990000"),
        "libros/proveedores/": ("9990000",),
        "libros/lotes/": ("Oro",),
        "documentos/": ("Constancia",),
        "conciliacion/": ("13 de 13 iguales",),
        "sedes/": ("DEMO-1", "clase II"),
    },
    "planta": {"libros/diario/": ("Recepción", "Transformación", "Doré"), "ofertas/": ("Espera su respuesta",)},
    "titular": {"libros/diario/": ("Producción", "Despacho", "Venta"), "documentos/": ("Certificado de origen",)},
}


def shows_its_days(url: str, mailbox: str, password: str, pages: dict[str, tuple[str, ...]]) -> None:
    """Its owner signs in, and each page says what was captured, priced, withheld, sent and answered."""
    with httpx.Client(base_url=url, follow_redirects=True, trust_env=False, timeout=60) as browser:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/ingreso/").text)
        assert token is not None
        given = {"login": f"responsable.{mailbox}@demo.invalid", "password": password}
        home = browser.post("/ingreso/", data=given | {"csrfmiddlewaretoken": token[1]}, headers={"Referer": url})
        client = re.search(r"/clientes/[0-9a-f-]{36}/", home.text)
        assert client is not None, home.text[-500:]
        for page, words in pages.items():
            shown = browser.get(client[0] + page)
            absent = [word for word in words if word not in shown.text]
            assert (shown.status_code, absent) == (200, []), f"{mailbox} {page}"


def test_the_job_ends_well_and_says_what_it_did(first: str) -> None:
    assert "Fraudes detectados: 10 de 10" in first
    assert set(re.findall(r"✓ │ [^│]+│ ([A-Z]{3}-\d{3}) ", first)) == CODES
    assert "descuadre 0" in first
    assert re.search(r"[\d.]+ decididos otra vez, 0 diferencias", first)
    assert re.search(r"[\d.]+ hojas, 0 saltos", first)
    assert re.search(r"Registro público: [\d.]+ hojas verificadas aparte, 0 fallas", first)
    assert re.search(r"127\.0\.0\.1:\d+/log\n +\d+\n +\S{43}=\n", first)
    assert "— testigo-demo.example " in first
    assert re.search(r"La página de un minero, por tres días: http://127\.0\.0\.1:\d+/m/\S{22}/", first)
    assert re.search(r"\d movimientos por segundo, por HTTP firmado", first)


def test_the_exported_dore_has_its_paper_that_verifies_offline(first: str) -> None:
    assert re.search(r"✓ Certificado de origen CO-\d{6} del doré exportado, comprobado sin red", first)
    paper = re.search(r"papel   (\S+\.pdf)", first)
    assert paper is not None
    assert Path(paper.group(1)).read_bytes().startswith(b"%PDF")
    assert re.search(r"código  [A-Z2-7]{26}\n", first)


def test_what_the_hub_and_the_witness_wrote_of_it_names_nobody(first: str, home: Path) -> None:
    """T27: a month of signed requests, the refused ones too, and no person in any record, tile or checkpoint of it."""
    persons = [(miner.actor.document.number, miner.actor.name) for miner in build(demo_country(), seed=1).miners]
    written = [path for path in home.rglob("*") if path.suffix == ".log" or {"log", "testigo"} & set(path.parts)]
    whole = b"\n".join(path.read_bytes() for path in written if path.is_file())
    assert len(written) > 20
    assert len(persons) == 300
    assert [person for person in persons if any(word.encode() in whole for word in person)] == []


def test_two_operators_sent_it_and_the_hub_ended_with_it(first: str, home: Path) -> None:
    processes = re.findall(r"DEMO-[AB] \((\d+)\)", first)
    assert len(set(processes)) == 2
    assert not any(Path("/proc", pid).exists() for pid in processes)
    url = re.search(r"responde en (http://127\.0\.0\.1:\d+)", first)
    assert url is not None
    port = int(url.group(1).rpartition(":")[2])
    assert (home / "demo" / "hub.log").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_further_run_sends_another_month_to_the_same_world(first: str, home: Path) -> None:
    again = demo(home, "--seed", "7")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "ya estaba en esta base de datos" in again.stdout
    assert "Fraudes detectados: 10 de 10" in again.stdout
    assert leaves(again.stdout) > leaves(first)


def test_told_to_end_it_closed_hub_and_node(first: str) -> None:
    for opened in re.findall(r"abiert[ao] en (http://127\.0\.0\.1:\d+)", first):
        with pytest.raises(httpx.ConnectError):
            httpx.get(opened, trust_env=False)


def test_an_accepted_fraud_and_a_changed_balance_are_told_and_end_it_with_1(
    first: str, home: Path, tmp_path: Path
) -> None:
    """Planted from outside: a copy of the product in which a smelter may give back whatever it says, and a milligram
    out of nowhere in the database, its guards off. Last, for it spoils it."""
    source = tmp_path / "src"
    # Another process that compiles a module writes it beside first, and moves it away while this copies.
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("*.pyc.*"))
    patch(source / "veta/movements/domain/rules/yields.py", "found.above else ()", "False else ()")
    steal(home)
    run = demo(home, source=source)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Fraudes detectados: 9 de 10" in run.stdout
    assert "Algo no salió como debía" in run.stdout
    assert "descuadre 0" not in run.stdout


def leaves(said: str) -> int:
    found = re.search(r"([\d.]+) hojas", said)
    assert found is not None
    return int(found.group(1).replace(".", ""))


def patch(path: Path, good: str, bad: str) -> None:
    text = path.read_text()
    assert text.count(good) == 1
    path.write_text(text.replace(good, bad))


def steal(home: Path) -> None:
    """Add a milligram to a lot, as whoever owns the server could."""
    start = [sys.executable, "-m", "veta.cli.main", "db", "start"]
    dsn = subprocess.run(start, env=environment(home), text=True, capture_output=True, check=True).stdout.strip()
    with psycopg.connect(dsn, user="postgres") as database:
        database.execute("SET session_replication_role = replica")
        database.execute(
            "UPDATE ledger_account SET received = received + 1 WHERE id ="
            " (SELECT id FROM ledger_account WHERE kind = 'lot' AND commodity = 'oro' LIMIT 1)"
        )
