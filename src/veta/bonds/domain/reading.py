"""From JSON values, or a row of a batch, to a `Case`; all faults at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from veta.bonds.domain.case import REGIMES, STAGES, Case, CaseRefused, Production, StageBase
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.quantity import UNITS
from veta.norms import norms
from veta.norms.minerals import Mineral
from veta.prices.domain.base_price import MARKETS
from veta.prices.domain.convert import Content
from veta.prices.domain.fields import Fields, shown

MAX_LINES = 50
UNIT_CODES = ("g", "kg", "t", "m3", "ct")
# What may be said once for every line that does not say it: a title's plan names no market.
SHARED_FIELDS = ("market", "zone", "producer_class")
CASE_FIELDS = (
    "regime", "stage", "starts_on", "ends_on", "investment_cop", "production", "plan_approved", "modality",
    "contract_date", "terminated_on", "royalties_declared", "stage_change", "title", *SHARED_FIELDS,
)  # fmt: skip
LINE_FIELDS = (
    "mineral", "annual_volume", "second_year_volume", "unit", "market", "zone", "producer_class", "density", "grade",
    "recovery",
)  # fmt: skip
CHANGE_FIELDS = ("on", "stage", "investment_cop", "production", "plan_approved")


def read_case(value: object) -> Case:
    """The case that a JSON object states. Raises CaseRefused with every finding."""
    found: list[Finding] = []
    fields = Fields(value, "", found)
    regime = fields.take("regime", fields.one_of(REGIMES), required=True)
    starts_on = fields.take("starts_on", fields.day, required=True)
    base = _base(fields, "", found)
    ends_on = fields.take("ends_on", fields.day)
    modality = fields.take("modality", fields.one_of(_modalities()))
    contract_date = fields.take("contract_date", fields.day)
    terminated_on = fields.take("terminated_on", fields.day)
    declared = fields.take("royalties_declared", _declared(fields))
    change = fields.take("stage_change", lambda _, item: _change(item, found))
    title = fields.take("title", _title(fields))
    shared = (
        fields.take("market", fields.one_of(MARKETS)) or "",
        fields.take("zone", fields.text) or "",
        fields.take("producer_class", fields.text) or "",
    )
    fields.close(CASE_FIELDS)
    if starts_on and ends_on and ends_on < starts_on:
        fields.refuse("ends_on", ends_on.isoformat(), "La vigencia termina antes de empezar. Corrija una fecha.")
    if starts_on and change and change[0] <= starts_on:
        message = "El cambio de etapa va después del inicio. Si ya ocurrió, escriba solo la etapa nueva."
        fields.refuse("stage_change.on", change[0].isoformat(), message)
    if found or regime is None or starts_on is None or base is None:
        raise CaseRefused(found)
    return Case(
        regime=regime, starts_on=starts_on, base=_sharing(base, shared), ends_on=ends_on,
        modality=modality or "contrato_concesion", contract_date=contract_date, terminated_on=terminated_on,
        declared=frozenset(declared or ()), change=_sharing(change[1], shared) if change else None,
        changes_on=change[0] if change else None, title=title or "",
    )  # fmt: skip


def _modalities() -> Sequence[str]:
    return tuple(norms().value("bond.modalities", date(2026, 1, 1)).value)


def _sharing(base: StageBase, shared: tuple[str, str, str]) -> StageBase:
    """The stage whose lines take what was said for all where they say nothing."""
    market, zone, kind = shared
    lines = tuple(
        replace(line, market=line.market or market, zone=line.zone or zone, producer_class=line.producer_class or kind)
        for line in base.production
    )
    return replace(base, production=lines)


def _base(fields: Fields, path: str, found: list[Finding]) -> StageBase | None:
    """The stage and what it is computed on; what the stage does not use is refused, so that nothing is ignored."""
    stage = fields.take("stage", fields.one_of(STAGES), required=True)
    investment = fields.take("investment_cop", fields.centavos)
    approved = fields.take("plan_approved", fields.flag)
    lines = fields.take("production", lambda name, item: _production(fields, name, item, path, found))
    if stage is None:
        return None
    return StageBase(
        stage=stage, investment=investment, production=tuple(lines or ()),
        plan_approved=True if approved is None else approved,
    )  # fmt: skip


def _change(value: object, found: list[Finding]) -> tuple[date, StageBase] | None:
    fields = Fields(value, "stage_change", found)
    on = fields.take("on", fields.day, required=True)
    base = _base(fields, "stage_change.", found)
    fields.close(CHANGE_FIELDS)
    return (on, base) if on and base else None


def _production(
    fields: Fields, name: str, value: Any, path: str, found: list[Finding]
) -> tuple[Production, ...] | None:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_LINES:
        fields.refuse(name, value, f"Envíe una lista de 1 a {MAX_LINES} minerales con su volumen.")
        return None
    read = [_line(item, f"{path}{name}[{index}]", found) for index, item in enumerate(value)]
    lines = [line for line in read if line is not None]
    return tuple(lines) if len(lines) == len(value) else None


def _line(value: object, path: str, found: list[Finding]) -> Production | None:
    before = len(found)
    fields = Fields(value, path, found)
    mineral = fields.take("mineral", fields.mineral, required=True)
    micros = fields.take("annual_volume", fields.micros, required=True)
    unit = fields.take("unit", fields.one_of(UNIT_CODES), required=True)
    second = fields.take("second_year_volume", fields.micros)
    market = fields.take("market", fields.one_of(MARKETS))
    zone = fields.take("zone", fields.text)
    producer_class = fields.take("producer_class", fields.text)
    content = Content(
        fields.take("density", fields.ratio), fields.take("grade", fields.ratio), fields.take("recovery", fields.share)
    )
    fields.close(LINE_FIELDS)
    if mineral is not None and unit is not None:
        _require_unit(fields, mineral, unit, content)
    if len(found) > before or mineral is None or micros is None or unit is None:
        return None
    return Production(
        mineral=mineral.code, micros=micros, unit=unit, market=market or "", zone=zone or "",
        producer_class=producer_class or "", content=content, second_year=second,
    )  # fmt: skip


def _require_unit(fields: Fields, mineral: Mineral, unit: str, content: Content) -> None:
    """A unit other than the mineral's own says something only with what joins the two: density, or grade."""
    own = mineral.unit
    same = UNITS[unit].dimension == UNITS[own].dimension
    metal = mineral.precious and unit == "t"
    joined = content.density is not None if not same else content.grade is not None if metal else True
    if not joined:
        need = "la densidad («density», t/m³) del plan" if not same else "el tenor y la recuperación del plan"
        fields.refuse(
            "unit", unit, f"{mineral.name} va en {own}. Escriba el volumen en {own}, o agregue {need}.", code="MIN-002"
        )


