"""What a report says, in words: the same in every form of it, and on the call's pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from veta.conformance.person import SAID
from veta.kernel.period import BOGOTA

Report = Mapping[str, Any]
TEAM = "la ANM (equipo evaluador)"
WHERE = "Contra una plataforma de prueba, con datos ficticios."
MOST = 50  # lines of a kind that a page or a paper has; report.json has all


def facts_of(report: Report) -> list[tuple[str, str]]:
    """What a report says before its scenarios."""
    kind = "autoprueba, sin efectos" if not report["round"] else f"ronda {report['round']}"
    return [
        ("Candidato", f"{report['candidate']} {report['version']} ({report['operator']})"),
        ("Clase", kind),
        ("Empezó", datetime.fromisoformat(report["began_at"]).astimezone(BOGOTA).isoformat(timespec="seconds")),
        ("Conformes", f"{report['passed']} de {report['of']} escenarios{untried_of(report)}"),
        ("Semilla", str(report["seed"])),
        ("Escenarios (SHA-256)", str(report["suite"])),
        ("Resultado (SHA-256)", str(report["result"])),
        *([("Prueba de la convocatoria", str(report["attempt"]))] if report["attempt"] else []),
        *([("Presente por la empresa", str(report["present"]))] if report["present"] else []),
    ]


def note_of(report: Report) -> str:
    """What a report counts for."""
    if not report["round"]:
        return f"Autoprueba sin efectos legales. {WHERE}"
    return f"Ronda {report['round']}: cuenta cuando la confirman dos personas en la convocatoria. {WHERE}"


def untried_of(report: Report) -> str:
    """How many were not tried and why, behind how many passed; nothing where all were."""
    count = report.get("untried", 0)
    return f"; {count} no se {'probó' if count == 1 else 'probaron'} (puerto automático)" if count else ""


def mark_of(scenario: Mapping[str, Any]) -> tuple[str, str]:
    """How a scenario of a report ended, in words, and the tone of them."""
    if scenario.get("untried"):
        return f"No se probó: {scenario['untried']}", "soft"
    return ("Conforme", "good") if scenario["passed"] else ("No conforme", "bad")


def steps_of(scenario: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Each step: what was done, when and with which exchanges, and the SHA-256 of these."""
    return [
        (step["said"], f"{step['at_ms']} ms; {_numbers(step['exchanges'])}", step["evidence"])
        for step in scenario["steps"]
    ]


def faults_of(scenario: Mapping[str, Any]) -> list[str]:
    """What is wrong in a scenario of a report, with the exchanges that show it."""
    found = [scenario["trouble"]] if scenario["trouble"] else []
    for check in scenario["checks"]:
        for fault in check["faults"]:
            where = ", ".join(map(str, fault["exchanges"]))
            found.append(f"{check['is']}: {fault['said']}" + (f" (intercambios {where})" if where else ""))
    return found


def answers_of(scenario: Mapping[str, Any], report: Report) -> list[str]:
    """What who was present answered in a scenario of a followed run: which side said it, and what the authority saw."""
    firm = f"la empresa ({report['present']})" if report.get("present") else "la empresa"
    return [f"{each['asked']} «{each['said']}»: {_answered(each, firm)}" for each in scenario.get("answers", ())]


def seen_of(scenario: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What else a scenario's evidence holds beside its exchanges, by kind; of a kind that has nothing, nothing."""
    kinds = (
        ("Lo que quedó en el libro de la plataforma", map(_written, scenario.get("ledger", ()))),
        ("Lo que el sistema le mostró a su usuario", map(_shown, scenario.get("shown", ()))),
        ("Avisos enviados a su webhook", map(_noticed, scenario.get("notices", ()))),
        ("Cómo terminó lo que esperaba", (f"{n}: {_state(s)}" for n, s in scenario.get("outcomes", {}).items())),
    )
    return [(title, found) for title, lines in kinds if (found := _first(lines))]


def _first(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = len(every) - MOST
    return every[:MOST] + ([f"y {more} más, en report.json"] if more > 0 else [])


def _written(row: Mapping[str, Any]) -> str:
    codes = f" ({', '.join(row['codes'])})" if row["codes"] else ""
    # Reports of the first schema told how many entries there were.
    entries = f"{row['entries']} asientos" if isinstance(row["entries"], int) else "; ".join(row["entries"])
    return f"{row.get('of') or row['movement']}: {_state(row['status'])}{codes}; {entries or 'sin asientos'}"


def _shown(each: Mapping[str, Any]) -> str:
    at = f" ({each['at']})" if each["at"] else ""
    return f"{each['of']}{at}: {_state(each['state'])}. «{each['text']}»"


def _noticed(each: Mapping[str, Any]) -> str:
    answered = f"respondió {each['status']}" if each["status"] else "no respondió"
    return f"{each['name']}, {'falso' if each['forged'] else 'de la plataforma'}: {answered}"


def _state(state: str) -> str:
    return SAID.get(state, state)


def _answered(answer: Mapping[str, Any], firm: str) -> str:
    if answer["affirmed"]:
        return f"lo declaró {firm} y lo afirmó {TEAM}"
    if answer["declared"] is None:
        return f"lo respondió {TEAM}"
    return f"lo vio {TEAM}; {firm} había declarado «{answer['declared']}»"


def _numbers(exchanges: Sequence[int]) -> str:
    if not exchanges:
        return "sin intercambios"
    return f"intercambios {exchanges[0]} a {exchanges[-1]}" if len(exchanges) > 1 else f"intercambio {exchanges[0]}"
