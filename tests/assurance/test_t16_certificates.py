"""T16: no certificate in the wild that the hub does not know, none over the same grams twice, none shown twice, and no
text of a QR that hangs or breaks whoever reads it. Vectors and second implementations: `tests/certificates`."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import thread_time
from typing import Any
from uuid import UUID

import cbor2
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, connection, transaction

from tests.assurance.record import seed_of_run, trial
from tests.certificates.trade import Trade
from tests.conftest import Cluster, FreshDatabase
from veta.certificates.domain import base45
from veta.certificates.domain.code import CodeRefused, read_code
from veta.certificates.domain.token import text_of
from veta.certificates.queries import by_token, states, unsealed
from veta.certificates.services import Issue, Refused, issue, seal, seal_pending, withdraw
from veta.config.postgres.cluster import SUPERUSER
from veta.kernel.clock import FixedClock
from veta.ledger.audit.run import checks, run
from veta.movements.queries import stored
from veta.operators.services.hub_keys import HubSigner
from veta.storage.connection import plain_cursor

AT_ONCE = 8
WITHIN_SECONDS = 0.050
FUZZED = [1_000, pytest.param(100_000, marks=pytest.mark.chaos)]
ROUNDS = [3, pytest.param(1_000, marks=pytest.mark.chaos)]


@pytest.fixture(scope="module")
def trade(module_database: FreshDatabase) -> Trade:
    return Trade.open()


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run tasks at the same instant, each with a connection of its own; what each gave, or the error it met."""
    gate = threading.Barrier(len(tasks))

    def one(task: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait()
            return task()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(one, tasks))


def sound() -> list[str]:
    return [f"{r.check.name}: {r.rows}" for r in run(plain_cursor(), checks()) if r.wrong]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_the_last_grams_are_certified_once(trade: Trade, rounds: int) -> None:
    seed, clock, signer = seed_of_run(), FixedClock(trade.world.now), trade.world.signer
    with trial("T16 b last grams", n=rounds * AT_ONCE, seed=seed) as figures:
        winners: Counter[int] = Counter()
        for _ in range(rounds):
            lot = trade.coal("10.000")["lot"]
            asked = [trade.asked(lot, amount=6_000) for _ in range(AT_ONCE)]
            got = at_once([lambda each=each: issue(each, clock=clock, signer=signer) for each in asked])
            winners[sum(not isinstance(each, str) for each in got)] += 1
            assert {each for each in got if isinstance(each, str)} == {"CER-004"}
        figures |= {"winners": dict(winners)}
        assert winners == {1: rounds}
        assert sound() == []


@pytest.mark.parametrize("rounds", ROUNDS)
def test_shown_twice_at_once_it_serves_one_export(trade: Trade, rounds: int) -> None:
    with trial("T16 d shown twice", n=rounds * AT_ONCE, seed=seed_of_run()) as figures:
        winners: Counter[int] = Counter()
        bar = trade.dore()
        for _ in range(rounds):
            found = trade.certify(bar, amount=10)
            # Each from a lot of its own: nothing but the certificate's row makes one wait for the other.
            parts = [trade.sell(bar, "0.012", seller="plant", buyer="exporter") for _ in range(AT_ONCE)]
            asked = [trade.export(part, "0.010", found.token) for part in parts]
            got = at_once([lambda each=each: trade.world.send(each)[0]["verdict"] for each in asked])
            winners[sum(verdict["status"] == "accepted" for verdict in got)] += 1
            refusals = {f["code"] for v in got for f in v["findings"] if f["severity"] == "blocking"}
            assert refusals == {"EXP-004"}
        figures |= {"winners": dict(winners)}
        assert winners == {1: rounds}
        assert sound() == []


