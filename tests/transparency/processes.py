"""What the sequencer's tests run as processes of their own: a sequencer, and a writer of groups."""

import random
import sys
import threading
import time
from datetime import UTC, datetime
from hashlib import sha256

import django
import psycopg

KEYS = 8


def sequence() -> None:
    from veta.transparency import sequencer

    print("started", flush=True)
    sequencer.run(threading.Event())


def publish() -> None:
    from veta.transparency import publisher

    publisher.run(threading.Event(), row_digests=lambda cursor, groups: {})


def write(groups: int, seed: int) -> None:
    """Write groups that lock a key first, hold the transaction open a moment, and print what was committed."""
    from veta.storage.connection import plain_connection
    from veta.transparency import services

    chance = random.Random(seed)
    with plain_connection() as connection:
        for _ in range(groups):
            key, size = chance.randrange(KEYS), chance.randrange(1, 6)
            with connection.transaction(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", (key,))
                group = services.next_group_id(cursor)
                services.record(cursor, new_group(group, size))
                if chance.random() < 0.7:
                    services.announce(cursor)
                time.sleep(chance.random() * 0.004)
                if chance.random() < 0.05:
                    raise psycopg.Rollback
                print(key, group, size, flush=False)
    sys.stdout.flush()


def new_group(group: int, size: int) -> "object":
    from veta.transparency.domain import GroupTree
    from veta.transparency.services import NewGroup

    entries = [sha256(f"{group}/{place}".encode()).digest() for place in range(size)]
    leaves = b"".join(entries)
    return NewGroup(group, datetime.now(UTC), size, leaves, GroupTree(entries).root, b"s" * 64, "hub-1")


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "sequence":
        sequence()
    elif sys.argv[1] == "publish":
        publish()
    else:
        write(int(sys.argv[2]), int(sys.argv[3]))
