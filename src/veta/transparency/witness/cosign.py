"""What a witness decides: whether a checkpoint continues the last one that it cosigned, and its cosignature.

The last checkpoint of each log is a file, written whole and synchronised before the answer leaves, under a lock that
holds between processes too: of two requests at once one sees the other's. Two signed trees of one size are kept.
"""

import base64
import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from nacl.signing import SigningKey

from veta.transparency.verifier import merkle, signed

COSIGNATURE = b"\x04"
MOST_PROOF = 63


class Answer(NamedTuple):
    """Status, body and content type of the answer."""

    status: int
    text: str
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """An add-checkpoint request: the size that the log thinks was seen, the proof from there, and the checkpoint."""

    old: int
    proof: list[bytes]
    note: signed.Note
    head: signed.Head
    checkpoint: str


def read_request(body: bytes) -> Request:
    """The request that a body writes. Raises ValueError where it is none."""
    top, blank, checkpoint = body.decode().partition("\n\n")
    first, *lines = top.split("\n")
    old = first.removeprefix("old ")
    if not blank or not first.startswith("old ") or not (old.isascii() and old.isdigit() and str(int(old)) == old):
        raise ValueError("old")
    proof = [base64.b64decode(line, validate=True) for line in lines]
    if len(proof) > MOST_PROOF or any(len(node) != 32 for node in proof):
        raise ValueError("proof")
    note = signed.note(checkpoint)
    return Request(int(old), proof, note, signed.head(note.text), checkpoint)


class Witness:
    """Cosigns the checkpoints of known logs, each key of which is trusted for its origin."""

    def __init__(self, name: str, private: SigningKey, logs: Sequence[signed.Key], state: Path) -> None:
        self.name, self._private, self._logs, self._state = name, private, logs, state
        raw = COSIGNATURE + bytes(private.verify_key)
        self._id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        self.vkey = f"{name}+{self._id.hex()}+{base64.b64encode(raw).decode()}"

    def add(self, body: bytes, *, at: int) -> Answer:
        """Answer an add-checkpoint at the second `at` since 1970. Effects: keeps the checkpoint before it cosigns."""
        try:
            asked = read_request(body)
        except ValueError:
            return Answer(400, "that is no add-checkpoint request\n")
        keys = [key for key in self._logs if key.name == asked.head.origin]
        if not keys:
            return Answer(404, "unknown log\n")
        if not any(signed.says(asked.note, key) for key in keys):
            return Answer(403, "no signature of that log\n")
        if asked.old > asked.head.size:
            return Answer(400, "the old size is larger than the new one\n")
        with self._locked():
            return self._decide(asked, at)

    def _decide(self, asked: Request, at: int) -> Answer:
        seen = self.last(asked.head.origin)
        size, root = (seen.size, seen.root) if seen is not None else (0, merkle.NOTHING)
        if asked.head.size == size and asked.head.root != root:
            self._keep_evidence(asked)
            return Answer(409, f"{size}\n", "text/x.tlog.size")
        if asked.old != size:
            return Answer(409, f"{size}\n", "text/x.tlog.size")
        if not merkle.follows(size, root, asked.head.size, asked.head.root, asked.proof):
            self._keep_evidence(asked)
            return Answer(422, "the proof does not lead from one tree to the other\n")
        self._keep(self._path(asked.head.origin), asked.checkpoint)
        return Answer(200, self._cosignature(asked.note.text, at))

    def last(self, origin: str) -> signed.Head | None:
        """The last checkpoint of a log that it cosigned."""
        path = self._path(origin)
        return signed.head(signed.note(path.read_text()).text) if path.exists() else None

    def _cosignature(self, text: str, at: int) -> str:
        message = b"cosignature/v1\ntime %d\n" % at + text.encode()
        raw = self._id + at.to_bytes(8, "big") + self._private.sign(message).signature
        return f"— {self.name} {base64.b64encode(raw).decode()}\n"

    def _path(self, origin: str) -> Path:
        return self._state / f"{hashlib.sha256(origin.encode()).hexdigest()[:16]}.checkpoint"

    def _keep_evidence(self, asked: Request) -> None:
        name = hashlib.sha256(asked.checkpoint.encode()).hexdigest()[:16]
        self._keep(self._state / "evidence" / f"{asked.head.size}-{name}.checkpoint", asked.checkpoint)

    def _keep(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            os.rename(part, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(part)
            raise
        _synchronise(path.parent)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._state / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def key_in(state: Path, make: Callable[[], SigningKey] = SigningKey.generate) -> SigningKey:
    """The witness's own key, made at first use in its directory, readable by its owner only."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / "key"
    if not path.exists():
        part = state / f".key-{os.getpid()}"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(bytes(make()).hex().encode())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
        _synchronise(state)
    return SigningKey(bytes.fromhex(path.read_text().strip()))
