"""What the node asks of a hub, whichever it is: the port. `HubClient` is our hub's adapter; `recording` a sandbox's.

An adapter of another hub implements these methods and raises the same two errors: `HubRefused` where the answer is no,
`HubUnreachable` where there is no answer, so that it is not known whether the hub acted. Ids are the node's: what ended
in either way can be sent again under the same ids. Shapes are those of docs/openapi.json.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from veta.node.answers import (
    Actor,
    Balance,
    Certificate,
    Consent,
    EventPage,
    HubKey,
    Key,
    Lot,
    LotOrigins,
    Mandate,
    Mineral,
    MovementState,
    Municipality,
    Party,
    PriceList,
    ProposedMandate,
    Result,
    Title,
    Webhook,
)

Item = Mapping[str, Any]


class HubPort(Protocol):
    """A hub as the node sees it."""

    def submit(self, movements: Sequence[Item]) -> list[Result]:
        """Submit 1 to 1,000 movements; their results, in order."""

    def check(self, movements: Sequence[Item]) -> list[Result]:
        """What `submit` would answer, with nothing written."""

    def movement(self, movement: str) -> MovementState:
        """A movement: verdict, state, events."""

    def confirm(self, movement: str, *, id: str, decision: Literal["confirm", "refuse"], reason: str = "") -> Result:
        """Confirm or refuse what waits for a client."""

    def withdraw(self, movement: str, *, id: str, reason: str = "") -> Result:
        """Withdraw what a client offered."""

    def events(self, after: str = "") -> Iterator[EventPage]:
        """The feed from a cursor on, page by page, until it is read."""

    def ask_consent(
        self,
        *,
        purpose: Literal["sale", "mandate", "balance"],
        party: Party,
        counterparty: Party | None = None,
        card: Mapping[str, str] | None = None,
        mineral: str = "",
        quantity: str = "",
        price_cop: str = "",
        methods: Sequence[str] = (),
    ) -> Consent:
        """Have the hub ask a person; `missing` is what is not verified yet."""

    def propose_mandate(self, party: Party, *, data_authorization: Mapping[str, str]) -> ProposedMandate:
        """Ask to act for a party."""

    def confirm_mandate(self, mandate: str, *, consent: Mapping[str, str]) -> Mandate:
        """Confirm a mandate by the party's own consent."""

    def mandates(self) -> Iterator[Mandate]:
        """Every mandate of this operator: `id`, `status`."""

    def end_mandate(self, mandate: str) -> None:
        """End a mandate."""

    def look_up(self, party: Party) -> Actor:
        """Roles and registrations of a party."""

    def balances(
        self, party: Party | None, *, mineral: str = "", card: Item | None = None, consent: Item | None = None
    ) -> Balance:
        """What a party may still extract or sell; without a party, by its card and PIN, whose it is too."""

    def prices(self, mineral: str = "", *, on: str = "") -> PriceList:
        """The base prices in force on a date."""

    def lot(self, lot: str) -> Lot:
        """A lot."""

    def origins(self, lot: str, *, cursor: str = "") -> LotOrigins:
        """Where a lot comes from, a page at a time: `items`, `total`, `cursor`."""

    def title(self, code: str) -> Title:
        """A title."""

    def issue_certificate(
        self, *, id: str, kind: str, lot: str, quantity: str = "", replaces: str = "", sale: Item | None = None
    ) -> Certificate:
        """Issue a document over a lot's quantity."""

    def withdraw_certificate(self, id: str, *, reason: str) -> Certificate:
        """Withdraw a document that nobody used; the reason is public."""

    def minerals(self) -> Iterator[Mineral]:
        """The catalogue of minerals."""

    def municipalities(self, q: str = "") -> Iterator[Municipality]:
        """Municipalities by code or name."""

    def hub_keys(self) -> Iterator[HubKey]:
        """The hub's public keys."""

    def keys(self) -> Iterator[Key]:
        """This operator's keys and their state."""

    def set_webhook(self, url: str) -> Webhook:
        """Ask to be told at an address."""
