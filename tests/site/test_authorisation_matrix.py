"""T10, people's side: every endpoint × every method × every caller is called for real against the signed-off page.

The oracle is `docs/permissions.md` as committed, read here by its own parser: neither the table nor `decide` is
consulted. A probe stands where the view would be called, after everything that could stop a request, and answers 299:
so a cell that lets someone in has no effect, and a cell that does not is told apart by what it answers.

Tens of thousands of cells: what the product reads anew at each request (session, account, roles, second factor, the
address's view) is read here once for each caller or address, by the product's own code. `test_roles` holds that what is
taken away ends at the next request.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import resolvers, reverse

from tests.site.conftest import MakePerson, session_of
from veta.site import authority, caller, middleware, permissions
from veta.site.access import PUBLIC, endpoint
from veta.site.roles import Role

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
REACHED = 299
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
VALUES = {
    "uuid": "01936c3e-0000-7000-8000-000000000000", "uuidstr": "01936c3e-0000-7000-8000-000000000000", "int": "1",
    "str": "x", "slug": "x", "path": "x", "uidb36": "abc", "key": "x",
}  # fmt: skip


class Probe:
    """Stands in place of every view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse:
        return HttpResponse(status=REACHED)


class Accounts(AuthenticationBackend):  # type: ignore[misc]
    """Whose accounts are read once."""

    known: ClassVar[dict[str, Any]] = {}

    def get_user(self, user_id: str) -> Any:
        if user_id not in self.known:
            self.known[user_id] = super().get_user(user_id)
        return self.known[user_id]


@dataclass(frozen=True)
class Line:
    """A row of the committed page."""

    name: str
    path: str
    cells: dict[str, str]


@dataclass(frozen=True)
class Someone:
    """A caller of the matrix, with what the oracle knows of it; comes in only when its turn is there, since what it
    proved is recent for five minutes alone."""

    label: str
    come_in: Callable[[], Client]
    role: str = ""
    signed_in: bool = True
    proved: bool = True
    recent: bool = True

    def asks(self, line: Line) -> bool:
        """Whether it calls that endpoint: who proved a factor a while ago, only what asks for a recent one."""
        return self.recent or not self.proved or any(" + " in cell for cell in line.cells.values())


@cache
def lines() -> list[Line]:
    text = PAGE.read_text().split("| endpoint |")[1]
    header, _, *rows = [[cell.strip(" `") for cell in row.strip("| ").split(" | ")] for row in text.splitlines() if row]
    methods = header[1:]
    assert rows
    return [Line(name, path, dict(zip(methods, cells, strict=True))) for name, path, *cells in rows]


def address(path: str) -> str:
    """A concrete address of the path; ids that exist nowhere, since no view is reached."""
    return re.sub(
        r"<(?:(\w+):)?(\w+)>", lambda found: VALUES[found[1] or (found[2] if found[2] in VALUES else "str")], path
    )


def expected(line: Line, method: str, who: Someone) -> str:
    """What the page says of this cell, by its words alone."""
    cell = line.cells.get("GET" if method == "HEAD" else method, "–")
    people, _, recent = cell.partition(" + ")
    if cell == "–":
        return "405"
    if people in {"everyone", "operator"}:
        return "reached"
    if not who.signed_in:
        return "sign in"
    if people == "session":
        return "reached"
    if not who.proved:
        return "enrol"
    held = people in {"account"} or who.role in people.split(", ") or (people == "every role" and bool(who.role))
    if not held:
        return "403"
    return "prove again" if recent and not who.recent else "reached"


@cache
def ways() -> dict[str, str]:
    return {
        reverse("account_login"): "sign in",
        reverse("mfa_index"): "enrol",
        reverse("mfa_reauthenticate"): "prove again",
    }


def observed(response: Any) -> str:
    target = response.headers.get("Location", "")
    if response.status_code == REACHED:
        return "reached"
    if response.status_code == 302:
        return ways().get(target.partition("?")[0], target)
    return str(response.status_code)


