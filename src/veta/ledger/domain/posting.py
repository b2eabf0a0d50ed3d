"""Postings: what a movement takes from one account and gives to another."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` (> 0, the commodity's smallest unit) leaves `source` and enters `target`; both are of `commodity`."""

    source: UUID
    target: UUID
    commodity: str
    amount: int

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError("a posting moves at least one smallest unit")
        if self.source == self.target:
            raise ValueError("a posting needs two accounts")

    def mirrored(self) -> "Posting":
        """The posting that undoes this one: a correction is a reversing entry, never a change."""
        return Posting(self.target, self.source, self.commodity, self.amount)
