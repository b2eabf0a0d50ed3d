"""T07, the ledger's part: any sequence of operations leaves the database as a plain model says, refusals included.

The writer is not told what fits: the constraints decide, and must decide as the model does. The audit ends each run.
"""

from collections import Counter
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg import errors

from tests.ledger.book import Book
from tests.ledger.model import Account, Model
from veta.ledger.audit import run
from veta.ledger.domain.batch import LedgerBatch
from veta.ledger.domain.origin import origin_id

CODES = ("DEMO-001", "DEMO-002", "DEMO-003")
SMALL = st.integers(1, 9)
AMOUNTS = st.integers(1, 60) | st.integers(1, 5_000)
PICK = st.integers(0, 10**6)
OPERATIONS = ("produce", "sell", "regroup", "export", "hold", "undo")


class Ranked(Model):
    def rank(self, code: str) -> int:
        return origin_id(kind="title", code=code).int


class Machine(RuleBasedStateMachine):
    """Runs each operation on both sides and compares what they answer and what they are left with."""

    book: Book
    outcomes: Counter[tuple[str, bool]]

    @initialize(granted=st.integers(1, 20_000))
    def open(self, granted: int) -> None:
        self.model, self.sales = Ranked(), {}
        self.quota = self.book.quota(granted)
        self.model.quotas["quota"] = Account(received=granted)
        self.touched: set[str] = set()

    @rule(code=st.sampled_from(CODES), amount=AMOUNTS)
    def produce(self, code: str, amount: int) -> None:
        lot = self._try(lambda: self.book.produce(amount, code=code, quota=self.quota))
        self._agree("produce", lot, self.model.produce(str(lot), code=code, amount=amount, quota="quota"))

    @precondition(lambda self: self.model.lots)
    @rule(pick=PICK, amount=AMOUNTS)
    def sell(self, pick: int, amount: int) -> None:
        lot = self._pick(pick)
        new = self._try(lambda: self.book.sell(UUID(lot), amount))
        self._agree("sell", new, self.model.sell(str(new), lot=lot, amount=amount), lot)
        if new is not None:
            self.sales[str(new)] = lot

    @precondition(lambda self: len(self.model.lots) > 1)
    @rule(
        picks=st.lists(PICK, min_size=2, max_size=4), amounts=st.lists(SMALL | SMALL | AMOUNTS, min_size=4, max_size=4)
    )
    def regroup(self, picks: list[int], amounts: list[int]) -> None:
        lots = list(dict.fromkeys(self._pick(pick) for pick in picks))
        parts = list(zip(lots, amounts, strict=False))
        new = self._try(lambda: self.book.regroup([(UUID(lot), amount) for lot, amount in parts]))
        self._agree("regroup", new, self.model.regroup(str(new), parts), *lots)
        if new is not None:
            self._same_weights(str(new))

    @precondition(lambda self: self.model.lots)
    @rule(pick=PICK, amount=AMOUNTS)
    def export(self, pick: int, amount: int) -> None:
        lot = self._pick(pick)
        done = self._try(lambda: self.book.export(UUID(lot), amount) or UUID(lot))
        self._agree("export", done, self.model.export(lot, amount), lot)

    @precondition(lambda self: self.model.lots)
    @rule(pick=PICK, amount=AMOUNTS | AMOUNTS.map(lambda amount: -amount))
    def hold(self, pick: int, amount: int) -> None:
        lot, batch = self._pick(pick), LedgerBatch()
        batch.add(UUID(lot), held=amount)
        done = self._try(lambda: self.book.write(batch) or UUID(lot))
        self._agree("hold", done, self.model.hold(lot, amount), lot)

    @precondition(lambda self: self.sales)
    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        new = list(self.sales)[pick % len(self.sales)]
        lot = self.sales[new]
        done = self._try(lambda: self.book.reverse(self.book.lot(UUID(new)).movement) or UUID(new))
        self._agree("undo", done, self.model.undo_sale(new, lot=lot), new, lot)
        if done is not None:
            del self.sales[new]

    @invariant()
    def same_balances(self) -> None:
        if not getattr(self, "touched", None):
            return
        expected = {name: self.model.lots[name] for name in self.touched} | {
            str(self.quota): self.model.quotas["quota"]
        }
        rows = self.book.connection.execute(
            "SELECT id::text, received, released, held FROM ledger_account WHERE id = ANY (%s)", (list(expected),)
        ).fetchall()
        assert {row[0]: row[1:] for row in rows} == {
            name: (account.received, account.released, account.held) for name, account in expected.items()
        }
        self.touched.clear()

    def _try(self, write: Any) -> UUID | None:
        try:
            done: UUID = write()
        except errors.CheckViolation:
            return None
        return done

    def _agree(self, operation: str, done: UUID | None, expected: bool, *lots: str) -> None:
        assert (done is not None) == expected, f"{operation}: the database {'did' if done else 'refused'}"
        self.outcomes[operation, expected] += 1
        self.touched.update(lots)
        if done is not None:
            self.touched.add(str(done))

    def _pick(self, pick: int) -> str:
        return list(self.model.lots)[pick % len(self.model.lots)]

    def _same_weights(self, lot: str) -> None:
        names = {origin_id(kind="title", code=code): code for code in CODES}
        rows = self.book.connection.execute(
            "SELECT c.origins, c.weights FROM ledger_lot AS l JOIN ledger_composition AS c ON c.id = l.composition "
            "WHERE l.account = %s",
            (lot,),
        ).fetchall()
        origins, weights = rows[0]
        assert {names[origin]: weight for origin, weight in zip(origins, weights, strict=True)} == (
            self.model.lots[lot].weights
        )


EVERY_PAIR = {(operation, outcome) for operation in OPERATIONS for outcome in (True, False)}


def _run(book: Book, *, runs: int, batches: int) -> None:
    """Batches of runs, each under its own seed, until every operation was seen done and refused; then the audit."""
    outcomes: Counter[tuple[str, bool]] = Counter()
    for number in range(batches):
        bound = seed(number)(type(f"Seed{number}", (Machine,), {"book": book, "outcomes": outcomes}))
        run_state_machine_as_test(
            bound,
            settings=settings(
                max_examples=runs,
                stateful_step_count=50,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                # Shrinking takes minutes on a real database; a failing run is told step by step as it is.
                phases=[Phase.generate],
            ),
        )
        if set(outcomes) == EVERY_PAIR:
            break
    with book.connection.cursor() as cursor:
        assert [(result.check.name, result.rows) for result in run.run(cursor, run.OWN) if result.wrong] == []
    assert set(outcomes) == EVERY_PAIR


def test_the_database_does_as_the_model(fresh_book: Book) -> None:
    _run(fresh_book, runs=20, batches=10)


@pytest.mark.chaos
def test_the_database_does_as_the_model_at_length(fresh_book: Book) -> None:
    _run(fresh_book, runs=2_000, batches=1)


def test_control_what_is_held_is_not_counted(fresh_book: Book, superuser: psycopg.Connection[Any]) -> None:
    """The planted fault of T07: a CHECK that forgets what is held lets the database do what the model refuses."""
    superuser.execute(
        "ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_not_over_released, "
        "ADD CHECK (received >= released AND held >= 0)"
    )
    superuser.commit()
    with pytest.raises(AssertionError, match="the database did"):
        _run(fresh_book, runs=20, batches=10)
