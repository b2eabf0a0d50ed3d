"""Whose page is open in this browser: fifteen minutes after the last touch it is nobody's."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from veta.hub.visitors import too_often

KEY = "miner"
LASTS_SECONDS = 900
View = Callable[..., HttpResponseBase]


def begin(request: HttpRequest, actor: UUID) -> None:
    """Open the person's page in this browser, under a session id of its own."""
    request.session.cycle_key()
    request.session[KEY] = {"actor": str(actor), "until": int(time.time()) + LASTS_SECONDS}


def end(request: HttpRequest) -> None:
    """Close the page: nothing of it is left in the session; a stranger's session goes whole."""
    request.session.pop(KEY, None)
    if not request.user.is_authenticated:
        request.session.flush()


def person_of(request: HttpRequest) -> UUID | None:
    """Whose page is open, and open again for fifteen minutes; None where it is nobody's."""
    known = request.session.get(KEY)
    if not known or known["until"] <= time.time():
        return None
    request.session[KEY] = {**known, "until": int(time.time()) + LASTS_SECONDS}
    return UUID(known["actor"])


def private(view: View) -> View:
    """A page that leaves no trace in the browser: kept in no cache. What an address asks too often waits.

    Where a person was is told to no other site by the headers of every page; `no-referrer` would hide it from our own
    guard of forms too.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = too_often(request) or view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    return guarded


def own(view: View) -> View:
    """A page of the person whose session this is, given as `actor`; anybody else is led to the entrance."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor = person_of(request)
        if actor is None:
            return redirect("miner_start")
        return view(request, *args, actor=actor, **kwargs)

    return private(guarded)
