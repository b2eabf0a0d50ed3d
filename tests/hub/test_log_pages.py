"""The public log over HTTP: tiles, checkpoint, proofs; as C2SP tlog-tiles says, and nothing that was not published."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client

from tests.transparency import second
from tests.transparency.logs import add, random_entries
from veta.transparency.domain.notes import checkpoint_of, parse_note, signed_by, verifier_of
from veta.transparency.publisher import Publisher

ENTRIES = random_entries(700)
CLIENT = Client()


@pytest.fixture(scope="module", autouse=True)
def published(module_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Seven hundred leaves, published in two rounds; three more that are only numbered."""
    folder = tmp_path_factory.mktemp("log")
    os.environ["VETA_LOG_DIR"] = str(folder)
    with psycopg.connect(module_database.dsn, autocommit=True) as session:
        publisher = Publisher(session)
        for start, end in ((0, 300), (300, 700)):
            add(session, ENTRIES[start:end], group=50)
            while publisher.integrator.step():
                publisher.publish()
        add(session, random_entries(3, seed=9))
        yield folder
    del os.environ["VETA_LOG_DIR"]


def get(path: str) -> Any:
    return CLIENT.get(f"/log/{path}")


def head() -> tuple[str, int, bytes]:
    note = parse_note(get("checkpoint").content.decode())
    keys = [verifier_of(line) for line in get("keys").content.decode().splitlines()]
    assert len(signed_by(note, keys)) == len(keys) == 1
    return checkpoint_of(note.text)


def test_the_checkpoint_is_of_what_was_published(published: Path) -> None:
    assert head()[1:] == (700, second.root(ENTRIES))
    answer = get("checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=1"
    assert (published / "checkpoint").read_bytes() == answer.content


def test_the_whole_log_can_be_read_again(published: Path) -> None:
    entries: list[bytes] = []
    for place in ("000", "001", "002.p/188"):
        answer = get(f"tile/entries/{place}")
        assert answer["Content-Type"] == "application/octet-stream"
        assert "immutable" in answer["Cache-Control"]
        assert answer.content == (published / "tile/entries" / place).read_bytes()
        entries += [answer.content[at + 2 : at + 34] for at in range(0, len(answer.content), 34)]
    assert entries == ENTRIES
    hashes = get("tile/0/001").content
    assert hashes == b"".join(second.hash_of(entry) for entry in ENTRIES[256:512])
    assert get("tile/1/000.p/2").content == second.root(ENTRIES[:256]) + second.root(ENTRIES[256:512])


def test_a_tile_once_partial_is_served_as_wide_as_it_was(published: Path) -> None:
    assert not (published / "tile/0/001.p").exists()
    assert get("tile/0/001.p/44").content == get("tile/0/001").content[: 44 * 32]
    assert get("tile/entries/002.p/17").content == get("tile/entries/002.p/188").content[: 17 * 34]


@pytest.mark.parametrize(
    "path",
    ["tile/0/003", "tile/0/002", "tile/0/002.p/189", "tile/0/1", "tile/0/x000/001", "tile/00/001", "tile/0/001.p/256",
     "tile/0/001.p/0", "tile/0/001.p/044", "tile/64/000", "tile/entries/../checkpoint", "tile/0/..%2f..%2fkeys",
     "tile/x/000",      "tile/-1/000", "tile/0/٠٠١", "tile/2/000.p/1", "tile/0/001/", "tile/0/001.p"],
)  # fmt: skip
def test_there_is_no_tile_at_another_address(path: str) -> None:
    assert get(path).status_code == 404


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 699])
def test_a_leaf_finds_its_proof(index: int) -> None:
    answer = get(f"proof?leaf={ENTRIES[index].hex()}")
    header, place, *rest = answer.content.decode().split("\n")
    blank = rest.index("")
    assert (header, place) == ("c2sp.org/tlog-proof@v1", f"index {index}")
    assert "\n".join(rest[blank + 1 :]) == get("checkpoint").content.decode()
    import base64

    path = [base64.b64decode(line) for line in rest[:blank]]
    assert second.climb(second.hash_of(ENTRIES[index]), index, 700, path) == head()[2]


def test_a_leaf_that_is_not_published_has_none() -> None:
    for leaf in (random_entries(3, seed=9)[0], bytes(32)):
        answer = get(f"proof?leaf={leaf.hex()}")
        assert answer.status_code == 404
        assert answer["Retry-After"]


@pytest.mark.parametrize("query", ["", "?leaf=00", f"?leaf={'g' * 64}", f"?leaf={'0' * 64}&x=1", f"?leaf={' ' * 64}"])
def test_a_leaf_has_64_digits(query: str) -> None:
    assert get(f"proof{query}").status_code == 422


@pytest.mark.parametrize(("old", "new"), [(1, 700), (300, 700), (256, 512), (255, 257), (700, 700), (0, 5)])
def test_one_tree_continues_another(old: int, new: int) -> None:
    answer = get(f"consistency?from={old}&to={new}").json()
    from veta.transparency.domain.proofs import continues

    proof = [bytes.fromhex(node) for node in answer["proof"]]
    before, after = second.root(ENTRIES[:old]), second.root(ENTRIES[:new])
    assert continues(old=old, old_root=before, new=new, new_root=after, proof=proof)


@pytest.mark.parametrize(
    "query", ["", "?from=1", "?from=2&to=1", "?from=1&to=701", "?from=-1&to=2", "?from=1&to=2&to=3"]
)
def test_sizes_are_two_and_published(query: str) -> None:
    assert get(f"consistency{query}").status_code == 422


def test_a_lost_tile_says_so(published: Path) -> None:
    path = published / "tile/0/000"
    kept = path.read_bytes()
    path.unlink()
    assert get(f"proof?leaf={ENTRIES[3].hex()}").status_code == 503
    path.write_bytes(kept)
