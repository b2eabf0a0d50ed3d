"""From JSON values to a quarter's settlement; every fault at once, each with field, value and remedy."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import divipola, title_code
from veta.kernel.period import Period, quarter_of
from veta.kernel.quantity import UNITS, Fineness
from veta.norms import norms
from veta.norms.minerals import Mineral
from veta.prices.domain.base_price import MARKETS
from veta.prices.domain.convert import Content
from veta.prices.domain.fields import FIRST_YEAR, LAST_YEAR, Fields
from veta.royalties.domain.rates import DEPOSITS, SUBSOILS
from veta.royalties.domain.settlement import Mined, SettlementCase

MAX_LINES = 200
UNIT_CODES = ("g", "kg", "t", "m3", "ct")
CASE_FIELDS = ("title", "quarter", "contract_date", "modality", "subsoil", "paid_on", "lines")
LINE_FIELDS = (
    "mineral", "quantity", "unit", "municipality", "month", "market", "zone", "producer_class", "fineness", "deposit",
    "open_pit", "holder_year_tonnes", "density", "grade", "recovery",
)  # fmt: skip
_QUARTER = re.compile(r"([0-9]{4})-[TQ]?([1-4])").fullmatch
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])").fullmatch


class SettlementRefused(DomainError):
    """A settlement that cannot be read; its findings name every field, value and remedy."""

    code = "SCH-005"

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(" ".join(finding.message for finding in findings), findings=findings)


def read_settlement(value: object) -> SettlementCase:
    """The settlement that a JSON object states. Raises SettlementRefused with every finding."""
    found: list[Finding] = []
    fields = Fields(value, "", found)
    quarter = fields.take("quarter", _quarter(fields), required=True)
    title = fields.take("title", _by(fields, title_code))
    contract_date = fields.take("contract_date", fields.day)
    modality = fields.take("modality", fields.one_of(tuple(norms().value("bond.modalities", date(2026, 1, 1)).value)))
    subsoil = fields.take("subsoil", fields.one_of(SUBSOILS))
    paid_on = fields.take("paid_on", fields.day)
    lines = fields.take("lines", lambda name, item: _lines(fields, name, item, found), required=True)
    fields.close(CASE_FIELDS)
    if quarter is not None and lines:
        _require_months(fields, quarter, lines)
    if found or quarter is None or not lines:
        raise SettlementRefused(found)
    return SettlementCase(
        quarter=quarter, lines=lines, title=title or "", contract_date=contract_date,
        concession=modality in (None, "contrato_concesion"), subsoil=subsoil or "estado", paid_on=paid_on,
    )  # fmt: skip


def quarter_name(period: Period) -> str:
    """«2025-T3»."""
    return f"{period.start.year}-T{(period.start.month - 1) // 3 + 1}"


def read_quarter(value: object) -> Period | None:
    """The quarter that «2025-T3» names; None for anything else."""
    parts = _QUARTER(value) if isinstance(value, str) else None
    if parts is None or not FIRST_YEAR <= int(parts[1]) <= LAST_YEAR:
        return None
    return quarter_of(date(int(parts[1]), int(parts[2]) * 3, 1))


def _quarter(fields: Fields) -> Callable[[str, Any], Period | None]:
    def read(name: str, value: Any) -> Period | None:
        period = read_quarter(value)
        if period is None:
            fields.refuse(name, value, "No es un trimestre. Escríbalo como «2025-T3».")
        return period

    return read


def _month(fields: Fields) -> Callable[[str, Any], date | None]:
    def read(name: str, value: Any) -> date | None:
        parts = _MONTH(value) if isinstance(value, str) else None
        if parts is None or not FIRST_YEAR <= int(parts[1]) <= LAST_YEAR:
            fields.refuse(name, value, "No es un mes. Escríbalo como «2025-08».")
            return None
        return date(int(parts[1]), int(parts[2]), 1)

    return read


def _by(fields: Fields, read_text: Callable[[str], str]) -> Callable[[str, Any], str | None]:
    def read(name: str, value: Any) -> str | None:
        try:
            return read_text(value)
        except DomainError as refused:
            fields.refuse(name, value, refused.message)
            return None

    return read


def _fineness(fields: Fields) -> Callable[[str, Any], Fineness | None]:
    def read(name: str, value: Any) -> Fineness | None:
        try:
            return Fineness.parse(value)
        except DomainError as refused:
            fields.refuse(name, value, refused.message, code="MIN-004")
            return None

    return read


def _lines(fields: Fields, name: str, value: Any, found: list[Finding]) -> tuple[Mined, ...] | None:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_LINES:
        fields.refuse(name, value, f"Envíe una lista de 1 a {MAX_LINES} minerales con su cantidad.")
        return None
    read = [_line(item, f"{name}[{index}]", found) for index, item in enumerate(value)]
    lines = tuple(line for line in read if line is not None)
    return lines if len(lines) == len(value) else None


def _line(value: object, path: str, found: list[Finding]) -> Mined | None:
    before = len(found)
    fields = Fields(value, path, found)
    mineral = fields.take("mineral", fields.mineral, required=True)
    micros = fields.take("quantity", fields.micros, required=True)
    unit = fields.take("unit", fields.one_of(UNIT_CODES), required=True)
    given = {
        "municipality": fields.take("municipality", _by(fields, divipola)) or "",
        "month": fields.take("month", _month(fields)),
        "market": fields.take("market", fields.one_of(MARKETS)) or "",
        "zone": fields.take("zone", fields.text) or "",
        "producer_class": fields.take("producer_class", fields.text) or "",
        "fineness": fields.take("fineness", _fineness(fields)),
        "deposit": fields.take("deposit", fields.one_of(DEPOSITS)) or "",
        "open_pit": bool(fields.take("open_pit", fields.flag)),
        "year_tonnes": fields.take("holder_year_tonnes", fields.micros),
    }
    content = Content(
        fields.take("density", fields.ratio), fields.take("grade", fields.ratio), fields.take("recovery", fields.share)
    )
    fields.close(LINE_FIELDS)
    if mineral is not None and unit is not None:
        _require_unit(fields, mineral, unit, content, given["fineness"] is not None)
    if len(found) > before or mineral is None or micros is None or unit is None:
        return None
    return Mined(mineral=mineral, micros=micros, unit=unit, content=content, **given)  # type: ignore[arg-type]


def _require_unit(fields: Fields, mineral: Mineral, unit: str, content: Content, fine: bool) -> None:
    same = UNITS[unit].dimension == UNITS[mineral.unit].dimension
    if (not same and content.density is None) or (mineral.precious and unit == "t" and content.grade is None):
        message = f"{mineral.name} va en {mineral.unit}. Escriba la cantidad en {mineral.unit}."
        fields.refuse("unit", unit, message, code="MIN-002")
    if fine and not mineral.precious:
        fields.refuse("fineness", unit, f"{mineral.name} no lleva ley. Quite ese campo.", code="MIN-004")


def _require_months(fields: Fields, quarter: Period, lines: tuple[Mined, ...]) -> None:
    for index, line in enumerate(lines):
        if line.month is not None and line.month not in quarter:
            message = f"Ese mes no es del trimestre {quarter_name(quarter)}. Corrija uno de los dos."
            fields.refuse(f"lines[{index}].month", f"{line.month:%Y-%m}", message)
