"""What a scenario can do: each step is a function whose keyword arguments are the keys that its file may give."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from veta.conformance.bounded import Unanswered, post
from veta.conformance.candidate import LONGEST
from veta.conformance.domain.evidence import Captured, Notice
from veta.conformance.domain.refusals import CandidateRefused, ScenarioRefused
from veta.conformance.domain.switches import WHERE, Mode, Switch
from veta.conformance.domain.world import movement
from veta.conformance.run import Run
from veta.conformance.third import call, wait_for_event
from veta.kernel.ids import uuid7

_Step = TypeVar("_Step", bound=Callable[..., Any])
STEPS: dict[str, Callable[..., Any]] = {}
FORGERIES = ("", "altered", "unsigned", "elsewhere")
POLL = 0.1
NOTICE_PATIENCE = 20.0  # seconds that a webhook may take to answer a notice


def step(doing: _Step) -> _Step:
    """Enter a step in the table under its own name."""
    STEPS[doing.__name__] = doing
    return doing


@step
def capture(run: Run, *, name: str, form: str, by: str, count: int = 1, fields: Mapping[str, Any] = {}) -> str:
    """Have the candidate capture a movement of a client, or several with a number behind the name."""
    client = run.world[by]
    names = [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]
    given = {key: run.resolved(value) for key, value in fields.items()}
    made = [
        movement(form, by=client, world=run.world, mark=run.mark(each), now=datetime.now(UTC), given=given)
        for each in names
    ]
    asked = {"client": dict(client.document), "movements": made}
    for each, item in zip(names, made, strict=True):
        run.evidence.captured[each] = Captured(each, run.mark(each), item, client.document, time.monotonic())
    run.ask("capture", asked)
    return f"captura: {names[0]}" if count == 1 else f"{count} capturas: {names[0]} a {names[-1]}"


@step
def sync(run: Run) -> str:
    """Have the candidate send and read now, where it would wait."""
    run.ask("sync", {})
    return "enviar y leer ahora"


@step
def settle(run: Run, *, of: Sequence[str], seconds: float = 20.0) -> str:
    """Wait until the candidate has the hub's verdict of each; what is missing then, the checks say."""
    marks = {run.evidence.captured[name].mark for name in run.names(of)}
    done = run.observer.wait(lambda: marks <= run.answered(), seconds=seconds)
    return "todo tiene veredicto" if done else f"sin veredicto a los {seconds:.0f} s"


@step
def wire(
    run: Run, *, mode: str, where: str = "movements", times: int = 0, status: int = 503, retry_after: int = 1,
    seconds: float = 1.0,
) -> str:  # fmt: skip
    """Make the wire bad for some calls, or `normal` again."""
    if where not in WHERE or (mode != "normal" and mode not in list(Mode)):
        raise ScenarioRefused(f"No hay modo «{mode}» para «{where}» en el cable.")
    run.turned = len(run.observer.exchanges)
    if mode == "normal":
        run.observer.set_switch(None)
        return "el cable lleva todo"
    switch = Switch(Mode(mode), where, times, status, retry_after or None, seconds)
    run.observer.set_switch(switch)
    return f"cable: {switch.name} en {where}" + (f", {times} veces" if times else "")


@step
def calls(run: Run, *, least: int, where: str = "movements", seconds: float = 15.0) -> str:
    """Wait until the candidate has called so many times since the wire was turned last."""

    def count() -> int:
        # Those that have ended: what is still on the wire has met nothing yet.
        later = run.observer.exchanges[run.turned :]
        return sum(WHERE[where](each.method, each.path) and each.ended > 0 for each in later)

    run.observer.wait(lambda: count() >= least, seconds=seconds)
    return f"{count()} llamadas a {where}"


@step
def pages(run: Run, *, least: int, seconds: float = 15.0) -> str:
    """Wait until the candidate has read so many pages of the feed that had something in them, and the last it read says
    that there is no more: what an earlier scenario left in the feed is read first."""

    def read() -> list[bytes]:
        return [each.answer for each in run.exchanges if each.path.endswith("/events") and each.answer]

    def count() -> int:
        return sum(b'"number":' in each for each in read())

    def done() -> bool:
        return count() >= least and b'"more":true' not in read()[-1].replace(b" ", b"")

    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        run.ask("sync", {})
        run.observer.wait(done, seconds=1.0)
    return f"{count()} páginas de eventos"


@step
def pause(run: Run, *, seconds: float) -> str:
    """Let some time go by."""
    time.sleep(seconds)
    return f"pasan {seconds:.1f} s"


@step
def crash(run: Run) -> str:
    """Kill the candidate, as when the power fails."""
    run.ask("crash", {})
    return "el candidato muere"


@step
def restart(run: Run) -> str:
    """Start the candidate again."""
    run.ask("restart", {})
    return "el candidato arranca"


@step
def clock(run: Run, *, ahead: int) -> str:
    """Put the candidate's clock so many seconds ahead of the true hour (negative: behind)."""
    run.ask("clock", {"ahead": ahead})
    return f"el reloj del candidato, {ahead:+d} s"


