"""Officers of the authority on a database with real commits, each with a role that two administrators granted."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.test import Client
from django.urls import reverse

from tests.site.conftest import enrol, session_of
from veta.site.models import User
from veta.site.roles import Role
from veta.site.services import create_account, decide_role, found_administrators, propose_role


@dataclass
class Officers:
    """Two founders, and whoever is asked for."""

    founders: list[User]
    known: dict[str, User] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @classmethod
    def found(cls) -> Officers:
        return cls(found_administrators(("ana@demo.invalid", "Ana Demo"), ("luis@demo.invalid", "Luis Demo")))

    def user(self, name: str, *roles: Role) -> User:
        """An account with these roles and a second factor, made at the first asking."""
        if name not in self.known:
            ana, luis = self.founders
            user = create_account(email=f"{name}@demo.invalid", name=f"{name.title()} Demo", created_by=ana)
            for role in roles:
                asked = propose_role(user=user, role=role, reason="Prueba", proposed_by=ana)
                decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
            self.secrets[user.email] = enrol(user)
            self.known[name] = user
        return self.known[name]

    def session(self, name: str, *roles: Role, proved_seconds_ago: int = 0) -> Client:
        """Signed in as that person, whose second factor was proved so long ago."""
        return session_of(self.user(name, *roles), proved_seconds_ago=proved_seconds_ago)


def say_purpose(client: Client, actor: UUID, *, reference: str = "EXP-1") -> None:
    """Say what for an actor's data are looked at, as the page asks."""
    client.post(reverse("access_purpose", args=[actor]), {"purpose": "oversight", "reference": reference, "next": "/"})
