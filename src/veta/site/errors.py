"""What a refused or failed request shows: a page with the remedy to people, a problem document to programs."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.defaults import server_error

PROGRAM_PATHS = ("/api/", "/log/", "/salud")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status with its title, what happened and what to do about it."""

    status: int
    title: Promise
    detail: Promise
    remedy: Promise


REFUSALS = {
    refusal.status: refusal
    for refusal in (
        Refusal(
            400,
            _("La solicitud no se entiende"),
            _("Algo en la dirección o en lo enviado no tiene la forma esperada."),
            _("Vuelva a la página anterior, revise lo que escribió e intente de nuevo."),
        ),
        Refusal(
            403,
            _("No tiene permiso"),
            _("Su cuenta no tiene un rol que permita abrir esta página o hacer este acto."),
            _("Si lo necesita para su trabajo, pida el rol a una persona administradora: lo aprueban dos personas."),
        ),
        Refusal(
            404,
            _("Aquí no hay nada"),
            _("La dirección no existe, o lo que mostraba ya no está."),
            _("Revise la dirección, o búsquelo desde el inicio."),
        ),
        Refusal(
            405,
            _("Esta dirección no admite ese método"),
            _("La dirección existe, pero no atiende ese tipo de solicitud."),
            _("Abra la página desde el inicio; si es un programa, use los métodos que dice la cabecera Allow."),
        ),
        Refusal(
            429,
            _("Demasiados intentos"),
            _("Por seguridad se detuvieron los intentos por un momento."),
            _("Espere cinco minutos e intente de nuevo. Si olvidó su contraseña, pida otra desde el ingreso."),
        ),
    )
}
BUSY = Refusal(
    429,
    _("Hay muchos envíos en curso"),
    _("La plataforma está recibiendo otros formularios en este momento."),
    _("Espere diez segundos y envíe de nuevo: vuelva atrás, lo que escribió sigue ahí."),
)
STALE_FORM = Refusal(
    403,
    _("El formulario venció"),
    _("La página estuvo abierta mucho tiempo, o el navegador no aceptó la cookie que protege los formularios."),
    _("Vuelva a la página anterior, recárguela y envíe de nuevo. Si se repite, permita las cookies de este sitio."),
)


def is_program(request: HttpRequest) -> bool:
    """Whether who asks is a program: by the path, or by accepting problem documents and no pages."""
    accepted = request.headers.get("Accept", "")
    return request.path.startswith(PROGRAM_PATHS) or ("problem+json" in accepted and "text/html" not in accepted)


def refuse(request: HttpRequest, status: int, refusal: Refusal | None = None) -> HttpResponse:
    """The answer of a refusal: a problem document to programs, a page to people; never stored in a cache."""
    told = refusal or REFUSALS[status]
    response: HttpResponse
    if is_program(request):
        body = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": f"{told.detail} {told.remedy}",
            "findings": [],
        }
        response = JsonResponse(body, status=status, content_type="application/problem+json")
    else:
        response = render(request, "site/refusal.html", {"refusal": told}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return refuse(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return refuse(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return refuse(request, 404)


def too_many_requests(request: HttpRequest, exception: Any = None) -> HttpResponseBase:
    """allauth's handler of an exceeded rate limit; the limits themselves are five minutes at most."""
    response = refuse(request, 429)
    response["Retry-After"] = "300"
    return response


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Django's view of a failed CSRF check."""
    return refuse(request, 403, STALE_FORM)


def failed(request: HttpRequest) -> HttpResponseBase:
    """The page of a fault: it reads neither session nor database, which may be what failed."""
    if not is_program(request):
        return server_error(request)
    body = {
        "type": "about:blank",
        "title": HTTPStatus(500).phrase,
        "status": 500,
        "detail": "Algo falló de nuestro lado. Espere un minuto e intente de nuevo con el mismo id.",
        "findings": [],
    }
    return JsonResponse(body, status=500, content_type="application/problem+json")
