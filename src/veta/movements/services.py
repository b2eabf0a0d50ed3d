"""What is done with movements: submit, check, answer, and look up what one may see."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from veta.kernel.canonical_json import canonical
from veta.kernel.clock import Clock
from veta.movements import committer, group, notices, queries
from veta.movements.acts import ActRefused as ActRefused
from veta.movements.acts import approve_act as approve_act
from veta.movements.acts import propose_act as propose_act
from veta.movements.acts import refuse_act as refuse_act
from veta.movements.answer import receipts_of
from veta.movements.domain.item import Step
from veta.movements.domain.reader import Unreadable
from veta.movements.domain.shape import read_decision
from veta.movements.domain.submission import Receipt, Received, Submission
from veta.movements.dossiers import dossier_of as dossier_of
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
from veta.movements.sight import Seen as Seen
from veta.movements.sight import seen_by as seen_by
from veta.movements.tally import tally as tally
from veta.operators.services.hub_keys import HubSigner, hub_signer
from veta.registry.services.messages import MessageNotSent, MessagePort
from veta.storage.connection import plain_cursor

NOT_FOUND: Final = "No hay un movimiento con ese identificador que este operador pueda ver."
UNREADABLE: Final = "El cuerpo no se puede leer. Corrija los campos señalados y vuelva a enviar."


def submit(submission: Submission) -> None:
    """Have a request decided and committed with whatever else waits; its results are in it afterwards.

    Raises NotDecided when the hub could not decide: nothing of it was answered.
    """
    committer.decide(submission)


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


def receipt_of(movement: UUID) -> Receipt | None:
    """The receipt of a stored verdict, made again from its group; None where its words were erased."""
    cursor = plain_cursor()
    return receipts_of(cursor, queries.stored(cursor, [movement]).values()).get(movement)
