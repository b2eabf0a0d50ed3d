"""A naive peer, written for the bench: a ledger as one PL/pgSQL call for each transfer.

It knows no law, no lots, no signatures and no log: it locks two accounts in order, checks the balance, adds an entry
and updates both, as ledgers in PL/pgSQL do. A movement of ours makes two or three such transfers and much else.
"""

from __future__ import annotations

import random
import threading
import time
from uuid import UUID

import psycopg

from bench.cpu import Used, used
from veta.config.postgres.cluster import OWNER
from veta.kernel.ids import uuid7

_ACCOUNTS = 1_000
_SCHEMA = """
DROP SCHEMA IF EXISTS peer CASCADE;
CREATE SCHEMA peer;
CREATE TABLE peer.account (id uuid PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0));
CREATE TABLE peer.entry (
    id uuid PRIMARY KEY, source uuid NOT NULL REFERENCES peer.account, target uuid NOT NULL REFERENCES peer.account,
    amount bigint NOT NULL CHECK (amount > 0), made_at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION peer.transfer(entry uuid, from_account uuid, to_account uuid, moved bigint) RETURNS void
LANGUAGE plpgsql AS $body$
DECLARE left_over bigint;
BEGIN
    PERFORM FROM peer.account WHERE id IN (from_account, to_account) ORDER BY id FOR UPDATE;
    SELECT balance INTO left_over FROM peer.account WHERE id = from_account;
    IF left_over < moved THEN RAISE EXCEPTION 'not enough'; END IF;
    INSERT INTO peer.entry (id, source, target, amount) VALUES (entry, from_account, to_account, moved);
    UPDATE peer.account SET balance = balance - moved WHERE id = from_account;
    UPDATE peer.account SET balance = balance + moved WHERE id = to_account;
END
$body$;
"""
_CALL = "SELECT peer.transfer(%s, %s, %s, 1)"


def make_peer(dsn: str) -> list[UUID]:
    """The peer's tables, function and accounts, in a schema of their own."""
    accounts = [uuid7() for _ in range(_ACCOUNTS)]
    with psycopg.connect(dsn, user=OWNER) as session:
        session.execute(_SCHEMA)
        with session.cursor().copy("COPY peer.account FROM STDIN") as copy:
            for account in accounts:
                copy.write_row((account, 10**12))
    return accounts


def in_batches(dsn: str, accounts: list[UUID], *, transfers: int, batch: int, database: int) -> tuple[int, Used]:
    """One connection, one call a transfer, `batch` calls to a commit, sent as a pipeline."""
    with psycopg.connect(dsn, user=OWNER) as session:
        session.prepare_threshold = 0
        cpu, before = time.process_time(), used(hub=None, database=database, client=0.0)
        for _ in range(transfers // batch):
            with session.pipeline():
                for _ in range(batch):
                    session.execute(_CALL, (uuid7(), *random.sample(accounts, 2)))
            session.commit()
        after = used(hub=None, database=database, client=time.process_time() - cpu)
    return transfers // batch * batch, after - before


def one_by_one(dsn: str, accounts: list[UUID], *, transfers: int, clients: int, database: int) -> tuple[int, Used]:
    """`clients` connections, each a commit for every transfer."""
    share = transfers // clients
    gate = threading.Barrier(clients + 1)

    def work() -> None:
        with psycopg.connect(dsn, user=OWNER, autocommit=True) as session:
            session.prepare_threshold = 0
            gate.wait()
            for _ in range(share):
                session.execute(_CALL, (uuid7(), *random.sample(accounts, 2)))
            gate.wait()

    workers = [threading.Thread(target=work) for _ in range(clients)]
    for worker in workers:
        worker.start()
    gate.wait()
    cpu, before = time.process_time(), used(hub=None, database=database, client=0.0)
    gate.wait()
    after = used(hub=None, database=database, client=time.process_time() - cpu)
    for worker in workers:
        worker.join()
    return share * clients, after - before
