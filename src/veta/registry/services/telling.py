"""What a person is told with a code: written in a message or said in a call, by whom, for what and until when."""

from datetime import datetime
from typing import Final

from veta.kernel.period import BOGOTA
from veta.kernel.quantity import text_of
from veta.norms.catalogue import Mineral, catalogue
from veta.registry.domain import ConsentAsked
from veta.registry.queries.actors import names_of

DIGITS: Final = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")
SPOKEN_UNITS: Final = {
    "g": "gramos", "kg": "kilogramos", "t": "toneladas", "m3": "metros cúbicos", "ct": "quilates",
}  # fmt: skip


def written(asked: ConsentAsked, code: str, expires: datetime) -> str:
    """The message: who asks, what for, the code and the hour until which it serves."""
    return (
        f"Veta: {_who(asked)} {_request(asked)}. Si está de acuerdo, su código es {code}; vence a las"
        f" {_hour(expires)}. Si no, no lo dé."
    )


def spoken(asked: ConsentAsked, code: str, expires: datetime) -> str:
    """What is said in a call, in words that a voice reads as they stand: the code digit by digit, and once more."""
    digits = ", ".join(DIGITS[int(digit)] for digit in code)
    return (
        f"Le habla Veta, la plataforma de minerales. {_who(asked)} {_request(asked, aloud=True)}. Si está de acuerdo,"
        f" su código es: {digits}. Repito: {digits}. Vence a las {_hour(expires)}. Dígalo solo a quien se lo pide ahí."
        " Nadie de la plataforma se lo va a pedir. Si no está de acuerdo, no lo dé y cuelgue."
    )


def _who(asked: ConsentAsked) -> str:
    return names_of([asked.counterparty]).get(asked.counterparty) or asked.asked_by or "Un operador"


def _hour(at: datetime) -> str:
    return at.astimezone(BOGOTA).strftime("%H:%M")


def _request(asked: ConsentAsked, *, aloud: bool = False) -> str:
    if asked.purpose == "mandate":
        return "pide reportar sus movimientos de mineral en su nombre"
    if asked.purpose == "balance":
        return "pide ver su saldo de mineral"
    mineral = catalogue().mineral(asked.mineral or "")
    if mineral is None or asked.amount is None:
        return "dice comprarle mineral"
    price = f" por {asked.price_cop:,.0f} pesos".replace(",", ".") if asked.price_cop is not None else ""
    return f"dice comprarle hasta {_quantity(mineral, asked.amount, aloud=aloud)} de {mineral.name}{price}"


def _quantity(mineral: Mineral, amount: int, *, aloud: bool) -> str:
    """As written, «12,500 g»; aloud «12 coma 5 gramos», for a voice reads three decimals as thousands."""
    figure = text_of(amount, factor=mineral.factor)
    if not aloud:
        return f"{figure.replace('.', ',')} {mineral.unit}"
    plain = figure.rstrip("0").rstrip(".") if "." in figure else figure
    return f"{plain.replace('.', ' coma ')} {SPOKEN_UNITS[mineral.unit]}"
