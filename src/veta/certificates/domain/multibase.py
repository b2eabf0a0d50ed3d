"""Base58 (Bitcoin's alphabet) and the multibase spelling of Ed25519 keys, as Data Integrity writes them."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_ED25519_PUBLIC = b"\xed\x01"
_MOST = 128


def base58(data: bytes) -> str:
    """`data` as multibase base58btc: «z» and the digits; each leading zero byte is a leading «1»."""
    number, digits = int.from_bytes(data, "big"), []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(digits))


def from_base58(text: object) -> bytes:
    """The bytes of a multibase base58btc text of at most 128 characters. Raises ValueError."""
    if not isinstance(text, str) or not text.startswith("z") or len(text) > _MOST:
        raise ValueError("not a base58 multibase text")
    number = 0
    for character in text[1:]:
        if character not in _VALUE:
            raise ValueError("not a digit of base58")
        number = number * 58 + _VALUE[character]
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def key_text(public_key: bytes) -> str:
    """The multikey of 32 raw bytes of an Ed25519 public key."""
    return base58(_ED25519_PUBLIC + public_key)


def did_of(public_key: bytes) -> str:
    """The did:key of an Ed25519 public key."""
    return f"did:key:{key_text(public_key)}"


def method_of(public_key: bytes) -> str:
    """The verification method of a did:key: the did, and the key again as its fragment."""
    return f"{did_of(public_key)}#{key_text(public_key)}"
