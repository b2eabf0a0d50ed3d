"""Charts as SVG, drawn by vl-convert in a process of its own: its engine would stay in a web worker's memory."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

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


def _drawn(spec: dict[str, Any]) -> str:
    text = json.dumps(spec)
    key = f"chart.{hashlib.sha256(text.encode()).hexdigest()}"
    known = cache.get(key)
    if known is None:
        done = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", _DRAW], input=text, capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        known = done.stdout
        cache.set(key, known, 86400)
    return str(known)
