"""The home that a deployment was started over: it, and no other that appears under its name, is what children serve."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from veta.config.postgres.place import SERVED, identity_of


@dataclass(frozen=True, slots=True)
class Home:
    """A home as it stood when the deployment started. `cluster`: whether the embedded database was in it."""

    path: Path
    identity: str
    cluster: bool

    @classmethod
    def of(cls, path: Path) -> Home:
        """The home at that path. Raises FileNotFoundError where there is none."""
        return cls(path, identity_of(path), _has_cluster(path))

    @property
    def environment(self) -> dict[str, str]:
        """What tells children which home they serve, so that none of them makes another in its place."""
        return {SERVED: self.identity}

    def lost(self) -> str | None:
        """Why the deployment cannot go on, for the operator's screen; None while all is there."""
        try:
            same = identity_of(self.path) == self.identity
        except OSError:
            same = False
        if not same:
            return (
                f"{self.path} se borró o se cambió por otro. Veta se cierra: restáurelo de su copia y ábrala de nuevo."
            )
        if self.cluster and not _has_cluster(self.path):
            return f"{self.path / 'pg'} ya no tiene la base de datos. Veta se cierra: restáurela y ábrala de nuevo."
        return None


def _has_cluster(path: Path) -> bool:
    return os.path.exists(path / "pg" / "PG_VERSION")
