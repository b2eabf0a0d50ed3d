"""A third tool: a client's bundle against a hub's published log, from docs/log.md alone.

The standard library, and libsodium for signatures; nothing of veta. And the same bundle forged, hashes and all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tests.transparency.second import climb, hash_of, leaf, root

Lines = list[dict[str, Any]]


@dataclass(frozen=True)
class Log:
    """What a hub publishes: the entries under a checkpoint that its key signed, and the keys that sign receipts."""

    entries: frozenset[bytes]
    publics: dict[str, bytes]

    @classmethod
    def read(cls, origin: str) -> Log:
        text, _, signatures = fetch(f"{origin}/log/checkpoint").decode().rpartition("\n\n")
        vkeys = [line.split("+", 2) for line in fetch(f"{origin}/log/keys").decode().split()]
        signed = {line.split(" ")[1]: base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines()}
        assert any(
            said(base64.b64decode(public)[1:], f"{text}\n".encode(), signed[name][4:])
            for name, _hash, public in vkeys if name in signed
        )  # fmt: skip
        _origin, size, top = text.split("\n")[:3]
        entries = published(origin, int(size))
        assert root(entries) == base64.b64decode(top)
        listed = json.loads(fetch(f"{origin}/api/v1/hub-keys"))["items"]
        return cls(frozenset(entries), {each["keyid"]: base64.b64decode(each["public_key"]) for each in listed})

    def has(self, *bundles: Path) -> bool:
        """Whether the leaf of every receipt of these is published."""
        receipts = [each["receipt"] for path in bundles for each in opened(path)[1] if each["receipt"]]
        return all(bytes.fromhex(each["leaf"]) in self.entries for each in receipts)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


def published(origin: str, size: int) -> list[bytes]:
    """The entries, 256 a file, each after its length in two bytes."""
    found: list[bytes] = []
    while len(found) < size:
        width, number = min(256, size - len(found)), len(found) // 256
        part = f".p/{width}" if width < 256 else ""
        data = fetch(f"{origin}/log/tile/entries/{number:03}{part}")
        found += [data[at + 2 : at + 34] for at in range(0, 34 * width, 34)]
    return found


def said(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(public).verify(message, signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def opened(path: Path) -> tuple[dict[str, Any], Lines]:
    """The manifest and the movements of a bundle whose parts have the digests that it says."""
    with zipfile.ZipFile(path) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
        assert sorted(bundle.namelist()) == sorted([*manifest["parts"], "manifest.json"])
        for name, part in manifest["parts"].items():
            data = bundle.read(name)
            assert (hashlib.sha256(data).hexdigest(), data.count(b"\n")) == (part["sha256"], part["lines"])
        return manifest, [json.loads(line) for line in bundle.read("movements.jsonl").splitlines()]


def faults(path: Path, log: Log, *, ledger: set[str]) -> dict[str, str]:
    """What is wrong with each movement, by its id. `ledger`: the ids of what the hub holds of the client."""
    _manifest, lines = opened(path)
    decided = {line["id"]: line for line in lines if line["verdict"] is not None}
    found = {id: why for id, line in decided.items() if (why := unproved(line, log))}
    found |= dict.fromkeys(decided.keys() - ledger, "foreign")
    return found | dict.fromkeys(ledger - decided.keys(), "missing")


def unproved(line: dict[str, Any], log: Log) -> str:
    """Why a movement with a verdict is not what the hub answered; empty where it is."""
    receipt = line["receipt"]
    if receipt is None or "signature" not in line:
        return "not all that proves it is here"
    entry = bytes.fromhex(receipt["leaf"])
    digest, signature = base64.b64decode(line["request_digest"]), base64.b64decode(line["signature"])
    if line["item"]["id"] != line["id"]:
        return "its words are another's"
    if leaf(bytes.fromhex(receipt["salt"]), line["item"], line["verdict"], digest, signature) != entry:
        return "its leaf is another"
    path = [bytes.fromhex(node) for node in receipt["path"]]
    top = climb(hash_of(entry), receipt["index"], receipt["size"], path)
    if not said(log.publics[receipt["keyid"]], b"veta-receipt-v1\n" + top, bytes.fromhex(receipt["signature"])):
        return "the hub did not sign it"
    return "" if entry in log.entries else "it is not in the log"


def forged(path: Path, *, altered: str, cut: str, foreign: tuple[Path, str]) -> tuple[Path, Path, Path]:
    """The bundle as its operator might make it: one byte of a movement altered, one left out, one of another's in."""
    (stranger,) = [line for line in opened(foreign[0])[1] if line["id"] == foreign[1]]

    def alter(lines: Lines) -> Lines:
        for line in lines:
            if line["id"] == altered:
                line["item"]["quantity"] = line["item"]["quantity"].replace("0.001", "0.002")
        return lines

    return (
        rewritten(path, "altered", alter),
        rewritten(path, "cut", lambda lines: [line for line in lines if line["id"] != cut]),
        rewritten(path, "foreign", lambda lines: [*lines, stranger]),
    )


def rewritten(path: Path, name: str, change: Callable[[Lines], Lines]) -> Path:
    """Another bundle with other movements, under a manifest that owns up to them."""
    manifest, lines = opened(path)
    data = b"".join(json.dumps(line).encode() + b"\n" for line in change(lines))
    told = {"sha256": hashlib.sha256(data).hexdigest(), "lines": data.count(b"\n")}
    manifest["parts"]["movements.jsonl"] = told
    out = path.with_name(f"{path.stem}-{name}.zip")
    with zipfile.ZipFile(path) as kept, zipfile.ZipFile(out, "w") as made:
        for part in manifest["parts"]:
            made.writestr(part, data if part == "movements.jsonl" else kept.read(part))
        made.writestr("manifest.json", json.dumps(manifest))
    return out
