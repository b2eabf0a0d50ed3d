"""What the suite's report says of itself; what it found stays in the report, which is kept whole under its hash."""

import json
from dataclasses import dataclass

SCHEMA = "veta-conformance-report-v1"


@dataclass(frozen=True, slots=True)
class Said:
    """The round that a report is of (0: the candidate's own test) and how many of its scenarios passed."""

    round: int
    passed: int
    of: int

    @property
    def shown(self) -> str:
        return f"{self.passed} de {self.of}"


def said_by(content: bytes) -> Said | None:
    """What a report of the suite says; None for one that was made by other means."""
    file = json.loads(content)
    counts = [file.get(name) for name in ("round", "passed", "of")]
    if file.get("schema") != SCHEMA or not all(isinstance(each, int) and each >= 0 for each in counts):
        return None
    return Said(*counts)
