"""The permission table before every view, the security headers on every answer."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from veta.site.access import ANONYMOUS, Decision, Kind, Row, decide
from veta.site.caller import caller_of
from veta.site.deployment import deployment
from veta.site.errors import refuse

Answer = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def security_headers() -> dict[str, str]:
    """The headers of every answer that does not bring its own.

    Strict transport is said by the public origin, not by the request, whose TLS may end at a proxy.
    """
    encrypted = settings.PUBLIC_ORIGIN.startswith("https://")
    strict = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if encrypted else {}
    return {**HEADERS, **strict}


class SecurityHeaders:
    """Puts the security headers on every answer that does not bring its own."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.headers = security_headers()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        return response


class PermissionTable:
    """Asks the table before every view, whoever added it; an endpoint without a row is refused.

    Pages for signed-in people are never stored by a browser or proxy. Neither a public endpoint nor an operator's
    touches the session here.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(request, "for_signed_in", False):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        row = deployment().permissions.get(match.view_name) if match else None
        decision = judge(request, row)
        return None if decision is Decision.PASS else answer(request, decision, row)


def judge(request: HttpRequest, row: Row | None) -> Decision:
    """The decision on a request, reading who calls only where the row asks for it."""
    method = request.method or ""
    access = row.get(method) if row else None
    if row is None or access is None or access.kind in {Kind.PUBLIC, Kind.OPERATOR}:
        return decide(row, method, ANONYMOUS)
    request.for_signed_in = True  # type: ignore[attr-defined]
    return decide(row, method, caller_of(request))


def answer(request: HttpRequest, decision: Decision, row: Row | None) -> HttpResponseBase:
    """What a stopped request gets: a refusal, or the way to what it lacks, and from there back."""
    if decision is Decision.FORBIDDEN:
        return refuse(request, 403)
    if decision is Decision.METHOD:
        return _method_not_allowed(request, row or {})
    if decision is Decision.ENROL:
        return redirect(reverse("mfa_index"))
    if decision is Decision.STEP_UP:
        messages.info(request, _("Confirme su identidad para este acto. Si ya había llenado el formulario, repítalo."))
        return _by_way_of(request, "mfa_reauthenticate")
    if request.user.is_authenticated:
        request.session.flush()
    return _by_way_of(request, "account_login")


def _by_way_of(request: HttpRequest, name: str) -> HttpResponse:
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse(name)}?{query}")


def _method_not_allowed(request: HttpRequest, row: Row) -> HttpResponse:
    response = refuse(request, 405)
    response["Allow"] = HttpResponseNotAllowed(sorted(row))["Allow"]
    return response
