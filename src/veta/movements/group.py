"""The group: many movements of many requests in one transaction, locked in one order, decided one after the other.

Nonces, claims, quota rows, locks, and only then the facts; verdicts and entries in one write each (ADR 0070).
Correctness rests on row locks and the ledger's CHECKs, never on there being one process.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import connection, transaction

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.finding import Finding
from veta.kernel.ids import uuid_of
from veta.kernel.period import bogota_date
from veta.ledger import services as ledger
from veta.ledger.domain.batch import NewQuota
from veta.movements import notices, queries, store
from veta.movements.answer import Decided, Sealed, give_receipts, receipts_of, salts, seal_group
from veta.movements.domain.case import AUTHORITY, Case, Right
from veta.movements.domain.decide import decide
from veta.movements.domain.effects import apply
from veta.movements.domain.facts import RunningBalance, World
from veta.movements.domain.frame import COUNTERPARTY, frame
from veta.movements.domain.item import Accredit, Item, Lift, Receipt, Reversal, Step, Suspension
from veta.movements.domain.papers import papers
from veta.movements.domain.provisional import expect_lots
from veta.movements.domain.submission import Received, Result, Submission, unstored
from veta.movements.domain.undoable import expect_target, keep_target
from veta.movements.gather import (
    accounts_of,
    gather,
    lock_paper_numbers,
    lots_named,
    read_consents,
    read_papers,
    read_under_lock,
)
from veta.movements.sight import sees
from veta.movements.snapshot import snapshot
from veta.operators.services import nonces, requests
from veta.operators.services.hub_keys import HubSigner
from veta.registry import queries as registry
from veta.registry.services import consents, titles
from veta.storage.connection import plain_cursor

HUB: Final = AUTHORITY
TAKEN: Final = Finding(
    "SCH-010", "blocking", "id", "API v1", "Ese identificador ya se usó. Genere otro UUID versión 7 y vuelva a enviar."
)
ERASED: Final = Finding(
    "SCH-011", "blocking", "id", "API v1",
    "Lo que se envió con ese identificador se borró por un acto, y no se compara con nada. Para reportar algo nuevo,"
    " genere otro UUID versión 7.",
)  # fmt: skip
# What these kinds look at does not change while the group is decided: their first framing stands.
UNMOVED: Final = frozenset({"production", "subsistence_purchase", "retention", "documented_intake"})
Cursor = psycopg.Cursor[Any]

# For the transaction alone; well under what a request waits (`committer.PATIENCE`), a group and a second try of each.
# Plans are made once for the connection: all of them go by keys, and planning anew cost a fifth of a small group.
_SETTINGS: Final = """
SELECT set_config('lock_timeout', '5s', true), set_config('plan_cache_mode', 'force_generic_plan', true)
"""


@dataclass(slots=True)
class Entry:
    """One item of the group on its way: where it came from, its case, and what it was answered."""

    submission: Submission | None
    place: int
    received: Received
    item: Item
    operator: UUID
    salt: bytes = b""
    case: Case | None = None
    decided: Decided | None = None
    result: Result | None = None


@dataclass(slots=True)
class Group:
    """The state of one transaction."""

    cursor: Cursor
    now: datetime
    dry: bool = False
    entries: list[Entry] = field(default_factory=list)
    world: World = field(default_factory=World)
    fresh: list[Entry] = field(default_factory=list)  # claimed by this group: to be decided
    decided: list[Decided] = field(default_factory=list)
    sealed: Sealed | None = None


def run(submissions: Sequence[Submission], *, clock: Clock, signer: HubSigner, dry: bool = False) -> None:
    """Decide a group and commit it: fills each submission's results, in order.

    A submission whose nonce was seen before gets no results (`replayed` is set). Raises psycopg's errors as they come:
    the caller retries each request alone. With `dry` nothing is kept.
    """
    with transaction.atomic():
        group = _begin(clock, dry=dry)
        admitted = _admit(group, submissions)
        _read(group, admitted)
        if group.entries:
            _claim(group)
            _lock(group)
            _decide(group, signer)
        transaction.set_rollback(dry)
    _answer(group, admitted)
    if dry:
        for submission in admitted:  # what is not kept is in no log
            submission.results = [replace(result, receipt=None) for result in submission.results]


def run_lapses(movements: Sequence[UUID], *, clock: Clock, signer: HubSigner) -> None:
    """End offers whose term has passed, in a group of their own."""
    with transaction.atomic():
        group = _begin(clock)
        group.fresh = [_lapse_entry(movement, group.now) for movement in movements]
        group.world = gather(group.cursor, [(HUB, entry.item) for entry in group.fresh], on=bogota_date(group.now))
        for entry in group.fresh:
            entry.case = _frame(group, entry)
        _lock(group)
        _decide(group, signer)


def _begin(clock: Clock, *, dry: bool = False) -> Group:
    """The open transaction's group. A lock that somebody keeps fails those who need it, not everybody behind them."""
    cursor = plain_cursor()
    cursor.execute(_SETTINGS, prepare=True)
    return Group(cursor, clock.now(), dry)


