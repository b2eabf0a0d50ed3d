"""Fictitious actors and how to tell: names that say so, documents from ranges that nobody is given.

NIT 999.000.001 on (the register of taxpayers is far below) with their true check digit; CC 9.990.000.001 on (identity
cards of ten digits start with 1). Anyone who meets one in a report knows at sight that it is a demonstration.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from stdnum.co import nit

from veta.kernel.identity import Document, document
from veta.kernel.ids import uuid_of

FIRST_NIT = 999_000_000
FIRST_CC = 9_990_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One of the cast: `operators` are those that hold its mandate, the first its usual one."""

    id: UUID
    kind: str
    name: str
    document: Document
    role: str
    municipality: str
    operators: tuple[str, ...]
    minerals: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    recipe: str | None = None
    published: bool = False
    lapsed: bool = False

    @property
    def operator(self) -> str:
        return self.operators[0]

    @property
    def party(self) -> dict[str, str]:
        """The actor as a movement names it: a firm with its check digit."""
        party = {"type": self.document.type, "number": self.document.number}
        return party | {"check": check_digit(self.document)} if self.document.type == "NIT" else party


def check_digit(found: Document) -> str:
    """The check digit of a NIT (DIAN, module 11)."""
    return str(nit.calc_check_digit(found.number))


def firm(serial: int, name: str, **what: Any) -> Actor:
    """The fictitious firm number `serial`, from 1: its NIT is of the demonstration's range."""
    number = str(FIRST_NIT + serial)
    found = document("NIT", number, nit.calc_check_digit(number))
    return Actor(id=uuid_of("demo", "firm", number), kind="firm", name=name, document=found, **what)


def person(serial: int, name: str, **what: Any) -> Actor:
    """The fictitious person number `serial`, from 1: its CC is of the demonstration's range."""
    number = str(FIRST_CC + serial)
    return Actor(
        id=uuid_of("demo", "person", number), kind="person", name=name, document=document("CC", number), **what
    )
