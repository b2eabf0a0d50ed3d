"""What an operator asks of a party or a title: registrations, balances, the title itself."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router

from veta.hub.api.operation import READ, operation, told
from veta.hub.api.parties import actor_of, clients_among, someone
from veta.hub.api.people import card
from veta.hub.api.problem import Refused
from veta.hub.api.reading import read_body
from veta.hub.api.signed import operator_of, signed_read
from veta.hub.balances import QuotaNow, quotas_of, stock_of
from veta.kernel.clock import SystemClock
from veta.kernel.finding import Finding
from veta.kernel.identity import IdentityError, title_code
from veta.kernel.period import bogota_date
from veta.kernel.quantity import text_of
from veta.ledger.queries import Stock
from veta.movements.domain.fields import code, consent, party
from veta.movements.domain.item import ConsentRef
from veta.movements.domain.reader import Field
from veta.norms.catalogue import Mineral, catalogue
from veta.registry import queries as registry
from veta.registry.domain import PlanVersion, RegistrationVersion, TitleVersion, version_on
from veta.registry.services import consents
from veta.registry.services.cards import check_card

router = Router(tags=["look-ups"])
LOOKED_UP: Final = (Field("party", party),)
BALANCE: Final = (
    Field("party", party, required=False),
    Field("mineral", code, required=False),
    Field("card", card, required=False),
    Field("consent", consent, required=False),
)
PERSON: Final = {"party": {"type": "CC", "number": "10200300"}}


def today() -> date:
    return bogota_date(SystemClock().now())


@router.post("/actors/lookup", **operation(
    signed_read("read"), answer="Actor", body=LOOKED_UP, refusals=(404,), example=PERSON,
))  # fmt: skip
def actor_lookup(request: HttpRequest) -> HttpResponse:
    """A party's roles and registrations, as the law makes them public; nothing of its movements."""
    actor = actor_of(read_body(request, LOOKED_UP)["party"])
    versions = registry.registrations_of([actor]).get(actor, [])
    known = someone([actor], operator_of(request))[actor]
    return told({**known, "registrations": [_registration(version) for version in _current(versions)]})


def _current(versions: list[RegistrationVersion]) -> list[RegistrationVersion]:
    """Of each registration, the version that holds today, else the last recorded."""
    of: dict[UUID, list[RegistrationVersion]] = {}
    for version in versions:
        of.setdefault(version.entity, []).append(version)
    return [version_on(each, today()) or each[0] for each in of.values()]


