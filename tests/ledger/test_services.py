"""What the writer stores, what the database refuses, and that waiting groups never sell twice."""

import threading
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from tests.ledger.book import NOON, YEAR, Book
from veta.kernel.ids import uuid7
from veta.ledger import queries, services
from veta.ledger.domain.accounts import BOUNDARY_KINDS, Balance, boundary_id, quota_id, right
from veta.ledger.domain.batch import LedgerBatch, NewAccount, NewEntry, NewLot, NewQuota, NewSuspension
from veta.ledger.domain.origin import Origin


def balance(book: Book, account: UUID) -> Balance:
    with book.connection.transaction(), book.connection.cursor() as cursor:
        return services.lock(cursor, [account])[account]


def test_a_production_uses_the_right_and_makes_a_lot(book: Book) -> None:
    quota = book.quota(1_000)
    lot = book.produce(400, quota=quota)
    assert balance(book, quota) == Balance(1_000, 400, 0, right("oro"), "quota", None)
    assert balance(book, quota).free == 600
    assert balance(book, lot) == Balance(400, 0, 0, "oro", "lot", book.holder)
    row = book.lot(lot)
    assert (row.origin, row.occurred_at, row.fineness, row.suspensions) == (
        Origin("title", code="DEMO-001").id,
        NOON,
        920_500,
        (),
    )


def test_a_quota_takes_no_more_than_it_holds(book: Book) -> None:
    quota = book.quota(1_000)
    book.produce(1_000, quota=quota)
    with pytest.raises(errors.CheckViolation, match="ledger_account_not_over_released"):
        book.produce(1, quota=quota)
    assert balance(book, quota).released == 1_000


def test_what_is_held_cannot_be_released(book: Book) -> None:
    lot, batch = book.produce(10), LedgerBatch()
    batch.add(lot, held=7)
    book.write(batch)
    book.sell(lot, 3)
    with pytest.raises(errors.CheckViolation):
        book.sell(lot, 1)


def test_a_group_is_written_whole_or_not_at_all(book: Book) -> None:
    lot, batch = book.produce(10), LedgerBatch()
    taken = NewAccount(lot, "oro", "lot", book.holder, 5, 0, 0)
    batch.accounts.append(taken)
    batch.entries.append(NewEntry(uuid7(), 0, batch.boundary("extraction", "oro"), lot, "oro", 5))
    with pytest.raises(errors.UniqueViolation):
        book.write(batch)
    assert balance(book, lot).received == 10


def test_an_unlocked_stranger_is_refused(book: Book) -> None:
    batch = LedgerBatch()
    batch.add(uuid7(), received=1)
    with pytest.raises(services.LedgerConflict):
        book.write(batch)


def test_an_entry_cannot_turn_one_commodity_into_another(book: Book) -> None:
    lot, batch = book.produce(10), LedgerBatch()
    batch.entries.append(NewEntry(uuid7(), 0, lot, batch.boundary("export", "plata"), "plata", 1))
    with pytest.raises(errors.ForeignKeyViolation, match="ledger_entry_source_fk"):
        book.write(batch)


@pytest.mark.parametrize(
    ("amount", "same"), [(0, False), (-1, False), (1, True)], ids=["nothing", "less than nothing", "to itself"]
)
def test_an_entry_moves_something_elsewhere(amount: int, same: bool, book: Book) -> None:
    lot, batch = book.produce(10), LedgerBatch()
    source = lot if same else batch.boundary("extraction", "oro")
    batch.entries.append(NewEntry(uuid7(), 0, source, lot, "oro", amount))
    with pytest.raises(errors.CheckViolation):
        book.write(batch)


@pytest.mark.parametrize("kind", BOUNDARY_KINDS)
def test_a_boundary_account_carries_no_integers(kind: str, book: Book) -> None:
    batch = LedgerBatch()
    account = batch.boundary(kind, "oro")  # type: ignore[arg-type]
    book.write(batch)
    assert account == boundary_id(kind, "oro")  # type: ignore[arg-type]
    assert balance(book, account).free == 0
    batch.add(account, received=1)
    with pytest.raises(errors.CheckViolation, match="ledger_account_kind"):
        book.write(batch)


def test_a_boundary_rolled_back_is_made_again(book: Book) -> None:
    batch = LedgerBatch()
    batch.boundary("loss", "plata")
    with book.connection.transaction(force_rollback=True), book.connection.cursor() as cursor:
        services.write(cursor, batch)
        services.write(cursor, batch)
    book.write(batch)
    assert balance(book, boundary_id("loss", "plata")).kind == "loss"
    book.write(batch)
    assert boundary_id("loss", "plata") in services._known_boundaries[book.connection]


