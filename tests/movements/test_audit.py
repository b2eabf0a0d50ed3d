"""The audit over movements as the hub writes them: it passes, and each planted fault is found and named."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.movements.test_acts import act, made_of
from tests.movements.world import World
from veta.config.postgres.cluster import SUPERUSER
from veta.kernel.ids import uuid7
from veta.ledger.audit import run
from veta.movements.audit import CHECKS

ROOT = Path(__file__).parents[2]


@dataclass
class Audited:
    """A database that groups were committed to, under the superuser's hand."""

    connection: psycopg.Connection[Any]
    words: dict[str, str]

    def findings(self) -> dict[str, list[str]]:
        with self.connection.cursor() as cursor:
            return {
                result.check.name: [f"{row}: {what}" for row, what in result.rows]
                for result in run.run(cursor, run.checks())
                if result.wrong
            }


@pytest.fixture
def audited(fresh_database: Any) -> Iterator[Audited]:
    world = World().build()
    first, second = world.production(), world.production("50.000")
    world.send(first, second)
    offered = world.sale(first["lot"], "40.000")
    confirmed = world.sale(first["lot"], "10.000")
    refused = world.sale(second["lot"], "50.000")
    rejected = world.sale(second["lot"], "51.000")
    world.send(offered, confirmed, refused, rejected)
    world.answer(confirmed["id"], "confirm")
    world.answer(refused["id"], "refuse")
    held, split, suspension = _suspended(world)
    words = {
        "held": held, "split": split, "suspension": suspension,
        "lot": first["lot"], "free": second["lot"], "offered": offered["id"], "confirmed": confirmed["id"],
        "refused": refused["id"], "rejected": rejected["id"], "production": first["id"], "stranger": str(uuid7()),
    }  # fmt: skip
    with psycopg.connect(fresh_database.dsn, user=SUPERUSER) as connection:
        yield Audited(connection, words)


def _suspended(world: World) -> tuple[str, str, str]:
    """A lot, what was made of it, and the act that suspended both; a third was found unproven."""
    root, tainted = world.production(), world.production()
    world.send(root, tainted)
    (split,) = made_of(world, root["lot"], "10.000")
    suspension = act(world, "suspension", lots=[root["lot"]])["movement"]
    lifted = act(world, "suspension", lots=[root["lot"]])["movement"]
    act(world, "lift", suspension=lifted)
    act(world, "accredit", lot=tainted["lot"], accreditation="unproven")
    return root["lot"], split, suspension


FAULTS = [
    (
        "suspensions",
        "DELETE FROM ledger_lot_suspension WHERE lot = '{split}' AND act = '{suspension}'",
        "{suspension}/{split}: se hizo de {held}",
    ),
    (
        "suspensions",
        "UPDATE ledger_lot_suspension SET act = '{stranger}' WHERE lot = '{split}' AND act = '{suspension}'",
        "{stranger}/{split}",
    ),
    ("suspensions", "UPDATE ledger_suspension_lift SET movement = '{stranger}'", ": lo levanta {stranger}"),
    ("acts", "UPDATE ledger_lot_mark SET act = '{stranger}'", "{stranger}/"),
    ("acts", "DELETE FROM movements_actdecision WHERE proposal = '{suspension}'", "{suspension}: es un acto sin"),
    ("holds", "UPDATE ledger_account SET held = held + 1 WHERE id = '{free}'", "{free}: retiene 1 y"),
    ("holds", "UPDATE ledger_account SET held = 0 WHERE id = '{lot}'", "{lot}: retiene 0 y sus ofertas abiertas"),
    ("holds", "DELETE FROM movements_pendingend WHERE movement_id = '{refused}'", "{free}: retiene 0 y"),
    ("movements", "DELETE FROM movements_movement WHERE id = '{production}'", "{production}: hay asientos de un mov"),
    ("movements", "DELETE FROM movements_verdict WHERE movement_id = '{production}'", "movimiento sin veredicto"),
    (
        "movements",
        "UPDATE movements_verdict SET status = 'rejected' WHERE movement_id = '{production}'",
        "{production}: fue rechazado",
    ),
    (
        "movements",
        "DELETE FROM movements_pendingend WHERE movement_id = '{confirmed}'",
        "{confirmed}: espera respuesta",
    ),
    (
        "claims",
        "DELETE FROM movements_verdict WHERE movement_id = '{rejected}'",
        "{rejected}: movimiento sin veredicto",
    ),
    ("claims", "DELETE FROM movements_movement WHERE id = '{rejected}'", "{rejected}: veredicto de un movimiento"),
    ("claims", "DELETE FROM movements_pending WHERE movement_id = '{offered}'", "{offered}: espera respuesta sin"),
    (
        "claims",
        "UPDATE movements_pendingend SET movement_id = '{stranger}' WHERE movement_id = '{refused}'",
        "{stranger}",
    ),
    ("order", "UPDATE movements_verdict SET \"group\" = 10^9 WHERE movement_id = '{production}'", "{lot} → "),
    (
        "order",
        "INSERT INTO ledger_lot_parent SELECT child, parent, '{production}' FROM ledger_lot_parent",
        " → {lot}: el padre se hizo en ",
    ),
    (
        "leaves",
        "DELETE FROM movements_verdict WHERE movement_id = '{rejected}'",
        ": 3 veredictos en 3 lugares y 4 hojas",
    ),
    ("leaves", "UPDATE movements_verdict SET position = 9 WHERE movement_id = '{rejected}'", "4 lugares y 4 hojas"),
    ("leaves", "DELETE FROM transparency_group", "grupo "),
    ("words", "DELETE FROM movements_rawitem WHERE movement_id = '{production}'", "{production}: faltan sus palabras"),
]


def test_it_passes_on_what_the_hub_wrote_and_names_each_planted_fault(audited: Audited) -> None:
    assert audited.findings() == {}
    for name, fault, named in FAULTS:
        audited.connection.rollback()
        audited.connection.execute("SET LOCAL session_replication_role = replica")
        assert audited.connection.execute(fault.format(**audited.words)).rowcount >= 1, fault
        found = audited.findings()
        assert name in found, (fault, found)
        assert any(named.format(**audited.words) in row for row in found[name]), (fault, found[name])
    audited.connection.rollback()
    assert {name for name, _, _ in FAULTS} == {check.name for check in CHECKS}


def test_the_command_says_what_it_checked(audited: Audited, fresh_database: Any) -> None:
    environment = {**os.environ, "DATABASE_URL": fresh_database.dsn, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "veta.cli.main", "ledger", "audit"]
    good = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.count("bien ") == len(run.checks())
    assert "El libro cuadra" in good.stdout
    assert "extraction   carbon_termico" in good.stdout
    audited.connection.execute("SET session_replication_role = replica")
    audited.connection.execute("DELETE FROM ledger_lot_parent")
    audited.connection.commit()
    bad = subprocess.run([*command, "--rows", "1"], env=environment, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stderr) == (1, "")
    assert "FALLA Cada lote hecho de lotes tiene a sus padres" in bad.stdout
