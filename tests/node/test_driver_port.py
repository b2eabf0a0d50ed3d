"""The driver's port: one node is tried against one hub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from veta.node.driver.port import NodeDied, Port


def test_a_node_that_knows_a_hub_is_not_put_before_another() -> None:
    """Its cursor and its clients are the first one's: what it would show of the second is not what that said."""
    serving = Port(0, 0)
    try:
        serving.given = replace(serving.given, hub="http://127.0.0.1:1")
        with pytest.raises(NodeDied, match="ábralo de nuevo"):
            serving.act("start", {"hub": "http://127.0.0.1:2", "origin": "http://127.0.0.1:2", "clients": []})
    finally:
        serving.close()
