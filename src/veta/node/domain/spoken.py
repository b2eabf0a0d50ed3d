"""Figures and hours of a record as they are read in Colombia, whatever was written in it."""

import re
from datetime import datetime
from typing import Final

from veta.kernel.period import BOGOTA
from veta.prices.domain.figures import in_spanish, trimmed

_DECIMAL: Final = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?").fullmatch


def comma(value: object) -> str:
    """«1234.50» as «1234,50»: as one types it into a form, where «1.234» could be read in two ways, or a percentage."""
    return str(value).replace(".", ",")


def figure(value: object) -> str:
    """«1234.500» as «1.234,5»; what is no decimal text, as it came: a record holds what somebody wrote."""
    text = str(value)
    return in_spanish(trimmed(text)) if _DECIMAL(text) else text


def moment(at: datetime) -> str:
    """Day and hour as the wall says in Bogotá."""
    return f"{at.astimezone(BOGOTA):%Y-%m-%d %H:%M}"


def said_moment(text: object) -> str:
    """The same of an instant as text; what is no instant, as it came."""
    try:
        return moment(datetime.fromisoformat(str(text)))
    except (ValueError, OverflowError):
        return str(text)