@step
def shown(run: Run, *, of: Sequence[str], state: str = "", seconds: float = 15.0, reading: bool = False) -> str:
    """Look at what the candidate's user is shown of each; where states are given (`a|b`), as soon as it is one.

    `reading`: the candidate is asked to read now, every second, since what it is to show comes by the feed.
    """
    names, end, asked = run.names(of), time.monotonic() + seconds, 0.0
    while True:
        if reading and time.monotonic() - asked > 1.0:
            asked = time.monotonic()
            run.ask("sync", {})
        found = {name: seen for name in names if (seen := run.look(name)) is not None}
        if all(name in found and found[name]["state"] in state.split("|") for name in names) or time.monotonic() > end:
            break
        if not state and len(found) == len(names):
            break
        time.sleep(POLL)
    run.evidence.shown.update({f"{run.step_name}/{name}": seen for name, seen in found.items()})
    run.evidence.shown.update({f"/{name}": seen for name, seen in found.items()})
    return "; ".join(f"{name}: {seen['state']}" for name, seen in found.items())[:200]


@step
def notice(run: Run, *, name: str, forged: str = "", ago: int = 0) -> str:
    """Send a notice of the hub to the candidate's webhook: a true one, an old one, or one that is not the hub's."""
    if forged not in FORGERIES:
        raise ScenarioRefused(f"«{forged}» no es una falsificación conocida: {', '.join(FORGERIES)}.")
    if not run.target.webhook:
        raise CandidateRefused("El candidato no declara [webhook] url: agréguela a su archivo.")
    url = f"{run.target.webhook}x" if forged == "elsewhere" else run.target.webhook
    made = run.sandbox.office.ask("notice", url=url, ago=ago)
    body, fields = base64.b64decode(made["body"]), dict(made["fields"])
    if forged == "altered":
        body = body.replace(b'"more":false', b'"more":true ')
    if forged == "unsigned":
        fields = {"Content-Type": "application/json"}
    at = time.monotonic()
    status: int | None
    try:
        status = post(run.target.webhook, body, fields, seconds=NOTICE_PATIENCE, most=LONGEST).status
    except Unanswered:
        status = None
    run.evidence.notices.append(Notice(name, bool(forged), at, status))
    return f"notificación «{name}»: {status}"


@step
def rotate(run: Run, *, name: str) -> str:
    """Have the candidate ask for a new key, approve it as the authority, and have it used from then on."""
    key_id = str(run.ask("rotate", {})["keyid"])
    made = run.sandbox.office.ask("approve_key", keyid=key_id, operator=run.operator)
    run.observer.know_key(base64.b64decode(made["public_key"]))
    run.evidence.keys[name] = key_id
    run.ask("adopt", {"keyid": key_id})
    return f"llave nueva {key_id}: {made['state']}"


@step
def end_mandate(run: Run, *, by: str) -> str:
    """The party ends its mandate, at the authority's desk: the candidate is not told."""
    run.sandbox.office.ask("end_mandate", actor=run.actors[by]["actor"], operator=run.operator)
    return f"termina el mandato de {by}"


@step
def others_report(
    run: Run, *, form: str, by: str, name: str = "otro", count: int = 1, fields: Mapping[str, Any] = {}
) -> str:
    """Another operator reports movements of its client: what concerns the candidate's appears in its feed."""
    party, given = run.world[by], {key: run.resolved(value) for key, value in fields.items()}
    names = [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]
    made = [
        {"id": str(uuid7())}
        | movement(form, by=party, world=run.world, mark=run.mark(each), now=datetime.now(UTC), given=given)
        for each in names
    ]
    for start in range(0, count, 500):
        results = call(run.sandbox, "POST", "/movements", {"movements": made[start : start + 500]})["results"]
        wrong = [each["verdict"]["findings"] for each in results if each["verdict"]["status"] == "rejected"]
        if wrong:
            raise ScenarioRefused(f"El tercero no pudo reportar: {wrong[0]}")
        run.others.update(zip(names[start : start + 500], (each["verdict"] for each in results), strict=True))
    wait_for_event(run.sandbox, str(made[-1]["id"]))
    return f"otro operador reporta {count}"


@step
def others_answer(run: Run, *, of: str, decision: str) -> str:
    """The other party of what was captured, through its own operator, answers it: `confirm` or `refuse`."""
    said = {"id": str(uuid7()), "decision": decision}
    call(run.sandbox, "POST", f"/movements/{run.movement_of(of)}/confirmation", said)
    return f"la otra parte de «{of}»: {decision}"


@step
def answer(run: Run, *, of: str, by: str, decision: str) -> str:
    """The candidate's user answers what waits: `confirm` or `refuse` of another's, `withdraw` of its own."""
    asked = {"client": dict(run.world[by].document), "movement": run.movement_of(of), "decision": decision}
    run.ask("answer", asked)
    return f"{by}, a «{of}»: {decision}"


@step
def ended(run: Run, *, of: str, seconds: float = 10.0) -> str:
    """Wait until what waited for an answer has ended at the hub."""
    movement, end = run.movement_of(of), time.monotonic() + seconds
    while not (found := run.sandbox.office.ask("outcomes", ids=[movement])) and time.monotonic() < end:
        time.sleep(POLL)
    run.evidence.outcomes[of] = found.get(movement, "")
    return f"«{of}» terminó: {found.get(movement) or 'todavía no'}"


@step
def steady(run: Run, *, name: str, form: str, by: str, count: int, per_second: float) -> str:
    """Have the candidate capture at an even pace, as its users would all day."""
    began = time.monotonic()
    for number in range(1, count + 1):
        capture(run, name=f"{name}-{number}", form=form, by=by)
        time.sleep(max(0.0, began + number / per_second - time.monotonic()))
    return f"{count} capturas en {time.monotonic() - began:.1f} s"