def _admit(group: Group, submissions: Sequence[Submission]) -> list[Submission]:
    """Store the nonces; a request whose nonce was seen is left out whole.

    A retried request that is stored was committed by the attempt whose answer was lost: that nonce is its own.
    """
    signed = [s.signed for s in submissions if s.signed is not None]
    own = requests.kept(group.cursor, [s.signed.request for s in submissions if s.retried and s.signed is not None])
    accepted = nonces.remember(group.cursor, [(s.key_id, s.nonce, s.nonce_until) for s in signed])
    admitted = []
    for submission in submissions:
        if submission.signed is not None:
            key = (submission.signed.key_id, submission.signed.nonce)
            submission.replayed = key not in accepted and submission.signed.request not in own
            accepted.discard(key)  # the same nonce twice in one group: the first alone
        if not submission.replayed:
            admitted.append(submission)
    return admitted


def _read(group: Group, submissions: Sequence[Submission]) -> None:
    group.entries = [
        Entry(s, n, received, received.item, s.operator)
        for s in submissions
        for n, received in enumerate(s.items)
        if received.item is not None
    ]
    group.world = gather(group.cursor, [(e.operator, e.item) for e in group.entries], on=bogota_date(group.now))
    _leave_out_unseen(group)


def _leave_out_unseen(group: Group) -> None:
    """An answer to what its operator may not see is told as one to nothing, whatever it says."""
    today = bogota_date(group.now)
    for entry in group.entries:
        step, submission = entry.item, entry.submission
        if isinstance(step, Step) and submission is not None:
            submission.unseen = not sees(entry.operator, step.movement, world=group.world, on=today)
    group.entries = [entry for entry in group.entries if entry.submission is None or not entry.submission.unseen]


def _frame(group: Group, entry: Entry) -> Case:
    return frame(entry.item, operator=entry.operator, received_at=group.now, world=group.world)


def _claim(group: Group) -> None:
    """Claim each id once; whoever comes second is answered from what the first left."""
    first: dict[UUID, Entry] = {}
    for entry in group.entries:
        first.setdefault(entry.item.id, entry)
    named = {lot for entry in group.entries for lot in lots_named(entry.item)} - group.world.lots.keys()
    expected: set[UUID] = set()
    for entry, salt in zip(first.values(), salts(len(first)), strict=True):
        entry.salt, entry.case = salt, _frame(group, entry)
        expected.update(expect_lots(entry.case, group.world, named) if named else ())
        expect_target(entry.case)
    claimed = store.claim(group.cursor, [_claim_of(group, entry) for entry in sorted(first.values(), key=_id)])
    group.fresh = [entry for entry in group.entries if entry.item.id in claimed and first[entry.item.id] is entry]
    _keep_words(group, group.fresh)
    requests.record(group.cursor, _heard(group), received_at=group.now)
    _answer_repeats(group, [e for e in group.entries if e.item.id not in claimed])
    _add_lapses(group)
    for lot in expected:
        group.world.lots.pop(lot, None)


def _keep_words(group: Group, entries: Sequence[Entry]) -> None:
    """Store what was reported, word for word, before any lock is asked for: it rests on none."""
    store.keep_words(group.cursor, [(entry.item.id, entry.received.raw, entry.salt) for entry in entries])


def _id(entry: Entry) -> UUID:
    return entry.item.id


