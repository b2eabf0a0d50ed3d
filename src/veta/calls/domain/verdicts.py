"""What the verdicts of the items come to: the application's result, in force at this moment of its history."""

from veta.calls.domain.application import CURE, FAILS, MEETS, Application, Observation
from veta.calls.domain.call import Call


def pending_items(call: Call, application: Application) -> tuple[str, ...]:
    """The requirements without a verdict of two persons, with one that the second has not answered, or cured and not
    looked at again."""
    return tuple(
        code
        for code in sorted(call.requirements)
        if (item := application.item(code)).verdict is None or item.proposed is not None or item.cured_unreviewed
    )


def result_of(call: Call, application: Application) -> str:
    """`meets`, `fails` or `cure`, by the verdicts in force; empty while an item lacks its own."""
    if pending_items(call, application):
        return ""
    found = {verdict.verdict for code in call.requirements if (verdict := application.item(code).verdict)}
    return FAILS if FAILS in found else CURE if CURE in found else MEETS


def final_result_of(call: Call, application: Application) -> str:
    """`meets` or `fails` once the term to cure has ended: what was not cured fails by that alone; empty as above."""
    result = result_of(call, application)
    return FAILS if result == CURE else result


def unacted(application: Application, on: str) -> tuple[Observation, ...]:
    """The observations of a list that were upheld and that nobody acted on: two persons give the item, or any of them
    where the whole was observed, a verdict again, with its reason, whatever it comes to."""
    return tuple(
        seen
        for seen in application.observations
        if seen.on == on and seen.upheld and not _judged_since(application, seen)
    )


def _judged_since(application: Application, seen: Observation) -> bool:
    held = [application.item(seen.item)] if seen.item else list(application.items.values())
    at = seen.answered_at
    return at is not None and any(item.verdict is not None and item.verdict.at >= at for item in held)


def said_of(application: Application, code: str, *, final: bool) -> tuple[str, str, str]:
    """Verdict, reason and norm of an item as a list shows it; with `final`, what was not cured has failed."""
    item = application.item(code)
    given = item.verdict
    if given is None:
        return "", "", ""
    if final and given.verdict == CURE:
        return FAILS, f"No subsanó dentro del término: {given.reason}", given.norm
    return given.verdict, given.reason, given.norm
