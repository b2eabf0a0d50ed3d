"""The facts of a group, read set by set: first who and what is named, then, under lock, what changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from veta.kernel.identity import IdentityError, title_code
from veta.ledger import queries as ledger
from veta.movements import queries
from veta.movements.domain import item as i
from veta.movements.domain.case import Case
from veta.movements.domain.facts import LotFacts, PaperNumber, RunningBalance, World
from veta.movements.domain.frame import parties
from veta.movements.domain.intake import paper_numbers_of
from veta.movements.domain.papers import cited, papers
from veta.movements.domain.rules.obligation import bound_since
from veta.movements.queries import paper_numbers
from veta.norms import NormNotInForce
from veta.registry import queries as registry
from veta.registry.domain import TOLD_A_CODE, TitleVersion, version_on
from veta.registry.services.consents import Presented, present_consents

Cursor = psycopg.Cursor[Any]
_spelt = lru_cache(maxsize=8192)(title_code)


def lots_named(item: i.Item) -> Iterable[UUID]:
    """The lots that a report takes from."""
    for part in (*getattr(item, "items", ()), *getattr(item, "inputs", ())):
        yield part.lot
    if isinstance(item, i.Suspension):
        yield from item.lots
    if isinstance(item, i.Accredit):
        yield item.marked


def lots_made(case: Case) -> Iterable[UUID]:
    """The ids that an operator chose for new lots: in this report, or in the offer that it confirms."""
    item = case.item
    if (lot := getattr(item, "lot", None)) is not None:
        yield lot
    for output in (*getattr(item, "outputs", ()), *getattr(item, "found", ())):
        if output.lot is not None:
            yield output.lot
    if isinstance(item, i.Sale | i.Dispatch):
        yield from (part.new_lot for part in item.items if part.new_lot is not None)
    if isinstance(item, i.Step | i.Receipt):
        yield from (part.new_lot for part in case.parts if part.new_lot is not None)


def gather(cursor: Cursor, items: Iterable[tuple[UUID, i.Item]], *, on: date) -> World:
    """What the registry, the lots and the movements named say, for (operator, item) pairs; nothing is locked yet.

    `on`: the Bogotá date of hub receipt."""
    pairs = list(items)
    world = World(municipalities=registry.known_municipalities())
    _who(world, [item for _, item in pairs])
    _what(cursor, world, [item for _, item in pairs])
    _where_from(world, [item for _, item in pairs])
    _by_whom(world, pairs, on)
    return world


def _who(world: World, items: list[i.Item]) -> None:
    documents = {party.document for item in items for _, party in parties(item)}
    world.actors = registry.actors_of(documents)
    world.registrations = registry.registrations_of(list(set(world.actors.values())))


def _what(cursor: Cursor, world: World, items: list[i.Item]) -> None:
    """Lots, offers and movements that the items name, with all that these rest on."""
    answered = [item.movement for item in items if isinstance(item, i.Step)]
    dispatches = [item.dispatch for item in items if isinstance(item, i.Receipt)]
    world.pending = queries.pending(cursor, answered + dispatches)
    world.suspensions_open = queries.suspensions_open(
        cursor, [each.suspension for each in items if isinstance(each, i.Lift)]
    )
    world.asked_to_undo = {item.movement for item in items if isinstance(item, i.Reversal)}
    undone = {p.undoes for p in world.pending.values() if p.undoes is not None}
    world.targets = queries.targets(cursor, world.asked_to_undo | undone)
    lots = {lot for item in items for lot in lots_named(item)}
    lots |= {line.lot for pending in world.pending.values() for line in pending.lines}
    read_lots(cursor, world, lots)


def read_lots(cursor: Cursor, world: World, lots: set[UUID]) -> None:
    """Lots with the suspensions open on them at this moment, and what they are made of."""
    rows = ledger.lots(cursor, lots)
    world.lots.update({lot: _lot(row) for lot, row in rows.items()})
    mixed = {row.composition for row in rows.values() if row.composition is not None}
    world.compositions.update(ledger.compositions(cursor, mixed - world.compositions.keys()))
    named = {row.origin for row in rows.values() if row.origin is not None}
    named |= {origin for key in mixed for origin in world.compositions[key].origins}
    world.origins.update(ledger.origins(cursor, named - world.origins.keys()))


def _lot(row: ledger.LotRow) -> LotFacts:
    return LotFacts(
        id=row.account, mineral=row.commodity, holder=row.holder, accreditation=row.accreditation,
        movement=row.movement, occurred_at=row.occurred_at, origin=row.origin, composition=row.composition,
        municipality=row.municipality, grade=row.grade, processed_by=row.processed_by, suspended_by=row.suspensions,
        made_as=row.made_as,
    )  # fmt: skip


def _where_from(world: World, items: list[i.Item]) -> None:
    codes = {origin.code for origin in world.origins.values() if origin.code is not None}
    codes |= {code for item in items if (code := origin_code(item)) is not None}
    world.titles = registry.titles_by_code(list(codes))
    world.plans = registry.plans_of([versions[0].title for versions in world.titles.values()])


def origin_code(item: i.Item) -> str | None:
    """The code of the origin that a report names, normalised; None where it names none that can be one."""
    source = getattr(item, "origin", None)
    if source is None or source.code is None:
        return None
    try:
        return _spelt(source.code)
    except IdentityError:
        return None


def _by_whom(world: World, pairs: list[tuple[UUID, i.Item]], on: date) -> None:
    """Mandates of everybody involved with each operator of the group."""
    actors = set(world.actors.values())
    for pending in world.pending.values():
        actors |= {pending.author, pending.counterparty}
    actors |= {target.author for target in world.targets.values() if target.author is not None}
    world.mandates = registry.mandates_among(actors, {operator for operator, _ in pairs})
    _by_anyone(world, on)


def _by_anyone(world: World, on: date) -> None:
    """Where no holder of a title that is bound gave these operators a mandate: those that they gave to others."""
    known = {
        actor
        for (actor, _), versions in world.mandates.items()
        if (v := version_on(versions, on)) and v.status == "active"
    }
    holders = [
        {actor for actor, _ in v.holders} for versions in world.titles.values() for v in versions if _bound(v, on)
    ]
    unlinked = {actor for each in holders if known.isdisjoint(each) for actor in each}
    if unlinked:
        world.mandates.update(registry.mandates_with_anyone(unlinked))


def _bound(title: TitleVersion, on: date) -> bool:
    try:
        return bound_since(title, on) is not None
    except NormNotInForce:
        return False


def accounts_of(case: Case) -> Iterable[UUID]:
    """Every account with integers that a movement may change: it is locked before anything is decided."""
    yield from (part.lot for part in case.parts)
    yield from (right.account for right in case.rights)
    if case.pending is not None:
        yield from (line.lot for line in case.pending.lines)
    if case.target is not None:
        yield from case.target.made
        ends = (end for entry in case.target.entries for end in (entry.source, entry.target))
        yield from (end for end in ends if end not in case.target.boundaries)
    if isinstance(case.item, i.Grant):
        yield case.item.quota


def read_under_lock(cursor: Cursor, world: World, cases: list[Case], balances: dict[UUID, RunningBalance]) -> None:
    """Read again what may have changed until the locks were taken: balances, suspensions, endings, consents."""
    world.balances = balances
    read_lots(cursor, world, {lot for lot in world.lots if lot in balances})
    read_paper_numbers(cursor, world, cases)
    world.pending.update(queries.pending(cursor, list(world.pending)))
    for movement, target in queries.targets(cursor, list(world.targets)).items():
        # A sale confirmed since it was first read moved lots that this group did not lock: it is still waiting here.
        if target.entries == world.targets[movement].entries:
            world.targets[movement] = target
    world.accounts_taken = queries.accounts_that_exist(cursor, [lot for case in cases for lot in lots_made(case)])


def read_papers(cursor: Cursor, world: World, cases: Iterable[Case]) -> None:
    """The certificates that exports cite, locked, and how many live ones stand over what reversals would undo."""
    port = papers()
    if port is None:
        return
    exports = [case for case in cases if cited(case)]
    if exports:
        numbers = {number for case in exports for number in cited(case)}
        world.papers = port.read(cursor, numbers, {part.lot for case in exports for part in case.parts})
    for target in world.targets.values():
        if count := port.certified(cursor, target.made):
            world.certified[target.movement] = count


def lock_paper_numbers(cursor: Cursor, cases: Iterable[Case]) -> None:
    """Whoever brings the same paper waits here for who came first, so that its constraint fails nobody's group."""
    paper_numbers.lock(cursor, {paper for case in cases for paper in _paper_numbers_of(case)})


