"""Put a movement beside its facts: one framer per kind, each filling what its rules read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from veta.kernel.ids import uuid_of
from veta.kernel.period import bogota_date
from veta.movements.domain import item as i
from veta.movements.domain import law
from veta.movements.domain.case import Case, Made, Part, Right
from veta.movements.domain.facts import LotFacts, PendingLineFacts, World
from veta.movements.domain.intake import ELSEWHERE
from veta.movements.domain.measure import Flaw, Measured, amount_in, counted, measured, whole_amount
from veta.movements.domain.plans import plan_for
from veta.movements.domain.rights import production_rights, sale_rights, subsistence_rights
from veta.movements.domain.yielded import contained as content_of
from veta.norms import NormNotInForce
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
    "dispatch": ("holder",),
    "consumption": ("holder",),
    "loss": ("holder",),
    "documented_intake": ("holder", "seller"),
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
    "dispatch": "holder",
    "consumption": "holder",
    "loss": "holder",
    "documented_intake": "holder",
}
COUNTERPARTY: Final[Mapping[str, str]] = {"subsistence_purchase": "seller", "sale": "buyer", "transformation": "plant"}


MAKES_OF_PARTS: Final = frozenset({"sale", "dispatch", "seizure"})


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
    """The case of `item`: its parties, mineral, title, plan, lots and the rights it draws on, as `world` knows them.

    It never raises: what the norms do not say on that date is in the case's `absent`, and rule NOR-001 says it.
    """
    actors = {role: world.actors.get(party.document) for role, party in parties(item)}
    author = actors.get(REPORTER.get(item.kind, ""))
    case = Case(item, operator, received_at, world, actors, author)
    framer = _FRAMERS.get(item.kind)
    if framer is not None:
        framer(case)
        case.flaws = _flaws(case)
    return case


def _flaws(case: Case) -> tuple[Flaw, ...]:
    """Why what the report measures cannot be counted, in the order of its fields."""
    found = [made.measured.flaw for made in case.made if made.measured.flaw is not None]
    found += [loss.measured.flaw for loss in case.losses if loss.measured.flaw is not None]
    found += [part.flaw for part in case.parts if part.flaw is not None]
    return tuple(found)


def _production(case: Case) -> None:
    _measured(case)
    _titled(case, case.item.origin)


def _titled(case: Case, origin: i.Source) -> None:
    """The coded origin that the report names, its plan for the mineral, and the right that this uses."""
    versions = case.world.titles.get(origin.code or "", ())
    case.titles = tuple(version for version in versions if _declared_as(case, version.kind, origin.kind))
    case.title = version_on(case.titles, case.on)
    plans = case.world.plans.get(case.titles[0].title, ()) if case.titles else ()
    case.plan = plan_for(plans, case.mineral, case.title, case.on)
    case.rights = _rights(case, production_rights)


def _declared_as(case: Case, kind: str, reported: str) -> bool:
    """Whether an origin of the registry's `kind` is reported as `reported`; some kinds have no word of their own."""
    if kind == reported:
        return True
    try:
        return reported in law.origins_of(kind, case.on)
    except NormNotInForce:
        return False


def _purchase(case: Case) -> None:
    _measured(case)
    case.rights = _rights(case, subsistence_rights)


def _rights(case: Case, of: Callable[[Case], tuple[Right, ...]]) -> tuple[Right, ...]:
    try:
        return of(case)
    except NormNotInForce as absent:
        case.absent = (*case.absent, absent)
        return ()


def _sale(case: Case) -> None:
    case.parts = _parts(case, "items", case.item.items)
    case.rights = _rights(case, sale_rights)


def _items(case: Case) -> None:
    case.parts = _parts(case, "items", case.item.items)


def _regroup(case: Case) -> None:
    """A regrouping moves what lots already hold, so its outputs are in counted units."""
    item: i.Regroup = case.item
    case.parts = _parts(case, "inputs", item.inputs)
    mineral = next((part.mineral for part in case.parts if part.mineral is not None), None)
    case.made = tuple(_regrouped(case, n, output, mineral) for n, output in enumerate(item.outputs))


def _regrouped(case: Case, position: int, output: i.Output, mineral: Mineral | None) -> Made:
    path, measure = f"outputs[{position}].", output.measure
    lot = new_lot_id(case.item.id, position, output.lot)
    amount = counted(measure.quantity, measure.unit, mineral, path)
    return Made(path, lot, mineral.code if mineral else "", mineral, amount)


def _transformation(case: Case) -> None:
    item: i.Transformation = case.item
    case.parts = _parts(case, "inputs", item.inputs)
    case.made = tuple(_output(case, f"outputs[{n}].", n, output) for n, output in enumerate(item.outputs))
    case.losses = tuple(_output(case, f"losses[{n}].", -1 - n, loss) for n, loss in enumerate(item.losses))


def _output(case: Case, path: str, position: int, output: i.Output) -> Made:
    code = output.mineral or ""
    mineral = catalogue().mineral(code)
    lot = new_lot_id(case.item.id, position, output.lot)
    return Made(path, lot, code, mineral, measured(output.measure, mineral, path))


