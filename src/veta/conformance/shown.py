"""A scenario as it is shown: as a page of the act, and as JSON."""

from __future__ import annotations

from typing import Any

from veta.conformance.domain.scenario import Scenario


def as_json(scenario: Scenario) -> dict[str, Any]:
    """All of it but how it is done in detail."""
    return {
        "id": scenario.id, "group": scenario.group.value, "title": scenario.title, "tests": scenario.tests,
        "does": scenario.does, "sees": scenario.sees, "norm": scenario.norm, "status": scenario.status,
        "smoke": scenario.smoke, "long": scenario.long, "automatic": scenario.automatic,
        "world": {party.name: party.kind.value for party in scenario.world},
        "steps": [{"do": step.do, **step.given} for step in scenario.steps],
        "checks": [{"is": check.name, **check.given} for check in scenario.checks],
    }  # fmt: skip


def as_text(scenario: Scenario) -> str:
    """As a person reads it."""
    steps = "\n".join(
        f"  {number}. {step.do} {_arguments(step.given)}" for number, step in enumerate(scenario.steps, 1)
    )
    checks = "\n".join(f"  - {check.name} {_arguments(check.given)}" for check in scenario.checks)
    needs = "Necesita puerto automático: una persona no alcanza a hacerlo.\n" if scenario.automatic else ""
    return (
        f"{scenario.id}: {scenario.title}\n\nQué se prueba: {scenario.tests}\nQué se hace: {scenario.does}\n"
        f"Qué debe verse: {scenario.sees}\nNorma: {scenario.norm} ({scenario.status})\n{needs}\nPasos\n{steps}\n\n"
        f"Comprobaciones\n{checks}"
    )


def _arguments(given: Any) -> str:
    return ", ".join(f"{name}: {value}" for name, value in given.items())
