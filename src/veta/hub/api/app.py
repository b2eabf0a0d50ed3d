"""The operators' API as one application: its routers, and how each refusal becomes a problem document."""

from __future__ import annotations

import logging

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from veta.hub.api.movements import router as movements
from veta.hub.api.problem import problem
from veta.hub.api.signed import TooManyCalls
from veta.kernel.errors import DomainError
from veta.kernel.strict_json import StrictJsonError
from veta.movements.committer import NotDecided
from veta.operators.domain.refusal import SignatureRefused

log = logging.getLogger("veta.api")
api = NinjaAPI(
    title="Veta: API para operadores", version="1", urls_namespace="api", docs_url=None, openapi_url="/openapi.json",
    description="Reporte y verificación de movimientos de mineral. Cada llamada de un operador va firmada (RFC 9421).",
)  # fmt: skip
api.add_router("", movements)

STRICT_STATUS = {"SCH-021": 413, "SCH-022": 422}


@api.exception_handler(SignatureRefused)
def signature_refused(request: HttpRequest, refusal: SignatureRefused) -> HttpResponse:
    return problem(401, refusal.message, findings=refusal.findings)


@api.exception_handler(StrictJsonError)
def unreadable(request: HttpRequest, refusal: StrictJsonError) -> HttpResponse:
    return problem(STRICT_STATUS.get(refusal.code, 400), refusal.message, findings=refusal.findings)


@api.exception_handler(NotDecided)
def not_decided(request: HttpRequest, refusal: NotDecided) -> HttpResponse:
    return problem(503, refusal.message, retry_after=1)


@api.exception_handler(TooManyCalls)
def too_many(request: HttpRequest, refusal: TooManyCalls) -> HttpResponse:
    detail = f"Demasiadas llamadas seguidas. Espere {refusal.retry_after} s y vuelva a enviar con los mismos ids."
    return problem(429, detail, retry_after=refusal.retry_after)


@api.exception_handler(DomainError)
def refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    return problem(422, refusal.message, findings=refusal.findings)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, refusal: ValidationError) -> HttpResponse:
    fields = ", ".join(str(error["loc"][-1]) for error in refusal.errors)
    return problem(422, f"Revise los parámetros: {fields}.")


@api.exception_handler(Http404)
def not_found(request: HttpRequest, refusal: Http404) -> HttpResponse:
    return problem(404, "No existe, o este operador no puede verlo. Revise el identificador.")


@api.exception_handler(Exception)
def failed(request: HttpRequest, fault: Exception) -> HttpResponse:
    log.exception("a request failed by a fault of the hub", exc_info=fault)
    return problem(500, "La plataforma falló al atender esta llamada. No se guardó nada; vuelva a enviar.")
