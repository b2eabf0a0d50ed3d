"""The code of a dispatch's page: its id under a key of the hub's, 26 characters, as a certificate's token is written.

Nothing is stored: one block of AES over sixteen bytes is its own inverse with the key, and of an id that an operator
chose nobody without the key can tell the code (ADR 0097).
"""

import hmac
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.urls import reverse

from veta.certificates.domain.token import bytes_of, text_of
from veta.storage.keys import key_of


def code_of(dispatch: UUID) -> str:
    """The code that opens a dispatch's page."""
    return text_of(_block().encryptor().update(dispatch.bytes))


def dispatch_of(code: str) -> UUID:
    """The dispatch that a code would open, as people type it; of one that nobody was given, an id that does not exist.

    Raises ValueError where it can be no code.
    """
    return UUID(bytes=_block().decryptor().update(bytes_of(code)))


def address_of(dispatch: UUID) -> str:
    """The whole address of a dispatch's page: what its QR says."""
    return settings.PUBLIC_ORIGIN + reverse("road_pack", args=[code_of(dispatch)])


def _block() -> Cipher[modes.ECB]:
    key = hmac.digest(key_of("lookup"), b"veta-road-v1", "sha256")
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - one block alone: there is no pattern to see
