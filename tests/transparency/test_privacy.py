"""T27: nothing of anybody in what the log serves, nor in addresses, records of errors, or a copy of the database.

No number, no name, no digest of either that could be tried; and a leaf gives nobody away to who knows ten thousand
numbers and every word of the movement but the number and the salt.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.movements.test_committer import signed
from tests.movements.world import World
from tests.transparency import second
from tests.transparency.logs import publish
from veta.config.postgres.cluster import SUPERUSER
from veta.kernel.canonical_json import canonical
from veta.kernel.clock import FixedClock
from veta.kernel.identity import document
from veta.movements.committer import Committer
from veta.movements.domain.submission import NotDecided


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


MINER = World.PARTIES["miner"]["number"]
TEN_THOUSAND = [str(10_195_300 + n) for n in range(10_000)]  # the miner's among them
ROOT = Path(__file__).parents[2]


def tries(item: dict[str, Any], verdict: dict[str, Any], digest: bytes, number: str) -> Iterator[bytes]:
    """The leaf of a purchase as it would be with that seller, for every salt that is no secret."""
    guess = {**item, "seller": {"type": "CC", "number": number}}
    whole = canonical(guess)
    guessed = (number.encode(), hashlib.sha256(number.encode()).digest(), hashlib.sha256(whole).digest(), digest,
               item["id"].replace("-", "").encode(), b"")  # fmt: skip
    for salt in (each[:16].ljust(16, b"\0") for each in guessed):
        yield second.leaf(salt, guess, verdict, digest, b"")


def reversed_by(item: dict[str, Any], verdict: dict[str, Any], digest: bytes, served: bytes) -> set[str]:
    return {
        number for number in TEN_THOUSAND
        if any(entry in served or second.hash_of(entry) in served for entry in tries(item, verdict, digest, number))
    }  # fmt: skip


@pytest.fixture(scope="module")
def bought(
    module_database: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """A purchase from a miner, its verdict, and all that the log serves."""
    world, folder = World().build(), tmp_path_factory.mktemp("log")
    purchase = world.purchase("1.000")
    (result,) = world.send(purchase)
    publish(module_database.dsn, folder, world)
    served = b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    assert bytes.fromhex(result["receipt"]["leaf"]) in served
    return purchase, result["verdict"], served


def test_no_leaf_is_reversed_by_who_knows_ten_thousand_numbers_and_all_but_the_salt(
    bought: tuple[dict[str, Any], dict[str, Any], bytes],
) -> None:
    purchase, verdict, served = bought
    assert MINER in TEN_THOUSAND
    digest = hashlib.sha256(canonical(purchase)).digest()
    assert reversed_by(purchase, verdict, digest, served) == set()


def test_a_leaf_without_a_secret_salt_would_be_reversed(
    bought: tuple[dict[str, Any], dict[str, Any], bytes],
) -> None:
    """The control: the same leaf with a salt of zeros, among those served."""
    purchase, verdict, served = bought
    digest = hashlib.sha256(canonical(purchase)).digest()
    planted = second.leaf(bytes(16), purchase, verdict, digest, b"")
    assert reversed_by(purchase, verdict, digest, served + second.hash_of(planted)) == {MINER}


def cells_of(dsn: str) -> Iterator[bytes]:
    """Every value of every table, as text and, of bytes, as they are."""
    with psycopg.connect(dsn, user=SUPERUSER) as admin:
        tables = (
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for (table,) in admin.execute(tables).fetchall():
            for row in admin.execute(f"SELECT * FROM {table}"):  # type: ignore[arg-type]
                yield from (bytes(each) if isinstance(each, bytes) else str(each).encode() for each in row)


def test_a_copy_of_the_database_without_its_keys_tells_no_number(
    module_database: Any, bought: tuple[dict[str, Any], dict[str, Any], bytes]
) -> None:
    numbers = [party["number"] for party in World.PARTIES.values()]
    blobs = list(cells_of(module_database.dsn))
    assert len(blobs) > 1000
    assert found_in(blobs, numbers) == set()
    assert not any(b"DEMO miner" in blob for blob in blobs)


def test_what_is_recorded_of_an_error_tells_no_number(fresh_database: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The database refuses what a purchase writes, with the row in its message: what is logged has nobody in it."""
    world = World().build()
    with psycopg.connect(fresh_database.dsn, user=SUPERUSER) as admin:
        admin.execute("ALTER TABLE movements_rawitem ADD CONSTRAINT broken CHECK (movement_id IS NULL)")
        admin.execute("ALTER TABLE movements_movement ADD CONSTRAINT broken_too CHECK (kind <> 'production')")
    committer = Committer(clock=FixedClock(world.now), signer=world.signer)
    try:
        with caplog.at_level(logging.DEBUG):
            for movement in (world.purchase("1.000"), world.production("1.000")):
                with pytest.raises(NotDecided) as refused:
                    committer.decide(signed(world, movement))
                caplog.records.append(logging.makeLogRecord({"msg": repr(refused.value)}))
    finally:
        committer.close()
    said = "\n".join([caplog.text, *(record.getMessage() for record in caplog.records)]).encode()
    assert b"CheckViolation" in said
    assert b"Failing row contains" in said
    assert found_in([said], [party["number"] for party in World.PARTIES.values()]) == set()


def test_no_address_of_the_api_takes_a_number() -> None:
    """A person's number travels in bodies: no address, which servers and proxies record, has a place for it."""
    described = json.loads((ROOT / "docs/openapi.json").read_text())
    taken = {
        (path, each["name"]) for path, methods in described["paths"].items() for method in methods.values()
        for each in method.get("parameters", ()) if each["in"] in ("path", "query")
    }  # fmt: skip
    assert len(taken) > 20
    personal = {"number", "document", "cedula", "nit", "party", "seller", "buyer", "person", "name", "phone"}
    assert {(path, name) for path, name in taken if name.lower() in personal} == set()
