"""The demonstration from end to end, for whoever opened the database and set Django up."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from veta.demo.called import ready_call
from veta.demo.country import demo_country
from veta.demo.files import declared, import_real, real_country
from veta.demo.job import run
from veta.demo.load import ready_world
from veta.demo.node import open_node
from veta.demo.officers import demo_password, ready_applicant, ready_officers
from veta.demo.screen import Screen
from veta.demo.serving import Hub, open_hub
from veta.demo.town import link_of_a_miner, seat_the_mayor
from veta.demo.witness import witness
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date

SMALL, WHOLE, REAL = 12, 100, 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """How to run it. `data`: folder of real files; `small`: about a tenth of the month; `port` 0 takes a free one."""

    home: Path
    seed: int = 1
    port: int = 8600
    node_port: int = 8700
    once: bool = False
    small: bool = False
    data: Path | None = None


def demonstrate(demo: Demo, *, screen: Screen) -> int:
    """World, hub, month, frauds, checks; then the hub stays open until Ctrl+C, unless `once`.

    Returns 0 where everything was as it should be, else 1. Effects: what `ready_world` and `run` write, and a hub that
    is closed before this returns if it was opened here; the database stays.
    """
    signal.signal(signal.SIGTERM, _end)  # so that what was opened is closed
    country = demo_country()
    if demo.data is not None:
        with screen.waiting("Importando la geografía y los títulos reales"):
            imported = import_real(demo.data, today=bogota_date(SystemClock().now()))
            country = real_country(country, declared(demo.data), seed=demo.seed)
        screen.imported(imported)
    with screen.waiting("Preparando el mundo"):
        world, new = ready_world(demo.home, country, seed=demo.seed, say=lambda _: None)
    screen.world(world, new=new)
    officers = ready_officers(demo.home)
    seat_the_mayor()
    if officers:
        officers.append(ready_applicant(demo.home))
    with screen.waiting("Abriendo la convocatoria de operadores"):
        called = ready_call(bool(officers))
    if demo.data is not None and not new:
        screen.say("Los volúmenes declarados dan forma a un mundo nuevo: para verlos, use otro VETA_HOME.")
    with screen.waiting("Abriendo la plataforma"):
        hub = open_hub(demo.home, port=demo.port)
    try:
        screen.say(f"La plataforma responde en {hub.url}")
        with witness(demo.home) as witnessed:
            outcome = run(
                world, hub, home=demo.home, seed=demo.seed, percent=_percent(demo), screen=screen, witness=witnessed
            )
            screen.outcome(outcome)
            screen.officers(officers, password=demo_password(demo.home))
            screen.miner(link_of_a_miner(hub.url))
            screen.call(hub.url, called)
            if not demo.once:
                with ExitStack() as opened:
                    with screen.waiting("Abriendo el nodo de un operador"):
                        node = opened.enter_context(open_node(world, hub, home=demo.home, port=demo.node_port))
                    screen.node(node)
                    _stay(hub, screen)
        return 0 if outcome.good else 1
    finally:
        hub.close()


def _percent(demo: Demo) -> int:
    return SMALL if demo.small else REAL if demo.data is not None else WHOLE


def _stay(hub: Hub, screen: Screen) -> None:
    screen.next_steps(hub.url, ours=hub.process is not None)
    try:
        hub.wait()
    except KeyboardInterrupt:
        screen.say("Cerrando la plataforma. La base de datos queda como está.")


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
