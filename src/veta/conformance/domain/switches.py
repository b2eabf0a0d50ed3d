"""How the wire between candidate and hub can be made bad, and which calls that touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

API = "/api/v1"


class Mode(StrEnum):
    """What happens to a call.

    `down`: it is reset and the hub never sees it. `cut`: the hub decides it and the answer is lost. `halve`: half of
    the answer arrives. `slow`: it arrives late. `refuse`: it is answered with a status, the hub never sees it.
    """

    DOWN = "down"
    CUT = "cut"
    HALVE = "halve"
    SLOW = "slow"
    REFUSE = "refuse"


WHERE: Mapping[str, Callable[[str, str], bool]] = {
    "movements": lambda method, path: method == "POST" and path == f"{API}/movements",
    "writes": lambda method, path: method in {"POST", "PUT", "DELETE"},
    "events": lambda method, path: path == f"{API}/events",
    "hub_keys": lambda method, path: path == f"{API}/hub-keys",
    "all": lambda method, path: True,
}
"""The calls that a switch can touch, by name: whether this method and path is one."""


@dataclass
class Switch:
    """A mode of the wire. `times`: how many calls it still touches (0: until it is taken away); `seconds` of `slow`."""

    mode: Mode
    where: str = "movements"
    times: int = 0
    status: int = 503
    retry_after: int | None = 1
    seconds: float = 1.0
    problem: str = ""
    used: int = 0

    def takes(self, method: str, path: str) -> bool:
        """Whether it touches this call; it counts it then."""
        if (self.times and self.used >= self.times) or not WHERE[self.where](method, path):
            return False
        self.used += 1
        return True

    @property
    def name(self) -> str:
        """As the report says it."""
        return f"{self.mode.value} {self.status}" if self.mode is Mode.REFUSE else self.mode.value
