"""People of the site's tests: accounts with roles granted by two persons, with a second factor or without."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from veta.site.caller import SESSION_KEY
from veta.site.models import User
from veta.site.roles import Role
from veta.site.services import create_account, decide_role, found_administrators, propose_role

PASSWORD = "una clave larga y propia"

MakePerson = Callable[..., User]


@pytest.fixture
def administrators(db: None) -> list[User]:
    """Ana and Luis, the founders."""
    return found_administrators(("ana@demo.invalid", "Ana Demo"), ("luis@demo.invalid", "Luis Demo"))


@pytest.fixture
def make_person(administrators: list[User]) -> MakePerson:
    """An account with these roles, each asked by Ana and granted by Luis."""

    def make(name: str, *roles: Role, second_factor: bool = True) -> User:
        ana, luis = administrators
        user = create_account(email=f"{name}@demo.invalid", name=f"{name.title()} Demo", created_by=ana)
        for role in roles:
            asked = propose_role(user=user, role=role, reason="Prueba", proposed_by=ana)
            decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
        if second_factor:
            enrol(user)
        return user

    return make


def enrol(user: User) -> str:
    """Give the person an authenticator application; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def session_of(user: User, *, proved_seconds_ago: int | None = 0) -> Client:
    """A client signed in as the person, whose session proved the second factor so long ago, or never (None)."""
    client = Client()
    client.force_login(user)
    if proved_seconds_ago is not None:
        session: Any = client.session
        session[SESSION_KEY] = {"user": str(user.pk), "at": int(time.time()) - proved_seconds_ago}
        session.save()
    return client
