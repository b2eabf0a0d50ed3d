"""A miner hears from the hub of what was reported in his name, once, in the order of the log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.movements.world import World, codes
from tests.registry.given import PHONE, Mailbox
from veta.movements import services
from veta.registry.queries import Contact
from veta.registry.services.actors import record_contact
from veta.registry.services.messages import MessageNotSent
from veta.storage.connection import plain_connection
from veta.transparency.sequencer import number_pending


class Deaf(Mailbox):
    """A channel that is down."""

    def send(self, contact: Contact, text: str) -> None:
        raise MessageNotSent("No hay canal.")


@pytest.fixture
def world(fresh_database: Any) -> World:
    made = World().build()
    record_contact(made.actors["miner"], PHONE, by="oficial-1", source="prueba")
    return made


def numbered() -> None:
    """Give every committed group its number, as the sequencer would."""
    with plain_connection(autocommit=True) as session:
        number_pending(session)


def test_what_only_the_buyer_asserts_is_told_once(world: World) -> None:
    purchase, other = world.purchase("2.000"), world.purchase("3.000")
    found = ["CON-004" in codes(result) for result in world.send(purchase, world.production(), other)]
    assert found == [True, False, True]
    mailbox = Mailbox()
    assert (services.tell_miners(port=mailbox), mailbox.sent) == ([], []), "what has no number yet waits"
    numbered()
    assert services.tell_miners(port=mailbox) == []
    assert [contact for contact, _ in mailbox.sent] == [PHONE, PHONE]
    assert sorted(text.split("vendió ")[1][:7] for _, text in mailbox.sent) == ["2.000 g", "3.000 g"]
    services.tell_miners(port=mailbox)
    assert len(mailbox.sent) == 2


@pytest.mark.parametrize(("on", "said"), [("2026-11-10", "oro."), ("2026-11-09", "oro, el 9/11/2026.")])
def test_a_sale_said_to_be_of_another_day_is_told_with_that_day(world: World, on: str, said: str) -> None:
    world.send(world.purchase("2.000") | {"occurred_at": f"{on}T09:00:00-05:00"})
    numbered()
    mailbox = Mailbox()
    services.tell_miners(port=mailbox)
    ((_, text),) = mailbox.sent
    assert said in text


def test_its_undoing_is_told_too(world: World) -> None:
    purchase = world.purchase()
    world.send(purchase)
    numbered()
    services.tell_miners(port=Mailbox())
    undone = world.send(world.movement("reversal", movement=purchase["id"], reason="Error de digitación"))
    assert undone[0]["verdict"]["status"] == "accepted", undone
    world.send(world.production())
    numbered()
    mailbox = Mailbox()
    services.tell_miners(port=mailbox)
    assert ["deshizo el reporte" in text for _, text in mailbox.sent] == [True]


def test_what_a_channel_refuses_is_said_and_tried_again(world: World) -> None:
    purchase = world.purchase()
    world.send(purchase)
    numbered()
    assert services.tell_miners(port=Deaf()) == [UUID(purchase["id"])]
    with pytest.raises(MessageNotSent):
        services.tell_miner(UUID(purchase["id"]), port=Deaf())
    mailbox = Mailbox()
    services.tell_miner(UUID(purchase["id"]), port=mailbox)
    assert len(mailbox.sent) == 1


def test_long_logs_are_read_in_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("veta.movements.notices.GROUPS_AT_ONCE", 2)
    for _ in range(5):
        world.send(world.purchase("1.000"))
    numbered()
    mailbox = Mailbox()
    services.tell_miners(port=mailbox)
    assert len(mailbox.sent) == 5
