"""The authorization that a client gives for its data (Ley 1581 de 2012): its versions, and which one holds on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Wording:
    """A version of the text, given to whoever authorizes from `since` on, until a later one."""

    version: str
    text: str
    since: date


FIRST: Final = Wording(
    "2026-1",
    "Autorizo a este operador tecnológico a tratar mis datos de identificación y contacto y los de mis "
    "movimientos de mineral, solo para registrarlos ante la plataforma de trazabilidad de minerales (PTM) y "
    "cumplir las obligaciones que de ellos resultan. Sé que puedo conocerlos, actualizarlos, rectificarlos y "
    "pedir su supresión cuando la ley no obligue a conservarlos, y que puedo retirar esta autorización y terminar"
    " el mandato cuando quiera (Ley 1581 de 2012).",
    date(2026, 1, 1),
)
"""The text that the product comes with; an operator's own take its place from their day on."""


def in_force(later: Iterable[Wording], on: date) -> Wording:
    """The text that holds on a day: of those recorded since, the latest that began by then; else the first."""
    begun = [each for each in later if each.since <= on]
    return max(begun, key=lambda each: each.since, default=FIRST)
