"""What the hub answers about movements (docs/openapi.json)."""

from typing import Literal, NotRequired, TypedDict

from veta.node.answers.people import Someone

Accreditation = Literal["accredited", "documented", "mixed", "disused", "unproven", "seized"]


class Finding(TypedDict):
    """One finding: `code` is stable, `message` says the remedy, `params` the figures compared."""

    code: str
    severity: Literal["blocking", "warning", "info"]
    field: str
    norm: str
    message: str
    params: dict[str, str]


class Problem(TypedDict):
    """Why a whole request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    findings: list[Finding]


class LotMade(TypedDict):
    """A lot that a movement made; `quantity` is what counts (fine metal, for precious metals)."""

    lot: str
    mineral: str
    quantity: str
    unit: str


class Verdict(TypedDict):
    """The immutable verdict under a movement's id; of a step (`step`), about the movement that it ends.

    Without `decided_at` and `rules` where the item had another shape than the contract's (SCH): nothing was stored.
    """

    movement: str
    status: Literal["accepted", "pending", "rejected"]
    decided_at: NotRequired[str]
    lots: list[LotMade]
    findings: list[Finding]
    rules: NotRequired[str]
    accreditation: NotRequired[Accreditation]
    step: NotRequired[str]
    outcome: NotRequired[Literal["accepted", "refused", "withdrawn", "lapsed"]]


class Receipt(TypedDict):
    """What ties a verdict to the public log: its leaf, salt and path, under the hub's signature."""

    leaf: str
    salt: str
    index: int
    size: int
    path: list[str]
    signature: str
    keyid: str


class Result(TypedDict):
    """The answer to one item; `repeated` where it had been answered before, in these very words."""

    repeated: bool
    verdict: Verdict
    receipt: Receipt | None


class Event(TypedDict):
    """A step of a movement, with its own verdict."""

    id: str
    kind: Literal["confirmation", "withdrawal", "lapse", "receipt", "reversal"]
    verdict: Verdict


class OfferLine(TypedDict):
    """One line of what waits for an answer, and the lot that it becomes."""

    lot: str
    mineral: str
    quantity: str
    unit: str
    new_lot: str


class Offer(TypedDict):
    """What waits for the other party, and until when."""

    confirm_by: str | None
    price_cop: str | None
    lines: list[OfferLine]


class MovementState(TypedDict):
    """A movement as it stands now."""

    verdict: Verdict
    state: Literal["accepted", "rejected", "pending", "refused", "withdrawn", "lapsed", "reversed"]
    events: list[Event]
    road_pack: str | None
    offer: Offer | None


class FeedEvent(TypedDict):
    """One line of the feed; `number` is its place in the log."""

    number: int
    movement: str
    kind: str
    subject: str | None
    occurred_at: str
    author: Someone | None
    counterparty: Someone | None
    author_mandate: str | None
    counterparty_mandate: str | None
    lots: list[str] | None
    verdict: Verdict | None


class EventPage(TypedDict):
    """A page of the feed; `cursor` is where to go on once `items` are handled."""

    items: list[FeedEvent]
    cursor: str
    more: bool
