"""Put a movement beside its facts: one framer per kind, each filling what its rules read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from veta.kernel.identity import title_code
from veta.kernel.ids import uuid_of
from veta.kernel.period import bogota_date
from veta.kernel.quantity import QuantityError, amount_of
from veta.movements.domain import item as i
from veta.movements.domain.case import Case, Made, Part
from veta.movements.domain.facts import PendingLineFacts, World
from veta.movements.domain.measure import measured
from veta.movements.domain.rights import plan_for, production_rights, sale_rights, subsistence_rights
from veta.norms.catalogue import Mineral, catalogue
from veta.registry.domain import version_on

PARTY_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "production": ("holder",),
    "subsistence_purchase": ("seller", "buyer"),
    "sale": ("seller", "buyer"),
    "regroup": ("holder",),
    "transformation": ("holder", "plant"),
    "export": ("holder",),
    "retention": ("holder",),
    "reversal": (),
}
REPORTER: Final[Mapping[str, str]] = {
    "production": "holder",
    "subsistence_purchase": "buyer",
    "sale": "seller",
    "regroup": "holder",
    "transformation": "holder",
    "export": "holder",
    "retention": "holder",
}
COUNTERPARTY: Final[Mapping[str, str]] = {"subsistence_purchase": "seller", "sale": "buyer", "transformation": "plant"}


def parties(item: i.Item) -> Iterable[tuple[str, i.Party]]:
    """The parties that an item names, by their role in it."""
    for role in PARTY_ROLES.get(item.kind, ()):
        party = getattr(item, role)
        if party is not None:
            yield role, party


def new_lot_id(movement: UUID, position: int, given: UUID | None) -> UUID:
    """The id of a lot that a movement makes: the operator's, else derived from movement and position."""
    return given if given is not None else uuid_of("lot", str(movement), str(position))


def frame(item: i.Item, *, operator: UUID, received_at: datetime, world: World) -> Case:
    """The case of `item`: its parties, mineral, title, plan, lots and the rights it draws on, as `world` knows them."""
    actors = {role: world.actors.get(party.document) for role, party in parties(item)}
    author = actors.get(REPORTER.get(item.kind, ""))
    case = Case(item, operator, received_at, world, actors, author)
    framer = _FRAMERS.get(item.kind)
    if framer is not None:
        framer(case)
    return case


def _production(case: Case) -> None:
    item: i.Production = case.item
    _mineral(case)
    versions = case.world.titles.get(title_code(item.origin.code or ""), [])
    case.title = version_on(versions, case.on)
    plans = case.world.plans.get(versions[0].title, ()) if versions else ()
    case.plan = plan_for(plans, case.mineral, case.title, case.on)
    case.rights = production_rights(case)
    case.made = (_made(case, "", 0, item.mineral, item.measure, item.lot),)


def _purchase(case: Case) -> None:
    item: i.SubsistencePurchase = case.item
    _mineral(case)
    case.rights = subsistence_rights(case)
    case.made = (_made(case, "", 0, item.mineral, item.measure, item.lot),)


def _retention(case: Case) -> None:
    item: i.Retention = case.item
    _mineral(case)
    case.made = (_made(case, "", 0, item.mineral, item.measure, item.lot),)


def _sale(case: Case) -> None:
    case.parts = _parts(case, "items", case.item.items)
    case.rights = sale_rights(case)


def _export(case: Case) -> None:
    case.parts = _parts(case, "items", case.item.items)


def _regroup(case: Case) -> None:
    item: i.Regroup = case.item
    case.parts = _parts(case, "inputs", item.inputs)
    mineral = next((part.mineral for part in case.parts if part.mineral is not None), None)
    case.made = tuple(_regrouped(case, n, output, mineral) for n, output in enumerate(item.outputs))


def _transformation(case: Case) -> None:
    item: i.Transformation = case.item
    case.parts = _parts(case, "inputs", item.inputs)
    case.made = tuple(
        _made(case, f"outputs[{n}].", n, output.mineral or "", output.measure, output.lot)
        for n, output in enumerate(item.outputs)
    )
    case.losses = tuple(
        _made(case, f"losses[{n}].", -1 - n, loss.mineral or "", loss.measure, None)
        for n, loss in enumerate(item.losses)
    )


def _mineral(case: Case) -> None:
    case.mineral = catalogue().mineral(case.item.mineral)
    case.measured = measured(case.item.measure, case.mineral)


def _made(case: Case, path: str, position: int, code: str, measure: i.Measure, given: UUID | None) -> Made:
    mineral = catalogue().mineral(code)
    counted = case.measured if case.measured is not None else measured(measure, mineral, path)
    return Made(path, new_lot_id(case.item.id, position, given), code, mineral, counted)


def _regrouped(case: Case, position: int, output: i.Output, mineral: Mineral | None) -> Made:
    """A regrouping moves what lots already hold, so its outputs are in counted units: fine metal needs no fineness."""
    path = f"outputs[{position}]."
    counted = measured(output.measure, _as_counted(mineral), path)
    lot = new_lot_id(case.item.id, position, output.lot)
    return Made(path, lot, mineral.code if mineral else "", mineral, counted)


def _as_counted(mineral: Mineral | None) -> Mineral | None:
    return dataclasses.replace(mineral, precious=False) if mineral is not None and mineral.precious else mineral


def _reversal(case: Case) -> None:
    case.target = case.world.targets.get(case.item.movement)
    case.author = case.target.author if case.target is not None else None


def _step(case: Case) -> None:
    """An answer is judged with the movement's own day and lots, at the moment of the answer."""
    pending = case.pending = case.world.pending.get(case.item.movement)
    if pending is None:
        return
    case.author = pending.counterparty if case.item.kind == "confirmation" else pending.author
    case.on = bogota_date(pending.occurred_at)
    if pending.kind == "sale":
        case.actors = {"seller": pending.author, "buyer": pending.counterparty}
        case.parts = tuple(_held(case, n, line) for n, line in enumerate(pending.lines))
        case.rights = sale_rights(case) if case.item.decision == "confirm" else ()
    elif pending.undoes is not None:
        case.target = case.world.targets.get(pending.undoes)


def _held(case: Case, position: int, line: PendingLineFacts) -> Part:
    facts = case.world.lots.get(line.lot)
    mineral = catalogue().mineral(facts.mineral) if facts is not None else None
    return Part(f"items[{position}]", line.lot, facts, mineral, line.amount, line.new_lot)


def _parts(case: Case, path: str, parts: tuple[i.LotPart, ...]) -> tuple[Part, ...]:
    return tuple(_part(case, f"{path}[{n}]", n, part) for n, part in enumerate(parts))


def _part(case: Case, path: str, position: int, part: i.LotPart) -> Part:
    facts = case.world.lots.get(part.lot)
    mineral = catalogue().mineral(facts.mineral) if facts is not None else None
    amount = None
    if mineral is not None:
        try:
            amount = amount_of(part.quantity, factor=mineral.factor) or None
        except QuantityError:
            amount = None
    return Part(path, part.lot, facts, mineral, amount, new_lot_id(case.item.id, position, part.new_lot))


_FRAMERS: Final[Mapping[str, Callable[[Case], None]]] = {
    "production": _production,
    "subsistence_purchase": _purchase,
    "sale": _sale,
    "regroup": _regroup,
    "transformation": _transformation,
    "export": _export,
    "retention": _retention,
    "reversal": _reversal,
    "confirmation": _step,
    "withdrawal": _step,
    "lapse": _step,
}
