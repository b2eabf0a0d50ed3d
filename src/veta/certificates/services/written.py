"""What a certificate says: its public document, written once, from the ledger and the registry as they stand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from veta.certificates.domain.kinds import LAYOUT_STATUS, Kind, number_text
from veta.certificates.domain.origins import PublicOrigin, digest, table
from veta.certificates.domain.words import quantity_in_words
from veta.certificates.queries import sources
from veta.certificates.services.facts import Basis
from veta.certificates.services.rucom import rucom_of
from veta.certificates.services.within import quota_rows, within_quota
from veta.kernel.period import bogota_date
from veta.kernel.quantity import text_of
from veta.ledger import queries as ledger
from veta.ledger.domain.origin import Origin
from veta.movements.domain.verdict import instant_text
from veta.norms.catalogue import catalogue
from veta.operators.queries import operator_named
from veta.registry.domain import version_on
from veta.registry.queries import documents_of, kinds_of, municipalities, names_of, titles_by_code

Cursor = psycopg.Cursor[Any]


class Sale(NamedTuple):
    """The sale that a certificate of origin is given for: a firm that buys, its RUCOM number, the Bogotá date."""

    buyer: UUID | None
    rucom: str | None
    sold_on: str | None


class Numbered(NamedTuple):
    """What is asked for, with its consecutive."""

    id: UUID
    kind: Kind
    number: int
    operator: UUID
    sale: Sale | None


def document_of(cursor: Cursor, basis: Basis, asked: Numbered, *, amount: int, now: datetime) -> dict[str, Any]:
    """The document: firms by name and NIT, natural persons by nothing but their kind and municipality.

    Quantities are decimal text; of a precious metal the fine quantity, with the gross one where the lot has a fineness.
    Raises Refused CER-015 for a RUCOM number that cannot be the buyer's; CER-007 and CER-016 (`within_quota`).
    """
    lot = basis.lot
    mineral = catalogue().mineral(lot.commodity)
    assert mineral is not None, lot.commodity
    quantity = text_of(amount, factor=mineral.factor)
    rows = origin_rows(cursor, lot.account, on=now)
    kind, sale = asked.kind, asked.sale or Sale(None, None, None)
    seller, bought_by = _parties(basis)
    buyer = bought_by if kind != "origin_certificate" else sale.buyer
    within = within_quota(cursor, basis.movement.movement) if kind == "quota_certificate" else None
    made_on = bogota_date(lot.occurred_at).isoformat()
    sold_on = sale.sold_on if kind == "origin_certificate" else made_on
    rucom = rucom_of(buyer, sale.rucom, on=date.fromisoformat(sold_on) if sold_on else bogota_date(now))
    operator = operator_named(asked.operator)
    place = municipalities().get(lot.municipality or "")
    return {
        "certificate": str(asked.id), "kind": kind, "number": number_text(kind, asked.number),
        "issued_at": instant_text(now),
        "issuer": party(basis.issuer), "buyer": party(buyer) if buyer is not None else None,
        "seller": party(seller) if seller is not None and kind != "origin_certificate" else None,
        "quotas": quota_rows(within, public=True) if within is not None else [],
        "buyer_rucom": rucom.number, "buyer_rucom_known": rucom.known, "sold_on": sold_on,
        "operator": {"code": operator.code, "name": operator.name}, "title": _title_code(rows),
        "lot": str(lot.account), "movement": str(lot.movement), "made_by": basis.movement.kind,
        "made_on": made_on, "mineral": lot.commodity, "quantity": quantity,
        "unit": mineral.unit, "in_words": quantity_in_words(quantity, mineral.unit),
        "fine": mineral.precious, "gross": _gross(amount, lot.fineness, mineral.factor) if mineral.precious else None,
        "fineness": text_of(lot.fineness, factor=1000) if lot.fineness is not None else None, "grade": lot.grade,
        "municipality": lot.municipality or "", "municipality_name": place.name if place is not None else "",
        "department": place.department if place is not None else "", "accreditation": lot.accreditation,
        "origins": rows,
        "origins_digest": digest(rows).hex(),
        "sources": _sources(cursor, lot.account) if basis.movement.kind == "transformation" else [],
        "layout": LAYOUT_STATUS,
    }  # fmt: skip


def _parties(basis: Basis) -> tuple[UUID | None, UUID | None]:
    """Seller and buyer of the movement that made the lot; nobody of a production or a transformation."""
    made = basis.movement
    if made.kind == "subsistence_purchase":
        return made.counterparty, made.author
    return (made.author, made.counterparty) if made.kind == "sale" else (None, None)


def _title_code(rows: list[dict[str, Any]]) -> str | None:
    """The title's code, where all of it comes from one."""
    return rows[0]["code"] if len(rows) == 1 else None


