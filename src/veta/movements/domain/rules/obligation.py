"""Since when each class is obliged to report."""

from collections.abc import Sequence
from datetime import date

from veta.movements.domain import law
from veta.movements.domain.case import Case
from veta.movements.domain.rule import Hit, hit, rule
from veta.registry.domain import TitleVersion, version_on


@rule(
    "OBL-001",
    "production",
    norm="Res. ANM 3824 de 2025 art. 1 (modifica el art. 26 de la Res. 759 de 2024)",
    status="secondary",
    severity="info",
    starts=date(2025, 12, 29),
    message="Este productor aún no está obligado a reportar. El registro es voluntario y vale igual.",
)
def not_yet_obliged(case: Case) -> Sequence[Hit]:
    """A record of who is not yet obliged is voluntary; it is never refused for that."""
    if case.title is None:
        return ()
    scale = case.title.scale or ""
    since = law.obliged_since(scale, case.on)
    return hit("holder", scale=scale) if since is None or case.on < since else ()


@rule(
    "OBL-002",
    "production",
    "documented_intake",
    norm="Res. ANM 3824 de 2025 art. 1 (modifica el art. 26 de la Res. 759 de 2024)",
    status="secondary",
    severity="warning",
    instant="receipt",
    starts=date(2025, 12, 29),
    message="{code} está obligado desde el {since} y ninguno de sus titulares tiene operador. Vincúlelo a un operador "
    "tecnológico.",
)
def bound_and_not_linked(case: Case) -> Sequence[Hit]:
    """Who is bound to use the system reports through an operator; a title of a bound class whose holders gave no
    operator a mandate is told, and nothing is refused for that."""
    title = case.titles[0] if case.titles else None
    since = law.obliged_since(title.scale or "", case.received_on) if title is not None else None
    if title is None or since is None or case.received_on < since or linked(case, title):
        return ()
    return hit("origin.code", code=title.code, since=since.isoformat())


def linked(case: Case, title: TitleVersion) -> bool:
    """Whether some holder of the title has a mandate that is active at hub receipt, with whatever operator."""
    for actor, _ in title.holders:
        if case.speaks_for(actor):
            return True
    holders = {actor for actor, _ in title.holders}
    held = (version_on(v, case.received_on) for (actor, _), v in case.world.mandates.items() if actor in holders)
    return any(version is not None and version.status == "active" for version in held)
