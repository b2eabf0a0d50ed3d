"""A run as a document: what was tested, how it went, with which evidence, so that others can check and repeat it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from veta.conformance.domain.evidence import Evidence, Exchange
from veta.conformance.domain.outcome import Outcome
from veta.kernel.canonical_json import canonical

SCHEMA = "veta-conformance-report-v2"
# What a scenario leaves behind, under the hash of its evidence. The first schema's was over the exchanges alone.
LEFT = ("exchanges", "ledger", "shown", "notices", "outcomes")


@dataclass(frozen=True, slots=True)
class About:
    """Whom a run was of. `round`: 0 for a self-test, which has no effect; else the call's round.

    `attempt`: the number under which the call follows it, empty where it does not; `present`: who of the firm is there,
    by post.
    """

    candidate: str
    version: str
    operator: str
    seed: int
    suite: str
    began_at: datetime
    round: int = 0
    attempt: str = ""
    present: str = ""


def report_of(about: About, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The report of a run, in JSON values.

    `of`: how many were tried; `untried`: how many were not, for want of an automatic port. `result`: SHA-256 over what
    the seed decides (who, with which scenarios, and how each check went): the same again for a candidate that behaves
    the same. `evidence` of each scenario: SHA-256 over what it left (`LEFT`).
    """
    scenarios = [_scenario(outcome) for outcome in outcomes]
    untried = sum(bool(outcome.untried) for outcome in outcomes)
    decided = {
        "candidate": about.candidate, "version": about.version, "operator": about.operator, "seed": about.seed,
        "suite": about.suite, "round": about.round,
        "scenarios": [
            {
                "id": each["id"], "passed": each["passed"], "untried": each["untried"],
                "checks": [[c["is"], c["passed"]] for c in each["checks"]],
            }
            for each in scenarios
        ],
    }  # fmt: skip
    return {
        "schema": SCHEMA, **{name: value for name, value in decided.items() if name != "scenarios"},
        "attempt": about.attempt, "present": about.present,
        "began_at": about.began_at.isoformat(timespec="seconds"),
        "passed": sum(outcome.passed for outcome in outcomes), "of": len(outcomes) - untried, "untried": untried,
        "result": digest(decided), "scenarios": scenarios,
    }  # fmt: skip


def digest(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """SHA-256 of a value's RFC 8785 form, as `sha256:…`."""
    return f"sha256:{hashlib.sha256(canonical(value)).hexdigest()}"


def _scenario(outcome: Outcome) -> dict[str, Any]:
    scenario, evidence = outcome.scenario, outcome.evidence
    zero = min((each.started for each in evidence.exchanges), default=outcome.started)
    zero = min(zero, outcome.started)
    exchanges = [_exchange(each, zero) for each in evidence.exchanges]
    left = {
        "exchanges": exchanges, "ledger": _ledger(evidence), "shown": _shown(evidence),
        "notices": _notices(evidence, zero), "outcomes": dict(sorted(evidence.outcomes.items())),
    }  # fmt: skip
    return {
        "id": scenario.id, "group": scenario.group.value, "title": scenario.title, "tests": scenario.tests,
        "does": scenario.does, "sees": scenario.sees, "norm": scenario.norm, "status": scenario.status,
        "passed": outcome.passed, "untried": outcome.untried, "trouble": outcome.trouble,
        "took_ms": round(outcome.took * 1000),
        "began_at": outcome.began_at.isoformat(timespec="milliseconds"),
        "parties": {name: dict(each) for name, each in sorted(evidence.parties.items())},
        "steps": _steps(outcome, zero, exchanges), "answers": [each.as_json() for each in outcome.answers],
        "checks": [
            {
                "is": judged.check.name, "given": dict(judged.check.given), "passed": judged.passed,
                "faults": [{"said": fault.said, "exchanges": list(fault.exchanges)} for fault in judged.faults],
            }
            for judged in outcome.judged
        ],
        **left, "evidence": digest(left),
    }  # fmt: skip


def _steps(outcome: Outcome, zero: float, exchanges: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each step that was done, with the exchanges that began while it was: its evidence, and that one's SHA-256."""
    made, since = [], zero
    for moment in outcome.evidence.moments:
        here = [each.number for each in outcome.evidence.exchanges if since <= each.started < moment.at]
        step = outcome.scenario.steps[moment.step - 1]
        made.append(
            {
                "do": step.do, "said": moment.said, "at_ms": _ms(moment.at - zero), "exchanges": here,
                "evidence": digest([each for each in exchanges if each["number"] in here]),
            }
        )  # fmt: skip
        since = moment.at
    return made


# Characters of a field that a report keeps: what is longer is of no use, and a report has a largest size.
LONGEST = 1000


def _exchange(each: Exchange, zero: float) -> dict[str, Any]:
    """One exchange without its bytes: their hashes, and what of the fields the judge went by."""
    return {
        "number": each.number, "at": each.at.isoformat(timespec="milliseconds"), "at_ms": _ms(each.started - zero),
        "took_ms": _ms(each.ended - each.started) if each.ended else None, "method": each.method,
        "target": each.target[:LONGEST], "body_bytes": len(each.body), "body_sha256": each.body_sha256,
        "content_digest": each.fields.get("content-digest", "")[:LONGEST],
        "signature_input": each.fields.get("signature-input", "")[:LONGEST],
        "signature": each.fields.get("signature", "")[:LONGEST],
        "keyid": each.signature.key_id, "signature_trouble": each.signature.trouble, "fault": each.fault,
        "reached": each.reached, "status": each.status,
        "retry_after": None if each.retry_after is None else round(each.retry_after),
        "answer_sha256": hashlib.sha256(each.answer).hexdigest(), "movements": len(each.items),
    }  # fmt: skip


def _ledger(evidence: Evidence) -> list[dict[str, Any]]:
    """What the hub's book says of each movement; `of`: what was captured under that name. An entry is a line of text,
    for a report has a largest size."""
    names = {id: name for name, each in evidence.captured.items() for id in evidence.ids(each.mark)}
    return [
        {
            "movement": id, "of": names.get(id, ""), "status": row["status"], "codes": list(row["codes"]),
            "entries": [f"{e['amount']} {e['commodity']}: {e['from']} → {e['to']}" for e in row["entries"]],
        }
        for id, row in sorted(evidence.ledger.items())
    ]  # fmt: skip


def _shown(evidence: Evidence) -> list[dict[str, Any]]:
    """What the candidate's user was shown of each thing, at a named step or (`at` empty) as it was looked at last."""
    found = []
    for key, seen in sorted(evidence.shown.items()):
        at, _, name = key.partition("/")
        text = str(seen.get("text", ""))
        found.append(
            {
                "at": at, "of": name, "state": str(seen.get("state", ""))[:LONGEST], "text": text[:LONGEST],
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        )  # fmt: skip
    return found


def _notices(evidence: Evidence, zero: float) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "forged": each.forged, "at_ms": _ms(each.at - zero), "status": each.status}
        for each in evidence.notices
    ]


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
