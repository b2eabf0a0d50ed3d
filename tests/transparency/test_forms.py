"""What a digest of rows tells apart: every text, whatever it holds; and that those of before are still verified.

A digest's first two forms were texts with a separator between columns. What was sealed so stays as it is.
"""

import os
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.movements.test_road_and_intake import intake
from tests.movements.world import World
from tests.transparency import second
from tests.transparency.logs import publish
from veta.config.postgres.cluster import SUPERUSER
from veta.movements.written import row_digests
from veta.storage.keys import key_of
from veta.transparency import sequencer, services
from veta.transparency.domain import receipt_message
from veta.transparency.verifier.database import check
from veta.transparency.verifier.forms import COLUMNS, DIGESTS
from veta.transparency.verifier.report import Report

# What an intake with its papers writes: its lines, as docs/log.md says.
WRITTEN = {
    "M": "SELECT id, kind, operator, subject, author, counterparty, occurred_at, received_at, digest, request,"
         " place_in_request FROM movements_movement WHERE id = %(m)s",
    "V": 'SELECT status, facts, "group", position FROM movements_verdict WHERE movement_id = %(m)s',
    "E": "SELECT movement, seq, source, target, commodity, amount FROM ledger_entry WHERE movement = %(m)s",
    "L": "SELECT account, mineral, origin, composition, accreditation, municipality, facility, movement, occurred_at,"
         " fineness, grade, processed_by FROM ledger_lot WHERE movement = %(m)s",
    "A": "SELECT id, commodity, kind, holder FROM ledger_account"
         " WHERE id IN (SELECT target FROM ledger_entry WHERE movement = %(m)s)",
    "Q": "SELECT account, subject, basis, quota_group, period_start, period_end, source FROM ledger_quota"
         " WHERE account IN (SELECT target FROM ledger_entry WHERE movement = %(m)s)",
    "N": "SELECT origin, type, number, movement FROM movements_papernumber WHERE movement = %(m)s",
}  # fmt: skip
# Whoever owns the database may have told it any of these.
SETTINGS = {
    "DateStyle": "SQL, DMY", "TimeZone": "Asia/Tokyo", "bytea_output": "escape", "client_encoding": "LATIN1",
    "IntervalStyle": "iso_8601", "extra_float_digits": "0",
}  # fmt: skip


