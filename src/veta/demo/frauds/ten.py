"""The ten. Each says what is done, which finding must meet it, and leaves the ledger as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from veta.demo.frauds.scene import DAY, LATER, Caught, Scene
from veta.demo.traffic.book import OUTCOMES
from veta.demo.traffic.mishaps import retention
from veta.demo.traffic.pen import Stock, item, mineral_of, quantity, refined
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date
from veta.movements.domain.law import recipe

# Time for both processes to have their task in hand before either sends it.
LEAD = 0.25


def over_the_plan(scene: Scene) -> Caught:
    """A title reports one unit more than its plan leaves for the year."""
    pen, title = scene.pen, scene.title("coal_export")
    code, at = title.produces[0], scene.pen.month.at(DAY)
    mineral, quota = mineral_of(code), pen.room.of_title(title, code, bogota_date(at))[0]
    body = pen.common("production", at, title.municipality, "weighbridge")
    body |= {"holder": title.holder.party, "origin": {"kind": title.kind, "code": title.code}, "mineral": code}
    body |= quantity(mineral, max(pen.room.left(quota), 0) + mineral.factor)
    return scene.judge("Producción sobre el volumen del plan", "QUO-001", scene.attempt(title.holder.operator, body))


def over_the_year(scene: Scene) -> Caught:
    """A miner's year is used up through one operator, and sold beyond through the other."""
    pen, miner, at = scene.pen, scene.freest_miner(), scene.pen.month.at(DAY)
    year = pen.room.of_miner(miner, bogota_date(at))[1]
    first, second = scene.traders("DEMO-A")[0], scene.traders("DEMO-B")[0]
    for buyer, milligrams in ((first, max(pen.room.left(year) - 5_000, 0)), (second, 10_000)):
        measure, amount = refined(mineral_of("oro"), milligrams, pen.rng)
        body = pen.common("subsistence_purchase", at, miner.actor.municipality, "production_declaration")
        body |= {"seller": miner.actor.party, "buyer": buyer.party, "mineral": "oro", **measure}
        body["origin"] = {"kind": "subsistence", "municipality": miner.actor.municipality}
        if buyer is first and amount > 0:
            scene.honest(buyer.operator, body)
    result = scene.attempt(second.operator, body)
    return scene.judge("Tope anual de subsistencia, por dos operadores", "QUO-003", result)


def sold_twice(scene: Scene) -> Caught:
    """The holder of a lot sells all of it at the same instant, to two buyers, through both operators."""
    title = scene.title("alluvial", shared=True)
    stock = scene.lot(title, 80)
    offers = {code: _offer(scene, stock, code) for code in scene.operators.codes}
    at = time.time() + LEAD
    asked = {code: scene.operators[code].ask("submit", movements=[body], at=at) for code, body in offers.items()}
    results = {code: scene.result_of(future.result()) for code, future in asked.items()}
    winners = [code for code, result in results.items() if result["status"] == "pending"]
    for code in winners:
        scene.tally.count(results[code], expected="pending", what=f"sale {offers[code]['id']}")
    losing = next(
        (result for code, result in results.items() if code not in winners), results[scene.operators.codes[0]]
    )
    caught = scene.judge("Un lote vendido dos veces en el mismo instante", "LOT-003", losing)
    if len(winners) != 1:
        return Caught(caught.name, caught.code, caught.seen, as_expected=False)
    _settle(scene, winners[0], offers[winners[0]])
    return caught


def _offer(scene: Scene, stock: Stock, operator: str) -> dict[str, Any]:
    body = scene.pen.common("sale", scene.pen.month.at(LATER), stock.holder.municipality, "origin_certificate")
    buyer = scene.traders(operator)[0]
    return body | {"seller": stock.holder.party, "buyer": buyer.party, "items": [item(stock)]}


def _settle(scene: Scene, operator: str, offer: dict[str, Any]) -> None:
    """The buyer confirms the offer that won."""
    answer = scene.operators[operator].ask("answer", movement=offer["id"], id=str(uuid7()), decision="confirm").result()
    if "results" in answer:
        scene.tally.count_answer(answer["results"][0], expected=OUTCOMES["confirm"], what=f"respuesta a {offer['id']}")
    else:
        scene.tally.differ(f"respuesta a {offer['id']}: {answer['detail']}")


def not_in_the_plan(scene: Scene) -> Caught:
    """A title reports a mineral that it was granted but that its works plan does not name."""
    pen, title = scene.pen, scene.title("alluvial", granted="platino")
    measure, _ = refined(mineral_of("platino"), 60_000, pen.rng)
    body = pen.common("production", pen.month.at(DAY), title.municipality, "weighbridge")
    body |= {"holder": title.holder.party, "origin": {"kind": title.kind, "code": title.code}, "mineral": "platino"}
    return scene.judge(
        "Mineral que el plan no incluye", "PLA-002", scene.attempt(title.holder.operator, body | measure)
    )


def lapsed_registration(scene: Scene) -> Caught:
    """A trader whose registration ended goes on buying."""
    pen = scene.pen
    trader = next(trader for trader in pen.world.traders if trader.lapsed)
    miner, (measure, _) = scene.freest_miner(), refined(mineral_of("oro"), 3_000, pen.rng)
    body = pen.common("subsistence_purchase", pen.month.at(DAY), miner.actor.municipality, "production_declaration")
    body |= {"seller": miner.actor.party, "buyer": trader.party, "mineral": "oro", **measure}
    body["origin"] = {"kind": "subsistence", "municipality": miner.actor.municipality}
    return scene.judge("Comprador con inscripción vencida", "ROL-002", scene.attempt(trader.operator, body))


