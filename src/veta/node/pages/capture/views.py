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
from veta.node.connect import open_hub
from veta.node.domain.local import blocking, check
from veta.node.domain.prefilling import carried, start_of
from veta.node.models import BusinessRecord, Client
from veta.node.pages.capture.form import INSIST, CaptureForm
from veta.node.pages.capture.kinds import KINDS, Kind
from veta.node.pages.capture.shown import Fact, facts_of, for_script
from veta.node.pages.records import WRITES
from veta.node.queries.known import Known, OnTheRoad, known_of, on_the_road
from veta.node.queries.members import client_for
from veta.node.services.capture import Given, capture
from veta.node.services.grades import read_grades
from veta.node.services.mending import replace
from veta.site.caller import person_of

PATIENCE = 3.0


def menu(request: HttpRequest, client: UUID) -> HttpResponse:
    """Which movement is to be captured."""
    found = client_for(person_of(request).id, client, *WRITES)
    return render(
        request, "node/capture/menu.html", {"client": found, "kinds": [kind for kind in KINDS.values() if kind.listed]}
    )


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
    old = _corrected(found, asked, request.GET.get("corrige", ""))
    start = start_of(old.payload) if old is not None else {}
    form = CaptureForm(request.POST or None, kind=asked, known=_known(found, asked, narrowed), road=road, start=start)
    facts, told = [], []
    now = SystemClock().now()
    if form.is_valid():
        item = carried(old.payload, form.item()) if old is not None else form.item()
        facts = facts_of(item | {"_road": road.lines} if road else item, form.known, now=now, scale=form.spot().scale)
        told = check(item, now=now, lots=form.known.lots)
        if request.POST.get("acto") == "guardar" and (not _stops(told, facts) or form.cleaned_data.get(INSIST)):
            kept = _kept(request, found, form, Given(item), old, now)
            if kept is not None:
                return redirect("node_record", client=found.id, record=kept)
        form.place_findings(told)
        if not blocking(told) and _stops((), facts):
            form.add_error(None, _("Hay una diferencia que la PTM no admitiría. Revísela antes de guardar."))
        if _stops(told, facts):
            form.ask_to_insist()
    context = {
        "client": found, "kind": asked, "old": old, "form": form, "facts": facts, "asks": narrowed, "road": road,
        "warnings": [each for each in told if each.severity == "warning"],
        "minerals": sorted({(pick.mineral.code, pick.mineral.name) for pick in form.known.picks}),
        "script": for_script(form.known, now=now) if asked.weighs == "transformation" else None,
    }  # fmt: skip
    return render(request, "node/capture/movement.html", context, status=422 if form.errors else 200)


def _known(client: Client, kind: Kind, narrowed: dict[str, str]) -> Known:
    """What is known of the client; of what it bought, for a process, the grades too."""
    known = known_of(client, **narrowed)
    if kind.weighs != "transformation":
        return known
    try:
        told = read_grades(known.lots, open_hub(deadline=PATIENCE))
    except DomainError:
        return known
    return known_of(client, **narrowed) if told else known


def _stops(told: Any, facts: list[Fact]) -> bool:
    """Whether the hub would refuse it, as far as is known here."""
    return blocking(told) or any(tone == "stop" for _what, _said, tone in facts)


def _kept(
    request: HttpRequest, client: Client, form: CaptureForm, given: Given, old: BusinessRecord | None, now: datetime
) -> UUID | None:
    """The record, in place of the one that it corrects; None with the reason on the form where it is not kept."""
    person = person_of(request)
    try:
        if old is not None:
            record = replace(old, given, now=now, by=person)
        else:
            (record,) = capture(client, [given], now=now, by=person)
    except DomainError as refused:
        form.add_error(None, refused.message)
        return None
    messages.success(request, _("Quedó guardado. Falta que la PTM lo verifique."))
    return record.id


def _corrected(client: Client, kind: Kind, asked: str) -> BusinessRecord | None:
    """The record that is corrected, of this client and kind. Http404 for any other."""
    if not asked:
        return None
    try:
        return BusinessRecord.objects.select_related("client", "branch").get(
            pk=UUID(asked), client=client, kind=kind.name
        )
    except (ValueError, BusinessRecord.DoesNotExist):
        raise Http404 from None


def _chosen(roads: list[OnTheRoad], asked: str) -> OnTheRoad | None:
    return next((road for road in roads if str(road.id) == asked), None)
