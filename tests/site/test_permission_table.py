"""The table covers the project, says nothing of what does not exist, and its page is the one committed."""

from pathlib import Path

import pytest

from veta.site.access import PUBLIC, SESSION, Access, Caller, Decision, Kind, Row, by, decide, endpoint, members
from veta.site.endpoints import endpoints
from veta.site.errors import PROGRAM_PATHS
from veta.site.permission_document import METHODS, document
from veta.site.permissions import PERMISSIONS
from veta.site.roles import READ_ONLY, Role

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    names = {found.name for found in endpoints()}
    assert "" not in names, "an endpoint has no name, so no row can permit it"
    assert names - set(PERMISSIONS) == set(), "these endpoints have no row in veta.site.permissions"
    assert set(PERMISSIONS) - names == set(), "these rows permit endpoints that do not exist"


def test_the_page_is_the_one_committed() -> None:
    assert PAGE.read_text() == document(), "run `veta site permissions > docs/permissions.md` and read the difference"


def test_no_program_path_admits_anybody_by_session() -> None:
    """These paths have no session, no language and no guard of forms (`site.for_pages`)."""
    by_session = [
        (found.name, method)
        for found in endpoints()
        if f"/{found.route}".startswith(PROGRAM_PATHS)
        for method, access in PERMISSIONS[found.name].items()
        if access.kind not in {Kind.PUBLIC, Kind.OPERATOR}
    ]
    assert by_session == []


@pytest.mark.parametrize("role", sorted(READ_ONLY))
def test_who_only_reads_may_send_nothing(role: Role) -> None:
    # The purpose is one's own word; a search sends its document in a body so that no address carries it.
    own = {"access_purpose", "desk_search"}
    sent = [
        (name, method)
        for name, row in PERMISSIONS.items()
        for method, access in row.items()
        if role in access.roles and method not in {"GET", "HEAD"} and name not in own
    ]
    assert sent == []


def test_every_method_of_the_table_is_on_the_page() -> None:
    assert {method for row in PERMISSIONS.values() for method in row} <= {*METHODS, "HEAD"}


FULL = {"signed_in": True, "enrolled": True, "second_factor": True, "stepped_up": True}
AUDITOR = frozenset({Role.AUDITOR})
INSURER = frozenset({Role.INSURER})
READ = endpoint(get=by(Role.AUDITOR))
MEMBERS = endpoint(get=members(Role.AUDITOR, Role.INSURER, guarded=AUDITOR))
CELLS: list[tuple[Row | None, Caller, Decision]] = [
    (None, Caller(**FULL, roles=frozenset(Role)), Decision.FORBIDDEN),
    (endpoint(post=PUBLIC), Caller(), Decision.METHOD),
    (endpoint(get=PUBLIC), Caller(), Decision.PASS),
    (endpoint(get=Access(Kind.OPERATOR)), Caller(), Decision.PASS),
    (endpoint(get=SESSION), Caller(), Decision.SIGN_IN),
    (endpoint(get=SESSION), Caller(signed_in=True), Decision.PASS),
    (READ, Caller(), Decision.SIGN_IN),
    (READ, Caller(signed_in=True, roles=AUDITOR), Decision.ENROL),
    (READ, Caller(signed_in=True, roles=AUDITOR, enrolled=True), Decision.SIGN_IN),
    (READ, Caller(signed_in=True, roles=AUDITOR, second_factor=True), Decision.ENROL),
    (READ, Caller(**FULL), Decision.FORBIDDEN),
    (READ, Caller(**FULL, roles=frozenset(Role) - AUDITOR), Decision.FORBIDDEN),
    (READ, Caller(**(FULL | {"stepped_up": False}), roles=AUDITOR), Decision.PASS),
    (
        endpoint(get=by(Role.AUDITOR, step_up=True)),
        Caller(**(FULL | {"stepped_up": False}), roles=AUDITOR),
        Decision.STEP_UP,
    ),
    (endpoint(get=by(Role.AUDITOR, step_up=True)), Caller(**FULL, roles=AUDITOR), Decision.PASS),
    (MEMBERS, Caller(signed_in=True, roles=INSURER), Decision.PASS),
    (MEMBERS, Caller(signed_in=True, roles=INSURER, enrolled=True), Decision.SIGN_IN),
    (MEMBERS, Caller(signed_in=True, roles=AUDITOR), Decision.ENROL),
    (MEMBERS, Caller(signed_in=True, roles=AUDITOR | INSURER), Decision.ENROL),
    (MEMBERS, Caller(**FULL, roles=AUDITOR), Decision.PASS),
    (MEMBERS, Caller(signed_in=True), Decision.FORBIDDEN),
]


@pytest.mark.parametrize(("row", "caller", "expected"), CELLS)
def test_decide(row: Row | None, caller: Caller, expected: Decision) -> None:
    assert decide(row, "GET", caller) is expected
