"""Erasure after the legal term: an act of two persons that destroys words, salts and who somebody was (ADR 0069).

What stays says nothing of anybody: movements and entries under a random id, verdicts, leaves. The erasure itself, with
every row that it names, is in the public log; whatever is missing without one was taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from veta.kernel.clock import Clock
from veta.kernel.errors import DomainError
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.movements.models import Erasure, ErasureDecision, ErasureItem
from veta.norms import norms
from veta.storage.connection import plain_cursor

DAYS_IN_A_YEAR: Final = 366  # the longer count: nothing goes a day early

_OF_ACTOR = "SELECT id FROM movements_movement WHERE author = %s OR counterparty = %s"
_IDENTITY = {
    "registry_actordocument": "SELECT hmac::text FROM registry_actordocument WHERE actor_id = %s",
    "registry_actorname": "SELECT id::text FROM registry_actorname WHERE actor_id = %s",
    "registry_actorcontact": "SELECT id::text FROM registry_actorcontact WHERE actor_id = %s",
    "registry_actorsourcekey": "SELECT hmac::text FROM registry_actorsourcekey WHERE actor_id = %s",
}
_WORDS = "SELECT movement_id::text FROM movements_rawitem WHERE movement_id = ANY (%s) ORDER BY 1"
_YOUNGEST = "SELECT max(received_at) FROM movements_movement WHERE id = ANY (%s)"
_OPEN = "SELECT proposed_by FROM movements_erasure WHERE id = %s"


class ErasureRefused(DomainError):
    """An erasure that is not recorded, or not carried out."""

    code = "ERA-001"


@transaction.atomic
def propose_erasure(
    *, act: str, reason: str, by: str, clock: Clock, movements: Sequence[UUID] = (), actor: UUID | None = None
) -> UUID:
    """Propose to destroy the words of movements, or everything that says who an actor was, in its movements too.

    Norm: Ley 962 de 2005 art. 28 (parameter `retention.books`). Returns the proposal's id; it has no effect until
    another person decides. Raises ErasureRefused: ERA-001 act, reason or author missing, ERA-002 within the term,
    ERA-003 nothing to erase.
    """
    if not (act.strip() and reason.strip() and by.strip()):
        raise ErasureRefused("Faltan el acto, el motivo o quién propone. Complételos.")
    chosen = list(movements)
    if actor is not None:
        chosen += [row[0] for row in plain_cursor().execute(_OF_ACTOR, (actor, actor))]
    _require_term_over(chosen, clock)
    items = _items(chosen, actor)
    if not items:
        raise ErasureRefused("No queda nada que borrar de lo que indica. Revise los identificadores.", code="ERA-003")
    made = Erasure.objects.create(id=uuid7(), actor=actor, act=act, reason=reason, proposed_by=by)
    ErasureItem.objects.bulk_create(
        ErasureItem(id=uuid7(), erasure=made.id, relation=relation, key=key) for relation, key in items
    )
    return made.id


@transaction.atomic
def approve_erasure(erasure: UUID, *, by: str) -> int:
    """Carry an erasure out; how many rows it destroyed. The database refuses it without a second person.

    Raises ErasureRefused: ERA-004 unknown or decided, ERA-005 who proposed may not decide.
    """
    _decide(erasure, by=by, decision="approved", reason="")
    row = plain_cursor().execute("SELECT movements_erase(%s)", (erasure,)).fetchone()
    assert row is not None
    return int(row[0])


@transaction.atomic
def refuse_erasure(erasure: UUID, *, by: str, reason: str) -> None:
    """Refuse an erasure for a reason. Raises ErasureRefused as `approve_erasure`, and ERA-001 without a reason."""
    if not reason.strip():
        raise ErasureRefused("Falta por qué se rechaza. Escríbalo.")
    _decide(erasure, by=by, decision="refused", reason=reason)


def _decide(erasure: UUID, *, by: str, decision: str, reason: str) -> None:
    row = plain_cursor().execute(_OPEN, (erasure,)).fetchone()
    if row is None or ErasureDecision.objects.filter(erasure=erasure).exists():
        raise ErasureRefused("Ese borrado no existe o ya se decidió. Revise su número.", code="ERA-004")
    try:
        with transaction.atomic():
            ErasureDecision.objects.create(
                erasure=erasure, proposed_by=row[0], decided_by=by, decision=decision, reason=reason
            )
    except IntegrityError:
        raise ErasureRefused("Quien decide debe ser otra persona que quien propuso.", code="ERA-005") from None


def _require_term_over(movements: Sequence[UUID], clock: Clock) -> None:
    now = clock.now()
    row = plain_cursor().execute(_YOUNGEST, (list(movements),)).fetchone()
    youngest = row[0] if row is not None else None
    years = int(norms().value("retention.books", bogota_date(now)).value["years"])
    if youngest is not None and youngest + timedelta(days=DAYS_IN_A_YEAR * years) > now:
        raise ErasureRefused(
            f"El plazo legal de {years} años no ha terminado para lo que indica: el último se recibió el"
            f" {bogota_date(youngest)}. Preséntelo cuando termine.", code="ERA-002",
        )  # fmt: skip


def _items(movements: Sequence[UUID], actor: UUID | None) -> list[tuple[str, str]]:
    cursor = plain_cursor()
    items = [("movements_rawitem", row[0]) for row in cursor.execute(_WORDS, (list(movements),))]
    for relation, query in _IDENTITY.items() if actor is not None else ():
        items += [(relation, row[0]) for row in cursor.execute(query, (actor,))]
    return items
