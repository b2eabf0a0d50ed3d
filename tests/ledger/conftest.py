"""Connections to a database of the test's own, as the application and as the owner, and a small ledger to write."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.ledger.book import Book
from veta.config.postgres.cluster import OWNER, SUPERUSER


@pytest.fixture
def app(fresh_database: Any) -> Iterator[psycopg.Connection[Any]]:
    """The application's role."""
    with psycopg.connect(fresh_database.dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def owner(fresh_database: Any) -> Iterator[psycopg.Connection[Any]]:
    """The role that owns the tables."""
    with psycopg.connect(fresh_database.dsn, user=OWNER) as connection:
        yield connection


@pytest.fixture
def superuser(fresh_database: Any) -> Iterator[psycopg.Connection[Any]]:
    """The hand that can switch off what the tables refuse: it plants the faults."""
    with psycopg.connect(fresh_database.dsn, user=SUPERUSER) as connection:
        yield connection


@pytest.fixture
def fresh_book(app: psycopg.Connection[Any]) -> Book:
    """An empty ledger of the test's own."""
    return Book(app)


@pytest.fixture(scope="module")
def shared(cluster: Any, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection[Any]]:
    """One database for a module, as the application: for tests that look only at rows of their own making."""
    name = f"test_{os.getpid()}_{request.path.stem}"
    dsn = cluster.clone(name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection
    cluster.drop(name)


@pytest.fixture
def book(shared: psycopg.Connection[Any]) -> Book:
    """The shorthand to write in the module's ledger, for a holder of the test's own."""
    return Book(shared)
