"""The dated parameters that the rules read, by their names in the norms' data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from veta.kernel.finding import Severity
from veta.norms import NormNotInForce, norms


@dataclass(frozen=True, slots=True)
class PersonCap:
    """A subsistence cap in smallest units of `unit` (`factor` of them in one).

    `gross`: it counts gross and not fine weight. `density`: tonnes in one of the norm's units, where the norm counts
    volume and the mineral is weighed: the right is then counted in kilograms, so that nothing small rounds to zero.
    """

    month: int
    year: int
    unit: str
    factor: int
    month_effect: Severity
    year_effect: Severity
    gross: bool
    source: str
    density: Fraction | None

    def used_by(self, amount: int, unit: str) -> int:
        """How much of the cap `amount` of a mineral in `unit` uses; a volume is weighed by density, rounded up."""
        if unit == self.unit or self.density is None:
            return amount
        return -(-amount * self.density.numerator // self.density.denominator)


@dataclass(frozen=True, slots=True)
class QuarterSales:
    """`share`: of the year's volume, what a quarter may sell, the admitted excess in it."""

    share: Fraction
    effect: Severity
    source: str


# Smallest units in one g, t, m³ or ct: milligrams, kilograms, cubic decimetres, thousandths of a carat.
SMALLEST: Final = 1000


def _value(name: str, on: date) -> Any:
    return norms().value(name, on).value


@lru_cache(maxsize=4096)
def subsistence_cap(group: str, on: date) -> PersonCap:
    """The cap of a quota group (Res. MME 40103 de 2017); raises NormNotInForce where no norm gives it on that date."""
    name = f"subsistence.cap.{group}"
    v = _value(name, on)
    density = Fraction(v["tonnes_per_unit"]) if "tonnes_per_unit" in v else None
    unit = "t" if density is not None else v["unit"]
    month, year = (int(Fraction(v[period]) * (density or 1) * SMALLEST) for period in ("month", "year"))
    return PersonCap(
        month=month,
        year=year,
        unit=unit,
        factor=SMALLEST,
        month_effect=v["month_effect"],
        year_effect=v["year_effect"],
        gross=v["cap_basis"] == "gross",
        source=name,
        density=density,
    )


@lru_cache(maxsize=4096)
def subsistence_groups(on: date) -> frozenset[str]:
    """The groups of minerals that a subsistence miner may extract."""
    return frozenset(_value("subsistence.minerals", on))


@lru_cache(maxsize=4096)
def quarter_sales(on: date) -> QuarterSales:
    v = _value("sales.quarter", on)
    share = Fraction(v["share_of_year"]) * (1 + Fraction(v["excess"]))
    return QuarterSales(share, v["effect"], "sales.quarter")


@lru_cache(maxsize=4096)
def notice_share(on: date) -> tuple[int, int]:
    """The share of a cap from which its use is told, as numerator and denominator."""
    return Fraction(_value("quota.notice_share", on)).as_integer_ratio()


@lru_cache(maxsize=4096)
def roles_of(kind: str, on: date) -> Mapping[str, frozenset[str]]:
    """The roles of which one is asked of each party to a kind of movement."""
    return {party: frozenset(roles) for party, roles in _value(f"movement.roles.{kind}", on).items()}


@lru_cache(maxsize=4096)
def origins_of(producer_class: str, on: date) -> frozenset[str]:
    """The kinds of origin that a class of producer may declare."""
    return frozenset(_value(f"producer.class.{producer_class}", on)["origin_kinds"])


@lru_cache(maxsize=4096)
def buyers_of(seller: str, on: date) -> frozenset[str]:
    """To which roles a class of producer, or a role, may sell; empty where the table does not name it."""
    table: Mapping[str, list[str]] = _value("trade.who_may_sell", on)
    return frozenset(table.get(seller, ()))


@lru_cache(maxsize=4096)
def reporting_window(on: date) -> timedelta:
    return timedelta(days=int(_value("reporting.window", on)["days"]))


@lru_cache(maxsize=4096)
def ahead_of_receipt(on: date) -> timedelta:
    """How far ahead of the hub's clock a movement may be."""
    return timedelta(seconds=int(_value("reporting.ahead", on)["seconds"]))


@lru_cache(maxsize=4096)
def required_consent(on: date) -> frozenset[str]:
    """Consent methods that are required, all of them together; empty where none is."""
    return frozenset(_value("consent.methods", on)["required"])


@lru_cache(maxsize=4096)
def required_evidence(producer_class: str, kind: str, on: date) -> frozenset[str]:
    """Types of document of which one is required of that class for that movement; empty where none is."""
    return frozenset(_value("evidence.required", on).get(producer_class, {}).get(kind, ()))


