"""Consents: the hub asks the person by a channel of its own, or checks card and PIN, and the answer serves once.

An operator's word is not a person's consent. Several methods can be asked for together: such a consent is verified by
all of them alone. Codes are kept as keyed hashes; each wrong one is a numbered row under the
consent's lock; a use is a row whose key is the consent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import Cursor

from veta.kernel.clock import Clock
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.norms.catalogue import catalogue
from veta.norms.lookup import norms
from veta.registry.domain import TOLD_A_CODE, Consent, ConsentAsked, ConsentMethod
from veta.registry.queries.actors import Contact, contacts_of, kinds_of
from veta.registry.queries.consents import consents_by_id, lock_consents
from veta.registry.refusals import finding, refuse
from veta.registry.secrets import code_hmac, new_code, same
from veta.registry.services.cards import check_card
from veta.registry.services.messages import MessagePort
from veta.registry.services.telling import spoken, written
from veta.storage.arrays import uuids

MAX_FAILURES = 5
_ASSERTED = """
INSERT INTO registry_assertedconsent (movement, party_id, counterparty, operator)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[]) ON CONFLICT DO NOTHING
"""
# A person is not to be flooded through us: so many live codes at once, whoever asks for them.
MAX_LIVE_CODES = 5


@dataclass(frozen=True, slots=True)
class Presented:
    """A consent as a movement carries it; `code` None where a card was checked before."""

    id: UUID
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """A movement reported on the operator's word alone."""

    movement: UUID
    party: UUID
    counterparty: UUID
    operator: UUID


def request_consent(asked: ConsentAsked, *, port: MessagePort, clock: Clock) -> Consent:
    """Tell the person a six-digit code by the contact on record, in a message or a call; returns the consent.

    The person hears who buys, how much and for what price, so that a name that was lent hears of it. Raises
    RegistryRefused: IDE-001, MIN-001, CON-013 (a sale without mineral or amount), CON-014 (no contact on record: use
    the card), CON-016 (too many live codes for that person); MessageNotSent where the channel fails. Effects: the
    consent is committed before the code leaves, never after.
    """
    _require_sense(asked)
    now = clock.now()
    return _told(asked, _contact(asked), port=port, now=now, checked=())


def consent_by_card(
    asked: ConsentAsked, *, token: str, pin: str, clock: Clock, channel: Callable[[], MessagePort] | None = None
) -> Consent:
    """Take a person's consent by its card and PIN: verified at once, and used without a code.

    Where a code is wanted as well (the parameter in force requires it of a sale, or `asked.methods` names it), it is
    told by `channel` once the PIN was right, and the consent is verified by both alone. Without a `channel` no code is
    told.

    Raises RegistryRefused: what `check_card` raises, CON-011 where the card is another person's, IDE-001, MIN-001,
    CON-013; with a code, what `request_consent` raises, and nothing is counted against the card where no code can go.
    """
    _require_sense(asked)
    now = clock.now()
    both = channel is not None and not TOLD_A_CODE.isdisjoint(_wanted(asked, now))
    contact, port = (_contact(asked), channel()) if both and channel is not None else (None, None)
    if check_card(token, pin) != asked.party:
        message = "La tarjeta o el PIN no corresponden. Revise e intente de nuevo; tras cinco fallas se bloquea."
        raise refuse(finding("CON-011", "card", message))
    if contact is not None and port is not None:
        return _told(asked, contact, port=port, now=now, checked=("card_pin",))
    id = uuid7()
    with transaction.atomic(), connection.cursor() as cursor:
        _insert(cursor, asked, id=id, methods=("card_pin",), code=None, expires=now + _term(now))
        _record_check(cursor, id, ordinal=1, method="card_pin", succeeded=True)
    return consents_by_id([id])[id]


