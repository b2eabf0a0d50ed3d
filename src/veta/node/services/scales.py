"""A client's scale is recorded with its calibration, or gets another one, with the certificate that was brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.errors import DomainError
from veta.node.domain.scales import AccuracyClass, most_intervals
from veta.node.models import Branch, Calibration, CalibrationPaper, Scale
from veta.node.services.identities import require_same_keys
from veta.site.models import User

LARGEST_PAPER: Final = 5 * 2**20
# What a certificate is, by how its bytes begin.
MEDIA: Final = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class ScaleRefused(DomainError):
    """A scale or calibration that cannot be recorded so: the message says what to mend."""

    code = "NOD-015"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighs:
    """A scale as its plate says: class, unit, largest load and verification interval e, both in that unit."""

    branch: Branch
    serial: str
    accuracy_class: AccuracyClass
    unit: str
    largest: Decimal
    e: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A calibration: its certificate, when it was made, until when it serves (inclusive), the expanded uncertainty
    (k=2) that it states, and its paper."""

    certificate: str
    on: date
    until: date
    uncertainty: Decimal | None = None
    paper: bytes = b""


def record_calibration(scale: Weighs, calibrated: Certified, *, by: User) -> Calibration:
    """Record a calibration, and the scale where it is new: one transaction.

    Raises ScaleRefused where a scale of that serial is there with another plate, where the largest load has more
    intervals than the class admits (OIML R 76-1:2006, 3.2 table 3), where the branch closed, or for a paper that is
    none.
    """
    _possible(scale, calibrated)
    media_type = _media_type(calibrated.paper)
    plate = {
        "accuracy_class": scale.accuracy_class.value, "unit": scale.unit, "largest": scale.largest, "division": scale.e,
    }  # fmt: skip
    with transaction.atomic():
        require_same_keys()
        kept, _made = Scale.objects.get_or_create(branch=scale.branch, serial=scale.serial, defaults=plate)
        if any(getattr(kept, name) != value for name, value in plate.items()):
            raise ScaleRefused(
                gettext(
                    "Esa serie ya está con otra clase, unidad, carga o división. Corrija el dato o escriba otra serie."
                )
            )
        made = Calibration.objects.create(
            scale=kept, certificate=calibrated.certificate, calibrated_on=calibrated.on, due_on=calibrated.until,
            uncertainty=calibrated.uncertainty,
        )  # fmt: skip
        if calibrated.paper:
            CalibrationPaper.objects.create(
                calibration=made, media_type=media_type, content=calibrated.paper, recorded_by=by
            )
    return made


def _possible(scale: Weighs, calibrated: Certified) -> None:
    most = most_intervals(scale.accuracy_class.value, calibrated.on)
    if most and scale.largest > most * scale.e:
        raise ScaleRefused(
            gettext(
                "Una báscula de clase %(class)s tiene a lo sumo %(most)s divisiones de verificación. Revise en su placa"
                " la clase, la carga máxima y e."
            )
            % {"class": scale.accuracy_class.value, "most": most}
        )
    if calibrated.uncertainty is not None and calibrated.uncertainty > scale.largest:
        raise ScaleRefused(gettext("La incertidumbre pasa de la carga máxima. Escríbala en la unidad de la báscula."))
    if hasattr(scale.branch, "closing"):
        raise ScaleRefused(gettext("Esa sede cerró. Anote la báscula en la sede donde pesa ahora."))


def _media_type(paper: bytes) -> str:
    if not paper:
        return ""
    if len(paper) > LARGEST_PAPER:
        raise ScaleRefused(gettext("El certificado pasa de 5 MB. Súbalo más liviano."))
    found = next((media for start, media in MEDIA.items() if paper.startswith(start)), None)
    if found is None:
        raise ScaleRefused(gettext("El certificado no es un PDF ni una imagen (PNG o JPG). Súbalo en uno de esos."))
    return found
