"""The operators' API as one application: its routers, and how each refusal becomes a problem document."""

from __future__ import annotations

import logging
from typing import Any

import psycopg
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja.operation import Operation

from veta.hub.api import (
    certificates,
    events,
    keys,
    lookups,
    lots,
    movements,
    obligations,
    people,
    reference,
    validations,
)
from veta.hub.api.obligation_schemas import OBLIGATIONS
from veta.hub.api.problem import Refused, problem
from veta.hub.api.schemas import SCHEMAS, SECURITY
from veta.kernel.errors import DomainError
from veta.movements.domain.reader import Unreadable
from veta.movements.domain.submission import NotDecided
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.services.limits import TooManyCalls

log = logging.getLogger("veta.api")
# What else than 422 a refusal of a slice is: by its code, which is stable.
STATUS = {
    "CER-002": 404, "SCH-021": 413, "SCH-022": 422, "SCH-020": 400, "MAN-003": 404, "OPE-005": 404, "OPE-007": 403,
}  # fmt: skip
LATER = {"CON-015": 30}
AWAY = "La base de datos no responde ahora. Vuelva a enviar en unos segundos con los mismos ids: nada se duplica."

# Ninja makes one for each call, for views that write on it. Ours answer with their own.
UNUSED = HttpResponse()


class OperatorsApi(NinjaAPI):
    """The API, with an OpenAPI document that is whole: components of our own, operations by the name of their view."""

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        return UNUSED

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **given: Any) -> Any:
        schema = super().get_openapi_schema(**given)
        schema["components"] = {"schemas": {**SCHEMAS, **OBLIGATIONS}, "securitySchemes": SECURITY}
        for path in schema["paths"].values():
            path.pop("head", None)  # what GET answers, without its body
            for operation in path.values():
                operation["parameters"].sort(key=lambda parameter: (parameter["in"] != "path", parameter["name"]))
        return schema


api = OperatorsApi(
    title="Veta: API para operadores", version="1", urls_namespace="api", docs_url=None, openapi_url="/openapi.json",
    description="Reporte y verificación de movimientos de mineral. Cada llamada de un operador va firmada (RFC 9421).",
)  # fmt: skip
for part in (movements, people, lookups, lots, certificates, reference, obligations, validations, keys, events):
    api.add_router("", part.router)


@api.exception_handler(SignatureRefused)
def signature_refused(request: HttpRequest, refusal: SignatureRefused) -> HttpResponse:
    return problem(401, refusal.message, findings=refusal.findings)


@api.exception_handler(NotDecided)
def not_decided(request: HttpRequest, refusal: NotDecided) -> HttpResponse:
    return problem(503, refusal.message, retry_after=1)


@api.exception_handler(TooManyCalls)
def too_many(request: HttpRequest, refusal: TooManyCalls) -> HttpResponse:
    detail = f"Demasiadas llamadas seguidas. Espere {refusal.retry_after} s y vuelva a enviar con los mismos ids."
    return problem(429, detail, retry_after=refusal.retry_after)


@api.exception_handler(Unreadable)
def unreadable(request: HttpRequest, refusal: Unreadable) -> HttpResponse:
    detail = "Hay campos o parámetros que no se pueden leer. Corrija los señalados."
    return problem(422, detail, findings=refusal.findings)


@api.exception_handler(DomainError)
def refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    if (wait := LATER.get(refusal.code)) is not None:
        return problem(503, refusal.message, retry_after=wait)
    status = refusal.status if isinstance(refusal, Refused) else STATUS.get(refusal.code, 422)
    return problem(status, refusal.message, findings=refusal.findings)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, refusal: Http404) -> HttpResponse:
    return problem(404, "No existe, o este operador no puede verlo. Revise el identificador.")


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(UnreadablePostError)
def not_understood(request: HttpRequest, fault: Exception) -> HttpResponse:
    return problem(400, "La llamada no se entiende o llegó incompleta. Revise dirección, parámetros y cuerpo.")


@api.exception_handler(OperationalError)
@api.exception_handler(InterfaceError)
@api.exception_handler(psycopg.OperationalError)
@api.exception_handler(psycopg.InterfaceError)
def database_away(request: HttpRequest, fault: Exception) -> HttpResponse:
    log.warning("a request found the database away: %s", type(fault).__name__)
    return problem(503, AWAY, retry_after=1)


@api.exception_handler(Exception)
def failed(request: HttpRequest, fault: Exception) -> HttpResponse:
    log.exception("a request failed by a fault of the hub", exc_info=fault)
    return problem(500, "La plataforma falló al atender esta llamada. No se guardó nada; vuelva a enviar.")
