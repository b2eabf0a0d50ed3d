"""What a scenario left behind: every exchange on the wire, what was asked of the candidate, and the hub's ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson

MOVEMENTS = "/api/v1/movements"


@dataclass(frozen=True, slots=True)
class Signature:
    """What the suite's own verification found of a request: `trouble` is empty where it holds."""

    key_id: str = ""
    nonce: str = ""
    created: int = 0
    trouble: str = ""


@dataclass
class Exchange:
    """One request and what came of it. `started` and `ended` in seconds of a clock that only goes forward.

    `status` None: no answer reached the candidate. `fault`: what the observer did to it, empty for nothing.
    `reached`: whether the hub got it; `hub_status` what the hub answered then.
    """

    number: int
    at: datetime
    started: float
    method: str
    target: str
    fields: Mapping[str, str]
    body: bytes
    body_sha256: str
    signature: Signature
    fault: str = ""
    reached: bool = False
    hub_status: int | None = None
    status: int | None = None
    retry_after: float | None = None
    answer: bytes = b""
    ended: float = 0.0

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @cached_property
    def items(self) -> tuple[Mapping[str, Any], ...]:
        """The movements that it submits; none where it submits none or they cannot be read."""
        if self.method != "POST" or self.path != MOVEMENTS:
            return ()
        try:
            listed = orjson.loads(self.body)["movements"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return ()
        return tuple(each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()

    @property
    def results(self) -> tuple[Mapping[str, Any], ...]:
        """The verdicts of its movements as the candidate received them; none while it is on its way."""
        return self._results if self.items and self.status == 200 else ()

    @cached_property
    def _results(self) -> tuple[Mapping[str, Any], ...]:
        try:
            return tuple(orjson.loads(self.answer)["results"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return ()


Sent = tuple[Exchange, Mapping[str, Any]]
"""A request and the movement in it."""


@dataclass(frozen=True, slots=True)
class Captured:
    """Something that the candidate was asked to capture. `mark`: the number of the paper that names it everywhere."""

    name: str
    mark: str
    movement: Mapping[str, Any]
    client: Mapping[str, str]
    at: float


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that the suite sent to the candidate's webhook, and what it answered (None: nothing)."""

    name: str
    forged: bool
    at: float
    status: int | None


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that the suite did or asked, for the report: `at` as in the exchanges."""

    at: float
    step: int
    said: str


@dataclass
class Evidence:
    """Everything of one run of one scenario.

    `ledger`: by movement id, what the hub's own tables say at the end; `outcomes`: by name, how what waited ended.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    captured: dict[str, Captured] = field(default_factory=dict)
    shown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    named: dict[str, float] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    parties: dict[str, Mapping[str, str]] = field(default_factory=dict)
    ledger: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    _read: int = 0
    _sent: dict[str, list[Sent]] = field(default_factory=dict)

    def kept(self) -> Evidence:
        """The same as it is now: what is still on the wire as the scenario ends goes on, and changes nothing here."""
        return replace(self, exchanges=[copy(each) for each in self.exchanges], _read=0, _sent={})

    def sent(self, mark: str) -> Iterator[Sent]:
        """Every time that something was submitted, in order."""
        for exchange in self.exchanges[self._read :]:
            for item in exchange.items:
                self._sent.setdefault(mark_of(item), []).append((exchange, item))
        self._read = len(self.exchanges)
        yield from self._sent.get(mark, ())

    def ids(self, mark: str) -> list[str]:
        """The movement ids under which something was submitted, in order of their first use."""
        return list(dict.fromkeys(str(item.get("id")) for _, item in self.sent(mark)))

    def verdicts(self, mark: str) -> list[Mapping[str, Any]]:
        """The verdicts that the candidate received of something, in order."""
        ids = set(self.ids(mark))
        found = (result.get("verdict", {}) for exchange in self.exchanges for result in exchange.results)
        return [verdict for verdict in found if verdict.get("movement") in ids]


def mark_of(item: Mapping[str, Any]) -> str:
    """The number of a movement's first paper: it names it whatever its id."""
    papers = item.get("evidence")
    first = papers[0] if isinstance(papers, list) and papers else {}
    return str(first.get("number", "")) if isinstance(first, dict) else ""
