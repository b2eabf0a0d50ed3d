"""What is done with movements: submit, check, answer, and look up what one may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.kernel.period import bogota_date
from veta.movements import group, notices, queries
from veta.movements.acts import ActRefused as ActRefused
from veta.movements.acts import approve_act as approve_act
from veta.movements.acts import propose_act as propose_act
from veta.movements.acts import refuse_act as refuse_act
from veta.movements.answer import receipts_of
from veta.movements.committer import committer
from veta.movements.domain.item import Step
from veta.movements.domain.reader import Unreadable
from veta.movements.domain.shape import read_decision
from veta.movements.domain.submission import Receipt, Received, Submission
from veta.movements.dossiers import quarter_files as quarter_files
from veta.movements.erasure import approve_erasure as approve_erasure
from veta.movements.erasure import propose_erasure as propose_erasure
from veta.movements.erasure import refuse_erasure as refuse_erasure
from veta.movements.feed import FeedEvent as FeedEvent
from veta.movements.feed import FeedPage as FeedPage
from veta.movements.feed import feed_page as feed_page
from veta.movements.grants import grant_differences as grant_differences
from veta.movements.notices import Link
from veta.movements.replay import replay as replay
from veta.operators.services.hub_keys import HubSigner, hub_signer
from veta.registry.queries import clients_among
from veta.registry.services.messages import MessageNotSent, MessagePort
from veta.storage.connection import plain_cursor

NOT_FOUND: Final = "No hay un movimiento con ese identificador que este operador pueda ver."
UNREADABLE: Final = "El cuerpo no se puede leer. Corrija los campos señalados y vuelva a enviar."


@dataclass(frozen=True, slots=True)
class Event:
    """A step of a movement's life: `kind` is confirmation, withdrawal, lapse, receipt or reversal."""

    id: str
    kind: str
    verdict: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """A movement as its parties' operators see it; `state`: accepted, rejected, pending, refused, withdrawn, lapsed
    or reversed."""

    verdict: bytes
    state: str
    events: tuple[Event, ...]
    kind: str


def submit(submission: Submission) -> None:
    """Have a request decided and committed with whatever else waits; its results are in it afterwards.

    Raises NotDecided when the hub could not decide: nothing of it was answered.
    """
    committer().decide(submission)


def check(submission: Submission, *, clock: Clock) -> None:
    """Decide without keeping anything: the same locks, facts and rules, rolled back."""
    group.run([submission], clock=clock, signer=hub_signer(), dry=True)


def receive_step(value: Any, raw: bytes, *, kind: str, movement: UUID, clock: Clock) -> Received:
    """Read an answer to a pending movement: a `confirmation` or a `withdrawal`."""
    try:
        read = read_decision(value, kind)
    except Unreadable as cause:
        return Received(raw, b"", None, "", cause.findings)
    step = Step(
        id=read["id"], kind=kind, occurred_at=clock.now(), movement=movement, decision=read["decision"],
        reason=read["reason"],
    )  # fmt: skip
    return Received(raw, canonical({**value, "kind": kind, "movement": str(movement)}), step)


def tell_miners(*, port: MessagePort, link: Link | None = None) -> list[UUID]:
    """Tell each miner of what the log's new groups say in his name; returns the movements whose message failed.

    `link` makes the address of a miner's page, by his id.
    """
    return notices.tell_new(port=port, link=link)


def tell_miner(movement: UUID, *, port: MessagePort, link: Link | None = None) -> None:
    """Tell the miner of one movement again. Raises MessageNotSent where the channel still fails."""
    if notices.tell([movement], port=port, link=link):
        raise MessageNotSent("El mensaje no salió. Se intenta de nuevo más tarde.")


def lapse_overdue(*, clock: Clock, signer: HubSigner, limit: int = 500) -> int:
    """End offers past their term that nobody touched; returns how many it found.

    Whoever needs a lot ends its lapsed offers anyway: this is so that the others are told in time.
    """
    now = clock.now()
    found = queries.overdue(plain_cursor(), now, limit=limit)
    if found:
        group.run_lapses(found, clock=clock, signer=signer)
    return len(found)


def seen_by(operator: UUID, movement: UUID, *, clock: Clock) -> Seen | None:
    """A movement with its events, for who reported it or has today a mandate of one of its parties; else None."""
    story = queries.story(plain_cursor(), movement)
    if story is None:
        return None
    if operator != story.operator and not clients_among(story.parties, operator, on=bogota_date(clock.now())):
        return None
    events = tuple(Event(str(step.id), step.kind, step.body) for step in story.steps)
    return Seen(story.body, story.state, events, story.kind)


def receipt_of(movement: UUID) -> Receipt | None:
    """The receipt of a stored verdict, made again from its group; None where its words were erased."""
    cursor = plain_cursor()
    return receipts_of(cursor, queries.stored(cursor, [movement]).values()).get(movement)
