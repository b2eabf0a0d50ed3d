"""Nobody reads a person's data without saying what for, and each look is written down."""

import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tests.site.conftest import MakePerson, session_of
from veta.config import urls
from veta.site import authority, permissions
from veta.site.access import by, endpoint
from veta.site.models import AccessRecord
from veta.site.purpose import SESSION_KEY, purpose_required
from veta.site.roles import Role

pytestmark = pytest.mark.django_db

ACTOR = UUID("01936c3e-0000-7000-8000-00000000000a")
OTHER = UUID("01936c3e-0000-7000-8000-00000000000b")


@purpose_required("actor")
def file_of(request: HttpRequest, actor: UUID) -> HttpResponse:
    return HttpResponse("datos")


urlpatterns = [*urls.urlpatterns, path("ficha/<uuid:actor>/", file_of, name="file")]


@pytest.fixture
def client(settings, monkeypatch: pytest.MonkeyPatch, make_person: MakePerson) -> Iterator[Client]:
    settings.ROOT_URLCONF = "tests.site.test_purpose"
    table = {**permissions.PERMISSIONS, "file": endpoint(get=by(Role.OVERSIGHT))}
    monkeypatch.setattr(authority, "AUTHORITY", replace(authority.AUTHORITY, permissions=table))
    return session_of(make_person("rosa", Role.OVERSIGHT))


def say(client: Client, actor: UUID, **changed: str):
    said = {"purpose": "oversight", "reference": "Exp. 12 de 2026", "next": f"/ficha/{actor}/"} | changed
    return client.post(f"/finalidad/{actor}/", said)


def test_the_first_look_asks_what_for_and_then_goes_on(client: Client) -> None:
    asked = client.get(f"/ficha/{ACTOR}/")
    assert asked.headers["Location"] == f"/finalidad/{ACTOR}/?next=%2Fficha%2F{ACTOR}%2F"
    assert "¿Para qué consulta" in client.get(asked.headers["Location"]).text
    assert say(client, ACTOR).headers["Location"] == f"/ficha/{ACTOR}/"
    assert client.get(f"/ficha/{ACTOR}/").text == "datos"


def test_every_look_is_written_down_with_its_purpose(client: Client) -> None:
    say(client, ACTOR)
    client.get(f"/ficha/{ACTOR}/")
    client.get(f"/ficha/{ACTOR}/")
    looks = AccessRecord.objects.values_list("user__name", "subject", "purpose", "reference", "endpoint")
    assert list(looks) == [("Rosa Demo", ACTOR, "oversight", "Exp. 12 de 2026", "file")] * 2


def test_a_purpose_is_for_one_actor_only(client: Client) -> None:
    say(client, ACTOR)
    assert client.get(f"/ficha/{OTHER}/").status_code == 302
    assert AccessRecord.objects.count() == 0


@pytest.mark.parametrize(("left", "status"), [(1, 200), (0, 302), (-1, 302)])
def test_a_purpose_lasts_fifteen_minutes(client: Client, left: int, status: int, monkeypatch) -> None:
    say(client, ACTOR)
    until = client.session[SESSION_KEY][str(ACTOR)]["until"]
    assert until - time.time() == pytest.approx(900, abs=5)
    monkeypatch.setattr("veta.site.purpose.time.time", lambda: until - left)
    assert client.get(f"/ficha/{ACTOR}/").status_code == status


@pytest.mark.parametrize("changed", [{"purpose": "curiosity"}, {"reference": " "}, {"purpose": ""}])
def test_an_answer_without_purpose_or_reference_opens_nothing(client: Client, changed: dict[str, str]) -> None:
    assert say(client, ACTOR, **changed).status_code == 422
    assert client.get(f"/ficha/{ACTOR}/").status_code == 302


@pytest.mark.parametrize("target", ["https://elsewhere.invalid/", "//elsewhere.invalid/", "javascript:alert(1)", ""])
def test_the_way_back_never_leaves_the_site(client: Client, target: str) -> None:
    assert say(client, ACTOR, next=target).headers["Location"] == "/"
