"""Single fields of a case to be calculated, read strictly: text in, values out, a finding for each that cannot be."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, TypeVar

from veta.kernel.finding import Finding
from veta.norms.catalogue import catalogue
from veta.norms.minerals import Mineral
from veta.prices.domain.figures import micros_of

NORM = "Contrato de la interfaz de cálculo"
T = TypeVar("T")
_ISO = len("2025-08-01")
_CENTAVO = 10**4
FIRST_YEAR, LAST_YEAR = 1989, 2100


def shown(value: object) -> str:
    """A value as it was written, short enough for a message."""
    text = value if isinstance(value, str) else type(value).__name__ if isinstance(value, dict | list) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


class Fields:
    """One object of the case: takes its fields one by one and collects what is wrong with them."""

    def __init__(self, value: object, path: str, found: list[Finding]) -> None:
        self._left: dict[str, Any] = dict(value) if isinstance(value, Mapping) else {}
        self._path, self._found = path, found
        if not isinstance(value, Mapping):
            self.refuse("", value, "No es un objeto con campos. Envíe un objeto JSON.", at=path or "case")

    def refuse(self, name: str, value: object, message: str, *, code: str = "SCH-005", at: str = "") -> None:
        """Add a finding on a field, with its value."""
        field = at or f"{self._path}.{name}".lstrip(".")
        text = shown(value)
        self._found.append(
            Finding(code, "blocking", field, NORM, f"{field}: «{text}». {message}", {"value": text, "field": field})
        )

    def take(self, name: str, read: Callable[[str, Any], T | None], *, required: bool = False) -> T | None:
        """The field read by `read`, None where it is absent or cannot be read (then a finding says so).

        A field that is there and empty, or null, is not absent: it is read, and refused by whoever reads it.
        """
        if name not in self._left:
            if required:
                self.refuse(name, "", "Falta este dato. Escríbalo.")
            return None
        value = self._left.pop(name)
        return read(name, value)

    def close(self, known: Collection[str]) -> None:
        """Refuse what is left: unknown fields."""
        for name in self._left:
            self.refuse(name, self._left[name], f"No se conoce este campo. Use: {', '.join(known)}.")

    def one_of(self, choices: Collection[str]) -> Callable[[str, Any], Any]:
        """A reader of one of some codes."""

        def read(name: str, value: Any) -> str | None:
            if isinstance(value, str) and value in choices:
                return value
            self.refuse(name, value, f"No es uno de: {', '.join(choices)}. Elija uno.")
            return None

        return read

    def text(self, name: str, value: Any) -> str | None:
        """Printable text of up to 120 characters."""
        if isinstance(value, str) and len(value) <= 120 and value.isprintable():
            return value.strip()
        self.refuse(name, value, "No es un texto corto sin caracteres invisibles. Corríjalo.")
        return None

    def flag(self, name: str, value: Any) -> bool | None:
        """A boolean."""
        if isinstance(value, bool):
            return value
        self.refuse(name, value, "Escriba true o false.")
        return None

    def day(self, name: str, value: Any) -> date | None:
        """A calendar day, «2025-08-01»."""
        try:
            if isinstance(value, str) and len(value) == _ISO and value.isascii():
                found = date.fromisoformat(value)
                if FIRST_YEAR <= found.year <= LAST_YEAR:
                    return found
        except ValueError:
            pass
        self.refuse(
            name, value, f"No es una fecha del calendario entre {FIRST_YEAR} y {LAST_YEAR}. Escríbala como 2025-08-01."
        )
        return None

    def centavos(self, name: str, value: Any) -> int | None:
        """Pesos with up to two decimals, as centavos."""
        found = micros_of(value)
        if found is None or found % _CENTAVO:
            self.refuse(name, value, "No es un valor en pesos. Escríbalo entre comillas, sin signo: «350000000».")
            return None
        return found // _CENTAVO

    def micros(self, name: str, value: Any) -> int | None:
        """A decimal with up to six decimals, as millionths; zero or more."""
        found = micros_of(value)
        if found is None:
            self.refuse(
                name,
                value,
                "No es una cantidad. Escríbala entre comillas, con dígitos y punto y sin signo: «120000.5».",
            )
        return found

    def ratio(self, name: str, value: Any) -> int | None:
        """A decimal above zero."""
        found = self.micros(name, value)
        if found == 0:
            self.refuse(name, value, "Debe ser mayor que cero.")
        return found or None

    def share(self, name: str, value: Any) -> int | None:
        """A decimal above zero and at most one."""
        found = self.ratio(name, value)
        if found is not None and found > 10**6:
            self.refuse(name, value, "Es una proporción: va entre 0 y 1, como «0.92».")
            return None
        return found

    def mineral(self, name: str, value: Any) -> Mineral | None:
        """A mineral or heading by its code or a known spelling."""
        if isinstance(value, str):
            known = catalogue().mineral(value) or catalogue().mineral(catalogue().match(value) or "")
            if known is not None:
                return known
        self.refuse(
            name, value, "Ese mineral no está en el catálogo. Use un código de `GET /api/v1/minerals`.", code="MIN-001"
        )
        return None
