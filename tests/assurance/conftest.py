"""What the trials take as given: a hub in this process and its clock under the test's hand, or real hubs in homes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.assurance.running import Home
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


@pytest.fixture(scope="session")
def built_home(new_home: Callable[[], Path]) -> Home:
    """A home with its world, and six operators who speak for everybody in it; never opened, only copied."""
    return Home(new_home()).build(operators=6)


@pytest.fixture
def home(built_home: Home, new_home: Callable[[], Path]) -> Home:
    """A copy of the built home, of one trial's own."""
    return built_home.copy_to(new_home())
