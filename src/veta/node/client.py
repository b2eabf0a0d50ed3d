"""The hub's API as an operator's programme calls it: one method for each thing it can ask (docs/openapi.json)."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self, Unpack, cast
from urllib.parse import quote

import orjson

from veta.node.answers import (
    Actor,
    Balance,
    BondQuote,
    Certificate,
    Consent,
    Edge,
    EventPage,
    HubKey,
    Key,
    Lot,
    LotOrigins,
    Mandate,
    Mineral,
    MovementState,
    Municipality,
    Norm,
    Party,
    PriceList,
    ProposedMandate,
    Result,
    RevokedKeys,
    RoyaltyQuote,
    Title,
    Validation,
    Webhook,
)
from veta.node.credentials import Credentials
from veta.node.transport import Answer, HubRefused, HubUnreachable, Settings, Transport

PREFIX = "/api/v1"
Item = Mapping[str, Any]


class HubClient:
    """A connection to the hub in the name of one operator (or of nobody, for what is public).

    Every method raises HubRefused where the hub says no, HubUnreachable where it says nothing until the deadline; ids
    are the caller's, so that whatever ends that way can be sent again. What it answers is typed in `veta.node.answers`;
    keyword settings are those of `Transport`.
    """

    def __init__(self, url: str, credentials: Credentials | None = None, **settings: Unpack[Settings]) -> None:
        self.transport = Transport(url, credentials, **settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.transport.close()

    # Movements

    def submit(self, movements: Sequence[Item]) -> list[Result]:
        """Submit 1 to 1,000 movements; their results, in order."""
        return cast(list[Result], self._post("/movements", {"movements": list(movements)})["results"])

    def check(self, movements: Sequence[Item]) -> list[Result]:
        """What `submit` would answer, with nothing written."""
        return cast(list[Result], self._post("/movements/check", {"movements": list(movements)})["results"])

    def movement(self, movement: str) -> MovementState:
        """A movement: verdict, state, events."""
        return cast(MovementState, self._get(f"/movements/{movement}"))

    def confirm(self, movement: str, *, id: str, decision: Literal["confirm", "refuse"], reason: str = "") -> Result:
        """Confirm or refuse what waits for this operator's client."""
        given = {"id": id, "decision": decision} | _present(reason=reason)
        return cast(Result, self._post(f"/movements/{movement}/confirmation", given))

    def withdraw(self, movement: str, *, id: str, reason: str = "") -> Result:
        """Withdraw what this operator's client offered."""
        return cast(Result, self._post(f"/movements/{movement}/withdrawal", {"id": id} | _present(reason=reason)))

    # Consents and mandates

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
        """Have the hub ask a person: by a code to the contact it holds, by the person's card and PIN, or by both.

        `counterparty` is the buyer of a sale; of anything else, this operator, and may be left out. `methods`: those
        wanted beside what the authority requires. The answer's `missing` says what is not verified yet.
        """
        given: dict[str, Any] = {"purpose": purpose, "party": party}
        given |= _present(counterparty=counterparty, card=card, mineral=mineral, quantity=quantity, price_cop=price_cop)
        given |= _present(methods=list(methods))
        return cast(Consent, self._post("/consents", given, repeatable=False))

    def propose_mandate(self, party: Party, *, data_authorization: Mapping[str, str]) -> ProposedMandate:
        """Ask to act for a party; it shows nothing until the party confirms."""
        return cast(
            ProposedMandate,
            self._post("/mandates", {"party": party, "data_authorization": data_authorization}, repeatable=False),
        )

    def confirm_mandate(self, mandate: str, *, consent: Mapping[str, str]) -> Mandate:
        """Confirm a mandate by the party's own consent (`id`, `code`)."""
        return cast(Mandate, self._post(f"/mandates/{mandate}/confirmation", {"consent": consent}, repeatable=False))

    def mandates(self) -> Iterator[Mandate]:
        """Every mandate of this operator."""
        return self._pages("/mandates")

    def end_mandate(self, mandate: str) -> None:
        """End a mandate."""
        self._call("DELETE", f"/mandates/{mandate}")

    # Look-ups

    def look_up(self, party: Party) -> Actor:
        """Roles and registrations of a party, as the law makes them public."""
        return cast(Actor, self._post("/actors/lookup", {"party": party}))

    def balances(
        self, party: Party | None, *, mineral: str = "", card: Item | None = None, consent: Item | None = None
    ) -> Balance:
        """What a party may still extract or sell: in full to who holds its mandate, else whether it is over.

        Without a party, by its card and PIN: whose it is, too.
        """
        given = _present(party=party, mineral=mineral, card=card, consent=consent)
        return cast(Balance, self._post("/balances/query", given))

    def title(self, code: str) -> Title:
        """A title, by its code."""
        return cast(Title, self._get(f"/titles/{quote(code)}"))

    def minerals(self) -> Iterator[Mineral]:
        """The catalogue of minerals."""
        return self._pages("/minerals")

    def municipalities(self, q: str = "") -> Iterator[Municipality]:
        """Municipalities whose code starts with `q`, or whose name or department holds it; all of them without it."""
        return self._pages("/municipalities", _present(q=q))

    def norms(self, on: str = "") -> Iterator[Norm]:
        """The parameters in force on a date (YYYY-MM-DD)."""
        return self._pages("/norms", _present(on=on))

    def prices(self, mineral: str = "", *, on: str = "") -> PriceList:
        """The base prices in force on a date, of one mineral or of all."""
        return cast(PriceList, self._get("/prices", _present(mineral=mineral, on=on)))

    def ask_validation(self, *, title: str, party: Party, reason: str, quotation: str = "") -> Validation:
        """Ask for a title's validation in the name of one of its holders; a title has one open at a time."""
        given = {"title": title, "party": party, "reason": reason, **_present(quotation=quotation)}
        return cast(Validation, self._post("/validations", given, repeatable=False))

    def quote_bond(self, case: Item) -> BondQuote:
        """The póliza minero-ambiental of a case, with the reason of each step."""
        return cast(BondQuote, self._post("/bonds/quote", case))

    def quote_royalty(self, case: Item) -> RoyaltyQuote:
        """The royalties of a quarter on what was mined, by line and municipality."""
        return cast(RoyaltyQuote, self._post("/royalties/quote", case))

    def lot(self, lot: str) -> Lot:
        """A lot."""
        return cast(Lot, self._get(f"/lots/{lot}"))

    def origins(self, lot: str, *, cursor: str = "") -> LotOrigins:
        """Where a lot comes from, 500 origins a page: each one's share is quantity × weight ÷ total, exact."""
        return cast(LotOrigins, self._get(f"/lots/{lot}/origins", _present(cursor=cursor)))

    def trace(self, lot: str, *, direction: Literal["back", "forward"] = "back") -> Iterator[Edge]:
        """The lots that a lot was made of, or what was made of it, at any distance."""
        return self._pages(f"/lots/{lot}/trace", {"direction": direction})

    # Certificates

    def issue_certificate(
        self, *, id: str, kind: str, lot: str, quantity: str = "", replaces: str = "", sale: Item | None = None
    ) -> Certificate:
        """Issue a document over a lot's quantity (all that is left of it, unless one is given); again, the same one.

        `sale`: `buyer` (a firm), `buyer_rucom`, `sold_on`, of a certificate of origin.
        """
        given = {"id": id, "kind": kind, "lot": lot} | _present(quantity=quantity, replaces=replaces)
        return cast(Certificate, self._post("/certificates", {**given, **(sale or {})}))

    def certificate(self, id: str) -> Certificate:
        """A certificate with its state, its QR and its credential."""
        return cast(Certificate, self._get(f"/certificates/{id}"))

    def withdraw_certificate(self, id: str, *, reason: str) -> Certificate:
        """Withdraw a certificate that nobody used; the reason is public."""
        return cast(Certificate, self._post(f"/certificates/{id}/withdrawal", {"reason": reason}, repeatable=False))

    # What happened

    def events(self, after: str = "") -> Iterator[EventPage]:
        """The feed from `after` on (a page's `cursor`; empty: from the beginning), page by page, until it is read.

        Keep a page's `cursor` once its `items` are handled: that is where to go on, in the feed as in a webhook's.
        """
        while True:
            page = self._get("/events", _present(after=after))
            yield page
            after = page["cursor"]
            if not page["more"]:
                return

    def webhook(self) -> Webhook:
        """The webhook that was asked for last, and how it stands."""
        return cast(Webhook, self._get("/webhook"))

    def set_webhook(self, url: str) -> Webhook:
        """Ask to be told at `url`; it has to answer the hub's challenge (`veta.operators.domain.webhook`)."""
        return cast(Webhook, self._call("PUT", "/webhook", body=orjson.dumps({"url": url})))

    def end_webhook(self) -> None:
        """Be told no more."""
        self._call("DELETE", "/webhook")

    # Keys

    def hub_keys(self) -> Iterator[HubKey]:
        """The hub's public keys, the newest last."""
        return self._pages("/hub-keys")

    def keys(self) -> Iterator[Key]:
        """This operator's keys and their state, the newest last."""
        return self._pages("/keys")

    def propose_key(self, new: Credentials, *, purpose: Literal["signing", "recovery"] = "signing") -> Key:
        """Ask for a new key of this operator, with proof of its possession; it waits 24 hours or an officer."""
        public = base64.b64encode(new.public_key).decode()
        return cast(Key, self._post("/keys", {"public_key": public, "purpose": purpose, "proof": new.proof()}))

    def revoke_key(self, key_id: str, *, compromised: bool = False, reason: str = "") -> RevokedKeys:
        """Revoke a key; `compromised` takes with it every key that it asked for."""
        query = _present(compromised="true" if compromised else "", reason=reason)
        return cast(RevokedKeys, self._call("DELETE", f"/keys/{quote(key_id)}", query=query))

    # How it is said

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return self._call("GET", path, query=query)

    def _post(self, path: str, given: Mapping[str, Any], *, repeatable: bool = True) -> Any:
        return self._call("POST", path, body=orjson.dumps(given), repeatable=repeatable)

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Any:
        answer = self.transport.call(method, PREFIX + path, body=body, query=query, repeatable=repeatable)
        if answer.status >= 400:
            raise HubRefused(answer.status, _problem_of(answer), retry_after=answer.retry_after)
        return _said(answer)

    def _pages(self, path: str, asked: Mapping[str, str] | None = None) -> Iterator[Any]:
        """The items of a list, page after page."""
        query: dict[str, str] = {**(asked or {}), "limit": "500"}
        while True:
            page = self._get(path, query)
            yield from page["items"]
            if not page.get("cursor"):
                return
            query["cursor"] = page["cursor"]


def _present(**given: Any) -> dict[str, Any]:
    """Those that were given."""
    return {name: value for name, value in given.items() if value}


def _said(answer: Answer) -> Any:
    """What the hub answered. Raises HubUnreachable where that was another: a network's own page, a redirection."""
    try:
        said = answer.json()
    except orjson.JSONDecodeError:
        said = ...
    if answer.status >= 300 or not (said is None or isinstance(said, dict)):
        raise HubUnreachable(
            "Respondió otro en lugar de la plataforma: tal vez la red pide iniciar sesión. Ábrala en un navegador. "
            "Lo enviado se repite con los mismos identificadores: no se contará dos veces."
        )
    return said


def _problem_of(answer: Answer) -> Mapping[str, Any]:
    """The problem document, or its place where something between us and the hub answered in another language."""
    try:
        problem = answer.json()
    except orjson.JSONDecodeError:
        problem = None
    return problem if isinstance(problem, dict) else {"title": "La plataforma respondió algo que no es JSON."}
