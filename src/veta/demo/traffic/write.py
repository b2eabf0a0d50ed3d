"""The whole month, written before any of it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from random import Random
from uuid import UUID

from veta.demo.traffic import bulk, gold, mishaps
from veta.demo.traffic.book import Book
from veta.demo.traffic.month import Month
from veta.demo.traffic.pen import Pen
from veta.demo.traffic.room import Room
from veta.demo.world import World


def write_month(
    world: World, *, titles: Mapping[str, UUID], used: Mapping[UUID, int], now: datetime, seed: int, percent: int
) -> Pen:
    """A month of the country's movements, all of which the hub must take.

    Args:
        titles: the registry's id of each title, by code; used: what earlier months took of each quota's account.
        percent: of the usual number of lots and sales.
    Returns: the pen, whose book holds the month and whose room says what is left for the frauds.
    """
    rng = Random(f"veta-demo-month-{seed}")  # noqa: S311 - a reproducible fiction, no secret
    pen = Pen(world, Month(now, rng), Room(titles, used), Book(), rng, percent)
    gold.write(pen)
    bulk.coal(pen)
    bulk.stones(pen)
    bulk.aggregates(pen)
    mishaps.write(pen)
    return pen
