"""The hub's papers: each by the template of its name beside this module."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from veta.site import paper as papers
from veta.site.paper import Standard

__all__ = ["Standard", "paper"]
HERE = Path(__file__).parent


def paper(template: str, data: Mapping[str, Any], *, standards: Sequence[Standard] = ("ua-1",)) -> bytes:
    """The PDF of a template beside this module, as `veta.site.paper` makes it."""
    return papers.paper(HERE / template, data, standards=standards)
