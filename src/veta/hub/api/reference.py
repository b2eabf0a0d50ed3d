"""What anybody may read without a signature: minerals, municipalities, norms, the hub's own keys."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from veta.hub.api.addresses import public
from veta.hub.api.operation import READ, asked, operation, told
from veta.hub.api.reading import PAGE, calendar_day, cursor_after, page_from, page_of
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.movements.domain.reader import Field, text
from veta.norms import Dated, NormNotInForce, norms
from veta.norms.catalogue import Mineral, catalogue
from veta.norms.dated import Parameter
from veta.operators.queries import hub_keys
from veta.operators.services.hub_keys import hub_signer
from veta.registry.queries import MunicipalityRecord, municipalities_like

router = Router(tags=["reference"])
TOWNS: Final = (Field("q", text(100), required=False), *PAGE)
IN_FORCE: Final = (Field("on", calendar_day, required=False), *PAGE)


@router.api_operation(READ, "/minerals", **operation(public(query=PAGE), answer="MineralPage", query=PAGE))
def minerals(request: HttpRequest) -> HttpResponse:
    """The catalogue: minerals and untyped headings, each with its unit and its quota group."""
    return told(page_from(catalogue(), page_of(asked(request)), key=_code, shown=_mineral))


def _code(mineral: Mineral) -> str:
    return mineral.code


def _mineral(mineral: Mineral) -> dict[str, Any]:
    return {
        "code": mineral.code,
        "name": mineral.name,
        "name_en": mineral.name_en,
        "group": mineral.group,
        "unit": mineral.unit,
        "smallest": mineral.smallest,
        "is_heading": mineral.is_heading,
        "headings": list(mineral.headings),
        "quota_group": mineral.quota_group,
        "precious": mineral.precious,
        "graded": mineral.graded,
        "metal": mineral.metal,
        "grade_unit": mineral.grade_unit,
    }


@router.api_operation(READ, "/municipalities", **operation(public(query=TOWNS), answer="MunicipalityPage", query=TOWNS))
def municipalities(request: HttpRequest) -> HttpResponse:
    """Municipalities whose code starts with `q`, or whose name or department holds it, whatever its accents."""
    query = asked(request)
    page = page_of(query)
    found = municipalities_like(query.get("q", ""), after=page.after, limit=page.limit)
    more = cursor_after(found[-1].code) if len(found) == page.limit else None
    return told({"items": [_municipality(unit) for unit in found], "cursor": more})


def _municipality(unit: MunicipalityRecord) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "department": unit.department,
        "kind": unit.kind,
        "lat": str(unit.latitude) if unit.latitude is not None else None,
        "lon": str(unit.longitude) if unit.longitude is not None else None,
    }


@router.api_operation(READ, "/norms", **operation(public(query=IN_FORCE), answer="NormPage", query=IN_FORCE))
def norm_list(request: HttpRequest) -> HttpResponse:
    """The legal parameters in force on a date (today in Bogotá), each with its norm and how far that was read."""
    query = asked(request)
    on: date = query.get("on") or bogota_date(SystemClock().now())
    found = [(parameter, value) for parameter in norms() if (value := _value(parameter, on)) is not None]
    page = page_from(found, page_of(query), key=lambda each: each[0].id, shown=lambda each: _norm(*each))
    return told({"on": on.isoformat(), "digest": norms().digest, **page})


def _value(parameter: Parameter, on: date) -> Dated | None:
    try:
        return norms().value(parameter.id, on)
    except NormNotInForce:
        return None


def _norm(parameter: Parameter, value: Dated) -> dict[str, Any]:
    return {
        "id": parameter.id,
        "description": parameter.description,
        "unit": parameter.unit,
        "value": _plain(value.value),
        "valid_from": value.valid_from.isoformat(),
        "valid_to": value.valid_to.isoformat() if value.valid_to is not None else None,
        "norm": value.norm,
        "status": value.status,
        "last_checked": value.last_checked.isoformat() if value.last_checked is not None else None,
        "link": value.link,
        "note": value.note,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@router.api_operation(READ, "/hub-keys", **operation(public(query=PAGE), answer="HubKeyPage", query=PAGE))
def hub_key_list(request: HttpRequest) -> HttpResponse:
    """Every public key that the hub ever signed with, the newest last."""
    hub_signer()  # a hub that signed nothing yet has a key too
    return told(page_from(hub_keys(), page_of(asked(request)), key=_since, shown=_hub_key))


def _since(key: tuple[str, bytes, datetime]) -> str:
    return f"{key[2].isoformat()} {key[0]}"


def _hub_key(key: tuple[str, bytes, datetime]) -> dict[str, Any]:
    key_id, raw, since = key
    return {"keyid": key_id, "public_key": base64.b64encode(raw).decode(), "since": since.isoformat()}
