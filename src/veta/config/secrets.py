"""Keys that Veta makes for itself when the installer gives none: VETA_HOME/keys, one file each, mode 0600."""

import contextlib
import os
import secrets
from pathlib import Path


def secret_of(home: Path, name: str) -> str:
    """The secret of this name, made at random (256 bits, hex) the first time it is asked for.

    Effect: creates VETA_HOME/keys (0700) and the file (0600). Two processes that ask at once get the same one.
    """
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        # Each asker writes a file of its own and the first link wins: a reader never sees half a secret.
        part = folder / f".{name}.{secrets.token_hex(8)}"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
    return path.read_text().strip()
