"""An operator's private keys, one file each: VETA_HOME/operators/CODE.pem, readable by its owner only."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from veta.kernel.errors import DomainError
from veta.operators.domain.keys import key_id_of, possession_statement, private_pem_of
from veta.storage.key_file import write_new


class CredentialsRefused(DomainError):
    """The operator's key file is missing, open to others, or taken; the message says what to do."""

    code = "NOD-001"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an operator signs with. The key id follows from code and key."""

    operator: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """The 32 raw bytes that the authority registers."""
        return self.key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """The key id that the hub gives this key."""
        return key_id_of(self.operator, self.public_key)

    def proof(self) -> str:
        """The proof of possession that accompanies a key's registration, in base64."""
        return base64.b64encode(self.key.sign(possession_statement(self.operator, self.public_key))).decode()


def new_credentials(operator: str) -> Credentials:
    """A new key of an operator, kept nowhere yet."""
    return Credentials(operator.upper(), Ed25519PrivateKey.generate())


def path_of(home: Path, operator: str, *, recovery: bool = False) -> Path:
    """Where an operator's key lies. CredentialsRefused for a code that is no plain file name."""
    code = operator.upper()
    if not code or not all(sign.isascii() and (sign.isalnum() or sign in "-_") for sign in code):
        raise CredentialsRefused(f"«{operator}» no es un código de operador: use letras, cifras y guiones.")
    return home / "operators" / f"{code}{'.recovery' if recovery else ''}.pem"


def save(credentials: Credentials, path: Path) -> None:
    """Write the key (0600) in a directory (0700). CredentialsRefused where a key lies already: none is overwritten."""
    try:
        write_new(path, private_pem_of(credentials.key))
    except FileExistsError as error:
        raise CredentialsRefused(f"Ya hay una llave en {path}. Muévala antes de generar otra.") from error


def load(operator: str, path: Path) -> Credentials:
    """The credentials in a file. CredentialsRefused where it is missing, readable by others, or no Ed25519 key."""
    if not path.exists():
        raise CredentialsRefused(f"No hay llave de {operator} en {path}. Genérela con «veta hub new-key {operator}».")
    if path.stat().st_mode & 0o077:
        raise CredentialsRefused(f"Otros usuarios pueden leer {path}. Ejecute «chmod 600» sobre el archivo.")
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise CredentialsRefused(f"{path} no es una llave Ed25519.")
    return Credentials(operator.upper(), key)
