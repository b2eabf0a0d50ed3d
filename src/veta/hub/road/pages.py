"""A dispatch's public page and its paper: no account, a code that nobody can guess, and a limit for each address."""

from __future__ import annotations

import io

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override

from veta.hub.paper import paper
from veta.hub.road.code import code_of, dispatch_of
from veta.hub.road.shown import STATES, Shown, shown
from veta.hub.visitors import too_often
from veta.kernel.clock import SystemClock
from veta.kernel.period import BOGOTA
from veta.movements.queries.road import NORM, road_pack
from veta.storage.connection import plain_cursor


def page(request: HttpRequest, code: str) -> HttpResponse:
    """What a policeman sees at a road block: the answer, the plate, the load, and each document with its state."""
    if refused := too_often(request):
        return refused
    found = _find(code)
    if found is None:
        response = render(request, "hub/road/unknown.html", {"code": code[:40]}, status=404)
    else:
        context = {"found": found, "code": code_of(found.pack.dispatch), "now": _now()}
        response = render(request, "hub/road/page.html", context)
    response["Cache-Control"] = "no-store"
    return response


def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The paper that travels with the load, with the QR that opens the page."""
    if refused := too_often(request):
        return refused
    with override("es-co"):
        found = _find(code)
        if found is None:
            raise Http404
        made = road_paper(found, made_at=_now())
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="despacho-{code_of(found.pack.dispatch)[:8]}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


def _find(code: str) -> Shown | None:
    try:
        pack = road_pack(plain_cursor(), dispatch_of(code))
    except ValueError:
        return None
    return shown(plain_cursor(), pack, now=SystemClock().now()) if pack is not None else None


def _now() -> str:
    return SystemClock().now().astimezone(BOGOTA).strftime("%Y-%m-%d %H:%M")


def road_paper(found: Shown, *, made_at: str) -> bytes:
    """The PDF of a dispatch: its facts and documents as they stood then, and the QR of its page, which says today's."""
    facts = [
        ("Vehículo", found.vehicle or "no se informó"), ("Transportador", found.carrier),
        ("Quién despacha", found.holder), ("Salió", f"{found.departed} (hora de Colombia)"),
        ("De", found.origin), ("A", found.destination), ("Código", code_of(found.pack.dispatch)),
        ("Despacho", str(found.pack.dispatch)),
    ]  # fmt: skip
    return paper("road.typ", {
        "heading": "Documentos de transporte de mineral", "tone": found.answer.tone,
        "answer": found.answer.said, "why": found.answer.why, "facts": [list(f) for f in facts if f[1]],
        "loads": [list(each) for each in found.loads],
        "papers": [
            [f"{p.name} {p.number}".strip(), str(STATES[p.state][0]), p.note, p.norm] for p in found.papers
        ],
        "qr": _qr(found.address), "address": found.address,
        "foot": f"{NORM}. Estado al {made_at}, hora de Colombia: la página del código dice el de hoy.",
    })  # fmt: skip


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make_qr(address, error="m").save(out, kind="svg", border=4, xmldecl=False, light="#fff")
    return out.getvalue().decode()
