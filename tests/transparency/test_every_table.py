"""T14 over the whole database: every table and column, altered by a superuser, is named or is known to prove nothing.

`veta log verify --database` names what has a leaf; `veta ledger audit` what follows from the entries. A table that
neither covers stands in `NOTHING` with its reason, as in ADR 0068, and a new one fails here until somebody decides.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import psycopg
import psycopg.types.json
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from tests.certificates.trade import Trade
from tests.movements.test_acts import act
from tests.movements.test_group import Heard
from tests.movements.test_road_and_intake import dispatch, intake, receipt
from tests.transparency.logs import publish
from tests.transparency.test_verifier import flipped, live_of_certificates
from veta.config.postgres.cluster import SUPERUSER
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.ledger.audit import run as audit
from veta.movements.domain.submission import Signed
from veta.registry.queries import Contact
from veta.registry.services.actors import record_contact
from veta.registry.services.consents import ConsentAsked, request_consent
from veta.storage.keys import key_of
from veta.transparency import keys
from veta.transparency.domain.notes import COSIGNATURE, Signer, parse_note
from veta.transparency.verifier import log, rows, written
from veta.transparency.verifier.database import check
from veta.transparency.verifier.report import Report
from veta.transparency.verifier.rows import LOGGED

ROOT = Path(__file__).parents[2]
# The log itself, which test_verifier.py alters; and the rows of movements, each by its letter in a digest or its leaf.
OF_THE_LOG = {
    "transparency_group", "transparency_log_group", "transparency_checkpoint", "transparency_cosignature",
    "transparency_head", "transparency_leaf_index", "transparency_act", "transparency_act_salt",
    "transparency_sealed_act", "transparency_sealed_group", "transparency_sealed_rows",
}  # fmt: skip
OF_A_MOVEMENT = {
    "movements_movement", "movements_verdict", "movements_rawitem", "movements_pending", "movements_pendingline",
    "movements_pendingend", "movements_papernumber", "ledger_entry", "ledger_lot", "ledger_lot_parent",
    "ledger_account", "ledger_quota", "ledger_lot_suspension", "registry_assertedconsent", "registry_consentuse",
    "registry_consentrequest", "operators_signedrequest",
}  # fmt: skip
AUDITED = {
    "ledger_origin", "ledger_composition", "certificates_cover", "certificates_balance", "certificates_series",
}  # fmt: skip
# Only rows that something rests on: an account or quota that nothing was posted to, a consent that served no movement
# and what was altered of them change no result.
RESTED_ON = {
    "ledger_account": "t.id IN (SELECT target FROM ledger_entry)",
    "ledger_quota": "t.account IN (SELECT target FROM ledger_entry)",
    "registry_consentrequest": "t.id IN (SELECT consent_id FROM registry_consentuse)",
    "registry_consentuse": "t.used_by IN (SELECT id FROM movements_movement)",
    "certificates_cover": "t.lot IN (SELECT lot FROM certificates_certificate)",
}
# Why the log need not cover these: what is altered here changes nothing that was proved.
NOTHING = {
    "account_emailaddress": "sign-in: a library's, changes by nature",
    "account_emailconfirmation": "sign-in: a library's, changes by nature",
    "auth_group": "unused: roles are acts (veta_site_roleproposal)",
    "auth_group_permissions": "unused: roles are acts (veta_site_roleproposal)",
    "auth_permission": "unused: roles are acts (veta_site_roleproposal)",
    "calls_calldocument": "bytes under their own SHA-256, which the call's events (acts) name",
    "calls_callcredential": "sealed until the firm opens it; its digest is in an event (an act)",
    "calls_callquestion": "a stranger's words until they are answered: question and answer are then an event (an act)",
    "calls_callperson": "who represents a firm, sealed: the documents that say so are named in events",
    "calls_callcontacts": "whom a firm is written to by, sealed: an event names the row and the hash of what is sealed",
    "calls_callreceipt": "the hub's signatures, which verify or do not",
    "calls_callrunline": "each line has the hash of the one before; the last one's is in an event (an act)",
    "calls_clocksetting": "the clock of a simulation, which no real call has",
    "calls_operatorcall": "a code: what a call is, its events say",
    "calls_simulateddatabase": "that a database is a simulation",
    "django_content_type": "names of models, for libraries",
    "django_migrations": "which migrations ran",
    "django_session": "who is signed in now",
    "mfa_authenticator": "second factors: a library's, change by nature",
    "miner_answer": "a person's words, sealed; a leaf would tell when they spoke",
    "miner_followup": "what was done about them, sealed; a leaf would tell when they spoke",
    "miner_link": "links that lapse in days, then are forgotten",
    "movements_label": "what verdicts say, by its code: made again from them",
    "movements_noticed": "how far messages were sent",
    "movements_tallied": "how far the counts of the desk go",
    "movements_tally": "counts of movements and verdicts: made again from them",
    "node_*": "the operator's own deployment, whose records it signs to the hub",
    "operators_nonce": "nonces until they expire; a repeat of an id has no effect without them",
    "operators_noncefloor": "before when signatures are refused; a repeat of an id has no effect without it",
    "operators_webhookcall": "what was tried; the feed carries the same",
    "procrastinate_events": "background work",
    "procrastinate_jobs": "background work",
    "procrastinate_periodic_defers": "background work",
    "procrastinate_workers": "background work",
    "registry_cardattempt": "wrong PINs, counted to lock a card",
    "registry_consentcheck": "wrong codes, counted to end a request",
    "registry_importfile": "a file until its decision: its digest is an act (registry_importproposal)",
    "registry_importedrow": "which rows of a public file were read: the file's digest is an act (registry_importrun)",
    "registry_municipality": "codes alone: what is known of each is an act (registry_municipalityversion)",
    "royalties_reported": "a public file's rows: its digest is an act (royalties_reportedrun)",
    "veta_site_cache": "counts of tries",
    "veta_site_user": "accounts: password, name and state change by nature; what an account may do is an act",
    "registry_consentuse.recorded_at": "when it served is its movement's instant",
    "registry_consentrequest.latch": "held to one value by CHECK",
    "transparency_head.id": "held to one value by CHECK",
    "transparency_group.xid": "order of commits, to number what waits",
    "transparency_log_group.numbered_at": "when it was numbered",
    "transparency_checkpoint.signed_at": "when it was kept: the witnesses' signatures say when",
    "transparency_cosignature.received_at": "when it was kept: the signature says when",
    "transparency_head.published": "which checkpoint is served: another is refused by who saw this one",
    "transparency_act.xid": "order of commits, to seal what waits",
    "transparency_sealed_group.group_id": "which groups hold no movement: what a leaf stands for is checked without it",
}


def test_every_table_is_covered_or_known_to_prove_nothing(altered: "Everything") -> None:
    without = [table for table in altered.tables if any(fnmatchcase(table, name) for name in NOTHING)]
    known = [*LOGGED, *OF_THE_LOG, *OF_A_MOVEMENT, *AUDITED, *without]
    assert " ".join(sorted(altered.tables.keys() - set(known))) == "", (
        "write here, or in the verifier, how each is covered"
    )
    assert sorted(known) == sorted(altered.tables), "a table in two lists, or in none"


def test_the_decision_names_what_proves_nothing() -> None:
    said = (ROOT / "docs/adr/0068-acts-and-rows-are-sealed-afterwards.md").read_text()
    assert [name for name in NOTHING if name not in said] == []


@dataclass
class Everything:
    """A published log with every sort of row, under a superuser's hand."""

    admin: psycopg.Connection[Any]
    folder: Path
    tables: dict[str, dict[str, str]]  # columns of each table, with their types
    found: log.Log
    before: set[tuple[str, str, str]] = field(default_factory=set)

    def alter(self, table: str, column: str) -> None:
        """Change one cell, whatever guards it."""
        names = {"t": sql.Identifier(table), "c": sql.Identifier(column), "k": sql.SQL(self.tables[table][column])}
        where = sql.SQL("WHERE " + RESTED_ON.get(table, "true"))
        cell = sql.SQL("SELECT t.ctid::text, t.{c} FROM {t} AS t {w} ORDER BY t.{c} IS NULL, t.ctid LIMIT 1")
        found = self.admin.execute(cell.format(**names, w=where)).fetchall()
        assert found, f"no row of {table} to alter"
        place, value = found[0]
        value = other(value) if value is not None else made_of(self.tables[table][column])
        self.admin.execute("SET LOCAL session_replication_role = replica")
        change = sql.SQL("UPDATE {t} SET {c} = %s::{k} WHERE ctid = %s::tid").format(**names)
        assert self.admin.execute(change, (value, place)).rowcount == 1

    def acts(self) -> set[str]:
        """The tables of which an act's row is named."""
        report = Report()
        self._utc()
        rows.check_acts(self.admin, rows.Claimed(self.found), report)
        return {fault.record.partition(" ")[0] for fault in report.faults}

    def movements(self) -> list[str]:
        """What is wrong with the rows of movements."""
        report, claimed = Report(), rows.Claimed(self.found)
        self._utc()
        rows.check_verdicts(self.admin, self.found, claimed, key_of("items"), report)
        written.check_written(self.admin, self.found, claimed, report)
        return [str(fault) for fault in report.faults]

    def whole(self) -> list[str]:
        report = Report()
        check(self.admin, report, directory=self.folder, items_key=key_of("items"))
        return [str(fault) for fault in report.faults]

    def audited(self) -> set[tuple[str, str, str]]:
        """What the ledger's audit names: check, row, what of it."""
        with self.admin.cursor() as cursor:
            results = list(audit.run(cursor, audit.checks(), shown=100))
        return {(result.check.name, *row) for result in results for row in result.rows}

    def _utc(self) -> None:
        self.admin.execute("SET LOCAL TimeZone = 'UTC'")


