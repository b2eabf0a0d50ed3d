"""Consents and mandates: what a person allows an operator, asked by the hub's own channel or by card and PIN."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, get_args
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from veta.hub.api.operation import READ, asked, operation, told
from veta.hub.api.parties import actor_of, clients_among, require_client
from veta.hub.api.problem import Refused
from veta.hub.api.reading import PAGE, bad_cursor, cursor_after, page_of, read_body
from veta.hub.api.signed import operator_of, signed_act, signed_read, signed_write
from veta.kernel.clock import SystemClock
from veta.kernel.finding import Finding
from veta.kernel.money import Money
from veta.kernel.period import bogota_date
from veta.kernel.quantity import amount_of
from veta.movements.domain.fields import code, consent, money, party, quantity
from veta.movements.domain.item import ConsentRef
from veta.movements.domain.reader import Field, choice, listed, pattern, record, text
from veta.norms.catalogue import catalogue
from veta.operators.queries import operator_named
from veta.registry import queries as registry
from veta.registry.domain import TOLD_A_CODE, Act, ConsentAsked, ConsentMethod, version_on
from veta.registry.services import consents, mandates
from veta.registry.services.messages import message_port

router = Router(tags=["people"])
PERSON: Final = {"type": "CC", "number": "10200300"}
AUTHORIZED: Final = {"version": "2026-1", "text": "Autorizo el tratamiento de mis datos."}
FIRM: Final = {"type": "NIT", "number": "900200001"}
METHODS: Final[tuple[ConsentMethod, ...]] = get_args(ConsentMethod)


@dataclass(frozen=True, slots=True)
class Card:
    """What a person holds and what it knows."""

    token: str
    pin: str


card = record(
    Card,
    Field("token", pattern("[A-HJ-NP-Z2-9]{26}", "Envíe el código de la tarjeta, de 26 letras y dígitos.")),
    Field("pin", pattern("[0-9]{4,8}", "Envíe el PIN, de 4 a 8 dígitos.")),
)
ASKED: Final = (
    Field("purpose", choice("sale", "mandate", "balance")),
    Field("party", party),
    Field("counterparty", party, required=False),
    Field("card", card, required=False),
    Field("mineral", code, required=False),
    Field("quantity", quantity, required=False),
    Field("price_cop", money, required=False),
    Field("methods", listed(choice(*METHODS), least=1, most=len(METHODS)), required=False),
)
AUTHORIZATION: Final = record(dict, Field("version", text(60)), Field("text", text(4000)))
PROPOSED: Final = (Field("party", party), Field("data_authorization", AUTHORIZATION))
CONFIRMED: Final = (Field("consent", consent),)


@router.post("/consents", **operation(
    signed_read("write"), answer="Consent", status=201, body=ASKED, refusals=(403, 404, 503),
    example={"purpose": "sale", "party": PERSON, "counterparty": FIRM, "mineral": "oro", "quantity": "12.500"},
))  # fmt: skip
def ask_consent(request: HttpRequest) -> HttpResponse:
    """Have the hub ask a person: by a code to the contact on record, at once by card and PIN, or by both together.

    With a card, the code is told besides where the parameter in force requires it of a sale, or `methods` asks for it.
    The code then completes the consent in the movement; `missing` is what is not verified yet.
    """
    given = read_body(request, ASKED)
    operator = operator_of(request)
    wanted = ConsentAsked(
        purpose=given["purpose"], party=actor_of(given["party"]), operator=operator,
        counterparty=_counterparty(given, operator), mineral=given.get("mineral"), amount=_amount(given),
        price_cop=_price(given), asked_by=operator_named(operator).name, methods=frozenset(given.get("methods", ())),
    )  # fmt: skip
    shown: Card | None = given.get("card")
    clock = SystemClock()
    if shown is not None:
        taken = consents.consent_by_card(wanted, token=shown.token, pin=shown.pin, clock=clock, channel=message_port)
    elif "card_pin" in wanted.methods:
        message = "Para consentir con tarjeta y PIN, envíe la tarjeta («card»). Pídala a la persona."
        raise Refused(422, Finding("SCH-002", "blocking", "card", "API v1", message))
    else:
        taken = consents.request_consent(wanted, port=message_port(), clock=clock)
    return told(
        {
            "id": str(taken.id),
            "purpose": taken.purpose,
            # What is still to come: the code, told in one way; else what was verified at once.
            "method": next((each for each in taken.methods if each in TOLD_A_CODE), "card_pin"),
            "methods": list(taken.methods),
            "missing": consents.missing_methods(taken, clock=clock),
            "verified": taken.verified,
            "expires_at": taken.expires_at.isoformat(),
        },
        status=201,
    )


def _counterparty(given: dict[str, Any], operator: UUID) -> UUID:
    """Of a sale, its buyer, whose mandate the operator holds; of anything else, the operator itself."""
    named = given.get("counterparty")
    if given["purpose"] == "sale":
        if named is None:
            message = "Indique quién compra."
            raise Refused(422, Finding("SCH-002", "blocking", "counterparty", "API v1", message))
        buyer = actor_of(named, "counterparty")
        require_client(buyer, operator, field="counterparty")
        return buyer
    own = operator_named(operator).actor
    if named is not None and own is not None and actor_of(named, "counterparty") != own:
        message = "Un mandato o un saldo se consienten a este mismo operador. Quite ese campo o ponga su NIT."
        raise Refused(403, Finding("CON-003", "blocking", "counterparty", "API v1", message))
    return operator


def _amount(given: dict[str, Any]) -> int | None:
    mineral = catalogue().mineral(given.get("mineral", ""))
    if mineral is None or "quantity" not in given:
        return None
    return amount_of(given["quantity"], factor=mineral.factor)


def _price(given: dict[str, Any]) -> Decimal | None:
    return Money.parse(given["price_cop"]).pesos if "price_cop" in given else None


@router.post("/mandates", **operation(
    signed_write("write"), answer="ProposedMandate", status=201, body=PROPOSED, refusals=(404,),
    example={"party": PERSON, "data_authorization": AUTHORIZED},
))  # fmt: skip
def propose_mandate(request: HttpRequest) -> HttpResponse:
    """Ask to report for a party: it shows nothing until the party, or an officer with the document, confirms it."""
    given = read_body(request, PROPOSED)
    authorization = given["data_authorization"]
    with signed_act(request, frame=b"\x00"):
        proposal = mandates.propose_mandate(
            actor_of(given["party"]), operator_of(request), authorization_text=authorization["text"],
            authorization_version=authorization["version"],
        )  # fmt: skip
    return told({"id": str(proposal), "status": "proposed"}, status=201)


@router.post("/mandates/{uuid:mandate}/confirmation", **operation(
    signed_read("write"), answer="Mandate", body=CONFIRMED, refusals=(404,),
    example={"consent": {"id": "0193a1b2-0000-7000-8000-000000000001", "code": "204816"}},
))  # fmt: skip
def confirm_mandate(request: HttpRequest, mandate: UUID) -> HttpResponse:
    """Confirm a mandate by the party's own consent (purpose `mandate`), from today on."""
    ref: ConsentRef = read_body(request, CONFIRMED)["consent"]
    operator = operator_of(request)
    _own(mandate, operator)
    mandates.confirm_by_consent(mandate, consents.Presented(ref.id, ref.code), clock=SystemClock())
    return told(_shown([_own(mandate, operator)], operator)[0])


