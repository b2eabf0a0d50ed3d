"""What a counter needs at hand: where and with what the client weighs, which minerals, at which base price, and by
which of its own methods the authority wants a miner's consent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.utils.translation import get_language

from veta.movements.domain import law
from veta.node.base_prices import of_mineral
from veta.node.domain.records import UNTAKEN, State
from veta.node.domain.scales import bands
from veta.node.models import BusinessRecord, Client, OutboxItem, Scale, Verdict
from veta.node.queries.outbox import STATES, Line
from veta.node.queries.remedies import message_of, remedy
from veta.node.queries.scales import instruments
from veta.norms import NormNotInForce
from veta.norms.catalogue import Mineral, catalogue
from veta.royalties.domain.withholding import withholding_rate

# Of the methods that the parameter knows, those that the hub's API can ask for.
ASKED_BY_THE_HUB: Final = ("card_pin", "code", "voice")
# The units in which what a subsistence miner sells is weighed.
WEIGHED: Final = ("g", "ct", "kg", "t")


def scales_of(client: UUID, *, on: date) -> list[dict[str, Any]]:
    """The scales of a client's open branches, with the day their last calibration serves until (null: it has none),
    and how they weigh on a day: by unit, loads up to which and their uncertainty."""
    found = list(
        Scale.objects.filter(branch__client=client, branch__closing__isnull=True)
        .select_related("branch").order_by("branch__name", "serial")
    )  # fmt: skip
    weighs = instruments(found)
    return [
        {
            "id": str(scale.id), "serial": scale.serial, "class": scale.accuracy_class, "unit": scale.unit,
            "largest": format(scale.largest.normalize(), "f"), "division": format(scale.division.normalize(), "f"),
            "branch": str(scale.branch_id), "branch_name": scale.branch.name,
            "municipality": scale.branch.municipality,
            "due_on": last.until.isoformat() if (last := weighs[scale.id].last(on)) else None,
            "bands": {unit: steps for unit in WEIGHED if (steps := bands(weighs[scale.id], unit, on))},
        }
        for scale in found
    ]  # fmt: skip


def minerals_of_the_counter(prices: Iterable[Mapping[str, Any]], *, on: date) -> list[dict[str, Any]]:
    """What a subsistence miner may sell, gold first, each with its base price and the rate that a buyer withholds.

    `prices`: the hub's list for that day. No price is shown where the day has none or several for the metal.
    """
    offered = [mineral for mineral in catalogue() if mineral.quota_group is not None and not mineral.is_heading]
    english = (get_language() or "").startswith("en")
    known = list(prices)
    offered.sort(key=lambda each: (each.code != "oro", not each.precious, each.name))
    return [_mineral(mineral, known, on, english=english) for mineral in offered]


def _mineral(mineral: Mineral, prices: list[Mapping[str, Any]], on: date, *, english: bool) -> dict[str, Any]:
    found = of_mineral(prices, mineral)
    price = found[0] if len(found) == 1 else None
    return {
        "code": mineral.code, "name": mineral.name_en if english else mineral.name, "unit": mineral.unit,
        "decimals": len(str(mineral.factor)) - 1, "precious": mineral.precious, "group": mineral.quota_group,
        "base": _base(price) if price else None, "cap": _cap(mineral, on), **_withheld_rate(mineral, on),
    }  # fmt: skip


def _base(price: Mapping[str, Any]) -> dict[str, Any]:
    """A base price with the days that its resolution is of: a counter without signal uses it on no other."""
    first, last = price["period"]
    return {
        "cop": price["price_cop"], "unit": price["unit"], "by": price["resolution"], "demo": price["demo"],
        "from": first, "to": last,
    }  # fmt: skip


def _withheld_rate(mineral: Mineral, on: date) -> dict[str, str | None]:
    """The royalty that a buyer withholds on a precious metal, as a decimal share, and its last day; None elsewhere."""
    if not mineral.precious:
        return {"rate": None, "rate_to": None}
    try:
        found = withholding_rate(mineral, on)
    except NormNotInForce:
        return {"rate": None, "rate_to": None}
    until = found.source.valid_to
    return {"rate": found.text, "rate_to": until.isoformat() if until else None}


def _cap(mineral: Mineral, on: date) -> str | None:
    """The unit in which a person's cap counts the mineral, where that is the mineral's own; None where it is compared
    by the hub alone."""
    assert mineral.quota_group is not None, "the counter offers no other"
    try:
        cap = law.subsistence_cap(mineral.quota_group, on)
    except NormNotInForce:
        return None
    return cap.unit if (cap.unit, cap.factor) == (mineral.unit, mineral.factor) else None


def consent_methods(on: date) -> dict[str, list[str]]:
    """Which methods the authority requires on a day, all of them together, and which the hub can ask for."""
    try:
        required = sorted(law.required_consent(on))
    except NormNotInForce:
        required = []
    return {"required": required, "known": list(ASKED_BY_THE_HUB)}


def states_of(client: Client, ids: Iterable[UUID]) -> dict[str, dict[str, Any]]:
    """How records of a client stand, by id: state, its words, what the hub found, and what to do now."""
    asked = list(ids)
    # The verdicts first: one that comes between the two queries is told at the next look. The other way round a record
    # would be verified and without an answer, and its page would look no more.
    verdicts = {each.movement: each for each in Verdict.objects.filter(movement__in=asked)}
    items = OutboxItem.objects.filter(client=client, record__in=asked).select_related("record")
    return {str(item.record_id): _standing(item, verdicts.get(item.record_id)) for item in items}


def _standing(item: OutboxItem, verdict: Verdict | None) -> dict[str, Any]:
    label, tone = STATES[State(item.state)]
    told = [each for each in (verdict.body["findings"] if verdict else ()) if each["severity"] != "info"]
    # What stopped it is what matters; of one that counts, what it is warned of.
    findings = [each for each in told if each["severity"] == "blocking"] or told
    return {
        "state": item.state, "label": str(label), "tone": tone, "verified": verdict is not None,
        "cause": item.cause, "fix": Line(item).fix,
        "findings": [
            {"code": each["code"], "severity": each["severity"], "message": message_of(each)} for each in findings
        ],
        "now": _now(item, [each["code"] for each in findings if each["severity"] == "blocking"]),
        "local": [each["message"] for each in item.record.local_findings if each["severity"] == "blocking"],
    }  # fmt: skip


def _now(item: OutboxItem, codes: list[str]) -> str:
    """What to do about a record that does not count, by all that the hub found; empty for one that may still."""
    if item.record.kind == "subsistence_purchase":
        return remedy(codes, item.state)
    return Line(item).fix if State(item.state) in UNTAKEN else ""


def receipt_of(client: Client, record: UUID) -> BusinessRecord | None:
    """A client's counter purchase, for its receipt."""
    return BusinessRecord.objects.filter(pk=record, client=client, kind="subsistence_purchase").first()
