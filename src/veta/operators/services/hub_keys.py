"""The hub's own Ed25519 key: made at first use, private in VETA_HOME, its public half in the database for ever."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from veta.operators.domain.keys import key_id_of, private_pem_of
from veta.operators.models import HubKey
from veta.operators.refusals import OperatorRefused
from veta.storage.key_file import made_once


@dataclass(frozen=True, slots=True)
class HubSigner:
    """What the hub signs with."""

    key_id: str
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The hub's Ed25519 signature of a message."""
        return self.private.sign(message)


def hub_signer() -> HubSigner:
    """The hub's key in use. Effects: at first use makes VETA_HOME/keys/hub-ed25519.pem (0600) and records its public
    half; a key put in its place is recorded likewise, and the old public keys stay listed."""
    private = _private(Path(settings.VETA_HOME) / "keys" / "hub-ed25519.pem")
    public = private.public_key().public_bytes_raw()
    signer = HubSigner(key_id_of("hub", public), private)
    HubKey.objects.bulk_create([HubKey(id=signer.key_id, public_key=public)], ignore_conflicts=True)
    return signer


@lru_cache(maxsize=8)
def _private(path: Path) -> Ed25519PrivateKey:
    pem = made_once(path, lambda: private_pem_of(Ed25519PrivateKey.generate()))
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise OperatorRefused(
            f"{path.name} no es una llave Ed25519. Restáurela de su copia de seguridad.", code="OPE-008"
        )
    return key
