"""Roles take two persons, whatever path is tried; nothing of their history can be rewritten."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse

from tests.site.conftest import MakePerson, session_of
from veta.site.models import AccessRecord, RoleDecision, RoleProposal, RoleRevocation, User
from veta.site.queries import holders_of, role_entries, roles_in_force
from veta.site.roles import Role
from veta.site.services import (
    AccountActRefused,
    create_account,
    decide_role,
    found_administrators,
    propose_role,
    record_access,
    revoke_role,
    set_active,
)

pytestmark = pytest.mark.django_db


def test_a_role_asked_by_one_and_granted_by_another_is_in_force(
    administrators: list[User], make_person: MakePerson
) -> None:
    ana, luis = administrators
    rosa = make_person("rosa")
    asked = propose_role(user=rosa, role=Role.LEGAL, reason="Acta 1", proposed_by=ana)
    assert roles_in_force(rosa.id) == frozenset()
    decide_role(asked.id, granted=True, reason="Conforme", decided_by=luis)
    assert roles_in_force(rosa.id) == {Role.LEGAL}


def test_neither_who_asked_nor_who_receives_may_grant(administrators: list[User], make_person: MakePerson) -> None:
    ana, luis = administrators
    rosa = make_person("rosa")
    asked = propose_role(user=rosa, role=Role.LEGAL, reason="Acta 1", proposed_by=ana)
    with pytest.raises(AccountActRefused, match="otra persona"):
        decide_role(asked.id, granted=True, reason="Yo misma", decided_by=ana)
    own = propose_role(user=luis, role=Role.SIGNER, reason="Acta 2", proposed_by=ana)
    with pytest.raises(AccountActRefused, match="otra persona"):
        decide_role(own.id, granted=True, reason="Para mí", decided_by=luis)


@pytest.mark.parametrize("by", ["proposer", "beneficiary"])
def test_the_database_itself_refuses_a_grant_by_one_person(
    administrators: list[User], make_person: MakePerson, by: str
) -> None:
    ana = administrators[0]
    rosa = make_person("rosa")
    asked = propose_role(user=rosa, role=Role.LEGAL, reason="Acta 1", proposed_by=ana)
    decider = {"proposer": ana, "beneficiary": rosa}[by]
    with pytest.raises(IntegrityError, match="role_granted_by_two"), transaction.atomic():
        RoleDecision.objects.create(
            proposal=asked, user=rosa, proposed_by=ana, decided_by=decider, granted=True, reason="x"
        )


def test_the_database_refuses_a_decision_that_lies_about_its_proposal(
    administrators: list[User], make_person: MakePerson
) -> None:
    ana, luis = administrators
    rosa = make_person("rosa")
    asked = propose_role(user=rosa, role=Role.LEGAL, reason="Acta 1", proposed_by=ana)
    with pytest.raises(IntegrityError, match="role_decision_of_its_proposal"), transaction.atomic():
        RoleDecision.objects.create(
            proposal=asked, user=rosa, proposed_by=luis, decided_by=ana, granted=True, reason="x"
        )


def test_a_proposal_is_decided_once(administrators: list[User], make_person: MakePerson) -> None:
    ana, luis = administrators
    asked = propose_role(user=make_person("rosa"), role=Role.LEGAL, reason="Acta 1", proposed_by=ana)
    decide_role(asked.id, granted=False, reason="La retiro", decided_by=ana)
    with pytest.raises(AccountActRefused, match="ya se decidió"):
        decide_role(asked.id, granted=True, reason="Conforme", decided_by=luis)


def test_the_same_role_is_not_asked_twice(administrators: list[User], make_person: MakePerson) -> None:
    ana = administrators[0]
    rosa = make_person("rosa", Role.IT)
    with pytest.raises(AccountActRefused, match="ya tiene"):
        propose_role(user=rosa, role=Role.IT, reason="Acta 3", proposed_by=ana)
    propose_role(user=rosa, role=Role.LEGAL, reason="Acta 3", proposed_by=ana)
    with pytest.raises(AccountActRefused, match="sin decidir"):
        propose_role(user=rosa, role=Role.LEGAL, reason="Acta 3", proposed_by=ana)


def test_a_revoked_role_ends_and_can_be_asked_again(administrators: list[User], make_person: MakePerson) -> None:
    ana, luis = administrators
    rosa = make_person("rosa", Role.IT)
    proposal = RoleProposal.objects.get(user=rosa)
    revoke_role(proposal.id, reason="Cambió de cargo", revoked_by=luis)
    assert roles_in_force(rosa.id) == frozenset()
    with pytest.raises(AccountActRefused, match="no está vigente"):
        revoke_role(proposal.id, reason="Otra vez", revoked_by=luis)
    again = propose_role(user=rosa, role=Role.IT, reason="Volvió", proposed_by=ana)
    decide_role(again.id, granted=True, reason="Conforme", decided_by=luis)
    assert [entry.state for entry in role_entries(rosa.id)] == ["in_force", "revoked"]


def test_a_role_a_factor_or_an_account_taken_away_ends_at_the_next_request(
    administrators: list[User], make_person: MakePerson
) -> None:
    ana, luis = administrators
    rosa = make_person("rosa", Role.ADMINISTRATOR)
    sessions, page = [session_of(rosa) for _ in range(2)], reverse("people")
    assert [session.get(page).status_code for session in sessions] == [200, 200]
    revoke_role(RoleProposal.objects.get(user=rosa).id, reason="Cambió de cargo", revoked_by=luis)
    assert sessions[0].get(page).status_code == 403
    Authenticator.objects.filter(user=rosa).delete()
    assert sessions[0].get(page).headers["Location"] == reverse("mfa_index")
    set_active(rosa, active=False, by=ana)
    assert sessions[1].get(page).headers["Location"].startswith(reverse("account_login"))


def test_two_administrators_are_always_left(administrators: list[User], make_person: MakePerson) -> None:
    ana, luis = administrators
    first = RoleProposal.objects.get(user=ana)
    with pytest.raises(AccountActRefused, match="menos de dos"):
        revoke_role(first.id, reason="Se retira", revoked_by=luis)
    make_person("rosa", Role.ADMINISTRATOR)
    revoke_role(first.id, reason="Se retira", revoked_by=luis)
    assert len(holders_of(Role.ADMINISTRATOR)) == 2


def test_a_closed_account_holds_no_role_and_loses_its_session(
    administrators: list[User], make_person: MakePerson
) -> None:
    luis = administrators[1]
    rosa = make_person("rosa", Role.AUDITOR)
    client = session_of(rosa)
    assert client.get("/cuenta/").status_code == 200
    set_active(rosa, active=False, by=luis)
    assert roles_in_force(rosa.id) == frozenset()
    assert client.get("/cuenta/").headers["Location"].startswith("/ingreso/")
    with pytest.raises(AccountActRefused, match="propia cuenta"):
        set_active(luis, active=False, by=luis)


def test_the_first_administration_takes_two_and_is_made_once() -> None:
    with pytest.raises(AccountActRefused, match="dos personas"):
        found_administrators(("ana@demo.invalid", "Ana Demo"), ("ANA@demo.invalid", "Ana Demo"))
    assert holders_of(Role.ADMINISTRATOR) == set()
    ana, luis = found_administrators(("ana@demo.invalid", "Ana Demo"), ("luis@demo.invalid", "Luis Demo"))
    assert holders_of(Role.ADMINISTRATOR) == {ana.id, luis.id}
    with pytest.raises(AccountActRefused, match="Ya hay administración"):
        found_administrators(("eva@demo.invalid", "Eva Demo"), ("leo@demo.invalid", "Leo Demo"))


def test_an_e_mail_has_one_account_whatever_its_case(administrators: list[User]) -> None:
    with pytest.raises(AccountActRefused, match="Ya hay una cuenta"):
        create_account(email=" ANA@Demo.invalid", name="Otra Ana", created_by=administrators[1])
    with pytest.raises(IntegrityError, match="lower_case"), transaction.atomic():
        User.objects.create(email="Otra@demo.invalid", name="Otra")


CHANGES: list[tuple[str, Callable[[], object]]] = [
    ("proposal", lambda: RoleProposal.objects.update(role="auditor")),
    ("decision", lambda: RoleDecision.objects.update(granted=True)),
    ("revocation", lambda: RoleRevocation.objects.all().delete()),
    ("access", lambda: AccessRecord.objects.all().delete()),
]


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[name for name, _ in CHANGES])
def test_the_application_cannot_rewrite_history(
    administrators: list[User], make_person: MakePerson, change: Callable[[], object]
) -> None:
    ana = administrators[0]
    rosa = make_person("rosa", Role.IT)
    revoke_role(RoleProposal.objects.get(user=rosa).id, reason="Fin", revoked_by=ana)
    record_access(user=ana, subject=rosa.id, purpose="audit", reference="1", endpoint="person")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        change()


def test_nor_can_the_owner_of_the_tables() -> None:
    """The trigger, with the owner's privileges, which the suite's connection can see but not take."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'append_only' "
            "AND c.relname LIKE 'veta_site_%' AND t.tgenabled = 'O' AND t.tgtype & (8 | 16 | 32) = (8 | 16 | 32)"
        )
        assert {name for (name,) in cursor.fetchall()} == {
            "veta_site_accessrecord",
            "veta_site_roledecision",
            "veta_site_roleproposal",
            "veta_site_rolerevocation",
        }
