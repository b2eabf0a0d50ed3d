"""The file by which the suite knows this node: its operator's key, its port and its webhook."""

from __future__ import annotations

import base64
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

from veta.node.credentials import load, new_credentials, path_of, save

FILE = """\
name = "Nodo de Veta"
version = "{version}"

[operator]
code = "{code}"
name = "Nodo de Veta (ensayo, ficticio)"
public_key = "{public_key}"
proof = "{proof}"

[driver]
url = "{driver}"

[webhook]
url = "http://127.0.0.1:{webhook_port}/api/avisos"
"""


def write_target(path: Path, *, driver: str, webhook_port: int) -> None:
    """Write the candidate's file. Effects: the operator's key, where the node has none."""
    code = settings.NODE_OPERATOR
    place = path_of(settings.NODE_HOME, code)
    if not place.exists():
        save(new_credentials(code), place)
    mine = load(code, place)
    said = FILE.format(
        version=version("veta"), code=mine.operator, public_key=base64.b64encode(mine.public_key).decode(),
        proof=mine.proof(), driver=driver, webhook_port=webhook_port,
    )  # fmt: skip
    path.write_text(said, encoding="utf-8")
