"""One run: everything on one database, one step after the other. Django is set up before this is imported."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from django.db import connection

from bench import http, peer
from bench.floor import run_floor
from bench.hub import Hub, database_of, open_hub
from bench.origins import run_origins
from bench.registry import Operator, build
from bench.results import Results, line
from bench.service import run_service
from bench.sizes import Sizes
from veta.config.migrate import migrate
from veta.config.postgres import ensure_running, stop
from veta.config.postgres.cluster import APP
from veta.config.serve.memory import COLLECT_AFTER

Say = Callable[[str], None]
_GROUPS = """
SELECT coalesce(max(id), 0), coalesce(avg(size) FILTER (WHERE id > %s), 0) FROM transparency_group
WHERE id NOT IN (SELECT group_id FROM transparency_sealed_group)
"""


def run(sizes: Sizes, home: Path, *, say: Say) -> Results:
    """Measure everything in a new database under `home`; VETA_HOME and the owner's role are in the environment."""
    dsn, results = ensure_running(home), Results(sizes)
    migrate(verbosity=0)
    _become_the_application()
    results.database = _version()
    say("the registry: titles, miners, traders, operators")
    operators = build(sizes)
    _collect_as_the_hub_does()
    _origins(results, dsn, say)
    connection.close()
    stop(home)
    say("the hub, on the database as it is now")
    hub = open_hub(home)
    try:
        results.started_in = hub.started_in
        _over_http(results, hub, operators, database_of(home), say)
        results.resident = hub.sizes()
    finally:
        hub.close()
    _without_http(results, dsn, operators, database_of(home), say)
    return results


def _become_the_application() -> None:
    """From here on this process is what the hub is in the database, and no more."""
    connection.close()
    connection.settings_dict["USER"] = APP
    connection.settings_dict["OPTIONS"]["options"] = f"-c role={APP}"


def _collect_as_the_hub_does() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def _origins(results: Results, dsn: str, say: Say) -> None:
    say("origins of a lot")
    sizes = results.sizes
    for looked in run_origins(dsn, lots=sizes.lots, origins=sizes.origins, lookups=sizes.lookups):
        results.looked.append(looked)
        say(f"  {looked.lots:,} lots, {looked.origins:,} origins: p99 {looked.p99 * 1e3:.2f} ms")


def _over_http(results: Results, hub: Hub, operators: Sequence[Operator], database: int, say: Say) -> None:
    sizes = results.sizes
    say("one by one, warmed up first")
    http.one_by_one(hub, operators, sizes, calls=sizes.warm_singles, database=database)
    last, _ = _groups(0)
    results.singles = http.one_by_one(hub, operators, sizes, calls=sizes.singles, database=database)
    last, results.group_sizes["one by one"] = _groups(last)
    say(line(results.singles))
    say("in batches, warmed up first")
    http.in_batches(hub, operators, sizes, batches=sizes.warm_batches, database=database)
    last, _ = _groups(last)
    results.batches = http.in_batches(hub, operators, sizes, batches=sizes.batches, database=database)
    results.group_sizes["in batches"] = _groups(last)[1]
    say(line(results.batches))


def _groups(last: int) -> tuple[int, float]:
    """The newest group, and how many movements those after `last` had on average."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, [last])
        newest, average = cursor.fetchone()
        return int(newest), float(average)


def _without_http(results: Results, dsn: str, operators: Sequence[Operator], database: int, say: Say) -> None:
    sizes = results.sizes
    say("the service without HTTP")
    results.service = run_service(operators, sizes, database=database)
    say(line(results.service))
    say("the floor, and the naive peer")
    results.floor = run_floor(dsn, movements=results.service.movements, batch=sizes.batch, database=database)
    accounts = peer.make_peer(dsn)
    results.peer_batches = peer.in_batches(dsn, accounts, transfers=sizes.peer, batch=sizes.batch, database=database)
    results.peer_singles = peer.one_by_one(
        dsn, accounts, transfers=sizes.peer, clients=sizes.clients, database=database
    )  # fmt: skip
    connection.close()
    with psycopg.connect(dsn, user="veta_owner", autocommit=True) as session:
        session.execute("DROP SCHEMA peer CASCADE")
