"""A call is made; whatever else its officers do is a command given to `perform`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from veta.calls.domain.commands.setup import create
from veta.calls.domain.refusals import refused
from veta.calls.services.book import begin


def create_call(data: Mapping[str, Any], *, by: str, now: datetime) -> UUID:
    """Make a call from its data (`domain.seed`); it is nobody's to see until its invitation is published.

    Raises CAL-022, CAL-016, CAL-002; CAL-020 where its code is another's.
    """
    drafted = create(data, at=now)
    try:
        with transaction.atomic():
            return begin(str(data["code"]), drafted, by=by, now=now).call
    except IntegrityError as error:
        raise refused("CAL-020", f"El código «{data['code']}» ya es de otra convocatoria. Use otro.") from error
