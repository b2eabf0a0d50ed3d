"""Decide again what was decided: from the words and facts kept beside each verdict, with today's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg

from veta.kernel.strict_json import parse
from veta.ledger.domain.posting import Posting
from veta.movements import raw
from veta.movements.domain.decide import decide
from veta.movements.domain.facts import PaperNumber, PendingFacts, PendingLineFacts, RunningBalance, TargetFacts, World
from veta.movements.domain.frame import frame, parties
from veta.movements.domain.item import Item, Lift, Step
from veta.movements.domain.papers import PaperFacts
from veta.movements.domain.shape import ACTS, read_act, read_item
from veta.movements.domain.verdict import rules_digest
from veta.movements.gather import read_lots
from veta.movements.grants import grant_of
from veta.registry import queries as registry
from veta.registry.domain import Consent
from veta.storage.connection import plain_cursor

_PAGE = 1000
_VERDICTS = """
SELECT m.id, m.kind, m.subject, m.received_at, m.occurred_at, v.body, v.facts, r.key_seed, r.ciphertext,
    EXISTS (
        SELECT FROM movements_erasureitem AS i JOIN movements_erasuredecision AS d ON d.erasure = i.erasure
        WHERE i.relation = 'movements_rawitem' AND i.key = m.id::text AND d.decision = 'approved'
    ), v.group, v.position
FROM movements_verdict AS v JOIN movements_movement AS m ON m.id = v.movement_id
LEFT JOIN movements_rawitem AS r ON r.movement_id = m.id
WHERE (v.group, v.position) > (%s, %s) AND (%s::uuid IS NULL OR m.id = %s OR m.subject = %s)
ORDER BY v.group, v.position LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One verdict decided again. `same`: byte for byte; `rules`: the digest that it was decided by."""

    movement: UUID
    same: bool
    rules: str
    erased: bool = False
    now: bytes = b""
    then: bytes = b""

    @property
    def under_todays_rules(self) -> bool:
        return self.rules == rules_digest()


def replay(movement: UUID | None = None) -> Iterator[Replayed]:
    """Decide every stored verdict again, in the order of their groups; of one `movement`, its own and its steps'."""
    cursor = plain_cursor()
    after = (-1, -1)
    while rows := _page(cursor, after, movement):
        for row in rows:
            yield _replayed(cursor, row)
        after = (rows[-1][-2], rows[-1][-1])


def _page(cursor: psycopg.Cursor[Any], after: tuple[int, int], movement: UUID | None) -> list[tuple[Any, ...]]:
    return cursor.execute(_VERDICTS, (*after, movement, movement, movement, _PAGE), binary=True).fetchall()


def _replayed(cursor: psycopg.Cursor[Any], row: tuple[Any, ...]) -> Replayed:
    movement, kind, subject, received_at, occurred_at, body, facts, seed, ciphertext, erased = row[:10]
    rules = orjson.loads(body)["rules"]
    if ciphertext is None:
        # Words that no act erased were taken away: nothing can be decided again, and nothing excuses it.
        return Replayed(movement, same=erased, rules=rules, erased=erased, then=bytes(body))
    item = _item(raw.unseal(bytes(seed), bytes(ciphertext)), kind, subject, occurred_at)
    kept = orjson.loads(facts)
    case = frame(item, operator=UUID(kept["operator"]), received_at=received_at, world=_world(cursor, item, kept))
    now = replace(decide(case)[0], rules=rules).body()  # the digest says by what it was decided, not what
    return Replayed(movement, same=now == bytes(body), rules=rules, now=now, then=bytes(body))


def _item(words: bytes, kind: str, subject: UUID | None, occurred_at: datetime) -> Item:
    value = parse(words)
    if kind == "grant":
        assert isinstance(value, dict)
        return grant_of(value)
    if kind in ACTS:
        return read_act(value)
    if kind not in ("confirmation", "withdrawal", "lapse"):
        return read_item(value)
    assert isinstance(value, dict) and subject is not None
    decision = {"withdrawal": "withdraw", "lapse": "lapse"}.get(kind) or str(value["decision"])
    return Step(id=UUID(str(value["id"])), kind=kind, occurred_at=occurred_at, movement=subject, decision=decision)


def _world(cursor: psycopg.Cursor[Any], item: Item, kept: Mapping[str, Any]) -> World:
    """The facts of that moment, rebuilt from the ids and balances kept with the verdict."""
    world = World(municipalities=registry.known_municipalities() - set(kept["unknown_places"]))
    named = sorted(role for role, _ in parties(item))
    documents = {role: party.document for role, party in parties(item)}
    pairs = zip(named, kept["actors"], strict=False)
    world.actors = {documents[role]: UUID(actor) for role, actor in pairs if actor is not None}
    _versions(world, kept)
    read_lots(cursor, world, {UUID(lot) for lot in kept["lots"]})
    _as_then(world, item, kept)
    return world


def _ids(kept: Mapping[str, Any], name: str) -> list[UUID]:
    return [UUID(each) for each in kept[name]]


def _versions(world: World, kept: Mapping[str, Any]) -> None:
    """Versions in the order in which they were read: newest recorded first."""
    registrations = registry.registration_versions(_ids(kept, "registrations"))
    for each in _ids(kept, "registrations"):
        world.registrations.setdefault(registrations[each].actor, []).append(registrations[each])
    held = list(dict.fromkeys(_ids(kept, "mandates") + [UUID(each) for each in kept.get("links", ())]))
    mandates = registry.mandate_versions(held)
    for each in held:
        world.mandates.setdefault((mandates[each].actor, mandates[each].operator), []).append(mandates[each])
    titles = registry.title_versions(_ids(kept, "titles"))
    for each in _ids(kept, "titles"):
        world.titles.setdefault(titles[each].code, []).append(titles[each])
    plans = registry.plan_versions(_ids(kept, "plans"))
    for each in _ids(kept, "plans"):
        world.plans.setdefault(plans[each].title, []).append(plans[each])


def _as_then(world: World, item: Any, kept: Mapping[str, Any]) -> None:
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
