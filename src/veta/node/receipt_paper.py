"""The paper of a record, whatever its kind: what the table of kinds asks of it, as it was captured, and how it stands
for the hub. What is worked out here that neither the record nor the verdict says is named as the operator's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from veta.kernel.period import bogota_date
from veta.node.domain.spoken import moment, said_moment
from veta.node.models import BusinessRecord, Client, HubEvent, OutboxItem, Verdict
from veta.node.pages.capture.kinds import KINDS
from veta.node.queries.mending import chain_of
from veta.node.queries.outbox import Line
from veta.node.receipt_figures import worked_out
from veta.node.record_words import counted_in, facts_of, tables_of
from veta.site.paper import paper

TEMPLATE: Final = Path(__file__).parent / "paper" / "receipt.typ"
SANDBOX: Final = "sandbox"


def receipt_paper(item: OutboxItem, client: Client, *, now: datetime, miner_page: str = "") -> bytes:
    """The PDF of a record of the client's, as it stands `now`. `miner_page`: where a miner sees what is his."""
    return paper(TEMPLATE, receipt_words(item, client, now=now, miner_page=miner_page))


def receipt_words(item: OutboxItem, client: Client, *, now: datetime, miner_page: str = "") -> dict[str, Any]:
    """What the paper says, in the language of the moment."""
    record, line = item.record, Line(item)
    verdict = Verdict.objects.filter(movement=record.pk).first()
    kind = KINDS.get(record.kind)
    title = str(kind.title if kind is not None else line.kind_label)
    day, english = bogota_date(now), (get_language() or "").startswith("en")
    findings = verdict.body.get("findings", ()) if verdict is not None else ()
    of_a_miner = miner_page and record.kind == "subsistence_purchase"
    return {
        "heading": _("Recibo: %(kind)s") % {"kind": title}, "date": [day.year, day.month, day.day],
        "lang": "en" if english else "es", "region": "us" if english else "co",
        "foot": _("%(client)s. Así estaba el %(at)s, hora de Colombia.") % {"client": client.name, "at": moment(now)},
        "tone": line.tone, "answer": str(line.state_label), "why": _why(item, verdict),
        "facts": [*facts_of(record, client), *worked_out(record, verdict)],
        "tables": [*tables_of(record, client), *(counted_in(verdict.body) if verdict is not None else ())],
        "findings": [{name: str(each[name]) for name in ("code", "message", "norm")} for each in findings],
        "findings_title": _("Qué dijo la PTM"),
        "place": [*_place_in_log(record, verdict)], "place_title": _("Registro"),
        "note": _("El minero ve lo que se vendió a su nombre, y dice si no fue él, en: %(page)s") % {"page": miner_page}
        if of_a_miner else "",
    }  # fmt: skip


def _why(item: OutboxItem, verdict: Verdict | None) -> str:
    if verdict is None:
        return f"{_('Sin verificar todavía por la PTM.')} {item.cause}".strip()
    if verdict.body.get("rules") == SANDBOX:
        return _("Ensayo sin efectos: no lo decidió la PTM.")
    decided = verdict.body.get("decided_at")
    return _("La PTM lo decidió el %(at)s.") % {"at": said_moment(decided)} if decided else ""


def _place_in_log(record: BusinessRecord, verdict: Verdict | None) -> Iterator[list[str]]:
    """Its id, its place in the device's chain, and in the hub's log where it has one."""
    chain = chain_of(record)
    yield [_("Identificador"), str(record.pk)]
    yield [_("Lugar en la cadena de su dispositivo"), f"{chain.device} · {chain.sequence}"]
    yield [_("Huella de lo capturado"), record.digest]
    number = HubEvent.objects.filter(movement=record.pk).values_list("number", flat=True).first()
    if number is not None:
        yield [_("Número en el registro de la PTM"), str(number)]
    if verdict is not None and verdict.receipt and verdict.receipt.get("leaf"):
        yield [_("Hoja en el registro de la PTM"), str(verdict.receipt["leaf"])]
