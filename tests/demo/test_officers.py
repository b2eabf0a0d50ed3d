"""The demonstration's people: one for each role at least, who sign in with the password and codes that it prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from veta.demo.officers import demo_password, ready_officers
from veta.site.models import User
from veta.site.queries import roles_in_force
from veta.site.roles import Role
from veta.site.services import found_administrators

pytestmark = pytest.mark.django_db


def test_there_is_somebody_for_each_role_and_a_second_run_makes_nobody(tmp_path: Path) -> None:
    first = ready_officers(tmp_path)
    held = [roles_in_force(User.objects.get(email=each.email).id) for each in first]
    assert {role for roles in held for role in roles} == set(Role)
    assert all(len(roles) == 1 for roles in held)
    assert all(len(set(each.codes)) == 2 for each in first)
    assert ready_officers(tmp_path) == first
    assert User.objects.count() == len(first)


def test_the_password_and_a_code_open_the_desk_and_the_code_opens_it_once(tmp_path: Path) -> None:
    officer = next(each for each in ready_officers(tmp_path) if each.email == "fiscaliza@demo.invalid")
    for code, opened in ((officer.codes[0], True), (officer.codes[0], False), (officer.codes[1], True)):
        client = Client()
        given = {"login": officer.email, "password": demo_password(tmp_path)}
        assert client.post(reverse("account_login"), given)["Location"] == reverse("mfa_authenticate")
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert (client.get(reverse("desk_home")).status_code == 200) is opened
    shown = next(each for each in ready_officers(tmp_path) if each.email == officer.email)
    assert not set(shown.codes) & set(officer.codes)


def test_a_database_with_other_administrators_gets_nobody(tmp_path: Path) -> None:
    found_administrators(("ana@demo.invalid", "Ana"), ("luis@demo.invalid", "Luis"))
    assert ready_officers(tmp_path) == []
    assert User.objects.count() == 2
