"""What a person reads where the candidate has no automatic port: each step as a sentence, with its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Asked = Mapping[str, Any]


def spoken(verb: str, asked: Asked) -> str:
    """The sentence of a verb of the driver's contract."""
    return SENTENCES[verb](asked)


def _start(asked: Asked) -> str:
    clients = "; ".join(
        f"{each['called']} ({each['kind']}, {_plain(each['party'])}, mandato {each['mandate']})"
        for each in asked["clients"]
    )
    return f"Apunte su sistema a {asked['hub']} y tenga estos clientes, con mandato vigente: {clients}."


def _capture(asked: Asked) -> str:
    lines = "\n".join(f"  {_movement(each)}" for each in asked["movements"])
    return f"Capture para el cliente {asked['client']['number']}:\n{lines}"


def _movement(item: Asked) -> str:
    fields = {name: value for name, value in item.items() if name not in {"kind", "evidence"}}
    said = ", ".join(f"{name}: {_plain(value)}" for name, value in fields.items())
    return f"{item['kind']}, soporte {item['evidence'][0]['type']} n.º {item['evidence'][0]['number']}; {said}"


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_plain(each) for each in value.values())
    return "; ".join(_plain(each) for each in value) if isinstance(value, list) else str(value)


def _shown(asked: Asked) -> str:
    return f"Abra en su sistema el registro con soporte n.º {', '.join(asked['marks'])}. ¿Qué le muestra?"


def _answer(asked: Asked) -> str:
    said = {"confirm": "Confirme", "refuse": "Niegue", "withdraw": "Retire"}[asked["decision"]]
    return f"{said}, por el cliente {asked['client']['number']}, el movimiento {asked['movement']}."


def _clock(asked: Asked) -> str:
    if not asked["ahead"]:
        return "Ponga en hora el reloj de su sistema."
    side = "adelante" if asked["ahead"] > 0 else "atrás"
    return f"Ponga el reloj de su sistema {abs(asked['ahead'])} segundos {side} de la hora legal."


SENTENCES: Mapping[str, Callable[[Asked], str]] = {
    "start": _start,
    "capture": _capture,
    "sync": lambda asked: "Haga que su sistema envíe y lea ahora, si tiene cómo.",
    "shown": _shown,
    "answer": _answer,
    "crash": lambda asked: "Apague de golpe su sistema (corte la energía o mate sus procesos).",
    "restart": lambda asked: "Arranque de nuevo su sistema.",
    "clock": _clock,
    "rotate": lambda asked: "Pida a la plataforma una llave nueva y escriba aquí su «keyid».",
    "adopt": lambda asked: f"Desde ahora firme con la llave {asked['keyid']}.",
}
