"""The facts that a verdict rested on, rebuilt from what is kept beside it (`veta.movements.snapshot`), for replay."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import psycopg

from veta.ledger.domain.posting import Posting
from veta.movements.domain.facts import PaperNumber, PendingFacts, PendingLineFacts, RunningBalance, TargetFacts, World
from veta.movements.domain.frame import parties
from veta.movements.domain.item import Item, Lift
from veta.movements.domain.papers import PaperFacts
from veta.movements.gather import read_lots
from veta.registry import queries as registry
from veta.registry.domain import Consent, MandateVersion, PlanVersion, RegistrationVersion, TitleVersion

Kept = Mapping[str, Any]
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Versions:
    """What many verdicts rested on that never changes: versions of the registry, by id as kept, and lots as made."""

    registrations: Mapping[str, RegistrationVersion]
    mandates: Mapping[str, MandateVersion]
    titles: Mapping[str, TitleVersion]
    plans: Mapping[str, PlanVersion]
    made: World  # lots, with their origins and compositions


def versions(cursor: psycopg.Cursor[Any], many: Collection[Kept]) -> Versions:
    """All that so many verdicts name, read set by set."""

    def named(*names: str) -> set[UUID]:
        return {UUID(each) for each in {id for kept in many for name in names for id in kept.get(name, ())}}

    made = World()
    read_lots(cursor, made, named("lots"))
    return Versions(
        registrations=_as_kept(registry.registration_versions(named("registrations"))),
        mandates=_as_kept(registry.mandate_versions(named("mandates", "links"))),
        titles=_as_kept(registry.title_versions(named("titles"))),
        plans=_as_kept(registry.plan_versions(named("plans"))), made=made,
    )  # fmt: skip


def _as_kept(found: Mapping[UUID, V]) -> dict[str, V]:
    return {str(id): version for id, version in found.items()}


def world_of(known: Versions, item: Item, kept: Kept) -> World:
    """The facts of that moment, rebuilt from the ids and balances kept with the verdict: no other lot or version."""
    world = World(municipalities=registry.known_municipalities() - set(kept["unknown_places"]))
    named = sorted(role for role, _ in parties(item))
    documents = {role: party.document for role, party in parties(item)}
    pairs = zip(named, kept["actors"], strict=False)
    world.actors = {documents[role]: UUID(actor) for role, actor in pairs if actor is not None}
    world.lots = {lot: facts for lot in _ids(kept, "lots") if (facts := known.made.lots.get(lot)) is not None}
    world.origins, world.compositions = known.made.origins, known.made.compositions
    _registered(world, known, kept)
    _as_then(world, item, kept)
    return world


def _ids(kept: Kept, name: str) -> list[UUID]:
    return [UUID(each) for each in kept[name]]


def _registered(world: World, known: Versions, kept: Kept) -> None:
    """Versions in the order in which they were read: newest recorded first."""
    for registration in map(known.registrations.__getitem__, kept["registrations"]):
        world.registrations.setdefault(registration.actor, []).append(registration)
    for mandate in map(known.mandates.__getitem__, dict.fromkeys((*kept["mandates"], *kept.get("links", ())))):
        world.mandates.setdefault((mandate.actor, mandate.operator), []).append(mandate)
    for title in map(known.titles.__getitem__, kept["titles"]):
        world.titles.setdefault(title.code, []).append(title)
    for plan in map(known.plans.__getitem__, kept["plans"]):
        world.plans.setdefault(plan.title, []).append(plan)


def _as_then(world: World, item: Any, kept: Kept) -> None:
    world.balances = {UUID(account): RunningBalance(*integers) for account, integers in kept["balances"].items()}
    for lot, acts in kept["lots"].items():
        suspended = tuple(UUID(act) for act in acts)
        known = world.lots[UUID(lot)]
        accreditation = kept.get("marked", {}).get(lot) or known.made_as or known.accreditation
        world.lots[UUID(lot)] = replace(known, suspended_by=suspended, accreditation=accreditation)
    if isinstance(item, Lift) and kept["open"] is not None:
        world.suspensions_open = {item.suspension: kept["open"]}
    world.accounts_taken = set(_ids(kept, "taken"))
    used = kept.get("paper_numbers", ())
    world.paper_numbers = {PaperNumber(UUID(origin), type, number): UUID(by) for origin, type, number, by in used}
    if "pending" in kept:
        pending = _pending(kept["pending"])
        world.pending = {pending.movement: pending}
    if "target" in kept:
        target = _target(kept["target"])
        world.targets = {target.movement: target}
        if "certified" in kept:
            world.certified = {target.movement: kept["certified"]}
    for number, facts in kept.get("papers", {}).items():
        covers = tuple(UUID(lot) for lot in facts["covers"])
        world.papers[number] = PaperFacts(UUID(facts["id"]), facts["number"], facts["state"], facts["left"], covers)
    if "consent" in kept:
        consent = _consent(kept["consent"])
        world.consents = {(consent.id, item.consent.code): consent}


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text is not None else None


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def _pending(kept: Mapping[str, Any]) -> PendingFacts:
    lines = tuple(PendingLineFacts(UUID(n["lot"]), n["amount"], UUID(n["new_lot"])) for n in kept["lines"])
    return PendingFacts(
        movement=UUID(kept["movement"]), kind=kept["kind"], author=UUID(kept["author"]),
        counterparty=UUID(kept["counterparty"]), occurred_at=datetime.fromisoformat(kept["occurred_at"]),
        confirm_by=_when(kept["confirm_by"]), lines=lines, outcome=kept["outcome"],
        municipality=kept["municipality"], undoes=_uuid(kept["undoes"]),
    )  # fmt: skip


def _target(kept: Mapping[str, Any]) -> TargetFacts:
    return TargetFacts(
        movement=UUID(kept["movement"]), kind=kept["kind"], status=kept["status"], author=_uuid(kept["author"]),
        counterparty=_uuid(kept["counterparty"]), occurred_at=datetime.fromisoformat(kept["occurred_at"]),
        received_at=datetime.fromisoformat(kept["received_at"]), reversed=kept["reversed"],
        entries=tuple(
            Posting(UUID(e["source"]), UUID(e["target"]), e["commodity"], e["amount"]) for e in kept["entries"]
        ),
        boundaries={UUID(account): (kind, commodity) for account, (kind, commodity) in kept["boundaries"].items()},
        made=tuple(UUID(lot) for lot in kept["made"]), descendants=tuple(UUID(lot) for lot in kept["descendants"]),
        suspended_by=tuple(UUID(act) for act in kept["suspended_by"]),
    )  # fmt: skip


def _consent(kept: Mapping[str, Any]) -> Consent:
    """As kept; of before a consent had several methods, by its one and whether that was verified."""
    methods = tuple(kept["methods"]) if "methods" in kept else (kept["method"],)
    checked = tuple(kept["checked"]) if "methods" in kept else methods if kept["verified"] else ()
    return Consent(
        id=UUID(kept["id"]), purpose=kept["purpose"], party=UUID(kept["party"]),
        counterparty=_uuid(kept["counterparty"]), mineral=kept["mineral"], amount=kept["amount"],
        methods=methods, checked=checked, expires_at=datetime.fromisoformat(kept["expires_at"]), used=kept["used"],
    )  # fmt: skip