def other(value: Any) -> Any:
    """Another value of the same type, a bit or a step away."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, dict):
        return psycopg.types.json.Jsonb({**value, "x": 1})
    if isinstance(value, list) and not value:
        return ["x"]
    if isinstance(value, int):
        return value + 3001
    if not isinstance(value, str):
        return flipped(value, random.Random(1))
    return "x" if value == "" else value[:-1] + ("y" if value[-1] == "x" else "x")


def made_of(kind: str) -> Any:
    """A value of a type."""
    values = {
        "uuid": uuid7(), "boolean": True, "jsonb": psycopg.types.json.Jsonb({"a": 1}), "bytea": b"x" * 32,
        "date": "2026-11-10", "timestamp with time zone": "2026-11-10T10:00:00Z",
    }  # fmt: skip
    if kind.endswith("[]"):
        return []
    return values.get(kind, 1 if re.match("integer|bigint|smallint|numeric", kind) else "x")


TABLES = """
SELECT relname, (SELECT jsonb_object_agg(attname, format_type(atttypid, NULL)) FROM pg_attribute
    WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '')
FROM pg_class AS c WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""
IDENTITIES = "SELECT attrelid::regclass::text, attname FROM pg_attribute WHERE attidentity = 'a'"
CHECKS = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"


@pytest.fixture(scope="module")
def altered(module_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    folder = tmp_path_factory.mktemp("log")
    trade = Trade.open()
    a_bit_of_everything(trade)
    publish(module_database.dsn, folder, trade.world)
    keys.rotate()
    keys.retire(keys.every_key()[0])
    with psycopg.connect(module_database.dsn, user=SUPERUSER) as admin:
        tables = dict(admin.execute(TABLES).fetchall())
        for table, name in admin.execute(CHECKS).fetchall():
            admin.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.SQL(table), sql.Identifier(name)))
        for table, name in admin.execute(IDENTITIES).fetchall():
            admin.execute(sql.SQL("ALTER TABLE {} ALTER {} DROP IDENTITY").format(sql.SQL(table), sql.Identifier(name)))
        a_row_in_each(admin, tables)
        admin.commit()
        publish(module_database.dsn, folder, trade.world)
        a_cosignature(admin)
        made = Everything(admin, folder, tables, log.read_log(admin, Report()))
        admin.commit()
        assert made.whole() + made.movements() == []
        assert made.acts() == set()
        made.before = made.audited()  # of the rows without sense in empty tables
        admin.rollback()
        yield made