@pytest.mark.parametrize(
    ("origins", "weights", "total"),
    [
        ([1, 2], [3, 4], 8),
        ([1, 2], [7], 7),
        ([1], [0], 0),
        ([1, 2], [8, -1], 7),
        ([], [], 0),
        ([1, 2], [7, None], 7),
    ],
)
def test_weights_sum_to_their_total_in_the_database_too(
    origins: list[int], weights: list[int | None], total: int, shared: psycopg.Connection
) -> None:
    row = (uuid7(), [UUID(int=number) for number in origins], weights, total)
    with pytest.raises(errors.CheckViolation):
        shared.execute("INSERT INTO ledger_composition (id, origins, weights, total) VALUES (%s, %s, %s, %s)", row)


def test_equal_mixes_share_one_row(book: Book) -> None:
    one, other = book.produce(30), book.produce(10, code="DEMO-002")
    first, second = book.regroup([(one, 10), (other, 5)]), book.regroup([(one, 10), (other, 5)])
    assert book.lot(first).composition == book.lot(second).composition
    query = "SELECT count(*) FROM ledger_composition WHERE id = %s"
    assert book.connection.execute(query, (book.lot(first).composition,)).fetchall() == [(1,)]


def test_a_quota_row_is_made_once(book: Book) -> None:
    account = book.quota(5)
    with book.connection.transaction(), book.connection.cursor() as cursor:
        cursor.execute("SELECT subject FROM ledger_quota WHERE account = %s", (account,))
        (subject,) = cursor.fetchone() or ()
        again = NewQuota(account, subject, "title_year", "oro", *YEAR, "another source")
        services.ensure_quotas(cursor, [again, again])
        services.ensure_quotas(cursor, [])
    assert account == quota_id(basis="title_year", subject=subject, quota_group="oro", period_start=YEAR[0])
    rows = book.connection.execute("SELECT source FROM ledger_quota WHERE account = %s", (account,)).fetchall()
    assert rows == [("PTO 1",)]


def test_open_suspensions_are_read_and_a_lift_closes_its_act_only(book: Book) -> None:
    lot, acts, batch = book.produce(10), sorted([uuid7(), uuid7()]), LedgerBatch()
    batch.suspensions = [NewSuspension(act, lot) for act in acts]
    book.write(batch)
    assert book.lot(lot).suspensions == tuple(acts)
    book.connection.execute("INSERT INTO ledger_suspension_lift (act, movement) VALUES (%s, %s)", (acts[0], uuid7()))
    assert book.lot(lot).suspensions == (acts[1],)


def test_nothing_is_read_of_nothing(book: Book) -> None:
    with book.connection.cursor() as cursor:
        assert services.lock(cursor, []) == {}
        assert services.lock(cursor, [uuid7()]) == {}
        for read in (queries.lots, queries.compositions, queries.origins):
            assert read(cursor, []) == {}
            assert read(cursor, [uuid7()]) == {}
        assert queries.children(cursor, []) == []
        assert queries.origins_of(cursor, uuid7()) is None


def test_a_lot_has_an_origin_or_a_composition(book: Book) -> None:
    batch, lot = LedgerBatch(), uuid7()
    batch.accounts.append(NewAccount(lot, "oro", "lot", book.holder, 1, 0, 0))
    batch.lots.append(NewLot(lot, "oro", None, None, "accredited", None, None, uuid7(), NOON, None, None, None))
    with pytest.raises(errors.CheckViolation, match="origin_or_composition"):
        book.write(batch)


def test_of_many_at_once_one_sells_the_lot(book: Book) -> None:
    """Sixteen wait for one lot, each for all of it: the lock is taken before the decision, so one wins."""
    lot, gate, won = book.produce(10), threading.Barrier(16), []

    def attempt() -> None:
        with psycopg.connect(book.connection.info.dsn, autocommit=True) as connection:
            other = Book(connection)
            row = other.lot(lot)
            gate.wait()
            with connection.transaction(), connection.cursor() as cursor:
                if services.lock(cursor, [lot])[lot].free >= 10:
                    batch = LedgerBatch()
                    target = batch.boundary("consumption", row.commodity)
                    batch.entries.append(NewEntry(uuid7(), 0, lot, target, row.commodity, 10))
                    batch.add(lot, released=10)
                    services.write(cursor, batch)
                    won.append(1)

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]
    assert balance(book, lot).free == 0
