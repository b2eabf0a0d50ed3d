"""What a verification found: each fault with what it is about, and how much was looked at."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

# Told how many more of a step's records were looked at.
Advance = Callable[[str, int], None]


class Fault(NamedTuple):
    """One thing that is wrong: which check, which record by name, and what is wrong with it, for the reader."""

    check: str
    record: str
    what: str


@dataclass(slots=True)
class Report:
    """The faults, and how many records each check looked at; `notes` are no faults, and the reader should know them."""

    advance: Advance = lambda step, count: None
    faults: list[Fault] = field(default_factory=list)
    looked: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def wrong(self, check: str, record: object, what: str) -> None:
        self.faults.append(Fault(check, str(record), what))

    def saw(self, check: str, count: int = 1) -> None:
        self.looked[check] += count
        self.advance(check, count)
