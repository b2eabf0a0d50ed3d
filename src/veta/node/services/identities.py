"""The node remembers the keys that its clients' identities were sealed with."""

from veta.storage import keys
from veta.storage.keys import Purpose

PURPOSES: tuple[Purpose, ...] = ("identity", "lookup")
TABLE = "node_identitykey"


def require_same_keys() -> None:
    """Refuse to keep anything of anybody under keys other than this database's own. Raises KeyRefused."""
    keys.require_same_keys(TABLE, PURPOSES)


def require_known_keys() -> None:
    """Refuse to begin without the keys that this database was written under, if it was. Raises KeyRefused."""
    keys.require_known_keys(TABLE, PURPOSES)
