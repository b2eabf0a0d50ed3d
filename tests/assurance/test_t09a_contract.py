"""T09a: Schemathesis over the API's document: no 5xx, no answer that breaks it, nothing accepted that it forbids."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.assurance import contract
from tests.assurance.record import seed_of_run, trial
from tests.hub.country import Hub
from tests.hub.operators import Signer
from veta.hub.api import reference
from veta.operators.services.limits import limits

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
OPERATIONS = {f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods}


@pytest.fixture(autouse=True)
def no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "retry_after", lambda caller, endpoint: 0)


@pytest.fixture(scope="module")
def fuzzer(hub: Hub) -> Signer:
    """An operator of its own, since some cases revoke the key they come under."""
    signer = Signer.enrol("DEMO-OTTM-FUZZ")
    for name in ("holder2", "trader", "miner"):
        hub.world.mandate(hub.world.actors[name], signer.operator)
    return signer


@pytest.mark.parametrize(
    ("examples", "steps", "seconds"), [(2, 3, 26), pytest.param(150, 12, 1500, marks=pytest.mark.chaos)]
)
def test_no_answer_breaks_the_document(fuzzer: Signer, examples: int, steps: int, seconds: int) -> None:
    seed = seed_of_run()
    with trial("T09a", n=0, seed=seed) as figures:
        outcome = contract.run(DOCUMENT, fuzzer, examples=examples, seed=seed, steps=steps, seconds=seconds)
        figures |= {"n": outcome.cases, "statuses": dict(sorted(outcome.statuses.items()))}
        figures |= {"failures": sorted(outcome.failures), "operations": len(outcome.operations)}
        assert outcome.failures == {}
        assert not [status for status in outcome.statuses if status >= 500]
        assert outcome.operations >= OPERATIONS
        assert outcome.statuses[401] < outcome.cases // 10, "most cases were let in, or they prove nothing"
        assert outcome.statuses[200] > outcome.cases // 20


def test_control_an_undocumented_field_is_seen(fuzzer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = reference._mineral

    def talkative(mineral: Any) -> dict[str, Any]:
        return {**shown(mineral), "colour": "yellow"}

    monkeypatch.setattr(reference, "_mineral", talkative)
    only = {**DOCUMENT, "paths": {"/api/v1/minerals": DOCUMENT["paths"]["/api/v1/minerals"]}}
    outcome = contract.run(only, fuzzer, examples=2, seed=1, steps=2, seconds=5)
    assert "response_schema_conformance: GET /api/v1/minerals" in outcome.failures