def impossible_yield(scene: Scene) -> Caught:
    """A smelter gives back more gold than went in: lawful lots would cover gold from elsewhere."""
    pen = scene.pen
    title = scene.title("alluvial", shared=True)
    stock = scene.lot(title, 100)
    plant = next(plant for plant in pen.world.plants if plant.recipe == "fundicion_oro" and plant.published)
    bounds = recipe("fundicion_oro", pen.month.last)
    assert bounds is not None, "the demonstration's recipes are in force"
    measure, _ = refined(mineral_of("dore"), int(stock.amount * bounds.most) * 13 // 10, pen.rng)
    body = pen.common("transformation", pen.month.at(LATER), plant.municipality, "assay")
    body |= {"holder": stock.holder.party, "plant": plant.party, "recipe": "fundicion_oro", "inputs": [item(stock)]}
    body["outputs"] = [{"mineral": "dore", **measure}]
    return scene.judge("Rendimiento imposible en planta", "YLD-001", scene.attempt(title.holder.operator, body))


def replayed_request(scene: Scene) -> Caught:
    """A signed request is caught on the wire and sent again byte for byte."""
    name, code, title = "Petición firmada, enviada otra vez", "SIG-004", scene.title("alluvial", shared=True)
    operator = title.holder.operator
    if scene.pen.production(title, "oro", 30_000, scene.pen.month.at(DAY)) is None:
        return Caught(name, code, (), as_expected=False)
    body = scene.last_body(0, operator)
    answer = scene.operators[operator].ask("twice", movements=[body]).result()
    if "results" not in answer:
        return Caught(name, code, tuple(answer["codes"]), as_expected=False)
    first, second = answer["results"]
    if first["status"] == 200:
        scene.tally.count(first["result"], expected="accepted", what=f"production {body['id']}")
    scene.tally.findings.update((each, "blocking") for each in second["codes"])
    caught = first["status"] == 200 and second["status"] == 401 and code in second["codes"]
    return Caught(name, code, tuple(second["codes"]), caught)


def anothers_id(scene: Scene) -> Caught:
    """An operator reuses the id under which another operator reported."""
    pen, title = scene.pen, scene.title("alluvial", shared=True)
    stock = scene.lot(title, 20)
    taken = scene.last_body(0, title.holder.operator)["id"]
    other = next(code for code in scene.operators.codes if code != title.holder.operator)
    trader = scene.traders(other)[0]
    body = pen.common("sale", pen.month.at(LATER), trader.municipality, "origin_certificate")
    body |= {"id": taken, "seller": trader.party, "buyer": scene.traders(other)[1].party, "items": [item(stock)]}
    return scene.judge("Identificador ya usado por otro operador", "SCH-010", scene.attempt(other, body))


def anothers_lot(scene: Scene) -> Caught:
    """A trader sells a lot that is somebody else's."""
    pen, title = scene.pen, scene.title("alluvial", shared=True)
    stock = scene.lot(title, 60)
    other = next(code for code in scene.operators.codes if code != title.holder.operator)
    thief, fence = scene.traders(other)[:2]
    body = pen.common("sale", pen.month.at(LATER), thief.municipality, "origin_certificate")
    body |= {"seller": thief.party, "buyer": fence.party, "items": [item(stock)]}
    return scene.judge("Venta de un lote ajeno", "LOT-002", scene.attempt(other, body))


def laundered_gold(scene: Scene) -> Caught:
    """Gold of unproven origin, kept and told as the law asks, is taken to the smelter and then straight abroad."""
    pen = scene.pen
    exporter = next(each for each in pen.world.exporters if "dore" in each.minerals)
    stock = retention(pen, exporter, round=0)
    scene.honest(exporter.operator, scene.last_body(0, exporter.operator))
    plant = next(plant for plant in pen.world.plants if plant.recipe == "fundicion_oro" and plant.published)
    measure, _ = refined(mineral_of("dore"), stock.amount * 98 // 100, pen.rng)
    smelting = pen.common("transformation", pen.month.at(LATER), plant.municipality, "assay")
    smelting |= {"holder": exporter.party, "plant": plant.party, "recipe": "fundicion_oro", "inputs": [item(stock)]}
    smelting["outputs"] = [{"mineral": "dore", **measure}]
    name = "Oro de origen no acreditado, hacia la exportación"
    at_the_plant = scene.judge(name, "ACC-001", scene.attempt(exporter.operator, smelting))
    export = pen.common("export", pen.month.at(LATER), exporter.municipality, "royalty_payment", "export_declaration")
    export |= {"holder": exporter.party, "items": [item(stock)], "country": "AE"}
    at_the_port = scene.judge(name, "ACC-001", scene.attempt(exporter.operator, export))
    both = at_the_plant.as_expected and at_the_port.as_expected
    return Caught(name, "ACC-001", at_the_port.seen, both)


TEN: Final[tuple[Callable[[Scene], Caught], ...]] = (
    over_the_plan, over_the_year, sold_twice, not_in_the_plan, lapsed_registration, impossible_yield,
    replayed_request, anothers_id, anothers_lot, laundered_gold,
)  # fmt: skip
