"""How a question to the hub stands whose answer the node keeps, and when it is asked again."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SOON: Final = timedelta(minutes=1)


class Asking(StrEnum):
    """`asked`: written, and no answer is known; `issued`: the hub gave it; `refused`: it said no."""

    ASKED = "asked"
    ISSUED = "issued"
    REFUSED = "refused"


def due(asked_at: datetime, tried_at: datetime | None, *, now: datetime) -> bool:
    """Whether to ask again: a minute after the first time, then each time after as long again as it has taken."""
    waited = max(SOON, (tried_at or asked_at) - asked_at)
    return now - (tried_at or asked_at) >= waited
