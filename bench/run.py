"""One run: everything on one database, one step after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import django

from bench.results import Results
from bench.sizes import Sizes

Say = Callable[[str], None]


def run(sizes: Sizes, home: Path, *, say: Say) -> Results:
    """Measure everything in a new database under `home`; VETA_HOME and the owner's role are in the environment."""
    os_settings()
    from django.db import connection

    from bench import http
    from bench.hub import database_of, open_hub
    from bench.registry import build
    from veta.config.migrate import migrate
    from veta.config.postgres import ensure_running, stop

    dsn = ensure_running(home)
    migrate(verbosity=0)
    _become_the_application()
    results = Results(sizes)
    say("registry: titles, miners, traders, operators")
    operators = build(sizes)
    _origins(results, dsn, sizes, say)
    connection.close()
    stop(home)
    say("the hub, on the database as it is now")
    hub = open_hub(home)
    try:
        results.started_in = hub.started_in
        database = database_of(home)
        say("one by one")
        http.one_by_one(hub, operators, sizes, calls=sizes.warm_singles, database=database)
        results.singles = http.one_by_one(hub, operators, sizes, calls=sizes.singles, database=database)
        say(results.line(results.singles))
        say("in batches")
        http.in_batches(hub, operators, sizes, batches=sizes.warm_batches, database=database)
        results.batches = http.in_batches(hub, operators, sizes, batches=sizes.batches, database=database)
        say(results.line(results.batches))
        results.sizes_of_processes = hub.sizes()
    finally:
        hub.close()
    _without_http(results, dsn, operators, sizes, database, say)
    return results


def os_settings() -> None:
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "veta.config.settings"
    django.setup()


def _become_the_application() -> None:
    """From here on this process is what the hub is in the database, and no more."""
    from django.db import connection

    from veta.config.postgres.cluster import APP

    connection.close()
    connection.settings_dict["USER"] = APP
    connection.settings_dict["OPTIONS"]["options"] = f"-c role={APP}"


def _origins(results: Results, dsn: str, sizes: Sizes, say: Say) -> None:
    from bench.origins import run_origins

    say("origins of a lot")
    for looked in run_origins(dsn, lots=sizes.lots, origins=sizes.origins, lookups=sizes.lookups):
        results.looked.append(looked)
        say(f"  {looked.lots} lots, {looked.origins} origins: p50 {looked.p50 * 1e3:.2f} ms, p99 {looked.p99 * 1e3:.2f}")


def _without_http(results: Results, dsn: str, operators: list, sizes: Sizes, database: int, say: Say) -> None:
    from bench import peer
    from bench.floor import run_floor
    from bench.service import run_service

    say("the service without HTTP")
    results.service = run_service(operators, sizes, database=database)
    say(results.line(results.service))
    say("the floor and the peer")
    results.floor = run_floor(dsn, movements=results.service.movements, batch=sizes.batch, database=database)
    accounts = peer.make_peer(dsn)
    given = {"transfers": sizes.peer, "database": database}
    results.peer_batches = peer.in_batches(dsn, accounts, batch=sizes.batch, **given)
    results.peer_singles = peer.one_by_one(dsn, accounts, clients=sizes.clients, **given)
