"""A check: one invariant as SQL that counts what it examines and names every row that breaks it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """`examined`: a query of one count. `faults`: a query of (row, what is wrong with it), both text; none is good.

    `name` is stable, for scripts and tests; `title` is what the reader sees.
    """

    name: str
    title: str
    examined: str
    faults: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found: how much it examined, how many rows are wrong, and the first of them by name."""

    check: Check
    examined: int
    wrong: int
    rows: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0


_registered: list[Check] = []


def register(check: Check) -> None:
    """Add a check of a slice above the ledger to every audit; again under the same name, it takes the other's place."""
    _registered[:] = [*(other for other in _registered if other.name != check.name), check]


def registered() -> tuple[Check, ...]:
    """The checks that other slices added, in the order they came."""
    return tuple(_registered)
