"""Verification by anyone: a certificate's public page, what a foreign refiner asks, the page that works without signal.

No account, no name of a natural person, and a token that nobody can guess; each address has its limit.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from veta.certificates.domain.credential import PURPOSES, page_of
from veta.certificates.domain.kinds import ACCREDITATIONS, FORMS, ORIGIN_KINDS, STATE_EN, STATE_ES
from veta.certificates.domain.origins import shares
from veta.certificates.domain.token import normal
from veta.certificates.queries import CertificateView, by_token, uses
from veta.certificates.services import status_lists
from veta.certificates.services.written import place_name
from veta.hub import certificate_paper as papers
from veta.hub.certificate_words import ACCREDITATION, MADE_BY, ORIGIN, said
from veta.hub.visitors import too_often
from veta.kernel.clock import SystemClock
from veta.kernel.quantity import text_of
from veta.norms.catalogue import catalogue
from veta.operators.queries import hub_keys
from veta.operators.services.hub_keys import hub_signer
from veta.transparency.queries import Proof, log_keys, proof_at

CAMERA = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
WORKER = Path(__file__).parent / "static" / "hub" / "verify" / "worker.js"


def page(request: HttpRequest, token: str) -> HttpResponse:
    """A certificate as anybody may see it: its state, what it covers, its origins, its place in the log."""
    if refused := too_often(request):
        return refused
    found = _find(token)
    if found is None:
        response = render(request, "hub/certificates/unknown.html", {"token": token[:40]}, status=404)
    else:
        response = render(request, "hub/certificates/page.html", _context(found))
    response["Cache-Control"] = "no-store"
    return response


def paper(request: HttpRequest, token: str) -> HttpResponse:
    """The certificate's PDF, with nothing in it that is not public."""
    if refused := too_often(request):
        return refused
    found = _sealed(token)
    made = papers.certificate_paper(found, site=settings.PUBLIC_ORIGIN, proof=proof_text(found))
    return _download(made, f"{found.number_text}.pdf")


def credential(request: HttpRequest, token: str) -> HttpResponse:
    """The W3C credential, as it was signed."""
    if refused := too_often(request):
        return refused
    response = HttpResponse(_sealed(token).credential_bytes, content_type="application/vc")
    response["Cache-Control"] = "no-store"
    return response


