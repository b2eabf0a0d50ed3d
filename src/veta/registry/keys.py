"""The registry remembers the keys that it was written with."""

from veta.storage.keys import PURPOSES
from veta.storage.keys import require_same_keys as require


def require_same_keys() -> None:
    """Refuse to write identities under keys other than the registry's own. Raises KeyRefused."""
    require("registry_identitykey", PURPOSES)
