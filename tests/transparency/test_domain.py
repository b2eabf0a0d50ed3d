"""Leaves, trees and receipts against the texts' own vectors and a second implementation."""

from base64 import b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transparency import second
from veta.kernel.canonical_json import canonical
from veta.transparency.domain import (
    SALT_BYTES,
    GroupTree,
    leaf,
    receipt_message,
    root_from,
    verify_receipt,
)

# The test vectors of the Certificate Transparency project (inputs of the tree, and its root after each).
CT_INPUTS = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
CT_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def entries(count: int) -> list[bytes]:
    return [sha256(number.to_bytes(4, "big")).digest() for number in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_second_implementation_gives_the_known_roots(size: int) -> None:
    assert second.root([bytes.fromhex(text) for text in CT_INPUTS[:size]]).hex() == CT_ROOTS[size - 1]


@given(st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES), json_values, json_values, st.binary(max_size=80))
def test_a_leaf_is_the_digest_of_the_canonical_whole(
    salt: bytes, item: object, verdict: object, signature: bytes
) -> None:
    digest = sha256(salt).digest()
    whole = canonical(
        {
            "verdict": verdict,
            "item": item,
            "signature": b64encode(signature).decode(),
            "request_digest": b64encode(digest).decode(),
        }
    )
    made = leaf(
        salt=salt,
        item_canonical=canonical(item),
        verdict=canonical(verdict),
        request_digest=digest,
        signature=signature,
    )
    assert made == sha256(b"veta-leaf-v1" + salt + whole).digest()


def test_a_leaf_by_the_second_implementation() -> None:
    item, verdict = {"id": "0193", "kind": "sale"}, {"status": "accepted", "findings": []}
    salt, digest, signature = b"s" * 16, b"d" * 32, b"g" * 64
    ours = leaf(
        salt=salt,
        item_canonical=canonical(item),
        verdict=canonical(verdict),
        request_digest=digest,
        signature=signature,
    )
    assert ours == second.leaf(salt, item, verdict, digest, signature)
    assert ours.hex() == "4af8f1dd0f8f6d5bfc5a6ba33fd6734de23e034839fae2ec7195a2462f66f860"


@pytest.mark.parametrize(("salt", "digest"), [(15, 32), (17, 32), (0, 32), (16, 31), (16, 33)])
def test_a_salt_and_a_digest_have_their_length(salt: int, digest: int) -> None:
    with pytest.raises(ValueError):
        leaf(salt=b"s" * salt, item_canonical=b"{}", verdict=b"{}", request_digest=b"d" * digest, signature=b"")


@pytest.mark.parametrize("size", [*range(1, 35), 63, 64, 65, 100])
def test_roots_and_paths_are_those_of_the_rfc(size: int) -> None:
    leaves = entries(size)
    tree = GroupTree(leaves)
    assert tree.root == second.root(leaves)
    for index in range(size):
        assert tree.path(index) == second.path(index, leaves)
        assert root_from(leaves[index], index=index, size=size, path=tree.path(index)) == tree.root


@pytest.mark.parametrize("bad", [[], [b"short"], [b"x" * 33]])
def test_a_group_has_leaves_of_32_bytes(bad: list[bytes]) -> None:
    with pytest.raises(ValueError):
        GroupTree(bad)


def test_there_is_no_leaf_outside_the_group() -> None:
    tree = GroupTree(entries(3))
    for index in (-1, 3):
        with pytest.raises(IndexError):
            tree.path(index)
        with pytest.raises(ValueError):
            root_from(b"x" * 32, index=index, size=3, path=[])


@given(st.integers(1, 70), st.data())
@settings(max_examples=60)
def test_a_receipt_holds_for_its_leaf_and_for_no_other(size: int, data: st.DataObject) -> None:
    leaves, index = entries(size), data.draw(st.integers(0, size - 1))
    tree = GroupTree(leaves)
    path, signature = tree.path(index), KEY.sign(receipt_message(tree.root))
    given = {"index": index, "size": size, "path": path, "signature": signature, "public_key": PUBLIC}
    assert verify_receipt(leaves[index], **given)
    assert second.receipt_holds(leaves[index], index, size, path, signature, PUBLIC)
    bit = data.draw(st.integers(0, 255))
    assert not verify_receipt(_flip(leaves[index], bit), **given)
    assert not verify_receipt(leaves[index], **{**given, "signature": _flip(signature, bit)})
    assert not verify_receipt(leaves[index], **{**given, "path": [*path, leaves[0]]})
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        wrong = [*path[:place], _flip(path[place], bit), *path[place + 1 :]]
        assert not verify_receipt(leaves[index], **{**given, "path": wrong})
        assert not verify_receipt(leaves[index], **{**given, "path": path[:-1]})


def test_a_receipt_of_nonsense_is_no_receipt() -> None:
    assert not verify_receipt(b"x" * 32, index=0, size=1, path=[], signature=b"", public_key=b"short")
    with pytest.raises(ValueError):
        receipt_message(b"short")


def _flip(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8 % len(value)] ^= 1 << bit % 8
    return bytes(changed)
