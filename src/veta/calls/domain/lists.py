"""The lists of a call, drawn from its state alone: who is in, with which result, and the step that publishing takes.

A list is drawn when it is prepared and again when it is signed: where the two differ it is not published. Replaying
the history up to a publication must draw what was published.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from veta.calls.domain.application import CURE, FAILS, MEETS, Application, Observation
from veta.calls.domain.call import (
    ANSWERS,
    INVITATION,
    OFFICIAL,
    PRELIMINARY,
    RESULTS,
    STAGE_RESULTS,
    Call,
)
from veta.calls.domain.curing import may_still_cure, unasked
from veta.calls.domain.verdicts import final_result_of, result_of, said_of, unacted
from veta.kernel.canonical_json import canonical

Row = dict[str, Any]
KINDS: Mapping[str, str] = {
    "invitation": "Invitación",
    "addendum": "Adendo",
    "preliminary": "Listado preliminar de resultados",
    "answers": "Respuestas a las observaciones",
    "results": "Resultados de la evaluación",
    "stage_results": "Respuestas y resultados de la etapa",
    "official": "Listado oficial de operadores habilitados",
    "supplement": "Alcance al listado oficial",
}
ACTIVITY: Mapping[str, int] = {
    "invitation": INVITATION, "preliminary": PRELIMINARY, "answers": ANSWERS, "results": RESULTS,
    "stage_results": STAGE_RESULTS, "official": OFFICIAL, "supplement": OFFICIAL,
}  # fmt: skip
# What must have been published before.
BEFORE: Mapping[str, str] = {
    "preliminary": "invitation", "answers": "preliminary", "results": "answers", "stage_results": "results",
    "official": "stage_results", "supplement": "official",
}  # fmt: skip
OUTCOMES: Mapping[str, str] = {
    MEETS: "Cumple", FAILS: "No cumple", CURE: "Por subsanar", "eligible": "Elegible", "ineligible": "No elegible",
    "enabled": "Habilitado", "not_enabled": "No habilitado", "upheld": "Acogida", "declined": "No acogida",
}  # fmt: skip


def rows_of(call: Call, kind: str) -> list[Row]:
    """The rows of a list as the call stands, by name of the firm and NIT."""
    drawn = _DRAWN.get(kind)
    found = [row for each in _in_order(call) for row in drawn(call, each)] if drawn else []
    return found


def last_said(call: Call, application: Application) -> dict[str, Row]:
    """What the last act that was published says of each item of a firm; nothing before the first."""
    mine = str(application.id)
    found = (
        row["items"]
        for act in reversed(call.published)
        for row in act.rows
        if row.get("application") == mine and row.get("items")
    )
    return {item["item"]: item for item in next(found, ())}


def published_answer(call: Call, application: Application, seen: Observation) -> str:
    """The answer to an observation, once an act published it."""
    mine = str(application.id)
    rows = (row for act in call.published for row in act.rows if row.get("application") == mine)
    return next(
        (row["answer"] for row in rows if (row.get("observation"), row.get("item")) == (seen.text, seen.item)), ""
    )


def digest_of(rows: list[Row], data: Mapping[str, Any]) -> str:
    """The SHA-256 of what an act says: its rows and its own data."""
    return hashlib.sha256(canonical({"rows": rows, "data": dict(data)})).hexdigest()


def undecided(call: Call, kind: str, at: datetime) -> list[str]:
    """The firms that keep a list from being drawn: a verdict, an answer or a test is missing, an observation was upheld
    and no verdict followed it, a cure was never asked, or the term to cure still runs."""
    return [each.firm for each in _in_order(call) if _lacks(call, each, kind, at)]


def _in_order(call: Call) -> list[Application]:
    return sorted(call.applications.values(), key=lambda each: (each.firm.casefold(), each.nit, str(each.id)))


def _lacks(call: Call, each: Application, kind: str, at: datetime) -> bool:
    if kind == "preliminary":
        return each.state == "solicitante" and not result_of(call, each)
    if kind in {"answers", "stage_results"}:
        on = "preliminary" if kind == "answers" else "results"
        unanswered = any(seen.on == on and not seen.answer for seen in each.observations)
        if each.state not in {"cumple", "no_cumple"}:
            return unanswered
        return unanswered or not final_result_of(call, each) or bool(unacted(each, "results"))
    if kind == "results":
        if each.state not in {"evaluada", "por_subsanar", "subsanada"}:
            return False
        upheld = bool(unacted(each, "preliminary"))
        return not final_result_of(call, each) or upheld or unasked(each) or may_still_cure(call, each, at)
    running = each.state in {"con_servicios", "ronda_1_superada"} and each.open_run is not None
    return running or each.pending_attempt is not None


def _row(each: Application, outcome: str, step: str, **more: Any) -> Row:
    return {
        "application": str(each.id), "firm": each.firm, "nit": each.nit, "outcome": outcome, "step": step, **more,
    }  # fmt: skip


def _items(call: Call, each: Application, *, final: bool) -> list[Row]:
    found = []
    for code in sorted(call.requirements):
        verdict, reason, norm = said_of(each, code, final=final)
        found.append({"item": code, "verdict": verdict, "reason": reason, "norm": norm})
    return found


def _preliminary(call: Call, each: Application) -> Iterator[Row]:
    if each.state == "solicitante":
        yield _row(each, result_of(call, each), "evaluate", items=_items(call, each, final=False))


def _answers(on: str) -> Callable[[Call, Application], Iterator[Row]]:
    def drawn(call: Call, each: Application) -> Iterator[Row]:
        for seen in each.observations:
            if seen.on == on:
                outcome = "upheld" if seen.upheld else "declined"
                yield _row(each, outcome, "", observation=seen.text, item=seen.item, answer=seen.answer)

    return drawn


def _results(call: Call, each: Application) -> Iterator[Row]:
    if each.state in {"evaluada", "por_subsanar", "subsanada"}:
        outcome = final_result_of(call, each)
        step = "find_met" if outcome == MEETS else "find_unmet"
        yield _row(each, outcome, step, items=_items(call, each, final=True))


def _stage_results(call: Call, each: Application) -> Iterator[Row]:
    yield from _answers("results")(call, each)
    if each.state in {"cumple", "no_cumple"}:
        met = final_result_of(call, each) == MEETS
        yield _row(
            each, "eligible" if met else "ineligible", "declare_eligible" if met else "declare_ineligible",
            items=_items(call, each, final=True),
        )  # fmt: skip


def _official(call: Call, each: Application) -> Iterator[Row]:
    if each.state in {"ronda_2_superada", "elegible", "con_servicios", "ronda_1_superada", "no_habilitado"}:
        enabled = each.state == "ronda_2_superada"
        step = "enable" if enabled else "" if each.state == "no_habilitado" else "not_enable"
        yield _row(each, "enabled" if enabled else "not_enabled", step, rounds=_rounds(each))


def _supplement(call: Call, each: Application) -> Iterator[Row]:
    if each.state == "ronda_2_superada":
        yield _row(each, "enabled", "enable", rounds=_rounds(each))


def _rounds(each: Application) -> list[Row]:
    return [{"round": a.round, "number": a.number, "passed": a.passed, "report": a.report} for a in each.attempts]


_DRAWN: Mapping[str, Callable[[Call, Application], Iterator[Row]]] = {
    "preliminary": _preliminary, "answers": _answers("preliminary"), "results": _results,
    "stage_results": _stage_results, "official": _official, "supplement": _supplement,
}  # fmt: skip
