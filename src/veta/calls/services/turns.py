"""What a call does by itself as its hours pass."""

from collections.abc import Sequence

from veta.calls.models import OperatorCall
from veta.calls.services.clock import call_now
from veta.calls.services.enablement import lapse_drafts
from veta.calls.services.mail import Post, send_due


def tick(post: Post, press: Sequence[str] = ()) -> tuple[int, int]:
    """Close the applications that nobody handed in and `post` the mail that is due; returns how many of each.

    `press`: the addresses of who prepares what is published.
    """
    now = call_now()
    lapsed = sum(lapse_drafts(id, now=now) for id in OperatorCall.objects.values_list("id", flat=True))
    return lapsed, send_due(now=now, post=post, press=press)
