"""Writes of prices: entered by one person, counted once another approved them, never edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.ids import uuid7
from veta.prices import models
from veta.prices.domain.base_price import BasePrice
from veta.prices.queries import prices_in_force, prices_of, resolutions

NORM = "Medida propia: los precios base los ingresa una persona y los aprueba otra"


class PriceRefused(DomainError):
    """An act on prices that is refused; its findings say why."""

    code = "PRI-030"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrice:
    """A price as its resolution writes it; `micros` are millionths of a peso, above zero."""

    subject: str
    market: str
    zone: str
    producer_class: str
    unit: str
    micros: int
    valid_from: date
    valid_to: date
    certificate: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What two prices of one day may not share."""
        return (self.subject, self.market, self.zone, self.producer_class)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResolution:
    """An act to enter with all its prices. `digest`: SHA-256 of the file."""

    issuer: str
    number: str
    issued_on: date
    published_on: date | None
    periodicity: str
    file_name: str
    digest: bytes
    prices: tuple[NewPrice, ...]
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """What entering a resolution did: its id, its name, what it will replace, and whether it was new."""

    id: UUID
    name: str
    replaces: str
    new: bool


@transaction.atomic
def enter_resolution(new: NewResolution, *, by: str) -> Entered:
    """Enter a resolution, whole. It counts for nothing until somebody else approves it.

    A number and year already approved makes this a correction: a new version that says which it replaces. The same
    prices again are no error and enter nothing. Raises PriceRefused: PRI-031 no author, PRI-032 without prices or with
    one of zero or less, PRI-033 another version waits for a decision, PRI-034 overlaps with a resolution in force.
    """
    _one_at_a_time()
    by = _person(by, "by")
    _require_prices(new)
    known = [
        entry
        for entry in resolutions(number=new.number)
        if entry.issued_on == new.issued_on and entry.demo == new.demo and entry.state in ("pending", "in_force")
    ]
    for entry in known:
        if _same(new, prices_of(entry.id)):
            return Entered(entry.id, entry.name, entry.replaces, new=False)
    if any(entry.state == "pending" for entry in known):
        raise _refused(
            "PRI-033",
            "resolution",
            f"Ya hay una versión de {new.number} por decidir. Apruébela o rechácela antes de ingresar otra.",
        )
    before = known[0] if known else None
    _refuse_overlaps(new.prices, new.demo, replaced=before.id if before else None)
    return _insert(new, before.id if before else None, before.version if before else 0, by)


@transaction.atomic
def decide_resolution(resolution: UUID, *, approved: bool, by: str, reason: str = "") -> None:
    """Approve a resolution, from which moment its prices count, or refuse it for a reason.

    Raises PriceRefused: PRI-035 unknown or decided before, PRI-036 decided by who entered it, PRI-037 refused without a
    reason, PRI-034 where what is in force by now overlaps.
    """
    _one_at_a_time()
    by = _person(by, "by")
    row = models.Resolution.objects.filter(pk=resolution, decision__isnull=True).first()
    if row is None:
        raise _refused("PRI-035", "resolution", "Esa resolución no existe o ya se decidió. Vea `veta prices list`.")
    if row.entered_by.strip().lower() == by.lower():
        raise _refused(
            "PRI-036", "by", f"La ingresó {row.entered_by}: debe aprobarla otra persona. Pídalo a quien corresponda."
        )
    if not approved and not reason.strip():
        raise _refused("PRI-037", "reason", "Diga por qué se rechaza; queda en el registro.")
    if approved:
        _refuse_overlaps(prices_of(row.id), row.demo, replaced=row.replaces_id)
    models.ResolutionDecision.objects.create(
        resolution=row, entered_by=row.entered_by, decided_by=by, approved=approved, reason=reason.strip()
    )