def _declared(fields: Fields) -> Any:
    def read(name: str, value: Any) -> tuple[str, ...] | None:
        if not isinstance(value, list) or len(value) > MAX_LINES:
            fields.refuse(name, value, "Envíe la lista de minerales con regalías declaradas.")
            return None
        minerals = [fields.mineral(f"{name}[{index}]", item) for index, item in enumerate(value)]
        return tuple(mineral.code for mineral in minerals if mineral is not None)

    return read


def _title(fields: Fields) -> Any:
    def read(name: str, value: Any) -> str | None:
        try:
            return title_code(value)
        except DomainError as refused:
            fields.refuse(name, shown(value), refused.message)
            return None

    return read


def case_of_row(row: Mapping[str, str]) -> dict[str, object]:
    """The JSON object that a row of a batch stands for; several minerals go in one cell, separated by «;»."""
    own = [name for name in CASE_FIELDS if name not in ("production", *SHARED_FIELDS)]
    case: dict[str, object] = {name: row[name] for name in own if row.get(name)}
    columns = {name: row[name].split(";") for name in LINE_FIELDS if row.get(name)}
    count = max((len(cells) for cells in columns.values()), default=0)
    if count:
        case["production"] = [
            {name: cells[i].strip() for name, cells in columns.items() if i < len(cells) and cells[i].strip()}
            for i in range(count)
        ]
    if row.get("plan_approved"):
        case["plan_approved"] = row["plan_approved"].strip().lower() not in ("no", "false", "0")
    if row.get("royalties_declared"):
        case["royalties_declared"] = [text.strip() for text in row["royalties_declared"].split(";")]
    return case
