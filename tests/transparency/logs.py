"""A log to test on: groups of random leaves in a database, integrated into files of the test's own."""

import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.movements.world import World
from veta.movements.written import row_digests
from veta.transparency import sequencer, services
from veta.transparency.domain import GroupTree
from veta.transparency.domain.notes import Signer
from veta.transparency.files import TileFiles
from veta.transparency.integrate import Integrator, read_head
from veta.transparency.publisher import Publisher
from veta.transparency.sealing import Sealer

ORIGIN = "hub.example/log"
KEY = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def random_entries(count: int, seed: int = 1) -> list[bytes]:
    chance = random.Random(seed)
    return [chance.randbytes(32) for _ in range(count)]


def add(
    session: psycopg.Connection[Any], entries: list[bytes], *, group: int = 2000, number: bool = True
) -> None:  # fmt: skip
    """Commit entries in groups, and number them."""
    for at in range(0, len(entries), group):
        own = entries[at : at + group]
        with session.cursor() as cursor:
            id = services.next_group_id(cursor)
            root = GroupTree(own).root
            new = services.NewGroup(
                id, datetime.now(UTC), len(own), b"".join(own), root, KEY.private.sign(root), "hub-test"
            )
            services.record(cursor, new)
    if number:
        sequencer.number_pending(session)


def integrator(session: psycopg.Connection[Any], folder: Path) -> Integrator:
    """One that has read the tree."""
    made = Integrator(session, TileFiles(folder), [KEY])
    made.load(read_head(session))
    return made


def publish(dsn: str, folder: Path, world: World) -> None:
    """Number, seal, integrate and publish all that was committed, as the hub's processes do."""
    with psycopg.connect(dsn, autocommit=True) as session:
        before = os.environ.get("VETA_LOG_DIR", "")
        os.environ["VETA_LOG_DIR"] = str(folder)
        try:
            publisher = Publisher(session, sealer=Sealer(session, world.signer, row_digests=row_digests))
            while True:
                sequencer.number_pending(session)
                sealed = publisher.sealer.step() if publisher.sealer else 0
                sequencer.number_pending(session)
                while publisher.integrator.step():
                    publisher.publish()
                if not sealed:
                    break
            publisher.publish()
        finally:
            os.environ["VETA_LOG_DIR"] = before  # empty is as good as absent
