"""An operation of the API: how it is authenticated, what it reads and answers, and its page in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse

from veta.hub.api.problem import CONTENT
from veta.movements.domain.reader import Field, object_schema

JSON: Final = "application/json"
READ: Final = ["GET", "HEAD"]
WHY: Final = {
    400: "El cuerpo no es JSON estricto.",
    401: "Falta la firma, no corresponde, venció o su nonce ya se usó.",
    403: "Este operador no puede hacerlo.",
    404: "No existe, o este operador no puede verlo.",
    413: "El cuerpo pasa de 4 MiB.",
    422: "Algo de lo pedido no se puede leer o no procede; los hallazgos dicen qué y cómo corregirlo.",
    429: "Demasiadas llamadas seguidas; Retry-After dice cuántos segundos esperar.",
    503: "No se pudo atender ahora y no se guardó nada; Retry-After dice cuántos segundos esperar.",
}


def operation(
    auth: Callable[[HttpRequest], Any],
    *,
    answer: str | None,
    status: int = 200,
    query: Sequence[Field] = (),
    body: Sequence[Field] | Mapping[str, Any] | None = None,
    refusals: Sequence[int] = (),
    example: Any = None,
    shown: Any = None,
    links: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The keyword arguments of a ninja route.

    Args: `auth`, made with the same `query`; `answer`, the component that a success carries, None for none; `body`, the
    fields of a JSON object, or a whole schema; `refusals`, statuses beyond those every call may get; `example`, of the
    body; `shown`, of the answer; `links`, what may be called next with what was answered.
    """
    signed = getattr(auth, "__name__", "") == "operator_signature"
    failures = {422, 429, *refusals} | ({401} if signed else set()) | ({400, 413} if body is not None else set())
    described: dict[str, Any] = {
        "parameters": [_parameter(field) for field in query],
        "responses": {status: _success(answer, shown, links), **{code: _problem(code) for code in sorted(failures)}},
        "security": [{"signature": [], "signatureInput": []}] if signed else [],
    }
    if body is not None:
        schema = body if isinstance(body, Mapping) else object_schema(tuple(body))
        content = {"schema": schema} | ({"example": example} if example is not None else {})
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    return {"auth": auth, "response": {status: None}, "openapi_extra": described}


def _parameter(field: Field) -> dict[str, Any]:
    return {"in": "query", "name": field.name, "required": field.required, "schema": field.reader.schema}


def _success(answer: str | None, shown: Any, links: Mapping[str, Any] | None) -> dict[str, Any]:
    if answer is None:
        return {"description": "Hecho."}
    content = {"schema": {"$ref": f"#/components/schemas/{answer}"}}
    found: dict[str, Any] = {"description": "Hecho.", "content": {JSON: content}}
    if shown is not None:
        found["content"][JSON]["example"] = shown
    return found | ({"links": links} if links else {})


def _problem(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": WHY[status],
        "content": {CONTENT: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {429, 503}:
        found["headers"] = {"Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}}}
    return found


def asked(request: HttpRequest) -> dict[str, Any]:
    """The query of a call, as its authentication read it."""
    return request.asked  # type: ignore[attr-defined,no-any-return]


def told(value: Any, *, status: int = 200) -> HttpResponse:
    """An answer in JSON. What is told to one operator is nobody else's: it is kept in no cache."""
    response = HttpResponse(orjson.dumps(value), status=status, content_type=JSON)
    response["Cache-Control"] = "no-store"
    return response