def _claim_of(group: Group, entry: Entry) -> store.Claim:
    case, item = entry.case, entry.item
    assert case is not None
    subject = item.movement if isinstance(item, Step | Reversal) else None
    if isinstance(item, Lift):
        subject = item.suspension
    if isinstance(item, Receipt):
        subject = item.dispatch
    return store.Claim(
        item.id, item.kind, entry.operator, subject, case.author, case.actors.get(COUNTERPARTY.get(item.kind, "")),
        item.occurred_at, group.now, entry.received.claim(entry.salt),
        entry.submission.signed.request if entry.submission and entry.submission.signed else None, entry.place,
    )  # fmt: skip


def _answer_repeats(group: Group, entries: Collection[Entry]) -> None:
    """What was answered before is answered again, byte for byte, to the same operator and words; else SCH-010, or
    SCH-011 to that operator where the words were erased."""
    known = queries.stored(group.cursor, {entry.item.id for entry in entries})
    receipts = receipts_of(group.cursor, known.values())
    for entry in entries:
        kept = known.get(entry.item.id)
        own = kept if kept is not None and kept.operator == entry.operator else None
        if own is not None and entry.received.claimed(bytes(own.digest), own.salt):
            entry.result = Result(bytes(own.body), receipts.get(own.movement), repeated=True)
        else:
            gone = own is not None and own.salt is None
            entry.result = unstored(str(entry.item.id), (ERASED if gone else TAKEN,))


def _add_lapses(group: Group) -> None:
    """Offers past their term on what this group is to lock end first, in the same transaction."""
    accounts = {account for entry in group.fresh if entry.case is not None for account in accounts_of(entry.case)}
    overdue = queries.lapsed_on(group.cursor, accounts, group.now)
    group.world.pending.update(queries.pending(group.cursor, overdue))
    group.fresh = [*(_lapse_entry(movement, group.now) for movement in overdue), *group.fresh]
    for entry in group.fresh:
        if entry.submission is None:
            entry.case = _frame(group, entry)


def _lapse_entry(movement: UUID, now: datetime) -> Entry:
    """The hub's own step that ends an offer at its term; its id is derived, so that it ends once."""
    step = Step(id=uuid_of("lapse", str(movement)), kind="lapse", occurred_at=now, movement=movement, decision="lapse")
    words = canonical({"id": str(step.id), "kind": "lapse", "movement": str(movement)})
    return Entry(None, 0, Received(words, words, step), step, HUB, salts(1)[0])


def _lock(group: Group) -> None:
    """Make the missing quota rows, lock every account in id order, then read what may have changed."""
    cases = [entry.case for entry in group.fresh if entry.case is not None]
    accounts = {account for case in cases for account in accounts_of(case)}
    rights = {right.account: right for case in cases for right in case.rights}
    _make_quotas(group, rights)
    _reach(group)
    lock_paper_numbers(group.cursor, cases)
    locked = ledger.lock(group.cursor, accounts)
    balances = {a: RunningBalance(b.received, b.released, b.held) for a, b in locked.items()}
    read_under_lock(group.cursor, group.world, cases, balances)
    read_papers(group.cursor, group.world, cases)
    read_consents(group.world, [case.item for case in cases], try_codes=not group.dry)
    _read_plans_again(group, rights)


def _reach(group: Group) -> None:
    """Lock what an act reaches: the lots it names and all that was made of them."""
    for entry in group.fresh:
        item = entry.item
        if isinstance(item, Suspension) or (isinstance(item, Accredit) and item.accreditation == "unproven"):
            group.world.reached[item.id] = tuple(ledger.lock_descendants(group.cursor, list(lots_named(item))))


def _make_quotas(group: Group, rights: dict[UUID, Right]) -> None:
    """Also where a rejected report left a row nobody granted: its title's plan must not change before the grant."""
    ungranted = rights.keys() - queries.accounts_granted(group.cursor, rights.keys())
    if not ungranted:
        return
    new = [rights[account] for account in sorted(ungranted)]
    titles.lock_titles_shared([right.subject for right in new if right.basis.startswith("title")])
    ledger.ensure_quotas(
        group.cursor,
        [NewQuota(r.account, r.subject, r.basis, r.group, r.start, r.end, r.source) for r in new],
    )


