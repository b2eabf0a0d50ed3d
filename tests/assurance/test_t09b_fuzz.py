"""T09b: spoilt requests and files: no 5xx, no hang, no growth; and planted faults, each found."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

import pytest

from tests.assurance import fuzz, fuzz_files, valid_calls
from tests.assurance.fuzz_faults import FAULTS
from tests.assurance.record import seed_of_run, trial
from tests.hub.country import Hub
from veta.operators.services.limits import limits

P, N = 1200, 100_000
QUICK = ("limit by int()", "refusals as pages", "CSV field size")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No limits, and no lines: a hundred thousand refusals are expected."""
    monkeypatch.setattr(limits, "retry_after", lambda caller, endpoint: 0)
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)


@pytest.fixture(scope="module")
def valid(hub: Hub) -> list[valid_calls.Call]:
    return valid_calls.of(hub)


def fuzzed(hub: Hub, valid: list[valid_calls.Call], *, shots: int) -> None:
    seed = seed_of_run()
    with trial("T09b requests", n=shots, seed=seed) as figures:
        found = fuzz.run(fuzz.makers(valid), hub.first, shots=shots, seed=seed)
        figures |= {"statuses": dict(sorted(found.statuses.items())), "faults": found.faults}
        figures |= {"slowest_s": round(found.slowest, 2), "grown_mb": round(found.grown_mb, 1)}
        assert found.faults == {}
        assert found.grown_mb < 50
        assert found.statuses[200] > shots // 20, "some get through, or only the door is tried"


def test_spoilt_requests_are_refused_or_answered(hub: Hub, valid: list[valid_calls.Call]) -> None:
    fuzzed(hub, valid, shots=P)


@pytest.mark.chaos
def test_a_hundred_thousand_spoilt_requests(hub: Hub, valid: list[valid_calls.Call]) -> None:
    fuzzed(hub, valid, shots=N)


@pytest.mark.parametrize("files", [150, pytest.param(10_000, marks=pytest.mark.chaos)])
def test_spoilt_files_are_read_or_refused(hub: Hub, tmp_path: Path, files: int) -> None:
    seed = seed_of_run()
    with trial("T09b files", n=files, seed=seed) as figures:
        found = fuzz_files.run(tmp_path, files=files, seed=seed)
        figures |= {"faults": found.faults, "grown_mb": round(found.grown_mb, 1)}
        assert found.faults == {}
        assert found.grown_mb < 50


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.chaos) for n in FAULTS])
def test_control_a_planted_fault_is_found(hub: Hub, valid: list[valid_calls.Call], tmp_path: Path, name: str) -> None:
    planting = FAULTS[name]
    with trial(f"T09b control: {name}", n=1, seed=1) as figures, planting.planted():
        if planting.files:
            found = fuzz_files.run(tmp_path, files=2000, seed=1, enough=True)
        else:
            found = fuzz.run(
                fuzz.makers(valid),
                hub.first,
                shots=1000 if planting.grows else 20_000,
                seed=1,
                enough=not planting.grows,
            )
        figures |= {"n": found.shots, "seen as": sorted(found.faults), "grown_mb": round(found.grown_mb, 1)}
        assert found.faults or found.grown_mb >= 50
    if found.culprit is None:
        return
    if planting.files:
        again = fuzz_files.fault_of(fuzz_files.previews, *found.culprit)
    else:
        again = fuzz.fired(found.culprit, hub.first, Counter())
    assert again is None, "the very same is no fault without what was planted"
