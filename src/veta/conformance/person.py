"""A person before the candidate's screens: reads each step as a sentence, does it, and says what is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

# Each state that a record can be shown in, and how a person says it.
SAID: Mapping[str, str] = {
    "waiting": "en espera de enviarse",
    "held": "detenido por falta de mandato",
    "stopped": "detenido: necesita a una persona",
    "accepted": "aceptado por la plataforma",
    "pending": "espera a la otra parte",
    "rejected": "rechazado por la plataforma",
    "refused": "negado por la otra parte",
    "withdrawn": "retirado",
    "lapsed": "vencido",
}
STATES = tuple(SAID)


class Person:
    """Asks through `tell` and `ask`: a terminal's print and input unless others are given."""

    def __init__(self, *, tell: Callable[[str], None] = print, ask: Callable[[str], str] = input) -> None:
        self.tell = tell
        self.ask = ask

    def do(self, verb: str, asked: Mapping[str, Any], says: str) -> dict[str, Any]:
        """Say what is to be done, wait, and take down what the contract wants back."""
        self.tell(f"→ {says}")
        match verb:
            case "shown":
                return {"records": [each for mark in asked["marks"] if (each := self._seen(mark)) is not None]}
            case "rotate":
                return {"keyid": self.ask("  keyid: ").strip()}
            case _:
                self.ask("  Oprima Enter cuando esté hecho. ")
                return {}

    def _seen(self, mark: str) -> dict[str, str] | None:
        numbers = [str(number) for number in range(len(STATES) + 1)]
        for number, said in enumerate(SAID.values(), 1):
            self.tell(f"  {number}. {said}")
        while (answer := self.ask(f"  {mark}: número (0 si no aparece): ").strip()) not in numbers:
            self.tell("  Escriba uno de los números.")
        if answer == "0":
            return None
        return {"mark": mark, "state": STATES[int(answer) - 1], "text": self.ask("  Copie el texto que ve: ")}