@transaction.atomic
def keep_certificate(
    *, number: str, issued_on: date, mineral: str, month: date, micros: int, unit: str, file_name: str, digest: bytes,
    by: str,
) -> bool:  # fmt: skip
    """Keep a certificate of Banco de la República; returns whether it was new. It is an input, never a price.

    Raises PriceRefused PRI-038 where that number is kept with other content.
    """
    by = _person(by, "by")
    content = {
        "issued_on": issued_on, "mineral": mineral, "month": month.replace(day=1), "micros": micros, "unit": unit,
        "file_digest": digest,
    }  # fmt: skip
    known = models.Certificate.objects.filter(number=number).first()
    if known is None:
        models.Certificate.objects.create(number=number, file_name=file_name[:200], entered_by=by, **content)
        return True
    same = all((bytes(getattr(known, k)) if k == "file_digest" else getattr(known, k)) == v for k, v in content.items())
    if not same:
        raise _refused("PRI-038", "number", f"El certificado {number} ya está guardado con otro contenido. Revíselo.")
    return False


def _insert(new: NewResolution, before: UUID | None, version: int, by: str) -> Entered:
    row = models.Resolution.objects.create(
        issuer=new.issuer, number=new.number, issued_on=new.issued_on, published_on=new.published_on,
        periodicity=new.periodicity, file_name=new.file_name[:200], file_digest=new.digest, demo=new.demo,
        version=version + 1, replaces_id=before, entered_by=by,
    )  # fmt: skip
    models.BasePrice.objects.bulk_create(
        models.BasePrice(
            id=uuid7(), resolution=row, subject=p.subject, market=p.market, zone=p.zone,
            producer_class=p.producer_class, unit=p.unit, micros=p.micros, valid_from=p.valid_from,
            valid_to=p.valid_to, certificate=p.certificate,
        )
        for p in new.prices
    )  # fmt: skip
    entry = resolutions(number=new.number)[0]
    return Entered(row.id, entry.name, entry.replaces, new=True)


def _require_prices(new: NewResolution) -> None:
    if not new.prices:
        raise _refused("PRI-032", "prices", f"La resolución {new.number} no trae precios. Revise el archivo.")
    for price in new.prices:
        if price.micros <= 0:
            raise _refused(
                "PRI-032", "price_cop", f"El precio de {price.subject} es cero o menos: nunca lo es. Revise el acto."
            )
    for index, price in enumerate(new.prices):
        for other in new.prices[:index]:
            if price.key == other.key and _meet(price, other):
                raise _overlap(price, other.subject, new.number)


def _refuse_overlaps(prices: Iterable[NewPrice | BasePrice], demo: bool, *, replaced: UUID | None) -> None:
    """Raise PRI-034 where a price shares subject, market, zone, class and a day with one in force of another act."""
    listed = list(prices)
    in_force = prices_in_force(subjects={price.subject for price in listed})
    for price in listed:
        for other in in_force:
            if (
                other.key == price.key
                and other.resolution.demo == demo
                and other.resolution.id != replaced
                and _meet(price, other)
            ):
                raise _overlap(price, price.subject, other.resolution.name)


def _meet(one: NewPrice | BasePrice, other: NewPrice | BasePrice) -> bool:
    return one.valid_from <= other.valid_to and other.valid_from <= one.valid_to


def _overlap(price: NewPrice | BasePrice, subject: str, name: str) -> PriceRefused:
    return _refused(
        "PRI-034",
        "valid_from",
        f"Dos precios de {subject} regirían el mismo día ({price.valid_from} a {price.valid_to}), con {name}. Corrija"
        " la vigencia según el acto; si es una corrección, ingrésela con el número y la fecha de la que corrige.",
    )


def _same(new: NewResolution, prices: Sequence[BasePrice]) -> bool:
    one = sorted((p.key, p.unit, p.micros, p.valid_from, p.valid_to, p.certificate) for p in new.prices)
    return one == sorted((p.key, p.unit, p.micros, p.valid_from, p.valid_to, p.certificate) for p in prices)


def _person(by: str, field: str) -> str:
    if not by.strip() or len(by) > 150:
        raise _refused("PRI-031", field, "Falta quién lo hace. Escriba la cuenta o el nombre.")
    return by.strip()


def _refused(code: str, field: str, message: str) -> PriceRefused:
    return PriceRefused(message, code=code, findings=[Finding(code, "blocking", field, NORM, message)])


def _one_at_a_time() -> None:
    """Resolutions are few and are compared with each other: they take turns until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('prices.resolutions'))")
