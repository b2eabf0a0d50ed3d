"""Signed notes, keys and checkpoints against published vectors, and signatures by another library than the signer's."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.transparency.logs import KEY, ORIGIN
from veta.transparency.domain.notes import (
    COSIGNATURE,
    BadNote,
    Checkpoint,
    Signer,
    checkpoint_of,
    cosigned_message,
    parse_note,
    signed_by,
    verifier_of,
)

# golang.org/x/mod/sumdb/note, note_test.go: the reference implementation's key and note.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
# C2SP tlog-checkpoint and tlog-cosignature: their example.
BEHIND = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"


def test_the_reference_note_verifies_and_is_made_again_byte_for_byte() -> None:
    key = verifier_of(VKEY)
    assert (key.name, key.id.hex(), key.vkey) == ("PeterNeumann", "c74f20a3", VKEY)
    assert signed_by(parse_note(TEXT + "\n" + LINE), [key]) == [key]
    seed = base64.b64decode(SKEY.split("+", 4)[4])[1:]
    signer = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed))
    assert signer.verifier == key
    assert signer.line(TEXT) == LINE


@pytest.mark.parametrize("place", range(len(VKEY)))
def test_no_other_spelling_of_a_key_is_taken(place) -> None:
    # The same mangling as the reference's TestNewVerifier.
    mangled = VKEY[:place] + chr(ord(VKEY[place]) + 1) + VKEY[place + 1 :]
    with pytest.raises(BadNote):
        verifier_of(mangled)
    with pytest.raises(BadNote):
        verifier_of(VKEY[:place])


def test_a_note_altered_in_one_place_does_not_verify() -> None:
    note = TEXT + "\n" + LINE
    with pytest.raises(BadNote, match="does not verify"):
        signed_by(parse_note(note.replace("answer", "Answer")), [verifier_of(VKEY)])
    other = Signer("PeterNeumann", KEY.private)
    assert signed_by(parse_note(TEXT + "\n" + other.line(TEXT)), [verifier_of(VKEY)]) == []


@pytest.mark.parametrize(
    "bad",
    [
        "", TEXT, TEXT + LINE, TEXT + "\n" + LINE[:-1], TEXT + "\n\n", TEXT + "\n" + LINE.replace("— ", "- "),
        TEXT + "\n" + LINE.replace("=", ""), TEXT + "\n" + LINE + "\x07\n", TEXT + "\n— Peter+Neumann AAAAAAAAAAA=\n",
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(bad) -> None:
    with pytest.raises(BadNote):
        parse_note(bad)


def test_the_specifications_checkpoint_reads_and_writes() -> None:
    found = checkpoint_of(BEHIND)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.text == BEHIND
    assert cosigned_message(BEHIND, 1679315147).decode() == f"cosignature/v1\ntime 1679315147\n{BEHIND}"


@pytest.mark.parametrize(
    "bad",
    ["", "a\n1\n", "a\n1\nAAAA\n", "a\n01\n" + "A" * 43 + "=\n",
     "a\n-1\n" + "A" * 43 + "=\n", "a\n1\n" + "A" * 43 + "=",
     "\n1\n" + "A" * 43 + "=\n", "a\n1\n" + "A" * 42 + "B=\n", "a\n99999999999999999999\n" + "A" * 43 + "=\n"],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(bad) -> None:
    with pytest.raises(BadNote):
        checkpoint_of(bad)


def test_signatures_verify_by_another_library() -> None:
    nacl = pytest.importorskip("nacl.signing")
    text = Checkpoint(ORIGIN, 7, bytes(32)).text
    line = parse_note(text + "\n" + KEY.line(text)).lines[0]
    assert nacl.VerifyKey(KEY.verifier.public).verify(text.encode(), line.signature) == text.encode()
    witness = Signer("witness.example", KEY.private, COSIGNATURE)
    line = parse_note(text + "\n" + witness.line(text, at=1679315147)).lines[0]
    assert line.signature[:8] == (1679315147).to_bytes(8, "big")
    message = f"cosignature/v1\ntime 1679315147\n{text}".encode()
    assert nacl.VerifyKey(KEY.verifier.public).verify(message, line.signature[8:]) == message
