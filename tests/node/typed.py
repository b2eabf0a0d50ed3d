"""What a type of `veta.node.answers` says, beside what a schema says and what a value is: for tests that compare."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

PLAIN = {str: "string", int: "integer", bool: "boolean", type(None): "null", Any: "any"}


def form_of(type_: Any) -> Any:
    """A type as nested plain values that a schema's form equals."""
    origin, parts = get_origin(type_), get_args(type_)
    if type_ in PLAIN:
        return PLAIN[type_]
    if is_typeddict(type_):
        return {name: (name in type_.__required_keys__, form_of(each)) for name, each in _hints(type_).items()}
    if origin in (Union, types.UnionType):
        return _either(form_of(part) for part in parts)
    if origin is Literal:
        return ("one of", *sorted(parts))
    if origin is list:
        return ("list", form_of(parts[0]))
    assert origin is dict, type_
    return ("map", form_of(parts[1]))


def form_of_schema(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """The same of a schema of docs/openapi.json."""
    if "$ref" in schema:
        return form_of_schema(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    either = schema.get("anyOf") or schema.get("oneOf")
    if either:
        return _either(form_of_schema(each, schemas) for each in either)
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return _either(form_of_schema({**schema, "type": each}, schemas) for each in kind)
    if "enum" in schema:
        return ("one of", *sorted(schema["enum"]))
    if kind == "array":
        return ("list", form_of_schema(schema["items"], schemas))
    if "properties" in schema and kind == "object":
        assert schema["additionalProperties"] is False
        required = schema["required"]
        return {name: (name in required, form_of_schema(each, schemas)) for name, each in schema["properties"].items()}
    if kind == "object":
        more = schema.get("additionalProperties")
        return ("map", form_of_schema(more, schemas) if isinstance(more, Mapping) else "any")
    return kind


def misfits(type_: Any, value: Any, path: str = "") -> Iterator[str]:
    """Where a value is not what its type says: every key of its own, none more."""
    origin, parts = get_origin(type_), get_args(type_)
    if is_typeddict(type_):
        if not isinstance(value, dict):
            yield f"{path}: {value!r}"
            return
        hints = _hints(type_)
        wrong = sorted((type_.__required_keys__ - value.keys()) | (value.keys() - hints.keys()))
        yield from (f"{path}.{name}" for name in wrong)
        for name in value.keys() & hints.keys():
            yield from misfits(hints[name], value[name], f"{path}.{name}")
    elif origin in (Union, types.UnionType):
        if all(list(misfits(part, value)) for part in parts):
            yield f"{path}: {value!r}"
    elif origin in (list, dict) and not isinstance(value, origin):
        yield f"{path}: {value!r}"
    elif origin is list:
        for place, each in enumerate(value):
            yield from misfits(parts[0], each, f"{path}[{place}]")
    elif origin is Literal:
        if value not in parts:
            yield f"{path}: {value!r}"
    elif origin is dict:
        for each in value.values():
            yield from misfits(parts[1], each, path)
    elif type_ is not Any and type(value) is not type_:
        yield f"{path}: {value!r}"


def _hints(type_: Any) -> dict[str, Any]:
    found = get_type_hints(type_, include_extras=True)
    return {
        name: get_args(each)[0] if get_origin(each) in (NotRequired, Required) else each for name, each in found.items()
    }


def _either(forms: Any) -> Any:
    return ("either", *sorted(forms, key=repr))
