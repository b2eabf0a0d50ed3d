"""What the norms say on a date. Where they say nothing there is an error: never the nearest value, never a default."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from veta.kernel.canonical_json import canonical
from veta.kernel.errors import DomainError
from veta.norms.dated import Dated, Parameter
from veta.norms.load import load_parameters
from veta.norms.toml_files import DATA, plain, read_all

_REMEMBERED = 50_000


class NormNotInForce(DomainError):
    """No value of that parameter is in force on that date."""

    code = "NOR-001"

    remedy = "Cargue el valor con su acto, o revise la fecha."

    def __init__(self, id: str, on: date) -> None:
        super().__init__(f"Ninguna norma cargada fija «{id}» el {on}. {self.remedy}")
        self.id = id
        self.on = on


class UnknownNorm(NormNotInForce):
    """No parameter has that id: a fault of the caller, and still no value."""

    code = "NOR-002"
    remedy = "No hay parámetro con ese nombre: búsquelo con `veta norms list`."


class Norms:
    """The parameters of one set of data files; immutable, cheap to ask (no more than a dictionary for a known date)."""

    def __init__(self, parameters: Iterable[Parameter], *, digest: str) -> None:
        self.digest = digest
        self._parameters = {parameter.id: parameter for parameter in parameters}
        self._starts = {id: [v.valid_from for v in parameter.values] for id, parameter in self._parameters.items()}
        self._values: dict[tuple[str, date], Dated] = {}
        self._tables: dict[tuple[str, date], Mapping[str, Dated]] = {}

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self._parameters.values())

    def __len__(self) -> int:
        return len(self._parameters)

    def parameter(self, id: str) -> Parameter | None:
        """The parameter with all its values, or None."""
        return self._parameters.get(id)

    def value(self, id: str, on: date) -> Dated:
        """The value of `id` in force on `on`. Raises NormNotInForce where there is none, UnknownNorm for no such id."""
        known = self._values.get((id, on))
        if known is not None:
            return known
        found = self._find(id, on)
        if found is None:
            raise (NormNotInForce if id in self._parameters else UnknownNorm)(id, on)
        if len(self._values) > _REMEMBERED:
            self._values.clear()
        self._values[id, on] = found
        return found

    def table(self, family: str, on: date) -> Mapping[str, Dated]:
        """What is in force on `on` of the parameters `family.*`, by the rest of their id; empty where nothing is."""
        known = self._tables.get((family, on))
        if known is not None:
            return known
        prefix = f"{family}."
        found = {
            id.removeprefix(prefix): value
            for id in self._parameters
            if id.startswith(prefix) and (value := self._find(id, on)) is not None
        }
        if len(self._tables) > _REMEMBERED:
            self._tables.clear()
        return self._tables.setdefault((family, on), MappingProxyType(found))

    def _find(self, id: str, on: date) -> Dated | None:
        starts = self._starts.get(id)
        place = bisect_right(starts, on) if starts else 0
        if not place:
            return None
        value = self._parameters[id].values[place - 1]
        return value if on in value else None


def load_norms(root: Path = DATA) -> Norms:
    """The norms of the data files under `root`. Raises NormsFault with every fault found."""
    return Norms(load_parameters(root), digest=digest_of(root))


def digest_of(root: Path) -> str:
    """`sha256:` and the digest of what all the files say, catalogue included; comments and layout do not count."""
    files = {
        name: plain(table) for minerals in (False, True) for name, table in read_all(root, minerals=minerals)[0].items()
    }
    return f"sha256:{hashlib.sha256(canonical(files)).hexdigest()}"


@lru_cache(maxsize=1)
def norms() -> Norms:
    """The product's own norms, read once per process."""
    return load_norms()
