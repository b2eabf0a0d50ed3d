"""What people type: numbers with points for thousands and a comma for decimals, read and never guessed; and days."""

import re
from typing import Any

from django import forms

_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?").fullmatch
_COMMA = re.compile(r"[0-9]+,[0-9]+").fullmatch
_POINT = re.compile(r"[0-9]+\.[0-9]+").fullmatch


def typed_number(text: str) -> str:
    """The canonical decimal text of what was typed; what cannot be a number comes back as it is, to be refused.

    «1.234.567,89» → «1234567.89»; «120.000» → «120000» (three digits after a point are thousands here); «120,5» and
    «120.5» → «120.5». Blanks and a leading «$» are dropped.
    """
    bare = "".join(text.split()).removeprefix("$")
    if _GROUPED(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _COMMA(bare):
        bare = bare.replace(",", ".")
    if not (bare.isascii() and (bare.isdigit() or _POINT(bare))):
        return bare
    whole, _, decimals = bare.partition(".")
    return f"{whole.lstrip('0') or '0'}{'.' + decimals if decimals else ''}"


class DayInput(forms.DateInput):
    """A day in the browser's own calendar, which takes its value in ISO form alone, whatever the language."""

    input_type = "date"

    def __init__(self, **given: Any) -> None:
        super().__init__(format="%Y-%m-%d", **given)
