"""How a works plan stands to a mineral, and what it approves for a contract year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from veta.kernel.period import Period, contract_year_of, year_of
from veta.movements.domain.case import Plan
from veta.norms.catalogue import Mineral, catalogue
from veta.registry.domain import PlanLine, PlanVersion, TitleVersion, version_on


def plan_for(versions: Iterable[PlanVersion], mineral: Mineral | None, title: TitleVersion | None, on: date) -> Plan:
    """How the plan in force on `on` stands to `mineral`."""
    return plan_of(version_on(versions, on), mineral, title)


def plan_of(version: PlanVersion | None, mineral: Mineral | None, title: TitleVersion | None) -> Plan:
    """How a plan stands to `mineral`, whatever the day.

    Its own line; else a line whose mineral includes it or is the metal it holds; else the untyped heading's that
    contains it; else it is associated to the title (Ley 685 de 2001 art. 62), or absent.
    """
    if version is None or mineral is None:
        return Plan(version, None, "none" if version is None else "absent")
    if (line := version.line(mineral.code)) is not None:
        return Plan(version, line, "own")
    reaching = [(_is_heading(line), by_metal, line) for line in version.lines for by_metal in _reached(line, mineral)]
    if reaching:
        heading, by_metal, line = min(reaching, key=lambda found: (found[0], _nearness(mineral, found[2])))
        return Plan(version, line, "heading" if heading else "own", by_metal)
    return Plan(version, None, "associated" if title is not None and mineral.code in title.associated else "absent")


def _is_heading(line: PlanLine) -> bool:
    named = catalogue().mineral(line.mineral)
    return named is not None and named.is_heading


def _nearness(mineral: Mineral, line: PlanLine) -> tuple[int, str]:
    """The mineral's own heading before others that also contain it; then by code, so that the order is one."""
    headings = mineral.headings
    return (headings.index(line.mineral) if line.mineral in headings else len(headings), line.mineral)


def _reached(line: PlanLine, mineral: Mineral) -> Iterable[bool]:
    """Whether a line reaches a mineral, counted as it is (False) or by the metal it holds (True); nothing if not."""
    named = catalogue().mineral(line.mineral)
    if named is None:
        return
    if named.unit == mineral.unit and named.factor == mineral.factor:
        if catalogue().covers((line.mineral,), mineral.code):
            yield False
    elif mineral.graded and mineral.metal is not None:
        metal = catalogue().mineral(mineral.metal)
        same_unit = metal is not None and metal.unit == named.unit
        if same_unit and catalogue().covers((line.mineral,), mineral.metal):
            yield True


def plan_year(title: TitleVersion, on: date) -> Period:
    """The contract year that contains `on`, by the anniversary of the contract (or of the act, of an origin that is no
    contract); the calendar year where no date is known."""
    return contract_year_of(on, anniversary=title.contract_date) if title.contract_date else year_of(on)


def approved_volume(line: PlanLine, year: Period) -> int | None:
    """Volume of the line for the contract year, in the mineral's smallest unit; None where the plan gives none."""
    return line.volumes.get(year.start.isoformat())


def plan_that_counts(versions: Iterable[PlanVersion], title: TitleVersion, on: date) -> PlanVersion | None:
    """The plan that the quotas of the contract year that contains `on` are brought to: of those that reach into it and
    give it a volume, that recorded last; None where there is none."""
    year = plan_year(title, on)
    return next((version for version in versions if _gives(version, year)), None)


def _gives(version: PlanVersion, year: Period) -> bool:
    reaches = version.valid_from <= year.end and (version.valid_to is None or year.start <= version.valid_to)
    return reaches and any(approved_volume(line, year) is not None for line in version.lines)