def _gross(amount: int, fineness: int | None, factor: int) -> str | None:
    """The gross quantity whose fine content, rounded down, is at least `amount`: rounded up to the smallest unit."""
    return text_of(-(-amount * 1_000_000 // fineness), factor=factor) if fineness else None


def party(actor: UUID) -> dict[str, Any]:
    """How a party stands in what anybody may read."""
    if kinds_of([actor]).get(actor) != "firm":
        return {"kind": "person", "name": None, "nit": None}
    numbers = [d.number for d in documents_of([actor]).get(actor, ()) if d.type == "NIT"]
    return {"kind": "firm", "name": names_of([actor]).get(actor, ""), "nit": numbers[0] if numbers else None}


def origin_rows(cursor: Cursor, lot: UUID, *, on: datetime) -> list[dict[str, Any]]:
    """The public table of a lot's origins."""
    found = ledger.origins_of(cursor, lot)
    assert found is not None, "a lot has origins"
    known = ledger.origins(cursor, found.origins)
    towns, holders = _titles({known[o].code or "" for o in found.origins}, on)
    pairs = zip(found.origins, found.weights, strict=True)
    rows = [_row(known[origin], weight, towns, holders) for origin, weight in pairs]
    return [row.as_json() for row in table(rows)]


def _row(
    origin: Origin, weight: int, towns: dict[str, str], holders: dict[str, tuple[str, ...]]
) -> PublicOrigin:  # fmt: skip
    code = origin.code
    place = origin.municipality or (towns.get(code, "") if code else "")
    return PublicOrigin(origin.kind, code, place, holders.get(code, ()) if code else (), weight)


def _titles(codes: Collection[str], on: datetime) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Of each title: its municipality (the first of its codes) and the firms that hold it."""
    current = {
        code: version
        for code, versions in titles_by_code([code for code in codes if code]).items()
        if (version := version_on(versions, bogota_date(on))) is not None
    }
    actors = {holder for version in current.values() for holder, _ in version.holders}
    kinds = kinds_of(actors) if actors else {}
    firms = {actor for actor in actors if kinds.get(actor) == "firm"}
    names, numbers = (names_of(firms), documents_of(firms)) if firms else ({}, {})
    nits = {a: [f", NIT {d.number}" for d in numbers.get(a, ()) if d.type == "NIT"] for a in firms}
    said = {actor: names.get(actor, "") + "".join(nits[actor]) for actor in firms}
    towns = {code: min(version.municipalities, default="") for code, version in current.items()}
    held = {code: tuple(said[actor] for actor, _ in v.holders if actor in said) for code, v in current.items()}
    return towns, held


def _sources(cursor: Cursor, lot: UUID) -> list[dict[str, Any]]:
    """The certificates that a plant annexes: kind, consecutive and, of a firm, who issued it."""
    found = sources(cursor, lot)
    firms = [actor for actor, kind in kinds_of({s.issuer for s in found}).items() if kind == "firm"] if found else []
    names = names_of(firms) if firms else {}
    return [
        {"kind": s.kind, "number": number_text(s.kind, s.number), "issuer": names.get(s.issuer)} for s in found
    ]  # fmt: skip


def place_name(code: str) -> str:
    """«MEDELLÍN, ANTIOQUIA» for a DIVIPOLA code; the code itself where the registry has none."""
    place = municipalities().get(code)
    return f"{place.name}, {place.department}" if place is not None else code
