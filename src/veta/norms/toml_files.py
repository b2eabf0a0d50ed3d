"""Reads the data files: TOML without floats, and what they hold as one canonical value."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from veta.kernel.errors import DomainError

DATA = Path(__file__).parent / "data"
MINERALS = "minerals"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a data file: where, and what."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class NormsFault(DomainError):
    """The data of the norms cannot be used; it lists every fault found, and nothing is loaded."""

    code = "NOR-000"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("Los datos de las normas tienen faltas:\n" + "\n".join(f"  {fault}" for fault in faults))
        self.faults = tuple(faults)


class _FloatFound(ValueError):
    pass


def _refuse_float(text: str) -> float:
    raise _FloatFound(f'el número {text} no es exacto: escríbalo como texto («"{text}"») o como entero')


def read_all(root: Path, *, minerals: bool) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    """The tables of every file under `root`, by relative path in order, and the faults of those that cannot be read.

    `minerals` chooses between the catalogue's folder and all the others.
    """
    tables: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    for path in sorted(root.glob("*/*.toml")):
        if (path.parent.name == MINERALS) != minerals:
            continue
        name = path.relative_to(root).as_posix()
        try:
            tables[name] = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=_refuse_float)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, _FloatFound) as error:
            faults.append(Fault(name, str(error)))
    return tables, faults


def plain(value: Any) -> Any:
    """The value with dates as ISO text: what the digest covers."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
