"""What a rule says of a movement: a value, never an exception, so that all of them are returned at once."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["blocking", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of one rule.

    `code` is stable for ever (`QUO-003`); `field` is the path of the value in the item as received; `norm` cites act
    and article; `message` is Spanish, short, with the remedy; `params` holds the figures compared, as exact text.
    """

    code: str
    severity: Severity
    field: str
    norm: str
    message: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """The six keys of the API, in its order; `params` copied, so that a later change cannot reach a verdict."""
        return {
            "code": self.code,
            "severity": self.severity,
            "field": self.field,
            "norm": self.norm,
            "message": self.message,
            "params": dict(self.params),
        }
