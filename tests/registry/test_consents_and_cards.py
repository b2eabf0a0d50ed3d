"""Consents and cards: what is said to the person, what counts as verified, attempts and uses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from tests.registry.given import Mailbox, codes_of, firm, person
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.registry import queries
from veta.registry.domain import CARD_FAILURES
from veta.registry.queries import Contact
from veta.registry.refusals import RegistryRefused
from veta.registry.secrets import is_weak_pin
from veta.registry.services import consents
from veta.registry.services.cards import check_card, issue_card, revoke_card
from veta.registry.services.consents import Asserted, ConsentAsked, Presented

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 9, 15, 0, tzinfo=UTC)


def sale(seller: UUID, buyer: UUID, **changes: object) -> ConsentAsked:
    values: dict[str, object] = {
        "purpose": "sale",
        "operator": uuid7(),
        "counterparty": buyer,
        "mineral": "oro",
        "amount": 12_500,
        "price_cop": Decimal("4500000.00"),
    }
    return ConsentAsked(**(values | {"party": seller} | changes))  # type: ignore[arg-type]


def asked_by_code(**changes: object) -> tuple[UUID, str]:
    mailbox = Mailbox()
    consent = consents.request_consent(sale(person(), firm(), **changes), port=mailbox, clock=FixedClock(NOW))
    return consent.id, mailbox.code


def present(*presented: Presented) -> list[bool]:
    with connection.cursor() as cursor:
        found = consents.present_consents(cursor, presented)
    return [found[item].verified for item in presented if item in found]


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_person_hears_who_buys_how_much_and_for_what() -> None:
    mailbox, seller, buyer = Mailbox(), person(), firm("Compras Demo SAS")
    consent = consents.request_consent(sale(seller, buyer), port=mailbox, clock=FixedClock(NOW))
    ((contact, text),) = mailbox.sent
    assert contact == Contact("sms", "+573001234567")
    for told in ("Compras Demo SAS", "12,500 g", "4.500.000 pesos", "10:15", mailbox.code):
        assert told in text
    assert (consent.party, consent.counterparty, consent.mineral, consent.amount) == (seller, buyer, "oro", 12_500)
    assert consent.expires_at == NOW + timedelta(minutes=15)
    assert (consent.verified, consent.used, consent.methods) == (False, False, ("code",))


def test_the_code_is_nowhere_in_the_database() -> None:
    id, code = asked_by_code()
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM registry_consentrequest t WHERE id = %s", [id])
        row = cursor.fetchone()[0].replace(str(id), "")
    assert code not in row
    assert code.encode().hex() not in row


def test_only_the_right_code_verifies_and_it_is_remembered() -> None:
    id, code = asked_by_code()
    assert present(Presented(id, other_than(code)), Presented(id, None)) == [False, False]
    assert not queries.consents_by_id([id])[id].verified
    assert present(Presented(id, code)) == [True]
    assert queries.consents_by_id([id])[id].verified
    assert present(Presented(id, other_than(code)), Presented(id, code), Presented(uuid4(), code)) == [False, True]


@pytest.mark.parametrize(("wrong", "serves"), [(4, True), (5, False), (6, False)])
def test_five_wrong_codes_end_it(wrong: int, serves: bool) -> None:
    id, code = asked_by_code()
    for _ in range(wrong):
        assert present(Presented(id, other_than(code))) == [False]
    assert present(Presented(id, code)) == [serves]


def test_wrong_codes_within_one_group_count_too() -> None:
    id, code = asked_by_code()
    guesses = [Presented(id, f"{(int(code) + n) % 10**6:06d}") for n in (1, 2, 3, 4, 5, 0)]
    assert present(*guesses) == [False] * 6


def test_a_consent_serves_once() -> None:
    id, code = asked_by_code()
    movement = uuid7()
    with connection.cursor() as cursor:
        assert not consents.present_consents(cursor, [Presented(id, code)])[Presented(id, code)].used
        consents.use_consents(cursor, [(id, movement)])
        assert consents.present_consents(cursor, [Presented(id, code)])[Presented(id, code)].used
        with pytest.raises(IntegrityError), transaction.atomic():
            consents.use_consents(cursor, [(id, uuid7())])
    assert queries.consents_by_id([id])[id].used


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"party": uuid4()}, "IDE-001"),
        ({"mineral": "oropel"}, "MIN-001"),
        ({"mineral": None}, "CON-013"),
        ({"amount": None}, "CON-013"),
        ({"amount": 0}, "CON-013"),
    ],
)
def test_a_consent_that_says_nothing_is_refused(changes: dict[str, object], code: str) -> None:
    mailbox = Mailbox()
    with pytest.raises(RegistryRefused) as refused:
        consents.request_consent(sale(person(), firm(), **changes), port=mailbox, clock=FixedClock(NOW))
    assert codes_of(refused.value) == [code]
    assert mailbox.sent == []


def test_a_person_without_contact_is_asked_by_card() -> None:
    seller = person(contact=None)
    with pytest.raises(RegistryRefused) as refused:
        consents.request_consent(sale(seller, firm()), port=Mailbox(), clock=FixedClock(NOW))
    assert codes_of(refused.value) == ["CON-014"]
    card = issue_card(seller, pin="2580", by="alcaldia.demo")
    consent = consents.consent_by_card(sale(seller, firm()), token=card.token, pin="2580", clock=FixedClock(NOW))
    assert (consent.verified, consent.methods) == (True, ("card_pin",))
    assert present(Presented(consent.id, None)) == [True]


def test_a_person_is_not_flooded_with_codes() -> None:
    seller, clock = person(), FixedClock(NOW)
    for _ in range(consents.MAX_LIVE_CODES):
        consents.request_consent(sale(seller, firm()), port=Mailbox(), clock=clock)
    with pytest.raises(RegistryRefused) as refused:
        consents.request_consent(sale(seller, firm()), port=Mailbox(), clock=clock)
    assert codes_of(refused.value) == ["CON-016"]
    clock.advance(timedelta(minutes=15))
    consents.request_consent(sale(seller, firm()), port=Mailbox(), clock=clock)


def test_somebody_else_s_card_is_no_consent() -> None:
    card = issue_card(person(), pin="2580", by="alcaldia.demo")
    with pytest.raises(RegistryRefused) as refused:
        consents.consent_by_card(sale(person(), firm()), token=card.token, pin="2580", clock=FixedClock(NOW))
    assert codes_of(refused.value) == ["CON-011"]


@pytest.mark.parametrize(("failures", "blocked"), [(CARD_FAILURES - 1, False), (CARD_FAILURES, True)])
def test_five_wrong_pins_in_a_row_end_a_card(failures: int, blocked: bool) -> None:
    actor = person()
    card = issue_card(actor, pin="2580", by="alcaldia.demo")
    codes = []
    for _ in range(failures):
        with pytest.raises(RegistryRefused) as refused:
            check_card(card.token, "2581")
        codes += codes_of(refused.value)
    assert codes == ["CON-011"] * (CARD_FAILURES - 1) + ["CON-012"] * blocked
    if blocked:
        with pytest.raises(RegistryRefused) as ended:
            check_card(card.token, "2580")
        assert codes_of(ended.value) == ["CON-012"]
    else:
        assert check_card(card.token, "2580") == actor


def test_the_right_pin_starts_the_count_again() -> None:
    actor = person()
    card = issue_card(actor, pin="2580", by="alcaldia.demo")
    for pin in ("1111", "1111", "1111", "1111", "2580", "1111", "1111", "1111", "1111"):
        if pin == "2580":
            assert check_card(card.token, pin) == actor
            continue
        with pytest.raises(RegistryRefused):
            check_card(card.token, pin)
    assert check_card(card.token, "2580") == actor


def test_a_new_card_ends_the_earlier_and_a_lost_one_is_revoked() -> None:
    actor = person()
    first, second = issue_card(actor, pin="2580", by="a"), issue_card(actor, pin="1379", by="a")
    with pytest.raises(RegistryRefused):
        check_card(first.token, "2580")
    assert check_card(second.token, "1379") == actor
    revoke_card(second.id, reason="perdida", by="a")
    revoke_card(second.id, reason="perdida", by="a")
    for token, pin in ((second.token, "1379"), ("NADIE", "1379")):
        with pytest.raises(RegistryRefused) as refused:
            check_card(token, pin)
        assert codes_of(refused.value) == ["CON-011"]
    with pytest.raises(RegistryRefused) as unknown:
        revoke_card(uuid4(), reason="perdida", by="a")
    assert codes_of(unknown.value) == ["CON-011"]


@pytest.mark.parametrize(
    ("pin", "weak"),
    [
        ("2580", False),
        ("25803691", False),
        ("258", True),
        ("258036914", True),
        ("1111", True),
        ("1234", True),
        ("4321", True),
        ("1235", False),
        ("12a4", True),
        ("٢٥٨٠", True),
        ("", True),
    ],
)
def test_pins_that_anybody_would_guess(pin: str, weak: bool) -> None:
    assert is_weak_pin(pin) is weak


def test_cards_are_refused_to_nobody_and_with_weak_pins() -> None:
    for actor, pin, code in ((uuid4(), "2580", "IDE-001"), (person(), "1234", "CON-010")):
        with pytest.raises(RegistryRefused) as refused:
            issue_card(actor, pin=pin, by="a")
        assert codes_of(refused.value) == [code]


def test_neither_token_nor_pin_is_in_the_database() -> None:
    card = issue_card(person(), pin="25803691", by="a")
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM registry_card t")
        rows = " ".join(row for (row,) in cursor.fetchall())
    for secret in (card.token, card.token.encode().hex(), "25803691", b"25803691".hex()):
        assert secret not in rows


def test_a_word_of_an_operator_is_kept_once_per_movement() -> None:
    seller, buyer, operator, movement = person(), firm(), uuid7(), uuid7()
    row = Asserted(movement=movement, party=seller, counterparty=buyer, operator=operator)
    with connection.cursor() as cursor:
        plain: psycopg.Cursor[Any] = psycopg.Cursor(connection.connection)
        consents.record_asserted(plain, [row, replace(row, movement=uuid7())])
        consents.record_asserted(plain, [row])
        cursor.execute("SELECT count(*) FROM registry_assertedconsent WHERE counterparty = %s", [buyer])
        assert cursor.fetchone() == (2,)
