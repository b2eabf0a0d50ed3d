"""Connections to a database of the test's own, as the application and as the owner, and a small ledger to write."""

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
def book(app: psycopg.Connection[Any]) -> Book:
    """An empty ledger and the shorthand to write in it."""
    return Book(app)
