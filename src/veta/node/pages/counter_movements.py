"""Every other movement on a phone, with signal and without it: a page beside the counter's, and what it knows.

The forms are the desk's, as data (`capture.declared`); what is captured is chained, kept and sent as a purchase is.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.movements.domain import law
from veta.node.domain.clients import BUYERS
from veta.node.models import Client
from veta.node.pages.capture.declared import Lists, declared, kinds_without_signal
from veta.node.pages.capture.required import proofs_of, shapes
from veta.node.pages.counter import base_of, buyer, files_of, guarded
from veta.node.queries.chains import breaks_of
from veta.node.queries.known import Known, known_of, on_the_road
from veta.node.queries.named import mineral_name
from veta.norms import NormNotInForce
from veta.norms.catalogue import catalogue

MODULES = (
    "asked", "chain", "clock", "figures", "identity", "item", "lots", "phone", "receipt", "rules", "shape", "store",
    "sums", "sync", "towns", "wire", "words",
)  # fmt: skip


def movements(request: HttpRequest, client: UUID) -> HttpResponse:
    """The page: words and an empty form. What it knows of the client comes in `data` and stays on the device."""
    found = buyer(request, client)
    context = {
        "client": found, "base": base_of(found), "files": files_of("movements", MODULES), "buys": found.kind in BUYERS,
        "breaks": len(breaks_of(found.id)),
    }  # fmt: skip
    return guarded(render(request, "node/counter_movements.html", context))


def data(request: HttpRequest, client: UUID) -> HttpResponse:
    """The forms, and what the device is to know without signal: what is left of each lot, and what is on its way."""
    found, now = buyer(request, client), SystemClock().now()
    return JsonResponse(known_without_signal(found, now=now))


def known_without_signal(client: Client, *, now: datetime) -> dict[str, Any]:
    """What a phone of the client's keeps, as it stood at an instant."""
    known, lists = known_of(client), Lists()
    return {
        "now": now.isoformat(), "kinds": [declared(kind, known, lists) for kind in kinds_without_signal()],
        "lists": lists, "minerals": _minerals(), "tolerance": _tolerance(bogota_date(now)), "lots": _lots(known),
        "more": known.more, "roads": _roads(client, known), "shapes": shapes(),
        "proofs": proofs_of(client, bogota_date(now)),
    }  # fmt: skip


def _minerals() -> dict[str, dict[str, Any]]:
    return {
        each.code: {"name": mineral_name(each.code), "unit": each.unit, "decimals": len(str(each.factor)) - 1,
                    "precious": each.precious, "graded": each.graded}
        for each in catalogue() if not each.is_heading
    }  # fmt: skip


def _tolerance(on: date) -> dict[str, str]:
    """By unit, the share of what left that two scales may differ by; none where the norms of that day say none."""
    found = {}
    for unit in sorted({each.unit for each in catalogue()}):
        try:
            found[unit] = str(law.weighing_tolerance(unit, on))
        except (NormNotInForce, KeyError):
            continue
    return found


def _lots(known: Known) -> list[dict[str, str]]:
    return [
        {
            "lot": str(pick.lot.id),
            "mineral": pick.mineral.code,
            "left": pick.left,
            "at": pick.lot.occurred_at.isoformat(),
        }
        for pick in known.picks
    ]


def _roads(client: Client, known: Known) -> list[dict[str, Any]]:
    """What left and nobody received yet, line by line, each with its mineral where the client's lots tell it."""
    return [
        {"id": str(road.id), "at": road.at.isoformat(), "to": road.to,
         "lines": [{"lot": str(lot), "sent": sent, "mineral": known.lots[lot].mineral if lot in known.lots else ""}
                   for lot, sent in road.lines]}
        for road in on_the_road(client)
    ]  # fmt: skip
