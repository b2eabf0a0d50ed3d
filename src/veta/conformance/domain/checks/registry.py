"""What a check is, and the table of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

Judge = Callable[..., Iterator["Fault"]]
_Judge = TypeVar("_Judge", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a check saw and should not have, or missed: in Spanish, with the exchanges that show it."""

    said: str
    exchanges: tuple[int, ...] = ()


CHECKS: dict[str, Judge] = {}


def check(judge: _Judge) -> _Judge:
    """Enter a judge in the table under its own name; its keyword arguments are what a scenario may give it."""
    CHECKS[judge.__name__] = judge
    return judge
