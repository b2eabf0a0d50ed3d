"""What the database must hold after a trial, by SQL of the trial's own and against the client's journal alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.assurance.running import Home

_STORED = "SELECT v.movement_id::text, v.body FROM movements_verdict AS v"
_LEAF = """
SELECT v.movement_id::text, encode(substr(g.leaves, v.position * 32 + 1, 32), 'hex')
FROM movements_verdict AS v JOIN transparency_group AS g ON g.id = v.group
"""
_SUMS = """
SELECT coalesce(sum(e.amount) FILTER (WHERE s.kind = 'extraction'), 0),
    coalesce(sum(e.amount) FILTER (WHERE t.kind = 'consumption'), 0),
    coalesce(sum(e.amount) FILTER (WHERE s.kind = 'lot' AND t.kind = 'lot'), 0),
    count(*) FILTER (WHERE s.kind = 'extraction')
FROM ledger_entry AS e JOIN ledger_account AS s ON s.id = e.source JOIN ledger_account AS t ON t.id = e.target
WHERE e.commodity = 'carbon_termico'
"""
_LEFT = "SELECT coalesce(sum(received - released), 0) FROM ledger_account WHERE kind = 'lot'"
_LOG = """
WITH sealed AS (
    SELECT coalesce(sum(size), 0) AS leaves FROM transparency_group
    WHERE id IN (SELECT group_id FROM transparency_sealed_group)
), sealed_and_numbered AS (
    SELECT coalesce(sum(size), 0) AS leaves FROM transparency_log_group
    WHERE group_id IN (SELECT group_id FROM transparency_sealed_group)
)
SELECT (SELECT count(*) FROM movements_verdict),
    (SELECT coalesce(sum(size), 0) - (SELECT leaves FROM sealed) FROM transparency_group),
    (SELECT coalesce(sum(size), 0) - (SELECT leaves FROM sealed_and_numbered) FROM transparency_log_group),
    (SELECT coalesce(max(first_index + size), 0) - (SELECT leaves FROM sealed_and_numbered)
        FROM transparency_log_group),
    (SELECT count(*) FROM (
        SELECT first_index <> coalesce(lag(first_index + size) OVER (ORDER BY first_index), 0) AS gap
        FROM transparency_log_group) AS n WHERE gap)
"""


def journal_of(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Every line of the journals."""
    return [json.loads(line) for path in paths if path.exists() for line in path.read_text().splitlines()]


def canonical(value: Any) -> bytes:
    """RFC 8785 of what a verdict holds (text, lists, objects with ASCII names), by another hand than the hub's."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def compare(home: Home, journal: list[dict[str, Any]]) -> dict[str, int]:
    """The journal against the database: how much was lost, doubled or changed, and by how much each sum is off."""
    told = {line["id"]: line for line in journal if "id" in line}
    count: Counter[str] = Counter({"wrong": sum("wrong" in line for line in journal)})
    with home.connect() as database:
        stored = {id: bytes(body) for id, body in database.execute(_STORED).fetchall()}
        leaves = dict(database.execute(_LEAF).fetchall())
        produced, used, handed, extractions = database.execute(_SUMS).fetchone() or ()
        left = (database.execute(_LEFT).fetchone() or (0,))[0]
        verdicts, leaves_kept, numbered, end, gaps = database.execute(_LOG).fetchone() or ()
    count["lost"] = len(told.keys() - stored.keys())
    count["unknown"] = len(stored.keys() - told.keys())
    count["changed"] = sum(canonical(line["verdict"]) != stored[id] for id, line in told.items() if id in stored)
    count["leaf"] = sum(line["leaf"] != leaves[id] for id, line in told.items() if id in leaves)
    for name, found in (("produced", produced), ("used", used), ("handed", handed)):
        count[f"{name} off"] = abs(found - sum(line.get(name, 0) for line in told.values()))
    count["entries off"] = abs(extractions - sum("produced" in line for line in told.values()))
    count["left off"] = abs(left - (produced - used))
    count["leaves off"] = abs(verdicts - leaves_kept)
    count["numbers off"] = abs(verdicts - numbered) + abs(verdicts - end) + gaps
    return dict(count)


def require_sound(home: Home) -> dict[str, Any]:
    """`veta ledger audit` finds nothing and replay differs in nothing; returns what they examined."""
    home.run("veta.cli.main", "ledger", "audit")
    replayed: dict[str, Any] = home.stage("replayed")
    assert replayed["differences"] == 0, replayed
    return {"replayed": replayed["verdicts"]}
