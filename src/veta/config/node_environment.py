"""The environment of a node's processes: what `in_node` sets before anything of Django is read."""

import os

from veta.config.postgres.place import home_of

NODE_SETTINGS = "veta.config.node_settings"
NODE_ORIGIN = "http://127.0.0.1:8700"


def in_node() -> None:
    """From here on this process and its children are the node's: its settings, its home, its database, its origin.

    `VETA_NODE_HOME`, else `node` in VETA_HOME. `VETA_NODE_DATABASE_URL`, else the embedded server of that home; never
    the hub's DATABASE_URL. What a parent has set already stays.
    """
    if os.environ.get("DJANGO_SETTINGS_MODULE") == NODE_SETTINGS:
        return
    os.environ["VETA_HOME"] = os.environ.get("VETA_NODE_HOME") or str(home_of() / "node")
    os.environ["DJANGO_SETTINGS_MODULE"] = NODE_SETTINGS
    os.environ["VETA_PUBLIC_ORIGIN"] = os.environ.get("VETA_NODE_ORIGIN") or NODE_ORIGIN
    os.environ.pop("DATABASE_URL", None)
    if url := os.environ.get("VETA_NODE_DATABASE_URL"):
        os.environ["DATABASE_URL"] = url
