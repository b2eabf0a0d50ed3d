"""The buyer's RUCOM number on a document: as the registry has it, or marked unverified; never one it contradicts."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal, NamedTuple
from uuid import UUID

from veta.certificates.services.facts import refuse
from veta.registry.domain import registrations_on
from veta.registry.queries import registrations_of

Known = Literal["registry", "unverified"]
NORM: Final = "DUR 1073 de 2015 arts. 2.2.5.6.1.1.4 y 2.2.5.6.2.1 (RUCOM)"


class Rucom(NamedTuple):
    """A number, and whether the registry holds it (`registry`) or could not say (`unverified`)."""

    number: str | None
    known: Known | None


def rucom_of(buyer: UUID | None, given: str | None, *, on: date) -> Rucom:
    """The number that a document states: the one given, else the registry's own where it has just one.

    Args: `on`, the Bogotá date of the sale. Raises Refused CER-015: a number of nobody; of a buyer without a
    registration in force that day; or other than those that the registry has of him.
    """
    if buyer is None:
        if given is not None:
            raise _refused("Diga de qué comprador es ese número de RUCOM, o quítelo.")
        return Rucom(None, None)
    active = [
        each for each in registrations_on(registrations_of([buyer]).get(buyer, []), on) if each.status == "active"
    ]
    numbers = {each.rucom_number for each in active if each.rucom_number is not None}
    if given is None:
        return Rucom(numbers.pop(), "registry") if len(numbers) == 1 else Rucom(None, None)
    if not active:
        day = on.isoformat()
        raise _refused(f"El comprador no tiene inscripción en vigor el {day}. Revise quién compra y la fecha.", day=day)
    held = next((number for number in numbers if _bare(number) == _bare(given)), None)
    if held is not None:
        return Rucom(held, "registry")
    if numbers and all(each.rucom_number is not None for each in active):
        raise _refused("Ese no es el número de RUCOM del comprador en el registro. Corríjalo o quítelo.")
    return Rucom(given, "unverified")


def _bare(number: str) -> str:
    """A number without what people write in between."""
    return "".join(character for character in number.upper() if character.isalnum())


def _refused(message: str, **params: str) -> Exception:
    return refuse("CER-015", "buyer_rucom", message, norm=NORM, **params)
