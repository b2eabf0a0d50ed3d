"""Who verifies: nothing is wrong with what was written, and every alteration of what is stored is found and named."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.certificates.trade import Trade
from tests.transparency.logs import publish
from veta.certificates.services import withdraw
from veta.config.postgres.cluster import SUPERUSER
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.storage.keys import key_of
from veta.transparency.verifier import database
from veta.transparency.verifier.report import Report
from veta.transparency.verifier.rows import LOGGED


class Altered:
    """A published log with movements of every sort, under a superuser's hand."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn, self.folder = dsn, folder
        self.admin = psycopg.connect(dsn, user=SUPERUSER)
        self.size = self.admin.execute("SELECT size FROM transparency_head").fetchall()[0][0]

    def verify(self, items_key: bytes | None = b"") -> list[str]:
        """What is wrong, with what was changed on this very session and not committed."""
        report = Report()
        key = key_of("items") if items_key == b"" else items_key
        database.check(self.admin, report, directory=self.folder, items_key=key)
        self.looked = report.looked
        return [f"{fault.check} {fault.record}: {fault.what}" for fault in report.faults]

    def alter(self, query: str, *given: Any) -> int:
        self.admin.rollback()
        self.admin.execute("SET LOCAL session_replication_role = replica")
        return self.admin.execute(query, given or None).rowcount  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def altered(module_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Altered]:
    folder = tmp_path_factory.mktemp("log")
    trade = Trade.open()
    world = trade.world
    first, second = world.production(), world.production("50.000")
    world.send(first, second)
    publish(module_database.dsn, folder, world)
    offered, confirmed = world.sale(first["lot"], "40.000"), world.sale(first["lot"], "10.000")
    refused, rejected = world.sale(second["lot"], "50.000"), world.sale(second["lot"], "51.000")
    world.send(offered, confirmed, refused, rejected)
    world.answer(confirmed["id"], "confirm")
    world.answer(refused["id"], "refuse")
    for _ in range(6):
        world.send(*(world.production("0.500") for _ in range(10)))
    live_of_certificates(trade)
    publish(module_database.dsn, folder, world)
    made = Altered(module_database.dsn, folder)
    yield made
    made.admin.close()


def live_of_certificates(trade: Trade) -> None:
    """One certificate used by an export, one withdrawn, one replaced: 8 movements."""
    bar = trade.dore()
    used = trade.certify(bar, amount=90_000)
    trade.accepted(trade.export(trade.sell(bar, "50.000", seller="plant", buyer="exporter"), "40.000", used.token))
    gone = trade.certify(bar, amount=1_000)
    withdraw(gone.id, operator=trade.world.operator, reason="Error.", clock=FixedClock(trade.world.now))
    trade.certify(bar, amount=3_000, replaces=trade.certify(bar, amount=2_000).id)


@pytest.fixture(autouse=True)
def undone(altered: Altered) -> Iterator[None]:
    yield
    altered.admin.rollback()


def test_nothing_is_wrong_with_what_was_written(altered: Altered) -> None:
    assert altered.verify() == []
    looked = altered.looked
    assert looked["verdicts"] == looked["written"] == 76
    assert looked["certificates"] == 4
    assert min(looked[check] for check in ("acts", "receipts", "tree", "checkpoints", "index", "tiles")) > 1
    assert looked["acts"] > 60


def test_the_verifiers_list_of_logged_tables_is_the_triggers(altered: Altered) -> None:
    query = """
        SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger WHERE tgname = 'logged'
    """
    assert {row[0]: row[1].removesuffix("\\000") for row in altered.admin.execute(query)} == LOGGED


