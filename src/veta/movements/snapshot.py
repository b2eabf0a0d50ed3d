"""What a verdict rested on, beside it: ids of the versions read and the balances before, enough to decide it again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from veta.movements.domain.case import Case
from veta.movements.domain.facts import PaperNumber
from veta.movements.domain.intake import origin_of
from veta.movements.domain.item import DocumentedIntake, Lift
from veta.movements.domain.papers import cited
from veta.movements.domain.rule import RULES
from veta.movements.domain.rules.obligation import bound_titles
from veta.movements.gather import accounts_of, lots_made, origin_code
from veta.norms import NormNotInForce


def snapshot(case: Case) -> bytes:
    """The facts of a case as read, before its effects: JSON for `replay.facts_of`."""
    world, operator = case.world, case.operator
    actors = {actor for actor in (*case.actors.values(), case.author) if actor is not None}
    titles = [versions for code in _codes(case) if (versions := world.titles.get(code))]
    consent = getattr(case.item, "consent", None)
    facts: dict[str, Any] = {
        "operator": operator,
        "actors": [actor for _, actor in sorted(case.actors.items())],
        "registrations": [v.id for actor in actors for v in world.registrations.get(actor, ())],
        "mandates": [v.id for actor in actors for v in world.mandates.get((actor, operator), ())],
        "titles": [v.id for versions in titles for v in versions],
        "plans": [v.id for versions in titles for v in world.plans.get(versions[0].title, ())],
        "balances": {
            account: (balance.received, balance.released, balance.held)
            for account in accounts_of(case)
            if (balance := world.balances.get(account)) is not None
        },
        "lots": {part.facts.id: part.facts.suspended_by for part in case.parts if part.facts is not None},
        "taken": [lot for lot in lots_made(case) if lot in world.accounts_taken] if world.accounts_taken else (),
        "unknown_places": _unknown_places(case),
    }
    marked = {part.facts.id: part.facts.accreditation for part in case.parts if part.facts and part.facts.made_as}
    if marked:
        facts["marked"] = marked
    if links := _links(case):
        facts["links"] = links
    if isinstance(case.item, DocumentedIntake):
        facts["paper_numbers"] = [(*paper, movement) for paper, movement in _used(case)]
    if isinstance(case.item, Lift):
        facts["open"] = world.suspensions_open.get(case.item.suspension)
    if case.pending is not None:
        facts["pending"] = case.pending
    if case.target is not None:
        facts["target"] = case.target
    if consent is not None and (given := world.consents.get((consent.id, consent.code))) is not None:
        facts["consent"] = given
    if seen := {number: world.papers[number] for number in cited(case) if number in world.papers}:
        facts["papers"] = seen
    if case.target is not None and (count := world.certified.get(case.target.movement)):
        facts["certified"] = count
    return orjson.dumps(facts, option=orjson.OPT_NON_STR_KEYS)


def _codes(case: Case) -> list[str]:
    code = origin_code(case.item)
    if code is not None:
        return [code]
    origins = {o for part in case.parts if part.facts is not None for o in case.world.origin_weights(part.facts)}
    return sorted({c for o in origins if (found := case.world.origins.get(o)) and (c := found.code)})


def _links(case: Case) -> list[UUID]:
    """The mandates, with whatever operator, of the holders of the bound titles behind the mineral."""
    if case.item.kind not in RULES["OBL-002"].kinds:
        return []
    try:
        bound = bound_titles(case)
    except NormNotInForce:
        return []
    holders = dict.fromkeys(actor for _, title, _ in bound for actor, _ in title.holders)
    return [v.id for actor in holders for versions in case.world.mandates_of(actor) for v in versions]


def _used(case: Case) -> list[tuple[PaperNumber, UUID]]:
    """Those of its papers that were used already."""
    origin = origin_of(case).id
    return sorted((paper, movement) for paper, movement in case.world.paper_numbers.items() if paper.origin == origin)


def _unknown_places(case: Case) -> list[str]:
    place, origin = case.item.place, getattr(case.item, "origin", None)
    to = getattr(case.item, "to", None)
    named = [each.municipality if each is not None else None for each in (place, origin, to)]
    return [code for code in named if code is not None and code not in case.world.municipalities]
