"""The page of parameters: every value with its dates and norm, and the catalogue, as Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

from veta.norms.dated import Dated
from veta.norms.lookup import Norms
from veta.norms.minerals import Catalogue, Mineral

HEAD = """# Parámetros legales

Página generada por `veta norms doc`; no se edita a mano. Cada valor rige entre sus fechas, ambas incluidas; fuera de
ellas no hay valor, y pedirlo es un error. La lectura dice hasta dónde se leyó la norma: `verified` en su texto,
`secondary` en otra fuente, `inference` es inferencia nuestra, `unverified` nadie la ha leído aquí. Que siga vigente es
otra cosa: lo dice la fecha en que se vio.
"""


def parameters_page(norms: Norms, catalogue: Catalogue) -> str:
    """The whole page, the same bytes for the same data."""
    lines = [HEAD, "## Valores", ""]
    for parameter in norms:
        lines += [f"### `{parameter.id}`", "", f"{parameter.description}. Unidad: {parameter.unit}.", ""]
        lines += [line for value in parameter.values for line in _value(value)]
    lines += ["## Minerales", "", "| código | nombre | grupo | unidad | se cuenta en | rubros | tope | |"]
    lines += ["|---|---|---|---|---|---|---|---|"]
    lines += [_mineral(mineral) for mineral in catalogue]
    return "\n".join(lines) + "\n"


def _value(value: Dated) -> Iterator[str]:
    until = f" hasta {value.valid_to}" if value.valid_to else ""
    seen = f"; vista vigente {value.last_checked}" if value.last_checked else ""
    source = f"[{value.norm}]({value.link})" if value.link else value.norm
    rows = value.value if isinstance(value.value, Mapping) else {}
    yield f"- Desde {value.valid_from}{until}{'' if rows else f': {in_words(value.value)}'}  "
    yield f"  {source}. `{value.status}`{seen}.{f' {value.note}' if value.note else ''}"
    yield from (f"  - {key}: {in_words(item)}" for key, item in rows.items())
    yield ""


def in_words(value: Any) -> str:
    """A value as a person reads it, in one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {in_words(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(in_words(item) for item in value) or "ninguno"
    if isinstance(value, bool):
        return "sí" if value else "no"
    return str(value)


def _mineral(mineral: Mineral) -> str:
    kind = "rubro" if mineral.is_heading else "precioso" if mineral.precious else "con tenor" if mineral.graded else ""
    cells = [
        f"`{mineral.code}`", mineral.name, mineral.group, mineral.unit, mineral.smallest, ", ".join(mineral.headings),
        mineral.quota_group or "", kind,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"
