"""What a form works out before anything is kept: a process's yield, what a load gained or lost, a blend's sum."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from veta.kernel.period import bogota_date
from veta.kernel.quantity import QuantityError, amount_of, text_of
from veta.movements.domain import law
from veta.movements.domain.yielded import percent
from veta.node.domain.local import yield_here
from veta.node.domain.scales import Instrument
from veta.node.domain.spoken import comma, figure
from veta.node.pages.capture.here import scale_fact
from veta.node.queries.known import Known
from veta.norms import NormNotInForce, norms
from veta.norms.catalogue import catalogue
from veta.prices.domain.figures import in_spanish

Fact = tuple[str, str, str]
"""What it is, what it says, and its tone."""


def facts_of(item: Mapping[str, Any], known: Known, *, now: datetime, scale: Instrument | None = None) -> list[Fact]:
    """The figures of an item, for its page; none where its kind has none or they cannot be told here."""
    return [*_kinds(item, known, now), *(_scales(item, scale) if scale is not None else ())]


def _scales(item: Mapping[str, Any], scale: Instrument) -> Iterator[Fact]:
    """Of each quantity that was weighed, the uncertainty that goes with it."""
    on = bogota_date(datetime.fromisoformat(str(item["occurred_at"])))
    for made in (item, *item.get("outputs", ())):
        if {"mineral", "quantity", "unit"} <= made.keys():
            yield scale_fact(scale, made.get("uncertainty"), str(made["unit"]), on)


def _kinds(item: Mapping[str, Any], known: Known, now: datetime) -> list[Fact]:
    match item["kind"]:
        case "transformation":
            return list(_yield(item, known, now))
        case "receipt":
            return list(_arrivals(item, known, now))
        case "regroup":
            return list(_blend(item))
    return []


def _yield(item: Mapping[str, Any], known: Known, now: datetime) -> Iterator[Fact]:
    found = yield_here(item, now=now, lots=known.lots)
    if found is None or found.ungraded or not found.taken:
        yield (
            _("Rendimiento"),
            _("No se puede decir aquí: falta un tenor, o la receta no es de esos minerales."),
            "wait",
        )
        return
    least, most = (percent(each.numerator, each.denominator) for each in (found.recipe.least, found.recipe.most))
    said = _("%(yield)s %% (la receta admite de %(least)s %% a %(most)s %%)") % {
        "yield": comma(percent(found.gained, found.taken)), "least": comma(least),
        "most": comma(most),
    }  # fmt: skip
    yield _("Rendimiento"), said, "stop" if found.above else "wait" if found.below else "ok"


def _arrivals(item: Mapping[str, Any], known: Known, now: datetime) -> Iterator[Fact]:
    """Gained or lost on the scales, line by line, against what their class admits."""
    for line, (lot, sent) in zip(item["items"], item["_road"], strict=True):
        kept = known.lots.get(lot)
        mineral = catalogue().mineral(kept.mineral) if kept is not None else None
        if mineral is None:
            continue
        try:
            came, lost, left = (
                amount_of(each, factor=mineral.factor) for each in (line["quantity"], line.get("lost") or "0", sent)
            )
            admitted = int(law.weighing_tolerance(mineral.unit, bogota_date(now)) * left)
        except (QuantityError, NormNotInForce):
            continue
        gain = came + lost - left
        words = _("%(gain)s %(unit)s; las básculas admiten ±%(admitted)s") % {
            "gain": f"{'+' if gain > 0 else ''}{in_spanish(text_of(gain, factor=mineral.factor))}",
            "unit": mineral.unit, "admitted": in_spanish(text_of(admitted, factor=mineral.factor)),
        }  # fmt: skip
        yield _("Diferencia del lote …%(lot)s") % {"lot": lot.hex[-6:]}, words, "stop" if abs(gain) > admitted else "ok"


def _blend(item: Mapping[str, Any]) -> Iterator[Fact]:
    came = sum((Decimal(part["quantity"]) for part in item["inputs"]), Decimal())
    made = sum((Decimal(part["quantity"]) for part in item["outputs"]), Decimal())
    words = f"{figure(f'{came:f}')} → {figure(f'{made:f}')} {item['outputs'][0]['unit']}"
    yield _("Entra → queda"), words, "ok" if came == made else "stop"


def for_script(known: Known, *, now: datetime) -> dict[str, Any]:
    """What the page's script needs to say a yield while one writes: recipes, lots and minerals, as plain figures."""
    recipes = norms().table("recipe", bogota_date(now))
    return {
        "recipes": {
            code: {"inputs": list(each.value["inputs"]), "outputs": list(each.value["outputs"]),
                   "metal": each.value["basis"] == "metal", "least": each.value["min_yield"],
                   "most": each.value["max_yield"]}
            for code, each in recipes.items()
        },
        "lots": {pick.key: {"mineral": pick.mineral.code, "left": pick.left, "grade": pick.lot.grade}
                 for pick in known.picks},
        "minerals": {
            each.code: {"unit": each.unit, "precious": each.precious, "graded": each.graded, "grade": each.grade_unit}
            for each in catalogue() if not each.is_heading
        },
        "words": {"yield": _("Rendimiento"), "admits": _("la receta admite de"), "to": _("a"),
                  "unknown": _("Rendimiento: falta un dato, o la receta no es de esos minerales.")},
    }  # fmt: skip
