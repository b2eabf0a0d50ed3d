"""Writes of prices: resolutions entered and decided, from files too; certificates kept."""

from veta.prices.services.demo import demo_prices, load_demo
from veta.prices.services.files import COLUMNS, enter_prices, preview_prices
from veta.prices.services.resolutions import (
    Entered,
    NewPrice,
    NewResolution,
    PriceRefused,
    decide_resolution,
    enter_resolution,
    keep_certificate,
)

__all__ = [
    "COLUMNS",
    "Entered",
    "NewPrice",
    "NewResolution",
    "PriceRefused",
    "decide_resolution",
    "demo_prices",
    "enter_prices",
    "enter_resolution",
    "keep_certificate",
    "load_demo",
    "preview_prices",
]
