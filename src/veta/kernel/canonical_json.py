"""The canonical form of JSON (RFC 8785) for the values that Veta signs and hashes."""

import re

import orjson

_SUPPLEMENTARY = re.compile(rb"[\xf0-\xf4]").search
_SCALARS = frozenset({str, int, bool, type(None)})


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of `value`: dicts with text keys, lists, text, integers within ±(2**53 - 1), booleans, None.

    A float is refused: nothing that Veta signs holds one. Raises TypeError on any other type, an integer too large, or
    text that is not Unicode (lone surrogates).
    """
    _require_plain(value)
    return canonical_of_plain(value)


def canonical_of_plain(value: object) -> bytes:
    """The same of what is known to hold nothing but those, by who wrote or read it. Raises TypeError likewise."""
    encoded = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    if _SUPPLEMENTARY(encoded) is None:
        return encoded
    # UTF-8 order, which orjson sorts by, differs from the UTF-16 order of the RFC only beyond the basic plane.
    return orjson.dumps(_in_utf16_order(value), option=orjson.OPT_STRICT_INTEGER)


def _require_plain(value: object) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind is dict:
            pending.extend(inner for inner in item.values() if type(inner) is not str)  # type: ignore[attr-defined]
        elif kind is list:
            pending.extend(item)  # type: ignore[arg-type]
        elif kind not in _SCALARS:
            raise TypeError(f"{kind.__name__} has no canonical form here")


def _in_utf16_order(value: object) -> object:
    if isinstance(value, dict):
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list):
        return [_in_utf16_order(item) for item in value]
    return value
