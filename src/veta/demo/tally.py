"""What came back, counted: verdicts, findings, and whatever is not as it should be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# Verdicts in the order in which they are told.
VERDICTS = ("accepted", "pending", "refused", "withdrawn", "rejected")


@dataclass(slots=True)
class Tally:
    """Movements by their last state, findings by code and severity, differences in words."""

    states: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)
    receipts: int = 0
    answered: int = 0

    def count(self, result: dict[str, Any], *, expected: str, what: str) -> None:
        """Count a movement's first verdict, which must be `expected`."""
        self._findings(result)
        self.states[result["status"]] += 1
        if result["status"] != expected:
            self.differ(f"{what}: {result['status']} en vez de {expected}. {' '.join(result['messages'])}")

    def count_answer(self, result: dict[str, Any], *, expected: str, what: str) -> None:
        """Count what ended a pending movement: it leaves the pending for `expected`."""
        self._findings(result)
        if result["status"] != "accepted" or result["outcome"] != expected:
            self.differ(
                f"{what}: {result['status']} {result['outcome']} en vez de {expected}. {' '.join(result['messages'])}"
            )
            return
        self.states["pending"] -= 1
        self.states[expected] += 1

    def differ(self, what: str) -> None:
        self.differences.append(what)

    def _findings(self, result: dict[str, Any]) -> None:
        self.answered += 1
        self.findings.update((code, severity) for code, severity in result["findings"])
        self.receipts += result["receipt"]
        if not result["receipt"]:
            self.differ(f"El movimiento {result['movement']} llegó sin recibo.")

    @property
    def movements(self) -> int:
        return sum(self.states.values())
