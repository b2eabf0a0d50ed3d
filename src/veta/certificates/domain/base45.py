"""Base45 (RFC 9285): bytes in the 45 characters that a QR code packs best. Strict: what it reads, it would write."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}


def encode(data: bytes) -> str:
    """The base45 text of `data`: three characters for two bytes, two for a last one."""
    made = []
    for at in range(0, len(data) - 1, 2):
        rest, low = divmod(data[at] * 256 + data[at + 1], 45)
        high, middle = divmod(rest, 45)
        made.append(ALPHABET[low] + ALPHABET[middle] + ALPHABET[high])
    if len(data) % 2:
        high, low = divmod(data[-1], 45)
        made.append(ALPHABET[low] + ALPHABET[high])
    return "".join(made)


def decode(text: str) -> bytes:
    """The bytes that `text` encodes. Raises ValueError on another character, length, or a value out of range."""
    if len(text) % 3 == 1:
        raise ValueError("no base45 text has this length")
    try:
        values = [_VALUE[character] for character in text]
    except KeyError as error:
        raise ValueError("a character that is not of base45") from error
    made = bytearray()
    for at in range(0, len(values), 3):
        part = values[at : at + 3]
        number = sum(value * 45**place for place, value in enumerate(part))
        if number > (0xFFFF if len(part) == 3 else 0xFF):
            raise ValueError("a group of base45 that no bytes have")
        made += number.to_bytes(len(part) - 1, "big")
    return bytes(made)
