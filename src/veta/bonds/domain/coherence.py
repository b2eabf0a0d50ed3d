"""A title's year side by side: plan, royalties, movements, certificates, bond; each difference said with its amount."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from veta.kernel.finding import Finding
from veta.kernel.period import Period
from veta.kernel.quantity import text_of
from veta.norms.catalogue import catalogue
from veta.prices.domain.figures import in_spanish

CONCEPT = "Concepto ANM del 6 de agosto de 2025"
ART_280 = "Ley 685 de 2001, artículo 280"


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What each record says of one title's year, by mineral, in its smallest unit; None: that record does not exist.

    `bond_base` is what the bond's value was computed on; `insured` and `needed` are whole pesos.
    """

    title: str
    period: Period
    plan: Mapping[str, int] | None = None
    declared: Mapping[str, int] | None = None
    moved: Mapping[str, int] | None = None
    certified: Mapping[str, int] | None = None
    bond_base: Mapping[str, int] | None = None
    insured: int | None = None
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One mineral's year, as text with its unit; empty where the record does not exist."""

    mineral: str
    unit: str
    plan: str
    declared: str
    moved: str
    certified: str
    bond_base: str


@dataclass(frozen=True, slots=True)
class Coherence:
    """The comparison: its rows and its findings, which feed the validation case."""

    year: Year
    rows: tuple[Row, ...] = field(default=())
    findings: tuple[Finding, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """The comparison as the validation case takes it."""
        return {
            "title": self.year.title,
            "period": [self.year.period.start.isoformat(), self.year.period.end.isoformat()],
            "rows": [asdict(row) for row in self.rows],
            "insured_cop": None if self.year.insured is None else str(self.year.insured),
            "needed_cop": None if self.year.needed is None else str(self.year.needed),
            "findings": [finding.as_json() for finding in self.findings],
        }


def compare(year: Year) -> Coherence:
    """Every difference as a finding with its amount: COH-001 to COH-008.

    What a plan approves under an untyped heading is compared with the sum of the heading's types.
    """
    records = (year.plan, year.declared, year.moved, year.certified, year.bond_base)
    minerals = sorted({mineral for record in records for mineral in record or {}})
    rows = tuple(_row(year, mineral) for mineral in minerals)
    found = [finding for line in sorted(year.plan or {}) for finding in _of_line(year, line)]
    found += [finding for mineral in minerals for finding in _of_mineral(year, mineral)]
    return Coherence(year, rows, (*found, *_of_bond(year)))


def _of_line(year: Year, line: str) -> Iterator[Finding]:
    """What was declared, moved and insured under one line of the plan, against what it approves."""
    approved, name = (year.plan or {})[line], _name(line)
    for code, record, what in (("COH-002", year.declared, "lo declarado"), ("COH-003", year.moved, "lo movido")):
        over = _under(year, record, line) - approved
        if over > 0:
            yield _found(code, line, f"{name}: {what} pasa del plan en {_said(line, over)}.", over)
    if year.bond_base is not None:
        base = _under(year, year.bond_base, line)
        if base != approved:
            text = f"{name}: la póliza se calculó sobre {_said(line, base)} y el plan aprueba {_said(line, approved)}."
            yield _found("COH-006", line, text, abs(base - approved))


def _of_mineral(year: Year, mineral: str) -> Iterator[Finding]:
    declared, moved, certified = (
        record.get(mineral, 0) if record is not None else None for record in (year.declared, year.moved, year.certified)
    )
    name = _name(mineral)
    if year.plan is not None and _line_of(year.plan, mineral) is None:
        for amount, what in ((declared, "se declararon regalías"), (moved, "se movió mineral")):
            if amount:
                text = f"{name}: {what} por {_said(mineral, amount)} y el plan no lo nombra."
                yield _found("COH-001", mineral, text, amount)
    if declared is not None and moved is not None and declared != moved:
        which = "menos" if declared < moved else "más"
        text = f"{name}: se declaró {_said(mineral, abs(declared - moved))} {which} de lo que se movió."
        yield _found("COH-004", mineral, text, abs(declared - moved))
    if certified is not None and moved is not None and certified > moved:
        text = f"{name}: se certificó {_said(mineral, certified - moved)} más de lo que se movió."
        yield _found("COH-005", mineral, text, certified - moved)


def _of_bond(year: Year) -> Iterator[Finding]:
    if year.insured is None:
        text = "No hay póliza aprobada para ese año."
        yield Finding("COH-007", "warning", "bond", ART_280, text, {"needed": str(year.needed or "")})
    elif year.needed is not None and year.insured < year.needed:
        short = year.needed - year.insured
        text = f"La póliza asegura {in_spanish(str(short))} COP menos de lo que piden el plan y los precios."
        yield Finding("COH-008", "warning", "bond", ART_280, text, {"amount": str(short)})


def _line_of(plan: Mapping[str, int], mineral: str) -> str | None:
    """The plan's line for a mineral: its own, or that of an untyped heading that contains it."""
    if mineral in plan:
        return mineral
    known = catalogue().mineral(mineral)
    return next((heading for heading in (known.headings if known else ()) if heading in plan), None)


def _under(year: Year, record: Mapping[str, int] | None, line: str) -> int:
    """The sum of a record over the minerals that fall under a line of the plan."""
    plan = year.plan or {}
    return sum(amount for mineral, amount in (record or {}).items() if _line_of(plan, mineral) == line)


def _row(year: Year, mineral: str) -> Row:
    known = catalogue().mineral(mineral)
    records = (year.plan, year.declared, year.moved, year.certified, year.bond_base)
    texts = ["" if record is None or mineral not in record else _amount(mineral, record[mineral]) for record in records]
    return Row(mineral, known.unit if known else "", *texts)


def _amount(mineral: str, amount: int) -> str:
    known = catalogue().mineral(mineral)
    return text_of(amount, factor=known.factor) if known else str(amount)


def _said(mineral: str, amount: int) -> str:
    known = catalogue().mineral(mineral)
    return f"{in_spanish(_amount(mineral, amount))} {known.unit if known else ''}".strip()


def _name(mineral: str) -> str:
    known = catalogue().mineral(mineral)
    return known.name if known else mineral


def _found(code: str, mineral: str, text: str, amount: int) -> Finding:
    return Finding(code, "warning", mineral, CONCEPT, text, {"mineral": mineral, "amount": _amount(mineral, amount)})
