"""The range of an indicative value, drawn: places in per mille of a line that starts at zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """A type of mineral at its price: where it falls, and what it says."""

    at: int
    mineral: str
    market: str
    price: str
    unit: str
    value: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The line: where the range starts and ends, and each type on it."""

    low: int
    high: int
    marks: tuple[Mark, ...]

    @property
    def span(self) -> int:
        """The width of the range, never nothing."""
        return max(self.high - self.low, 6)


def range_drawing(answer: Mapping[str, Any]) -> Drawing | None:
    """The drawing of an answer's range; None where it has one value or none."""
    if not answer.get("range_cop"):
        return None
    low, high = (Decimal(end) for end in answer["range_cop"])
    scale = Decimal(WIDTH) / (high * Decimal("1.05")) if high else Decimal(0)
    options = [option for heading in answer.get("headings", []) for option in heading["options"]]
    marks = tuple(
        Mark(
            int(Decimal(option["insured_cop"]) * scale), option["mineral"], option["market"] or "",
            option["price_cop"], option["unit"], option["insured_cop"],
        )
        for option in options
    )  # fmt: skip
    return Drawing(int(low * scale), int(high * scale), marks)
