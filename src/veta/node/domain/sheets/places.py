"""Municipalities by code and by name, as far as the node has them from the hub."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from veta.node.domain.sheets.cells import Mending
from veta.node.domain.sheets.marks import CellFault
from veta.node.domain.sheets.words import folded

_LEADING = re.compile(r"(\d{4,5})(?:\s*[-–·:]?\s+\D.*)?").fullmatch
_REMEDY = "Escríbalo como en la lista de la plantilla: «05250 El Bagre (Antioquia)»."


@dataclass(frozen=True, slots=True)
class Places:
    """`names`: code → what the drop-down says. Empty where the hub was never reached: then only the form is judged."""

    names: Mapping[str, str]
    codes: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str]]) -> Places:
        """From code, name and department."""
        names: dict[str, str] = {}
        codes: dict[str, set[str]] = defaultdict(set)
        for code, name, department in rows:
            names[code] = f"{code} {name} ({department})"
            for spelling in (name, f"{name} {department}"):
                codes[folded(spelling)].add(code)
        return cls(names, {spelling: frozenset(found) for spelling, found in codes.items()})

    def read(self, said: str, mending: Mending) -> str:
        """The code that is written or named; empty where nothing is. Raises CellFault (SHE-017)."""
        if not said:
            return ""
        numbered = _LEADING(said)
        if numbered is not None:
            return self._of_code(numbered[1], mending)
        found = self.codes.get(folded(said), frozenset())
        if len(found) == 1:
            (code,) = found
            mending.say(f"se lee como {self.names[code]}")
            return code
        if found:
            several = "; ".join(self.names[code] for code in sorted(found)[:6])
            raise CellFault("SHE-017", f"Hay varios municipios con ese nombre: {several}.", "Escriba el código.")
        raise CellFault("SHE-017", "No se conoce ese municipio.", _REMEDY)

    def _of_code(self, code: str, mending: Mending) -> str:
        if len(code) == 4:
            code = f"0{code}"
            mending.say(f"había perdido el cero inicial: se lee como {self.names.get(code, code)}")
        if self.names and code not in self.names:
            raise CellFault("SHE-017", f"El código {code} no es de ningún municipio.", _REMEDY)
        return code
