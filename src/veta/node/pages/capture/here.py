"""Where a movement was: one of the client's branches, or on a scale of one, with what that scale is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.node.domain.scales import Instrument
from veta.node.domain.spoken import figure
from veta.node.models import Branch, Scale
from veta.node.queries.known import Known
from veta.node.queries.named import town_name


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as the hub takes it; of a scale, its words for the note, and how it weighs."""

    place: dict[str, str]
    words: str = ""
    scale: Instrument | None = None


class Here(forms.ChoiceField):
    """The client's open branches and their scales; one whose calibration does not serve says so before it is used."""

    def __init__(self, known: Known, **kwargs: Any) -> None:
        self.known, self.today = known, bogota_date(SystemClock().now())
        self.by_key: dict[str, Spot] = {}
        choices: list[tuple[str, str]] = []
        for branch in known.branches:
            choices.append((branch.id.hex, f"{branch.name} · {town_name(branch.municipality)}"))
            self.by_key[branch.id.hex] = Spot(self._place(branch))
            for scale in known.scales:
                if scale.branch_id == branch.id:
                    choices.append((scale.id.hex, f"{branch.name} · {self._named(scale)}"))
        lapsed = [each.serial for each in known.scales if not known.instruments[each.id].serves(self.today)]
        super().__init__(
            choices=[*choices, ("", _("Otro lugar"))], required=False,
            error_messages={"invalid_choice": _("Esa sede cerró, o la báscula ya no se ofrece. Elija otra.")},
            help_text=f"{', '.join(lapsed)}: {unserved()}" if lapsed else "", **kwargs,
        )  # fmt: skip
        self.initial = choices[0][0] if choices else ""

    def _place(self, branch: Branch) -> dict[str, str]:
        facility = self.known.facilities.get(branch.id, "")
        return {"municipality": branch.municipality} | ({"facility": facility} if facility else {})

    def _named(self, scale: Scale) -> str:
        weighs = self.known.instruments[scale.id]
        words = f"{_('báscula')} {scale.serial} ({_('clase')} {scale.accuracy_class})"
        self.by_key[scale.id.hex] = Spot(
            self.by_key[scale.branch_id.hex].place, f"{words[0].upper()}{words[1:]}.", weighs
        )
        if weighs.serves(self.today):
            return words
        return f"{words} · {_('CALIBRACIÓN VENCIDA') if weighs.calibrated else _('SIN CALIBRACIÓN')}"


def unserved() -> str:
    """What follows from a scale without a calibration that serves, and what to do."""
    return _(
        "sin calibración vigente. Puede pesar, pero la medida va sin incertidumbre. Pese en otra báscula, o calíbrela y"
        " anote el certificado en Sedes y básculas."
    )


def scale_fact(scale: Instrument, stated: str | None, unit: str, on: date) -> tuple[str, str, str]:
    """A weighing in words: the uncertainty that goes with it and where it comes from, or why none does."""
    name = _("Báscula %(serial)s") % {"serial": scale.serial}
    if not scale.serves(on):
        return name, unserved(), "wait"
    if stated is None:
        words = _("La medida va sin incertidumbre: pasa de su carga máxima, o no se pesa en esa unidad.")
        return name, words, "wait"
    counted = scale.last(on)
    by = _("según su certificado") if counted and counted.stated is not None else _("por su clase (OIML R 76)")
    return name, _("±%(stated)s %(unit)s (k = 2), %(by)s") % {"stated": figure(stated), "unit": unit, "by": by}, "ok"
