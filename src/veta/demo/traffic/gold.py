"""Gold: ore and river gold of titles, pans of subsistence miners; doré at a plant; abroad with its royalty paid."""

from __future__ import annotations

from collections.abc import Sequence

from veta.demo.traffic.chains import (
    GATHERED,
    PROCESSED,
    RESOLD,
    SHIPPED,
    buyer,
    buyers,
    handfuls,
    plants,
    produce,
    sell_each,
)
from veta.demo.traffic.pen import Pen, Stock

# Thousandths of the metal that goes in, within the recipes' dated bounds.
BENEFICIO, SMELTING = (860, 940), (965, 992)
COUNTRIES = ("US", "CH", "IT", "AE", "IN")


def write(pen: Pen) -> None:
    """The whole chain of gold, subsistence included."""
    traded = [*_river_gold(pen), *_pans(pen)]
    dore = [*_ore(pen), *_smelted_by_traders(pen, traded)]
    _abroad(pen, dore)


def _ore(pen: Pen) -> list[Stock]:
    """Ore of each title: to a plant that buys it, or through one for the title's own account (every third title)."""
    dore: list[Stock] = []
    titles = [title for title in pen.world.titles if title.chain == "ore"]
    for place, title in enumerate(titles):
        lots = list(produce(pen, title))
        plant = plants(pen, "beneficio_oro")[place % 2]
        held = lots if place % 3 == 2 else sell_each(pen, lots, [plant], round=0)
        for handful in handfuls(held, 4):
            dore.append(pen.transformation(
                handful, plant, "dore", pen.month.at(GATHERED), round=1, yields=BENEFICIO
            ))  # fmt: skip
    return dore


def _river_gold(pen: Pen) -> list[Stock]:
    """Gold of alluvial titles, sold to the traders of their department; a part to the plant that is not published."""
    got: list[Stock] = []
    for title in (title for title in pen.world.titles if title.chain == "alluvial"):
        lots = list(produce(pen, title))
        near = buyers(pen.world.traders, "oro", title.municipality[:2])
        unpublished = [p for p in plants(pen, "fundicion_oro", published=False) if p.operator == title.holder.operator]
        gold = [lot for lot in lots if lot.mineral.code == "oro"]
        cut = len(gold) // 4 if unpublished else 0
        if cut:
            _at_home(pen, sell_each(pen, gold[:cut], unpublished, round=0))
        got += sell_each(pen, [*gold[cut:], *(lot for lot in lots if lot not in gold)], near, round=0)
    return got


def _at_home(pen: Pen, stocks: Sequence[Stock]) -> None:
    """What a plant that is not published in RUCOM smelts is sold to a trader and stays in the country."""
    for handful in handfuls(stocks, 3):
        plant = handful[0].holder
        dore = pen.transformation(handful, plant, "dore", pen.month.at(GATHERED), round=1, yields=SMELTING)
        trader = buyer(pen, pen.world.traders, "dore", plant.municipality[:2])
        pen.sale([dore], trader, pen.month.at(RESOLD), round=1)


def _pans(pen: Pen) -> list[Stock]:
    """Small purchases from each miner over the month, by traders of his department."""
    got = []
    for miner in (miner for miner in pen.world.miners if miner.mineral == "oro"):
        near = buyers(pen.world.traders, "oro", miner.actor.municipality[:2])
        for _ in range(pen.times(miner.sales)):
            at = pen.month.at(pen.rng.randrange(PROCESSED - 3))
            bought = pen.purchase(miner, pen.rng.choice(near), pen.small(miner), at)
            got += [bought] if bought is not None else []
    return got


def _smelted_by_traders(pen: Pen, stocks: Sequence[Stock]) -> list[Stock]:
    """Traders blend what they bought and have it smelted at a published plant."""
    dore = []
    smelters = plants(pen, "fundicion_oro")
    for handful in handfuls([stock for stock in stocks if stock.mineral.code == "oro"], 60):
        at = pen.month.at(GATHERED)
        blend = pen.regroup(handful, at, round=1)
        plant = next((p for p in smelters if p.operator == blend.holder.operator), smelters[0])
        dore.append(pen.transformation(
            [blend], plant, "dore", pen.month.at(PROCESSED - 1), round=1, yields=SMELTING
        ))  # fmt: skip
    return dore


def _abroad(pen: Pen, dore: Sequence[Stock]) -> None:
    """Doré to the exporter, by consignments out of the country."""
    exporter = buyers(pen.world.exporters, "dore")[0]
    got: list[Stock] = []
    for stock in dore:
        got += pen.sale([stock], exporter, pen.month.at(RESOLD), round=1)
    for handful in handfuls(got, 5):
        pen.export(handful, pen.rng.choice(COUNTRIES), pen.month.at(SHIPPED), round=2)