def proof(request: HttpRequest, token: str) -> HttpResponse:
    """The words of the certificate's leaf and its inclusion in the log (C2SP tlog-proof)."""
    if refused := too_often(request):
        return refused
    found = _sealed(token)
    response = HttpResponse(papers.log_words(found, proof_text(found)), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def refiner(request: HttpRequest, token: str) -> HttpResponse:
    """What a foreign refiner is asked for, in English: every municipality and class of producer, with its share."""
    if refused := too_often(request):
        return refused
    found = _sealed(token)
    with override("en"):
        context = {**_context(found), "places": papers.places_of(found), "facts": papers.english_facts(found)}
        return render(request, "hub/certificates/refiner.html", context)


def refiner_json(request: HttpRequest, token: str) -> HttpResponse:
    """The same as data."""
    if refused := too_often(request):
        return refused
    found = _sealed(token)
    document = found.document
    body = {
        "certificate": found.number_text, "kind": found.kind, "state": found.state,
        "issued_at": document["issued_at"], "issuer": document["issuer"], "mineral": found.mineral,
        "quantity": document["quantity"], "unit": document["unit"], "fine": document["fine"],
        "origins": document["origins"], "origins_digest": document["origins_digest"],
        "by_municipality_and_class": papers.places_of(found), "sources": document["sources"],
        "page": page_of(settings.PUBLIC_ORIGIN, found.token),
        "credential": f"{page_of(settings.PUBLIC_ORIGIN, found.token)}/json",
    }  # fmt: skip
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def refiner_paper(request: HttpRequest, token: str) -> HttpResponse:
    """The same as PDF."""
    if refused := too_often(request):
        return refused
    found = _sealed(token)
    made = papers.refiner_paper(found, site=settings.PUBLIC_ORIGIN, proof=proof_text(found))
    return _download(made, f"{found.number_text}-origins.pdf")


def status(request: HttpRequest, purpose: str) -> HttpResponse:
    """A status list, signed now."""
    if purpose not in PURPOSES:
        raise Http404
    if refused := too_often(request):
        return refused
    lists = status_lists(clock=SystemClock(), signer=hub_signer())
    response = HttpResponse(orjson.dumps(lists[purpose]), content_type="application/vc")
    response["Cache-Control"] = "public, max-age=60"
    return response


def reader(request: HttpRequest) -> HttpResponse:
    """The page that reads a QR by camera or picture, and works without signal once it was opened."""
    named = ("site/veta.css", "site/veta.svg", "hub/certificates.css", "hub/verify/reader.js", "qr/decode.js")
    # A module imports its neighbours under their plain names.
    own = ("code", "credential", "show")
    plain = (*(f"hub/verify/{name}.js" for name in own), "site/picture.js", "qr/index.js")
    files = [*map(static, named), *(settings.STATIC_URL + name for name in plain)]
    context = {
        "files": files, "can_read": finders.find("qr/decode.js") is not None,
        "words": {"es": _words(english=False), "en": _words(english=True)},
    }  # fmt: skip
    response = render(request, "hub/certificates/reader.html", context)
    response["Permissions-Policy"] = CAMERA
    return response


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of that page, from the page's own path, so that it may answer for it."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=1)
def _worker() -> str:
    return WORKER.read_text()


def known(request: HttpRequest) -> HttpResponse:
    """What the reader keeps for when there is no signal: the hub's keys, the status lists, and their date."""
    if refused := too_often(request):
        return refused
    response = HttpResponse(orjson.dumps(trusted()), content_type="application/json")
    response["Cache-Control"] = "no-cache"
    return response


def trusted() -> dict[str, Any]:
    """Keys and status lists, with their date: what an offline verifier needs, and nothing else."""
    clock = SystemClock()
    return {
        "at": clock.now().isoformat(timespec="seconds"), "site": settings.PUBLIC_ORIGIN,
        "hub": [{"keyid": id, "public_key": public.hex()} for id, public, _ in hub_keys()],
        "log": log_keys(), "status": status_lists(clock=clock, signer=hub_signer()),
    }  # fmt: skip


def proof_of(found: CertificateView) -> Proof | None:
    """Where the log has the certificate's leaf; None while it is not published, or a tile is away."""
    try:
        return proof_at(found.group, 0)
    except LookupError:
        return None


def proof_text(found: CertificateView) -> str | None:
    proof = proof_of(found)
    return proof.text if proof is not None else None


def _find(token: str) -> CertificateView | None:
    try:
        return by_token(normal(token))
    except ValueError:
        return None


def _sealed(token: str) -> CertificateView:
    found = _find(token)
    if found is None or found.code is None:
        raise Http404
    return found


def _download(made: bytes, name: str) -> HttpResponse:
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _context(found: CertificateView) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    document, form = found.document, FORMS[found.kind]
    mineral = catalogue().mineral(found.mineral)
    factor = mineral.factor if mineral is not None else 1
    rows = document["origins"]
    parts = shares([int(row["weight"]) for row in rows])
    return {
        "found": found, "document": document, "english": english, "title": form.en if english else form.es,
        "state": (STATE_EN if english else STATE_ES)[found.state], "norm": form.norm,
        "state_note": _note(found), "issuer": papers.party_text(document["issuer"], english=english),
        "buyer": papers.party_text(document["buyer"], english=english) if document["buyer"] else "",
        "seller": papers.party_text(document["seller"], english=english) if document.get("seller") else "",
        "rucom": papers.rucom_text(document, english=english) if document["buyer_rucom"] else "",
        "quotas": papers.quotas_text(document, english=english),
        "mineral": papers.mineral_text(found.mineral, english=english), "unit": document["unit"],
        "used": text_of(found.used, factor=factor), "left": text_of(found.left, factor=factor),
        "made_by": said(MADE_BY, document["made_by"], english=english),
        "accreditation": said(ACCREDITATION, document["accreditation"], english=english),
        "origins": [
            {**row, "kind_name": said(ORIGIN, row["kind"], english=english), "percent": f"{part // 10}.{part % 10}",
             "place": place_name(row["municipality"]) if row["municipality"] else ""}
            for row, part in zip(rows, parts, strict=True)
        ],
        "sources": [{**s, "kind_name": FORMS[s["kind"]].en if english else FORMS[s["kind"]].es}
                    for s in document["sources"]],
        "uses": [(use.at, text_of(use.amount, factor=factor)) for use in uses(found.id)],
        "log": _log(found), "log_words": _log_words(),
    }  # fmt: skip


def _note(found: CertificateView) -> str:
    if found.ending == "replaced":
        return _("Otro certificado ocupó su lugar: este no sirve.")
    if found.ending is not None:
        return _("No sirve desde que se retiró.")
    if found.kind != "origin_certificate":
        return ""  # only an export uses a document, and only that of origin
    if found.left == 0:
        return _("Se usó por completo: no ampara nada más.")
    if found.used:
        return _("Se usó en parte: solo ampara lo que queda.")
    return _("Nadie lo ha usado.")


def _log(found: CertificateView) -> dict[str, Any]:
    """What the visitor's browser recomputes: the leaf from these words, and the root from the leaf."""
    words = orjson.loads(papers.log_words(found, None))
    proof = proof_of(found)
    if proof is None:
        return {**words, "published": False}
    return {
        **words, "published": True, "index": proof.index, "size": proof.checkpoint.size,
        "path": [node.hex() for node in proof.path], "checkpoint": proof.checkpoint.note, "keys": log_keys(),
    }  # fmt: skip


def _log_words() -> dict[str, str]:
    return {
        "good": _("Comprobado en su navegador: estas palabras son la hoja {index} de {size} del registro público."),
        "bad": _("No coincide con el registro público: avise a la autoridad."),
        "unsigned": _("La raíz coincide; su navegador no puede comprobar la firma del punto de control."),
        "waiting": _("Aún no está en el registro publicado: espere un minuto y recargue."),
    }


def _words(*, english: bool) -> dict[str, Any]:
    """Names of codes for the page that reads offline."""
    return {
        "kinds": {str(form.code): form.en if english else form.es for form in FORMS.values()},
        "prefixes": {str(form.code): form.prefix for form in FORMS.values()},
        "origins": [said(ORIGIN, kind, english=english) for kind in ORIGIN_KINDS],
        "accreditations": [said(ACCREDITATION, kind, english=english) for kind in ACCREDITATIONS],
        "minerals": {
            known.code: [known.name_en if english else known.name, known.factor, known.unit] for known in catalogue()
        },
    }  # fmt: skip


def address(found: CertificateView) -> str:
    """The path of a certificate's page."""
    return reverse("certificate", args=[found.token])
