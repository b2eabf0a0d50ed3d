"""What a home remembers of its demonstration: the world it was loaded with, and its operators' private keys."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from veta.demo.country import Country, country_of
from veta.kernel.errors import DomainError
from veta.operators.domain.keys import private_pem_of
from veta.storage.key_file import made_once


class DemoRefused(DomainError):
    """Why the demonstration cannot run here, with what to do."""

    code = "DEM-001"


def kept_world(home: Path) -> tuple[Country, int] | None:
    """The country and seed that this home's world was built of; None where it has none."""
    path = home / "demo" / "world.json"
    if not path.exists():
        return None
    kept: dict[str, Any] = orjson.loads(path.read_bytes())
    return country_of(kept["country"]), int(kept["seed"])


def keep_world(home: Path, country: Country, *, seed: int) -> None:
    """Remember the world of this home. Effects: writes VETA_HOME/demo/world.json whole, or not at all."""
    folder = home / "demo"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / "world.json.part"
    part.write_bytes(orjson.dumps({"seed": seed, "country": asdict(country)}, option=orjson.OPT_INDENT_2))
    part.replace(folder / "world.json")


def key_path(home: Path, operator: str) -> Path:
    return home / "operators" / f"{operator}.pem"


def new_key(home: Path, operator: str) -> Ed25519PrivateKey:
    """A new signing key of an operator, or the one that an interrupted loading left. Effects: the file, 0600."""
    path = key_path(home, operator)
    pem = made_once(path, lambda: private_pem_of(Ed25519PrivateKey.generate()))
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise DemoRefused(f"{path} no es una llave Ed25519. Bórrela si nadie la usa, y repita.")
    return key
