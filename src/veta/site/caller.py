"""Who is asking: the session's person, the roles in force, and how surely the session proved a second factor."""

import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_used
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.functional import Promise

from veta.site.access import ANONYMOUS, Caller
from veta.site.deployment import deployment
from veta.site.models import User
from veta.site.queries import has_second_factor

SESSION_KEY = "second_factor"
STEP_UP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class NamedCaller(Caller):
    """A caller as templates see it."""

    @property
    def role_labels(self) -> list[Promise]:
        """The names of the roles held, in the table's order."""
        return [label for role, label in deployment().labels.items() if role in self.roles]


def caller_of(request: HttpRequest) -> Caller:
    """The request's caller, read once and kept on it: two short queries for a person, none for a stranger."""
    known = getattr(request, "caller", None)
    if known is None:
        known = _read(request)
        request.caller = known  # type: ignore[attr-defined]
    return known


def person_of(request: HttpRequest) -> User:
    """The account that asks, behind an endpoint that the table opens to accounts only."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _read(request: HttpRequest) -> Caller:
    if not request.user.is_authenticated:
        return ANONYMOUS
    user = request.user.pk
    proof = request.session.get(SESSION_KEY) or {}
    proved = proof.get("user") == str(user)
    return NamedCaller(
        signed_in=True,
        roles=deployment().roles_of(user),
        enrolled=has_second_factor(user),
        second_factor=proved,
        stepped_up=proved and 0 <= time.time() - proof["at"] < STEP_UP_SECONDS,
    )


@receiver(authenticator_used)
@receiver(authenticator_added)
def remember_the_proof(
    sender: type[Authenticator], *, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Write in the session that its person proved a second factor now: by using one, or by enrolling one.

    Generating recovery codes is no proof: it is done by who already gave one.
    """
    if kwargs.get("signal") is authenticator_added and authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    request.session[SESSION_KEY] = {"user": str(user.pk), "at": int(time.time())}
