"""Codes that people read aloud or copy from paper: ten letters and digits hard to confuse, as «7K2QF-M09XB»."""

import secrets

# Crockford's base 32: no I, L, O or U; what is easily misread is read as what it stands for.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A code of 50 random bits, in two groups of five."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def read_code(typed: str) -> str:
    """The code that was typed, with or without its hyphen, in any case; what is none comes back as no code's text."""
    plain = "".join(char for char in typed.upper() if char.isalnum()).translate(_LOOKALIKES)
    return f"{plain[:5]}-{plain[5:10]}"
