"""Small random worlds and reports: the base world of the cases, with anything of it changed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.movements.domain.casebook import base

BASE = base()
MINERALS = [
    "carbon_termico", "carbon_metalurgico", "carbon", "oro", "plata", "dore", "mineral_oro", "concentrado_oro",
    "mineral_cobre", "concentrado_cobre", "arcilla", "arcilla_ceramica", "arena_rio", "esmeralda", "coque", "caliza",
    "metales_preciosos", "piedra_filosofal",
]  # fmt: skip
COUNTED = ["carbon_termico", "carbon_metalurgico", "oro", "plata", "dore", "mineral_oro", "mineral_cobre", "arcilla"]
RECIPES = [
    "beneficio_oro", "concentracion_oro", "fundicion_oro", "afinacion_oro", "concentracion_cobre", "coquizacion",
    "lavado_carbon_termico", "alquimia",
]  # fmt: skip
days = st.dates(date(2010, 1, 1), date(2035, 1, 1)) | st.dates(date(2026, 11, 10), date(2026, 11, 25))
instants = st.builds(
    lambda day, seconds, offset: f"{day}T{timedelta(seconds=seconds)!s:0>8}{offset}",
    days, st.integers(0, 86_399), st.sampled_from(["Z", "-05:00", "+14:00", "-12:00"]),
)  # fmt: skip
quantities = (
    st.sampled_from(["0.001", "1", "10", "12.5", "60", "100", "600", "900", "999999999999"])
    | st.integers(1, 10**7).map(lambda n: f"{n // 1000}.{n % 1000:03}")
    | st.integers(0, 10**12 - 1).map(str)
    | st.builds(lambda n, d: f"{n}.{d:06}", st.integers(0, 10**4), st.integers(0, 10**6 - 1))
)
shares = st.integers(0, 2_000_000).map(lambda n: f"{n // 1000}.{n % 1000:03}")
units = st.sampled_from(["t", "g", "kg", "m3", "ct", "ozt"])
actors = st.sampled_from([f"persona:{name}" for name in BASE["world"]["actors"]] + ["persona:CC 79123456"])
lots = st.sampled_from([f"lote:{name}" for name in BASE["world"]["lots"]] + ["lote:nadie"])
made_lots = st.sampled_from(["nuevo:a", "nuevo:b", "nuevo:c", "(ninguno)", "lote:carbon"])
minerals = st.sampled_from(MINERALS)
maybe_share = shares | st.none()

OF_FIELD: Mapping[str, st.SearchStrategy[Any]] = {
    "occurred_at": instants,
    "confirm_by": instants,
    "quantity": quantities,
    "uncertainty": quantities,
    "fineness": shares,
    "grade": shares | quantities,
    "unit": units,
    "mineral": minerals,
    "holder": actors,
    "seller": actors,
    "buyer": actors,
    "plant": actors,
    "lot": lots,
    "recipe": st.sampled_from(RECIPES),
    "municipality": st.sampled_from(["05250", "15491", "27361", "00000"]),
    "code": st.sampled_from(["CBN-001", "ORO-001", "ARE-001", "NADA-9", "482913"]),
    "decision": st.sampled_from(["confirm", "refuse"]),
    "movement": st.sampled_from(["movimiento:produccion", "movimiento:venta", "oferta:carbon", "oferta:nadie"]),
}
OF_WORLD: Mapping[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(["active", "suspended", "cancelled", "in_force", "ended"]),
    "stage": st.sampled_from(["exploration", "construction", "exploitation", "closure"]),
    "role": st.sampled_from(["producer", "trader", "plant", "consumer", "exporter"]),
    "class": st.sampled_from(["title", "special_reserve", "legalization", "barequero", "subsistence"]),
    "accreditation": st.sampled_from(["accredited", "documented", "mixed", "disused", "unproven", "seized"]),
    "minerals": st.lists(minerals, max_size=2),
    "mineral": st.sampled_from(COUNTED),
    "associated": st.lists(minerals, max_size=2),
    "from": days,
    "to": days,
    "ends": days,
    "contract": days,
    "inscribed": days,
    "heading_required": days,
    "grade": shares,
    "suspended": st.sampled_from(["", "auto_1"]),
    "mix": st.dictionaries(st.sampled_from(["carbon", "oro", "rio"]), st.integers(1, 10**6), min_size=1),
    "verified": st.booleans(),
    "used": st.booleans(),
    "outcome": st.sampled_from(["accepted", "refused", "withdrawn", "lapsed"]),
    "reversed": st.booleans(),
    "holder": st.sampled_from(list(BASE["world"]["actors"])),
    "scale": st.sampled_from(["pin", "gran_mineria", "pequena"]),
    "occurred_at": instants,
    "volumes": st.dictionaries(
        st.sampled_from([name for name in MINERALS if name != "piedra_filosofal"]),
        st.dictionaries(st.just("2026-03-15"), st.integers(0, 2000).map(str), max_size=1),
        max_size=2,
    ),
}
LEFT_ALONE = frozenset({"quotas", "origins", "actors", "municipalities", "taken"})


@st.composite
def situations(draw: st.DrawFn) -> dict[str, Any]:
    """A report of any kind in a world like the base one, each with some of its values changed or taken away."""
    world = deepcopy(BASE["world"])
    movement = deepcopy(BASE["movements"][draw(st.sampled_from(sorted(BASE["movements"])))])
    for _ in range(draw(st.integers(0, 4))):
        _change(draw, world, OF_WORLD, skip=LEFT_ALONE)
    if movement["kind"] != "grant":
        for _ in range(draw(st.integers(0, 4))):
            _change(draw, movement, OF_FIELD, skip=frozenset())
    return {
        "world": world,
        "movement": movement,
        "law": {},
        "received_at": draw(st.just(BASE["received_at"]) | instants),
        "operator": draw(st.sampled_from(["operador", "operador", "otro_operador"])),
    }


def _change(draw: st.DrawFn, table: Any, of: Mapping[str, st.SearchStrategy[Any]], *, skip: frozenset[str]) -> None:
    """Change one value somewhere in `table`, or take away one that need not be there."""
    while True:
        names = sorted(set(table) - skip) if isinstance(table, Mapping) else list(range(len(table)))
        if not names:
            return
        name = draw(st.sampled_from(names))
        value = table[name]
        known = of.get(str(name))
        if name == "to" and isinstance(value, str):  # where a dispatch goes, not the end of a period
            known = OF_FIELD["municipality"]
        if known is not None and not (isinstance(value, Mapping) and name == "movement"):
            table[name] = draw(known)
            return
        if not isinstance(value, dict | list) or not value:
            return
        table = value
