"""Columns that several tables of the registry share."""

from typing import Any, get_args

from django.db import models
from django.db.models.functions import Now

from veta.kernel.ids import uuid7


def key() -> "models.UUIDField[Any, Any]":
    """UUIDv7 primary key: rows of one time stand together in the index."""
    return models.UUIDField(primary_key=True, default=uuid7, editable=False)


def latch() -> "models.SmallIntegerField[Any, Any]":
    """A column that is always 0 (by CHECK): its update, granted, lets the runtime role lock the row and no more."""
    return models.SmallIntegerField(default=0, db_default=0, editable=False)


def latch_is_zero(table: str) -> models.CheckConstraint:
    """The CHECK that makes `latch` useless for anything but locking."""
    return models.CheckConstraint(condition=models.Q(latch=0), name=f"{table}_latch_is_zero")


def recorded_at() -> "models.DateTimeField[Any, Any]":
    """When the row was recorded, by the database's clock."""
    return models.DateTimeField(db_default=Now(), editable=False)


def one_of(column: str, words: Any, name: str) -> models.CheckConstraint:
    """A CHECK that `column` is one of the words of a `Literal`, or null where the column may be."""
    return models.CheckConstraint(condition=models.Q(**{f"{column}__in": get_args(words)}), name=name)
