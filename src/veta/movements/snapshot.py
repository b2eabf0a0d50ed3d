"""What a verdict rested on, beside it: ids of the versions read and the balances before, enough to decide it again."""

from __future__ import annotations

from typing import Any

import orjson

from veta.movements.domain.case import Case
from veta.movements.domain.item import Lift
from veta.movements.domain.papers import cited
from veta.movements.gather import accounts_of, lots_made, origin_code


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


def _unknown_places(case: Case) -> list[str]:
    place, origin = case.item.place, getattr(case.item, "origin", None)
    named = [place.municipality if place is not None else None, origin.municipality if origin is not None else None]
    return [code for code in named if code is not None and code not in case.world.municipalities]
