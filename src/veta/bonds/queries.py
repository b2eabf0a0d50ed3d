"""Reads of bonds: quotations by their code."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from veta.bonds import models
from veta.kernel.errors import DomainError
from veta.kernel.identity import title_code

# What is easily misread on paper, as Crockford's base 32 reads it.
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quote as it was given, under its code."""

    code: str
    title_code: str
    case: dict[str, Any]
    answer: dict[str, Any]
    recorded_at: datetime


def quotation(code: str) -> Quotation | None:
    """The quotation of a code, written as it is."""
    return _kept(models.Quotation.objects.filter(code=code).first())


def find_quotation(code: str, title: str) -> Quotation | None:
    """The quotation of that code and title, both as typed; None where either is another's."""
    typed = "".join(char for char in code.upper() if char.isalnum()).translate(_LOOKALIKES)
    found = quotation(f"{typed[:5]}-{typed[5:10]}")
    if found is None:
        return None
    try:
        asked = title_code(title) if title.strip() else ""
    except DomainError:
        return None
    return found if found.title_code == asked else None


def _kept(row: models.Quotation | None) -> Quotation | None:
    if row is None:
        return None
    return Quotation(row.code, row.title_code, row.case, row.answer, row.recorded_at)
