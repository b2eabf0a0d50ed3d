"""The case whose bond is asked for, and how it is read: every fault at once, each with field, value and remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.prices.domain.convert import NOTHING, Content

Regime = Literal["ley_685", "decreto_2655"]
Stage = Literal["exploracion", "construccion_montaje", "explotacion"]
REGIMES: tuple[Regime, ...] = get_args(Regime)
STAGES: tuple[Stage, ...] = get_args(Stage)
STAGE_ES: Mapping[str, str] = MappingProxyType(
    {"exploracion": "exploración", "construccion_montaje": "construcción y montaje", "explotacion": "explotación"}
)
REGIME_ES: Mapping[str, str] = MappingProxyType({"ley_685": "Ley 685 de 2001", "decreto_2655": "Decreto 2655 de 1988"})


class CaseRefused(DomainError):
    """A case that cannot be read; its findings name every field, value and remedy."""

    code = "SCH-005"

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings), findings=findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """A line of the approved plan: a mineral or heading and its volume a year, in millionths of `unit`.

    `second_year` is that of the second year, where it was given. `content` is what the plan says of the ore.
    """

    mineral: str
    micros: int
    unit: str
    market: str = ""
    zone: str = ""
    producer_class: str = ""
    content: Content = NOTHING
    second_year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageBase:
    """What a stage's value is computed on: centavos of the year's investment, or the plan's lines."""

    stage: Stage
    investment: int | None = None
    production: tuple[Production, ...] = ()
    plan_approved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A bond to be valued. Dates are Bogotá dates.

    `ends_on` is the last day of its validity (None: a year). `change` is the stage that begins on `changes_on`.
    `contract_date` gives the anniversary. `declared` are the minerals whose royalties were declared. `from_plan` says
    where the volumes were read: empty when whoever asks wrote them.
    """

    regime: Regime
    starts_on: date
    base: StageBase
    ends_on: date | None = None
    changes_on: date | None = None
    change: StageBase | None = None
    modality: str = "contrato_concesion"
    contract_date: date | None = None
    terminated_on: date | None = None
    declared: frozenset[str] = frozenset()
    title: str = ""
    from_plan: str = ""
