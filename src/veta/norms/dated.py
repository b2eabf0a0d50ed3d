"""A legal parameter's value between two dates, with the norm that says it and how far that norm was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, get_args

Status = Literal["verified", "secondary", "inference", "unverified"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Dated:
    """One value of one parameter, in force from `valid_from` to `valid_to`, both included (None: still open).

    `status` says how far the norm was read: `verified` in its text, `secondary` in another's account, `inference`
    ours, `unverified` not read by anyone here. `last_checked` is another thing: the day on which it was last seen to be
    in force, None where nobody looked. `value` is text, a whole number, a boolean, or tuples and mappings of these; its
    shape is the parameter's own (`veta.norms.shapes`).
    """

    id: str
    unit: str
    value: Any
    valid_from: date
    valid_to: date | None
    norm: str
    status: Status
    last_checked: date | None
    link: str | None
    note: str | None

    def __contains__(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter and its values, oldest first, never two on one day."""

    id: str
    description: str
    unit: str
    values: tuple[Dated, ...]


def frozen(value: Any) -> Any:
    """The same value with tuples for lists and read-only mappings for tables: nobody changes the law in memory."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    return value
