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
    "sale",
    "transformation",
    "export",
    norm="Res. ANM 3824 de 2025 art. 1 (modifica el art. 26 de la Res. 759 de 2024)",
    status="secondary",
    severity="warning",
    instant="receipt",
    starts=date(2025, 12, 29),
    message="{code} está obligado desde el {since} y ninguno de sus titulares tiene operador. Vincúlelo a un operador "
    "tecnológico, o pídaselo.",
)
def bound_and_not_linked(case: Case) -> Sequence[Hit]:
    """Who is bound to use the system reports through an operator; that the mineral reported, or what is sold, processed
    or exported, is of a title of a bound class whose holders gave no operator a mandate is told, and nothing is refused
    for that."""
    return [
        Hit(field, {"code": title.code, "since": since.isoformat()})
        for field, title, since in bound_titles(case)
        if not linked(case, title)
    ]


def bound_titles(case: Case) -> list[tuple[str, TitleVersion, date]]:
    """The titles behind the mineral that are bound at hub receipt, each once, with the field that leads to it and since
    when: the one that is named, or those that the reporter's own lots come from."""
    if case.titles:
        named = case.titles[0]
        since = bound_since(named, case.received_on)
        return [("origin.code", named, since)] if since is not None else []
    found: dict[str, tuple[str, TitleVersion, date]] = {}
    for part in case.told:
        for origin in case.world.origin_weights(part.facts) if part.facts is not None else ():
            known = case.world.origins.get(origin)
            versions = case.world.titles.get(known.code or "") if known is not None else None
            title = version_on(versions, case.received_on) if versions else None
            if title is None or title.code in found or title.status != "in_force":
                continue
            since = bound_since(title, case.received_on)
            if since is not None and title.stage == "exploitation":
                found[title.code] = (f"{part.path}.lot", title, since)
    return list(found.values())


def bound_since(title: TitleVersion, on: date) -> date | None:
    """Since when the class of a title is obliged, where it is on that date."""
    since = law.obliged_since(title.scale or "", on)
    return since if since is not None and since <= on else None


def linked(case: Case, title: TitleVersion) -> bool:
    """Whether some holder of the title has a mandate that is active at hub receipt, with whatever operator."""
    for actor, _ in title.holders:
        if case.speaks_for(actor):
            return True
    mandates = (versions for actor, _ in title.holders for versions in case.world.mandates_of(actor))
    held = (version_on(versions, case.received_on) for versions in mandates)
    return any(version is not None and version.status == "active" for version in held)