@lru_cache(maxsize=4096)
def environmental_required(origin_kind: str, on: date) -> bool:
    return bool(_value("title.environmental_required", on).get(origin_kind, False))


@lru_cache(maxsize=4096)
def six_metals(on: date) -> frozenset[str]:
    """Minerals whose export must show beneficio in a published plant; empty where the norm asks none."""
    required = _value("export.published_plant", on)["required"]
    return frozenset(_value("export.six_metals", on)) if required else frozenset()


@lru_cache(maxsize=4096)
def royalty_proofs(on: date) -> frozenset[str]:
    """Documents of which one proves the royalty before exporting."""
    return frozenset(_value("export.royalty_proof", on)["documents"])


@lru_cache(maxsize=4096)
def disused_metals(on: date) -> tuple[frozenset[str], frozenset[str]]:
    """The metals that leave the country as disused without royalty, and the documents of which one they need."""
    v = _value("export.disused_metals", on)
    return frozenset(v["metals"]), frozenset(v["documents"])


@lru_cache(maxsize=4096)
def heading_effects(on: date) -> tuple[Severity, Severity]:
    """What a plan that names only an untyped heading does: before the holder is asked for the type, and since."""
    v = _value("plan.heading_requirement", on)
    return v["before"], v["after"]


@lru_cache(maxsize=4096)
def strictest_uncertainty(on: date) -> Fraction:
    """The smallest relative expanded uncertainty (k=2) of the classes of instrument in force.

    A report names no class, so the strictest bounds what it states; zero where no class is in force.
    """
    classes = norms().table("instrument.uncertainty", on).values()
    return min((Fraction(each.value["relative"]) for each in classes), default=Fraction(0))


@lru_cache(maxsize=4096)
def weighing_tolerance(unit: str, on: date) -> Fraction:
    """The relative difference between two weighings that the scales used for minerals of that unit admit."""
    scales = _value("weighing.scales", on)[unit]
    return Fraction(_value(f"instrument.uncertainty.{scales}", on)["relative"])


@lru_cache(maxsize=4096)
def intake_documents(basis: str, on: date) -> frozenset[str]:
    """Types of document of which one proves a lawful intake on that basis."""
    return frozenset(_value("intake.documents", on)[basis])


@lru_cache(maxsize=4096)
def disused_minerals(on: date) -> frozenset[str]:
    """Minerals of which there is disused metal: jewellery and the like."""
    return frozenset(_value("intake.disused", on))


@lru_cache(maxsize=4096)
def obliged_since(producer_class: str, on: date) -> date | None:
    """The date from which the class is obliged, as known on `on`; None where no norm read says so."""
    since = _value("obligation.start", on).get(producer_class)
    return date.fromisoformat(since) if since else None


@lru_cache(maxsize=4096)
def confirmation_term(on: date) -> timedelta:
    return timedelta(hours=int(_value("sale.confirmation", on)["hours"]))


@lru_cache(maxsize=4096)
def longest_confirmation(on: date) -> timedelta:
    """The longest term that an offer may give its buyer: mineral is not held for ever."""
    return timedelta(hours=int(_value("sale.confirmation", on)["max_hours"]))


@lru_cache(maxsize=4096)
def reversal_term(on: date) -> timedelta:
    return timedelta(days=int(_value("reversal.window", on)["days"]))


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a process takes and gives, and how much of it: by contained metal or by mass."""

    name: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    basis: str
    least: Fraction
    most: Fraction


@lru_cache(maxsize=4096)
def recipe(name: str, on: date) -> Recipe | None:
    """The recipe in force on that date, or None: a process without one is refused (rule YLD-003)."""
    try:
        v = _value(f"recipe.{name}", on)
    except NormNotInForce:
        return None
    return Recipe(
        name,
        frozenset(v["inputs"]),
        frozenset(v["outputs"]),
        v["basis"],
        Fraction(v["min_yield"]),
        Fraction(v["max_yield"]),
    )


@lru_cache(maxsize=4096)
def returns(found: Recipe, on: date) -> bool:
    """Whether what a recipe gives can come back to it, by itself or through other recipes in force."""
    others = [each.value for each in norms().table("recipe", on).values()]
    reached: set[str] = set()
    ahead = set(found.outputs)
    while ahead:
        reached |= ahead
        fed = [each for each in others if not reached.isdisjoint(each["inputs"])]
        ahead = {code for each in fed for code in each["outputs"]} - reached
    return not reached.isdisjoint(found.inputs)