# Everything in these that is evidence; what is only bookkeeping (xid, when it was numbered or signed) is not.
COLUMNS = {
    "movements_movement": ("kind", "operator", "occurred_at", "received_at", "digest", "author", "place_in_request"),
    "movements_verdict": ("status", "body", "facts", "group", "position", "movement_id"),
    "movements_rawitem": ("key_seed", "salt", "ciphertext", "movement_id"),
    "movements_pending": ("author", "counterparty", "confirm_by"),
    "movements_pendingend": ("outcome", "step"),
    "ledger_entry": ("amount", "source", "target", "movement", "commodity"),
    "ledger_lot": ("origin", "occurred_at", "accreditation"),
    "transparency_group": ("leaves", "root", "signature", "size", "received_at", "key_id"),
    "transparency_log_group": ("first_index", "size"),
    "transparency_checkpoint": ("root", "note", "size"),
    "transparency_sealed_rows": ("digests", "salt", "position"),
    "transparency_sealed_act": ("position",),
    "transparency_act_salt": ("salt",),
    "transparency_act": ("key", "relation", "recorded_at"),
    "transparency_head": ("size", "root"),
    "transparency_leaf_index": ("prefix", "index"),
    "registry_titleversion": ("status", "valid_from", "minerals", "recorded_by", "act", "title_id"),
    "registry_worksplanline": ("amount", "year_start", "mineral"),
    "registry_registrationversion": ("status", "valid_from", "producer_class"),
    "registry_actordocument": ("number_encrypted", "actor_id", "type"),
    "operators_hubkey": ("public_key",),
    "certificates_certificate": ("id", "issuer", "number", "lot", "amount", "token", "status_index", "operator", "item",
        "document", "body_digest", "signature", "issued_at", "group", "salt"),
    "certificates_seal": ("code", "credential", "key_id", "certificate_id"),
    "certificates_use": ("certificate", "movement", "amount", "at"),
    "certificates_ending": ("certificate_id", "reason", "at"),
}  # fmt: skip


def one_bit(altered: Altered, chance: random.Random) -> str:
    """Flip one bit of one stored value; what it was of."""
    while True:
        table = chance.choice(list(COLUMNS))
        column = chance.choice(COLUMNS[table])
        cell = sql.SQL("SELECT ctid::text, {c}, pg_typeof({c})::text FROM {t} WHERE {c} IS NOT NULL ORDER BY ctid")
        rows = altered.admin.execute(cell.format(c=sql.Identifier(column), t=sql.Identifier(table))).fetchall()
        if rows:
            place, value, kind = chance.choice(rows)
            change = sql.SQL("UPDATE {t} SET {c} = %s::{k} WHERE ctid = %s::tid").format(
                t=sql.Identifier(table), c=sql.Identifier(column), k=sql.SQL(kind)
            )
            altered.admin.execute("SET LOCAL session_replication_role = replica")
            altered.admin.execute("SAVEPOINT flip")
            try:
                altered.admin.execute(change, (flipped(value, chance), place))
            except psycopg.Error:  # a CHECK, a key or a type refuses this one
                altered.admin.execute("ROLLBACK TO flip")
                continue
            return f"{table}.{column} {place}"


def flipped(value: Any, chance: random.Random) -> Any:
    from datetime import date, timedelta
    from uuid import UUID

    if isinstance(value, bytes | memoryview):
        changed = bytearray(value)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    if isinstance(value, UUID):
        return UUID(int=value.int ^ (1 << chance.randrange(128)))
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(8))
    if isinstance(value, list):
        return [flipped(value[0], chance), *value[1:]]
    if isinstance(value, date):
        return value + timedelta(days=1 << chance.randrange(4))
    place = chance.randrange(len(value))
    return value[:place] + chr(ord(value[place]) ^ (1 << chance.randrange(4))) + value[place + 1 :]


def found_every_bit(altered: Altered, *, seed: int, count: int) -> list[str]:
    """The alterations that were not found."""
    chance, missed = random.Random(seed), []
    for _ in range(count):
        what = one_bit(altered, chance)
        if not altered.verify():
            missed.append(what)
        altered.admin.rollback()
    return missed


def test_single_bits_of_stored_values_are_found(altered: Altered) -> None:
    assert found_every_bit(altered, seed=5, count=25) == []


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(8))
def test_two_hundred_bits_of_stored_values_are_found(altered: Altered, seed: int) -> None:
    assert found_every_bit(altered, seed=seed, count=25) == []


DELETED = [
    ("movements_movement", "su movimiento no existe"),
    ("movements_verdict", "lo que esa hoja registró ya no está"),
    ("movements_rawitem", "ningún acto las borró"),
    ("ledger_entry", "sus filas (movimiento, asientos"),
    ("transparency_group", "tienen número y su grupo no existe"),
    ("transparency_log_group", ""),
    ("transparency_checkpoint", "sigue a"),
    ("transparency_sealed_rows", "lo que esa hoja registró ya no está"),
    ("transparency_sealed_act", "lo que esa hoja registró ya no está"),
    ("transparency_act_salt", "falta su sal"),
    ("transparency_act", "no entró por un acto"),
    ("transparency_leaf_index", "falta en el índice"),
    ("registry_titleversion", "la fila ya no existe y ningún acto la borró"),
    ("registry_actordocument", "la fila ya no existe y ningún acto la borró"),
    ("operators_hubkey", "la fila ya no existe"),
    ("certificates_certificate", "certificates_certificate"),
    ("certificates_certificate", "lo que esa hoja registró ya no está"),
    ("certificates_seal", "certificates_seal"),
    ("certificates_use", "certificates_use"),
    ("certificates_ending", "certificates_ending"),
]


