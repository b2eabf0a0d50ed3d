"""What whoever stands at the counter can do once the hub said no: in words, by what it found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.node.domain.records import UNTAKEN

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


def remedy(codes: Iterable[str], state: str) -> str:
    """What to do about a purchase that does not count; empty for one that may still count."""
    if state not in UNTAKEN:
        return ""
    found = list(codes)
    return str(next((said for start, said in REMEDIES if any(code.startswith(start) for code in found)), ANY))
