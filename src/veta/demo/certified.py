"""One bar of doré with its papers: mined, smelted, certified by the plant, sold, exported under the certificate."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from veta.demo.frauds.scene import Scene
from veta.demo.keep import DemoRefused
from veta.demo.people import Actor
from veta.demo.traffic.book import OUTCOMES
from veta.demo.traffic.chains import GATHERED, PRODUCED_UNTIL, RESOLD, SHIPPED, buyers, plants
from veta.demo.traffic.gold import BENEFICIO
from veta.demo.traffic.pen import Stock
from veta.hub.queries import certificate_logged, certificate_pdf, offline_trust
from veta.kernel.ids import uuid7
from veta.kernel.period import bogota_date

MINED, ORE_KG = 18, 2_000
# The log publishes within two seconds; the paper is printed with its proof, or after this without it.
PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Certified:
    """The plant's certificate of the exported doré: its number and token, and its paper once it is printed."""

    number: str
    token: str
    paper: Path | None = None
    good: bool = False


def certify(scene: Scene) -> Certified | None:
    """Send the whole chain to the hub; None, with the difference told, where a step was not taken.

    Effects: movements and one certificate in the hub.
    """
    plant = plants(scene.pen, "beneficio_oro")[0]
    (ore,) = _sold(scene, _mined(scene), plant, PRODUCED_UNTIL)
    bar = scene.pen.transformation([ore], plant, "dore", scene.pen.month.at(GATHERED), round=1, yields=BENEFICIO)
    scene.honest(plant.operator, scene.last_body(1, plant.operator))
    answer = scene.operators[plant.operator].ask("certify", id=str(uuid7()), lot=str(bar.lot)).result()
    if "results" not in answer:
        scene.tally.differ(f"certificado de origen: {answer['detail']}")
        return None
    (made,) = answer["results"]
    exporter = buyers(scene.pen.world.exporters, "dore")[0]
    _exported(scene, _sold(scene, bar, exporter, RESOLD), made["token"])
    return Certified(made["number"], made["token"])


def printed(found: Certified, *, home: Path) -> Certified:
    """Print the certificate with its proof, and check the paper in a process that is given only it and the keys.

    Effects: VETA_HOME/demo/certificates: the PDF, and the keys and states of today.
    """
    folder = home / "demo" / "certificates"
    folder.mkdir(parents=True, exist_ok=True)
    limit = time.monotonic() + PATIENCE
    while not certificate_logged(found.token) and time.monotonic() < limit:
        time.sleep(0.3)
    paper, keys = folder / f"{found.number}-{found.token[:6]}.pdf", folder / "keys.json"
    paper.write_bytes(certificate_pdf(found.token, site=settings.PUBLIC_ORIGIN) or b"")
    keys.write_bytes(orjson.dumps(offline_trust()))
    command = [
        sys.executable,
        "-m",
        "veta.cli.main",
        "certificates",
        "verify",
        str(paper),
        "--keys",
        str(keys),
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    good = done.returncode == 0 and orjson.loads(done.stdout)["log"] is not None
    return Certified(found.number, found.token, paper, good)


def _mined(scene: Scene) -> Stock:
    """Two tonnes of ore of the first title that has room for them."""
    for title in (title for title in scene.pen.world.titles if title.chain == "ore"):
        code = title.produces[0]
        stock = scene.pen.production(title, code, ORE_KG, scene.pen.month.at(MINED))
        if stock is not None:
            scene.honest(title.holder.operator, scene.last_body(0, title.holder.operator))
            return stock
    raise DemoRefused("A ningún título le queda mena por este año. Use otro VETA_HOME.")


def _sold(scene: Scene, stock: Stock, buyer: Actor, day: int) -> list[Stock]:
    """Sell a whole lot, and have the buyer take it."""
    got = scene.pen.sale([stock], buyer, scene.pen.month.at(day), round=1)
    offer = scene.last_body(1, stock.holder.operator)
    scene.honest(stock.holder.operator, offer, expected="pending")
    asked = scene.operators[buyer.operator].ask("answer", movement=offer["id"], id=str(uuid7()), decision="confirm")
    answer = asked.result()
    what = f"respuesta a {offer['id']}"
    if "results" in answer:
        scene.tally.count_answer(answer["results"][0], expected=OUTCOMES["confirm"], what=what)
    else:
        scene.tally.differ(f"{what}: {answer['detail']}")
    return got


def _exported(scene: Scene, bars: Sequence[Stock], token: str) -> None:
    """Take them abroad under the certificate."""
    pen, exporter = scene.pen, bars[0].holder
    at = pen.month.at(SHIPPED)
    pen.export(bars, "CH", at, round=2)
    body: Mapping[str, Any] = scene.last_body(2, exporter.operator)
    cited = {"type": "origin_certificate", "number": token, "issued_on": bogota_date(at).isoformat()}
    scene.honest(exporter.operator, {**body, "evidence": [*body["evidence"], cited]})
