"""What the trials over the API take as given: a hub in this process, and its clock under the test's hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.hub.country import Hub
from veta.kernel.clock import SystemClock
from veta.movements.committer import close_committer
from veta.operators.keyring import forget


@pytest.fixture(scope="module")
def hub(module_database: Any) -> Iterator[Hub]:
    """Two operators with keys and a small registry, for a module's trials."""
    forget()
    yield Hub.build()
    close_committer()
    forget()


@dataclass
class HubClock:
    """How far the hub's clock stands from the machine's."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HubClock:
    """The hub's clock, moved from outside: every edge asks `SystemClock` at each request."""
    stepped = HubClock()
    monkeypatch.setattr(SystemClock, "now", lambda self: stepped.now())
    return stepped
