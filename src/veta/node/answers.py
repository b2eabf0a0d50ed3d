"""The hub's answers, as far as their shape is fixed (docs/openapi.json)."""

from typing import Any, TypedDict


class FindingJson(TypedDict):
    """One finding of a verdict or of a problem document."""

    code: str
    severity: str
    field: str
    norm: str
    message: str
    params: dict[str, str]


class LotJson(TypedDict):
    """A lot that a movement made."""

    lot: str
    mineral: str
    quantity: str
    unit: str


class Verdict(TypedDict):
    """The immutable verdict under a movement's id."""

    movement: str
    status: str
    accreditation: str | None
    decided_at: str
    lots: list[LotJson]
    findings: list[FindingJson]
    rules: str


class Result(TypedDict):
    """The answer to one item: its verdict, and the receipt that ties it to the log."""

    repeated: bool
    verdict: Verdict
    receipt: dict[str, Any] | None


class Party(TypedDict, total=False):
    """Who: `type` NIT, CC, CE, PPT or PA; `number`; `check`, the digit of a NIT."""

    type: str
    number: str
    check: str