def _own(mandate: UUID, operator: UUID) -> registry.MandateRecord:
    """The operator's own mandate of that id, or 404: of another's it learns nothing."""
    found = registry.mandate_of_proposal(mandate, operator)
    if found is None:
        raise Http404
    return found


@router.api_operation(READ, "/mandates", **operation(
    signed_read("read", query=PAGE), answer="MandatePage", query=PAGE,
))  # fmt: skip
def mandate_list(request: HttpRequest) -> HttpResponse:
    """Every mandate of the operator: those it asked for, those it holds, those that ended."""
    page = page_of(asked(request))
    operator = operator_of(request)
    try:
        after = UUID(page.after) if page.after else UUID(int=0)
    except ValueError:
        raise bad_cursor() from None
    found = registry.mandates_page(operator, after=after, limit=page.limit)
    more = cursor_after(str(found[-1].mandate)) if len(found) == page.limit else None
    return told({"items": _shown(found, operator), "cursor": more})


@router.delete("/mandates/{uuid:mandate}", **operation(signed_write("write"), answer=None, status=204, refusals=(404,)))
def end_mandate(request: HttpRequest, mandate: UUID) -> HttpResponse:
    """End a mandate, from today on. What was reported before stands."""
    operator = operator_of(request)
    with signed_act(request, frame=request.body):
        actor = _own(mandate, operator).actor
        if actor in clients_among([actor], operator):
            act = Act(reference=f"mandato {mandate}", source="operador", recorded_by=str(operator))
            mandates.revoke_mandate(actor, operator, on=bogota_date(SystemClock().now()), act=act)
    return HttpResponse(status=204)


def _shown(found: list[registry.MandateRecord], operator: UUID) -> list[dict[str, Any]]:
    """Mandates as listed: only of today's clients is it said who they are."""
    today = bogota_date(SystemClock().now())
    on = {record.mandate: version_on(record.versions, today) for record in found}
    clients = [r.actor for r in found if (version := on[r.mandate]) is not None and version.status == "active"]
    kinds, names, documents = registry.kinds_of(clients), registry.names_of(clients), registry.documents_of(clients)
    shown = []
    for each in found:
        version = on[each.mandate]
        party = None
        if version is not None and version.status == "active":
            own = [{"type": d.type, "number": d.number} for d in documents.get(each.actor, ())]
            party = {"kind": kinds[each.actor], "name": names.get(each.actor), "documents": own}
        status = version.status if version is not None else "ended" if each.versions else "proposed"
        shown.append(
            {
                "id": str(each.proposal),
                "status": status,
                "valid_from": version.valid_from.isoformat() if version is not None else None,
                "valid_to": version.valid_to.isoformat() if version is not None and version.valid_to else None,
                "party": party,
            }
        )
    return shown
