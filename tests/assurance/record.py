"""One line for each trial of the assurance plan: what was tried, how often, from which seed, and what came of it.

The lines go to `.veta/assurance.jsonl` (VETA_ASSURANCE_LOG names another file), for a run's own home ends with it. A
red trial prints the one line that repeats it.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]


def seed_of_run() -> int:
    """VETA_SEED, so that a red run can be repeated; else a new one."""
    return int(os.environ.get("VETA_SEED") or secrets.randbelow(2**31))


@contextmanager
def trial(id: str, *, n: int, seed: int) -> Iterator[dict[str, Any]]:
    """Run a trial: figures put into the dict that this yields stand in its line, with commit, outcome and minutes.

    Args: `id`, the row of the plan ("T04", or "T04 control: …"); `n`, how many attempts it makes. `figures["n"]`, where
    it is set, replaces it by how many were made.
    """
    figures: dict[str, Any] = {}
    started, passed = perf_counter(), False
    try:
        yield figures
        passed = True
    finally:
        line = {
            "id": id, "n": figures.pop("n", n), "seed": seed, "commit": _commit(), "figures": figures,
            "passed": passed, "minutes": round((perf_counter() - started) / 60, 2),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        _append(json.dumps(line, ensure_ascii=False, default=str))
        if not passed:
            # An empty expression would leave the long ones out.
            print(f"\nRepeat: VETA_SEED={seed} .venv/bin/python -m pytest -m 'chaos or not chaos' '{_test()}'")


def _test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True, capture_output=True, check=False
    )
    return done.stdout.strip()


def _append(line: str) -> None:
    path = Path(os.environ.get("VETA_ASSURANCE_LOG", ROOT / ".veta" / "assurance.jsonl"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")