def _measured(case: Case) -> None:
    """The one lot of a production, purchase or retention."""
    item: i.Production | i.SubsistencePurchase | i.Retention = case.item
    case.mineral = catalogue().mineral(item.mineral)
    case.measured = measured(item.measure, case.mineral)
    case.made = (Made("", new_lot_id(item.id, 0, item.lot), item.mineral, case.mineral, case.measured),)


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
        if case.item.decision == "confirm":  # nothing of the lots stands in the way of saying no
            case.parts = tuple(_held(case, n, line) for n, line in enumerate(pending.lines))
            case.rights = _rights(case, sale_rights)
    elif pending.undoes is not None and case.item.decision == "confirm":
        case.target = case.world.targets.get(pending.undoes)


def _held(case: Case, position: int, line: PendingLineFacts) -> Part:
    facts, mineral = _lot(case, line.lot)
    return Part(f"items[{position}]", line.lot, facts, mineral, line.amount, line.new_lot)


def _receipt(case: Case) -> None:
    """What arrived of a dispatch, for an operator of who sent it; to any other there is no such dispatch."""
    item: i.Receipt = case.item
    pending = case.world.pending.get(item.dispatch)
    if pending is None or pending.kind != "dispatch" or not case.speaks_for(pending.author):
        return
    case.pending, case.author = pending, pending.author
    found = _matched(pending.lines, item.arrived)
    if found is None:
        return
    case.parts = tuple(_held(case, n, line) for n, line in enumerate(pending.lines))
    case.weighed = tuple(_counted(part, each) for part, each in zip(case.parts, found, strict=True))


def _matched(lines: tuple[PendingLineFacts, ...], arrived: tuple[i.Arrived, ...]) -> list[i.Arrived] | None:
    """What arrived in the order of the lines, or None where they are not of the same lots."""
    left = list(arrived)
    found = []
    for line in lines:
        each = next((each for each in left if each.lot == line.lot), None)
        if each is None:
            return None
        left.remove(each)
        found.append(each)
    return None if left else found


def _counted(part: Part, arrived: i.Arrived) -> tuple[int | None, int | None]:
    if part.mineral is None:
        return None, None
    return whole_amount(arrived.quantity, part.mineral), whole_amount(arrived.lost or "0", part.mineral)


def _intake(case: Case) -> None:
    """The lot of a documented intake, and the right of its origin where that is known."""
    item: i.DocumentedIntake = case.item
    _measured(case)
    if item.origin.kind == "subsistence":
        case.rights = _rights(case, subsistence_rights)
    elif item.origin.kind not in ELSEWHERE:
        _titled(case, item.origin)


def _suspension(case: Case) -> None:
    case.parts = tuple(_whole(case, f"lots[{n}]", lot) for n, lot in enumerate(case.item.lots))


def _seizure(case: Case) -> None:
    item: i.Seizure = case.item
    case.parts = _parts(case, "items", item.items)
    first = len(item.items)  # a lot's id is derived from its place, so that of what was found follows the items'
    case.made = tuple(_output(case, f"found[{n}].", first + n, found) for n, found in enumerate(item.found))


def _accredit(case: Case) -> None:
    """The lot whole, and the title whose plan covers it, where the act names one: it then uses that title's right."""
    item: i.Accredit = case.item
    part = _whole(case, "", item.marked)
    case.parts, case.mineral = (part,), part.mineral
    if item.origin is None:
        return
    if part.facts is not None:
        amount = case.world.balance(part.lot).received
        case.measured = Measured(amount, amount, None, part.facts.grade, metal=content_of(part._replace(amount=amount)))
    _titled(case, item.origin)


def _whole(case: Case, path: str, lot: UUID) -> Part:
    facts, mineral = _lot(case, lot)
    return Part(path, lot, facts, mineral, None)


def _parts(case: Case, path: str, parts: tuple[i.LotPart, ...]) -> tuple[Part, ...]:
    return tuple(_part(case, f"{path}[{n}]", n, part) for n, part in enumerate(parts))


def _part(case: Case, path: str, position: int, part: i.LotPart) -> Part:
    facts, mineral = _own_lot(case, part.lot)
    new_lot = new_lot_id(case.item.id, position, part.new_lot) if case.item.kind in MAKES_OF_PARTS else None
    amount, flaw = amount_in(part.quantity, mineral, path + ".") if mineral is not None else (None, None)
    return Part(path, part.lot, facts, mineral, amount, new_lot, flaw)


def _own_lot(case: Case, lot: UUID) -> tuple[LotFacts | None, Mineral | None]:
    """A lot of whoever uses it: to anybody else, one that exists and one that does not are the same."""
    facts, mineral = _lot(case, lot)
    if facts is not None and not isinstance(case.item, i.Act) and facts.holder != case.author:
        return None, None
    return facts, mineral


def _lot(case: Case, lot: UUID) -> tuple[LotFacts | None, Mineral | None]:
    facts = case.world.lots.get(lot)
    return facts, catalogue().mineral(facts.mineral) if facts is not None else None


_FRAMERS: Final[Mapping[str, Callable[[Case], None]]] = {
    "production": _production,
    "subsistence_purchase": _purchase,
    "retention": _measured,
    "sale": _sale,
    "export": _items,
    "dispatch": _items,
    "receipt": _receipt,
    "consumption": _items,
    "loss": _items,
    "documented_intake": _intake,
    "regroup": _regroup,
    "transformation": _transformation,
    "reversal": _reversal,
    "confirmation": _step,
    "withdrawal": _step,
    "lapse": _step,
    "suspension": _suspension,
    "seizure": _seizure,
    "accredit": _accredit,
}
