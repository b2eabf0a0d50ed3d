"""What a group of movements adds to the ledger, gathered in memory before it is written at once."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from veta.ledger.domain.accounts import Basis, BoundaryKind, boundary_id
from veta.ledger.domain.composition import Composition
from veta.ledger.domain.origin import Origin


class NewAccount(NamedTuple):
    """The account of a new lot, with the integers that it has once the whole group is written."""

    id: UUID
    commodity: str
    kind: str
    holder: UUID | None
    received: int
    released: int
    held: int


class NewQuota(NamedTuple):
    """A quota row; `account` is `quota_id(…)`, the period's ends are both inside it, `source` names norm or plan."""

    account: UUID
    subject: UUID
    basis: Basis
    quota_group: str
    period_start: date
    period_end: date
    source: str


class NewLot(NamedTuple):
    """A lot, of one origin or of one composition. `fineness` in thousandths of ‰; `grade` as it was stated;
    `processed_by`: the published plant that beneficiated it."""

    account: UUID
    mineral: str
    origin: UUID | None
    composition: UUID | None
    accreditation: str
    municipality: str | None
    facility: str | None
    movement: UUID
    occurred_at: datetime
    fineness: int | None
    grade: str | None
    processed_by: UUID | None


class NewParent(NamedTuple):
    """`child` was made from `parent` by `movement`."""

    parent: UUID
    child: UUID
    movement: UUID


class NewEntry(NamedTuple):
    """Entry number `seq` (from 0) of a movement: `amount` > 0 goes from `source` to `target`, both of `commodity`."""

    movement: UUID
    seq: int
    source: UUID
    target: UUID
    commodity: str
    amount: int


class NewSuspension(NamedTuple):
    """The open suspension `act` reaches `lot`, by the act itself or because a parent of the new
    lot carried it."""

    act: UUID
    lot: UUID


class NewMark(NamedTuple):
    """From now on the lot has this accreditation, by that act."""

    lot: UUID
    act: UUID
    accreditation: str


class NewLift(NamedTuple):
    """`movement` closes the suspension `act`, and only that one."""

    act: UUID
    movement: UUID


@dataclass(slots=True)
class LedgerBatch:
    """Rows to insert, and what to add to the (received, released, held) of accounts that are already locked.

    An account stands in `accounts` (new, final integers) or in `deltas` (existing), never in both; boundary accounts
    stand in neither: name them through `boundary`. Origins and compositions may repeat what is stored.
    """

    accounts: list[NewAccount] = field(default_factory=list)
    origins: dict[UUID, Origin] = field(default_factory=dict)
    compositions: dict[UUID, Composition] = field(default_factory=dict)
    lots: list[NewLot] = field(default_factory=list)
    parents: list[NewParent] = field(default_factory=list)
    entries: list[NewEntry] = field(default_factory=list)
    deltas: dict[UUID, tuple[int, int, int]] = field(default_factory=dict)
    suspensions: list[NewSuspension] = field(default_factory=list)
    marks: list[NewMark] = field(default_factory=list)
    lifts: list[NewLift] = field(default_factory=list)
    boundaries: dict[UUID, tuple[BoundaryKind, str]] = field(default_factory=dict)

    def boundary(self, kind: BoundaryKind, commodity: str) -> UUID:
        """The boundary account of that kind and commodity; `write` makes its row when it is the first to need it."""
        account = boundary_id(kind, commodity)
        self.boundaries[account] = (kind, commodity)
        return account

    def add(self, account: UUID, *, received: int = 0, released: int = 0, held: int = 0) -> None:
        """Add to what an existing account has received and released, and to (or from) what it holds."""
        before = self.deltas.get(account, (0, 0, 0))
        self.deltas[account] = (before[0] + received, before[1] + released, before[2] + held)