@pytest.fixture(autouse=True)
def undone(altered: Everything) -> Iterator[None]:
    yield
    altered.admin.rollback()


def a_bit_of_everything(trade: Trade) -> None:
    """Movements that write every sort of row, each verdict sealed in a group of its own."""
    world = trade.world
    for lot in (world.production(), world.production("50.000")):
        world.send(lot)
        offered, confirmed = world.sale(lot["lot"], "4.000"), world.sale(lot["lot"], "1.000")
        world.send(offered, confirmed)
        world.answer(confirmed["id"], "confirm")
    sent = dispatch(world, lot["lot"], "5.000")
    world.send(sent)
    # What arrives of a suspended load is suspended too, from its first day.
    act(world, "suspension", lots=[lot["lot"]])
    world.send(receipt(world, sent, "5.000"), intake(world), world.purchase("1.000"))
    world.send(world.purchase("2.000", consent=consent_of_the_miner(trade)))
    live_of_certificates(trade)
    signed = world.submission(world.production("0.500"), world.production("0.500"))
    signed.signed = Signed(
        uuid7(), "key-1", "n" * 16, datetime.now(UTC) + timedelta(minutes=5), "POST", "/x", "i", b"s" * 64, b"d" * 32,
        b"\0",
    )  # fmt: skip
    world.run(signed)


