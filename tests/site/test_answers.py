"""What every answer carries, what a refused request gets to read, and what a fault shows."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings

from tests.site.conftest import MakePerson, session_of
from veta.site.middleware import SecurityHeaders
from veta.site.roles import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/", "/ingreso/", "/nada/", "/administracion/personas/", "/salud", "/static/site/veta.css"]
)
def test_security_headers_are_on_every_answer(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_strict_transport_follows_the_public_origin() -> None:
    with override_settings(PUBLIC_ORIGIN="https://veta.example"):
        response = SecurityHeaders(lambda request: HttpResponse())(HttpRequest())
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_pages_of_signed_in_people_are_not_stored(make_person: MakePerson) -> None:
    answer = session_of(make_person("rosa")).get("/cuenta/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert Client().get("/").headers.get("Cache-Control") is None


def test_open_pages_of_a_stranger_make_no_session(client: Client) -> None:
    client.get("/")
    assert "veta_session" not in client.cookies


@pytest.mark.parametrize(
    ("method", "path", "status", "remedy"),
    [
        ("GET", "/nada/", 404, "Revise la dirección"),
        ("DELETE", "/", 405, "Allow"),
        ("POST", "/accesibilidad/", 405, "desde el inicio"),
    ],
)
def test_a_refused_person_reads_the_remedy(client: Client, method: str, path: str, status: int, remedy: str) -> None:
    answer = client.generic(method, path)
    assert answer.status_code == status
    assert remedy in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_lacks_the_role_reads_how_to_ask_for_it(make_person: MakePerson) -> None:
    answer = session_of(make_person("rosa", Role.AUDITOR)).get("/administracion/personas/")
    assert answer.status_code == 403
    assert "pida el rol" in answer.text


def test_a_program_gets_a_problem_document(client: Client) -> None:
    for answer in (
        client.get("/api/nada"),
        client.delete("/salud"),
        client.get("/x/", headers={"accept": "application/problem+json"}),
    ):
        problem = json.loads(answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert problem["status"] == answer.status_code
        assert problem["detail"]


def test_a_method_that_does_not_exist_names_those_that_do(client: Client) -> None:
    assert client.put("/ingreso/").headers["Allow"] == "GET, HEAD, POST"


def test_a_form_without_its_token_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/ingreso/", {"login": "x", "password": "x"})
    assert answer.status_code == 403
    assert "recárguela" in answer.text


def test_a_host_that_is_not_ours_is_a_bad_request(client: Client) -> None:
    answer = client.get("/cuenta/", headers={"host": "elsewhere.invalid"})
    assert answer.status_code == 400


@pytest.mark.parametrize(("path", "kind"), [("/", "text/html"), ("/salud", "application/problem+json")])
def test_a_fault_shows_no_detail(settings: Any, monkeypatch: pytest.MonkeyPatch, path: str, kind: str) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.site.test_answers.Fault"]
    answer = Client(raise_request_exception=False).get(path)
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith(kind)
    assert "secreto" not in answer.text
    assert "intente de nuevo" in answer.text


class Fault:
    """A view that fails, planted after everything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse:
        raise RuntimeError("secreto")


def test_health_says_nothing_but_that(client: Client) -> None:
    assert client.get("/salud").json() == {"status": "ok"}