@dataclass
class Store:
    """Two intakes, one sealed as before and one as now, under a superuser's hand."""

    admin: psycopg.Connection[Any]
    folder: Path
    before: tuple[str, int]  # movement and group
    now: tuple[str, int]

    def faults(self) -> list[str]:
        report = Report()
        check(self.admin, report, directory=self.folder, items_key=key_of("items"))
        return [f"{fault.record}: {fault.what}" for fault in report.faults]

    def texts(self, movement: str) -> bytes:
        """The digest of before, from its definition; with no care of what the texts hold."""
        self.admin.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex'")
        lines = []
        for letter, query in WRITTEN.items():
            lines += [second.text_line(letter, *row) for row in self._rows(query, movement, binary=False)]
        return sha256(b"\n".join(sorted(lines))).digest()

    def rows(self, movement: str) -> bytes:
        """The digest of now, from its definition: what comes over the wire."""
        lines = []
        for letter, query in WRITTEN.items():
            rows = self._rows(query, movement, binary=True)
            lines += [second.binary_line(letter, *row) for row in rows]
        return sha256(b"".join(sorted(lines))).digest()

    def _rows(self, query: str, movement: str, *, binary: bool) -> Iterator[list[Any]]:
        result = self.admin.execute(query, {"m": movement}, binary=binary).pgresult  # type: ignore[arg-type]
        assert result is not None
        for row in range(result.ntuples):
            values = [result.get_value(row, column) for column in range(result.nfields)]
            if binary:
                yield [(result.ftype(column), value) for column, value in enumerate(values)]
            else:
                yield [None if value is None else value.decode() for value in values]

    def again(self, group: int, form: int) -> bytes:
        """The verifier's digest."""
        self.admin.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; SET LOCAL bytea_output = 'hex'")
        ((_, _, digest),) = self.admin.execute(DIGESTS[form], ([group],)).fetchall()  # type: ignore[arg-type]
        return bytes(digest)

    def writers(self, group: int) -> bytes:
        with self.admin.cursor() as cursor:
            return row_digests(cursor, [group])[group]

    def alter(self, query: str, *given: Any) -> None:
        self.admin.execute("SET LOCAL session_replication_role = replica")
        assert self.admin.execute(query, given).rowcount == 1  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def store(module_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("log")
    world = World().build(both=False)
    with psycopg.connect(module_database.dsn, user=SUPERUSER) as admin:
        for name, value in SETTINGS.items():
            admin.execute(f"ALTER DATABASE {module_database.name} SET {name} = '{value}'")  # type: ignore[arg-type]
    with psycopg.connect(module_database.dsn, user=SUPERUSER, client_encoding="UTF8") as admin:
        made = Store(admin, folder, sent(admin, world, "CO-1"), ("", 0))
        seal_as_before(made, world)
        made.now = sent(admin, world, "CO-Ñ")
        publish(module_database.dsn, folder, world)
        assert admin.execute("SELECT array_agg(form ORDER BY of_id) FROM transparency_sealed_rows").fetchall() == [
            ([2, 3],)
        ]
        admin.commit()
        yield made


def sent(admin: psycopg.Connection[Any], world: World, number: str) -> tuple[str, int]:
    """An intake of two papers; its id and its group."""
    papers = [{"type": "origin_certificate", "number": each, "issued_on": "2026-10-01"}
              for each in (number, f"{number}-B")]  # fmt: skip
    movement = intake(world, evidence=papers)
    (result,) = world.send(movement)
    assert result["verdict"]["status"] == "accepted", result
    query = 'SELECT "group" FROM movements_verdict WHERE movement_id = %s'
    (group,) = admin.execute(query, (movement["id"],)).fetchall()[0]
    admin.commit()
    return movement["id"], group


def seal_as_before(store: Store, world: World) -> None:
    """Seal the first group in the second form, as the hub did."""
    sequencer.number_pending(store.admin)
    movement, of = store.before
    digest, salt = store.texts(movement), os.urandom(16)
    document = f'{{"digests":"{b64encode(digest).decode()}","group":"{of}"}}'.encode()
    leaf = sha256(b"veta-rows-v2" + salt + document).digest()
    root = second.root([leaf])
    with store.admin.cursor() as cursor:
        number = services.next_group_id(cursor)
        signature = world.signer.sign(receipt_message(root))
        now = datetime.now(UTC)
        services.record(cursor, services.NewGroup(number, now, 1, leaf, root, signature, world.signer.key_id))
        cursor.execute("INSERT INTO transparency_sealed_group (group_id) VALUES (%s)", (number,))
        cursor.execute(
            "INSERT INTO transparency_sealed_rows (of_id, form, digests, salt, group_id, position)"
            " VALUES (%s, 2, %s, %s, %s, 0)", (of, digest, salt, number),
        )  # fmt: skip
    store.admin.commit()


@pytest.fixture(autouse=True)
def undone(store: Store) -> Iterator[None]:
    yield
    store.admin.rollback()


def test_what_was_sealed_before_and_what_is_sealed_now_verify_whatever_the_database_was_told(store: Store) -> None:
    assert store.faults() == []
    assert store.again(store.before[1], 2) == store.texts(store.before[0])
    movement, group = store.now
    assert store.writers(group) == store.again(group, 3) == store.rows(movement)


@pytest.mark.parametrize("when", ["before", "now"])
def test_a_row_that_was_altered_is_named_in_either_form(store: Store, when: str) -> None:
    movement = getattr(store, when)[0]
    store.alter("UPDATE movements_papernumber SET number = 'CO-9' WHERE movement = %s AND number !~ 'B$'", movement)
    assert [fault for fault in store.faults() if movement in fault and "no son las que se escribieron" in fault]


@pytest.mark.parametrize("when", ["before", "now"])
def test_two_papers_made_one_that_reads_as_both_are_named_in_either_form(store: Store, when: str) -> None:
    """What the separator let pass: the same bytes of fewer rows, and a number that is free again."""
    movement = getattr(store, when)[0]
    was = store.texts(movement)
    query = "SELECT origin::text, type, number FROM movements_papernumber WHERE movement = %s ORDER BY number"
    (origin, kind, first), (_, _, other) = store.admin.execute(query, (movement,)).fetchall()
    both = f"{first}\x1f{movement}\nN\x1f{origin}\x1f{kind}\x1f{other}"
    store.alter("DELETE FROM movements_papernumber WHERE movement = %s AND number = %s", movement, other)
    store.alter("UPDATE movements_papernumber SET number = %s WHERE movement = %s", both, movement)
    assert store.texts(movement) == was
    assert [fault for fault in store.faults() if movement in fault]


TEXTS = st.text(
    st.sampled_from('\x1f\n∅ab\\"\x01\x7fñ🪙') | st.characters(codec="utf-8", exclude_characters="\0"), max_size=6
)


@settings(max_examples=25)
@given(texts=st.tuples(TEXTS, TEXTS, st.none() | TEXTS), moved=st.tuples(TEXTS, TEXTS, st.none() | TEXTS))
def test_no_two_texts_have_one_digest(store: Store, texts: Any, moved: Any) -> None:
    movement, group = store.now
    digests = []
    for kind, number, facility in (texts, moved):
        put(store, kind, number, facility)
        digests.append(store.writers(group))
        assert digests[-1] == store.again(group, 3) == store.rows(movement)
        store.admin.rollback()
    assert (digests[0] == digests[1]) == (texts == moved)


ONE_TEXT = [
    (("a\x1fb", "c", None), ("a", "b\x1fc", None)),
    (("a", "b", None), ("a", "b", "∅")),
    (("\x1f", "", None), ("", "\x1f", "∅")),
]


@pytest.mark.parametrize("pair", ONE_TEXT)
def test_texts_that_read_as_one_before_do_not_now(store: Store, pair: Any) -> None:
    movement, group = store.now
    before, now = set(), set()
    for texts in pair:
        put(store, *texts)
        before.add(store.texts(movement))
        now |= {(store.writers(group), store.again(group, 3))}
        store.admin.rollback()
    assert (len(before), len(now)) == (1, 2)


def put(store: Store, kind: str, number: str, facility: str | None) -> None:
    movement = store.now[0]
    paper = "UPDATE movements_papernumber SET type = %s, number = %s WHERE movement = %s AND number !~ 'B$'"
    store.alter(paper, kind, number, movement)
    store.alter("UPDATE ledger_lot SET facility = %s WHERE movement = %s", facility, movement)


# A column's type is part of what was sealed: who changes one casts it back to this in form 3, in writer and verifier.
TYPES = {
    "M": "movements_movement m: uuid text uuid uuid uuid uuid timestamptz timestamptz bytea uuid integer",
    "V": "movements_verdict v: text bytea bigint integer",
    "W": "movements_pending p: text uuid uuid timestamptz timestamptz text uuid",
    "O": "movements_pendingline o: smallint uuid bigint uuid",
    "X": "movements_pendingend x: uuid uuid text",
    "E": "ledger_entry e: uuid smallint uuid uuid text bigint",
    "L": "ledger_lot l: uuid text uuid uuid text text text uuid timestamptz integer text uuid",
    "P": "ledger_lot_parent f: uuid uuid uuid",
    "A": "ledger_account a: uuid text text uuid",
    "Q": "ledger_quota q: uuid uuid text text date date text",
    "S": "ledger_lot_suspension s: uuid uuid",
    "N": "movements_papernumber n: uuid text text uuid",
    "K": "registry_assertedconsent k: uuid uuid uuid uuid timestamptz",
    "C": "registry_consentrequest c: uuid varchar uuid uuid uuid varchar bigint numeric varchar bytea timestamptz"
         " timestamptz",
    "R": "operators_signedrequest r: uuid uuid text text text text bytea bytea bytea timestamptz",
}  # fmt: skip


def test_columns_keep_the_types_that_they_were_sealed_with(store: Store) -> None:
    found = {}
    for letter, columns in COLUMNS.items():
        table = TYPES[letter].partition(":")[0]
        kinds = ", ".join(f"pg_typeof({column})" for column in columns)
        query = f"SELECT concat_ws(' ', {kinds}) FROM (SELECT 1) AS one LEFT JOIN {table} ON true LIMIT 1"
        (types,) = store.admin.execute(query).fetchall()[0]  # type: ignore[arg-type]
        types = types.replace("timestamp with time zone", "timestamptz").replace("character varying", "varchar")
        found[letter] = f"{table}: {types}"
    assert found == TYPES
