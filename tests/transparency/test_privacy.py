"""T27: nothing of anybody in what the log serves: no number, no name, no digest of either that could be tried."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.movements.world import World
from tests.transparency.logs import publish
from veta.kernel.identity import document


def traces(number: str) -> Iterator[bytes]:
    """How a number could be found: itself, and digests of it that anyone can compute."""
    for text in (number, f"CC{number}", f"CC:{number}", f'{{"number":"{number}","type":"CC"}}'):
        yield text.encode()
        digest = hashlib.sha256(text.encode())
        yield digest.digest()
        yield digest.hexdigest().encode()
        yield hashlib.sha256(b"veta-leaf-v1" + text.encode()).digest()
        yield hashlib.sha256(b"\x00" + text.encode()).digest()


def found_in(blobs: Iterable[bytes], numbers: Iterable[str]) -> set[str]:
    whole = b"\n".join(blobs)
    return {number for number in numbers if any(trace in whole for trace in traces(number))}


@pytest.fixture
def served(fresh_database: Any, tmp_path: Path) -> list[bytes]:
    """Everything that the log serves of a world with a miner, and what it says to its own tables."""
    world = World().build()
    world.send(*(world.production("0.001") for _ in range(20)))
    publish(fresh_database.dsn, tmp_path / "log", world)
    files = [path.read_bytes() for path in (tmp_path / "log").rglob("*") if path.is_file()]
    with psycopg.connect(fresh_database.dsn) as connection:
        for table in ("transparency_group", "transparency_checkpoint", "transparency_sealed_rows", "transparency_act"):
            files += [row[0].encode() for row in connection.execute(f"SELECT t::text FROM {table} AS t")]
    assert len(files) > 20
    return files


PLANTED = [party["number"] for party in World.PARTIES.values()]
KNOWN = [str(10_200_000 + n) for n in range(1000)]  # known numbers, the miner's among them


def test_no_identity_is_served_nor_can_be_tried(served: list[bytes]) -> None:
    assert document("CC", "10200300").number in KNOWN
    assert found_in(served, [*PLANTED, *KNOWN]) == set()
    assert not any(b"ficticio" in blob for blob in served)


def test_a_digest_of_a_number_would_be_found(served: list[bytes]) -> None:
    """The control: SHA-256 of the number in a leaf."""
    assert found_in([*served, hashlib.sha256(b"10200300").digest()], KNOWN) == {"10200300"}
