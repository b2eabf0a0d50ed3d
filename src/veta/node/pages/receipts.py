"""A record's receipt: every kind's paper; a purchase's is a page too, for the counter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.node.domain.spoken import figure
from veta.node.models import BusinessRecord, OutboxItem, Verdict
from veta.node.pages.counter import hub_address
from veta.node.queries.counter import receipt_of
from veta.node.queries.members import client_for
from veta.node.queries.named import mineral_name, town_name
from veta.node.queries.outbox import Line
from veta.node.receipt_figures import worked_out
from veta.node.receipt_paper import receipt_paper
from veta.site.caller import person_of

# As the counter names it, in the language of whoever bought.
_BASE: Final = ("Base UPME", "UPME base")


def receipt(request: HttpRequest, client: UUID, record: UUID) -> HttpResponse:
    """A purchase's receipt, for paper; it says whether the hub verified it."""
    found = client_for(person_of(request).id, client)
    kept = receipt_of(found, record)
    if kept is None:
        raise Http404
    item = OutboxItem.objects.select_related("record").get(record=kept)
    verdict = Verdict.objects.filter(movement=record).first()
    context = {
        "client": found, "record": kept, "mineral": mineral_name(str(kept.payload.get("mineral", ""))),
        "town": town_name(_town_of(kept.payload.get("origin"))),
        "figures": _figures(kept, verdict), "line": Line(item), "verdict": verdict,
        "notes": [_noted(each) for each in str(kept.payload.get("note") or "").split(" · ") if ": " in each],
        "miner_page": _miner_page(),
    }  # fmt: skip
    return render(request, "node/receipt.html", context)


def paper(request: HttpRequest, client: UUID, record: UUID) -> HttpResponse:
    """The receipt of a record of any kind, as PDF."""
    found = client_for(person_of(request).id, client)
    item = get_object_or_404(OutboxItem.objects.select_related("record__device"), record=record, client=found)
    made = receipt_paper(item, found, now=SystemClock().now(), miner_page=_miner_page())
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="recibo-{record}.pdf"'
    return response


def _town_of(origin: object) -> str:
    return str(origin.get("municipality", "")) if isinstance(origin, Mapping) else ""


def _miner_page() -> str:
    return f"{hub_address()}/m/"


def _figures(kept: BusinessRecord, verdict: Verdict | None) -> list[list[str]]:
    """Quantities and money as they are read here; what the hub counted, or what is worked out until it does."""
    said = kept.payload
    counted = [(_("Contado por la PTM"), each["quantity"], each["unit"]) for each in _lots(verdict)]
    rows = [
        (_("Peso bruto"), said.get("quantity"), said.get("unit")), (_("Ley"), said.get("fineness"), "‰"), *counted,
        (_("Precio pagado"), said.get("price_cop"), "COP"),
        (_("Regalía retenida"), said.get("royalty_withheld_cop"), "COP"),
    ]  # fmt: skip
    return [
        *([str(name), f"{figure(value)} {unit}"] for name, value, unit in rows if value),
        *worked_out(kept, verdict),
    ]


def _noted(part: str) -> tuple[str, str]:
    """What the counter wrote beside; the base price that it showed then is told from the one of the day."""
    name, said = part.split(": ", 1)
    if name not in _BASE:
        return name, said
    price, _space, rest = said.partition(" ")
    return _("Base que mostró el mostrador"), f"{figure(price)} {rest}"


def _lots(verdict: Verdict | None) -> list[Mapping[str, Any]]:
    return list(verdict.body.get("lots", ())) if verdict is not None else []
