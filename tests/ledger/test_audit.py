"""The audit passes on what the writer writes, and each planted fault turns its own check red and is named.

The faults are planted by the superuser with triggers, foreign keys and checks out of the way, each in a transaction
that is rolled back.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.ledger.book import Book
from veta.config.postgres.cluster import SUPERUSER
from veta.ledger.audit import run
from veta.ledger.domain import check as checks
from veta.ledger.domain.accounts import boundary_id
from veta.ledger.domain.check import Check

DROPPED = (
    "ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_not_over_released, DROP CONSTRAINT ledger_account_kind",
    "ALTER TABLE ledger_composition DROP CONSTRAINT ledger_composition_weights, "
    "DROP CONSTRAINT ledger_composition_total",
    "ALTER TABLE ledger_lot DROP CONSTRAINT ledger_lot_origin_or_composition",
    "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_amount",
    "SET LOCAL session_replication_role = replica",
)


@dataclass
class World:
    """A ledger with every shape of movement, and the names of some of its rows."""

    connection: psycopg.Connection[Any]
    quota: UUID
    produced: UUID
    sold: UUID
    mixed: UUID
    remixed: UUID
    smelted: UUID
    suspended: UUID
    lifted: UUID

    def names(self) -> dict[str, UUID]:
        """What a planted statement may refer to."""
        return {name: value for name, value in vars(self).items() if isinstance(value, UUID)}

    def findings(self) -> dict[str, list[str]]:
        """Names of the checks that fail → the rows that they name, with what is wrong."""
        with self.connection.cursor() as cursor:
            return {
                result.check.name: [f"{row}: {what}" for row, what in result.rows]
                for result in run.run(cursor, run.OWN)
                if result.wrong
            }


def fill(book: Book) -> dict[str, UUID]:
    quota = book.quota(1_000_000)
    produced = book.produce(100_000, quota=quota)
    sold = book.sell(produced, 60_001)
    others = [book.produce(7_919 * place, code=f"DEMO-{place:03}") for place in range(2, 7)]
    mixed = book.regroup([(sold, 9_999), *((lot, 3_331) for lot in others)])
    remixed = book.regroup([(mixed, 1_013), (others[0], 17), (sold, 5)])
    again = book.regroup([(remixed, 101), (mixed, 977)])
    smelted = book.transform([(mixed, 5_003), (remixed, 499)], mineral="dore", amount=5_400, lost=37)
    book.export(smelted, 5_001)
    book.export(again, 13)
    resold = book.sell(mixed, 1_000)
    book.reverse(book.lot(resold).movement)
    undone = book.regroup([(remixed, 50), (produced, 3)])
    book.reverse(book.lot(undone).movement)
    return {
        "quota": quota, "produced": produced, "sold": sold, "mixed": mixed, "remixed": remixed, "smelted": smelted,
        "suspended": book.suspend(sold), "lifted": book.suspend(mixed, lifted=True),
    }  # fmt: skip


@pytest.fixture(scope="module")
def world(cluster: Any) -> Iterator[World]:
    name = f"test_{os.getpid()}_audit"
    dsn = cluster.clone(name)
    with psycopg.connect(dsn, autocommit=True) as app:
        names = fill(Book(app))
    with psycopg.connect(dsn, user=SUPERUSER) as superuser:
        yield World(superuser, **names)
    cluster.drop(name)


@pytest.fixture
def planted(world: World) -> Iterator[World]:
    for statement in DROPPED:
        world.connection.execute(statement)
    yield world
    world.connection.rollback()


def test_what_the_writer_writes_passes(world: World) -> None:
    with world.connection.cursor() as cursor:
        results = list(run.run(cursor, run.OWN))
    world.connection.rollback()
    assert [(result.check.name, result.rows) for result in results if result.wrong] == []
    assert all(result.examined > 0 for result in results)
    assert {result.check.name for result in results} == {check.name for check in run.OWN}
    mixings = next(result.examined for result in results if result.check.name == "mixings")
    assert mixings == 4


def test_the_boundaries_are_summed(world: World) -> None:
    with world.connection.cursor() as cursor:
        sums = {(line.kind, line.commodity): (line.given, line.taken) for line in run.boundary_sums(cursor)}
    assert sums["grant", "right:oro"] == (1_000_000, 0)
    assert sums["used", "right:oro"] == (0, 100_000)
    assert sums["extraction", "oro"] == (100_000 + 7_919 * 20, 0)
    assert sums["process", "dore"] == (5_437, 0)
    assert sums["process", "oro"] == (0, 5_502)
    assert sums["export", "dore"] == (0, 5_001)


FAULTS = [
    ("zero-sum", "UPDATE ledger_account SET received = received + 1 WHERE id = '{mixed}'", "oro: "),
    ("replay", "UPDATE ledger_account SET received = received + 1 WHERE id = '{mixed}'", "{mixed}: "),
    ("replay", "UPDATE ledger_account SET released = released + 1 WHERE id = '{quota}'", "{quota}: "),
    (
        "replay",
        "DELETE FROM ledger_entry WHERE source = '{smelted}' AND target = '{export}'",
        "{smelted}: ",
    ),
    ("replay", "UPDATE ledger_entry SET amount = amount + 1 WHERE target = '{sold}'", "{sold}: "),
    (
        "one-commodity",
        "UPDATE ledger_entry SET commodity = 'plata' WHERE target = '{produced}' AND seq = 0",
        "/0: 100000 plata de ",
    ),
    ("one-commodity", "UPDATE ledger_entry SET amount = 0 WHERE target = '{sold}'", ": 0 oro de {produced}"),
    ("one-commodity", "DELETE FROM ledger_account WHERE id = '{sold}'", "{sold}"),
    ("sequence", "UPDATE ledger_entry SET seq = seq + 1 WHERE target = '{sold}'", "numerados de 1 a 1"),
    ("over-released", "UPDATE ledger_account SET held = received + 1 WHERE id = '{sold}'", "{sold}: "),
    ("over-released", "UPDATE ledger_account SET held = -1 WHERE id = '{quota}'", "{quota}: "),
    ("boundary", "UPDATE ledger_account SET received = 1 WHERE id = '{export}'", "{export}: "),
    ("boundary", "UPDATE ledger_account SET kind = 'gift' WHERE id = '{export}'", "{export}: gift"),
    ("quotas", "DELETE FROM ledger_quota WHERE account = '{quota}'", "{quota}: cuenta de cupo sin sus datos"),
    ("quotas", "UPDATE ledger_quota SET quota_group = 'carbon'", "{quota}: "),
    ("account-id", "UPDATE ledger_quota SET period_start = period_start - 1", "{quota}: "),
    ("account-id", "UPDATE ledger_account SET commodity = 'plata' WHERE id = '{export}'", "{export}: "),
    ("origin-id", "UPDATE ledger_origin SET code = 'DEMO-999' WHERE code = 'DEMO-001'", "title DEMO-999"),
    ("origin-id", "UPDATE ledger_origin SET person = '{quota}' WHERE code = 'DEMO-001'", "title DEMO-001"),
    ("composition", "UPDATE ledger_composition SET total = total + 1 WHERE id = {mix_of_mixed}", "{mix}: "),
    ("composition", "UPDATE ledger_composition SET {swapped} WHERE id = {mix_of_mixed}", "{mix}: "),
    ("mixings", "UPDATE ledger_composition SET {swapped} WHERE id = {mix_of_mixed}", "a la mezcla {mix}"),
    (
        "mixings",
        "UPDATE ledger_composition SET weights[1] = weights[1] + 1, total = total + 1 WHERE id = {mix_of_mixed}",
        "{mix}: ",
    ),
    (
        "mixings",
        "UPDATE ledger_composition SET origins[1] = (SELECT id FROM ledger_origin WHERE code = 'DEMO-006') "
        "WHERE id = (SELECT composition FROM ledger_lot WHERE account = '{remixed}')",
        "del origen ",
    ),
    ("origins", "UPDATE ledger_composition SET {swapped} WHERE id = {mix_of_mixed}", "oro de "),
    (
        "origins",
        "UPDATE ledger_lot SET origin = (SELECT id FROM ledger_origin WHERE code = 'DEMO-002') "
        "WHERE account = '{produced}'",
        "oro de ",
    ),
    (
        "subset",
        "UPDATE ledger_lot SET origin = (SELECT id FROM ledger_origin WHERE code = 'DEMO-002') "
        "WHERE account = '{sold}'",
        "{sold}: ",
    ),
    (
        "subset",
        "UPDATE ledger_lot SET origin = (SELECT id FROM ledger_origin WHERE code = 'DEMO-006'), composition = NULL "
        "WHERE account = '{sold}'",
        "{sold}: ",
    ),
    ("lots", "DELETE FROM ledger_lot WHERE account = '{sold}'", "{sold}: cuenta de lote sin sus datos"),
    ("lots", "DELETE FROM ledger_account WHERE id = '{sold}'", "{sold}: lote sin cuenta"),
    ("lots", "UPDATE ledger_lot SET mineral = 'plata' WHERE account = '{sold}'", "{sold}: es de plata"),
    ("lots", "UPDATE ledger_lot SET origin = NULL WHERE account = '{sold}'", "{sold}: sin un origen"),
    ("lots", "UPDATE ledger_lot SET origin = '{quota}' WHERE account = '{sold}'", "{sold}: su origen {quota}"),
    ("birth", "DELETE FROM ledger_lot_parent WHERE child = '{sold}'", "{sold}: recibió de 1 lotes"),
    ("birth", "DELETE FROM ledger_lot_parent WHERE child = '{smelted}'", "{smelted}: salió de un proceso"),
    ("birth", "UPDATE ledger_lot SET movement = '{quota}' WHERE account = '{produced}'", "{produced}: el movimiento"),
    (
        "birth",
        "UPDATE ledger_lot SET origin = NULL, composition = {mix_of_mixed} WHERE account = '{produced}'",
        "{produced}: sin padres y con mezcla",
    ),
    (
        "birth",
        "UPDATE ledger_entry SET source = '{extraction}' WHERE target = '{sold}'",
        "{sold}: tiene padres y no salió de ningún lote",
    ),
    (
        "parents",
        "UPDATE ledger_lot_parent SET parent = '{smelted}' WHERE child = '{sold}'",
        "{smelted} → {sold}: ",
    ),
    ("parents", "DELETE FROM ledger_lot WHERE account = '{produced}'", "{produced} → {sold}: une lotes que no existen"),
    (
        "parents",
        "UPDATE ledger_lot_parent SET movement = '{quota}' WHERE child = '{sold}'",
        "{produced} → {sold}: el hijo lo hizo",
    ),
    ("orphans", "DELETE FROM ledger_lot_suspension WHERE act = '{lifted}'", "{lifted}: levantamiento"),
    (
        "orphans",
        "UPDATE ledger_lot_suspension SET lot = '{quota}' WHERE act = '{suspended}'",
        "{quota}: suspendido por",
    ),
    (
        "orphans",
        "INSERT INTO ledger_composition VALUES ('{quota}', ARRAY['{quota}'::uuid], ARRAY[1], 1)",
        "{quota}: composición de ningún lote",
    ),
    (
        "orphans",
        "INSERT INTO ledger_composition VALUES ('{quota}', ARRAY['{lifted}'::uuid], ARRAY[1], 1)",
        "{lifted}: origen de la composición {quota}",
    ),
    ("orphans", "INSERT INTO ledger_origin VALUES ('{quota}', 'title', 'X', NULL, NULL)", "{quota}: origen de ningún"),
]


@pytest.mark.parametrize(("name", "fault", "named"), FAULTS)
def test_a_planted_fault_is_found_and_named(name: str, fault: str, named: str, planted: World) -> None:
    mix = planted.connection.execute("SELECT composition FROM ledger_lot WHERE account = %s", (planted.mixed,))
    words = {
        **planted.names(),
        "mix": mix.fetchall()[0][0],
        "mix_of_mixed": f"(SELECT composition FROM ledger_lot WHERE account = '{planted.mixed}')",
        "swapped": "weights = weights[6:6] || weights[2:5] || weights[1:1]",
        "export": boundary_id("export", "dore"),
        "extraction": boundary_id("extraction", "oro"),
    }
    changed = planted.connection.execute(fault.format(**words)).rowcount
    assert changed >= 1
    found = planted.findings()
    assert name in found
    assert any(named.format(**words) in row for row in found[name]), found[name]


def test_every_check_has_a_planted_fault() -> None:
    assert {name for name, _, _ in FAULTS} == {check.name for check in run.OWN}


def test_a_registered_check_is_run_with_the_rest(world: World) -> None:
    before = checks.registered()
    try:
        checks.register(Check("extra", "Otra", "SELECT 1", "SELECT 'a', 'sobra'"))
        checks.register(Check("extra", "Otra", "SELECT 1", "SELECT 'b', 'falta'"))
        with world.connection.cursor() as cursor:
            extra = [check for check in run.checks() if check.name == "extra"]
            assert [result.rows for result in run.run(cursor, extra)] == [[("b", "falta")]]
    finally:
        world.connection.rollback()
        checks._registered[:] = before


def test_random_mixings_keep_every_origin_within_their_number(fresh_book: Book) -> None:
    """A hundred mixings of mixes, of amounts that divide nothing: the audit's bound holds on each origin."""
    book, chance = fresh_book, random.Random(20260601)
    lots = [book.produce(chance.randrange(10**6, 10**7), code=f"DEMO-{place:03}") for place in range(8)]
    left = dict.fromkeys(lots, 10**6)
    for _ in range(100):
        parents = chance.sample(list(left), 3)
        parts = [(lot, chance.randrange(1, max(2, left[lot] // 3))) for lot in parents if left[lot] > 3]
        if not parts:
            continue
        made = book.regroup(parts)
        for lot, amount in parts:
            left[lot] -= amount
        left[made] = sum(amount for _, amount in parts)
    with book.connection.cursor() as cursor:
        assert [(result.check.name, result.rows) for result in run.run(cursor, run.OWN) if result.wrong] == []
