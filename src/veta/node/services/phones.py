"""What a device captured, as it brings it: each record checked against its digest, kept once, in its place.

A device numbers and chains its records before it knows whether they will arrive. Nothing that it brings is thrown
away because of a gap: the record is kept, and `veta.node.queries.chains` tells the gap. What cannot be kept at all (its
digest is not that of its words, its place is another record's, it speaks for somebody else) stays on the device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from veta.kernel.errors import DomainError
from veta.kernel.period import PeriodError, bogota_date
from veta.movements.domain import law
from veta.node.domain.capturing import REPORTER
from veta.node.domain.records import Captured, about
from veta.node.models import Branch, BusinessRecord, Client, Device, DeviceEnd, Membership
from veta.node.services.capture import CaptureRefused, Given, capture, lock
from veta.norms import NormNotInForce
from veta.site.models import User


class PhoneRefused(DomainError):
    """A device, or a record that it brings, cannot be taken as it is."""

    code = "NOD-020"


@dataclass(frozen=True, slots=True)
class Brought:
    """A record as a device brings it: with the digest that the device wrote, and whose account captured it there.

    Devices of before said the account beside what they chained. Which way it was is told by the digest alone: neither
    can be made the other without it.
    """

    captured: Captured
    digest: str
    by: UUID | None

    def whole(self) -> Captured | None:
        """What the digest covers; None where it is of something else, or the words have no canonical form."""
        forms = (replace(self.captured, by=self.by), self.captured)
        try:
            return next((each for each in forms if each.digest() == self.digest), None)
        except (TypeError, ValueError, RecursionError):
            return None


def enrol(client: Client, id: UUID, *, name: str, branch: UUID | None, by: User) -> Device:
    """The client's device of that id, made by the device itself; enrolled where it is new. Raises PhoneRefused."""
    with transaction.atomic():
        lock(client)
        known = Device.objects.filter(pk=id).first()
        if known is not None and known.client_id != client.id:
            raise PhoneRefused(
                gettext("Ese dispositivo es de otro cliente. Borre los datos del sitio y entre de nuevo.")
            )
        if known is not None:
            return known
        place = Branch.objects.filter(pk=branch, client=client).first() if branch is not None else None
        return Device.objects.create(id=id, client=client, branch=place, name=name[:120], enrolled_by=by)


def keep(
    device: Device, brought: Brought, *, now: datetime, skew_ms: int, late_reason: str, by: User
) -> BusinessRecord:
    """Keep one record of a device and put it on its way; again, the same one.

    `late_reason`: why it comes now, told to the hub only where the term to report is over.
    Raises PhoneRefused, CaptureRefused.
    """
    captured, client = brought.whole(), device.client
    if captured is None:
        raise PhoneRefused(
            gettext("Lo guardado no corresponde con su huella: alguien lo cambió. Avise a su responsable.")
        )
    with transaction.atomic():
        lock(client)
        _require_own(client, captured.payload)
        if _taken(captured):
            raise PhoneRefused(
                gettext("Otro registro tiene ese lugar en la cadena del teléfono. Avise a su responsable.")
            )
        given = Given(
            captured.payload, captured=captured, skew_ms=skew_ms, late_reason=_late(captured, now, late_reason)
        )
        (record,) = capture(client, [given], now=now, by=_author(client, brought.by) or by, branch=device.branch)
    return record


def _require_own(client: Client, payload: Mapping[str, Any]) -> None:
    """The client is who reports it, by the role that its kind asks; a receipt is of a dispatch of the client's that
    this node keeps. Raises PhoneRefused."""
    kind = payload.get("kind")
    role = REPORTER.get(kind) if isinstance(kind, str) else None
    if role is None or (role and not _is(client, payload.get(role))):
        raise PhoneRefused(gettext("Eso no lo reporta este cliente. Captúrelo de nuevo desde su página."))
    if not role and not _sent(client, about({"dispatch": payload.get("dispatch")})):
        raise PhoneRefused(
            gettext("Ese despacho no es de este cliente, o está en otro teléfono: envíe antes el que lo capturó.")
        )


def _sent(client: Client, dispatch: UUID | None) -> bool:
    own = BusinessRecord.objects.filter(client=client, kind="dispatch")
    return dispatch is not None and own.filter(pk=dispatch).exists()


def _is(client: Client, party: object) -> bool:
    own = client.party()
    return isinstance(party, Mapping) and (party.get("type"), party.get("number")) == (own["type"], own["number"])


def _taken(captured: Captured) -> bool:
    """Whether another record stands where this one says that it stands."""
    there = BusinessRecord.objects.filter(device=captured.device, sequence=captured.sequence)
    return there.exclude(pk=captured.id).exists()


def _late(captured: Captured, now: datetime, reason: str) -> str:
    """The reason, where the term to report is over since it happened; empty where it is not."""
    try:
        happened = datetime.fromisoformat(str(captured.payload.get("occurred_at")))
        window = law.reporting_window(bogota_date(happened))
    except (ValueError, PeriodError, NormNotInForce):
        return ""
    if now - happened <= window:
        return ""
    return reason.strip()[:300] or gettext("Capturado sin señal; se envió al volver.")


def _author(client: Client, by: UUID | None) -> User | None:
    """The account that captured it there, if it was ever one of the client's."""
    held = Membership.objects.filter(client=client, user=by).select_related("user").first() if by else None
    return held.user if held is not None else None


def retire(device: Device, *, by: User) -> None:
    """Take a phone out of use: what it brings is still kept, and then it is told to forget; again, the same."""
    DeviceEnd.objects.get_or_create(device=device, defaults={"ended_by": by})


def refusals() -> tuple[type[DomainError], ...]:
    """What `keep` refuses a record with: it stays on its device, and the next one is tried."""
    return (PhoneRefused, CaptureRefused)
