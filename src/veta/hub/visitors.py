"""Visitors without an account: how often a page answers each of them, and how much one may leave in a day."""

from datetime import date

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from veta.hub.api.addresses import address_of
from veta.operators.services.limits import EndpointClass, limits
from veta.site.errors import refuse

DAY = 24 * 3600


def too_often(request: HttpRequest, limit: EndpointClass = "public") -> HttpResponse | None:
    """The refusal of who asks faster than the limit, with when to try again; None where they may go on."""
    wait = limits.retry_after(address_of(request), limit)
    if not wait:
        return None
    response = refuse(request, 429)
    response["Retry-After"] = str(wait)
    return response


@transaction.atomic
def used_up(request: HttpRequest, what: str, *, on: date, most: int) -> bool:
    """Whether this address did something `most` times on a day, in any worker; where not, this time is counted.

    The address itself is kept nowhere: what is counted lies under a keyed hash of it and of the day. Effects: in
    the caller's transaction, whoever counts the same waits for its end, and what is rolled back was not counted.
    """
    said = f"{what} {on} {address_of(request)}"
    key = salted_hmac("veta.hub.visitors", said).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('visitors.' || %s, 0))", [key])
    done = int(cache.get(key, 0))
    if done >= most:
        return True
    cache.set(key, done + 1, timeout=DAY)
    return False