@pytest.fixture
def in_memory(settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing changes in the middle of the matrix, so each thing is read once."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.AUTHENTICATION_BACKENDS = ["tests.site.test_authorisation_matrix.Accounts"]
    monkeypatch.setattr(Accounts, "known", {})
    monkeypatch.setattr(caller, "has_second_factor", cache(caller.has_second_factor))
    known = replace(authority.AUTHORITY, roles_of=cache(authority.AUTHORITY.roles_of))
    monkeypatch.setattr(authority, "AUTHORITY", known)
    monkeypatch.setattr(resolvers.URLResolver, "resolve", cache(resolvers.URLResolver.resolve))
    caplog.set_level(logging.ERROR, "django.request")  # a line for each refusal is most of what a refusal costs


@pytest.fixture
def callers(in_memory: None, make_person: MakePerson) -> list[Someone]:
    """Anonymous, no role and each role, now and a while ago; nobody and one of each role without a second factor."""
    everyone = [Someone("anonymous", Client, signed_in=False, proved=False, recent=False)]
    for role in ("", *Role):
        user = make_person(f"con-{role or 'ninguno'}", *([Role(role)] if role else []))
        everyone += [
            Someone(f"{role} now", partial(session_of, user), role),
            Someone(f"{role} a while ago", partial(session_of, user, proved_seconds_ago=301), role, recent=False),
        ]
    for label, roles in {"no role": (), "every role": tuple(Role)}.items():
        bare = make_person(f"sin-factor-{len(roles)}", *roles, second_factor=False)
        come_in = partial(session_of, bare, proved_seconds_ago=None)
        everyone.append(Someone(f"{label} without second factor", come_in, proved=False))
    return everyone


def call_all(callers: list[Someone], only: str = "") -> Iterator[tuple[str, str, str]]:
    """Call every cell; yields (cell, what the page says, what happened)."""
    for who in callers:
        client = who.come_in()
        for line in lines():
            if (only and line.name != only) or not who.asks(line):
                continue
            for method in METHODS:
                # As a program would ask: a refusal then costs no page, and the whole matrix seconds.
                response = client.generic(method, address(line.path), headers={"accept": "application/problem+json"})
                yield f"{who.label} {method} {line.name}", expected(line, method, who), observed(response)


@pytest.fixture
def probed(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.site.test_authorisation_matrix.Probe"]


@pytest.mark.usefixtures("probed")
def test_every_cell_does_what_the_page_says(callers: list[Someone]) -> None:
    cells = list(call_all(callers))
    wrong = [cell for cell in cells if cell[1] != cell[2]]
    print(f"T10 cells={len(cells)} differences={len(wrong)}")
    assert len(cells) == sum(who.asks(line) for who in callers for line in lines()) * len(METHODS)
    assert wrong == []


@pytest.mark.usefixtures("probed")
@pytest.mark.parametrize("name", ["people", "role_decide", "mfa_view_recovery_codes"])
def test_control_an_endpoint_that_is_not_checked_is_seen(
    callers: list[Someone], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    judge = middleware.judge

    def forgetful(request: HttpRequest, row: Any) -> Any:
        forgotten = request.resolver_match is not None and request.resolver_match.view_name == name
        return middleware.Decision.PASS if forgotten else judge(request, row)

    monkeypatch.setattr(middleware, "judge", forgetful)
    assert any(cell[1] != cell[2] for cell in call_all(callers, only=name))


@pytest.mark.usefixtures("probed")
def test_control_a_row_made_laxer_is_seen(callers: list[Someone], monkeypatch: pytest.MonkeyPatch) -> None:
    laxer = {**permissions.PERMISSIONS, "people": endpoint(get=PUBLIC)}
    monkeypatch.setattr(authority, "AUTHORITY", replace(authority.AUTHORITY, permissions=laxer))
    assert any(cell[1] != cell[2] for cell in call_all(callers, only="people"))


@pytest.mark.usefixtures("probed")
def test_an_endpoint_without_a_row_is_refused_to_everyone(
    callers: list[Someone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "AUTHORITY", replace(authority.AUTHORITY, permissions={}))
    answers = {who.come_in().generic(method, "/").status_code for who in callers for method in METHODS}
    assert answers == {403}
