"""Which municipality an account acts for: one asks, another gives; the seat given last and not ended is the one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction

from veta.hub.mayor.models import Seat, SeatDecision, SeatEnd
from veta.kernel.errors import DomainError
from veta.registry.queries import MunicipalityRecord, municipalities
from veta.site.models import User
from veta.site.queries import holders_of
from veta.site.roles import Role


class MayorRefused(DomainError):
    """What a mayor's desk refuses: MAY-001 … MAY-007, each with its remedy."""

    code = "MAY-001"


@dataclass(frozen=True, slots=True)
class SeatNow:
    """A seat with how it stands."""

    id: UUID
    user: User
    municipality: MunicipalityRecord
    act: str
    proposed_by: UUID
    proposed_by_name: str
    state: Literal["pending", "given", "refused", "ended"]


def municipality_of(user: UUID) -> MunicipalityRecord | None:
    """The municipality that an account acts for today; None where nobody gave it one."""
    given = Seat.objects.filter(user=user, decision__granted=True, end__isnull=True)
    code = given.order_by("-decision__decided_at").values_list("municipality", flat=True).first()
    return municipalities().get(code) if code else None


def seats() -> list[SeatNow]:
    """Every seat, those to decide first, then the newest."""
    related = ("user", "proposed_by", "decision", "end")
    found = [_now(seat) for seat in Seat.objects.select_related(*related).order_by("-proposed_at", "-id")]
    return sorted(found, key=lambda seat: seat.state != "pending")


def seat_of(id: UUID) -> SeatNow | None:
    """One seat."""
    found = Seat.objects.select_related("user", "proposed_by", "decision", "end").filter(id=id).first()
    return _now(found) if found else None


def _now(seat: Seat) -> SeatNow:
    decision, ended = getattr(seat, "decision", None), hasattr(seat, "end")
    state: Literal["pending", "given", "refused", "ended"] = (
        "pending" if decision is None else "refused" if not decision.granted else "ended" if ended else "given"
    )
    place = municipalities()[seat.municipality]
    return SeatNow(seat.id, seat.user, place, seat.act, seat.proposed_by_id, seat.proposed_by.name, state)


def propose_seat(*, email: str, municipality: str, act: str, by: User) -> UUID:
    """Ask that an account with the mayor's role act for a municipality. Raises MayorRefused MAY-001."""
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None or user.id not in holders_of(Role.MAYOR):
        raise MayorRefused("Ninguna cuenta activa con ese correo tiene el rol de alcaldía. Pida antes el rol.")
    if municipality not in municipalities():
        raise MayorRefused("Ese código no es de un municipio. Escriba los cinco dígitos de la DIVIPOLA.")
    return Seat.objects.create(user=user, municipality=municipality, act=act, proposed_by=by).id


@transaction.atomic
def decide_seat(seat: UUID, *, granted: bool, by: User) -> None:
    """Give a seat or refuse it; what the account had before ends. Raises MayorRefused MAY-002, MAY-003."""
    found = Seat.objects.get(id=seat)
    if granted and by.id in (found.proposed_by_id, found.user_id):
        raise MayorRefused("La da otra persona que quien la pidió y que quien la recibe.", code="MAY-003")
    try:
        with transaction.atomic():
            SeatDecision.objects.create(
                seat=found, user=found.user, proposed_by=found.proposed_by, decided_by=by, granted=granted
            )
    except IntegrityError:
        raise MayorRefused("Esa petición ya se decidió. Revise la lista.", code="MAY-002") from None
    if granted:
        before = Seat.objects.filter(user=found.user, decision__granted=True, end__isnull=True).exclude(id=seat)
        SeatEnd.objects.bulk_create([SeatEnd(seat=old, ended_by=by) for old in before], ignore_conflicts=True)


def end_seat(seat: UUID, *, by: User) -> None:
    """End a seat; one person is enough, and ending it again is no error."""
    SeatEnd.objects.bulk_create([SeatEnd(seat_id=seat, ended_by=by)], ignore_conflicts=True)
