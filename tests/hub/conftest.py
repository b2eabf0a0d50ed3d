"""A hub with two operators and a small registry, for all the tests of a module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hub.country import Hub
from veta.movements.committer import close_committer
from veta.operators.keyring import forget


@pytest.fixture(scope="module")
def hub(module_database: Any) -> Iterator[Hub]:
    """Two operators with keys, and a registry in which only the first has mandates."""
    forget()
    yield Hub.build()
    close_committer()
    forget()


def told(response: Any) -> Any:
    """What an answer says."""
    return json.loads(response.content)
