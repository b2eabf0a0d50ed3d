"""Accounts: their kinds, and the ids that are derived instead of drawn."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, get_args
from uuid import UUID

from veta.kernel.ids import uuid_of

BoundaryKind = Literal[
    "grant",
    "excess",
    "extraction",
    "documented",
    "unproven",
    "used",
    "export",
    "consumption",
    "loss",
    "process",
    "weighing",
]
Basis = Literal["title_year", "title_quarter", "person_month", "person_year"]

HELD_KINDS: tuple[str, ...] = ("lot", "quota")
BOUNDARY_KINDS: tuple[str, ...] = get_args(BoundaryKind)
QUOTA_BASES: tuple[str, ...] = get_args(Basis)
ACCREDITATIONS: tuple[str, ...] = ("accredited", "documented", "mixed", "disused", "unproven", "seized")


_RIGHT = "right:"


@dataclass(frozen=True, slots=True)
class Balance:
    """An account as read under its lock: three integers in the smallest unit of its commodity."""

    received: int
    released: int
    held: int
    commodity: str
    kind: str
    holder: UUID | None

    @property
    def free(self) -> int:
        """What is left: neither released nor held."""
        return self.received - self.released - self.held


def right(quota_group: str) -> str:
    """The commodity that counts the right to extract or sell the minerals of one quota group."""
    return f"{_RIGHT}{quota_group}"


def is_right(commodity: str) -> bool:
    """Whether a commodity counts rights, which quotas hold, and no mineral."""
    return commodity.startswith(_RIGHT)


@lru_cache(maxsize=4096)
def boundary_id(kind: BoundaryKind, commodity: str) -> UUID:
    """The one boundary account of a kind and commodity; never locked, never updated."""
    return uuid_of("boundary", kind, commodity)


def quota_id(*, basis: Basis, subject: UUID, quota_group: str, period_start: date) -> UUID:
    """The quota account of a title or person in the period that starts that day (a Bogotá date, inclusive)."""
    return uuid_of("quota", basis, str(subject), quota_group, period_start.isoformat())
