"""Whether a lot can be certified so, and by whom: read under the lot's lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg

from veta.certificates.domain.kinds import FORMS, Kind
from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.period import bogota_date
from veta.ledger import queries as ledger
from veta.ledger import services as ledger_services
from veta.ledger.queries import LotRow
from veta.movements.domain.facts import TargetFacts
from veta.movements.queries import targets
from veta.registry.domain import registrations_on
from veta.registry.queries import clients_among, consent_verified_for, kinds_of, registrations_of

Cursor = psycopg.Cursor[Any]
SUBSISTENCE: Final = frozenset({"subsistence", "barequero", "chatarrero"})
CERTIFIABLE: Final = frozenset({"accredited", "documented", "mixed", "disused"})
UNKNOWN: Final = "No hay un lote con ese identificador que este operador pueda certificar. Revíselo."


class Refused(DomainError):
    """A certificate that is not issued, or not changed; its findings say why."""

    code = "CER-000"


def refuse(code: str, field: str, message: str, *, norm: str = "Reglas de la PTM", **params: str) -> Refused:
    """The refusal with its one finding."""
    return Refused(message, code=code, findings=[Finding(code, "blocking", field, norm, message, params)])


@dataclass(frozen=True, slots=True)
class Basis:
    """What a certificate rests on: the lot, the movement that made it, who issues, and how much it was made with."""

    lot: LotRow
    movement: TargetFacts
    issuer: UUID
    quantity: int


def basis_of(cursor: Cursor, kind: Kind, lot: UUID, *, operator: UUID, now: datetime) -> Basis:
    """Lock the lot and say what a certificate of that kind over it rests on.

    Raises Refused: CER-002 no such lot, or no mandate of who issues; CER-003 the kind is not for such a lot; CER-005
    its origin is not accredited, or it is suspended; CER-006 the movement that made it was undone; CER-008 the miner
    did not consent to it by the hub.
    """
    ledger_services.lock(cursor, [lot])
    row = ledger.lots(cursor, [lot]).get(lot)
    made = targets(cursor, [row.movement]).get(row.movement) if row is not None else None
    if row is None or made is None:
        raise refuse("CER-002", "lot", UNKNOWN)
    issuer = _issuer(kind, row, made, cursor)
    _require_mandate(cursor, kind, row, made, issuer, operator=operator, now=now)
    if issuer is None:
        raise refuse("CER-003", "kind", _why_not(kind), norm=FORMS[kind].norm)
    if made.reversed or made.status != "accepted":
        raise refuse("CER-006", "lot", "El movimiento que hizo ese lote se deshizo: no hay qué certificar.")
    if row.accreditation not in CERTIFIABLE or row.suspensions:
        message = "El lote está suspendido, o su origen no está acreditado: no se certifica. Acuda a la autoridad."
        raise refuse("CER-005", "lot", message)
    quantity = sum(entry.amount for entry in made.entries if entry.target == lot)
    return Basis(row, made, issuer, quantity)


def _issuer(kind: Kind, row: LotRow, made: TargetFacts, cursor: Cursor) -> UUID | None:
    """Who may issue that kind over a lot: its producer, unless of subsistence; the published plant that made it; the
    miner who sold it; who bought it of him; of a purchase within the quota, who bought, of whomever."""
    if kind == "origin_certificate":
        if made.kind == "production":
            return made.author if made.author is not None and not _only_subsistence(made) else None
        plant = made.counterparty if made.kind == "transformation" else None
        return plant if plant is not None and plant == row.processed_by else None
    if kind == "quota_certificate" and made.kind == "sale":
        return made.counterparty
    if made.kind != "subsistence_purchase":
        return None
    return made.counterparty if kind == "production_declaration" else made.author


def _only_subsistence(made: TargetFacts) -> bool:
    """Whether the producer is registered on that day as a subsistence miner and in no other class."""
    assert made.author is not None
    versions = registrations_of([made.author]).get(made.author, [])
    held = registrations_on(versions, bogota_date(made.occurred_at))
    classes = {r.producer_class for r in held if r.role == "producer" and r.status == "active"}
    return bool(classes) and classes <= SUBSISTENCE


def _require_mandate(
    cursor: Cursor, kind: Kind, row: LotRow, made: TargetFacts, issuer: UUID | None, *, operator: UUID, now: datetime
) -> None:  # fmt: skip
    """The issuer's operator asks; of a miner's declaration the buyer's may, where the hub had his consent."""
    concerned = {actor for actor in (issuer, made.author, made.counterparty) if actor is not None}
    clients = clients_among(concerned, operator, on=bogota_date(now))
    if not clients:
        raise refuse("CER-002", "lot", UNKNOWN)
    if issuer is None or issuer in clients:
        return
    if kind == "production_declaration" and made.author in clients:
        if consent_verified_for(made.movement):
            return
        message = "La declaración la firma el minero. Pida su consentimiento por la plataforma al reportar la compra."
        raise refuse("CER-008", "lot", message, norm=FORMS[kind].norm)
    raise refuse("CER-002", "lot", UNKNOWN)


def _why_not(kind: Kind) -> str:
    if kind == "origin_certificate":
        return (
            "El certificado de origen lo expide quien extrajo el lote (no el minero de subsistencia) o la planta "
            "publicada que lo benefició. Use el lote de la producción o del beneficio."
        )
    if kind == "quota_certificate":
        return "La constancia es de una compra. Use el lote que hizo esa compra, en manos de quien compró."
    return "Ese documento es de una compra a un minero de subsistencia. Use el lote de esa compra."


def is_firm(actor: UUID) -> bool:
    """Whether an actor is a firm, whose name and number are public."""
    return kinds_of([actor]).get(actor) == "firm"