def consent_of_the_miner(trade: Trade) -> dict[str, str]:
    world, heard = trade.world, Heard()
    record_contact(world.actors["miner"], Contact("sms", "+573001112233"), by="oficial-1", source="prueba")
    asked = ConsentAsked(
        purpose="sale", party=world.actors["miner"], operator=world.operator, counterparty=world.actors["trader"],
        mineral="oro", amount=10_000,
    )  # fmt: skip
    consent = request_consent(asked, port=heard, clock=FixedClock(world.now))
    return {"id": str(consent.id), "code": re.findall(r"\d{6}", heard[0][1])[0]}


def a_row_in_each(admin: psycopg.Connection[Any], tables: dict[str, dict[str, str]]) -> None:
    """A row of the right types in each table of acts that has none, noted as any other."""
    admin.execute("SET LOCAL session_replication_role = replica")
    for table in LOGGED:
        if admin.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone() is not None:
            continue
        columns = tables[table]
        admin.execute(sql.SQL("ALTER TABLE {} ENABLE ALWAYS TRIGGER logged").format(sql.Identifier(table)))
        admin.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join([sql.SQL("%s::" + kind) for kind in columns.values()]),
            ),
            [made_of(kind) for kind in columns.values()],
        )  # fmt: skip


def a_cosignature(admin: psycopg.Connection[Any]) -> None:
    """A witness's, of the first checkpoint that is not of nothing."""
    query = "SELECT size, note FROM transparency_checkpoint WHERE size > 0 ORDER BY size LIMIT 1"
    size, note = admin.execute(query).fetchall()[0]
    witness = Signer("testigo.example", Ed25519PrivateKey.generate(), COSIGNATURE)
    line = witness.line(parse_note(note).text, at=1_800_000_000)
    given = (size, witness.verifier.vkey, line)
    admin.execute("INSERT INTO transparency_cosignature (checkpoint_id, witness, line) VALUES (%s, %s, %s)", given)
    admin.commit()


