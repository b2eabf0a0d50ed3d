"""Token buckets: the burst, the refill, and that one operator never spends another's."""

import threading
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.operators.services.limits import DEFAULT, Limits, Rate

A, B = UUID(int=1), UUID(int=2)


def buckets(rate: Rate) -> tuple[Limits, list[float]]:
    clock = [100.0]
    return Limits(dict.fromkeys(DEFAULT, rate), clock=lambda: clock[0]), clock


@pytest.mark.parametrize(
    ("waited", "answer"),
    [(0, 2), (0.5, 2), (1.0, 1), (1.5, 1), (1.99, 1), (2.0, 0), (3.0, 0)],
)
def test_after_the_burst(waited: float, answer: int) -> None:
    limits, clock = buckets(Rate(0.5, 3))
    assert [limits.retry_after(A, "read") for _ in range(3)] == [0, 0, 0]
    clock[0] += waited
    assert limits.retry_after(A, "read") == answer


def test_operators_and_classes_do_not_share() -> None:
    limits, _ = buckets(Rate(1, 1))
    assert limits.retry_after(A, "read") == 0
    assert limits.retry_after(A, "read") == 1
    assert limits.retry_after(B, "read") == 0
    assert limits.retry_after(A, "movements") == 0


@given(st.lists(st.floats(0, 3), max_size=60))
def test_never_more_than_rate_and_burst(waits: list[float]) -> None:
    limits, clock = buckets(Rate(2, 5))
    allowed = 0
    for wait in waits:
        clock[0] += wait
        allowed += limits.retry_after(A, "read") == 0
    assert allowed <= 5 + 2 * sum(waits) + 1e-6


def test_threads_share_one_bucket() -> None:
    limits, _ = buckets(Rate(1, 1000))
    allowed: list[int] = []

    def call() -> None:
        allowed.extend(limits.retry_after(A, "read") == 0 for _ in range(400))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 1000
