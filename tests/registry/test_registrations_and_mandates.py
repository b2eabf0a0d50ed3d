"""Registrations and mandates: refusals, versions around their dates, and a proposal that shows nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tests.registry.given import ONE, PHONE, D, Mailbox, codes_of, firm, person, places, title
from veta.kernel.clock import FixedClock
from veta.kernel.ids import uuid7
from veta.registry import queries
from veta.registry.domain import registrations_on, version_on
from veta.registry.queries import Contact
from veta.registry.refusals import RegistryRefused
from veta.registry.services.consents import ConsentAsked, Presented, request_consent
from veta.registry.services.mandates import confirm_by_consent, confirm_by_document, propose_mandate, revoke_mandate
from veta.registry.services.messages import MessageNotSent
from veta.registry.services.registrations import RegistrationRecord, record_registration_version, register, register_all

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = datetime(2026, 7, 9, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _places() -> None:
    places()


def trader(**changes: object) -> RegistrationRecord:
    values: dict[str, object] = {"actor": firm(), "role": "trader", "valid_from": D}
    return RegistrationRecord(**(values | changes))  # type: ignore[arg-type]


def test_a_registration_comes_back_as_it_was_recorded() -> None:
    title()
    record = trader(
        actor=person(),
        role="producer",
        producer_class="title",
        title_code="demo-001",
        minerals=frozenset({"oro", "plata"}),
        municipalities=frozenset({"05736"}),
        plant_published=True,
        valid_to=D + DAY,
    )
    entity = register(record, ONE)
    (version,) = queries.registrations_of([record.actor, uuid4()])[record.actor]
    assert version.entity == entity
    assert version.title_code == "DEMO-001"
    for name in ("actor", "role", "producer_class", "minerals", "municipalities", "status", "valid_from", "valid_to"):
        assert getattr(version, name) == getattr(record, name)
    assert version.plant_published
    assert queries.registration_versions([version.id]) == {version.id: version}
    assert queries.registrations_for_title(["DEMO-001"]) == {"DEMO-001": [version]}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"actor": uuid4()}, ["IDE-001"]),
        ({"role": "producer"}, ["ROL-005"]),
        ({"producer_class": "barequero"}, ["ROL-005"]),
        ({"role": "producer", "producer_class": "barequero"}, ["ROL-006"]),
        ({"role": "producer", "producer_class": "title"}, ["ROL-007"]),
        ({"role": "producer", "producer_class": "title", "title_code": "DEMO-404"}, ["TIT-001"]),
        ({"minerals": frozenset({"oropel"})}, ["MIN-001"]),
        ({"municipalities": frozenset({"99999"})}, ["PLC-001"]),
        ({"valid_to": D - DAY}, ["REG-007"]),
    ],
)
def test_a_registration_is_refused_with_every_reason(changes: dict[str, object], codes: list[str]) -> None:
    with pytest.raises(RegistryRefused) as refused:
        register(trader(**changes), ONE)
    assert codes_of(refused.value) == codes


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_to": D},
        {"role": "producer", "producer_class": "barequero", "municipalities": frozenset({"05736"})},
        {"role": "plant", "plant_published": True},
    ],
)
def test_the_nearest_registration_that_is_admitted(changes: dict[str, object]) -> None:
    register(trader(**changes), ONE)


def test_a_registration_needs_an_act() -> None:
    with pytest.raises(RegistryRefused) as refused:
        register(trader(), replace(ONE, reference="", recorded_by=" "))
    assert codes_of(refused.value) == ["REG-001", "REG-002"]


def test_a_suspension_is_a_version_from_its_date() -> None:
    record = trader()
    entity = register(record, ONE)
    other = register(replace(record, role="exporter"), ONE)
    suspended = replace(record, status="suspended", valid_from=D + 9 * DAY, valid_to=D + 19 * DAY)
    record_registration_version(entity, suspended, ONE)
    versions = queries.registrations_of([record.actor])[record.actor]
    for on, status in ((8, "active"), (9, "suspended"), (19, "suspended"), (20, "active")):
        held = {version.entity: version.status for version in registrations_on(versions, D + on * DAY)}
        assert held == {entity: status, other: "active"}


def test_a_version_of_another_registration_is_refused() -> None:
    record = trader()
    entity = register(record, ONE)
    others = [
        (uuid4(), record),
        (entity, replace(record, actor=person())),
        (entity, replace(record, role="plant")),
    ]
    for wrong, given in others:
        with pytest.raises(RegistryRefused) as refused:
            record_registration_version(wrong, given, ONE)
        assert codes_of(refused.value) == ["ROL-008"]


def executions() -> int:
    """How often this session ran a prepared statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(generic_plans + custom_plans), 0) FROM pg_prepared_statements")
        return int(cursor.fetchone()[0])


def test_thousands_of_registrations_are_read_in_one_statement() -> None:
    actors = [firm() for _ in range(20)]
    register_all([trader(actor=actor, valid_from=D + n * DAY) for actor in actors for n in range(100)], ONE)
    before = executions()
    found = queries.registrations_of([*actors, *(uuid7() for _ in range(3000))])
    assert executions() == before + 1
    assert {len(versions) for versions in found.values()} == {100}
    assert len(found) == 20


def proposal(actor: UUID, operator: UUID) -> UUID:
    return propose_mandate(actor, operator, authorization_text="Autorizo el tratamiento…", authorization_version="1")


