"""What the hub answers about parties, their consents and mandates, and keys (docs/openapi.json)."""

from typing import Literal, NotRequired, TypedDict

DocumentType = Literal["NIT", "CC", "CE", "PPT", "PA"]
ActorKind = Literal["person", "firm"]
ConsentMethod = Literal["card_pin", "code", "voice"]


class Document(TypedDict):
    """A person's or firm's document."""

    type: DocumentType
    number: str


class Client(TypedDict):
    """A client of this operator, by its documents."""

    kind: ActorKind
    name: str | None
    documents: list[Document]


class Consent(TypedDict):
    """A consent asked for; `missing`, the methods that are not verified yet."""

    id: str
    purpose: Literal["sale", "mandate", "balance"]
    method: ConsentMethod
    methods: list[ConsentMethod]
    missing: list[str]
    verified: bool
    expires_at: str


class ProposedMandate(TypedDict):
    """A mandate that waits for the party."""

    id: str
    status: Literal["proposed"]


class Mandate(TypedDict):
    """A mandate; `party` only where it is this operator's client."""

    id: str
    status: Literal["proposed", "active", "revoked", "ended"]
    valid_from: str | None
    valid_to: str | None
    party: Client | None


class Someone(TypedDict):
    """A party as this operator may see it: a natural person outside its clients has no name."""

    kind: ActorKind
    name: str | None
    client: bool


class Registration(TypedDict):
    """A role in the register, with what limits it."""

    role: Literal["producer", "trader", "plant", "consumer", "exporter"]
    producer_class: str | None
    minerals: list[str]
    municipalities: list[str]
    title_code: str | None
    status: Literal["active", "suspended", "cancelled"]
    valid_from: str
    valid_to: str | None
    plant_published: bool


class Actor(TypedDict):
    """A party's roles, as the law makes them public."""

    kind: ActorKind
    name: str | None
    client: bool
    registrations: list[Registration]


class Key(TypedDict):
    """An operator's key and its state."""

    keyid: str
    purpose: Literal["signing", "recovery"]
    state: Literal["live", "waiting", "revoked", "inactive"]
    public_key: str
    proposed_by: str | None
    proposed_at: str
    active_from: str | None


class RevokedKeys(TypedDict):
    """The keys that a revocation took with it."""

    revoked: list[str]


class HubKey(TypedDict):
    """A public key of the hub, valid since an instant."""

    keyid: str
    public_key: str
    since: str


class Webhook(TypedDict):
    """The webhook asked for last, and how it stands."""

    url: str
    state: Literal["proving", "live", "unproved", "dead", "ended", "paused"]
    asked_at: str
    delivered_at: str | None
    failing: str | None


class Party(TypedDict):
    """Who, as it is said to the hub: `number` as written, `check` the digit of a NIT."""

    type: DocumentType
    number: str
    check: NotRequired[str]
