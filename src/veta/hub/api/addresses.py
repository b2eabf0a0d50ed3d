"""Who asks without a signature: the address, and how often it may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

from veta.hub.api.reading import read_query
from veta.movements.domain.reader import Field
from veta.operators.services.limits import OF_THE_PUBLIC, EndpointClass, TooManyCalls, arriving, limits


def address_of(request: HttpRequest) -> str:
    """The caller's address: an IPv6 network of 64 bits is one caller. Of the proxies' word, only the trusted hops'."""
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    said = hops[-trusted] if 0 < trusted <= len(hops) else str(request.META.get("REMOTE_ADDR") or "")
    try:
        address = ip_address(said)
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))


def public(limit: EndpointClass = "public", *, query: Sequence[Field] = ()) -> Callable[[HttpRequest], str]:
    """No signature: the caller's address within its limit, its query read, its body; few of those arrive at once."""

    def address(request: HttpRequest) -> str:
        caller = address_of(request)
        if wait := limits.retry_after(caller, limit):
            raise TooManyCalls(wait)
        request.asked = read_query(request, query)  # type: ignore[attr-defined]
        if request.method == "POST":
            with arriving.one_of("public", most=OF_THE_PUBLIC):
                _ = request.body  # Django keeps it
        return caller

    return address
