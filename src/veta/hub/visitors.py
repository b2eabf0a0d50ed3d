"""Visitors without an account: how often a page that calculates answers each of them."""

from django.http import HttpRequest, HttpResponse

from veta.hub.api.addresses import address_of
from veta.operators.services.limits import EndpointClass, limits
from veta.site.errors import refuse


def too_often(request: HttpRequest, limit: EndpointClass = "public") -> HttpResponse | None:
    """The refusal of who asks faster than the limit, with when to try again; None where they may go on."""
    wait = limits.retry_after(address_of(request), limit)
    if not wait:
        return None
    response = refuse(request, 429)
    response["Retry-After"] = str(wait)
    return response