def read_paper_numbers(cursor: Cursor, world: World, cases: Iterable[Case]) -> None:
    """Which of the papers that the cases bring were used already."""
    world.paper_numbers = paper_numbers.used(cursor, {paper for case in cases for paper in _paper_numbers_of(case)})


def _paper_numbers_of(case: Case) -> tuple[PaperNumber, ...]:
    if not isinstance(case.item, i.DocumentedIntake):
        return ()
    try:
        return paper_numbers_of(case)
    except NormNotInForce:
        return ()


def read_consents(world: World, items: Iterable[i.Item], *, try_codes: bool) -> None:
    """The consents that the items refer to, locked and their codes tried; a wrong code is counted with the verdict.

    Without `try_codes` no code counts as right: what keeps nothing cannot count wrong ones, and would let them be
    guessed.
    """
    refs = [ref for item in items if (ref := getattr(item, "consent", None)) is not None]
    if not refs:
        return
    if try_codes:
        with connection.cursor() as cursor:
            found = present_consents(cursor, [Presented(ref.id, ref.code) for ref in refs])
        world.consents = {(presented.id, presented.code): consent for presented, consent in found.items()}
        return
    known = registry.consents_by_id([ref.id for ref in refs])
    world.consents = {
        (ref.id, ref.code): replace(
            known[ref.id], checked=tuple(each for each in known[ref.id].checked if each not in TOLD_A_CODE)
        )
        for ref in refs
        if ref.id in known
    }
