"""All that this database has sealed, sealed under another key: batch by batch, on from where it was cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from psycopg.sql import SQL, Identifier

from veta.kernel.errors import DomainError
from veta.node.services.identities import TABLE
from veta.storage.key_change import KeyChange, begin, end
from veta.storage.keys import KeyRefused
from veta.storage.sealed_field import SealedBytes
from veta.storage.sealing import seal_under, unseal_under

AT_ONCE, MOST_BYTES = 1_000, 8 * 2**20
Model = type[models.Model]


class NodeOpen(DomainError):
    """Somebody else is in the database: what it writes would be under the key that goes."""

    code = "NOD-023"


def reseal(*, told: Callable[[int], None]) -> Path:
    """Seal everything under a new key and put that one in its place; the file in which the old one stays.

    The connection is the owner's, and the node is closed: nothing of it begins until this has ended, and what was
    killed in the middle is ended by the next call. told: called with each count of rows that are done. Raises NodeOpen,
    KeyRefused. Effects: a commit a batch; the tables are written anew, so that their files have nothing of the old key.
    """
    _require_alone()
    change = begin(TABLE, "identity")
    _require_alone()
    for model, fields in sealed():
        for rows in _batches(model, fields):
            _write(model, fields, [_again(model, fields, row, change) for row in rows])
            told(len(rows))
    with connection.cursor() as cursor:
        for model, _fields in sealed():
            cursor.execute(SQL("VACUUM (FULL) {}").format(Identifier(model._meta.db_table)))
    return end(change)


def sealed() -> Iterator[tuple[Model, list[SealedBytes]]]:
    """The tables of the node that hold anything sealed, and their columns that do."""
    for model in apps.get_app_config("node").get_models():
        if fields := [each for each in model._meta.concrete_fields if isinstance(each, SealedBytes)]:
            yield model, fields


def total() -> int:
    """How many rows there are to seal again."""
    return sum(model._default_manager.count() for model, _fields in sealed())


def _require_alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid())"
        )
        (others,) = cursor.fetchone()
    if others:
        raise NodeOpen(
            "El nodo está abierto, u otro programa está en su base de datos. Ciérrelos y repita: lo que se escriba"
            " mientras tanto quedaría con la clave que se va."
        )


def _batches(model: Model, fields: Sequence[SealedBytes]) -> Iterator[list[dict[str, Any]]]:
    """Rows in order of their key, as many at once as are not too large: what tells each, and what of it is sealed."""
    size = SQL(" + ").join(SQL("coalesce(octet_length({}), 0)").format(Identifier(str(each.column))) for each in fields)
    names = {"pk", *fields[0].row, *(each.attname for each in fields)}
    last: Any = None
    while True:
        after = SQL("WHERE {} > %s").format(Identifier(_key(model))) if last is not None else SQL("")
        query = SQL("SELECT {key}, {size} FROM {table} {after} ORDER BY {key} LIMIT %s").format(
            key=Identifier(_key(model)), size=size, table=Identifier(model._meta.db_table), after=after
        )
        with connection.cursor() as cursor:
            cursor.execute(query, [*([last] if last is not None else []), AT_ONCE])
            sizes = cursor.fetchall()
        if not sizes:
            return
        taken = _fitting(sizes)
        yield list(model._default_manager.filter(pk__in=taken).order_by("pk").values(*names))
        last = taken[-1]


def _fitting(sizes: Sequence[tuple[Any, int]]) -> list[Any]:
    """The first keys whose rows are not too large together; at least one."""
    taken, bytes_ = [sizes[0][0]], sizes[0][1]
    for key, size in sizes[1:]:
        bytes_ += size
        if bytes_ > MOST_BYTES:
            break
        taken.append(key)
    return taken


def _again(model: Model, fields: Sequence[SealedBytes], row: dict[str, Any], change: KeyChange) -> list[Any]:
    """A row's key, and what of it is sealed, under the new key; what is already stays as it is."""
    at = ":".join(str(row[name]) for name in fields[0].row)
    made = [row["pk"]]
    for each in fields:
        value, place = row[each.attname], {"table": model._meta.db_table, "column": str(each.column), "row": at}
        made.append(None if value is None else _under(bytes(value), place, change))
    return made


def _under(value: bytes, place: dict[str, str], change: KeyChange) -> bytes:
    try:
        plain = unseal_under(change.old, value, **place)
    except KeyRefused:
        unseal_under(change.new, value, **place)
        return value
    return seal_under(change.new, plain, **place)


def _write(model: Model, fields: Sequence[SealedBytes], rows: Sequence[list[Any]]) -> None:
    """Put a batch in one statement. Its table's triggers refuse changes, its owner's too: off for this commit alone."""
    table, columns = Identifier(model._meta.db_table), [Identifier(str(each.column)) for each in fields]
    types = [f"{_pk(model).rel_db_type(connection)}[]", *["bytea[]"] * len(columns)]
    statement = SQL("UPDATE {} AS old SET {} FROM unnest({}) AS new(key, {}) WHERE old.{} = new.key").format(
        table,
        SQL(", ").join(SQL("{0} = new.{0}").format(each) for each in columns),
        SQL(", ").join(SQL("%s::" + each) for each in types),
        SQL(", ").join(columns),
        Identifier(_key(model)),
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(table))
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        cursor.execute(SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(table))


def _pk(model: Model) -> models.Field[Any, Any]:
    assert model._meta.pk is not None, "every model of Django's has one"
    return model._meta.pk


def _key(model: Model) -> str:
    return str(_pk(model).column)
