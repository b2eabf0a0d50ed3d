"""A call with its officers, for the tests of its desk: who acts, at which hour, what a page said."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.calls.theatre import Theatre, bogota
from veta.calls.domain.commands import setup
from veta.calls.domain.seed import call_of_2026
from veta.calls.services.clock import set_clock

CODE = "DEMO-OTTM-2026"


def at(text: str) -> None:
    set_clock(bogota(text), by="prueba")


def of(theatre: Theatre, name: str, *args: Any) -> str:
    return reverse(name, args=[CODE, theatre.firms["Andina"], *args])


def seen(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def call_form(**changes: Any) -> dict[str, Any]:
    """A new call as its form sends it: the circular's days, an act of its own."""
    made = call_of_2026()
    days: dict[str, Any] = {}
    for each in made["timetable"]:
        days |= {f"desde_{each['order']}": each["opens"], f"hasta_{each['order']}": each["closes"]}
    return {
        "titulo": "Otra (ficticia)", "clase": "Resolución", "numero": "DEMO 2", "fecha": "2026-02-19",
        "fundamentos": "Ley 2250 de 2022\nResolución ANM 759 de 2024", "proyecto": "Grupo de Regalías",
        "reviso": "Abogado VSCSM", "firma": "Vicepresidencia", "preguntas": "2026-03-29", "intentos_1": "4",
        "intentos_2": "1", "liquidity": "1.2", "debt": "0.7", "cover": "1", "anios": "3", **days, **changes,
    }  # fmt: skip


def read(page: str) -> str:
    """The proposal that a page showed, as its form sends it back."""
    found = re.search(r'name="visto" value="(\d+)"', page)
    assert found is not None
    return found[1]


def eligible(theatre: Theatre) -> Theatre:
    """Andina is eligible, on the first day of the hand-over; it1 and it2 are of the technical team."""
    theatre.at("2026-03-13 09:00:00").declare_all().judge("Andina")
    for name in ("it1", "it2"):
        theatre.do(setup.name_evaluator, f"{name}@demo.invalid", "tecnico")
        theatre.declare(theatre.firms["Andina"], f"{name}@demo.invalid")
    for hour, kind in (("2026-03-17", "preliminary"), ("2026-03-26", "answers"), ("2026-05-05", "results"),
                       ("2026-05-14", "stage_results")):  # fmt: skip
        theatre.at(f"{hour} 09:00:00").publish(kind)
    return theatre.at("2026-05-15 09:00:00")
