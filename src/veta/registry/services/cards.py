"""Cards: how a person without a phone consents, with a token that is held and a PIN that is known."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from veta.kernel.ids import uuid7
from veta.registry.domain import CARD_FAILURES
from veta.registry.queries.actors import kinds_of
from veta.registry.refusals import finding, refuse
from veta.registry.secrets import is_weak_pin, new_salt, new_token, pin_hash, same, token_hmac

_NORM = "Res. ANM 759 de 2024 (autenticación del vendedor)"


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A new card: its id, and the token to print on it, which is shown this once and kept nowhere."""

    id: UUID
    token: str


def new_pin() -> str:
    """Four random digits that nobody would guess first, for a person who is told them once."""
    while is_weak_pin(pin := f"{secrets.randbelow(10**4):04d}"):
        pass
    return pin


@transaction.atomic
def issue_card(actor: UUID, *, pin: str, by: str) -> IssuedCard:
    """Issue a card to an actor with the PIN it chose; its earlier cards stop serving.

    Raises RegistryRefused: IDE-001 unknown actor, CON-010 for a PIN that is no PIN or that anybody would guess.
    Effects: a card row (HMAC of the token, scrypt of the PIN), revocations of the earlier ones.
    """
    if actor not in kinds_of([actor]):
        raise refuse(finding("IDE-001", "actor", "Ese actor no está en el registro. Regístrelo primero."))
    if is_weak_pin(pin):
        message = "El PIN lleva de 4 a 8 dígitos, sin repetir uno solo ni ir en fila (1234). Elija otro."
        raise refuse(finding("CON-010", "pin", message))
    card, token, salt = uuid7(), new_token(), new_salt()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_actor WHERE id = %s FOR UPDATE", [actor])
        cursor.execute(
            "INSERT INTO registry_cardrevocation (card_id, reason, recorded_by)"
            " SELECT id, 'reemplazada', %s FROM registry_card WHERE actor_id = %s ON CONFLICT DO NOTHING",
            [by, actor],
        )
        cursor.execute(
            "INSERT INTO registry_card (id, actor_id, token_hmac, pin_salt, pin_hash, recorded_by)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [card, actor, token_hmac(token), salt, pin_hash(pin, salt), by],
        )
    return IssuedCard(card, token)


@transaction.atomic
def revoke_card(card: UUID, *, reason: str, by: str) -> None:
    """End a card (lost, stolen, returned). Ending it again is no error; RegistryRefused CON-011 where it is unknown."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_card WHERE id = %s FOR UPDATE", [card])
        if cursor.fetchone() is None:
            raise refuse(finding("CON-011", "card", "Esa tarjeta no existe. Revise el número."))
        cursor.execute(
            "INSERT INTO registry_cardrevocation (card_id, reason, recorded_by) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [card, reason, by],
        )


def check_card(token: str, pin: str) -> UUID:
    """The actor whose card and PIN these are.

    Attempts are numbered under the card's lock and stored in a transaction of their own, which is not undone by the
    refusal: five wrong PINs in a row end the card, however many try at once. Call it outside any transaction.

    Raises RegistryRefused: CON-011 for a token unknown or revoked, or a wrong PIN (the same words for each: whoever
    guesses learns nothing), CON-012 where the card has no attempts left.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        actor, blocked = _attempt(cursor, token, pin)
    if actor is not None:
        return actor
    if blocked:
        message = "La tarjeta quedó bloqueada por intentos fallidos. Pida una nueva en la alcaldía o a la autoridad."
        raise refuse(finding("CON-012", "card", message, norm=_NORM))
    message = "La tarjeta o el PIN no corresponden. Revise e intente de nuevo; tras cinco fallas se bloquea."
    raise refuse(finding("CON-011", "card", message, norm=_NORM))


def _attempt(cursor: CursorWrapper, token: str, pin: str) -> tuple[UUID | None, bool]:
    """One numbered presentation: (the actor, or None; whether the card has no attempts left)."""
    cursor.execute(
        "SELECT id, actor_id, pin_salt, pin_hash FROM registry_card c WHERE token_hmac = %s"
        " AND NOT EXISTS (SELECT FROM registry_cardrevocation r WHERE r.card_id = c.id) FOR NO KEY UPDATE",
        [token_hmac(token)],
    )
    row = cursor.fetchone()
    if row is None:
        return None, False
    card, actor, salt, expected = row
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE NOT succeeded AND ordinal > coalesce("
        "  (SELECT max(ordinal) FROM registry_cardattempt WHERE card_id = %s AND succeeded), 0))"
        " FROM registry_cardattempt WHERE card_id = %s",
        [card, card],
    )
    attempts, failures = cursor.fetchone()
    if failures >= CARD_FAILURES:
        return None, True
    succeeded = same(pin_hash(pin, bytes(salt)), expected)
    cursor.execute(
        "INSERT INTO registry_cardattempt (id, card_id, ordinal, succeeded) VALUES (%s, %s, %s, %s)",
        [uuid7(), card, attempts + 1, succeeded],
    )
    return (actor, False) if succeeded else (None, failures + 1 >= CARD_FAILURES)
