"""The log's own Ed25519 keys: private in VETA_HOME/keys/log-N.pem, their vkeys in the database for ever.

A key is never replaced in silence: one whose file is another than the database knows is refused. A new key signs beside
the old one until the old is retired, so that whoever knows either can follow (C2SP signed-note).
"""

import os
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.db import transaction

from veta.operators.domain.keys import private_pem_of
from veta.storage.key_file import made_once
from veta.storage.keys import KeyRefused
from veta.transparency.domain.notes import Signer, verifier_of
from veta.transparency.models import LogKey, LogKeyRetired


def signers() -> list[Signer]:
    """The keys that the log signs with, oldest first. Effects: the first time, makes the first key and the origin.

    Raises KeyRefused where a private key is missing, or is not the one that the database knows.
    """
    rows = live_keys() or [_made(1, _new_origin())]
    return [_signer(number, vkey) for number, vkey in rows]


def live_keys() -> list[tuple[int, str]]:
    """Number and vkey of the keys that were not retired."""
    return list(
        LogKey.objects.filter(logkeyretired=None).order_by("number").values_list("number", "vkey")
    )  # fmt: skip


def every_key() -> list[str]:
    """The vkeys of every key the log ever signed with, oldest first."""
    return list(LogKey.objects.order_by("number").values_list("vkey", flat=True))


@transaction.atomic
def rotate() -> str:
    """Make a new key that signs beside the others; returns its vkey."""
    known = every_key()
    origin = verifier_of(known[0]).name if known else _new_origin()
    return _made(len(known) + 1, origin)[1]


def retire(vkey: str) -> None:
    """Sign no more with a key. Raises KeyRefused where it is unknown, retired, or the only one left."""
    live = {name: number for number, name in live_keys()}
    if vkey not in live or len(live) < 2:
        raise KeyRefused(
            "Esa llave no firma hoy, o es la única que queda. Cree otra con «veta log rotate» y publíquela antes."
        )
    LogKeyRetired.objects.create(key_id=live[vkey])


def _new_origin() -> str:
    given = os.environ.get("VETA_LOG_ORIGIN")
    return given or f"{urlsplit(settings.PUBLIC_ORIGIN).netloc}/log"


def _path(number: int) -> Path:
    return Path(settings.VETA_HOME) / "keys" / f"log-{number}.pem"


def _made(number: int, origin: str) -> tuple[int, str]:
    """A key of that number, and its row. Whoever makes it at once with somebody else gets the same one."""
    private = _private(_path(number), make=True)
    LogKey.objects.bulk_create(
        [LogKey(number=number, vkey=Signer(origin, private).verifier.vkey)], ignore_conflicts=True
    )
    return number, LogKey.objects.values_list("vkey", flat=True).get(number=number)


def _signer(number: int, vkey: str) -> Signer:
    path, known = _path(number), verifier_of(vkey)
    if not path.exists():
        raise KeyRefused(
            f"Falta «{path.name}», con que firma el registro público. Restáurela de su copia de seguridad."
        )
    made = Signer(known.name, _private(path, make=False))
    if made.verifier != known:
        raise KeyRefused(
            f"«{path.name}» no es la llave del registro público. Restaure la suya de la copia de seguridad."
        )
    return made


@lru_cache(maxsize=8)
def _private(path: Path, *, make: bool) -> Ed25519PrivateKey:
    pem = made_once(path, lambda: private_pem_of(Ed25519PrivateKey.generate())) if make else path.read_bytes()
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyRefused(f"«{path.name}» no es una llave Ed25519. Restáurela de su copia de seguridad.")
    return key