def test_every_column_of_every_act_is_named(altered: Everything) -> None:
    """In each round one column of every table at once: a row is named by its own act, whatever befell the others."""
    missed, rounds = [], max(len(altered.tables[table]) for table in LOGGED)
    for turn in range(rounds):
        chosen = {table: sorted(altered.tables[table])[turn:][:1] for table in LOGGED}
        for table, columns in chosen.items():
            for column in columns:
                altered.alter(table, column)
        named = altered.acts()
        altered.admin.rollback()
        missed += [f"{table}.{columns[0]}" for table, columns in chosen.items() if columns and table not in named]
    assert missed == []


def test_the_text_of_what_an_act_says_is_not_what_it_says(altered: Everything) -> None:
    """JSON that would read the same in a leaf: the text of an object in the object's place."""
    chosen = {table: column for table in LOGGED for column, kind in altered.tables[table].items() if kind == "jsonb"}
    altered.admin.execute("SET LOCAL session_replication_role = replica")
    for table, column in chosen.items():
        change = sql.SQL("UPDATE {t} SET {c} = to_jsonb({c}::text)")
        assert altered.admin.execute(change.format(t=sql.Identifier(table), c=sql.Identifier(column))).rowcount
    assert chosen.keys() - altered.acts() == set()


def cells(altered: Everything, tables: set[str]) -> list[tuple[str, str]]:
    return [
        (table, column) for table in sorted(tables) for column in sorted(altered.tables[table])
        if f"{table}.{column}" not in NOTHING
    ]  # fmt: skip


def unnoticed(altered: Everything, chosen: list[tuple[str, str]]) -> list[str]:
    """The cells whose change neither the verifier nor the audit names."""
    missed = []
    for table, column in chosen:
        altered.alter(table, column)
        named = altered.whole() if table in OF_THE_LOG else altered.movements() if table in OF_A_MOVEMENT else []
        if not named and not altered.audited() - altered.before:
            missed.append(f"{table}.{column}")
        altered.admin.rollback()
    return missed


def test_columns_of_movements_and_of_what_follows_from_them_are_named(altered: Everything) -> None:
    every = cells(altered, OF_A_MOVEMENT | AUDITED)
    assert unnoticed(altered, random.Random(4).sample(every, 40)) == []


@pytest.mark.chaos
def test_every_column_of_every_table_is_named(altered: Everything) -> None:
    every = cells(altered, OF_A_MOVEMENT | AUDITED | OF_THE_LOG)
    assert " ".join(unnoticed(altered, every)) == ""
    print(f"T14: {len(every)} columns of {len(OF_A_MOVEMENT | AUDITED | OF_THE_LOG)} tables, 0 unnoticed")


SLIPPED_IN = {
    "ledger_lot_suspension": ("act",), "movements_papernumber": ("movement", "number"),
    "registry_assertedconsent": ("movement",),
}  # fmt: skip


@pytest.mark.parametrize("table", SLIPPED_IN)
def test_a_row_slipped_in_or_taken_out_is_named(altered: Everything, table: str) -> None:
    altered.admin.execute("SET LOCAL session_replication_role = replica")
    changed = dict.fromkeys(SLIPPED_IN[table], str(uuid7()))
    copied = f"INSERT INTO {table} SELECT (jsonb_populate_record(t, %s)).* FROM {table} AS t LIMIT 1"
    altered.admin.execute(copied, (psycopg.types.json.Jsonb(changed),))  # type: ignore[arg-type]
    assert altered.movements() != []
    altered.admin.rollback()
    altered.admin.execute("SET LOCAL session_replication_role = replica")
    altered.admin.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]
    assert altered.movements() != []
