"""The counter: one page that buys with signal and without it, and what its scripts ask of this node.

The page, its data and its service worker stay in the browser. Whatever is bought is written there first, and
`sync` takes it from there; so the page has one way to buy, and signal only makes it sooner.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page

from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.movements.domain import law
from veta.node.base_prices import prices_of
from veta.node.models import Client, Place
from veta.node.pages.capture.required import documents
from veta.node.queries.chains import breaks_of
from veta.node.queries.counter import consent_methods, minerals_of_the_counter, scales_of
from veta.node.queries.members import client_for
from veta.node.roles import NodeRole
from veta.node.tasks import ask_for_places
from veta.site.caller import person_of
from veta.site.middleware import POLICY

BUYS = (NodeRole.OWNER, NodeRole.COUNTER)
CAMERA = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
STATIC = Path(__file__).parents[1] / "static" / "counter"
MODULES = (
    "camera", "chain", "clock", "consent", "form", "identity", "keys", "miner", "phone", "receipt", "store", "sums",
    "sync", "towns", "wire", "words",
)  # fmt: skip


def buyer(request: HttpRequest, client: UUID) -> Client:
    """The client, for whoever may buy for it; 404 for anybody else."""
    return client_for(person_of(request).id, client, *BUYS)


def counter(request: HttpRequest, client: UUID) -> HttpResponse:
    """The page: words and an empty form. What it knows of the client comes in `data` and stays on the device."""
    found = buyer(request, client)
    files = files_of("page", MODULES)
    # One file that is not there, and a browser keeps none of them for when there is no signal.
    if can_read := finders.find("qr/decode.js") is not None:
        files += [static("qr/decode.js"), f"{settings.STATIC_URL}qr/index.js"]
    context = {
        "client": found, "base": base_of(found), "can_read": can_read,
        "files": [*files, f"{settings.STATIC_URL}site/picture.js"],
        "miner_page": f"{hub_address()}/m/", "breaks": len(breaks_of(found.id)),
    }  # fmt: skip
    response = guarded(render(request, "node/counter.html", context))
    response["Permissions-Policy"] = CAMERA
    return response


def base_of(client: Client) -> str:
    """Where everything of a client's phones lives: what a service worker there answers for."""
    return reverse("node_counter", args=[client.id])


def files_of(page: str, modules: Iterable[str]) -> list[str]:
    """What a page keeps for when there is no signal; a module imports its neighbours under their plain names."""
    named = ("site/veta.css", "site/veta.svg", "counter/counter.css", f"counter/{page}.js")
    return [*map(static, named), *(f"{settings.STATIC_URL}counter/{name}.js" for name in modules)]


def guarded(response: HttpResponse) -> HttpResponse:
    """A page that is installed: its manifest and its worker are this node's own."""
    response["Content-Security-Policy"] = f"{POLICY}; manifest-src 'self'; worker-src 'self'"
    return response


def data(request: HttpRequest, client: UUID) -> HttpResponse:
    """What the counter keeps for when there is no signal, the server's hour, and the form's token.

    With `lugares`, the municipalities instead: they are many, and a phone that has them all asks for none.
    """
    found = buyer(request, client)
    if "lugares" in request.GET:
        return _towns(request)
    now = SystemClock().now()
    on, towns = bogota_date(now), Place.objects.count()
    if not towns:
        ask_for_places()
    return JsonResponse(
        {
            "now": now.isoformat(), "on": on.isoformat(), "towns": towns,
            "token": get_token(request), "person": str(person_of(request).id),
            "client": {"id": str(found.id), "name": found.name, "municipality": found.municipality,
                       "party": found.party()},
            "scales": scales_of(found.id, on=on), "minerals": minerals_of_the_counter(prices_of(on) or (), on=on),
            "consent": consent_methods(on), "window_days": law.reporting_window(on).days, "documents": documents(),
            "breaks": len(breaks_of(found.id)),
        }
    )  # fmt: skip


@gzip_page
def _towns(_request: HttpRequest) -> HttpResponse:
    """Every municipality, compressed: public names alone, of which the size tells nobody anything."""
    return JsonResponse({"towns": list(Place.objects.order_by("code").values_list("code", "name", "department"))})


def worker(request: HttpRequest, client: UUID) -> HttpResponse:
    """The service worker, from the page's own path, so that it may answer for it."""
    buyer(request, client)
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def _worker() -> str:
    return (STATIC / "worker.js").read_text()


def manifest(request: HttpRequest, client: UUID) -> HttpResponse:
    """What a phone needs to install the page that it was at: the counter, or with `movimientos` the other movements.

    They are two applications of one phone: what is captured at either is in one queue and one chain.
    """
    found = buyer(request, client)
    base, counter = base_of(found), "movimientos" not in request.GET
    start = base if counter else reverse("node_counter_movements", args=[found.id])
    name = _("Mostrador") if counter else _("Movimientos")
    icon = {"src": static("site/veta.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    said = {
        "name": f"{name} · {found.name}", "short_name": name, "lang": "es-CO", "id": start, "start_url": start,
        "scope": base, "display": "standalone", "background_color": "#ffffff", "theme_color": "#0a3d38",
        "icons": [icon],
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json")


def hub_address() -> str:
    """Where people open the hub's own pages."""
    return settings.NODE_HUB_ORIGIN or settings.NODE_HUB_URL.removesuffix("/")
