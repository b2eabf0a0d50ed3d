"""Certificates: issued for a party by its operator, looked up by whoever they concern, withdrawn by their issuer."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from veta.certificates import services
from veta.certificates.domain.credential import page_of
from veta.certificates.domain.kinds import KINDS
from veta.certificates.queries import CertificateView, certificate
from veta.certificates.services.within import quota_rows
from veta.hub.api.operation import READ, operation, told
from veta.hub.api.parties import actor_of, clients_among
from veta.hub.api.problem import Refused
from veta.hub.api.reading import read_body
from veta.hub.api.signed import operator_of, signed_act, signed_of, signed_read, signed_write
from veta.kernel.clock import SystemClock
from veta.kernel.finding import Finding
from veta.kernel.quantity import amount_of, text_of
from veta.kernel.strict_json import parse
from veta.ledger.queries import lots
from veta.movements.domain.fields import party, quantity
from veta.movements.domain.reader import Field, choice, day, known_id, new_id, text
from veta.movements.queries import targets
from veta.movements.queries.proofs import purchase_proof
from veta.norms.catalogue import catalogue
from veta.operators.services.hub_keys import hub_signer
from veta.registry.queries import kinds_of
from veta.storage.connection import plain_cursor

router = Router(tags=["certificates"])
ASKED: Final = (
    Field("id", new_id),
    Field("kind", choice(*KINDS)),
    Field("lot", known_id),
    Field("quantity", quantity, required=False),
    Field("replaces", known_id, required=False),
    Field("buyer", party, required=False),
    Field("buyer_rucom", text(40), required=False),
    Field("sold_on", day, required=False),
)
NOT_A_FIRM: Final = (
    "El comprador de un certificado de origen es una empresa del registro, con su NIT: lo demás no es público. Quítelo."
)
WITHDRAWN: Final = (Field("reason", text(400)),)
EXAMPLE: Final = {
    "id": "0193a1b2-0000-7000-8000-000000000001", "kind": "origin_certificate",
    "lot": "0193a1b2-0000-7000-8000-000000000002", "quantity": "12.500",
}  # fmt: skip


@router.post("/certificates", **operation(
    signed_write("write"), answer="Certificate", status=201, body=ASKED, refusals=(404, 503), example=EXAMPLE,
))  # fmt: skip
def issue_certificate(request: HttpRequest) -> HttpResponse:
    """Issue a document over a lot's quantity (all that is left of it, unless one is given), never twice over the same.

    Its intent is stored before anything is signed; the same request again finds what the first one made.
    """
    given = read_body(request, ASKED)
    signed = signed_of(request, frame=request.body)
    lot, replaces = UUID(str(given["lot"])), given.get("replaces")
    asked = services.Issue(
        id=UUID(str(given["id"])), kind=given["kind"], lot=lot, amount=_amount(lot, given.get("quantity")),
        operator=operator_of(request), item=_item(request), body_digest=signed.body_digest,
        signature=signed.signature, replaces=UUID(str(replaces)) if replaces is not None else None,
        sale=_sale(given),
    )  # fmt: skip
    signer = hub_signer()
    with signed_act(request, frame=request.body):
        services.issue(asked, clock=SystemClock(), signer=signer)
    return told(_shown(services.seal(asked.id, signer=signer), asked.operator), status=201)


def _sale(given: dict[str, Any]) -> services.Sale:
    """The sale it is for. A natural person as buyer is refused: the words of the request stand in a public leaf."""
    named = given.get("buyer")
    buyer = None
    if named is not None:
        if named.document.type == "NIT":
            buyer = actor_of(named, "buyer")
        if buyer is None or kinds_of([buyer]).get(buyer) != "firm":
            raise Refused(422, Finding("CER-013", "blocking", "buyer", "Ley 1581 de 2012", NOT_A_FIRM))
    return services.Sale(buyer, given.get("buyer_rucom"), given.get("sold_on"))


def _item(request: HttpRequest) -> dict[str, Any]:
    value = parse(request.body)
    assert isinstance(value, dict), "it was read as an object before"
    return value


def _amount(lot: UUID, given: str | None) -> int | None:
    """The quantity in the mineral's smallest unit; of a lot that nobody knows, whatever: it is refused as such."""
    if given is None:
        return None
    row = lots(plain_cursor(), [lot]).get(lot)
    mineral = catalogue().mineral(row.commodity) if row is not None else None
    return amount_of(given, factor=mineral.factor) if mineral is not None else 1


@router.api_operation(READ, "/certificates/{uuid:certificate_id}", **operation(
    signed_read("read"), answer="Certificate", refusals=(404,),
))  # fmt: skip
def certificate_shown(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """A certificate with its state, its QR and its credential, to the operators of its parties."""
    operator = operator_of(request)
    return told(_shown(_visible(certificate_id, operator), operator))


@router.post("/certificates/{uuid:certificate_id}/withdrawal", **operation(
    signed_write("write"), answer="Certificate", body=WITHDRAWN, refusals=(404,),
    example={"reason": "Error en la ley del metal."},
))  # fmt: skip
def withdraw_certificate(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Withdraw a certificate that nobody used yet, for its issuer; the reason is public."""
    given = read_body(request, WITHDRAWN)
    operator = operator_of(request)
    _visible(certificate_id, operator)
    with signed_act(request, frame=request.body):
        ended = services.withdraw(certificate_id, operator=operator, reason=given["reason"], clock=SystemClock())
    return told(_shown(ended, operator))


def _visible(id: UUID, operator: UUID) -> CertificateView:
    """The certificate, to the operators of its issuer and of the parties of the movement that made its lot."""
    found = certificate(id)
    if found is None:
        raise Http404
    made = targets(plain_cursor(), [found.movement])[found.movement]
    concerned = {actor for actor in (found.issuer, made.author, made.counterparty) if actor is not None}
    if not clients_among(concerned, operator):
        raise Http404
    return found


def _shown(found: CertificateView, operator: UUID) -> dict[str, Any]:
    mineral = catalogue().mineral(found.mineral)
    factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
    return {
        "id": str(found.id), "kind": found.kind, "number": found.number_text, "token": found.token,
        "page": page_of(settings.PUBLIC_ORIGIN, found.token), "state": found.state,
        "issued_at": found.issued_at.isoformat(), "lot": str(found.lot), "mineral": found.mineral, "unit": unit,
        "quantity": text_of(found.amount, factor=factor), "used": text_of(found.used, factor=factor),
        "left": text_of(found.left, factor=factor), "reason": found.reason, "replaced_by": found.replaced_by,
        "code": found.code, "credential": found.credential, "quotas": _quotas(found, operator),
    }  # fmt: skip


def _quotas(found: CertificateView, operator: UUID) -> list[dict[str, Any]]:
    """Of a *constancia*: the quotas, and what a person used of his, before and after, for who has his mandate.

    To have bought of him is not enough: it would tell each buyer what the others bought.
    """
    proof = purchase_proof(plain_cursor(), found.movement) if found.kind == "quota_certificate" else None
    if proof is None:
        return []
    return quota_rows(proof, public=not clients_among({proof.seller}, operator))