def missing_methods(consent: Consent, *, clock: Clock) -> list[str]:
    """What is not verified yet of all that a consent was asked by and, of a sale, the parameter in force requires."""
    required = _required(clock.now()) if consent.purpose == "sale" else frozenset[ConsentMethod]()
    return sorted((required | frozenset(consent.methods)) - frozenset(consent.checked))


def _told(
    asked: ConsentAsked, contact: Contact, *, port: MessagePort, now: datetime, checked: tuple[ConsentMethod, ...]
) -> Consent:
    """A consent by a code, beside what was `checked` already."""
    told = _by_code(contact, _wanted(asked, now))
    code, id, expires = new_code(), uuid7(), now + _term(now)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        _require_few_live_codes(cursor, asked.party, now)
        _insert(cursor, asked, id=id, methods=(*checked, told), code=code, expires=expires)
        for ordinal, method in enumerate(checked, start=1):
            _record_check(cursor, id, ordinal=ordinal, method=method, succeeded=True)
    if told == "voice":
        port.call(contact, spoken(asked, code, expires))
    else:
        port.send(contact, written(asked, code, expires))
    return consents_by_id([id])[id]


def _contact(asked: ConsentAsked) -> Contact:
    contact = contacts_of([asked.party]).get(asked.party)
    if contact is None:
        message = "La persona no tiene contacto en el registro. Use su tarjeta y PIN, o registre el contacto."
        raise refuse(finding("CON-014", "party", message))
    return contact


def _by_code(contact: Contact, wanted: frozenset[ConsentMethod]) -> ConsentMethod:
    """A line registered for calls is called; any telephone where a call and no message is wanted; else a message."""
    called = "voice" in wanted and "code" not in wanted and contact.channel == "sms"
    return "voice" if called or contact.channel == "voice" else "code"


def _wanted(asked: ConsentAsked, now: datetime) -> frozenset[ConsentMethod]:
    return asked.methods | (_required(now) if asked.purpose == "sale" else frozenset[ConsentMethod]())


def _required(now: datetime) -> frozenset[ConsentMethod]:
    """The methods that the authority requires of a sale that day, all of them together."""
    return frozenset(norms().value("consent.methods", bogota_date(now)).value["required"])


def present_consents(cursor: CursorWrapper, presented: Sequence[Presented]) -> dict[Presented, Consent]:
    """Lock the consents a group of movements carries, in id order, and compare their codes.

    A wrong code is counted in the caller's own transaction, so it stands or falls with the verdict that says so. After
    five of them the code no longer serves. Expiry, counterparty, mineral and amount are the rules' to judge.

    Returns the consents that exist; `checked` holds the code's method where the one presented is right.
    """
    locked = lock_consents(cursor, {p.id for p in presented})
    cursor.execute(
        "SELECT c.id, c.code_hmac, count(k.id), count(k.id) FILTER (WHERE NOT k.succeeded)"
        " FROM registry_consentrequest c LEFT JOIN registry_consentcheck k ON k.consent_id = c.id"
        " WHERE c.id = ANY(%s::uuid[]) GROUP BY c.id",
        [list(locked)],
    )
    state = {id: _CodeState(expected, checks, failures) for id, expected, checks, failures in cursor.fetchall()}
    return {
        item: _judged(cursor, item, locked[item.id], state[item.id])
        for item in dict.fromkeys(presented)
        if item.id in locked
    }


@dataclass(slots=True)
class _CodeState:
    """What the locked rows say of a code, kept in step with what this presentation adds."""

    expected: bytes | None
    checks: int
    failures: int


def _judged(cursor: CursorWrapper, item: Presented, consent: Consent, state: _CodeState) -> Consent:
    if state.expected is None:
        return consent
    told = next(method for method in consent.methods if method in TOLD_A_CODE)
    others = tuple(method for method in consent.checked if method != told)
    if state.failures >= MAX_FAILURES:
        return replace(consent, checked=others)
    right = same(code_hmac(item.id, item.code or ""), state.expected)
    if not (right and told in consent.checked):
        state.checks += 1
        state.failures += not right
        _record_check(cursor, item.id, ordinal=state.checks, method=told, succeeded=right)
    return replace(consent, checked=tuple(sorted((*others, told))) if right else others)


