"""One process follows the hub's feed by its cursor. A webhook only wakes it: a missed one loses nothing."""

from __future__ import annotations

import logging
import threading

from django.db import OperationalError, connection

from veta.kernel.clock import Clock, SystemClock
from veta.node.connect import open_hub
from veta.node.credentials import CredentialsRefused
from veta.node.port import HubPort
from veta.node.services import feed
from veta.node.transport import HubRefused, HubUnreachable
from veta.node.waking import Waker, alone
from veta.storage.keys import KeyRefused

READ = "node_read"
EVERY, AFTER_FAILURE = 10.0, 5.0
log = logging.getLogger(__name__)


def follow(hub: HubPort, *, clock: Clock) -> int:
    """Read the feed to its end from where the last page ended; how many events were new."""
    return sum(feed.keep_page(page, now=clock.now()) for page in hub.events(feed.place()))


def run(told: threading.Event, *, clock: Clock | None = None) -> None:
    """Follow the feed until told to end: at each notice, and every ten seconds without one."""
    with alone("node.reader", told), Waker(READ) as waker:
        hub: HubPort | None = None
        while not told.is_set():
            try:
                hub = hub or open_hub(clock=clock)
                follow(hub, clock=clock or SystemClock())
                waker.wait(EVERY, told)
            except (HubRefused, HubUnreachable, CredentialsRefused, KeyRefused) as failure:
                log.warning("feed: %s", failure)
                waker.wait(AFTER_FAILURE, told)
            except OperationalError as away:
                log.warning("database: %s", away)
                connection.close()
                told.wait(1.0)
