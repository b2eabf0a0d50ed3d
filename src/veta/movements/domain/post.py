"""How each kind of accepted movement is posted: double entry of mineral, and of the right to extract or sell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final
from uuid import UUID

from veta.ledger.domain.accounts import BoundaryKind
from veta.ledger.domain.accounts import right as right_to
from veta.ledger.domain.composition import Composition, mix
from veta.ledger.domain.origin import Origin
from veta.movements.domain import law
from veta.movements.domain.case import Case, Made, Part
from veta.movements.domain.effects import Effects, LotMade
from veta.movements.domain.facts import LotFacts, PendingFacts, PendingLineFacts
from veta.movements.domain.rules import consent as consents
from veta.movements.domain.yielded import contained

Origins = Mapping[str, UUID | None]  # {"origin": …} or {"composition": …}: how a lot says where it comes from


def post(case: Case) -> Effects:
    """The effects of a movement that no rule refused."""
    effects = Effects()
    _POSTERS[case.item.kind](case, effects)
    return effects


def _rights(case: Case, effects: Effects) -> None:
    """Use each right: granted by this movement where it is the first of its period; what a mere warning lets exceed
    is posted from `excess`, so that the quota's CHECK holds and reports can sum it."""
    for right in case.rights:
        commodity = right_to(right.group)
        balance = case.world.balance(right.account)
        left = balance.available
        if balance.received == 0 and right.grant > 0:
            effects.move(effects.boundary("grant", commodity), right.account, commodity, right.grant)
            left = right.grant
        effects.move(effects.boundary("excess", commodity), right.account, commodity, max(right.amount - left, 0))
        effects.move(right.account, effects.boundary("used", commodity), commodity, right.amount)
        effects.rights.append(right)


def _extracted(case: Case, effects: Effects, *, boundary: BoundaryKind, origin: Origin, accreditation: str) -> None:
    made = case.made[0]
    holder = case.author
    assert holder is not None and made.measured.amount is not None, "no rule let this pass"
    effects.origins.append(origin)
    effects.move(effects.boundary(boundary, made.mineral_code), made.lot, made.mineral_code, made.measured.amount)
    effects.lots.append(
        _new_lot(case, made, holder, accreditation, {"origin": origin.id}, parents=(), processed_by=None)
    )


def _new_lot(
    case: Case, made: Made, holder: UUID, accreditation: str, origins: Origins, *, parents: tuple[UUID, ...], processed_by: UUID | None
) -> LotMade:  # fmt: skip
    place, fineness = case.item.place, made.measured.fineness
    facts = LotFacts(
        id=made.lot, mineral=made.mineral_code, holder=holder, accreditation=accreditation, movement=case.item.id,
        occurred_at=case.item.occurred_at, municipality=place.municipality if place is not None else None,
        grade=made.measured.grade, processed_by=processed_by, **origins,
    )  # fmt: skip
    return LotMade(
        facts=facts, amount=made.measured.amount or 0, parents=parents, fineness=fineness.milli if fineness else None,
        facility=place.facility if place is not None else None,
    )  # fmt: skip


def _production(case: Case, effects: Effects) -> None:
    title = case.title
    assert title is not None
    origin = Origin(title.kind, code=title.code)
    _extracted(case, effects, boundary="extraction", origin=origin, accreditation="accredited")
    _rights(case, effects)


def _purchase(case: Case, effects: Effects) -> None:
    municipality, seller = case.item.origin.municipality, case.actors["seller"]
    origin = Origin("subsistence", municipality=municipality, person=seller)
    _extracted(case, effects, boundary="extraction", origin=origin, accreditation="accredited")
    _rights(case, effects)
    if consents.verified(case):
        effects.consent = case.item.consent.id


def _retention(case: Case, effects: Effects) -> None:
    municipality = case.item.place.municipality if case.item.place is not None else None
    origin = Origin("unproven", municipality=municipality, person=case.author)
    _extracted(case, effects, boundary="unproven", origin=origin, accreditation="unproven")


