"""The law of another day: the same norms with one parameter's value changed, for what no norm in force asks yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from veta.movements.domain import law
from veta.norms.lookup import Norms, norms

MEMBERS = {"required_consent": ("consent.methods", "required")}


@contextmanager
def law_of(changes: Mapping[str, Any]) -> Iterator[None]:
    """Judge by the norms with those members changed; nothing is done where there is none."""
    if not changes:
        yield
        return
    ours = law.norms
    law.norms = lambda: _changed(changes)  # type: ignore[assignment]
    _forget()
    try:
        yield
    finally:
        law.norms = ours
        _forget()


def _changed(changes: Mapping[str, Any]) -> Norms:
    parameters = {parameter.id: parameter for parameter in norms()}
    for name, value in changes.items():
        id, member = MEMBERS[name]
        new = tuple(
            replace(dated, value=MappingProxyType({**dated.value, member: tuple(value)}))
            for dated in parameters[id].values
        )
        parameters[id] = replace(parameters[id], values=new)
    return Norms(parameters.values(), digest="sha256:another-day")


def _forget() -> None:
    for name in vars(law).values():
        clear = getattr(name, "cache_clear", None)
        if clear is not None and name is not law.norms:
            clear()