class Journal:
    """An Ed25519 key that keeps, outside the database, all that it was asked to sign: what may be in the wild."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private, self.signed = private, []

    def sign(self, message: bytes) -> bytes:
        self.signed.append(message)
        return self._private.sign(message)

    def public_key(self) -> Any:
        return self._private.public_key()

    def in_the_wild(self) -> list[str]:
        """The tokens of the codes that were signed."""
        codes = [cbor2.loads(message) for message in self.signed if message.startswith(b"\x84jSignature1")]
        return [text_of(cbor2.loads(code[3])[7]) for code in codes]


def journalled(trade: Trade) -> tuple[HubSigner, Journal]:
    journal = Journal(trade.world.signer.private)
    return HubSigner(trade.world.signer.key_id, journal), journal  # type: ignore[arg-type]


# Each statement of an issue, and its commit, in their order; then the seal.
STEPS = (
    ("INSERT", "certificates_cover"), ("UPDATE", "certificates_cover"), ("INSERT", "certificates_series"),
    ("UPDATE", "certificates_series"), ("INSERT", "transparency_group"), ("INSERT", "certificates_certificate"),
    ("INSERT", "transparency_act"), ("INSERT", "certificates_balance"), ("COMMIT", "certificates_certificate"),
    ("INSERT", "certificates_seal"),
)  # fmt: skip
REPEATED = [1, pytest.param(100, marks=pytest.mark.chaos)]


@contextmanager
def failing(cluster: Cluster, database: str, act: str, table: str) -> Iterator[None]:
    """Storage refuses a statement on a table, or to commit what was inserted into it, as a full disk would."""
    trigger = f"TRIGGER full_disk BEFORE {act} ON {table} FOR EACH STATEMENT"
    if act == "COMMIT":
        trigger = f"CONSTRAINT TRIGGER full_disk AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    with psycopg.connect(cluster.dsn, user=SUPERUSER, dbname=database, autocommit=True) as admin:
        admin.execute(
            "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$"
        )
        admin.execute(f"CREATE {trigger} EXECUTE FUNCTION full_disk()")
        try:
            yield
        finally:
            admin.execute(f"DROP TRIGGER full_disk ON {table}")


def as_it_is(asked: Issue, trade: Trade, signer: HubSigner) -> None:
    issue(asked, clock=FixedClock(trade.world.now), signer=signer)
    seal(asked.id, signer=signer)


def signed_first(asked: Issue, trade: Trade, signer: HubSigner) -> None:
    """The planted fault: the code is signed before its intent is committed."""
    with transaction.atomic():
        as_it_is(asked, trade, signer)


@dataclass
class Left:
    """What storage that failed left behind: codes signed that no committed intent knows, by step; and those known."""

    orphans: Counter[str]
    known: list[str]


def left_behind(
    way: Callable[[Issue, Trade, HubSigner], None], trade: Trade, cluster: Cluster, database: str, *, rounds: int
) -> Left:
    """Storage fails at each step in turn, so many times."""
    left = Left(Counter(), [])
    for act, table in STEPS * rounds:
        signer, journal = journalled(trade)
        asked = trade.asked(trade.coal("10.000")["lot"])
        with failing(cluster, database, act, table), suppress(psycopg.Error, DatabaseError):
            way(asked, trade, signer)
            pytest.fail(f"{act} {table} did not fail")
        signed = journal.in_the_wild()
        left.known += [token for token in signed if by_token(token)]
        left.orphans[f"{act} {table}"] += sum(by_token(token) is None for token in signed)
    return left


def revoked(trade: Trade, token: str) -> bool:
    """Whether a code that is in the wild, and whose seal was lost, can be found and withdrawn for everybody."""
    found, clock = by_token(token), FixedClock(trade.world.now)
    assert found is not None
    withdraw(found.id, operator=trade.world.operator, reason="Se perdió el papel.", clock=clock)
    return states()[0].get(found.status_index) == 1


@pytest.mark.parametrize("rounds", REPEATED)
def test_whatever_fails_to_be_stored_nothing_signed_is_unknown(
    trade: Trade, cluster: Cluster, module_database: FreshDatabase, rounds: int
) -> None:
    n = len(STEPS) * rounds
    seal_pending(signer=trade.world.signer)
    with trial("T16 b storage fails", n=n, seed=seed_of_run()) as figures:
        left = left_behind(as_it_is, trade, cluster, module_database.name, rounds=rounds)
        figures |= {"orphans": left.orphans.total(), "unsealed": len(unsealed())}
        assert left.orphans.total() == 0, left.orphans
        assert len(unsealed()) == len(left.known) == rounds, "what was signed and its seal not stored is found"
        half = left.known[: (rounds + 1) // 2]
        assert all(revoked(trade, token) for token in half)
        seal_pending(signer=trade.world.signer)
        assert unsealed() == []
        assert all(revoked(trade, token) for token in left.known[len(half) :])
        figures |= {"revoked": len(left.known)}
        assert sound() == []
    with trial("T16 control: sign before storing intent", n=n, seed=0) as figures:
        left = left_behind(signed_first, trade, cluster, module_database.name, rounds=rounds)
        figures |= {"orphans": left.orphans.total()}
        assert left.orphans.total() > 0, "the planted fault was not seen"
        assert sound() == []


USED_STEPS = (("UPDATE", "certificates_balance"), ("INSERT", "certificates_use"), ("COMMIT", "certificates_use"))
ENDED_STEPS = (("INSERT", "certificates_ending"), ("UPDATE", "certificates_cover"), ("COMMIT", "certificates_ending"))


def test_a_use_or_a_withdrawal_that_fails_leaves_the_certificate_as_it_was(
    trade: Trade, cluster: Cluster, module_database: FreshDatabase
) -> None:
    lot = trade.dore()
    found, clock = trade.certify(lot, amount=50_000), FixedClock(trade.world.now)
    exported = trade.sell(lot, "60.000", seller="plant", buyer="exporter")
    with trial("T16 b use and withdrawal fail", n=len(USED_STEPS + ENDED_STEPS), seed=seed_of_run()):
        for act, table in USED_STEPS:
            sent = trade.export(exported, "10.000", found.token)
            with failing(cluster, module_database.name, act, table), pytest.raises((psycopg.Error, DatabaseError)):
                trade.world.send(sent)
            assert by_token(found.token) == found, (act, table)
            assert stored(plain_cursor(), [UUID(sent["id"])]) == {}
        for act, table in ENDED_STEPS:
            with failing(cluster, module_database.name, act, table), pytest.raises((psycopg.Error, DatabaseError)):
                withdraw(found.id, operator=trade.world.operator, reason="Error.", clock=clock)
            assert by_token(found.token) == found, (act, table)
        trade.accepted(trade.export(exported, "10.000", found.token))
        assert sound() == []


def altered(rng: random.Random, text: str) -> str:
    """A text near a QR's: characters changed, cut, doubled, moved; its bytes changed under good base45; or noise."""
    way = rng.randrange(7)
    at, other = rng.randrange(len(text)), rng.randrange(len(text))
    if way == 0:
        return text[:at] + rng.choice(base45.ALPHABET) + text[at + 1 :]
    if way == 1:
        return text[: rng.randrange(len(text))]
    if way == 2:
        return text + text[at:]
    if way == 3:
        low, high = sorted((at, other))
        return text[:low] + text[high:] + text[low:high]
    if way == 4:
        return "".join(chr(rng.choice((0, 10, 48, 65, 0x661, 0xD7FF, 0x1F600))) for _ in range(rng.randrange(700)))
    data = bytearray(base45.decode(text.removeprefix("VETA1:")))
    if way == 5:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    else:  # nested and huge CBOR, of whatever length its head claims
        data[:] = rng.choice((b"\x9f", b"\x81" * 300, b"\xbf", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\xd2\x84"))
        data += rng.randbytes(rng.randrange(90))
    return "VETA1:" + base45.encode(bytes(data))


@pytest.mark.parametrize("n", FUZZED)
def test_no_altered_code_is_accepted_nor_hangs_its_reader(trade: Trade, n: int) -> None:
    seed = seed_of_run()
    rng = random.Random(seed)
    found = trade.certify(trade.coal("10.000")["lot"])
    assert found.code is not None
    keys = [trade.world.signer.private.public_key().public_bytes_raw()]
    reasons: Counter[str] = Counter()
    slowest = 0.0
    with trial("T16 c altered codes", n=n, seed=seed) as figures:
        for _ in range(n):
            text = altered(rng, found.code)
            started = thread_time()
            try:
                reasons["accepted" if read_code(text, keys) and text != found.code else "same"] += 1
            except CodeRefused as refused:
                reasons[refused.reason] += 1
            slowest = max(slowest, thread_time() - started)
        figures |= {"reasons": dict(reasons), "slowest_ms": round(slowest * 1000, 2)}
        assert reasons["accepted"] == 0, reasons
        assert slowest < WITHIN_SECONDS
        assert {"shape", "key"} <= set(reasons)
