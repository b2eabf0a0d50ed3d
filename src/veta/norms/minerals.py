"""Minerals: what is counted, in which unit, under which spellings the registers write it."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from veta.kernel.errors import DomainError


class MineralError(DomainError):
    """A mineral or a grade that cannot be what it says."""

    code = "MIN-001"


@dataclass(frozen=True, slots=True)
class Mineral:
    """A mineral, or an untyped heading that the law's papers use in place of one (`is_heading`).

    `unit` is its only unit at the edge, `smallest` the one counted inside, `factor` how many of these make one.
    `headings` are the untyped headings that contain it and share its unit (a plan's volume under one of them is its
    volume too); `heading` is the first. `quota_group` is the norm's group for subsistence caps, None where a
    subsistence miner may not extract it. `precious` ones are given gross with fineness and counted in fine metal;
    `graded` ones (ores, concentrates) are counted in whole kilograms with a grade in `grade_unit` of `metal`.
    """

    code: str
    name: str
    name_en: str
    group: str
    unit: str
    factor: int
    smallest: str
    unit_basis: str
    is_heading: bool
    headings: tuple[str, ...]
    quota_group: str | None
    precious: bool
    graded: bool
    metal: str | None
    grade_unit: str | None
    note: str | None

    @property
    def heading(self) -> str | None:
        """The untyped heading that contains it, None where there is none."""
        return self.headings[0] if self.headings else None

    @property
    def commodity(self) -> str:
        """The ledger's commodity: its code."""
        return self.code


class Catalogue:
    """All minerals and headings, their spellings, and the spellings known to name no mineral."""

    def __init__(
        self,
        minerals: Iterable[Mineral],
        *,
        spellings: Mapping[str, str],
        reasons: Mapping[str, str],
        covers: Mapping[str, frozenset[str]],
    ) -> None:
        self._minerals = {mineral.code: mineral for mineral in minerals}
        self._spellings = MappingProxyType(dict(spellings))
        self._reasons = MappingProxyType(dict(reasons))
        self._covers = MappingProxyType(dict(covers))

    def __iter__(self) -> Iterator[Mineral]:
        return iter(self._minerals.values())

    def __len__(self) -> int:
        return len(self._minerals)

    def mineral(self, code: str) -> Mineral | None:
        """The mineral or heading of that code, or None."""
        return self._minerals.get(code)

    def match(self, spelling: str) -> str | None:
        """The code that a spelling names, whatever its case, accents and blanks; None where it names none."""
        return self._spellings.get(normal_spelling(spelling))

    def reason(self, spelling: str) -> str | None:
        """Why a known spelling names no mineral (Spanish), None where it is not one of those."""
        return self._reasons.get(normal_spelling(spelling))

    def covers(self, listed: Collection[str], code: str) -> bool:
        """Whether a title, plan or registration that lists `listed` reaches mineral `code`.

        It does where it lists the mineral itself, a name that includes it, or the metal of an ore or concentrate.
        """
        mineral = self._minerals.get(code)
        if mineral is None:
            return False
        wanted = {code}
        if mineral.graded and mineral.metal is not None:
            wanted.add(mineral.metal)
        return any(name in wanted or not wanted.isdisjoint(self._covers.get(name, frozenset())) for name in listed)


def normal_spelling(text: str) -> str:
    """The form under which spellings are compared: upper case, no accents, single blanks."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(bare.upper().replace("_", " ").split())
