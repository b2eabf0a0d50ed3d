"""What a person can do once the hub said no, at the counter or at the desk: in words, by what it found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from veta.node.domain.records import UNTAKEN, State
from veta.node.domain.spoken import figure

# By the beginning of a finding's code; the first that is found speaks.
REMEDIES: Final[tuple[tuple[str, Promise], ...]] = (
    (
        "QUO-",
        _(
            "El cupo del minero ya se usó: por otra compra, quizá con otro operador, o mientras este teléfono no tenía "
            "señal. Esta compra no cuenta. No venda ni mezcle ese mineral: devuélvalo y recupere el pago, o compre de "
            "nuevo solo lo que le queda. Si ya no puede devolverlo, avise a su responsable."
        ),
    ),
    (
        "CON-",
        _(
            "Falta el consentimiento del minero, o ya venció. Si él está, haga la compra de nuevo y pídalo. Si no, "
            "no venda ni mezcle ese mineral y avise a su responsable."
        ),
    ),
    (
        "MAN-",
        _("Su empresa no tiene mandato con este operador. Avise a su responsable: sin mandato nada se envía."),
    ),
    (
        "TIM-",
        _("La hora no sirve. Ponga el reloj del teléfono en automático y haga la compra de nuevo."),
    ),
    (
        "EVI-",
        _("Falta la declaración de producción del minero. Pídala y haga la compra de nuevo con su número."),
    ),
    (
        "IDE-",
        _("El documento del minero no está bien o no está inscrito. Revíselo con su cédula y haga la compra de nuevo."),
    ),
    (
        "ROL-",
        _("El minero o su empresa no tiene inscripción vigente para esto. No compre hasta que la tenga."),
    ),
)
ANY: Final = _("Esta compra no cuenta. Corrija lo que se dice y hágala de nuevo, o avise a su responsable.")


# Of any other movement, by its finding's family.
OF_A_MOVEMENT: Final[Mapping[str, Promise]] = {
    "QUO": _(
        "Pasa del cupo o del volumen aprobado de ese año, que quizá se usó entretanto en otra captura o con otro "
        "operador. Reporte solo lo que queda; si el volumen cambió, pida que lo registren."
    ),
    "LOT": _(
        "El lote no alcanza, no es suyo o ya se movió, quizá desde otro teléfono o con otro operador. Revise su saldo "
        "en Libros y corrija lote o cantidad."
    ),
    "YLD": _("El rendimiento no cabe en la receta. Revise los pesos, las leyes y lo que entró."),
    "TIT": _("El título no lo permite ese día. Revise la placa; si está bien, acuda a la autoridad."),
    "PLA": _("El plan del título no lo permite. Revise el mineral y la cantidad; si están bien, acuda a la autoridad."),
    "MIN": _("Revise el mineral, su unidad y su ley o tenor."),
    "MAN": _("Su empresa no tiene mandato con este operador. Avise a su responsable: sin mandato nada se envía."),
    "TIM": _("La fecha no sirve. Corríjala, o declare la tardanza con su motivo."),
    "EVI": _("Falta un soporte, o no está bien escrito. Agréguelo y envíe otro."),
    "IDE": _("Un documento de identidad no está bien o no está inscrito. Revíselo y envíe otro."),
    "ROL": _("Una de las partes no tiene inscripción vigente para esto. No mueva el mineral hasta que la tenga."),
    "ACC": _("Origen no acreditado, o lote suspendido. No lo mezcle ni lo venda: acuda a la autoridad."),
    "EXP": _("Revise el país y los documentos de la exportación."),
    "CON": _("No se puede confirmar así, o el plazo venció. Revise quién confirma; si venció, hace falta otra oferta."),
    "PLC": _("Revise el municipio y la planta."),
    "REV": _("No se puede deshacer así. Vea qué dijo la PTM; si hace falta, acuda a la autoridad."),
    "OBL": _("Revise la regalía y sus soportes."),
}  # fmt: skip
# Of what was to undo another, by its finding.
OF_A_REVERSAL: Final[Mapping[str, Promise]] = {
    "REV-001": _(
        "Algo se hizo ya con ese lote: anule o retire primero eso, lo más reciente antes, y pida esta de nuevo."
    ),
    "REV-002": _("Lo deshace quien lo reportó, con mandato de ese operador. Si lo reportó otro, pídaselo."),
    "REV-003": _("El plazo pasó: presente a la autoridad la solicitud con sus soportes."),
    "REV-004": _("Abra el movimiento y vea cómo quedó: si aún espera respuesta, retírelo."),
    "REV-005": _("Presente a la autoridad la solicitud con sus soportes."),
    "REV-006": _("Pida que se retiren los certificados de ese lote si no se han usado, o acuda a la autoridad."),
}
ANY_MOVEMENT: Final = _("No cuenta. Corrija lo que se dice y envíe otro, o descártelo diciendo por qué.")
# What the hub did not keep, by how it could not be read: what one does about it, and whether once more helps.
UNREAD: Final[Mapping[str, Promise]] = {
    "SCH-001": _("Lleva un dato que esa clase no tiene: quítelo y captúrelo de nuevo."),
    "SCH-002": _("Falta el dato que se dice: captúrelo de nuevo con él."),
    "SCH-003": _("Escriba ese dato como se dice y captúrelo de nuevo."),
    "SCH-004": _("Revise cuántos lotes, productos o documentos lleva, y captúrelo de nuevo."),
    "SCH-005": _("La PTM no conoce esa clase de movimiento. Avise a la mesa del operador."),
    "SCH-010": _("Ese identificador ya lleva otro contenido en la PTM: captúrelo de nuevo; reenviarlo no sirve."),
    "SCH-011": _("Lo que llevaba ese identificador se borró por un acto: captúrelo de nuevo si hace falta."),
}
REFUSED: Final[Mapping[int, Promise]] = {
    404: _("La PTM no tiene ese movimiento, o ya no espera respuesta. Mire Ofertas; si cambió, descarte este."),
    409: _("Ya se respondió de otro modo. Mire cómo va en Ofertas y descarte este."),
    413: _("Es demasiado grande para la PTM. Captúrelo en varios, o con menos documentos."),
}
CAPTURE_AGAIN: Final = _("Corrija el dato y captúrelo de nuevo.")
_OF_A_STATE: Final[Mapping[State, Promise]] = {
    State.HELD: _("Proponga el mandato en Mandato: saldrá solo cuando el cliente lo confirme."),
    State.REFUSED: _("El lote quedó libre. Hable con la otra parte y, si procede, ofrézcalo de nuevo."),
    State.LAPSED: _("El lote quedó libre. Ofrézcalo de nuevo si todavía lo vende."),
}
_CODE: Final = re.compile(r"([A-Z]{3})-\d{3}(?=:)")


def fix_of(kind: str, state: State, cause: str, kept: str = "") -> str:
    """What to do about a record that stands so for that cause, «CODE: words» where the hub gave one; `kept`: what was
    written when it stopped. Empty where there is nothing to do."""
    found = _CODE.match(cause)
    code, family = (found[0], found[1]) if found else ("", "")
    if state is State.DEAD:
        return str(UNREAD.get(code, kept))
    if state is State.REJECTED and kind == "subsistence_purchase":
        return remedy([code], state.value)
    if state is State.REJECTED:
        return str(OF_A_REVERSAL.get(code) or OF_A_MOVEMENT.get(family, ANY_MOVEMENT))
    return str(_OF_A_STATE.get(state, kept))


def fix_of_refusal(status: int, codes: Iterable[str]) -> str:
    """What to do about a record whose whole request the hub refused for good."""
    known = (UNREAD[code] for code in codes if code in UNREAD)
    return str(next(known, REFUSED.get(status, CAPTURE_AGAIN)))


def message_of(finding: Mapping[str, Any]) -> str:
    """What a finding says; of a cap, with what is left of it besides, where the hub told this operator."""
    params = finding.get("params") or {}
    if not str(finding["code"]).startswith("QUO-") or "left" not in params:
        return str(finding["message"])
    left = gettext("En {period} quedan {left} {unit}.").format(
        period=params["period"], left=figure(params["left"]), unit=params["unit"]
    )
    return f"{finding['message']} {left}"


def remedy(codes: Iterable[str], state: str) -> str:
    """What to do about a purchase that does not count; empty for one that may still count."""
    if state not in UNTAKEN:
        return ""
    found = list(codes)
    return str(next((said for start, said in REMEDIES if any(code.startswith(start) for code in found)), ANY))
