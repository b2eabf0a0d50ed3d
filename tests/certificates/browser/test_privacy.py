"""T27 of certificates: who a miner is stands in no address, code, page, paper, list, tile or log of the hub."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from hashlib import sha256
from time import sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cbor2
import pypdf

from tests.certificates.browser.conftest import Served
from tests.movements.world import World
from tests.transparency.test_privacy import found_in, traces
from veta.certificates.domain import base45, cose
from veta.certificates.queries import CertificateView

MINER = World.PARTIES["miner"]["number"]
NAME = "DEMO miner"
KNOWN = [str(10_195_300 + n) for n in range(10_000)]  # ten thousand known numbers, the miner's among them
WAYS = ("", "/pdf", "/json", "/log.json", "/origins", "/origins.json", "/origins.pdf")
# What the norm asks of the paper, and what checking it takes; nothing of the seller.
CLAIMS = {1: "kind", 2: "number", 3: "issuer", 4: "mineral", 5: "quantity", 6: "fineness", 7: "municipality",
          8: "origins", 9: "digest", 10: "status", 11: "accreditation", 12: "origins in all"}  # fmt: skip


def answered(address: str, **headers: str) -> tuple[bytes, Any]:
    try:
        with urlopen(Request(address, headers=headers), timeout=20) as answer:
            return answer.read(), answer.headers
    except HTTPError as refused:
        return refused.read(), refused.headers


def opened(data: bytes) -> Iterator[bytes]:
    """What an answer holds; of a PDF its text, its words about itself and its attachments too."""
    yield data
    if data.startswith(b"%PDF"):
        reader = pypdf.PdfReader(io.BytesIO(data))
        yield "".join(page.extract_text() for page in reader.pages).encode()
        yield str(reader.metadata).encode()
        yield from (part for parts in reader.attachments.values() for part in parts)


def everything(served: Served) -> list[bytes]:
    """All that the hub answers to anybody about every certificate, well and badly asked, in both languages."""
    certificates = (served.valid, served.withdrawn, *served.others)
    paths = [f"/v/{found.token}{way}" for found in certificates for way in WAYS]
    paths += [f"/v/{found.token[:-1]}7?cedula=x" for found in certificates]
    paths += ["/verificar/", "/verificar/datos.json", "/v/estado/revocation", "/v/estado/message", "/log/checkpoint"]
    paths += ["/log/tile/0/000.p/1", "/log/tile/entries/000.p/1", "/v/%00", "/v/" + "A" * 300]
    blobs = [path.encode() for path in paths]
    for path in paths:
        for language in ("es", "en") if path.startswith("/v/") and path.endswith(served.valid.token) else ("es",):
            data, headers = answered(served.origin + path, **{"Accept-Language": language})
            blobs += [*opened(data), str(headers).encode()]
            if path.startswith("/v/") and headers.get_content_type() == "text/html":
                assert headers["Referrer-Policy"] in ("same-origin", "no-referrer"), path
        sleep(0.02)  # the public limit is for strangers
    assert served.log is not None
    return [*blobs, served.log.read_bytes()]


def tried(whole: bytes, numbers: list[str]) -> set[str]:
    """The numbers that stand in what was answered, or whose digest in hexadecimal does: each is tried."""
    runs = re.findall(rb"\d{8,}", whole)
    digits = {run[at : at + 8].decode() for run in runs for at in range(len(run) - 7)}
    digests = set(re.findall(rb"[0-9a-f]{64}", whole))
    return {number for number in numbers if number in digits or not digests.isdisjoint(traces(number))}


def test_nothing_that_anybody_can_ask_for_or_that_is_logged_tells_who_sold(served: Served) -> None:
    blobs = everything(served)
    whole = b"\n".join(blobs)
    assert whole.count(b"%PDF") >= 2 * 4
    assert served.origin.encode() + b"/v/" in whole
    assert NAME.encode() not in whole
    assert MINER in KNOWN
    assert found_in(blobs, [MINER]) == set()
    assert tried(whole, KNOWN) == set()


def claims_of(found: CertificateView) -> dict[Any, Any]:
    assert found.code is not None
    claims: dict[Any, Any] = cbor2.loads(cose.read(base45.decode(found.code.removeprefix("VETA1:"))).payload)
    return claims


def test_the_code_states_what_the_norm_asks_and_no_person(served: Served) -> None:
    for found in (served.valid, *served.others):
        claims = claims_of(found)
        own = claims.pop(-65537)
        assert set(claims) == {1, 6, 7}, "site, instant, token"
        assert set(own) <= set(CLAIMS)
        assert own[3] in ("DEMO plant (ficticio)", "DEMO trader (ficticio)", "")
        assert (own[3] == "") == (found.kind == "production_declaration"), "a natural person is not named"
        for kind, place, share in own[8]:
            assert isinstance(share, int)
            assert place == "DEMO-ORO" or place == 5001, (kind, place)


def test_a_digest_of_a_number_would_be_found(served: Served) -> None:
    """The control: SHA-256 of the miner's number in what a certificate commits to."""
    digest = sha256(MINER.encode()).digest()
    for planted in (digest, digest.hex().encode()):
        assert found_in([served.valid.document_bytes, planted], [MINER]) == {MINER}
    assert tried(served.valid.document_bytes + digest.hex().encode(), KNOWN) == {MINER}
    assert tried(f"cédula {MINER}0".encode(), KNOWN) == {MINER}
