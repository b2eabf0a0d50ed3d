"""Columns of which the database holds only what `sealing` made: read and written as any other field of a row.

What is sealed for a row opens in no other, so it is set on a row and saved: `update()` of such a column, and a look-up
by what it says, are refused. What is looked up stands beside it, in a column of its own.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from veta.storage.sealing import seal, unseal


class _Sealed(bytes):
    """As it came from the database; not opened yet."""


class _Attribute(DeferredAttribute):
    """Opens a value when it is first asked for, and keeps it in the row."""

    field: SealedBytes

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        value = super().__get__(instance, owner)
        if isinstance(value, _Sealed):
            value = instance.__dict__[self.field.attname] = self.field.opened(value, instance)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedBytes(models.BinaryField):  # type: ignore[type-arg]  # Django's is no generic when it runs
    """Bytes, sealed for their row: `row` names what tells it from others before it is stored, its key if left out."""

    descriptor_class = _Attribute
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, row: tuple[str, ...] = ("pk",), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"row": self.row}

    def from_db_value(self, value: Any, *_: Any) -> _Sealed | None:
        return None if value is None else _Sealed(value)

    def pre_save(self, instance: models.Model, add: bool) -> _Sealed | None:
        """What is stored: sealed now, or as it was where nobody opened it."""
        value = instance.__dict__[self.attname]
        if value is None or isinstance(value, _Sealed):
            return value
        return _Sealed(seal(self.plain(value), **self._place(instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, _Sealed):
            raise TypeError(f"{self.name} is sealed for its row: set it there and save the row")
        return super().get_db_prep_value(value, connection, prepared)

    def opened(self, sealed: bytes, instance: models.Model) -> Any:
        """The value that was sealed for this row. Raises KeyRefused for another's, or under another key."""
        return self.value(unseal(sealed, **self._place(instance)))

    def plain(self, value: Any) -> bytes:
        """The bytes of a value."""
        return bytes(value)

    def value(self, plain: bytes) -> Any:
        """The value of the bytes."""
        return plain

    def _place(self, instance: models.Model) -> dict[str, str]:
        row = ":".join(str(getattr(instance, name)) for name in self.row)
        return {"table": self.model._meta.db_table, "column": str(self.column), "row": row}


class SealedJson(SealedBytes):
    """A text or anything else that JSON has, sealed for its row."""

    def plain(self, value: Any) -> bytes:
        return json_bytes(value)

    def value(self, plain: bytes) -> Any:
        return json.loads(plain)


def json_bytes(value: Any) -> bytes:
    """The bytes that a `SealedJson` seals, for what is written past it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
