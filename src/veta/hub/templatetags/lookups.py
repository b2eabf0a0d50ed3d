"""What a template looks up by a key that it holds in a variable."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def item(table: Mapping[Any, Any], key: Any) -> Any:
    """The table's value under a key; the key itself where there is none."""
    return table.get(key, key)
