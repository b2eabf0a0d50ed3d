import time
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veta.kernel.clock import FixedClock, SystemClock
from veta.kernel.ids import uuid7, uuid_of


def test_uuid7_is_version_7_and_follows_the_milliseconds():
    before = time.time_ns() // 1_000_000
    ids = [uuid7() for _ in range(1000)]
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == 1000
    assert {(one.version, one.variant) for one in ids} == {(7, RFC_4122)}
    assert all(before <= one.int >> 80 <= after for one in ids)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\x1f", exclude_categories=["Cs"])), min_size=1))
def test_the_same_parts_give_the_same_id(parts):
    assert uuid_of(*parts) == uuid_of(*parts)
    assert (uuid_of(*parts).version, uuid_of(*parts).variant) == (8, RFC_4122)
    assert uuid_of(*parts) != uuid_of(*parts, "")


def test_parts_do_not_run_into_each_other():
    assert uuid_of("ab", "c") != uuid_of("a", "bc")
    assert str(uuid_of("lot", "1")) == "d244ccd7-bea6-847b-891e-eac535bef3e7"
    with pytest.raises(ValueError):
        uuid_of("a\x1fb", "c")


def test_clocks_say_aware_utc_instants():
    assert SystemClock().now().utcoffset() == timedelta(0)
    clock = FixedClock(datetime.fromisoformat("2026-05-31T23:00:00-05:00"))
    assert clock.now() == datetime(2026, 6, 1, 4, tzinfo=UTC)
    clock.advance(timedelta(days=-2))
    assert clock.now().day == 30
    with pytest.raises(ValueError):
        FixedClock(datetime(2026, 5, 31))  # noqa: DTZ001
