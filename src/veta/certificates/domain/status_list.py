"""Bitstring Status List (W3C, 2025): the state of every certificate in one signed list that reads without the network.

Two lists: `revocation`, one bit, set where a certificate is withdrawn or replaced; `message`, two bits, how much of it
was used.
"""

import gzip
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

LEAST_ENTRIES = 131_072
MOST_BYTES = 4 * 2**20
UNUSED, PARTLY, WHOLLY = 0, 1, 2
MESSAGES = {UNUSED: "sin usar", PARTLY: "usado en parte", WHOLLY: "usado por completo", 3: "reservado"}


def encode(values: Mapping[int, int], *, bits: int, length: int = LEAST_ENTRIES) -> str:
    """The `encodedList` of `values` by index (others 0), `bits` each, the first entry in the most significant bits."""
    entries = max(length, max(values, default=0) + 1)
    string = bytearray(-(-entries * bits // 8))
    for index, value in values.items():
        for place in range(bits):
            if value >> (bits - 1 - place) & 1:
                at = index * bits + place
                string[at // 8] |= 0x80 >> at % 8
    return "u" + urlsafe_b64encode(gzip.compress(bytes(string), mtime=0)).decode().rstrip("=")


def value_at(encoded: str, index: int, *, bits: int) -> int:
    """The entry at `index`. Raises ValueError where the list is malformed, too large, or shorter than that."""
    if not encoded.startswith("u"):
        raise ValueError("a status list is base64url multibase")
    text = encoded[1:]
    unzip = zlib.decompressobj(31)
    try:
        string = unzip.decompress(urlsafe_b64decode(text + "=" * (-len(text) % 4)), MOST_BYTES)
    except zlib.error as error:
        raise ValueError("the status list does not unpack") from error
    if index < 0 or (index + 1) * bits > len(string) * 8:
        raise ValueError("the status list is shorter than that")
    value = 0
    for at in range(index * bits, (index + 1) * bits):
        value = value << 1 | (string[at // 8] >> (7 - at % 8)) & 1
    return value
