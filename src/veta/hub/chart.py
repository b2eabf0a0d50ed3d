"""Charts as SVG, drawn by vl-convert in a process of its own: its engine would stay in a web worker's memory."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.core.cache import cache

from veta.hub.templatetags.figures import mineral_name
from veta.royalties.queries import YearPaid

# Figures on an axis as on the page: points for thousands, a comma for decimals.
_SPANISH = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " COP"]}
_DRAW = (
    "import json, sys, vl_convert; sys.stdout.write("
    f"vl_convert.vegalite_to_svg(json.load(sys.stdin), format_locale={_SPANISH!r}))"
)
_SECONDS = 30
# A hundredth of a pixel is as fine as anybody sees; a map of the country has thousands of such numbers.
_FINER = re.compile(r"(\.[0-9]{2})[0-9]+")
# Only where something is drawn: in words a point parts thousands.
_GEOMETRY = re.compile(r'\b(?:d|transform|x|y|x1|x2|y1|y2|width|height)="[^"]*"')


class Marked(NamedTuple):
    """A place on a map and how many."""

    longitude: float
    latitude: float
    number: int


def implied_chart(rows: Sequence[YearPaid]) -> str:
    """The implied payment for a unit by year, one line for each unit; years without production are left out."""
    values = [
        {"anio": str(row.year), "pago": float(row.implied), "unidad": f"COP por {row.unit}"}
        for row in rows
        if row.implied is not None
    ]
    name = mineral_name(rows[0].mineral) if rows else "Sin datos"
    units = {str(value["unidad"]) for value in values}
    alone = units.pop() if len(units) == 1 else None
    return _drawn(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": f"{name}: regalía pagada por unidad producida",
            "width": 460,
            "height": 260,
            "background": "white",
            "data": {"values": values},
            "mark": {"type": "line", "point": {"color": "#0b5a52"}, "color": "#0b5a52"},
            "encoding": {
                "x": {"field": "anio", "type": "ordinal", "title": "Año", "axis": {"labelAngle": 0}},
                "y": {
                    "field": "pago",
                    "type": "quantitative",
                    "title": next(iter(units)) if len(units) == 1 else "COP",
                },
                "strokeDash": {
                    "field": "unidad",
                    "type": "nominal",
                    "title": "Unidad",
                    "legend": None if alone else {},
                },
            },
            "config": {"font": "sans-serif", "axis": {"labelFontSize": 12, "titleFontSize": 12}},
        }
    )


def days_chart(rows: Sequence[tuple[date, int]], *, title: str) -> str:
    """A bar for each day."""
    values = [{"dia": day.strftime("%m-%d"), "numero": number} for day, number in rows]
    return _drawn(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": title,
            "width": 460,
            "height": 180,
            "background": "white",
            "data": {"values": values},
            "mark": {"type": "bar", "color": "#0b5a52"},
            "encoding": {
                "x": {"field": "dia", "type": "ordinal", "title": None, "axis": {"labelAngle": -45}},
                "y": {"field": "numero", "type": "quantitative", "title": None, "axis": {"tickMinStep": 1}},
            },
            "config": {"font": "sans-serif", "axis": {"labelFontSize": 12, "titleFontSize": 12}},
        }
    )


def places_map(base: Sequence[tuple[float, float]], marked: Sequence[Marked], *, title: str) -> str:
    """Circles on a map: `base` are the places that give the country its shape, each (longitude, latitude)."""
    quiet = {"values": [{"x": round(x, 2), "y": round(y, 2)} for x, y in base]}
    loud = {"values": [{"x": m.longitude, "y": m.latitude, "numero": m.number} for m in marked]}
    at = {"longitude": {"field": "x", "type": "quantitative"}, "latitude": {"field": "y", "type": "quantitative"}}
    size = {"field": "numero", "type": "quantitative", "title": None, "scale": {"rangeMin": 30, "rangeMax": 700}}
    return _drawn(
        {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": title,
            "width": 420,
            "height": 480,
            "background": "white",
            # Fixed on the country, so that two days are drawn alike.
            "projection": {"type": "mercator", "center": [-74, 4.5], "scale": 1500},
            "layer": [
                {
                    "data": quiet,
                    "mark": {"type": "square", "color": "#cbd5d2", "size": 6, "opacity": 1, "aria": False},
                    "encoding": at,
                },
                {
                    "data": loud,
                    "mark": {"type": "circle", "color": "#0b5a52", "opacity": 0.7, "aria": False},
                    "encoding": {**at, "size": size},
                },
            ],
            "config": {"font": "sans-serif", "legend": {"labelFontSize": 12}},
        }
    )


def _drawn(spec: dict[str, Any]) -> str:
    text = json.dumps(spec)
    key = f"chart.{hashlib.sha256(text.encode()).hexdigest()}"
    known = cache.get(key)
    if known is None:
        done = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", _DRAW], input=text, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        known = _GEOMETRY.sub(lambda drawn: _FINER.sub(r"\1", drawn[0]), done.stdout)
        cache.set(key, known, 86400)
    return str(known)
