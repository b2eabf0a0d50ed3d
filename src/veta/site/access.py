"""Who may call what, decided in one place: `decide` reads a row of the table and the caller, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a cell of the table lets someone in."""

    PUBLIC = "public"  # everyone
    OPERATOR = "operator"  # whoever signs as an operator: the API authenticates the request itself
    SESSION = "session"  # any account signed in, second factor or not: enrolment, proof of identity, leaving
    ACCOUNT = "account"  # any account whose session proved a second factor
    ROLES = "roles"  # the same, and one of the roles named
    MEMBERS = "members"  # one of the roles named, by whatever the person signs in with; who is `guarded`, as in ROLES


@dataclass(frozen=True, slots=True)
class Access:
    """One cell of the table: a kind, its roles where it names some, and whether the second factor must be recent.

    `guarded`, of MEMBERS: whoever holds one of these roles proves a second factor, whatever else they hold.
    """

    kind: Kind
    roles: frozenset[StrEnum] = frozenset()
    step_up: bool = False
    guarded: frozenset[StrEnum] = frozenset()


Row = Mapping[str, Access]

PUBLIC = Access(Kind.PUBLIC)
OPERATOR = Access(Kind.OPERATOR)
SESSION = Access(Kind.SESSION)
ACCOUNT = Access(Kind.ACCOUNT)
ACCOUNT_NOW = Access(Kind.ACCOUNT, step_up=True)


def by(*roles: StrEnum, step_up: bool = False) -> Access:
    """Whoever holds one of these roles; with `step_up`, after proving a second factor in the last five minutes."""
    return Access(Kind.ROLES, frozenset(roles), step_up)


def members(*roles: StrEnum, guarded: Iterable[StrEnum]) -> Access:
    """Whoever holds one of these roles, by whatever the person signs in with; a second factor for the guarded ones."""
    return Access(Kind.MEMBERS, frozenset(roles), guarded=frozenset(guarded))


def endpoint(*, get: Access | None = None, post: Access | None = None, **others: Access) -> Row:
    """A row: the methods that exist, each with its access. HEAD goes with GET; a method that is absent is refused."""
    row = {name.upper(): access for name, access in others.items()}
    if get is not None:
        row |= {"GET": get, "HEAD": get}
    return row | ({"POST": post} if post is not None else {})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as far as access goes.

    `enrolled`: has a second factor. `second_factor`: this session proved it. `stepped_up`: in the last five minutes.
    """

    signed_in: bool = False
    roles: frozenset[StrEnum] = frozenset()
    enrolled: bool = False
    second_factor: bool = False
    stepped_up: bool = False


ANONYMOUS = Caller()


class Decision(StrEnum):
    """What becomes of a request; everything but PASS stops it before the view."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    METHOD = "method"
    SIGN_IN = "sign_in"
    ENROL = "enrol"
    STEP_UP = "step_up"
    FORBIDDEN = "forbidden"


def decide(row: Row | None, method: str, caller: Caller) -> Decision:
    """Let the request through or say why not; an endpoint without a row is forbidden to everyone.

    The order matters to who asks: first whether the thing exists, then who they are, how surely, and what they may.
    A session whose person enrolled a second factor elsewhere after it began has to sign in again.
    """
    if row is None:
        return Decision.FORBIDDEN
    access = row.get(method)
    if access is None:
        return Decision.METHOD
    if access.kind in {Kind.PUBLIC, Kind.OPERATOR}:
        return Decision.PASS
    if not caller.signed_in:
        return Decision.SIGN_IN
    if access.kind is Kind.SESSION:
        return Decision.PASS
    if access.kind is Kind.MEMBERS and not caller.enrolled and not access.guarded & caller.roles:
        return Decision.PASS if access.roles & caller.roles else Decision.FORBIDDEN
    return _of_the_signed_in(access, caller)


def _of_the_signed_in(access: Access, caller: Caller) -> Decision:
    if not caller.enrolled:
        return Decision.ENROL
    if not caller.second_factor:
        return Decision.SIGN_IN
    if access.kind in {Kind.ROLES, Kind.MEMBERS} and not access.roles & caller.roles:
        return Decision.FORBIDDEN
    if access.step_up and not caller.stepped_up:
        return Decision.STEP_UP
    return Decision.PASS
