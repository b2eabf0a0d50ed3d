"""How each kind of accepted movement is posted: double entry of mineral, and of the right to extract or sell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from veta.ledger.domain.accounts import BoundaryKind
from veta.ledger.domain.accounts import right as right_to
from veta.ledger.domain.origin import Origin
from veta.movements.domain import acts, carried, law
from veta.movements.domain.answered import confirm, lapse, mirror, withdraw
from veta.movements.domain.case import Case
from veta.movements.domain.effects import Effects
from veta.movements.domain.facts import PendingFacts, PendingLineFacts, Whence
from veta.movements.domain.intake import intake
from veta.movements.domain.papers import taken
from veta.movements.domain.posting import known, leave, new_lot, use_rights
from veta.movements.domain.processed import regroup, transform
from veta.movements.domain.rules import consent as consents


def post(case: Case) -> Effects:
    """The effects of a movement that no rule refused."""
    effects = Effects()
    _POSTERS[case.item.kind](case, effects)
    return effects


def _extracted(case: Case, effects: Effects, boundary: BoundaryKind, origin: Origin, accreditation: str) -> None:
    made = case.made[0]
    effects.origins.append(origin)
    source = effects.boundary(boundary, made.mineral_code)
    effects.move(source, made.lot, made.mineral_code, known(made.measured.amount))
    effects.lots.append(new_lot(case, made, accreditation, Whence(origin=origin.id)))


def _production(case: Case, effects: Effects) -> None:
    title = known(case.title)
    _extracted(case, effects, "extraction", Origin(title.kind, code=title.code), "accredited")
    use_rights(case, effects)


def _purchase(case: Case, effects: Effects) -> None:
    origin = Origin("subsistence", municipality=case.item.origin.municipality, person=known(case.actors["seller"]))
    _extracted(case, effects, "extraction", origin, "accredited")
    use_rights(case, effects)
    if consents.verified(case):
        effects.consent = case.item.consent.id


def _retention(case: Case, effects: Effects) -> None:
    place = case.item.place
    origin = Origin("unproven", municipality=place.municipality if place is not None else None, person=case.author)
    _extracted(case, effects, "unproven", origin, "unproven")


def _sale(case: Case, effects: Effects) -> None:
    """An offer holds the seller's mineral until it is answered; a sale to a final consumer is used up at once."""
    item, place = case.item, case.item.place
    if item.buyer is None:
        use_rights(case, effects)
        leave(case, effects, "consumption")
        return
    lines = tuple(PendingLineFacts(part.lot, known(part.amount), known(part.new_lot)) for part in case.parts)
    effects.wait(
        PendingFacts(
            movement=item.id, kind="sale", author=known(case.author), counterparty=known(case.actors["buyer"]),
            occurred_at=item.occurred_at, lines=lines, municipality=place.municipality if place is not None else None,
            confirm_by=item.confirm_by or case.received_at + law.confirmation_term(case.received_on),
        ),
    )  # fmt: skip


def _export(case: Case, effects: Effects) -> None:
    leave(case, effects, "export")
    effects.papers = taken(case).uses


def _consumption(case: Case, effects: Effects) -> None:
    leave(case, effects, "consumption")


def _loss(case: Case, effects: Effects) -> None:
    leave(case, effects, "loss")


def _reversal(case: Case, effects: Effects) -> None:
    """A confirmed sale waits for the other party, its lots held meanwhile; all else is undone at once."""
    target = known(case.target)
    if target.kind != "sale" or target.counterparty is None:
        mirror(case, effects)
        return
    lines = tuple(PendingLineFacts(lot, case.world.balance(lot).available, lot) for lot in target.made)
    effects.wait(
        PendingFacts(
            movement=case.item.id, kind="reversal", author=known(target.author), counterparty=target.counterparty,
            occurred_at=case.item.occurred_at, lines=lines, undoes=target.movement,
            confirm_by=case.received_at + law.confirmation_term(case.received_on),
        ),
    )  # fmt: skip


def _grant(case: Case, effects: Effects) -> None:
    """A changed plan posts its difference; a reduction takes at most what is left.

    A quota that nobody used yet was not granted: its first movement will be granted what the plan then says. What was
    used under a heading goes over to the line that names the mineral now.
    """
    item, balance = case.item, case.world.balance(case.item.quota)
    if not balance.received and not item.carried:
        return
    commodity = right_to(item.group)
    source, used = effects.boundary("grant", commodity), effects.boundary("used", commodity)
    back = max(-item.carried, 0)
    effects.move(used, item.quota, commodity, back)
    if item.amount > 0:
        effects.move(source, item.quota, commodity, item.amount)
    else:
        effects.move(item.quota, source, commodity, min(-item.amount, balance.available + back))
    effects.move(item.quota, used, commodity, max(item.carried, 0))


_POSTERS: Final[Mapping[str, Callable[[Case, Effects], None]]] = {
    "production": _production,
    "subsistence_purchase": _purchase,
    "retention": _retention,
    "sale": _sale,
    "export": _export,
    "consumption": _consumption,
    "loss": _loss,
    "dispatch": carried.dispatch,
    "receipt": carried.receive,
    "documented_intake": intake,
    "regroup": regroup,
    "transformation": transform,
    "reversal": _reversal,
    "confirmation": confirm,
    "withdrawal": withdraw,
    "lapse": lapse,
    "grant": _grant,
    "suspension": acts.suspend,
    "lift": acts.lift,
    "seizure": acts.seize,
    "accredit": acts.accredit,
}