def _sale(case: Case, effects: Effects) -> None:
    """An offer holds the seller's mineral until it is answered; a sale to a final consumer is used up at once."""
    buyer, item = case.actors.get("buyer"), case.item
    if buyer is None:
        _rights(case, effects)
        _leave(case, effects, "consumption")
        return
    lines = tuple(PendingLineFacts(part.lot, part.amount or 0, part.new_lot or part.lot) for part in case.parts)
    term = item.confirm_by or case.received_at + law.confirmation_term(case.received_on)
    assert case.author is not None
    effects.pending = PendingFacts(
        movement=item.id, kind="sale", author=case.author, counterparty=buyer, occurred_at=item.occurred_at,
        confirm_by=term, lines=lines, municipality=item.place.municipality if item.place is not None else None,
    )  # fmt: skip
    for line in lines:
        effects.holds[line.lot] += line.amount


def _leave(case: Case, effects: Effects, boundary: BoundaryKind) -> None:
    for part in case.parts:
        assert part.facts is not None
        effects.move(part.lot, effects.boundary(boundary, part.facts.mineral), part.facts.mineral, part.amount or 0)


def _export(case: Case, effects: Effects) -> None:
    _leave(case, effects, "export")


def _regroup(case: Case, effects: Effects) -> None:
    holder = case.author
    assert holder is not None
    origins = _blend(case, effects, [(part, part.amount or 0) for part in case.parts])
    parents = tuple(dict.fromkeys(part.lot for part in case.parts))
    for made in case.made:
        effects.lots.append(
            _new_lot(case, made, holder, _accreditation(case.parts), origins, parents=parents, processed_by=_plant(case.parts))
        )  # fmt: skip
    _pour(case, effects)


def _pour(case: Case, effects: Effects) -> None:
    """Fill the outputs from the inputs in order: each entry moves what one input gives one output."""
    outputs = [[made.lot, made.measured.amount or 0] for made in case.made]
    at = 0
    for part in case.parts:
        left = part.amount or 0
        while left:
            lot, room = outputs[at]
            poured = min(left, room)  # type: ignore[call-overload]
            effects.move(part.lot, lot, part.facts.mineral if part.facts else "", poured)  # type: ignore[arg-type]
            left -= poured
            outputs[at][1] -= poured  # type: ignore[operator]
            at += outputs[at][1] == 0


def _transformation(case: Case, effects: Effects) -> None:
    holder = case.author
    assert holder is not None
    metal = [(part, contained(part)) for part in case.parts]
    graded = all(amount for _, amount in metal)
    origins = _blend(case, effects, [(p, m if graded and m else p.amount or 0) for p, m in metal])
    parents = tuple(dict.fromkeys(part.lot for part in case.parts))
    _leave(case, effects, "process")
    plant = _published_plant(case) or _plant(case.parts)
    for made in case.made:
        effects.move(
            effects.boundary("process", made.mineral_code), made.lot, made.mineral_code, made.measured.amount or 0
        )
        effects.lots.append(
            _new_lot(case, made, holder, _accreditation(case.parts), origins, parents=parents, processed_by=plant)
        )  # fmt: skip
    for lost in case.losses:
        commodity, amount = lost.mineral_code, lost.measured.amount or 0
        effects.move(effects.boundary("process", commodity), effects.boundary("loss", commodity), commodity, amount)


def _published_plant(case: Case) -> UUID | None:
    held = case.registrations("plant", case.on)
    published = any(r.role == "plant" and r.status == "active" and r.plant_published for r in held)
    return case.actors["plant"] if published else None


def _plant(parts: Iterable[Part]) -> UUID | None:
    """The plant that beneficiated what is blended: all of it must have passed by one."""
    plants = [part.facts.processed_by if part.facts else None for part in parts]
    return plants[0] if plants and all(plants) else None


def _accreditation(parts: Iterable[Part]) -> str:
    kinds = {part.facts.accreditation for part in parts if part.facts is not None}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def _blend(case: Case, effects: Effects, weighed: list[tuple[Part, int]]) -> Origins:
    """Where a blend comes from: the inputs' common source by reference, else a composition of its own."""
    facts = [part.facts for part, _ in weighed if part.facts is not None]
    sources = {(f.origin, f.composition) for f in facts}
    if len(sources) == 1:
        origin, composition = sources.pop()
        return {"origin": origin} if origin is not None else {"composition": composition}
    blended = Composition.of(mix([(_source(case, part), amount) for part, amount in weighed if amount]))
    effects.compositions[blended.id] = blended
    return {"composition": blended.id}


