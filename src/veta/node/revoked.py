"""Telling a phone in the node's own name that access to a client ended: a proxy's refusal looks the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

from veta.node.pages.counter import BUYS
from veta.node.queries.members import clients_of
from veta.site.models import User

HEADER: Final = "Veta-Revoked"
REFUSED: Final = (403, 404)


class SaysRevoked:
    """Puts the header on what the counter refuses to a person who may not buy for that client.

    A form's stale token, a path that this version lacks and a fault are refused without it: at its second time the
    phone forgets what it keeps.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code in REFUSED and _ended(request):
            response[HEADER] = "1"
        return response


def _ended(request: HttpRequest) -> bool:
    """Whether it is a counter's address, of a client for whom who is signed in may not buy."""
    match = request.resolver_match
    if match is None or not match.view_name.startswith("node_counter") or not isinstance(request.user, User):
        return False
    return not clients_of(request.user.id, *BUYS).filter(pk=match.kwargs["client"]).exists()
