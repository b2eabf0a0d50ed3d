"""Operators as the authority records them."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from veta.operators.keyring import forget
from veta.operators.models import Operator, OperatorVersion
from veta.operators.refusals import OperatorRefused

STATUSES = ("active", "suspended", "ended")


@transaction.atomic
def enrol(*, code: str, name: str, enabled_on: date, act: str, officer: str, actor: UUID | None = None) -> Operator:
    """Record an operator, enabled from a date (Bogotá) by an act. It can sign nothing until its keys are approved.

    Raises OperatorRefused: OPE-001 the code is taken, OPE-002 code, act or officer is empty.
    """
    code = code.strip().upper()
    if not (code and act.strip() and officer.strip()):
        raise OperatorRefused("Faltan el código, el acto o quién registra. Complételos.", code="OPE-002")
    try:
        with transaction.atomic():
            operator = Operator.objects.create(code=code, name=name, actor_id=actor, recorded_by=officer)
    except IntegrityError as error:
        raise OperatorRefused(f"El código «{code}» ya es de otro operador. Use otro.", code="OPE-001") from error
    record_status(operator=operator.id, status="active", enabled_on=enabled_on, act=act, officer=officer)
    return operator


def record_status(*, operator: UUID, status: str, enabled_on: date, act: str, officer: str) -> OperatorVersion:
    """Record that an operator is active, suspended or ended; its keys follow within five seconds in every process.

    Raises OperatorRefused OPE-002 for another status or a missing act.
    """
    if status not in STATUSES or not act.strip() or not officer.strip():
        raise OperatorRefused("Faltan el estado, el acto o quién registra. Complételos.", code="OPE-002")
    version = OperatorVersion.objects.create(
        operator_id=operator, status=status, enabled_on=enabled_on, act=act, recorded_by=officer
    )
    transaction.on_commit(forget)
    return version
