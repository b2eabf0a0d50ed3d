"""Keys of operators: recorded and approved by officers, asked for by live keys, revoked by either."""

import logging
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from veta.operators.domain.keys import check_possession, key_id_of, public_key_of
from veta.operators.domain.signature import Purpose
from veta.operators.keyring import forget
from veta.operators.models import KeyApproval, KeyRevocation, Operator, OperatorKey
from veta.operators.queries import KeyState, key_states
from veta.operators.refusals import OperatorRefused

logger = logging.getLogger(__name__)


@transaction.atomic
def record_key(*, operator: UUID, public_key: bytes, purpose: Purpose, officer: str, proof: bytes) -> str:
    """Record a first or recovery key with this officer's approval; it counts once another officer approves it too.

    Args: `public_key`, 32 raw bytes; `proof`, the key's signature of `possession_statement`.
    Returns the key id. Raises KeyRefused (no key, no proof), OperatorRefused OPE-003 (key known) or OPE-004.
    """
    key = _new_key(
        _operator(operator), public_key=public_key, purpose=purpose, proof=proof, recorded_by=officer.strip()
    )
    approve_key(key.id, officer=officer)
    return key.id


@transaction.atomic
def ask_key(*, operator: UUID, public_key: bytes, purpose: Purpose, proof: bytes, by: str) -> str:
    """Record a key that its operator handed in by a page of its own: it counts once two officers approve it.

    Args: as `record_key`; `by`, who handed it in, which approves nothing. Returns the key id; raises as `record_key`.
    """
    owner = _operator(operator)
    return _new_key(owner, public_key=public_key, purpose=purpose, proof=proof, recorded_by=by.strip()).id


@transaction.atomic
def approve_key(key_id: str, *, officer: str) -> None:
    """Add an officer's approval: two different ones for a key recorded by an officer, one for a key asked for by a key.

    Raises OperatorRefused: OPE-005 no such key, OPE-006 this officer approved it before, OPE-002 no officer.
    """
    name = officer.strip().lower()
    if not name:
        raise OperatorRefused("Falta quién aprueba. Escriba su nombre.", code="OPE-002")
    if not OperatorKey.objects.filter(id=key_id).exists():
        raise OperatorRefused(f"No existe la llave «{key_id}». Revise su id.", code="OPE-005")
    try:
        with transaction.atomic():
            KeyApproval.objects.create(key_id=key_id, officer=name)
    except IntegrityError as error:
        message = "Usted ya aprobó esta llave. La segunda aprobación es de otra persona."
        raise OperatorRefused(message, code="OPE-006") from error
    transaction.on_commit(forget)


@transaction.atomic
def propose_key(*, by: str, public_key: bytes, purpose: Purpose, proof: bytes, now: datetime) -> KeyState:
    """Record a key that a live key of the same operator asks for: it counts after 24 h, or one officer's approval.

    Args: `by`, the id of the asking key, verified; the rest as `record_key`.
    Raises as `record_key`; OPE-007 where the asking key does not count, or a signing key asks for a recovery key.
    """
    asking = OperatorKey.objects.select_related("operator").get(id=by)
    states = {state.id: state for state in key_states(now=now, operator=asking.operator_id)}
    if states[by].state != "live" or (asking.purpose == "signing" and purpose == "recovery"):
        raise OperatorRefused("Con esta llave no se puede pedir esa llave. Acuda a la ANM.", code="OPE-007")
    key = _new_key(asking.operator, public_key=public_key, purpose=purpose, proof=proof, proposed_by=by)
    transaction.on_commit(forget)
    logger.warning("key proposed operator=%s key=%s by=%s", asking.operator.code, key.id, by)
    recorded = key_states(now=key.proposed_at, operator=asking.operator_id)
    return next(state for state in recorded if state.id == key.id)


@transaction.atomic
def revoke_key(key_id: str, *, by: str, compromised: bool, reason: str, asking: str | None = None) -> list[str]:
    """Revoke a key, effective in every process within five seconds of the commit.

    Args: `by`, the officer or operator; `asking`, the id of the operator's key that asks, None for an officer: a
    signing key cannot revoke a recovery key, so that who steals one cannot lock its owner out.
    Returns the ids that no longer count because of it: the key, and if `compromised` those that descend from it.
    Raises OperatorRefused: OPE-005 no such key of that operator, OPE-007 not with this key.
    """
    key = OperatorKey.objects.filter(id=key_id).first()
    asker = OperatorKey.objects.get(id=asking) if asking else None
    if key is None or (asker and asker.operator_id != key.operator_id):
        raise OperatorRefused(f"No existe la llave «{key_id}». Revise su id.", code="OPE-005")
    if asker and asker.purpose == "signing" and key.purpose == "recovery":
        raise OperatorRefused("Una llave de recuperación la revoca ella misma o la ANM.", code="OPE-007")
    KeyRevocation.objects.create(key=key, compromised=compromised, reason=reason[:400], revoked_by=by)
    transaction.on_commit(forget)
    logger.warning("key revoked key=%s compromised=%s", key_id, compromised)
    return [key_id, *(_descendants(key_id) if compromised else [])]


def _operator(operator: UUID) -> Operator:
    found = Operator.objects.filter(id=operator).first()
    if found is None:
        raise OperatorRefused("No existe ese operador. Regístrelo primero.", code="OPE-004")
    return found


def _new_key(
    operator: Operator,
    *,
    public_key: bytes,
    purpose: Purpose,
    proof: bytes,
    recorded_by: str = "",
    proposed_by: str | None = None,
) -> OperatorKey:
    """Insert a key whose holder proved to hold it. KeyRefused; OPE-003 where the key is anyone's already."""
    public_key_of(public_key)
    check_possession(operator.code, public_key, proof=proof)
    try:
        with transaction.atomic():
            key = OperatorKey.objects.create(
                id=key_id_of(operator.code, public_key),
                operator=operator,
                public_key=public_key,
                purpose=purpose,
                recorded_by=recorded_by,
                proposed_by_id=proposed_by,
            )
    except IntegrityError as error:
        raise OperatorRefused("Esa llave ya está registrada. Genere otra.", code="OPE-003") from error
    key.refresh_from_db()
    return key


def _descendants(key_id: str) -> list[str]:
    """Every key asked for by this one, or by one of those."""
    found: list[str] = []
    asked = [key_id]
    while asked:
        asked = list(OperatorKey.objects.filter(proposed_by__in=asked).order_by("id").values_list("id", flat=True))
        found += asked
    return found
