"""Witnesses: what they cosign and what they refuse, what they remember, and what the log does when one is away."""

import base64
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey

from tests.transparency import second
from tests.transparency.logs import KEY, ORIGIN, add, random_entries
from veta.transparency.domain.notes import Checkpoint, Signer, parse_note, signature_lines, signed_by, verifier_of
from veta.transparency.domain.proofs import consistency
from veta.transparency.publisher import Publisher
from veta.transparency.queries import checkpoint
from veta.transparency.verifier import policy, signed
from veta.transparency.witness.cosign import Answer, Witness, read_request
from veta.transparency.witness.server import Server

ROOT = Path(__file__).parents[2]
ENTRIES = random_entries(40)
FORKED = [*ENTRIES[:12], b"y" * 32, *ENTRIES[13:]]  # the same up to the twelfth
OTHER = [*ENTRIES[:7], b"x" * 32, *ENTRIES[8:]]


def subtree(entries: list[bytes]) -> Any:
    return lambda height, index: second.root(entries[index << height : (index + 1) << height])


def note(size: int, entries: list[bytes] = ENTRIES, *, origin: str = ORIGIN, by: Signer = KEY) -> str:
    text = Checkpoint(origin, size, second.root(entries[:size])).text
    return text + "\n" + by.line(text)


def request(old: int, size: int, entries: list[bytes] = ENTRIES, **given: Any) -> bytes:
    proof = consistency(old, size, subtree(entries)) if old <= size else []
    lines = [f"old {old}", *(base64.b64encode(node).decode() for node in proof)]
    return ("\n".join(lines) + "\n\n" + note(size, entries, **given)).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return made(tmp_path)


def made(state: Path) -> Witness:
    return Witness("witness.example", SigningKey(bytes(range(32))), [signed.key(KEY.verifier.vkey)], state)


def ask(witness: Witness, body: bytes) -> Answer:
    return witness.add(body, at=1_800_000_000)


def test_it_cosigns_what_continues_what_it_saw(witness: Witness, tmp_path: Path) -> None:
    for old, size in ((0, 5), (5, 5), (5, 6), (6, 32), (32, 40)):
        answer = ask(witness, request(old, size))
        assert answer.status == 200, answer
        whole = parse_note(note(size) + answer.text)
        assert signed_by(whole, [verifier_of(witness.vkey), KEY.verifier]) == [KEY.verifier, verifier_of(witness.vkey)]
    again = made(tmp_path).last(ORIGIN)
    assert again is not None
    assert again.size == 40


