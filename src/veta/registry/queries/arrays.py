"""Array literals for `= ANY(%s::type[])`: one string costs half of what a list costs the driver, element by element."""

from collections.abc import Iterable
from uuid import UUID


def uuids(values: Iterable[UUID]) -> str:
    """A literal of uuid[]; a UUID's text needs no quoting."""
    return "{" + ",".join(map(str, values)) + "}"


def byteas(values: Iterable[bytes]) -> str:
    r"""A literal of bytea[], each element as quoted `\x` hexadecimal."""
    return "{" + ",".join('"\\\\x' + value.hex() + '"' for value in values) + "}"
