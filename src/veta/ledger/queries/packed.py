"""An array as PostgreSQL sends it, read element by element when somebody asks for one.

A lot of 10,000 origins is looked up for its page of 500, or for its number alone: making an object of every id and
weight took more than half of the look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload
from uuid import UUID

T = TypeVar("T")
# Of array_send: dimensions, whether any is NULL, the element's type, then the one dimension's length and first index.
_HEAD, _LENGTH = 20, 4


class Packed(Sequence[T]):
    """The elements of an array of one dimension without NULL, all of one `size` in bytes, in its binary form."""

    __slots__ = ("_data", "_read", "_size")

    def __init__(self, data: bytes, *, size: int, read: Callable[[bytes], T]) -> None:
        """`data`: what array_send gives. ValueError where it is no array of elements of that size."""
        self._data, self._size, self._read = data, size, read
        step = _LENGTH + size
        if len(data) < _HEAD or (len(data) - _HEAD) % step or int.from_bytes(data[12:16], "big") != len(self):
            raise ValueError("not an array of elements of that size")

    def __len__(self) -> int:
        return (len(self._data) - _HEAD) // (_LENGTH + self._size)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        places = range(_HEAD + _LENGTH, len(self._data), _LENGTH + self._size)[index]
        if isinstance(places, range):
            return [self._at(place) for place in places]
        return self._at(places)

    def __iter__(self) -> Iterator[T]:
        return map(self._at, range(_HEAD + _LENGTH, len(self._data), _LENGTH + self._size))

    def _at(self, place: int) -> T:
        return self._read(self._data[place : place + self._size])


def packed_ids(data: bytes) -> Packed[UUID]:
    """A `uuid[]` by array_send."""
    return Packed(data, size=16, read=_id)


def packed_integers(data: bytes) -> Packed[int]:
    """A `bigint[]` by array_send."""
    return Packed(data, size=8, read=_integer)


def _id(data: bytes) -> UUID:
    return UUID(bytes=data)


def _integer(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)
