"""What an address names, or 404."""

from collections.abc import Sequence
from typing import TypeVar

from django.http import Http404

T = TypeVar("T")


def the_one(found: Sequence[T]) -> T:
    """The first of what was found; Http404 where nothing was."""
    if not found:
        raise Http404
    return found[0]