def _source(case: Case, part: Part) -> Mapping[UUID, int] | UUID:
    assert part.facts is not None
    return part.facts.origin if part.facts.origin is not None else case.world.origin_weights(part.facts)


def _reversal(case: Case, effects: Effects) -> None:
    """A confirmed sale waits for the other party, its lots held meanwhile; all else is undone at once."""
    target = case.target
    assert target is not None and target.author is not None
    if target.kind == "sale" and target.counterparty is not None:
        lines = tuple(PendingLineFacts(lot, case.world.balance(lot).available, lot) for lot in target.made)
        effects.pending = PendingFacts(
            movement=case.item.id, kind="reversal", author=target.author, counterparty=target.counterparty,
            occurred_at=case.item.occurred_at, lines=lines,
            confirm_by=case.received_at + law.confirmation_term(case.received_on), undoes=target.movement,
        )  # fmt: skip
        for line in lines:
            effects.holds[line.lot] += line.amount
        return
    _mirror(case, effects)


def _mirror(case: Case, effects: Effects) -> None:
    """The target's entries the other way round; a quota's grant stays, for its period is still its period."""
    target = case.target
    assert target is not None
    effects.boundaries.update(target.boundaries)
    for entry in target.entries:
        granted = target.boundaries.get(entry.source, ("", ""))[0] == "grant"
        if not granted:
            effects.move(entry.target, entry.source, entry.commodity, entry.amount)


def _confirmation(case: Case, effects: Effects) -> None:
    pending = case.pending
    assert pending is not None
    _release(case, effects)
    if case.item.decision != "confirm":
        effects.ended = (pending.movement, "refused")
        return
    effects.ended = (pending.movement, "accepted")
    if pending.kind == "reversal":
        _mirror(case, effects)
        return
    _rights(case, effects)
    for part in case.parts:
        _hand_over(case, effects, part)


def _hand_over(case: Case, effects: Effects, part: Part) -> None:
    pending, facts = case.pending, part.facts
    assert pending is not None and facts is not None and part.new_lot is not None
    effects.move(part.lot, part.new_lot, facts.mineral, part.amount or 0)
    sold = LotFacts(
        id=part.new_lot, mineral=facts.mineral, holder=pending.counterparty, accreditation=facts.accreditation,
        movement=pending.movement, occurred_at=pending.occurred_at, origin=facts.origin, composition=facts.composition,
        municipality=pending.municipality, grade=facts.grade, processed_by=facts.processed_by,
    )  # fmt: skip
    effects.lots.append(LotMade(facts=sold, amount=part.amount or 0, parents=(part.lot,)))


def _release(case: Case, effects: Effects) -> None:
    for line in case.pending.lines if case.pending is not None else ():
        effects.holds[line.lot] -= line.amount


def _withdrawal(case: Case, effects: Effects) -> None:
    _release(case, effects)
    effects.ended = (case.item.movement, "withdrawn")


def _lapse(case: Case, effects: Effects) -> None:
    _release(case, effects)
    effects.ended = (case.item.movement, "lapsed")


def _grant(case: Case, effects: Effects) -> None:
    """A changed plan posts its difference; a reduction takes at most what is left."""
    item = case.item
    commodity = right_to(item.group)
    source = effects.boundary("grant", commodity)
    if item.amount > 0:
        effects.move(source, item.quota, commodity, item.amount)
    else:
        effects.move(item.quota, source, commodity, min(-item.amount, case.world.balance(item.quota).available))


_POSTERS: Final[Mapping[str, Callable[[Case, Effects], None]]] = {
    "production": _production,
    "subsistence_purchase": _purchase,
    "retention": _retention,
    "sale": _sale,
    "export": _export,
    "regroup": _regroup,
    "transformation": _transformation,
    "reversal": _reversal,
    "confirmation": _confirmation,
    "withdrawal": _withdrawal,
    "lapse": _lapse,
    "grant": _grant,
}
