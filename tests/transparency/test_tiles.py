"""The tree as tiles, and proofs out of them, against the texts' vectors and a second implementation."""

import random

import pytest

from tests.transparency import second
from tests.transparency.logs import random_entries
from tests.transparency.test_domain import CT_INPUTS, CT_ROOTS
from veta.transparency.domain.proofs import consistency, continues, inclusion
from veta.transparency.domain.tiles import EMPTY_ROOT, ENTRIES, Edge, Tile, bundle, entries_of, partial_tiles
from veta.transparency.files import TileFiles

# Proofs of the Certificate Transparency project's tests (merkletree/merkle_tree_test.cc), for its eight inputs.
CT_PATHS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CT_CONSISTENCY = {
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}


def ct_subtree(height, index):
    inputs = [bytes.fromhex(text) for text in CT_INPUTS]
    return second.root(inputs[index << height : (index + 1) << height])


@pytest.mark.parametrize(("index", "size"), CT_PATHS)
def test_the_known_paths(index, size) -> None:
    assert [node.hex() for node in inclusion(index, size, ct_subtree)] == list(CT_PATHS[index, size])


@pytest.mark.parametrize(("old", "new"), CT_CONSISTENCY)
def test_the_known_consistency_proofs(old, new) -> None:
    proof = consistency(old, new, ct_subtree)
    assert [node.hex() for node in proof] == list(CT_CONSISTENCY[old, new])
    roots = [bytes.fromhex(text) for text in CT_ROOTS]
    assert continues(old=old, old_root=roots[old - 1], new=new, new_root=roots[new - 1], proof=proof)
    for other in (bytes(32), bytes(range(32))):
        assert not continues(old=old, old_root=other, new=new, new_root=roots[new - 1], proof=proof)
        assert not continues(old=old, old_root=roots[old - 1], new=new, new_root=other, proof=proof)
    assert not continues(old=old, old_root=roots[old - 1], new=new, new_root=roots[new - 1], proof=[*proof, roots[0]])


def test_every_small_tree_continues_every_smaller_one() -> None:
    entries = random_entries(40)
    roots = [second.root(entries[:size]) for size in range(41)]

    def subtree(height, index):
        return second.root(entries[index << height : (index + 1) << height])

    for new in range(1, 41):
        for old in range(new + 1):
            proof = consistency(old, new, subtree)
            assert continues(old=old, old_root=roots[old], new=new, new_root=roots[new], proof=proof)
            if 0 < old < new:
                assert not continues(old=old, old_root=roots[old], new=new, new_root=roots[new - 1], proof=proof)
                assert not continues(old=old, old_root=roots[old], new=new, new_root=roots[new], proof=proof[:-1])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(ENTRIES, 999), "tile/entries/999"),
        (Tile(ENTRIES, 1000, 8), "tile/entries/x001/000.p/8"),
    ],
)
def test_addresses_are_those_of_the_specification(tile, path) -> None:
    assert tile.path == path


def test_the_partial_tiles_of_the_specifications_example() -> None:
    # "A tree of size 70,000 …" and "a tree of size 256 …" (C2SP tlog-tiles, Partial Tiles).
    assert partial_tiles(70_000) == [Tile(ENTRIES, 273, 112), Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert partial_tiles(256) == [Tile(1, 0, 1)]
    assert partial_tiles(0) == []


def test_bundles_are_length_prefixed() -> None:
    entries = random_entries(3)
    assert bundle(entries) == b"".join(b"\x00\x20" + entry for entry in entries)
    assert entries_of(bundle(entries)) == entries
    for bad in (bundle(entries)[:-1], b"\x00\x1f" + bytes(32), bundle([b"short"])):
        with pytest.raises(ValueError):
            entries_of(bad)


def test_an_edge_grows_to_the_trees_of_the_rfc_whatever_its_steps(tmp_path) -> None:
    entries, chance = random_entries(1100), random.Random(7)
    files, edge, at = TileFiles(tmp_path), Edge(), 0
    assert edge.root() == EMPTY_ROOT
    while at < len(entries):
        step = chance.choice([1, 2, 3, 100, 255, 256, 257])
        files.write({**edge.extend(entries[at : at + step]), **edge.partial()})
        at = edge.size
        assert edge.root() == second.root(entries[:at])
    for size in (1, 255, 256, 257, 600, 1024, 1100):
        for index in {0, size // 2, size - 1}:
            found = inclusion(index, size, files.subtrees(size))
            assert found == second.path(index, entries[:size])
        proof = consistency(size, 1100, files.subtrees(1100))
        before, after = second.root(entries[:size]), second.root(entries)
        assert continues(old=size, old_root=before, new=1100, new_root=after, proof=proof)


def test_a_large_tree_has_three_levels_of_tiles() -> None:
    entries, edge = random_entries(70_000), Edge()
    full = edge.extend(entries)
    assert {tile.level for tile in full} == {ENTRIES, 0, 1}
    assert len(full) == 273 + 273 + 1
    assert list(edge.partial()) == partial_tiles(70_000)
    assert edge.root() == second.root(entries)
