"""Writes of royalties: a quarter's settlement from draft to declaration to payment, and what buyers withhold."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from veta.kernel.canonical_json import canonical
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.identity import title_code
from veta.kernel.period import Period, quarter_of
from veta.ledger import queries as ledger
from veta.norms.catalogue import catalogue
from veta.prices.domain.base_price import BasePrice
from veta.prices.domain.book import Ask
from veta.prices.domain.figures import micros_of, text_of_micros
from veta.prices.queries import book_for
from veta.registry.domain import version_on
from veta.registry.queries import kinds_of, titles_by_code
from veta.royalties import models
from veta.royalties.domain.answer import as_json
from veta.royalties.domain.reading import read_settlement
from veta.royalties.domain.settlement import Settlement, SettlementCase, settle
from veta.royalties.domain.withholding import withheld_centavos, withholding_rate
from veta.royalties.queries import SettlementEntry, settlements
from veta.storage.connection import plain_connection

NORM = "Decreto 600 de 1996, artículos 4 a 6 y 16; Decreto 145 de 1995, artículos 2 a 4"


class RoyaltyRefused(DomainError):
    """An act on royalties that is refused; its findings say why."""

    code = "ROY-020"


def settlement_of(value: object) -> Settlement:
    """The settlement of a case as JSON values, at the prices in force. Raises SettlementRefused with every finding."""
    case = read_settlement(value)
    return settle(case, book_for(_asked(case)))


def answer_to(value: object) -> dict[str, Any]:
    """The settlement as the API answers it. Raises SettlementRefused."""
    return as_json(settlement_of(value))


@dataclass(frozen=True, slots=True)
class Destination:
    """To whom mineral of the quarter went, and how much: what the form of Decreto 145 de 1995, article 3, f) asks."""

    actor: UUID
    mineral: str
    quantity: str
    unit: str


@transaction.atomic
def save_draft(value: dict[str, Any], *, by: str, destinations: Sequence[Destination] = ()) -> SettlementEntry:
    """Keep a draft of a title's quarter; each later one takes the place of the one before.

    `destinations` go with the case: actors of the registry, never names. Raises SettlementRefused; RoyaltyRefused
    ROY-021 without title, ROY-022 where the quarter is paid already, ROY-031 a destination that is nobody's.
    """
    settlement = settlement_of(value)
    unknown = {found.actor for found in destinations} - kinds_of([found.actor for found in destinations]).keys()
    if unknown:
        raise _refused("ROY-031", "destinations", "Un destino no está en el registro. Revise su documento.")
    if not settlement.case.title:
        raise _refused("ROY-021", "title", "Una liquidación que se guarda es de un título. Escriba la placa.")
    row = _locked(settlement.case)
    _require(row, lambda kinds: "paid" not in kinds, "ROY-022", "El trimestre ya se pagó: no admite otro borrador.")
    listed = [{**asdict(found), "actor": str(found.actor)} for found in destinations]
    _append(row, "draft", by, case={**value, "destinations": listed}, answer=as_json(settlement))
    return _entry(row)


@transaction.atomic
def declare(settlement: UUID, *, signer: UUID, by: str) -> SettlementEntry:
    """Declare the last draft, with the duty of truth signed by a holder of the title, as the registry knows it.

    What is declared is settled anew, at the prices approved by now. Raises RoyaltyRefused: ROY-023 no draft to declare,
    ROY-024 signed by who is no holder at the quarter's end, ROY-025 a draft that cannot be charged.
    """
    row = _existing(settlement)
    last = _require(row, lambda kinds: kinds[-1:] == ["draft"], "ROY-023", "No hay borrador por declarar. Guarde uno.")
    title = version_on(titles_by_code([row.title_code]).get(row.title_code, []), quarter_of(row.quarter_start).end)
    if title is None or signer not in {holder for holder, _ in title.holders}:
        message = (
            "Quien firma no es titular del título al cierre del trimestre, según el registro. Revise el documento."
        )
        raise _refused("ROY-024", "signer", message)
    found = settlement_of(_asked_of(last.case))
    if found.status != "final":
        why = " ".join(f.message for f in found.findings if f.severity == "blocking")
        raise RoyaltyRefused(f"La liquidación no está completa. {why}", code="ROY-025", findings=found.findings)
    answer = as_json(found)
    _append(row, "declared", by, case=last.case, answer=answer, signed_by=signer, statement=answer["truth"])
    return _entry(row)


@transaction.atomic
def pay(
    settlement: UUID, *, proof_number: str, paid_on: date, paid_cop: str, bank: str, by: str
) -> tuple[SettlementEntry, tuple[Finding, ...]]:
    """Record the payment of a declared quarter; its number then stands as evidence before an export.

    Returns the settlement, and the finding ROY-010 where less was paid than declared and its interest. Raises
    RoyaltyRefused: ROY-026 not declared, ROY-027 a number already used or an amount that is none.
    """
    row = _existing(settlement)
    last = _require(
        row, lambda kinds: kinds[-1:] == ["declared"], "ROY-026", "Declare la liquidación antes de registrar su pago."
    )
    micros = micros_of(paid_cop)
    if not micros or micros % 10**4 or not proof_number.strip():
        raise _refused("ROY-027", "paid_cop", "Escriba el número del comprobante y el valor pagado, con centavos.")
    try:
        with transaction.atomic():
            _append(
                row, "paid", by, proof_number=proof_number.strip(), paid_on=paid_on, paid_centavos=micros // 10**4,
                bank=bank.strip(),
            )  # fmt: skip
    except IntegrityError:
        message = f"El comprobante {proof_number} ya paga otra liquidación. Revise el número."
        raise _refused("ROY-027", "proof_number", message) from None
    answer = as_json(settlement_of(_asked_of(last.case) | {"paid_on": paid_on.isoformat()}))
    return _entry(row), tuple(_short(last.answer or {}, answer["late"], micros))


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """A purchase of precious metal on which the buyer withholds: fine milligrams, and where they were mined."""

    buyer: UUID
    seller: UUID
    bought_on: date
    municipality: str
    mineral: str
    fine_mg: int
    movement: UUID | None = None


@transaction.atomic
def withhold(purchases: Sequence[Purchase], *, by: str) -> list[int]:
    """Record what is withheld on purchases, all or none; returns the centavos of each, rounded up.

    Fine grams × the month's base price × rate. Raises RoyaltyRefused ROY-028 where a mineral is no precious metal, or
    its month has no price in force: nothing is withheld on a guess.
    """
    rows = [_withheld(purchase, by) for purchase in purchases]
    models.Withholding.objects.bulk_create(rows)
    return [row.withheld_centavos for row in rows]


def withhold_month(buyer: UUID, month: Period, *, by: str) -> list[int]:
    """Withhold on every purchase of precious metal that the ledger counts in a buyer's month and was not withheld yet.

    Returns the centavos of each purchase newly recorded; a second time, none. Raises RoyaltyRefused ROY-028.
    """
    with plain_connection(autocommit=True) as plain, plain.cursor() as cursor:
        rows = ledger.purchased(cursor, holder=buyer, start=month.start, end=month.end)
    known = set(
        models.Withholding.objects.filter(movement__in=[row.movement for row in rows]).values_list(
            "movement", flat=True
        )
    )
    purchases = [
        Purchase(
            buyer=buyer, seller=row.seller, bought_on=row.day, municipality=row.municipality, mineral=row.mineral,
            fine_mg=row.amount, movement=row.movement,
        )
        for row in rows
        if row.movement not in known and row.amount > 0 and _is_precious(row.mineral)
    ]  # fmt: skip
    return withhold(purchases, by=by)


def _is_precious(code: str) -> bool:
    mineral = catalogue().mineral(code)
    return mineral is not None and mineral.precious


def _withheld(purchase: Purchase, by: str) -> models.Withholding:
    mineral = catalogue().mineral(purchase.mineral)
    if mineral is None or not mineral.precious or mineral.metal is None:
        raise _refused("ROY-028", "mineral", "Solo se retiene sobre oro, plata y platino. Revise el mineral.")
    book = book_for([(mineral.metal, purchase.bought_on)])
    price = book.choose(Ask(mineral.metal, purchase.bought_on))
    if not isinstance(price, BasePrice):
        raise RoyaltyRefused(price.message, code="ROY-028", findings=[price.finding("bought_on")])
    rate = withholding_rate(mineral, purchase.bought_on).micros
    centavos = withheld_centavos(purchase.fine_mg, price_micros=price.micros, rate_micros=rate)
    return models.Withholding(
        buyer=purchase.buyer, seller=purchase.seller, bought_on=purchase.bought_on, mineral=mineral.metal,
        municipality=purchase.municipality, fine_mg=purchase.fine_mg, price_micros=price.micros, rate_micros=rate,
        resolution=price.resolution.name, withheld_centavos=centavos, movement=purchase.movement, recorded_by=by,
    )  # fmt: skip


def _asked_of(case: Mapping[str, Any] | None) -> dict[str, Any]:
    """A stored case as it is settled: without the destinations that go beside it."""
    return {name: value for name, value in (case or {}).items() if name != "destinations"}


def _asked(case: SettlementCase) -> set[tuple[str, date]]:
    asked: set[tuple[str, date]] = set()
    for line in case.lines:
        codes = {line.mineral.code, *([line.mineral.metal] if line.mineral.metal else [])}
        asked |= {(code, case.quarter.start) for code in codes}
    return asked


def _short(declared: dict[str, Any], late: dict[str, str] | None, paid: int) -> Sequence[Finding]:
    owed = (micros_of(declared.get("payable_cop")) or 0) + (micros_of(late["interest_cop"]) or 0 if late else 0)
    if paid >= owed:
        return ()
    short = text_of_micros(owed - paid, least=2)
    message = f"Lo pagado no alcanza a lo declarado y su mora: faltan {short} pesos. Complete el pago."
    params = {"owed": str(owed), "paid": str(paid)}
    return (Finding("ROY-010", "warning", "paid_cop", NORM, message, params),)


def _locked(case: SettlementCase) -> models.Settlement:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"royalties.{case.title}"])
    code = title_code(case.title)
    row, _ = models.Settlement.objects.get_or_create(title_code=code, quarter_start=case.quarter.start)
    return row


def _existing(settlement: UUID) -> models.Settlement:
    row = models.Settlement.objects.filter(pk=settlement).first()
    if row is None:
        raise _refused("ROY-029", "settlement", "Esa liquidación no existe. Revise la placa y el trimestre.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"royalties.{row.title_code}"])
    return row


def _require(
    row: models.Settlement, holds: Callable[[list[str]], bool], code: str, message: str
) -> models.SettlementEvent:
    events = list(row.events.order_by("place"))
    if not holds([event.kind for event in events]):
        raise _refused(code, "settlement", message)
    return events[-1] if events else models.SettlementEvent()


def _append(row: models.Settlement, kind: str, by: str, **given: Any) -> None:
    if not by.strip():
        raise _refused("ROY-030", "by", "Falta quién lo registra.")
    words = {key: str(value) if not isinstance(value, dict) else value for key, value in given.items()}
    models.SettlementEvent.objects.create(
        settlement=row, place=row.events.count() + 1, kind=kind, recorded_by=by.strip(),
        digest=hashlib.sha256(canonical({"kind": kind, **words})).digest(), **given,
    )  # fmt: skip


def _entry(row: models.Settlement) -> SettlementEntry:
    [entry] = settlements(id=row.id)
    return entry


def _refused(code: str, field: str, message: str) -> RoyaltyRefused:
    return RoyaltyRefused(message, code=code, findings=[Finding(code, "blocking", field, NORM, message)])
