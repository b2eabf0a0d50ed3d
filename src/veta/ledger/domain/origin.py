"""Origins: where mineral was first extracted or declared."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from veta.kernel.ids import uuid_of


@lru_cache(maxsize=65536)
def origin_id(
    *, kind: str, code: str | None = None, municipality: str | None = None, person: UUID | None = None
) -> UUID:
    """The id of the origin of a `kind` with its title's (or area's) code, or else its municipality, and its person.

    Code and municipality exclude each other; an origin of unproven mineral may have neither. `person` is the random id
    that the registry gave, never a document's number.
    """
    if code is not None and municipality is not None:
        raise ValueError("an origin has a code or a municipality, not both")
    return uuid_of("origin", kind, code or municipality or "", str(person) if person else "")


@dataclass(frozen=True, slots=True)
class Origin:
    """One origin; its id follows from the rest."""

    kind: str
    code: str | None = None
    municipality: str | None = None
    person: UUID | None = None

    @property
    def id(self) -> UUID:
        return origin_id(kind=self.kind, code=self.code, municipality=self.municipality, person=self.person)
