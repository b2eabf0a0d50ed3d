"""What a verdict rested on, beside it: ids of the versions read and the balances before, enough to decide it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

import orjson

from veta.movements.domain.case import Case
from veta.movements.gather import accounts_of, lots_made, origin_code


def snapshot(case: Case) -> bytes:
    """The facts of a case as read, before its effects: JSON for `replay.facts_of`."""
    world, actors = case.world, {actor for actor in case.actors.values() if actor is not None}
    if case.author is not None:
        actors.add(case.author)
    codes = _codes(case)
    lots = [part.facts for part in case.parts if part.facts is not None]
    consent = getattr(case.item, "consent", None)
    facts: dict[str, Any] = {
        "operator": case.operator,
        "actors": [actor for _, actor in sorted(case.actors.items())],
        "registrations": [v.id for actor in actors for v in world.registrations.get(actor, ())],
        "mandates": [v.id for actor in actors for v in world.mandates.get((actor, case.operator), ())],
        "titles": [v.id for code in codes for v in world.titles.get(code, ())],
        "plans": [v.id for code in codes for t in world.titles.get(code, ())[:1] for v in world.plans.get(t.title, ())],
        "balances": {
            str(account): _integers(case, account) for account in accounts_of(case) if account in world.balances
        },
        "lots": {str(lot.id): lot.suspended_by for lot in lots},
        "taken": [lot for lot in lots_made(case) if lot in world.accounts_taken],
        "unknown_places": _unknown_places(case),
    }
    if case.pending is not None:
        facts["pending"] = asdict(case.pending)
    if case.target is not None:
        facts["target"] = _keys_as_text(asdict(case.target))
    if consent is not None and (given := world.consents.get((consent.id, consent.code))) is not None:
        facts["consent"] = asdict(given)
    return orjson.dumps(facts)


def _codes(case: Case) -> list[str]:
    code = origin_code(case.item)
    if code is not None:
        return [code]
    origins = {o for part in case.parts if part.facts is not None for o in case.world.origin_weights(part.facts)}
    return sorted({c for o in origins if (found := case.world.origins.get(o)) and (c := found.code)})


def _integers(case: Case, account: UUID) -> tuple[int, int, int]:
    balance = case.world.balances[account]
    return balance.received, balance.released, balance.held


def _unknown_places(case: Case) -> list[str]:
    place, origin = case.item.place, getattr(case.item, "origin", None)
    named = [place.municipality if place is not None else None, origin.municipality if origin is not None else None]
    return [code for code in named if code is not None and code not in case.world.municipalities]


def _keys_as_text(facts: Mapping[str, Any]) -> dict[str, Any]:
    boundaries = {str(account): kind for account, kind in facts["boundaries"].items()}
    return {**facts, "boundaries": boundaries}
