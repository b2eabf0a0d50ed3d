"""The law of another day: the same norms with one parameter's value changed, for what no norm in force asks yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from veta.movements.domain import law
from veta.norms.dated import Dated
from veta.norms.lookup import Norms, norms

MEMBERS = {"required_consent": ("consent.methods", "required")}


@contextmanager
def law_of(changes: Mapping[str, Any]) -> Iterator[None]:
    """Judge by the norms with those members changed; nothing is done where there is none."""
    if not changes:
        yield
        return
    ours = law.norms
    law.norms = lambda: norms_of(changes)  # type: ignore[assignment]
    _forget()
    try:
        yield
    finally:
        law.norms = ours
        _forget()


def norms_of(changes: Mapping[str, Any]) -> Norms:
    """The product's norms with those members changed."""
    parameters = {parameter.id: parameter for parameter in norms()}
    for name, value in changes.items():
        id, member = MEMBERS[name]
        parameters[id] = replace(parameters[id], values=tuple(_dated(parameters[id].values, member, value)))
    return Norms(parameters.values(), digest="sha256:another-day")


def _dated(values: Sequence[Dated], member: str, value: Any) -> Iterator[Dated]:
    """The member changed in every value; of a table with `from`, in the one of that day from that day on."""
    since, methods = (value["from"], value["methods"]) if isinstance(value, Mapping) else (date.min, value)
    for dated in values:
        if dated.valid_from < since and (dated.valid_to is None or since <= dated.valid_to):
            yield replace(dated, valid_to=since - timedelta(days=1))
            dated = replace(dated, valid_from=since)
        late = since <= dated.valid_from
        yield replace(dated, value=MappingProxyType({**dated.value, member: tuple(methods)})) if late else dated


def _forget() -> None:
    for name in vars(law).values():
        clear = getattr(name, "cache_clear", None)
        if clear is not None and name is not law.norms:
            clear()
