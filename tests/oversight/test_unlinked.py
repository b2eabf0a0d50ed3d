"""Who is bound to report and linked to no operator: from the day of the obligation, until a mandate is in force."""

from datetime import date, timedelta

import pytest

from tests.bonds.titled import ACT, holder, title
from tests.site.conftest import MakePerson, administrators, make_person, session_of
from veta.kernel.ids import uuid7
from veta.oversight.queries import Unlinked, unlinked
from veta.registry.services.mandates import confirm_by_document, propose_mandate, revoke_mandate
from veta.site.roles import Role

__all__ = ["administrators", "make_person"]  # the fixtures of the site's people

pytestmark = pytest.mark.django_db
# `obligation.start` of large mining in exploitation.
SINCE = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("on", "listed"), [(SINCE - timedelta(days=1), False), (SINCE, True), (SINCE + timedelta(days=1), True)]
)
def test_from_the_day_of_the_obligation(on: date, listed: bool) -> None:
    owner = holder()
    title("DEMO-1", held_by=owner, scale="gran_mineria", scale_act="Acto DEMO")
    title("DEMO-2", held_by=owner, scale="mediana_mineria", scale_act="Acto DEMO")
    title("DEMO-3", held_by=owner, scale="gran_mineria", scale_act="Acto DEMO", stage="exploration")
    title("DEMO-4", held_by=owner)
    title("DEMO-5", held_by=owner, scale="gran_mineria", scale_act="Acto DEMO", status="suspended")
    expected = [Unlinked("DEMO-1", owner, "gran_mineria", SINCE)] if listed else []
    assert unlinked(on) == expected
    assert [(row.finding.code, row.finding.severity) for row in unlinked(on)] == [("OBL-002", "warning")] * listed


def test_a_mandate_in_force_with_any_operator_takes_the_holder_off(make_person: MakePerson) -> None:
    owner, other = holder(), holder("900600016")
    title("DEMO-1", held_by=owner, scale="gran_mineria", scale_act="Acto DEMO")
    title("DEMO-2", held_by=other, scale="gran_mineria", scale_act="Acto DEMO")
    operator = uuid7()
    proposed = propose_mandate(owner, operator, authorization_text="Autorizo", authorization_version="1")
    assert [row.title_code for row in unlinked(SINCE)] == ["DEMO-1", "DEMO-2"]
    confirm_by_document(proposed, valid_from=SINCE + timedelta(days=1), act=ACT)
    assert [row.title_code for row in unlinked(SINCE)] == ["DEMO-1", "DEMO-2"]
    assert [row.title_code for row in unlinked(SINCE + timedelta(days=1))] == ["DEMO-2"]
    ended = SINCE + timedelta(days=9)
    revoke_mandate(owner, operator, on=ended, act=ACT)
    assert [row.title_code for row in unlinked(ended)] == ["DEMO-1", "DEMO-2"]
    auditor = session_of(make_person("vera", Role.AUDITOR))
    page = auditor.get("/obligados/")
    assert page.status_code == 200
    assert "Minera Demo SAS" in page.content.decode()
