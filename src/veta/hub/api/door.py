"""The way in for operators' signed calls: from the server straight to the endpoint, past what serves pages.

Django's own way through its layers, signals and table of addresses took four tenths of the time that a call spends in
Python. What the door does not know to be an operator's endpoint goes that way, and is answered as it always was:
addresses, methods, hosts and paths that are wrong, and everything for people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.log import log_response

from veta.hub.api.app import failed
from veta.site.access import Kind
from veta.site.deployment import deployment
from veta.site.middleware import security_headers

Start = Callable[[str, list[tuple[str, str]]], Any]
PREFIX: Final = "/api/"


class Door:
    """A WSGI application before another: operators' endpoints are served here, everything else by that one."""

    def __init__(self, pages: Callable[[dict[str, Any], Start], Iterable[bytes]]) -> None:
        self.pages = pages
        self.headers = security_headers()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        known = _known(environ) if environ.get("PATH_INFO", "").startswith(PREFIX) else None
        if known is None:
            return self.pages(environ, start_response)
        request, match = known
        close_old_connections()  # asks no database: lets go of a connection that failed, and of none that lives
        translation.activate(settings.LANGUAGE_CODE)
        request.resolver_match = match
        try:
            response = match.func(request, *match.args, **match.kwargs)
        except Exception as fault:  # on the way to a refusal itself: a problem too, and a line in the log
            response = failed(request, fault)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return self._told(response, start_response)

    def _told(self, response: HttpResponseBase, start_response: Start) -> Iterable[bytes]:
        own = response.headers
        content = response.content  # type: ignore[attr-defined]
        added = [(name, value) for name, value in self.headers.items() if name not in own]
        length = ("Content-Length", str(len(content)))
        start_response(f"{response.status_code} {response.reason_phrase}", [*own.items(), *added, length])
        return [content]


def _known(environ: dict[str, Any]) -> tuple[WSGIRequest, ResolverMatch] | None:
    """The request and its endpoint, where the table of permissions gives that method of it to operators."""
    try:
        request = WSGIRequest(dict(environ))  # it writes its path there as text, which others read as octets
        request.get_host()  # refuses a host that is not ours
        match = _endpoint(request.path_info)
    except (SuspiciousOperation, UnicodeDecodeError, Resolver404):
        return None
    row = deployment().permissions.get(match.view_name)
    access = row.get(request.method or "") if row else None
    return (request, match) if access is not None and access.kind is Kind.OPERATOR else None


def _endpoint(path: str) -> ResolverMatch:
    """The endpoint at a path. Those without an id, which most calls ask, are looked up once."""
    return _looked_up(path) if len(path) < _WITH_ID else resolve(path)


_looked_up = lru_cache(maxsize=256)(resolve)
# The shortest path that holds an id (a UUID of 36 letters) after the prefix.
_WITH_ID: Final = len(PREFIX) + 36