def _read_plans_again(group: Group, rights: dict[UUID, Right]) -> None:
    """A quota that nobody granted yet is granted by the plan as it stands under the lock."""
    balances = group.world.balances
    ungranted = {
        right.subject
        for right in rights.values()
        if right.basis.startswith("title") and right.account in balances and balances[right.account].received == 0
    }
    if not ungranted:
        return
    now = registry.plans_of(ungranted)
    changed = {title for title, versions in now.items() if versions != group.world.plans.get(title)}
    group.world.plans.update(now)
    for entry in group.fresh:
        if entry.case is not None and any(right.subject in changed for right in entry.case.rights):
            entry.case = None


def _decide(group: Group, signer: HubSigner) -> None:
    """Decide in order over the overlay, then write everything."""
    rows = store.Rows()
    before = {a: (b.received, b.released, b.held) for a, b in group.world.balances.items()}
    if group.dry:
        group.world.checked = {account: RunningBalance(*integers) for account, integers in before.items()}
    for entry in group.fresh:
        case = entry.case
        if case is None or entry.item.kind not in UNMOVED:
            case = entry.case = _frame(group, entry)
        if entry.submission is None and (case.pending is None or case.pending.outcome is not None):
            continue  # somebody ended the offer before its lock was had
        facts = snapshot(case)
        verdict, effects = decide(case)
        apply(effects, group.world)
        keep_target(case, verdict.status, effects)
        store.collect(rows, effects, movement=verdict.movement, step=entry.item.id, world=group.world)
        entry.decided = Decided(
            entry.item.id, verdict.status, verdict.body(), facts, entry.received, entry.submission, entry.salt
        )
        group.decided.append(entry.decided)
        notices.collect(rows, case, verdict)
    if not group.decided:
        return
    store.settle(rows, group.world, before)
    _write(group, rows, signer)


def _write(group: Group, rows: store.Rows, signer: HubSigner) -> None:
    lapses = [e for e in group.fresh if e.submission is None and e.decided is not None]
    store.claim(group.cursor, [_claim_of(group, entry) for entry in lapses])
    store.keep_words(group.cursor, [(e.item.id, e.received.raw, e.salt) for e in lapses])
    group.sealed = seal_group(group.cursor, rows, group.decided, now=group.now, signer=signer)
    store.write(group.cursor, rows)
    ledger.write(group.cursor, rows.ledger)
    if rows.consents:
        with connection.cursor() as cursor:
            consents.use_consents(cursor, rows.consents)
    if rows.asserted:
        consents.record_asserted(group.cursor, rows.asserted)
    _write_papers(group, rows)


def _write_papers(group: Group, rows: store.Rows) -> None:
    """Use the certificates that the exports cited; withdraw those over what was undone."""
    port = papers()
    if port is None:
        return
    if rows.papers:
        port.use(group.cursor, rows.papers, at=group.now)
    for movement, lots in rows.undone:
        port.withdraw(group.cursor, lots, movement=movement)


def _heard(group: Group) -> list[Submission]:
    """The requests of which at least one item is stored."""
    return list({id(e.submission): e.submission for e in group.fresh if e.submission is not None}.values())


def _answer(group: Group, submissions: Sequence[Submission]) -> None:
    """Give each submission its results in the order of its items."""
    if group.sealed is not None:
        give_receipts(group.decided, group.sealed)
    first = {entry.item.id: entry for entry in group.fresh}
    of: dict[tuple[int, int], Entry] = {(id(e.submission), e.place): e for e in group.entries}
    for submission in submissions:
        for place, received in enumerate(submission.items):
            entry = of.get((id(submission), place))
            if entry is None:
                submission.results.append(unstored(received.id_text, received.findings))
            else:
                submission.results.append(entry.result or _own_or_first(entry, first[entry.item.id]))
        submission.decided = True


def _own_or_first(entry: Entry, first: Entry) -> Result:
    """The result of an item decided in this group; a second item under the same id repeats the first, or is refused."""
    assert first.decided is not None and first.decided.result is not None
    if first is entry:
        return first.decided.result
    if first.operator == entry.operator and first.received.digest == entry.received.digest:
        return Result(first.decided.result.verdict, first.decided.result.receipt, repeated=True)
    return unstored(str(entry.item.id), (TAKEN,))
