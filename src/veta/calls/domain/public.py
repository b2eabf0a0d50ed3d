"""The public face of a call: what was published and nothing else, in the order of the act, for people and programs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from veta.calls.domain.call import Call, Published
from veta.calls.domain.lists import KINDS, OUTCOMES


def public_call(call: Call, *, now: datetime) -> dict[str, Any]:
    """Act, timetable with its addenda, requirements, questions answered and acts published, as JSON values.

    Of a firm it holds only what an act that was published says; a question never says who asked it.
    """
    return {
        "code": call.code, "title": call.title, "act": dict(call.act), "procedure": call.effective.isoformat(),
        "opened_at": call.opened_at.isoformat() if call.opened_at else None,
        "timetable": _timetable(call, now), "questions_until": call.timetable.questions_until.isoformat(),
        "addenda": [
            {
                "number": each.number, "date": each.act_date.isoformat(), "published_at": each.published_at.isoformat(),
                "reason": each.reason,
                "windows": {
                    str(order): [opens.isoformat() if opens else None, closes.isoformat()]
                    for order, (opens, closes) in sorted(each.windows.items())
                },
            }
            for each in call.timetable.addenda
        ],
        "requirements": [call.requirements[code].as_json() for code in sorted(call.requirements)],
        "terms": dict(call.terms),
        "questions": [
            {"text": each.text, "answer": each.answer, "answered_at": each.answered_at.isoformat()}
            for each in call.questions
        ],
        "acts": [public_act(each) for each in call.published],
    }  # fmt: skip


def content_of(call: Call) -> dict[str, Any]:
    """Everything that an invitation publishes, for the digest that its signer signs."""
    return {
        "title": call.title, "act": dict(call.act), "procedure": call.effective.isoformat(),
        "timetable": [
            [each.order, each.stage, each.name, str(each.opens or ""), str(each.closes), f"{each.last_minute:%H:%M}",
             each.responsible]
            for each in call.timetable.activities
        ],
        "questions_until": str(call.timetable.questions_until), "terms": dict(call.terms),
        "requirements": [call.requirements[code].as_json() for code in sorted(call.requirements)],
    }  # fmt: skip


def _timetable(call: Call, now: datetime) -> list[dict[str, Any]]:
    first = {each.order: each for each in call.timetable.activities}
    return [
        {
            "order": each.order, "stage": each.stage, "name": each.name,
            "opens": each.opens.isoformat() if each.opens else None, "closes": each.closes.isoformat(),
            "closes_at": each.closes_at.isoformat(), "responsible": each.responsible, "state": each.state_at(now),
            "amended": each != first[each.order],
        }
        for each in call.timetable.at(now)
    ]  # fmt: skip


def public_act(act: Published) -> dict[str, Any]:
    """An act as it was published: roles and no accounts, firms and no ids."""
    return {
        "kind": act.kind, "name": KINDS[act.kind], "number": act.number, "published_at": act.at.isoformat(),
        "late": act.late, "roles": dict(act.roles), "note": act.note, "digest": act.digest,
        "rows": [public_row(row) for row in act.rows],
    }  # fmt: skip


def public_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without the ids and steps that only the history needs."""
    kept = {key: value for key, value in row.items() if key not in {"application", "step"}}
    return {**kept, "outcome_name": OUTCOMES.get(row["outcome"], row["outcome"])}
