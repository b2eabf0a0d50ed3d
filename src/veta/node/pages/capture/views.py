"""The pages: which kinds there are, and the form of each; the record's own page is where a capture ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.node.domain.local import blocking, check
from veta.node.models import Client
from veta.node.pages.capture.form import INSIST, CaptureForm
from veta.node.pages.capture.kinds import KINDS
from veta.node.pages.capture.shown import Fact, facts_of, for_script
from veta.node.pages.records import WRITES
from veta.node.queries.known import OnTheRoad, known_of, on_the_road
from veta.node.queries.members import client_for
from veta.node.services.capture import Given, capture
from veta.site.caller import person_of


def menu(request: HttpRequest, client: UUID) -> HttpResponse:
    """Which movement is to be captured."""
    found = client_for(person_of(request).id, client, *WRITES)
    return render(request, "node/capture/menu.html", {"client": found, "kinds": KINDS.values()})


def movement(request: HttpRequest, client: UUID, kind: str) -> HttpResponse:
    """The form of one kind; `revisar` says what would be found and keeps nothing, `guardar` keeps it."""
    found = client_for(person_of(request).id, client, *WRITES)
    asked = KINDS.get(kind)
    if asked is None:
        raise Http404
    roads = on_the_road(found) if kind == "receipt" else []
    road = _chosen(roads, request.GET.get("despacho", ""))
    if kind == "receipt" and road is None:
        return render(request, "node/capture/roads.html", {"client": found, "kind": asked, "roads": roads})
    narrowed = {"mineral": request.GET.get("mineral", ""), "search": request.GET.get("lote", "")}
    form = CaptureForm(request.POST or None, kind=asked, known=known_of(found, **narrowed), road=road)
    facts, told = [], []
    now = SystemClock().now()
    if form.is_valid():
        item = form.item()
        facts = facts_of(item | {"_road": road.lines} if road else item, form.known, now=now)
        told = check(item, now=now, lots=form.known.lots)
        if request.POST.get("acto") == "guardar" and (not _stops(told, facts) or form.cleaned_data.get(INSIST)):
            kept = _kept(request, found, form, item, now)
            if kept is not None:
                return redirect("node_record", client=found.id, record=kept)
        form.place_findings(told)
        if not blocking(told) and _stops((), facts):
            form.add_error(None, _("Hay una diferencia que la PTM no admitiría. Revísela antes de guardar."))
        if _stops(told, facts):
            form.ask_to_insist()
    context = {
        "client": found, "kind": asked, "form": form, "facts": facts, "asks": narrowed, "road": road,
        "warnings": [each for each in told if each.severity == "warning"],
        "minerals": sorted({(pick.mineral.code, pick.mineral.name) for pick in form.known.picks}),
        "script": for_script(form.known, now=now) if asked.weighs == "transformation" else None,
    }  # fmt: skip
    return render(request, "node/capture/movement.html", context, status=422 if form.errors else 200)


def _stops(told: Any, facts: list[Fact]) -> bool:
    """Whether the hub would refuse it, as far as is known here."""
    return blocking(told) or any(tone == "stop" for _what, _said, tone in facts)


def _kept(request: HttpRequest, client: Client, form: CaptureForm, item: dict[str, Any], now: datetime) -> UUID | None:
    """The record; None with the reason on the form where it is not kept."""
    try:
        (record,) = capture(client, [Given(item)], now=now, by=person_of(request))
    except DomainError as refused:
        form.add_error(None, refused.message)
        return None
    messages.success(request, _("Quedó guardado. Falta que la PTM lo verifique."))
    return record.id


def _chosen(roads: list[OnTheRoad], asked: str) -> OnTheRoad | None:
    return next((road for road in roads if str(road.id) == asked), None)