@pytest.mark.parametrize(("table", "said"), DELETED)
def test_one_row_deleted_is_named(altered: Altered, table: str, said: str) -> None:
    assert altered.alter(f"DELETE FROM {table} WHERE ctid = (SELECT min(ctid) FROM {table})") == 1
    faults = altered.verify()
    altered.admin.rollback()
    assert any(said in fault for fault in faults), faults


COPIED = (
    "INSERT INTO certificates_certificate SELECT (jsonb_populate_record(c, jsonb_build_object({}))).* FROM "
    "certificates_certificate AS c LIMIT 1"
)
CHANGES = {
    "two verdicts changed places": (
        "UPDATE movements_verdict AS v SET position = 1 - position WHERE v.group = (SELECT min(v.group) FROM "
        "movements_verdict AS v)",
        "no dan su hoja",
    ),
    "two groups changed numbers": (
        "UPDATE transparency_log_group SET group_id = -1 WHERE group_id = {a}; UPDATE transparency_log_group SET "
        "group_id = {a} WHERE group_id = {b}; UPDATE transparency_log_group SET group_id = {b} WHERE group_id = -1",
        "las entradas guardadas no dan su raíz",
    ),
    "the last checkpoints cut off": ("DELETE FROM transparency_checkpoint WHERE size = (SELECT max(size) FROM "
        "transparency_checkpoint)", "el último punto de control es de"),
    "the log cut off at its end": ("DELETE FROM transparency_log_group WHERE first_index = (SELECT max(first_index) "
        "FROM transparency_log_group)", "las entradas guardadas no dan su raíz"),
    "a table emptied": ("TRUNCATE ledger_entry CASCADE", "sus filas (movimiento, asientos"),
    "an entry slipped in": ("INSERT INTO ledger_entry SELECT movement, 9, source, target, commodity, 1 FROM "
        "ledger_entry LIMIT 1", "sus filas (movimiento, asientos"),
    "an entry of nobody": ("INSERT INTO ledger_entry SELECT '{stranger}', seq, source, target, commodity, 1 FROM "
        "ledger_entry LIMIT 1", "sin veredicto que las pida"),
    "a movement slipped in": ("INSERT INTO movements_movement SELECT '{stranger}', kind, operator, subject, author, "
        "counterparty, occurred_at, received_at, digest, request, place_in_request FROM movements_movement LIMIT 1",
        "hay filas suyas en movements_movement"),
    "a capacity slipped in, without its act": (
        "INSERT INTO registry_worksplanline SELECT (jsonb_populate_record(l, jsonb_build_object('id', '{stranger}', "
        "'year_start', '2040-01-01'))).* FROM registry_worksplanline AS l LIMIT 1",
        "no entró por un acto",
    ),
    "a capacity raised, consistently": ("UPDATE registry_worksplanline SET amount = amount + 1",
        "la fila o su sal no son las que se registraron"),
    "an entry and both of its accounts": (
        "WITH e AS (UPDATE ledger_entry SET amount = amount + 7 WHERE (movement, seq) = (SELECT movement, seq FROM "
        "ledger_entry JOIN ledger_account AS a ON a.id = source JOIN ledger_account AS b ON b.id = target WHERE "
        "a.kind = 'lot' AND b.kind = 'lot' LIMIT 1) RETURNING source, target), s AS (UPDATE ledger_account AS a SET "
        "released = released + 7 FROM e WHERE a.id = e.source) UPDATE ledger_account AS a SET received = received + 7 "
        "FROM e WHERE a.id = e.target", "sus filas (movimiento, asientos"),
    "a certificate slipped in, without its leaf": (COPIED.format("'id', '{stranger}', 'token', 'A', 'group', 0, "
        "'number', 99, 'status_index', 99"), "no tiene hoja en el registro"),
    "a certificate slipped in, without its act": (COPIED.format("'id', '{stranger}', 'token', 'A', 'group', 0, "
        "'number', 99, 'status_index', 99"), "esa fila no entró por un acto"),
    "a certificate of another lot": ("UPDATE certificates_certificate SET lot = '{stranger}'",
        "sus columnas no son lo que dice su documento"),
    "a certificate's quantity, in what decides": ("UPDATE certificates_certificate SET amount = amount + 1",
        "sus columnas no son lo que dice su documento"),
    "a certificate's words": ("UPDATE certificates_certificate SET document = convert_to(replace(convert_from("
        "document, 'UTF8'), '\"DEMO plant', '\"Otra planta'), 'UTF8')",
        "lo que dice, su sal o su solicitud no dan su hoja"),
    "a token changed for another": ("UPDATE certificates_certificate SET token = reverse(token)",
        "certificates_certificate"),
    "a withdrawal taken back": ("DELETE FROM certificates_ending WHERE kind = 'withdrawn'",
        "la fila ya no existe y ningún acto la borró"),
    "a withdrawal slipped in": ("INSERT INTO certificates_ending SELECT certificate, 'withdrawn', 'Error.', NULL, "
        "NULL, at FROM certificates_use", "certificates_ending"),
    "less used than was": ("UPDATE certificates_use SET amount = amount - 1", "la fila o su sal no son las que"),
    "a use forgotten": ("DELETE FROM certificates_use", "la fila ya no existe y ningún acto la borró"),
    "signed again": ("UPDATE certificates_seal SET code = code || 'A'", "la fila o su sal no son las que"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_reordered_cut_or_slipped_in_is_named(altered: Altered, name: str) -> None:
    query, said = CHANGES[name]
    a, b = (
        row[0] for row in altered.admin.execute("SELECT group_id FROM transparency_log_group WHERE size = 10 LIMIT 2")
    )
    assert altered.alter(query.format(stranger=uuid7(), a=a, b=b)) != 0
    faults = altered.verify()
    altered.admin.rollback()
    assert any(said in fault for fault in faults), faults


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_file_altered_cut_or_removed_is_named(altered: Altered) -> None:
    chance = random.Random(3)
    for path in files(altered.folder):
        kept, place = path.read_bytes(), path.relative_to(altered.folder).as_posix()
        older = not place.endswith((f"p/{altered.size % 256}", "checkpoint")) and ".p/" in place
        changes = [flipped(kept, chance), kept[:-1], kept + b"x"]
        # What was kept of a tile while it was narrower may go: the wider one begins with it.
        for changed in changes if older else [*changes, None]:
            path.write_bytes(changed) if changed is not None else path.unlink()
            faults = altered.verify(items_key=None)
            path.write_bytes(kept)
            assert any(place in fault for fault in faults), (place, faults)


def test_a_verifier_that_reads_the_roots_from_the_same_table_misses_it(
    altered: Altered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of T14: believe the stored root of each group, and an altered leaf of it passes there."""
    from veta.transparency.verifier import merkle

    query = "UPDATE transparency_group SET leaves = set_byte(leaves, 3, get_byte(leaves, 3) # 1) WHERE id = "
    query += "(SELECT min(id) FROM transparency_group)"
    altered.alter(query)
    assert any("sus hojas no dan la raíz" in fault for fault in altered.verify())
    roots = {bytes(leaves): bytes(root) for leaves, root in
             altered.admin.execute("SELECT leaves, root FROM transparency_group")}  # fmt: skip
    right = merkle.mth

    def believing(leaves: Any) -> bytes:
        kept = list(leaves)
        for stored, root in roots.items():
            if kept == [merkle.of_entry(stored[at : at + 32]) for at in range(0, len(stored), 32)]:
                return root
        return right(kept)

    monkeypatch.setattr(merkle, "mth", believing)
    assert not any("sus hojas no dan la raíz" in fault for fault in altered.verify())
    altered.admin.rollback()


@pytest.mark.parametrize(
    "value",
    [
        {"b": [1, {"ñ": 'á\n\x1f\\"/', "a": None}], "a": True, "": -(2**53) + 1},
        {"\U0001f600": 1, "\uffff": 2, "€": "\U0001f600"},
        {"1": {"f": {"f": "hi", "F": 5}, "\n": 56}, "10": {}, "": "empty", "111": [{"e": "yes", "E": "no"}]},
    ],
)
def test_the_quick_canonical_form_is_the_librarys(value: Any) -> None:
    import rfc8785

    from veta.transparency.verifier.words import canonical

    assert canonical(value) == rfc8785.dumps(value)
