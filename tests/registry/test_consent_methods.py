"""Several methods together, and a call: what is told to whom, what counts as verified, and what was stored before."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from tests.movements.domain.other_law import norms_of
from tests.registry.given import Mailbox, codes_of, firm, person
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.registry import queries
from veta.registry.domain import CARD_FAILURES, Consent, ConsentAsked, ConsentMethod
from veta.registry.queries import Contact
from veta.registry.refusals import RegistryRefused
from veta.registry.services import consents
from veta.registry.services.cards import issue_card
from veta.registry.services.consents import MAX_FAILURES, Presented, missing_methods
from veta.registry.services.messages import ConsoleMessages, MessageNotSent

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 9, 17, 0, tzinfo=UTC)
LINE = Contact("voice", "+576044441234")
Require = Callable[..., None]


@pytest.fixture
def require(monkeypatch: pytest.MonkeyPatch) -> Require:
    """The authority requires these methods, all of them together, from a day on."""

    def required(*methods: ConsentMethod, since: date = date(2016, 1, 1)) -> None:
        law = norms_of({"required_consent": {"methods": methods, "from": since}})
        monkeypatch.setattr(consents, "norms", lambda: law)

    return required


def sale(seller: UUID, **changes: Any) -> ConsentAsked:
    values: dict[str, Any] = {"purpose": "sale", "counterparty": firm(), "mineral": "oro", "amount": 12_500}
    return ConsentAsked(**values | {"party": seller, "operator": uuid7()} | changes)


def by_card(
    seller: UUID, mailbox: Mailbox, *, pin: str = "2580", token: str = "", at: datetime = NOON, **changes: Any
) -> Consent:
    token = token or issue_card(seller, pin="2580", by="alcaldia.demo").token
    return consents.consent_by_card(
        sale(seller, **changes), token=token, pin=pin, clock=FixedClock(at), channel=lambda: mailbox
    )


def present(id: UUID, code: str | None) -> Consent:
    item = Presented(id, code)
    with connection.cursor() as cursor:
        return consents.present_consents(cursor, [item])[item]


def missing(consent: Consent, at: datetime = NOON) -> list[str]:
    return missing_methods(consent, clock=FixedClock(at))


def stored(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def test_card_and_code_together_are_one_consent_that_both_verify(require: Require) -> None:
    require("card_pin", "code")
    mailbox = Mailbox()
    consent = by_card(person(), mailbox)
    assert (consent.methods, consent.checked, consent.verified) == (("card_pin", "code"), ("card_pin",), False)
    assert missing(consent) == ["code"]
    wrong = f"{(int(mailbox.code) + 1) % 10**6:06d}"
    assert [present(consent.id, each).verified for each in (None, wrong)] == [False, False]
    whole = present(consent.id, mailbox.code)
    assert (whole.checked, whole.verified, missing(whole)) == (("card_pin", "code"), True, [])
    assert stored(
        "SELECT ordinal, method, succeeded FROM registry_consentcheck WHERE consent_id = %s ORDER BY 1", consent.id
    ) == [(1, "card_pin", True), (2, "code", False), (3, "code", False), (4, "code", True)]
    again = present(consent.id, wrong)
    assert (again.checked, again.verified) == (("card_pin",), False), "what is presented now is what counts"


@pytest.mark.parametrize(("wrong", "serves"), [(MAX_FAILURES - 1, True), (MAX_FAILURES, False)])
def test_wrong_codes_end_it_beside_a_right_pin(require: Require, wrong: int, serves: bool) -> None:
    require("card_pin", "code")
    mailbox = Mailbox()
    consent = by_card(person(), mailbox)
    for turn in range(wrong):
        assert not present(consent.id, f"{(int(mailbox.code) + 1 + turn) % 10**6:06d}").verified
    assert present(consent.id, mailbox.code).verified is serves


def test_wrong_pins_count_and_no_code_leaves(require: Require) -> None:
    require("card_pin", "code")
    seller, mailbox = person(), Mailbox()
    token = issue_card(seller, pin="2580", by="alcaldia.demo").token
    said = []
    for _ in range(CARD_FAILURES + 1):
        with pytest.raises(RegistryRefused) as refused:
            by_card(seller, mailbox, token=token, pin="2581")
        said += codes_of(refused.value)
    assert said == ["CON-011"] * (CARD_FAILURES - 1) + ["CON-012"] * 2
    assert (mailbox.sent, mailbox.called) == ([], [])
    assert stored("SELECT count(*) FROM registry_consentrequest WHERE party_id = %s", seller) == [(0,)]


@pytest.mark.parametrize(
    ("days", "methods"), [(-1, ("card_pin",)), (0, ("card_pin", "code")), (1, ("card_pin", "code"))]
)
def test_two_are_asked_for_from_the_day_of_the_parameter_on(
    require: Require, days: int, methods: tuple[str, ...]
) -> None:
    """The day turns at midnight in Bogotá, not in UTC."""
    require("card_pin", "code", since=date(2026, 7, 10))
    mailbox, midnight = Mailbox(), datetime(2026, 7, 10, 5, 0, tzinfo=UTC)
    at = midnight + timedelta(days=days) + (timedelta(days=1, seconds=-1) if days < 0 else timedelta())
    consent = by_card(person(), mailbox, at=at)
    assert (consent.methods, len(mailbox.sent)) == (methods, len(methods) - 1)
    assert missing(consent, at) == list(methods[1:])


@pytest.mark.parametrize(
    ("contact", "asked", "required", "told"),
    [
        (Contact("sms", "+573001234567"), (), (), "code"),
        (Contact("sms", "+573001234567"), ("voice",), (), "voice"),
        (Contact("sms", "+573001234567"), (), ("voice",), "voice"),
        (Contact("sms", "+573001234567"), ("voice",), ("code",), "code"),
        (LINE, (), (), "voice"),
        (LINE, (), ("code",), "voice"),
        (Contact("email", "demo@demo.invalid"), (), ("voice",), "code"),
    ],
)
def test_a_line_is_called_and_whatever_else_is_written_to(
    require: Require, contact: Contact, asked: tuple[ConsentMethod, ...], required: tuple[ConsentMethod, ...], told: str
) -> None:
    require(*required)
    mailbox = Mailbox()
    wanted = sale(person(contact), methods=frozenset(asked))
    consent = consents.request_consent(wanted, port=mailbox, clock=FixedClock(NOON))
    assert consent.methods == (told,)
    assert (len(mailbox.sent), len(mailbox.called)) == ((0, 1) if told == "voice" else (1, 0))
    right = present(consent.id, mailbox.heard if told == "voice" else mailbox.code)
    assert (right.checked, right.verified) == ((told,), True)
    assert missing(right) == sorted(set(required) - {told}), "a call is no message, and a message no call"


def test_a_call_says_who_how_much_and_the_code_twice(capsys: pytest.CaptureFixture[str]) -> None:
    mailbox, seller = Mailbox(), person(LINE)
    asked = sale(seller, counterparty=firm("Compras Demo SAS"), price_cop=4_500_000)
    consents.request_consent(asked, port=mailbox, clock=FixedClock(NOON))
    ((contact, said),) = mailbox.called
    assert (contact, mailbox.sent) == (LINE, [])
    for words in ("Compras Demo SAS", "12 coma 5 gramos de Oro", "4.500.000 pesos", "12:15", "Repito: ", "cuelgue",
                  "Nadie de la plataforma se lo va a pedir"):  # fmt: skip
        assert words in said
    assert len(mailbox.heard) == 6
    assert mailbox.heard not in said, "a voice would read it as a number"
    ConsoleMessages().call(contact, said)
    assert capsys.readouterr().err == f"[llamada …34] {said}\n"


def test_a_mandate_and_a_balance_ask_for_no_more_than_they_did(require: Require) -> None:
    require("card_pin", "code")
    for purpose in ("mandate", "balance"):
        mailbox = Mailbox()
        consent = by_card(person(), mailbox, purpose=purpose, mineral=None, amount=None)
        assert (consent.verified, missing(consent), mailbox.sent) == (True, [], [])


def test_where_no_code_can_go_no_pin_is_tried(require: Require) -> None:
    require("card_pin", "code")
    seller, mailbox = person(contact=None), Mailbox()
    with pytest.raises(RegistryRefused) as refused:
        by_card(seller, mailbox, pin="2581")
    assert codes_of(refused.value) == ["CON-014"]
    told = person()
    card = issue_card(told, pin="2580", by="alcaldia.demo")

    def nowhere() -> Mailbox:
        raise MessageNotSent("No hay canal.")

    with pytest.raises(MessageNotSent):
        consents.consent_by_card(sale(told), token=card.token, pin="2581", clock=FixedClock(NOON), channel=nowhere)
    assert stored("SELECT count(*) FROM registry_cardattempt a JOIN registry_card c ON c.id = a.card_id"
                  " WHERE c.actor_id = ANY (%s::uuid[])", [seller, told]) == [(0,)]  # fmt: skip


def test_a_consent_of_before_keeps_its_one_method() -> None:
    """Rows as they were written: a check without method, a request whose method is one word."""
    mailbox = Mailbox()
    consent = consents.request_consent(sale(person()), port=mailbox, clock=FixedClock(NOON))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_consentcheck (id, consent_id, ordinal, succeeded) VALUES (%s, %s, 1, true)",
            [uuid7(), consent.id],
        )
    old = queries.consents_by_id([consent.id])[consent.id]
    assert (old.methods, old.checked, old.verified) == (("code",), ("code",), True)


@pytest.mark.parametrize("method", ["card_pin+code", "voice"])
def test_no_consent_that_tells_a_code_is_stored_without_one(method: str) -> None:
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute(
            "INSERT INTO registry_consentrequest (id, purpose, party_id, operator, method, expires_at)"
            " VALUES (%s, 'balance', %s, %s, %s, now())",
            [uuid7(), person(), uuid7(), method],
        )