NODE = base64.b64encode(bytes(32)) + b"\n"
FORGED = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"f" * 32))
REFUSED = {
    "another tree of the same size": (409, lambda: request(20, 20, OTHER)),
    "the same without what it saw": (409, lambda: request(0, 20, OTHER)),
    "a larger tree that does not continue it": (422, lambda: request(20, 30, OTHER)),
    "a smaller tree": (409, lambda: request(10, 10)),
    "an old size it never saw": (409, lambda: request(10, 30)),
    "an old size above the new one": (400, lambda: request(30, 25)),
    "a proof too long": (422, lambda: request(20, 20).replace(b"old 20\n", b"old 20\n" + NODE)),
    "no proof": (422, lambda: b"old 20\n\n" + note(30).encode()),
    "another log": (404, lambda: request(20, 30, origin="x", by=Signer("x", KEY.private))),
    "signed by nobody it knows": (403, lambda: request(20, 30, by=FORGED)),
    "a signature altered": (403, lambda: request(20, 30).replace(b"\n30\n", b"\n31\n")),
    "no note": (400, lambda: b"old 20\n\nnothing\n"),
    "no old size": (400, lambda: b"new 20\n\n" + note(30).encode()),
    "an old size in another spelling": (400, lambda: request(20, 30).replace(b"old 20", b"old 020")),
    "too many hashes": (400, lambda: b"old 20\n" + NODE * 64 + b"\n" + note(30).encode()),
    "no UTF-8": (400, lambda: b"\xff\xfe"),
    "nothing": (400, lambda: b""),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_everything_else_and_remembers_what_it_saw(witness: Witness, name: str) -> None:
    assert ask(witness, request(0, 20)).status == 200
    status, body = REFUSED[name]
    answer = ask(witness, body())
    assert answer.status == status, answer
    if status == 409:
        assert (answer.text, answer.kind) == ("20\n", "text/x.tlog.size")
    assert witness.last(ORIGIN) == signed.head(parse_note(note(20)).text)
    assert ask(witness, request(20, 21)).status == 200


def test_two_trees_of_one_size_are_kept_as_evidence(witness: Witness, tmp_path: Path) -> None:
    ask(witness, request(0, 20))
    assert ask(witness, request(20, 20, OTHER)).status == 409
    (kept,) = (tmp_path / "evidence").iterdir()
    assert kept.read_text() == note(20, OTHER)


def test_of_many_at_once_none_goes_back(witness: Witness, tmp_path: Path) -> None:
    """The race of the specification: a slower request must not roll the record back."""
    ask(witness, request(0, 1))
    bodies = [request(old, size) for old in range(1, 20) for size in (old + 1, old + 5)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda body: ask(made(tmp_path), body), bodies * 4))
    cosigned = sorted(int(line.split("\n")[1]) for line in
        (body.decode().partition("\n\n")[2] for body, answer in zip(bodies * 4, answers, strict=True)
         if answer.status == 200))  # fmt: skip
    last = witness.last(ORIGIN)
    assert last is not None
    assert last.size == cosigned[-1]
    assert len(set(cosigned)) == len(cosigned)


def test_what_cannot_be_kept_is_not_cosigned(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(witness, request(0, 5))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        ask(witness, request(5, 6))
    monkeypatch.undo()
    last = witness.last(ORIGIN)
    assert last is not None
    assert last.size == 5


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Witness, str]]:
    one = Witness("w1.example", SigningKey.generate(), [signed.key(KEY.verifier.vkey)], tmp_path)
    with Server(("127.0.0.1", 0), one) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield one, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_over_http(served: tuple[Witness, str]) -> None:
    url = served[1]
    with httpx.Client(trust_env=False) as client:
        good = client.post(f"{url}/add-checkpoint", content=request(0, 5))
        assert good.status_code == 200
        assert signature_lines(good.text)[0].name == "w1.example"
        other = client.post(f"{url}/add-checkpoint", content=request(0, 6))
        assert (other.status_code, other.text, other.headers["Content-Type"]) == (409, "5\n", "text/x.tlog.size")
        assert client.post(f"{url}/other", content=b"x").status_code == 404
        assert client.get(f"{url}/add-checkpoint").status_code == 501
        assert client.post(f"{url}/add-checkpoint", content=b"x" * 70_000).status_code == 400


class Down:
    """A witness whose disk is full."""

    def add(self, body: bytes, *, at: int) -> Answer:
        raise OSError(28, "No space left on device")


