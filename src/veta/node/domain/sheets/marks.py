"""What is said of a cell: that it was mended, that the row is left out for it, or that somebody should look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Severity = Literal["repaired", "rejected", "warning"]

MENDED: Final = "SHE-030"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one cell. `column` is its place in the file from 0, None where it is of the whole row."""

    column: int | None
    title: str
    value: str
    cause: str
    remedy: str
    code: str
    severity: Severity = "rejected"

    def as_json(self) -> dict[str, Any]:
        return {
            "column": self.column, "title": self.title, "value": self.value[:200], "cause": self.cause,
            "remedy": self.remedy, "code": self.code, "severity": self.severity,
        }  # fmt: skip


class CellFault(Exception):
    """A cell for which the row is left out: why, and what to do."""

    def __init__(self, code: str, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.code, self.cause, self.remedy = code, cause, remedy


class FileFault(Exception):
    """A file of which nothing is read: why, and what to do."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code, self.cause = code, cause
