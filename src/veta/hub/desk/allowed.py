"""Whether who asks may open a page that is linked here: no link leads to a refusal."""

from django.http import HttpRequest

from veta.site.access import Decision, decide
from veta.site.caller import caller_of
from veta.site.permissions import PERMISSIONS


def may(request: HttpRequest, name: str, method: str = "GET") -> bool:
    """Whether the table lets this caller through, perhaps after proving the second factor again."""
    return decide(PERMISSIONS.get(name), method, caller_of(request)) in {Decision.PASS, Decision.STEP_UP}
