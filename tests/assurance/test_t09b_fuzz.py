"""T09b: spoilt requests and files: no 5xx, no hang, no growth; and planted faults, each found."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.assurance import fuzz, fuzz_files
from tests.assurance.fuzz_faults import FAULTS
from tests.assurance.record import seed_of_run, trial
from tests.hub.country import STRANGER, Hub
from veta.kernel.ids import uuid7
from veta.operators.services.limits import limits

P, N = 1200, 100_000
AUTHORIZATION = {"version": "1", "text": "Autorizo el tratamiento de mis datos."}
QUICK = ("limit by int()", "refusals as pages", "CSV field size")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No limits, and no lines: a hundred thousand refusals are expected."""
    monkeypatch.setattr(limits, "retry_after", lambda caller, endpoint: 0)
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)


@pytest.fixture(scope="module")
def valid(hub: Hub) -> list[tuple[str, str, Any]]:
    """A valid request of every operation, and a movement of every kind."""
    production = hub.movement("production", quantity="900.000")
    offer = hub.movement("sale", lot=production["lot"], quantity="1.000", buyer="trader2")
    gold = hub.movement("purchase")
    hub.report(production, offer, gold)
    parties = hub.world.PARTIES
    lot, party = production["lot"], {"party": STRANGER}
    item = [{"lot": lot, "quantity": "0.001"}]
    at = production["occurred_at"]
    place = {"municipality": "05001", "facility": "Bocamina 1", "lat": "6.2442", "lon": "-75.5817"}
    movements = [
        {
            **hub.movement("production", quantity="0.001"),
            "place": place,
            "note": "Turno 2",
            "late": {"reason": "Sin señal"},
        },
        {
            **hub.movement("purchase", quantity="0.001"),
            "price_cop": "150000.50",
            "consent": {"id": str(uuid7()), "code": "123456"},
        },
        hub.movement("sale", lot=lot, quantity="0.001", buyer="trader2"),
        {
            **hub.world.movement(
                "regroup", holder=parties["holder2"], inputs=item, outputs=[{"quantity": "0.001", "unit": "t"}]
            ),
            "occurred_at": at,
        },
        {**hub.world.movement("export", holder=parties["exporter"], items=item, country="US"), "occurred_at": at},
        {**hub.world.movement("reversal", movement=production["id"], reason="Error"), "occurred_at": at},
        {
            **hub.world.movement(
                "retention",
                holder=parties["trader"],
                mineral="oro",
                quantity="1",
                unit="g",
                fineness="900",
                assay="declared",
                circumstances="Hallado",
            ),
            "occurred_at": at,
        },
        {
            **hub.world.movement(
                "transformation",
                holder=parties["plant"],
                plant=parties["plant"],
                recipe="fundicion",
                inputs=item,
                outputs=[{"mineral": "dore", "quantity": "1", "unit": "g", "fineness": "900", "assay": "declared"}],
            ),
            "occurred_at": at,
        },
    ]
    key = {"public_key": f"{'A' * 43}=", "purpose": "signing", "proof": f"{'A' * 86}=="}
    consent = {"id": str(uuid7()), "code": "123456"}
    sale = {
        "purpose": "sale", "counterparty": parties["trader"], "mineral": "oro", "quantity": "1", "price_cop": "1000",
        "card": hub.card,
    }  # fmt: skip
    return [
        *(("POST", path, {"movements": [each]}) for each in movements for path in ("/movements", "/movements/check")),
        ("POST", f"/movements/{offer['id']}/confirmation", {"id": str(uuid7()), "decision": "refuse", "reason": "No"}),
        ("POST", f"/movements/{offer['id']}/withdrawal", {"id": str(uuid7())}),
        ("GET", f"/movements/{offer['id']}", None),
        ("POST", "/consents", {**sale, **party}),
        ("POST", "/mandates", {**party, "data_authorization": AUTHORIZATION}),
        ("POST", f"/mandates/{uuid7()}/confirmation", {"consent": consent}),
        ("GET", "/mandates", None), ("DELETE", f"/mandates/{uuid7()}", None),
        ("POST", "/actors/lookup", party), ("POST", "/balances/query", {**party, "mineral": "oro"}),
        ("POST", "/balances/query", {**party, "consent": consent}),
        ("GET", "/titles/DEMO-ORO", None), ("GET", f"/lots/{lot}", None), ("GET", f"/lots/{gold['lot']}/origins", None),
        ("GET", f"/lots/{lot}/trace", None), ("GET", "/minerals", None), ("GET", "/municipalities", None),
        ("GET", "/norms", None), ("GET", "/hub-keys", None), ("GET", "/keys", None), ("POST", "/keys", key),
        ("DELETE", "/keys/demo-ottm-9-0000000000000000", None),
    ]  # fmt: skip


def fuzzed(hub: Hub, valid: list[tuple[str, str, Any]], *, shots: int) -> None:
    seed = seed_of_run()
    with trial("T09b requests", n=shots, seed=seed) as figures:
        found = fuzz.run(fuzz.makers(valid), hub.first, shots=shots, seed=seed)
        figures |= {"statuses": dict(sorted(found.statuses.items())), "faults": found.faults}
        figures |= {"slowest_s": round(found.slowest, 2), "grown_mb": round(found.grown_mb, 1)}
        assert found.faults == {}
        assert found.grown_mb < 50
        assert found.statuses[200] > shots // 20, "some get through, or only the door is tried"


def test_spoilt_requests_are_refused_or_answered(hub: Hub, valid: list[tuple[str, str, Any]]) -> None:
    fuzzed(hub, valid, shots=P)


@pytest.mark.chaos
def test_a_hundred_thousand_spoilt_requests(hub: Hub, valid: list[tuple[str, str, Any]]) -> None:
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
def test_control_a_planted_fault_is_found(
    hub: Hub, valid: list[tuple[str, str, Any]], tmp_path: Path, name: str
) -> None:
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