def ask(actor: UUID, operator: UUID, mailbox: Mailbox, clock: FixedClock) -> Presented:
    asked = ConsentAsked(purpose="mandate", party=actor, operator=operator, counterparty=operator)
    consent = request_consent(asked, port=mailbox, clock=clock)
    return Presented(consent.id, mailbox.code)


def test_a_proposal_shows_nothing_until_the_person_confirms() -> None:
    actor, operator, mailbox, clock = person(), uuid7(), Mailbox(), FixedClock(NOW)
    proposed = proposal(actor, operator)
    assert queries.mandates_of([actor], operator) == {}
    assert not queries.clients_among([actor], operator, on=D)
    version = confirm_by_consent(proposed, ask(actor, operator, mailbox, clock), clock=clock)
    ((found,),) = queries.mandates_of([actor], operator).values()
    assert (found.id, found.status, found.valid_from, found.valid_to) == (version, "active", D, None)
    assert queries.clients_among([actor], operator, on=D) == {actor}
    assert queries.mandates_of([actor], uuid7()) == {}
    assert queries.mandate_versions([version]) == {version: found}
    assert mailbox.sent[0][0] == PHONE


def test_a_mandate_is_not_confirmed_by_anything_else() -> None:
    actor, operator, mailbox, clock = person(), uuid7(), Mailbox(), FixedClock(NOW)
    proposed, other = proposal(actor, operator), person()
    good = ask(actor, operator, mailbox, clock)
    wrong = "000000" if good.code != "000000" else "111111"
    sale = request_consent(
        ConsentAsked(purpose="sale", party=actor, operator=operator, counterparty=operator, mineral="oro", amount=1),
        port=mailbox,
        clock=clock,
    )
    cases = [
        (uuid4(), good, "MAN-003"),
        (proposed, Presented(uuid4(), "123456"), "CON-001"),
        (proposed, Presented(good.id, wrong), "CON-001"),
        (proposed, Presented(good.id, None), "CON-001"),
        (proposed, Presented(sale.id, mailbox.code), "CON-001"),
        (proposed, ask(other, operator, mailbox, clock), "CON-003"),
        (proposed, ask(actor, uuid7(), mailbox, clock), "CON-003"),
    ]
    for given, presented, code in cases:
        with pytest.raises(RegistryRefused) as refused:
            confirm_by_consent(given, presented, clock=clock)
        assert codes_of(refused.value) == [code]
    clock.advance(timedelta(minutes=15, seconds=1))
    with pytest.raises(RegistryRefused) as late:
        confirm_by_consent(proposed, good, clock=clock)
    clock.advance(timedelta(seconds=-1))
    confirm_by_consent(proposed, good, clock=clock)
    with pytest.raises(RegistryRefused) as twice:
        confirm_by_consent(proposed, good, clock=clock)
    assert [codes_of(late.value), codes_of(twice.value)] == [["CON-002"], ["CON-003"]]


def test_a_proposal_is_refused_without_its_authorization_or_its_person() -> None:
    with pytest.raises(RegistryRefused) as nobody:
        proposal(uuid4(), uuid7())
    with pytest.raises(RegistryRefused) as wordless:
        propose_mandate(person(), uuid7(), authorization_text=" ", authorization_version="1")
    assert [codes_of(nobody.value), codes_of(wordless.value)] == [["IDE-001"], ["MAN-002"]]


def test_an_officer_confirms_with_the_document_and_either_side_revokes_from_a_date() -> None:
    actor, operator = person(), uuid7()
    with pytest.raises(RegistryRefused) as never:
        revoke_mandate(actor, operator, on=D, act=ONE)
    proposed = proposal(actor, operator)
    with pytest.raises(RegistryRefused) as early:
        revoke_mandate(actor, operator, on=D, act=ONE)
    with pytest.raises(RegistryRefused) as backwards:
        confirm_by_document(proposed, valid_from=D, valid_to=D - DAY, act=ONE)
    assert [codes_of(e.value) for e in (never, early, backwards)] == [["MAN-001"], ["MAN-001"], ["REG-007"]]
    confirm_by_document(proposed, valid_from=D, act=ONE)
    revoke_mandate(actor, operator, on=D + 5 * DAY, act=replace(ONE, reference="DEMO-CARTA-2"))
    versions = queries.mandates_of([actor], operator)[actor]
    states = [(v.status if v else None) for v in (version_on(versions, D + n * DAY) for n in (-1, 0, 4, 5, 6))]
    assert states == [None, "active", "active", "revoked", "revoked"]
    confirm_by_document(proposal(actor, operator), valid_from=D + 6 * DAY, act=ONE)
    assert version_on(queries.mandates_of([actor], operator)[actor], D + 6 * DAY).status == "active"  # type: ignore[union-attr]


def test_a_message_that_was_not_sent_leaves_a_consent_that_nobody_can_use() -> None:
    class Broken:
        def send(self, contact: Contact, text: str) -> None:
            raise MessageNotSent("El mensaje no salió. Intente de nuevo en unos minutos.")

    asked = ConsentAsked(purpose="balance", party=person(), operator=uuid7(), counterparty=uuid7())
    with pytest.raises(MessageNotSent):
        request_consent(asked, port=Broken(), clock=FixedClock(NOW))
