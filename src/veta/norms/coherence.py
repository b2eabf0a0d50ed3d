"""What the parameters and the catalogue say of each other must agree."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from veta.norms.dated import Dated
from veta.norms.lookup import Norms
from veta.norms.minerals import Catalogue

ROLES = frozenset({"producer", "trader", "plant", "exporter", "consumer"})


def incoherences(norms: Norms, catalogue: Catalogue) -> list[str]:
    """What does not fit (Spanish), over every value of every date; empty where all fits.

    Minerals that do not exist, quota groups without cap, classes or roles that no table knows, ores of a listed metal
    left out of the list.
    """
    return [
        *_minerals(norms, catalogue),
        *_caps(norms, catalogue),
        *_classes(norms),
        *_six_metals(norms, catalogue),
    ]


def _values(norms: Norms, prefix: str) -> Iterator[Dated]:
    for parameter in norms:
        if parameter.id == prefix or parameter.id.startswith(f"{prefix}."):
            yield from parameter.values


def _minerals(norms: Norms, catalogue: Catalogue) -> Iterator[str]:
    named: list[tuple[str, Iterable[str]]] = [
        *((v.id, (*v.value["inputs"], *v.value["outputs"])) for v in _values(norms, "recipe")),
        *((v.id, v.value) for v in _values(norms, "export.six_metals")),
        *((v.id, v.value["metals"]) for v in _values(norms, "export.disused_metals")),
    ]
    for id, codes in named:
        for code in codes:
            mineral = catalogue.mineral(code)
            if mineral is None or mineral.is_heading:
                yield f"{id}: «{code}» no es un mineral del catálogo"


def _caps(norms: Norms, catalogue: Catalogue) -> Iterator[str]:
    caps: dict[str, list[Mapping[str, Any]]] = {}
    for value in _values(norms, "subsistence.cap"):
        caps.setdefault(value.id.rpartition(".")[2], []).append(value.value)
    allowed = {group for value in _values(norms, "subsistence.minerals") for group in value.value}
    used = {mineral.quota_group for mineral in catalogue if mineral.quota_group is not None}
    yield from (f"el grupo «{group}» no tiene tope" for group in sorted((allowed | used) - caps.keys()))
    yield from (f"ningún mineral es del grupo «{group}»" for group in sorted((allowed | caps.keys()) - used))
    for mineral in catalogue:
        for cap in caps.get(mineral.quota_group or "", []):
            if cap["unit"] != mineral.unit and not (mineral.unit == "t" and "tonnes_per_unit" in cap):
                yield f"el tope de «{mineral.quota_group}» va en {cap['unit']} y «{mineral.code}» en {mineral.unit}"


def _classes(norms: Norms) -> Iterator[str]:
    classes = {parameter.id.rpartition(".")[2] for parameter in norms if parameter.id.startswith("producer.class.")}
    known = classes | ROLES
    for family in ("trade.who_may_sell", "title.environmental_required", "evidence.required"):
        for value in _values(norms, family):
            yield from (f"{family}: «{row}» no es clase ni papel" for row in value.value.keys() - known)
            yield from (f"{family}: falta la clase «{row}»" for row in sorted(classes - value.value.keys()))
    for value in _values(norms, "trade.who_may_sell"):
        buyers = {buyer for row in value.value.values() for buyer in row}
        yield from (f"trade.who_may_sell: «{buyer}» no es un papel" for buyer in sorted(buyers - ROLES))


def _six_metals(norms: Norms, catalogue: Catalogue) -> Iterator[str]:
    for value in _values(norms, "export.six_metals"):
        metals = {mineral.metal for code in value.value if (mineral := catalogue.mineral(code)) is not None}
        due = {mineral.code for mineral in catalogue if mineral.metal is not None and mineral.metal in metals}
        yield from (f"export.six_metals: falta «{code}»" for code in sorted(due - set(value.value)))