def _registration(version: RegistrationVersion) -> dict[str, Any]:
    return {
        "role": version.role,
        "producer_class": version.producer_class,
        "minerals": sorted(version.minerals),
        "municipalities": sorted(version.municipalities),
        "title_code": version.title_code,
        "status": version.status,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": _day(version.valid_to),
        "plant_published": version.plant_published,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


@router.post("/balances/query", **operation(
    signed_read("read"), answer="Balance", body=BALANCE, refusals=(404,), example={**PERSON, "mineral": "oro"},
    shown={"detail": "over", "over": False},
))  # fmt: skip
def balance_query(request: HttpRequest) -> HttpResponse:
    """What is left to a party: in full by its mandate, or against its card or consent; else whether it is over.

    Where a card and its PIN are given and no party, whose card it is.
    """
    given = read_body(request, BALANCE)
    mineral = _mineral(given.get("mineral"))
    if "party" not in given:
        return told(_of_card(given.get("card"), mineral))
    actor, operator = actor_of(given["party"]), operator_of(request)
    full = actor in clients_among([actor], operator)
    full = _by_card(given.get("card"), actor) or full
    full = _by_consent(given.get("consent"), actor, operator) or full
    if not full:
        quotas = quotas_of(actor, on=today(), mineral=mineral)
        return told({"detail": "over", "over": any(quota.over for quota in quotas)})
    return told({"detail": "full", **_figures(actor, mineral)})


def _figures(actor: UUID, mineral: Mineral | None) -> dict[str, Any]:
    quotas = [_quota(quota) for quota in quotas_of(actor, on=today(), mineral=mineral)]
    return {"quotas": quotas, "stock": [_stock(each) for each in stock_of(actor, mineral=mineral)]}


def _of_card(shown: Any, mineral: Mineral | None) -> dict[str, Any]:
    """Who holds the card whose PIN was given: the person is there, and says so. Raises what `check_card` raises.

    Its own document, before the NIT of its RUT; its initials; where it is enrolled today, for the origin of a sale.
    """
    if shown is None:
        message = "Indique de quién: su documento, o su tarjeta con el PIN."
        raise Refused(422, Finding("SCH-002", "blocking", "party", "API v1", message))
    actor = check_card(shown.token, shown.pin)
    documents = sorted(registry.documents_of([actor]).get(actor, ()), key=lambda each: each.type == "NIT")
    held = registry.registrations_of([actor]).get(actor, [])
    towns = {town for each in _current(held) if each.status == "active" for town in each.municipalities}
    return {
        "detail": "card",
        "party": {"type": documents[0].type, "number": documents[0].number} if documents else None,
        "name": registry.public_names_of([actor]).get(actor),
        "municipalities": sorted(towns),
        **_figures(actor, mineral),
    }


def _mineral(named: str | None) -> Mineral | None:
    found = catalogue().mineral(named) if named is not None else None
    if named is not None and found is None:
        message = f"El mineral «{named}» no está en el catálogo. Use un código de él."
        raise Refused(422, Finding("MIN-001", "blocking", "mineral", "API v1", message))
    return found


def _by_card(shown: Any, actor: UUID) -> bool:
    """Whether the party's own card was shown. Raises what `check_card` raises; CON-011 for another person's card."""
    if shown is None:
        return False
    if check_card(shown.token, shown.pin) != actor:
        message = "La tarjeta o el PIN no corresponden. Revise e intente de nuevo; tras cinco fallas se bloquea."
        raise Refused(422, Finding("CON-011", "blocking", "card", "", message))
    return True


def _by_consent(ref: ConsentRef | None, actor: UUID, operator: UUID) -> bool:
    """Whether the party consented to this operator's seeing its balance; the consent is spent. Raises CON-001, CON-002.

    A wrong code is counted even though the answer is a refusal: the transaction ends well in both cases.
    """
    if ref is None:
        return False
    presented = consents.Presented(ref.id, ref.code)
    now = SystemClock().now()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        found = consents.present_consents(cursor, [presented]).get(presented)
        good = (
            found is not None and found.verified and not found.used and found.purpose == "balance"
            and found.party == actor and found.counterparty == operator
        )  # fmt: skip
        late = good and found is not None and found.expires_at < now
        if good and not late:
            consents.use_consents(cursor, [(ref.id, uuid4())])
    if not good or late:
        wrong, message = (
            ("CON-002", "El código venció. Pida uno nuevo.")
            if late
            else ("CON-001", "El código no corresponde. Revíselo; tras cinco fallas pida uno nuevo.")
        )
        raise Refused(422, Finding(wrong, "blocking", "consent", "", message))
    return True


def _quota(quota: QuotaNow) -> dict[str, Any]:
    right = quota.right
    return {
        "basis": right.basis,
        "group": right.group,
        "title": quota.title,
        "period_start": right.start.isoformat(),
        "period_end": right.end.isoformat(),
        "limit": text_of(right.grant, factor=right.factor),
        "used": text_of(quota.used, factor=right.factor),
        "left": text_of(quota.left, factor=right.factor),
        "unit": right.unit,
        "effect": right.effect,
        "source": right.source,
        "opened": quota.opened,
    }


def _stock(stock: Stock) -> dict[str, Any]:
    mineral = catalogue().mineral(stock.mineral)
    factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
    return {
        "mineral": stock.mineral,
        "accreditation": stock.accreditation,
        "quantity": text_of(stock.quantity, factor=factor),
        "held": text_of(stock.held, factor=factor),
        "unit": unit,
        "lots": stock.lots,
    }


@router.api_operation(READ, "/titles/{code}", **operation(signed_read("read"), answer="Title", refusals=(404,)))
def title(request: HttpRequest, code: str) -> HttpResponse:
    """A title as it stands today. What its plan approves for each year is shown to its holders' operators."""
    try:
        versions = registry.titles_by_code([title_code(code)])
    except IdentityError:
        raise Http404 from None
    found = next(iter(versions.values()), [])
    if not found:
        raise Http404
    version = version_on(found, today()) or found[0]
    holders = someone([actor for actor, _ in version.holders], operator_of(request))
    plan = version_on(registry.plans_of([version.title]).get(version.title, ()), today())
    own = any(holder["client"] for holder in holders.values())
    shown = [{"holder": holders[actor], "share": share or None} for actor, share in version.holders]
    return told({**_title(version), "holders": shown, "plan": _plan(plan, own=own) if plan is not None else None})


def _title(version: TitleVersion) -> dict[str, Any]:
    return {
        "code": version.code,
        "kind": version.kind,
        "modality": version.modality,
        "stage": version.stage,
        "status": version.status,
        "minerals": sorted(version.minerals),
        "associated": sorted(version.associated),
        "municipalities": sorted(version.municipalities),
        "contract_date": _day(version.contract_date),
        "inscription_date": _day(version.inscription_date),
        "end_date": _day(version.end_date),
        "environmental_instrument": version.environmental_instrument,
        "scale": version.scale,
    }


def _plan(plan: PlanVersion, *, own: bool) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "act": plan.act,
        "approved_on": plan.approved_on.isoformat(),
        "valid_from": plan.valid_from.isoformat(),
        "valid_to": _day(plan.valid_to),
        "minerals": sorted(line.mineral for line in plan.lines),
        "lines": [_line(line.mineral, line.volumes) for line in plan.lines] if own else None,
    }


def _line(named: str, volumes: Any) -> dict[str, Any]:
    mineral = catalogue().mineral(named)
    factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
    shown = {start: text_of(amount, factor=factor) for start, amount in sorted(volumes.items())}
    return {"mineral": named, "unit": unit, "volumes": shown}