def use_consents(cursor: CursorWrapper, uses: Sequence[tuple[UUID, UUID]]) -> None:
    """Spend consents, each on one movement (or mandate version): the second use of one fails by its key.

    Args:
        uses: pairs of consent and what it served for; the consents are locked by `present_consents` before.
    """
    cursor.execute(
        "INSERT INTO registry_consentuse (consent_id, used_by) SELECT * FROM unnest(%s::uuid[], %s::uuid[])",
        [[consent for consent, _ in uses], [used_by for _, used_by in uses]],
    )


def record_asserted(cursor: "Cursor[Any]", asserted: Sequence[Asserted]) -> None:
    """Keep which movements rest on an operator's word alone, to be counted per buyer and told to the person.

    Args:
        cursor: a plain psycopg cursor of the caller's transaction.
    """
    columns = zip(*((a.movement, a.party, a.counterparty, a.operator) for a in asserted), strict=True)
    cursor.execute(_ASSERTED, [uuids(column) for column in columns], prepare=True)


def _require_sense(asked: ConsentAsked) -> None:
    if asked.party not in kinds_of([asked.party]):
        raise refuse(finding("IDE-001", "party", "Esa persona no está en el registro. Regístrela primero."))
    if asked.mineral is not None and catalogue().mineral(asked.mineral) is None:
        message = f"El mineral «{asked.mineral}» no está en el catálogo. Use un código de él."
        raise refuse(finding("MIN-001", "mineral", message, value=asked.mineral))
    sale = asked.purpose == "sale"
    if sale and (asked.mineral is None or asked.amount is None or asked.amount <= 0):
        message = "El consentimiento de una venta dice el mineral y la cantidad, mayor que 0. Indíquelos."
        raise refuse(finding("CON-013", "quantity", message))


def _term(now: datetime) -> timedelta:
    return timedelta(minutes=int(norms().value("consent.term_minutes", bogota_date(now)).value))


def _require_few_live_codes(cursor: CursorWrapper, party: UUID, now: datetime) -> None:
    cursor.execute("SELECT id FROM registry_actor WHERE id = %s FOR NO KEY UPDATE", [party])
    cursor.execute(
        "SELECT count(*) FROM registry_consentrequest c WHERE party_id = %s AND code_hmac IS NOT NULL"
        " AND expires_at > %s AND NOT EXISTS (SELECT FROM registry_consentuse u WHERE u.consent_id = c.id)",
        [party, now],
    )
    if cursor.fetchone()[0] >= MAX_LIVE_CODES:
        message = "Esa persona ya tiene varios códigos sin usar. Use uno de ellos o espere a que venzan."
        raise refuse(finding("CON-016", "party", message))


def _insert(
    cursor: CursorWrapper,
    asked: ConsentAsked,
    *,
    id: UUID,
    methods: tuple[ConsentMethod, ...],
    code: str | None,
    expires: datetime,
) -> None:
    cursor.execute(
        "INSERT INTO registry_consentrequest (id, purpose, party_id, counterparty, operator, mineral, amount,"
        " price_cop, method, code_hmac, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            id,
            asked.purpose,
            asked.party,
            asked.counterparty,
            asked.operator,
            asked.mineral,
            asked.amount,
            asked.price_cop,
            "+".join(methods),
            None if code is None else code_hmac(id, code),
            expires,
        ],
    )


def _record_check(
    cursor: CursorWrapper, consent: UUID, *, ordinal: int, method: ConsentMethod, succeeded: bool
) -> None:
    cursor.execute(
        "INSERT INTO registry_consentcheck (id, consent_id, ordinal, method, succeeded) VALUES (%s, %s, %s, %s, %s)",
        [uuid7(), consent, ordinal, method, succeeded],
    )
