"""The node remembers the keys that its clients' identities were sealed with."""

from veta.storage.keys import Purpose
from veta.storage.keys import require_same_keys as require

PURPOSES: tuple[Purpose, ...] = ("identity", "lookup")


def require_same_keys() -> None:
    """Refuse to keep anything of anybody under keys other than this database's own. Raises KeyRefused."""
    require("node_identitykey", PURPOSES)