def test_the_log_publishes_with_the_cosignatures_that_come(
    fresh_database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three witnesses, one down: nothing stops, and two of three are a quorum for who verifies."""
    monkeypatch.setenv("VETA_LOG_DIR", str(tmp_path / "tiles"))
    monkeypatch.setenv("VETA_LOG_POLICY", str(tmp_path / "policy"))
    with psycopg.connect(fresh_database.dsn, autocommit=True) as session:
        publisher = Publisher(session)
        log_key = publisher.integrator.signers[0].verifier.vkey
        lines, servers = [f"log {log_key}"], []
        for number in (1, 2, 3):
            state = tmp_path / str(number)
            state.mkdir()
            one = Witness(f"w{number}.example", SigningKey.generate(), [signed.key(log_key)], state)
            server = Server(("127.0.0.1", 0), one)
            lines.append(f"witness w{number} {one.vkey} http://127.0.0.1:{server.server_address[1]}")
            threading.Thread(target=server.serve_forever, daemon=True).start()
            servers.append(server)
        lines += ["group all 2 w1 w2 w3", "quorum all", ""]
        (tmp_path / "policy").write_text("\n".join(lines))
        rules = policy.read("\n".join(lines))
        for round, down in ((1, None), (2, 0), (3, 0)):
            if down is not None:
                servers[down].witness = Down()
            add(session, random_entries(300, seed=round))
            while publisher.integrator.step():
                publisher.publish()
            served = checkpoint(session.cursor())
            assert served is not None
            assert served.size == 300 * round
            made_note = signed.note(served.note)
            cosigned = [key for key in rules.witnesses.values() if signed.says(made_note, key)]
            assert len(cosigned) == (3 if down is None else 2)
            assert rules.holds(cosigned)
            assert not rules.holds(cosigned[:1])
            assert (tmp_path / "tiles" / "checkpoint").read_text() == served.note
        # A publisher that starts anew learns from each witness what it saw.
        add(session, random_entries(5, seed=9))
        again = Publisher(session)
        again.integrator.step()
        again.publish()
        served = checkpoint(session.cursor())
        assert served is not None
        assert served.note.count("— w") == 2
        for server in servers:
            server.shutdown()
            server.server_close()


@pytest.mark.parametrize(
    "bad",
    ["", "quorum", "quorum nobody\n", "witness none K\nquorum none\n", "group g 2 a\nquorum g\n",
     "quorum none\nquorum none\n", "log x\nquorum none\n", "flog x\nquorum none\n"],
)  # fmt: skip
def test_a_policy_is_read_strictly(bad: str) -> None:
    with pytest.raises(signed.Unreadable):
        policy.read(bad)


def test_the_command_serves_one_that_remembers_after_a_kill(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "veta.cli.main", "log", "witness", "--log", ORIGIN, "--key", KEY.verifier.vkey,
               "--state", str(tmp_path / "w"), "--port", "0", "--name", "w.example"]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    sizes = []
    for old, size in ((0, 5), (5, 9)):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        kind, name, vkey, url = process.stdout.readline().split()
        assert (kind, name) == ("witness", "w.example")
        answer = httpx.post(f"{url}/add-checkpoint", content=request(old, size), trust_env=False)
        sizes.append((answer.status_code, vkey))
        process.kill()
        process.wait()
        process.stdout.close()
    assert sizes[0][0] == sizes[1][0] == 200
    assert sizes[0][1] == sizes[1][1]


def mutated(count: int, seed: int) -> list[bytes]:
    """One bit of a good request flipped, a piece of it cut out, or two pieces changed places."""
    chance, good, made = random.Random(seed), request(20, 30), []
    for _ in range(count):
        body = bytearray(good)
        at, length = chance.randrange(len(body)), chance.randrange(1, 12)
        match chance.randrange(3):
            case 0:
                body[at] ^= 1 << chance.randrange(8)
            case 1:
                del body[at : at + length]
            case _:
                to = chance.randrange(len(body))
                piece = body[at : at + length]
                del body[at : at + length]
                body[to:to] = piece
        made.append(bytes(body))
    return made


def refused_or_the_same(witness: Witness, bodies: list[bytes]) -> None:
    good = read_request(request(20, 30))
    for body in bodies:
        answer = ask(witness, body)
        if answer.status == 200:  # another spelling of the same: a bit that base64 does not read
            read = read_request(body)
            assert (read.old, read.proof, read.head) == (good.old, good.proof, good.head), body
            ask(witness, request(30, 30))
            witness._path(ORIGIN).write_text(note(20))
        else:
            assert answer.status in (400, 403, 404, 409, 422), (answer, body)
            assert witness.last(ORIGIN) == signed.head(parse_note(note(20)).text)


def test_forged_and_mangled_checkpoints_are_refused(witness: Witness) -> None:
    ask(witness, request(0, 20))
    refused_or_the_same(witness, mutated(200, seed=4))


def forged(chance: random.Random, seen: int) -> tuple[str, bytes]:
    """What the log's own key signed and does not continue what was seen: which sort, and the request."""
    entries = list(ENTRIES)
    entries[chance.randrange(seen)] = chance.randbytes(32)
    kind = chance.choice(("another of its size", "larger", "shrunk", "shrunk and rewritten", "a proof of another tree"))
    match kind:
        case "another of its size":
            return kind, request(seen, seen, entries)
        case "shrunk":
            size = chance.randrange(1, seen)
            return kind, request(chance.choice((size, 0)), size)
        case "shrunk and rewritten":
            size = chance.randrange(1, seen)
            return kind, request(size, size, entries)
        case "larger":
            return kind, request(seen, chance.randrange(seen + 1, len(entries) + 1), entries)
        case _:
            size = chance.randrange(seen + 1, len(entries) + 1)
            proof = consistency(seen, size, subtree(ENTRIES))
            lines = [f"old {seen}", *(base64.b64encode(node).decode() for node in proof)]
            return kind, ("\n".join(lines) + "\n\n" + note(size, entries)).encode()


def refused_each(witness: Witness, count: int, seed: int) -> Counter[str]:
    """Every one is refused with 409 or 422, and what was seen stays."""
    chance, tried = random.Random(seed), Counter[str]()
    ask(witness, request(0, 20))
    for _ in range(count):
        kind, body = forged(chance, 20)
        answer = ask(witness, body)
        assert answer.status in (409, 422), (kind, answer)
        assert witness.last(ORIGIN) == signed.head(parse_note(note(20)).text)
        tried[kind] += 1
    return tried


def test_the_logs_own_key_forges_nothing_past_a_witness(witness: Witness) -> None:
    assert min(refused_each(witness, 60, seed=6).values()) > 4


def test_a_split_view_reaches_no_two_quorums(tmp_path: Path) -> None:
    """The log shows one tree to some and another of the same size to the rest: at most one gathers two of three."""
    chance = random.Random(8)
    for trial in range(12):
        witnesses = []
        for number in range(3):
            state = tmp_path / f"{trial}-{number}"
            state.mkdir()
            one = Witness(f"w{number}.example", SigningKey.generate(), [signed.key(KEY.verifier.vkey)], state)
            ask(one, request(0, 7))
            witnesses.append(one)
        lines = [f"witness w{n} {one.vkey}" for n, one in enumerate(witnesses)]
        rules = policy.read("\n".join([*lines, "group all 2 w0 w1 w2", "quorum all"]))
        cosigned: dict[int, str] = {0: note(30), 1: note(30, FORKED)}
        asked = [(one, view) for one in witnesses for view in (0, 1)]
        for one, view in chance.sample(asked, len(asked)):
            answer = ask(one, request(7, 30, (ENTRIES, FORKED)[view]))
            assert answer.status in (200, 409)
            cosigned[view] += answer.text if answer.status == 200 else ""
        quorums = [
            rules.holds([key for key in rules.witnesses.values() if signed.says(signed.note(text), key)])
            for text in cosigned.values()
        ]
        assert sum(quorums) == 1, "one tree is everybody's, the other nobody's"


@pytest.mark.chaos
def test_a_thousand_checkpoints_that_the_logs_key_forged_are_refused_by_three_witnesses(tmp_path: Path) -> None:
    tried = Counter[str]()
    for number in range(3):
        state = tmp_path / str(number)
        state.mkdir()
        tried += refused_each(made(state), 1000, seed=number)
    print(f"T15: {sum(tried.values())} forged checkpoints at 3 witnesses, 0 cosigned: {dict(tried)}")


@pytest.mark.chaos
def test_a_thousand_forged_checkpoints_are_refused_by_three_witnesses(tmp_path: Path) -> None:
    for number in range(3):
        state = tmp_path / str(number)
        state.mkdir()
        one = made(state)
        ask(one, request(0, 20))
        refused_or_the_same(one, mutated(1000, seed=number))
